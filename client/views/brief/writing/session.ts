import * as Y from 'yjs'
import type { Draft } from '#shared/brief/draft.ts'
import { type DraftPerson, type DraftTold, longestEditBytes } from '#shared/brief/line.ts'
import type { ErrorBody } from '#shared/errors.ts'
import type { Link } from '../../../link/link.ts'
import type { LinkClock } from '../../../link/transport.ts'
import { readDraft, typed } from './document.ts'

/** What is typed within this goes out together. */
const gatherMs = 150
/** No answer to an edit for so long: ask what the server has. */
const answerWithinMs = 8_000
const tryAgainMs = 1_500
/** All the same asked now and then what this page lacks, should something have gone astray unnoticed. */
const compareEveryMs = 20_000

export interface DraftStatus {
  /** `opening`: nothing has come yet. `waiting`: the line is down or slow, what is typed waits here. `refused`: see `error`. */
  state: 'opening' | 'live' | 'waiting' | 'refused'
  error: ErrorBody | null
  people: readonly DraftPerson[]
  /** The key of this page among them. */
  me: string
  /** Something that was typed here is not yet durable. */
  unsent: boolean
}

/** A brief that is being written, as this page has it: it can be typed in whatever the line does. */
export interface DraftSession {
  doc: Y.Doc
  undo: Y.UndoManager
  draft(): Draft
  status(): DraftStatus
  subscribe(listener: () => void): () => void
  /** Where the cursor is, for the others. */
  at(field: string | null): void
  /** Until what it returns is called nothing of others comes in: letters are being composed. */
  hold(): () => void
  /** In use until what it returns is called; what was typed still goes out after that. */
  enter(): () => void
}

const lasting = new Set(['not-allowed', 'not-found', 'phase-forbids', 'fields-invalid', 'draft-full'])

export function makeDraftSession(link: Pick<Link, 'draft'>, incidentId: string, clock: LinkClock): DraftSession {
  const doc = new Y.Doc()
  const listeners = new Set<() => void>()
  let draft = readDraft(doc)
  let status: DraftStatus = { state: 'opening', error: null, people: [], me: '', unsent: false }
  let unsent: Uint8Array[] = []
  /** The edit that is on its way. */
  let flying: { cancel: () => void } | null = null
  let gathering = false
  let holds = 0
  let held: (() => void)[] = []
  let users = 0
  let line: ReturnType<Link['draft']> | null = null
  let field: string | null = null
  let cancelWatch = () => {}

  /** A question may get lost as an answer may: it is asked again until the draft is here, and seldom from then on. */
  function watch(): void {
    cancelWatch()
    cancelWatch = clock.after(status.state === 'live' ? compareEveryMs : answerWithinMs, () => {
      if (line === null || status.state === 'refused') return
      if (status.state === 'live') line.join()
      else join('waiting')
      watch()
    })
  }

  function move(next: Partial<DraftStatus>): void {
    const waits = unsent.length > 0 || flying !== null
    status = { ...status, ...next, unsent: waits }
    for (const listener of listeners) listener()
  }

  doc.on('update', (update: Uint8Array, origin: unknown) => {
    draft = readDraft(doc)
    if (origin !== 'line') {
      unsent.push(update)
      gather()
    }
    move({})
  })

  function gather(): void {
    if (gathering) return
    gathering = true
    clock.after(gatherMs, () => {
      gathering = false
      flush()
    })
  }

  function flush(): void {
    leaveIfUnused()
    if (status.state !== 'live' || flying !== null || line === null || unsent.length === 0) return
    const piece: Uint8Array[] = []
    let bytes = 0
    while (unsent[0] !== undefined && (piece.length === 0 || bytes + unsent[0].byteLength < longestEditBytes / 2)) {
      bytes += unsent[0].byteLength
      piece.push(unsent[0])
      unsent = unsent.slice(1)
    }
    const mine = { cancel: clock.after(answerWithinMs, () => join('waiting')) }
    flying = mine
    line.edit(Y.mergeUpdates(piece), (error) => {
      if (flying !== mine) return
      mine.cancel()
      flying = null
      if (error === null) {
        move({})
        return gather()
      }
      // What was refused is still in the document; joining again finds out what the server lacks of it.
      if (lasting.has(error.code)) return move({ state: 'refused', error })
      move({ state: 'waiting' })
      clock.after(error.code === 'draft-behind' ? 0 : tryAgainMs, () => join('waiting'))
    })
  }

  function join(state: DraftStatus['state']): void {
    flying?.cancel()
    flying = null
    if (line === null) return
    move({ state: status.state === 'opening' ? 'opening' : state })
    line.join()
    watch()
  }

  /** Rule BD5: while letters are being composed the document does not move under them. */
  function whenFree(work: () => void): void {
    if (holds > 0) held.push(work)
    else work()
  }

  function take(update: Uint8Array): void {
    Y.applyUpdate(doc, update, 'line')
    // Something before it went astray.
    if (doc.store.pendingStructs !== null || doc.store.pendingDs !== null) join('waiting')
  }

  function leaveIfUnused(): void {
    if (users > 0 || line === null) return
    if (status.state !== 'refused' && (unsent.length > 0 || flying !== null)) return
    cancelWatch()
    line.leave()
    line = null
    move({ state: 'waiting', people: [] })
  }

  const page = {
    vector: () => Y.encodeStateVector(doc),
    joined(answer: { me: string; update: Uint8Array; vector: Uint8Array; people: DraftPerson[] }) {
      whenFree(() => {
        Y.applyUpdate(doc, answer.update, 'line')
        flying?.cancel()
        flying = null
        const lacks = Y.encodeStateAsUpdate(doc, answer.vector)
        unsent = saysAnything(lacks, answer) ? [lacks] : []
        move({ state: 'live', error: null, me: answer.me, people: answer.people })
        if (field !== null) line?.at(field)
        watch()
        flush()
      })
    },
    told(told: DraftTold) {
      if ('people' in told) return move({ people: told.people })
      whenFree(() => take(told.update))
    },
    refused(error: ErrorBody) {
      if (lasting.has(error.code)) return move({ state: 'refused', error })
      clock.after(tryAgainMs, () => join('waiting'))
    },
    closed() {
      flying?.cancel()
      flying = null
      move({ state: status.state === 'opening' ? 'opening' : 'waiting', people: [] })
      watch()
    },
  }

  /** Whether something was typed here that the server does not have. What it deleted is in every such update. */
  function saysAnything(lacks: Uint8Array, answer: { update: Uint8Array }): boolean {
    const { structs, ds } = Y.decodeUpdate(lacks)
    if (structs.length > 0) return true
    const theirs = Y.decodeUpdate(answer.update).ds
    const count = (set: typeof ds) => [...set.clients.values()].reduce((sum, items) => sum + items.length, 0)
    return count(ds) > 0 && JSON.stringify([...ds.clients]) !== JSON.stringify([...theirs.clients])
  }

  const undo = new Y.UndoManager(doc, { trackedOrigins: new Set([typed]), captureTimeout: 600 })
  return {
    doc,
    undo,
    draft: () => draft,
    status: () => status,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    at(next) {
      if (field === next) return
      field = next
      line?.at(next)
    },
    hold() {
      holds++
      let over = false
      return () => {
        if (over) return
        over = true
        holds--
        if (holds > 0) return
        const waiting = held
        held = []
        for (const work of waiting) work()
      }
    },
    enter() {
      users++
      if (line === null) {
        line = link.draft(incidentId, page)
        watch()
      }
      let over = false
      return () => {
        if (over) return
        over = true
        users--
        field = null
        line?.at(null)
        gather()
      }
    },
  }
}
