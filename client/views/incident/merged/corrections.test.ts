import { describe, expect, it } from 'vitest'
import type { FactView, Summary } from '#shared/wire.ts'
import { timeline } from '../../../state/fact-words.ts'
import { checkout } from '../../../stories/incidents.ts'
import { cameIn, correctionOf, mergedInto, mergeWords, tooLate } from './corrections.ts'

const at = (minute: number) => `2026-11-22T01:${String(minute).padStart(2, '0')}:00.000Z`
const ada = { id: 'p_ada', name: 'Ada Okafor' }
const filter = { id: 'system:filter', name: 'Filter room' }
let seq = 0
const fact = (minute: number, by: FactView['by'], type: string, data: Record<string, unknown>): FactView => ({
  seq: ++seq,
  incidentId: 'INC-1',
  version: seq,
  type,
  at: at(minute),
  by,
  ...data,
})
const moved = { firing: 2, total: 3, reason: 'one cause', rule: null }
const summary = (id: string, phase: Summary['phase'] = 'fixing'): Summary => ({ ...checkout, id, phase })
const lines = (facts: FactView[]) =>
  timeline(facts).map(({ words: { who, did, said, kind, about } }) => ({ line: `${who} ${did}`, said, kind, about }))

describe('the timeline tells corrections as corrections', () => {
  it('a merge is one line in the incident that ends, with what went', () => {
    const facts = [
      fact(1, ada, 'merged', { into: 'INC-2', phase: 'triage', owner: null, rule: null, reason: 'one cause' }),
      fact(1, ada, 'alerts-moved-out', { to: { id: 'INC-2', name: 'INC-2' }, why: 'merge', alerts: [], ...moved }),
    ]
    expect(lines(facts)).toEqual([
      {
        line: 'Ada Okafor merged it into INC-2, with 3 alerts, 2 of them firing',
        said: 'one cause',
        kind: 'correction',
        about: 'INC-2',
      },
    ])
  })

  it('a merge by the filter names its rule and reason in both', () => {
    const facts = [
      fact(1, filter, 'merged', {
        into: 'INC-2',
        phase: 'triage',
        owner: null,
        rule: 'dependency',
        reason: 'needs db',
      }),
    ]
    expect(lines(facts)[0]).toMatchObject({
      line: 'Filter room merged it into INC-2 by rule “dependency”',
      said: 'needs db',
    })
    const other = [fact(1, filter, 'alerts-moved-in', { from: 'INC-1', why: 'merge', ...moved, rule: 'dependency' })]
    expect(lines(other)[0]?.line).toBe(
      'Filter room merged INC-1 into it by rule “dependency”: 3 alerts, 2 of them firing',
    )
  })

  it('a split, its other side, and what takes them back', () => {
    const to = 'INC-9'
    expect(lines([fact(2, ada, 'alerts-moved-out', { to, why: 'split', alerts: [], ...moved })])[0]?.line).toBe(
      'Ada Okafor split off as INC-9: 3 alerts, 2 of them firing',
    )
    const born = [
      fact(2, ada, 'declared', { title: 'x', description: '', provisional: false }),
      fact(2, ada, 'alerts-moved-in', { from: 'INC-1', why: 'split', ...moved }),
    ]
    expect(lines(born)).toHaveLength(1)
    expect(lines(born)[0]?.line).toBe('Ada Okafor split it off INC-1: 3 alerts, 2 of them firing')
    const back = [
      fact(3, ada, 'unmerged', { from: 'INC-2', phase: 'fixing', owner: ada, reason: 'two causes' }),
      fact(3, ada, 'alerts-moved-in', {
        from: 'INC-2',
        why: 'undo',
        firing: 0,
        total: 1,
        rule: null,
        reason: 'two causes',
      }),
    ]
    expect(lines(back)).toMatchObject([
      {
        line: 'Ada Okafor took the merge into INC-2 back; it is in fixing again, and Ada Okafor owns it, with 1 alert, none firing',
        said: 'two causes',
      },
    ])
    expect(lines([fact(3, ada, 'alerts-moved-out', { to: 'INC-1', why: 'undo', alerts: [], ...moved })])[0]?.line).toBe(
      'Ada Okafor took the merge of INC-1 back; gone with it: 3 alerts, 2 of them firing',
    )
  })

  it('what the filter found to be the root of it', () => {
    const found = { title: 'Payments DB down', service: 'payments-db', rule: 'root cause' }
    expect(lines([fact(1, filter, 'identified', found)])[0]?.line).toBe(
      'Filter room named it anew by rule “root cause”: “Payments DB down” of payments-db',
    )
  })
})

