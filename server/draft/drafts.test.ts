import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import type { DraftTold } from '#shared/brief/line.ts'
import { hourMs } from '#shared/clocks.ts'
import type { IncidentView } from '#shared/wire.ts'
import { makeMemoryStore } from '../store/index.ts'
import { draftKind, makeDrafts } from './index.ts'

const id = 'INC-1001'
const summary = {
  ...{ id, title: 'Checkout is slow', phase: 'fixing', tier: 1, service: 'checkout' },
  ...{ openedAt: '2026-11-22T12:00:00.000Z', nextUpdateDueAt: null, alerts: { firing: 0, total: 0 } },
}
const view = { summary, brief: null, description: '', tasks: [], facts: [], alerts: [] } as unknown as IncidentView

/** Drafts over a store in memory; what is told is kept, time stands still but for what is passed. */
async function room(store = makeMemoryStore()) {
  let now = Date.parse('2026-11-22T13:00:00.000Z')
  let n = 0
  const told: { keys: readonly string[]; told: DraftTold }[] = []
  const state = { phase: 'fixing', known: true }
  const drafts = makeDrafts(
    {
      ...{ store, clock: { now: () => now }, newId: () => `r${++n}`, after: (_: number, work: () => void) => work() },
      picture: {
        incident: async (incidentId) => (incidentId === id ? view : null),
        summary: (incidentId) =>
          incidentId === id && state.known
            ? ({ ...view.summary, phase: state.phase } as IncidentView['summary'])
            : undefined,
        nameOf: (personId) => personId.toUpperCase(),
      },
      kept: await store.read.settings(draftKind),
    },
    (keys, what) => void told.push({ keys, told: what }),
  )
  const join = async (key: string) => {
    const answer = await drafts.join(id, { key, personId: `p_${key}` }, null)
    const doc = new Y.Doc()
    Y.applyUpdate(doc, answer.update)
    return { doc, answer }
  }
  const pass = (ms: number) => {
    now += ms
  }
  return { drafts, store, told, join, state, pass }
}
const typing = (doc: Y.Doc, words: string): Uint8Array => {
  const before = Y.encodeStateVector(doc)
  doc.getText('situation').insert(0, words)
  return Y.encodeStateAsUpdate(doc, before)
}

describe('drafts of briefs', () => {
  it('BD1 one beginning for all: two who enter at once, and one after a restart, have the same document', async () => {
    const { join, store } = await room()
    const [a, b] = await Promise.all([join('a'), join('b')])
    expect(a?.doc.getText('situation').toString()).toMatch(/^Checkout is slow: checkout, Tier 1/)
    expect(Y.encodeStateAsUpdate(b?.doc as Y.Doc)).toEqual(Y.encodeStateAsUpdate(a?.doc as Y.Doc))
    const again = await (await room(store)).join('c')
    Y.applyUpdate(again.doc, Y.encodeStateAsUpdate(a?.doc as Y.Doc))
    expect(again.doc.getText('situation').toString()).toBe(a?.doc.getText('situation').toString())
  })

  it('BD1 an edit is told to the others, and on disk when it is answered', async () => {
    const { drafts, join, told, store } = await room()
    const { doc } = await join('a')
    await join('b')
    told.length = 0
    await drafts.edit(id, 'a', typing(doc, 'NEW '))
    expect(told).toMatchObject([{ keys: ['b'], told: { incident: id } }])
    const { doc: later } = await (await room(store)).join('c')
    expect(later.getText('situation').toString()).toMatch(/^NEW Checkout/)
    const [row] = await store.read.settings(draftKind)
    expect(JSON.stringify(row?.doc)).not.toContain('state')
  })

  it('BD6 says who is in it and where, and that they have gone', async () => {
    const { drafts, join, told } = await room()
    await join('a')
    const { answer } = await join('b')
    expect(answer.people).toEqual([
      { key: 'a', id: 'p_a', name: 'P_A', field: null },
      { key: 'b', id: 'p_b', name: 'P_B', field: null },
    ])
    drafts.at(id, 'a', 'situation')
    expect(told.at(-1)).toMatchObject({ keys: ['a', 'b'], told: { people: [{ field: 'situation' }, {}] } })
    drafts.gone('a')
    expect(told.at(-1)).toMatchObject({ keys: ['b'], told: { people: [{ key: 'b' }] } })
  })

  it('BD7 an edit that builds on what never came, or of a page that is not in it, is to join again; nothing of it stays', async () => {
    const { drafts, join } = await room()
    const { doc } = await join('a')
    typing(doc, 'lost ')
    const second = typing(doc, 'second ')
    await expect(drafts.edit(id, 'a', second)).rejects.toMatchObject({ code: 'draft-behind' })
    await expect(drafts.edit(id, 'nobody', second)).rejects.toMatchObject({ code: 'draft-behind' })
    const { answer } = await join('b')
    const whole = Y.encodeStateAsUpdate(doc, answer.vector)
    await drafts.edit(id, 'a', whole)
    expect((await join('c')).doc.getText('situation').toString()).toMatch(/^second lost Checkout/)
  })

  it('BD7 a draft that would outgrow its bounds is refused and stays as it was; taking out is let in', async () => {
    const { drafts, join } = await room()
    const { doc } = await join('a')
    const huge = typing(doc, 'x'.repeat(400_000))
    await expect(drafts.edit(id, 'a', huge)).rejects.toMatchObject({ code: 'draft-full' })
    const { doc: fresh } = await join('b')
    expect(fresh.getText('situation').length).toBeLessThan(200)
    await drafts.edit(id, 'b', typing(fresh, 'small '))
  })

  it('BD7 whatever bytes are sent, they are refused or merged, and the draft can be read after', async () => {
    const { drafts, join } = await room()
    await join('a')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const refused = await drafts.edit(id, 'a', bytes).then(
          () => null,
          (error: { code: string }) => error.code,
        )
        expect([null, 'fields-invalid', 'draft-behind', 'draft-full']).toContain(refused)
        const { doc } = await join('b')
        expect(doc.getText('situation').toString()).toContain('Checkout is slow')
      }),
      { numRuns: 150 },
    )
  })

  it('BD8 where work has ended nothing is written, and a week later the draft is gone; a reopened one has it still', async () => {
    const { drafts, join, state, pass, store } = await room()
    const { doc } = await join('a')
    state.phase = 'resolved'
    await expect(drafts.edit(id, 'a', typing(doc, 'late '))).rejects.toMatchObject({ code: 'phase-forbids' })
    await expect(drafts.join(id, { key: 'b', personId: 'p_b' }, null)).rejects.toMatchObject({ code: 'phase-forbids' })
    drafts.gone('a')
    pass(6 * 24 * hourMs)
    expect(await drafts.sweep()).toBe(0)
    pass(2 * 24 * hourMs)
    expect(await drafts.sweep()).toBe(1)
    expect(await store.read.settings(draftKind)).toEqual([])
  })

  it('BD8 of an incident that there is not, there is no draft; one whose words were erased begins anew', async () => {
    const { drafts, join, store } = await room()
    await expect(drafts.join('INC-9', { key: 'a', personId: 'p_a' }, null)).rejects.toMatchObject({ code: 'not-found' })
    const { doc } = await join('a')
    await drafts.edit(id, 'a', typing(doc, 'secret '))
    await store.erase({ personId: `draft:${id}` })
    const { doc: anew } = await (await room(store)).join('b')
    expect(anew.getText('situation').toString()).toMatch(/^Checkout/)
  })
})
