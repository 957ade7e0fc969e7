import * as Y from 'yjs'
import { z } from 'zod'
import { type DraftPerson, longestDraftBytes, mostInDraft } from '#shared/brief/line.ts'
import { firstDraft } from '#shared/brief/prefill.ts'
import { type Clock, hourMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { Picture } from '../picture/port.ts'
import type { Store, StoredSetting } from '../store/port.ts'
import { beginDocument, hasGaps, openDocument } from './document.ts'
import type { Drafts, Tell } from './port.ts'

/** Kind of the settings that drafts are kept under, by incident. */
export const draftKind = 'draft'
/** After work on its incident has ended a draft is kept for so long: it may be reopened. */
const keptForMs = 7 * 24 * hourMs
/** One draft is written to disk at most this often; what comes meanwhile goes together. */
const saveEveryMs = 200

const docSchema = z.strictObject({ changedAt: z.number().int() })
const stateSchema = z.strictObject({ state: z.base64() })
/** Key of the vault under which a draft is sealed: destroying it erases the words (trust.md). */
const keyHolder = (incidentId: string): string => `draft:${incidentId}`

interface Page {
  personId: string
  field: string | null
}
interface Draft {
  doc: Y.Doc
  /** The document as bytes, as of the last edit that was let in. */
  state: Uint8Array
  changedAt: number
  pages: Map<string, Page>
  saving: Promise<void> | null
  /** The save after that, which edits that come meanwhile wait for. */
  next: Promise<void> | null
}

export interface DraftsParts {
  store: Pick<Store, 'commit'>
  picture: Pick<Picture, 'incident' | 'summary' | 'nameOf'>
  clock: Clock
  newId: () => string
  after: (ms: number, work: () => void) => void
  /** What the store has of them. */
  kept: readonly StoredSetting[]
}

/**
 * Holds the drafts, merges edits, passes them on, keeps them. Rule BD1: an edit is in the document of everybody and on disk before it
 * is acknowledged, or it is refused in words; so whoever saw no acknowledgement still has it, and brings it when they join again.
 */
export function makeDrafts({ store, picture, clock, newId, after, kept }: DraftsParts, tell: Tell): Drafts {
  /** As stored; opened when somebody enters. */
  const shelf = new Map<string, { state: Uint8Array | null; changedAt: number }>()
  for (const { id, doc, personal } of kept) {
    const words = stateSchema.safeParse(personal)
    // Null: its words were erased.
    const state = words.success ? new Uint8Array(Buffer.from(words.data.state, 'base64')) : null
    shelf.set(id, { state, changedAt: docSchema.parse(doc).changedAt })
  }
  const opened = new Map<string, Promise<Draft>>()
  const live = new Map<string, Draft>()

  async function requireOpen(incidentId: string): Promise<void> {
    const phase = picture.summary(incidentId)?.phase ?? (await picture.incident(incidentId))?.summary.phase
    if (phase === undefined) throw new UxbridgeError('not-found', `There is no incident ${incidentId}.`)
    if (!isOpen(phase)) throw new UxbridgeError('phase-forbids', `It is ${phase}: to write its brief, reopen it first.`)
  }

  function draftOf(incidentId: string): Promise<Draft> {
    const known = opened.get(incidentId)
    if (known !== undefined) return known
    const opening = open(incidentId)
    opened.set(incidentId, opening)
    opening.catch(() => opened.delete(incidentId))
    return opening
  }

  async function open(incidentId: string): Promise<Draft> {
    const stored = shelf.get(incidentId)
    let doc: Y.Doc
    if (stored === undefined || stored.state === null) {
      const view = await picture.incident(incidentId)
      if (view === null) throw new UxbridgeError('not-found', `There is no incident ${incidentId}.`)
      doc = beginDocument(firstDraft(view, clock.now(), newId))
    } else doc = openDocument(stored.state)
    const changedAt = stored?.changedAt ?? clock.now()
    const draft: Draft = {
      ...{ doc, state: Y.encodeStateAsUpdate(doc), changedAt, pages: new Map() },
      ...{ saving: null, next: null },
    }
    live.set(incidentId, draft)
    // What is shown first must be what is shown after a restart: two beginnings would stand side by side.
    if (stored?.state == null) await save(incidentId, draft)
    return draft
  }

  /** Resolves when what the draft says now is durable. */
  function save(incidentId: string, draft: Draft): Promise<void> {
    if (draft.saving === null) {
      const writing = write(incidentId, draft)
      const settled = writing.then(
        () => undefined,
        () => undefined,
      )
      draft.saving = settled.then(() => new Promise<void>((resolve) => after(saveEveryMs, resolve)))
      draft.saving = draft.saving.then(() => {
        draft.saving = null
      })
      return writing
    }
    draft.next ??= draft.saving.then(() => {
      draft.next = null
      return save(incidentId, draft)
    })
    return draft.next
  }

  async function write(incidentId: string, { state, changedAt }: Draft): Promise<void> {
    const words = { state: Buffer.from(state).toString('base64') }
    await store.commit({
      put: [
        {
          ...{ kind: draftKind, id: incidentId, doc: { changedAt } },
          personal: { personId: keyHolder(incidentId), value: words },
        },
      ],
    })
    shelf.set(incidentId, { state, changedAt })
  }

  const peopleIn = (draft: Draft): DraftPerson[] =>
    [...draft.pages].map(([key, { personId, field }]) => ({ key, id: personId, name: picture.nameOf(personId), field }))
  function tellPeople(incidentId: string, draft: Draft): void {
    tell([...draft.pages.keys()], { incident: incidentId, people: peopleIn(draft) })
  }

  /** Lets the edit in, or leaves the document as it was. @throws UxbridgeError as `edit` */
  function merge(draft: Draft, update: Uint8Array): void {
    const { doc, state } = draft
    try {
      Y.applyUpdate(doc, update)
    } catch (error) {
      draft.doc = openDocument(state)
      throw new UxbridgeError('fields-invalid', 'This is no edit of a brief; open the brief again.', {
        fields: [{ path: 'update', message: error instanceof Error ? error.message : 'cannot be read' }],
      })
    }
    const refusal = hasGaps(doc)
      ? new UxbridgeError('draft-behind', 'This edit builds on others that have not come yet. Join the draft again.')
      : null
    const merged = Y.encodeStateAsUpdate(doc)
    const full =
      merged.byteLength > longestDraftBytes && merged.byteLength > state.byteLength
        ? new UxbridgeError('draft-full', 'The draft has no room for more. Keep the brief, and shorten what it says.')
        : null
    if (refusal !== null || full !== null) {
      draft.doc = openDocument(state)
      throw refusal ?? full
    }
    draft.state = merged
    draft.changedAt = clock.now()
  }

  function leave(incidentId: string, key: string): void {
    const draft = live.get(incidentId)
    if (draft?.pages.delete(key) !== true) return
    if (draft.pages.size > 0) tellPeople(incidentId, draft)
    else void (draft.saving ?? Promise.resolve()).then(() => close(incidentId, draft))
  }

  /** What nobody looks at and is saved need not be held open: the shelf has it. */
  function close(incidentId: string, draft: Draft): void {
    if (live.get(incidentId) !== draft || draft.pages.size > 0 || draft.next !== null || isUnsaved(incidentId, draft))
      return
    live.delete(incidentId)
    opened.delete(incidentId)
    draft.doc.destroy()
  }
  const isUnsaved = (incidentId: string, draft: Draft): boolean => shelf.get(incidentId)?.state !== draft.state

  return {
    async join(incidentId, { key, personId }, vector) {
      await requireOpen(incidentId)
      let draft = await draftOf(incidentId)
      // The last page may have left it meanwhile.
      if (live.get(incidentId) !== draft) draft = await draftOf(incidentId)
      if (!draft.pages.has(key) && draft.pages.size >= mostInDraft)
        throw new UxbridgeError(
          'overloaded',
          `${mostInDraft} pages are in this draft. Read the brief, and try again later.`,
        )
      if (!draft.pages.has(key)) {
        draft.pages.set(key, { personId, field: null })
        tellPeople(incidentId, draft)
      }
      return {
        update: Y.encodeStateAsUpdate(draft.doc, vector ?? undefined),
        vector: Y.encodeStateVector(draft.doc),
        people: peopleIn(draft),
        changedAt: draft.changedAt,
      }
    },
    async edit(incidentId, key, update) {
      await requireOpen(incidentId)
      const draft = live.get(incidentId)
      if (draft === undefined || !draft.pages.has(key))
        throw new UxbridgeError('draft-behind', 'This page is not in the draft. Join it again.')
      merge(draft, update)
      const others = [...draft.pages.keys()].filter((one) => one !== key)
      tell(others, { incident: incidentId, update, changedAt: new Date(draft.changedAt).toISOString() })
      await save(incidentId, draft)
    },
    at(incidentId, key, field) {
      const draft = live.get(incidentId)
      const page = draft?.pages.get(key)
      if (draft === undefined || page === undefined || page.field === field) return
      page.field = field
      tellPeople(incidentId, draft)
    },
    leave,
    gone(key) {
      for (const incidentId of [...live.keys()]) leave(incidentId, key)
    },
    async sweep() {
      for (const [id, draft] of live) {
        if (isUnsaved(id, draft)) await save(id, draft)
        close(id, draft)
      }
      const before = clock.now() - keptForMs
      const old = [...shelf].filter(([id, { changedAt }]) => {
        const phase = picture.summary(id)?.phase
        return changedAt < before && !live.has(id) && (phase === undefined || !isOpen(phase))
      })
      if (old.length === 0) return 0
      await store.commit({ remove: old.map(([id]) => ({ kind: draftKind, id })) })
      for (const [id] of old) shelf.delete(id)
      return old.length
    },
  }
}