describe('what stands now', () => {
  const merged = fact(1, filter, 'merged', {
    into: 'INC-2',
    phase: 'triage',
    owner: null,
    rule: 'r',
    reason: 'needs db',
  })
  const out = fact(1, filter, 'alerts-moved-out', { to: 'INC-2', why: 'merge', alerts: [], ...moved })
  const unmerged = fact(2, ada, 'unmerged', { from: 'INC-2', phase: 'triage', owner: null, reason: '' })

  it('an incident is merged until that is taken back', () => {
    const merge = mergedInto([merged, out])
    expect(merge).toMatchObject({ seq: merged.seq, other: 'INC-2', firing: 2, total: 3, reason: 'needs db' })
    expect(merge && mergeWords(merge)).toBe('by the filter, rule “r”, at 01:01 UTC')
    expect(mergedInto([merged, out, unmerged])).toBeNull()
    const again = fact(3, ada, 'merged', { into: 'INC-3', phase: 'triage', owner: null, rule: null, reason: '' })
    const last = mergedInto([merged, out, unmerged, again])
    expect(last).toMatchObject({ other: 'INC-3', rule: null })
    expect(last && mergeWords(last)).toBe('by Ada Okafor at 01:03 UTC')
  })

  it('the other lists what came in, without what went back', () => {
    const first = fact(1, filter, 'alerts-moved-in', { from: 'INC-1', why: 'merge', ...moved })
    const second = fact(2, ada, 'alerts-moved-in', { from: 'INC-5', why: 'merge', ...moved })
    const gone = fact(3, ada, 'alerts-moved-out', { to: 'INC-1', why: 'undo', alerts: [], ...moved })
    expect(cameIn([first, second]).map(({ other }) => other)).toEqual(['INC-5', 'INC-1'])
    expect(cameIn([first, second, gone]).map(({ other }) => other)).toEqual(['INC-5'])
    expect(correctionOf([first], [first, second, gone])).toMatchObject({
      undoneAt: Date.parse(at(3)),
    })
  })
})

describe('MG3: undo is offered while it can be done, and says why when it cannot', () => {
  const merged = fact(1, ada, 'merged', { into: 'INC-2', phase: 'triage', owner: null, rule: null, reason: '' })
  const movedIn = { ...fact(1, ada, 'alerts-moved-in', { from: 'INC-1', why: 'merge', ...moved }), incidentId: 'INC-2' }
  const splitOut = fact(1, ada, 'alerts-moved-out', { to: 'INC-9', why: 'split', alerts: [], ...moved })
  const splitIn = { ...fact(1, ada, 'alerts-moved-in', { from: 'INC-1', why: 'split', ...moved }), incidentId: 'INC-9' }
  const ended = summary('INC-1', 'merged')
  const late = (one: FactView, own: Summary, other: Summary | undefined | null) => {
    const correction = correctionOf([one], [one])
    return correction === null ? 'nothing to undo' : tooLate(correction, own, other)
  }

  it('a merge, while the incident that goes on is open', () => {
    expect(correctionOf([merged], [merged])).toEqual({
      seq: merged.seq,
      what: 'merge',
      other: 'INC-2',
      from: 'INC-1',
      to: 'INC-2',
      undoneAt: null,
    })
    expect(late(merged, ended, summary('INC-2'))).toBeNull()
    expect(late(merged, ended, null), 'the board is not known yet').toBeNull()
    expect(late(merged, ended, summary('INC-2', 'resolved'))).toBe('INC-2 is resolved: reopen it to undo this.')
    expect(late(merged, ended, undefined)).toBe('INC-2 is over, or was merged itself: look at it first.')
    expect(correctionOf([movedIn], [movedIn])).toMatchObject({ what: 'merge', from: 'INC-1', to: 'INC-2' })
    expect(late(movedIn, summary('INC-2'), undefined)).toBeNull()
    expect(late(movedIn, summary('INC-2', 'merged'), undefined)).toBe('INC-2 was merged itself: undo that first.')
  })

  it('a split, while both are open and it is not undone', () => {
    expect(correctionOf([splitOut], [splitOut])).toMatchObject({ what: 'split', from: 'INC-1', to: 'INC-9' })
    expect(correctionOf([splitIn], [splitIn])).toMatchObject({ what: 'split', from: 'INC-1', to: 'INC-9' })
    expect(late(splitOut, summary('INC-1'), summary('INC-9'))).toBeNull()
    expect(late(splitOut, summary('INC-1'), undefined)).toMatch(/^INC-9 is over/)
    expect(late(splitIn, summary('INC-9'), summary('INC-1', 'closed'))).toBe('INC-1 is closed: reopen it to undo this.')
    const back = fact(5, ada, 'alerts-moved-in', { from: 'INC-9', why: 'merge', ...moved })
    expect(correctionOf([splitOut], [splitOut, back])?.undoneAt).toBe(Date.parse(at(5)))
  })

  it('nothing else can be undone', () => {
    const noted = fact(1, ada, 'noted', { text: 'x' })
    const went = fact(1, ada, 'alerts-moved-out', { to: 'INC-1', why: 'undo', alerts: [], ...moved })
    for (const one of [noted, went]) expect(correctionOf([one], [one])).toBeNull()
  })
})
