import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeDraftLines } from '#client/link/drafts.ts'
import type { Transport } from '#client/link/transport.ts'
import {
  addRow,
  applyEdit,
  editBetween,
  readDraft,
  removeRow,
  textOf,
  textOfRow,
} from '#client/views/brief/writing/document.ts'
import { type DraftSession, makeDraftSession } from '#client/views/brief/writing/session.ts'
import { type Drafts, draftKind, makeDrafts } from '#server/draft/index.ts'
import { makeMemoryStore } from '#server/store/index.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { IncidentView } from '#shared/wire.ts'

const incidentId = 'INC-1001'
const view = {
  summary: {
    ...{ id: incidentId, title: 'Checkout is slow', phase: 'fixing', tier: 1, service: 'checkout' },
    ...{ openedAt: '2026-11-22T12:00:00.000Z', nextUpdateDueAt: null, alerts: { firing: 2, total: 3 } },
  },
  ...{ brief: null, description: '', tasks: [], facts: [], alerts: [] },
} as unknown as IncidentView

/** Time that is moved by hand; what is due happens in its order. */
function handClock(startAt: number) {
  let at = startAt
  let due: { at: number; n: number; work: () => void }[] = []
  let n = 0
  return {
    now: () => at,
    after(ms: number, work: () => void) {
      const one = { at: at + ms, n: n++, work }
      due.push(one)
      return () => {
        due = due.filter((other) => other !== one)
      }
    },
    async pass(ms: number) {
      const until = at + ms
      for (;;) {
        // Whatever was answered meanwhile comes first.
        for (let turn = 0; turn < 8; turn++) await Promise.resolve()
        const [next] = due.filter((one) => one.at <= until).toSorted((a, b) => a.at - b.at || a.n - b.n)
        if (next === undefined) break
        due = due.filter((one) => one !== next)
        at = next.at
        next.work()
      }
      at = until
    },
  }
}

/** One server, some pages, and lines between them that break, lose and delay. */
async function scene(pages: number, lossEvery: number) {
  const clock = handClock(Date.parse('2026-11-22T13:00:00.000Z'))
  const store = makeMemoryStore()
  let sent = 0
  let ids = 0
  const lost = () => lossEvery > 0 && ++sent % lossEvery === 0
  const deliver = new Map<string, (told: unknown) => void>()
  const start = async (): Promise<Drafts> =>
    makeDrafts(
      {
        ...{
          store,
          clock,
          newId: () => `r${++ids}`,
          after: (ms: number, work: () => void) => void clock.after(ms, work),
        },
        picture: { incident: async () => view, summary: () => view.summary, nameOf: (id) => id },
        kept: await store.read.settings(draftKind),
      },
      (keys, told) => {
        for (const key of keys) {
          const hear = deliver.get(key)
          if (hear !== undefined && !lost()) clock.after(5, () => hear(told))
        }
      },
    )
  let drafts = await start()

  const clients = Array.from({ length: pages }, (_, index) => {
    let line = 0
    const key = () => `page${index}-${line}`
    const ask: Transport['send'] = (event, body, answered) => {
      const on = key()
      const { incident, update, vector, field } = body as {
        incident: string
        update: Uint8Array
        vector: Uint8Array
        field: string | null
      }
      if (lost()) return
      clock.after(5, () => {
        if (on !== key()) return
        const asked = { key: on, personId: `p_${index}` }
        const answer =
          event === 'draft-join'
            ? drafts.join(incident, asked, vector).then((joined) => ({
                ...{ me: on, ...joined },
                changedAt: new Date(joined.changedAt).toISOString(),
              }))
            : event === 'draft-edit'
              ? drafts.edit(incident, on, update).then(() => ({ ok: true }))
              : Promise.resolve(
                  event === 'draft-at' ? drafts.at(incident, on, field) : drafts.leave(incident, on),
                ).then(() => ({ ok: true }))
        void answer
          .catch((error: unknown) =>
            error instanceof UxbridgeError ? error.body() : { code: 'internal', message: '' },
          )
          .then((said) => clock.after(5, () => (on === key() && !lost() ? answered(said) : undefined)))
      })
    }
    const lines = makeDraftLines(ask)
    let up = false
    const client = {
      session: makeDraftSession({ draft: lines.draft }, incidentId, clock),
      up: () => up,
      rise() {
        if (up) return
        up = true
        line++
        deliver.set(key(), lines.told)
        lines.opened()
      },
      fall() {
        if (!up) return
        up = false
        deliver.delete(key())
        drafts.gone(key())
        lines.closed()
      },
    }
    client.session.enter()
    client.rise()
    return client
  })
  return {
    clock,
    clients,
    store,
    /** What was not yet written is lost with the process. */
    async restart() {
      for (const client of clients) client.fall()
      drafts = await start()
    },
    calm: () => {
      lossEvery = 0
    },
    async stored() {
      const [row] = await store.read.settings(draftKind)
      return row
    },
  }
}

