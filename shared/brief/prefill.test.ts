import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { briefSchema } from '../incident/brief.ts'
import { briefOf, type Draft, draftListNames, rowOf } from './draft.ts'
import { firstDraft, situationLine, suggestionsFor, trendOf } from './prefill.ts'
import { amara, at, atMs, fact, tomasz, viewOf } from './view.fixture.ts'

const ids = () => {
  let n = 0
  return () => `r${++n}`
}
const task = (id: number, text: string, more: object = {}) => ({
  ...{ id, text, state: 'open' as const, person: null, dueAt: null, changedAt: at('12:10') },
  ...more,
})
const now = atMs('12:30')
const begin = (view = viewOf()) => firstDraft(view, now, ids())

describe('a brief is prefilled', () => {
  it('BP2 with the situation from title, service, tier, phase, alerts and since when, cut to its limit', () => {
    expect(situationLine(viewOf(), now)).toBe(
      'Checkout is slow: checkout, Tier 1, in fixing, 2 of 3 alerts fire, since 12:00 UTC.',
    )
    const long = viewOf({}, { title: 'x'.repeat(200), alerts: { firing: 0, total: 0 }, tier: null, service: null })
    expect(situationLine(long, now)).toMatch(/: unclassified, in fixing, since 12:00 UTC\.$/)
    for (const title of ['y'.repeat(200), 'z'])
      expect(situationLine(viewOf({}, { title, service: 's'.repeat(80) }), now).length).toBeLessThanOrEqual(280)
  })

  it('BP2 with the legal clocks that run, by their day, among the promises; one that stops is proposed to be taken out', () => {
    const next = {
      ...{ clock: 'gdpr-33-1', name: 'GDPR 33(1)', deadline: 'Notification to the authority', breached: false },
      ...{ dueAt: '2026-11-25T12:00:00.000Z', nearAt: '2026-11-24T18:00:00.000Z' },
    }
    const view = viewOf({}, { clocks: { running: 1, next: [next] }, nextUpdateDueAt: null })
    const draft = begin(view)
    expect(briefOf(draft).promises).toEqual(['GDPR 33(1): Notification to the authority due 2026-11-25 12:00 UTC'])
    expect(suggestionsFor(draft, view, now).filter(({ kind }) => kind === 'remove')).toEqual([])
    const stopped = viewOf({}, { nextUpdateDueAt: null })
    expect(suggestionsFor(draft, stopped, now)).toMatchObject([
      { kind: 'remove', list: 'promises', because: 'the clock does not run any more' },
    ])
  })

  it('BP2 with what was classified, noted, reported and done, its open tasks and its promise, and nothing else', () => {
    const view = viewOf(
      {
        tasks: [
          task(1, 'Roll back', { person: tomasz, dueAt: at('12:45') }),
          task(2, 'Ask the bank', { state: 'done', changedAt: at('12:20') }),
          task(3, 'Wait', { state: 'dropped' }),
        ],
        facts: [
          fact('12:00', 'declared', { provisional: true, description: 'by the filter' }),
          fact('12:02', 'classified', { tier: 1, reason: 'half of the orders hang' }),
          fact('12:05', 'noted', { text: 'The pool\nis   full' }),
          fact('12:08', 'phase-set', { phase: 'containing', reason: '' }),
          fact('12:12', 'phase-set', { phase: 'fixing', reason: 'pool is the cause' }),
          fact('12:15', 'updated', { text: 'We roll back.' }),
        ],
      },
      { nextUpdateDueAt: at('12:40') },
    )
    const brief = briefOf(begin(view))
    expect(brief.done).toEqual([
      'Classified Tier 1: half of the orders hang',
      'The pool is full',
      'In fixing since 12:12 UTC: pool is the cause',
      'Reported 12:15 UTC: We roll back.',
      'Done: Ask the bank',
    ])
    expect(brief.actions).toEqual([
      { text: 'Roll back', owner: tomasz.id, dueAt: at('12:45'), state: 'open', irreversible: false },
    ])
    expect(brief.promises).toEqual(['Next update due 12:40 UTC'])
    expect([brief.ruledOut, brief.hypotheses, brief.contingencies, brief.constraints]).toEqual([[], [], [], ''])
    expect(brief.confidence).toBe('unsure')
  })

  it('BP2 with a trend that the alerts show, and with none where they cannot', () => {
    const fired = (clock: string, n: number) =>
      fact(clock, 'alerts-attached', { alerts: Array(n).fill('a'), rule: 'x' })
    const ended = (clock: string, n: number) => fact(clock, 'alerts-resolved', { alerts: Array(n).fill('a') })
    const trend = (facts: ReturnType<typeof fact>[], firing: number, openedAt = at('12:00')) =>
      trendOf(viewOf({ facts }, { openedAt, alerts: { firing, total: 3 } }), now)
    expect(trend([fired('12:00', 1), fired('12:25', 1)], 2)).toBe('worse')
    expect(trend([fired('12:00', 3), ended('12:25', 1)], 2)).toBe('better')
    expect(trend([fired('12:00', 2)], 2)).toBe('steady')
    expect(trend([fired('12:00', 2), ended('12:10', 2)], 0)).toBe('unknown')
    expect(trend([fired('12:25', 2)], 2, at('12:25'))).toBe('unknown')
    expect(trendOf(viewOf({}, { alerts: { firing: 0, total: 0 } }), now)).toBe('unknown')
  })

  it('BP3 as the last brief says, every word of it', () => {
    const last = briefSchema.parse({
      ...{ situation: 'Orders hang', trend: 'worse', confidence: 'sure', done: ['The pool is full'], constraints: 'x' },
      ...{ hypotheses: [{ text: 'pool', confidence: 'sure' }], contingencies: [{ if: 'a', do: 'b' }] },
      ...{ actions: [{ text: 'Roll back', state: 'in flight', irreversible: true, owner: amara.id }] },
      ...{ promises: ['Next update due 12:20 UTC', 'Call the bank'], ruledOut: ['disk'] },
    })
    const view = viewOf({ brief: last, tasks: [task(1, 'roll back')] })
    const draft = begin(view)
    expect(briefSchema.parse(briefOf(draft))).toEqual(last)
    expect(draft.rows.actions[0]?.from).toBe('task:1')
    expect(draft.rows.promises.map(({ from }) => from)).toEqual(['next-update', null])
  })
})