type Client = Awaited<ReturnType<typeof scene>>['clients'][number]
const wordsIn = (text: string): string[] => text.split(' ').filter((word) => word !== '')

/** Types or takes out one word, as a person does in a field: the field reads otherwise, and the caret stands there. */
function typeWord(session: DraftSession, where: string | null, lot: number, word: string | null): string | null {
  const text = where === null ? textOf(session.doc, 'situation') : textOfRow(session.doc, 'done', where, 'text')
  if (text === undefined) return null
  const before = text.toString()
  const starts = [0, ...[...before.matchAll(/ /g)].map(({ index }) => index + 1)]
  const at = starts[lot % starts.length] ?? 0
  if (word !== null) {
    const after = `${before.slice(0, at)}${word} ${before.slice(at)}`
    applyEdit(text, editBetween(before, after, at + word.length + 1))
    return word
  }
  const end = before.indexOf(' ', at)
  if (end === -1) return null
  applyEdit(text, editBetween(before, before.slice(0, at) + before.slice(end + 1), at))
  return before.slice(at, end)
}

describe('a brief that several people write', () => {
  const act = fc.record({
    who: fc.nat(2),
    what: fc.constantFrom('type', 'type', 'type', 'take', 'row', 'unrow', 'fall', 'rise', 'wait', 'wait', 'restart'),
    lot: fc.nat(1000),
  })

  it('BD1 BD3 BD4 any interleaving of three pages, with drops, losses and restarts: all come to read the same, and no word is lost that nobody took out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { minLength: 10, maxLength: 70 }),
        fc.constantFrom(0, 3, 7),
        async (acts, lossEvery) => {
          const { clock, clients, calm, restart, stored } = await scene(3, lossEvery)
          await clock.pass(lossEvery === 0 ? 100 : 20_000)
          const typedWords = new Set<string>()
          const taken = new Set<string>()
          let n = 0
          for (const { who, what, lot } of acts) {
            const client = clients[who] as Client
            const { session } = client
            const rows = session.draft().rows.done
            const where = rows.length > 0 && lot % 2 === 0 ? (rows[lot % rows.length]?.id ?? null) : null
            if (session.status().state === 'opening') await clock.pass(1000)
            else if (what === 'type') {
              const word = typeWord(session, where, lot, `w${n++}`)
              if (word !== null) typedWords.add(word)
            } else if (what === 'take') {
              const word = typeWord(session, where, lot, null)
              if (word !== null) taken.add(word)
            } else if (what === 'row') addRow(session.doc, 'done', `row${n++}`)
            else if (what === 'unrow' && where !== null) {
              for (const word of wordsIn(rows.find(({ id }) => id === where)?.texts.text ?? '')) taken.add(word)
              removeRow(session.doc, 'done', where)
            } else if (what === 'fall') client.fall()
            else if (what === 'rise') client.rise()
            else if (what === 'restart' && lot % 3 === 0) await restart()
            else await clock.pass(lot)
          }
          calm()
          for (const client of clients) client.rise()
          await clock.pass(60_000)
          const read = clients.map(({ session }) => session.draft())
          for (const { session } of clients) expect(session.status()).toMatchObject({ state: 'live', unsent: false })
          expect(read[1]).toEqual(read[0])
          expect(read[2]).toEqual(read[0])
          const there = new Set(
            [
              read[0]?.texts.situation ?? '',
              ...(read[0]?.rows.done ?? []).map(({ texts }) => texts.text ?? ''),
            ].flatMap(wordsIn),
          )
          for (const word of typedWords) if (!taken.has(word)) expect(there, `${word} was lost`).toContain(word)
          // What is on disk says the same.
          await restart()
          const [client] = clients
          client?.rise()
          await clock.pass(20_000)
          expect((await stored())?.personal).not.toBeNull()
          expect(readDraft((client as Client).session.doc)).toEqual(read[0])
        },
      ),
      { numRuns: 60 },
    )
  })
})