describe('what is new is suggested', () => {
  const view = (more: Parameters<typeof viewOf>[0] = {}, summary: Parameters<typeof viewOf>[1] = {}) =>
    viewOf({ facts: [fact('12:00', 'declared', { provisional: true })], ...more }, summary)
  const later = atMs('12:50')
  const kinds = (draft: Draft, known: ReturnType<typeof viewOf>) =>
    suggestionsFor(draft, known, later).map(({ kind, key }) => `${kind} ${key.replace(/:\{.*|: .*/, '')}`)

  it('BP3 a note since the draft was begun, once, and not what was there before', () => {
    const old = fact('12:05', 'noted', { text: 'old' })
    const draft = begin(view({ facts: [old] }))
    const fresh = fact('12:35', 'noted', { text: 'Retries are off' })
    const known = view({ facts: [old, fresh] })
    expect(kinds(draft, known)).toEqual([`add add:note:${fresh.seq}`])
    expect(suggestionsFor({ ...draft, settled: new Set([`add:note:${fresh.seq}`]) }, known, later)).toEqual([])
    const typed = { ...draft.rows, done: [...draft.rows.done, rowOf('done', 'x', null, { text: 'retries are OFF' })] }
    expect(suggestionsFor({ ...draft, rows: typed }, known, later)).toEqual([])
  })

  it('BP3 that a task of an action is done, dropped or has another person; not what somebody chose meanwhile', () => {
    const open = task(1, 'Roll back')
    const draft = begin(view({ tasks: [open] }))
    const changedTo = (more: object, changed: string[]) =>
      suggestionsFor(
        draft,
        view({ tasks: [task(1, 'Roll back', more)], facts: [fact('12:40', 'task-set', { task: 1, changed })] }),
        later,
      )
    expect(changedTo({ state: 'done' }, ['state'])).toMatchObject([{ kind: 'change', parts: { state: 'done' } }])
    expect(changedTo({ state: 'dropped' }, ['state'])).toMatchObject([{ kind: 'remove', text: 'Roll back' }])
    expect(changedTo({ person: tomasz }, ['person'])).toMatchObject([{ kind: 'change', parts: { owner: tomasz.id } }])
    expect(changedTo({}, [])).toEqual([])
    const chosen = draft.rows.actions.map((row) => ({
      ...row,
      values: { ...row.values, state: 'in flight', owner: amara.id },
    }))
    expect(
      suggestionsFor({ ...draft, rows: { ...draft.rows, actions: chosen } }, view({ tasks: [open] }), later),
    ).toEqual([])
  })

  it('BP3 a new tier, phase or update takes the place of the one before, where somebody agrees', () => {
    const first = fact('12:02', 'classified', { tier: 1, reason: 'half of the orders' })
    const draft = begin(view({ facts: [first] }))
    const known = view({ facts: [first, fact('12:40', 'classified', { tier: 2, reason: 'one region' })] })
    expect(suggestionsFor(draft, known, later)).toMatchObject([
      { kind: 'change', row: draft.rows.done[0]?.id, parts: { text: 'Classified Tier 2: one region' } },
    ])
  })

  it('BP3 that a promised update has moved or gone; a promise in own words stays', () => {
    const draft = begin(view({}, { nextUpdateDueAt: at('12:40') }))
    const moved = suggestionsFor(draft, view({}, { nextUpdateDueAt: at('13:10') }), later)
    expect(moved).toMatchObject([{ kind: 'change', parts: { text: 'Next update due 13:10 UTC' } }])
    expect(suggestionsFor(draft, view(), later)).toMatchObject([{ kind: 'remove' }])
    const own = draft.rows.promises.map((row) => ({ ...row, texts: { text: 'I ring the bank at 12:40' } }))
    const rewritten = { ...draft, rows: { ...draft.rows, promises: own } }
    expect(suggestionsFor(rewritten, view({}, { nextUpdateDueAt: at('13:10') }), later)).toEqual([])
  })

  it('BP1 a situation that somebody typed is left alone; one that nobody touched is offered anew', () => {
    const draft = begin(view())
    const calmer = view({}, { alerts: { firing: 0, total: 3 } })
    expect(suggestionsFor(draft, calmer, later)).toMatchObject([{ kind: 'situation' }])
    const typed = { ...draft, texts: { ...draft.texts, situation: 'Orders hang' } }
    expect(suggestionsFor(typed, calmer, later)).toEqual([])
  })

  it('BP4 whatever the incident holds, its draft keeps every limit of a brief, and right after nothing is suggested', () => {
    const clock = fc.integer({ min: 0, max: 29 }).map((minute) => `12:${String(minute).padStart(2, '0')}`)
    const text = fc.string({ minLength: 1, maxLength: 600 })
    const facts = fc.array(
      fc.oneof(
        fc.tuple(clock, text).map(([when, said]) => fact(when, 'noted', { text: said })),
        fc.tuple(clock, text).map(([when, reason]) => fact(when, 'classified', { tier: 2, reason })),
        fc.tuple(clock, text).map(([when, said]) => fact(when, 'updated', { text: said })),
        fc.tuple(clock, text).map(([when, reason]) => fact(when, 'phase-set', { phase: 'fixing', reason })),
      ),
      { maxLength: 20 },
    )
    const tasks = fc.array(fc.tuple(text, fc.constantFrom('open', 'done', 'dropped')), { maxLength: 20 })
    fc.assert(
      fc.property(facts, tasks, fc.string({ minLength: 1, maxLength: 200 }), (happened, some, title) => {
        const sorted = happened.toSorted((a, b) => (a.at < b.at ? -1 : 1))
        const listed = some.map(([words, state], index) => task(index + 1, words, { state }))
        const known = viewOf({ facts: sorted, tasks: listed as never }, { title, nextUpdateDueAt: at('12:40') })
        const draft = begin(known)
        for (const list of draftListNames) for (const row of draft.rows[list]) expect(row.from).not.toBeNull()
        const parsed = briefSchema.safeParse(briefOf(draft))
        expect(parsed.success || parsed.error.message).toBe(true)
        expect(suggestionsFor(draft, known, now)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})
