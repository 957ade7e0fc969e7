import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minuteMs } from './clocks.ts'
import { briefSchema } from './incident/brief.ts'
import type { Fact, FactOf, RecordedFact } from './incident/facts.ts'
import { leadTimeOf } from './lead-time.ts'

const start = Date.UTC(2026, 0, 5, 3)
const brief = briefSchema.parse({ situation: 'It fails.' })
const bare: Omit<FactOf<'declared'>, 'at' | 'by'> = {
  type: 'declared',
  title: 'Customers call',
  description: '',
  service: null,
  team: null,
  severity: 'high',
  tier: null,
  tierRule: null,
  flags: [],
  drill: false,
  provisional: false,
}
type Told = Fact extends infer F ? (F extends Fact ? Omit<F, 'at' | 'by'> : never) : never
/** `[minute, who, fact]`, in order. */
type Line = readonly [number, string, Told]

function stream(lines: readonly Line[]): RecordedFact[] {
  return lines.map(([minute, by, fact], index) => ({
    ...(fact as Fact),
    at: start + minute * minuteMs,
    by: by.includes(':') ? by : `person:${by}`,
    seq: index + 1,
    incidentId: 'INC-1',
    version: index + 1,
  }))
}
const at = (minute: number, ...lines: Line[]) => leadTimeOf(stream(lines), start + minute * minuteMs)
const declared = (fields: Partial<typeof bare> = {}): Line => [0, 'system:filter', { ...bare, ...fields }]
const claimed = (minute: number, who: string): Line => [minute, who, { type: 'claimed' }]
const offered = (minute: number, from: string, to: string): Line => {
  const offeredAt = start + minute * minuteMs
  return [
    minute,
    from,
    { type: 'offered', to, eligible: [to], offeredAt, deadlineAt: offeredAt + 1, revision: 1, brief },
  ]
}
const accepted = (minute: number, who: string, from: string | null): Line => [
  minute,
  who,
  { type: 'accepted', from, revision: 1, readBack: 'Understood.' },
]
const updated = (minute: number, next: number | null): Line => [
  minute,
  'ana',
  { type: 'updated', text: 'So far.', nextDueAt: next === null ? null : start + next * minuteMs },
]
const resolved = (minute: number): Line => [
  minute,
  'ana',
  { type: 'phase-set', phase: 'resolved', from: 'triage', reason: '' },
]
const reopened = (minute: number): Line => [
  minute,
  'ben',
  { type: 'reopened', phase: 'investigating', from: 'resolved', reason: 'It is back.' },
]
const merged = (minute: number, owner: string | null): Line => [
  minute,
  'carla',
  { type: 'merged', into: 'INC-2', phase: 'triage', owner, rule: null, reason: '' },
]
const unmerged = (minute: number, owner: string | null): Line => [
  minute,
  'carla',
  { type: 'unmerged', from: 'INC-2', phase: 'triage', owner, reason: '' },
]
const classified = (minute: number): Line => [
  minute,
  'carla',
  { type: 'classified', tier: 2, from: null, reason: 'One region.' },
]
const min = (minutes: number) => minutes * minuteMs

describe('the five numbers of one incident', () => {
  test('LT2 hand-overs are transfers from one holder to another; each hop has its time', () => {
    const lead = at(30, declared(), claimed(2, 'ana'), offered(10, 'ana', 'ben'), accepted(12, 'ben', 'ana'))
    expect(lead?.handovers.count).toBe(1)
    expect(lead?.handovers.hops.map(({ holder, heldMs }) => [holder, heldMs])).toEqual([
      ['ana', min(10)],
      ['ben', min(18)],
    ])
  })

  test('LT3 time to classification ends with the first tier, by a rule or by a person, or with a dismissal', () => {
    expect(at(9, declared())?.classification).toEqual({ as: null, by: null, ms: min(9) })
    expect(at(9, declared({ tier: 1 }))?.classification).toEqual({ as: 1, by: 'system:filter', ms: 0 })
    const regraded: Line = [7, 'carla', { type: 'classified', tier: 1, from: 2, reason: 'All regions.' }]
    expect(at(9, declared(), classified(4), regraded)?.classification).toEqual({
      as: 2,
      by: 'person:carla',
      ms: min(4),
    })
    const dismissed = at(9, declared(), [3, 'carla', { type: 'dismissed', reason: 'A test.' }])
    expect(dismissed?.classification).toEqual({ as: 'dismissed', by: 'person:carla', ms: min(3) })
    expect(dismissed?.openMs).toBe(min(3))
  })

  test('LT4 completeness is what the declaration said; what was learnt later changes nothing', () => {
    expect(at(1, declared())?.information).toEqual({
      known: ['title'],
      missing: ['service', 'description', 'tier', 'team'],
    })
    const full = { service: 'shop', team: 'payments', tier: 1 as const, description: 'No order comes through.' }
    expect(at(1, declared(full))?.information.missing).toEqual([])
    expect(at(1, declared({ flags: ['customers'] }))?.information.known).toEqual(['title', 'description'])
    expect(at(1, declared({ flags: ['drill'], drill: true }))?.information.known).toEqual(['title'])
    expect(at(9, declared(), classified(4))?.information.missing).toContain('tier')
  })

  test('LT5 unowned time is the sum of the gaps, and the first owner is the first', () => {
    expect(at(5, declared())?.ownership).toEqual({ unownedMs: min(5), firstOwner: null, toFirstOwnerMs: min(5) })
    const released: Line = [10, 'ana', { type: 'released', reason: 'Wrong team.' }]
    expect(at(20, declared(), claimed(3, 'ana'), released, claimed(14, 'ben'))?.ownership).toEqual({
      unownedMs: min(3 + 4),
      firstOwner: 'ana',
      toFirstOwnerMs: min(3),
    })
  })

  test('LT6 a promised update is on time, late by so much, or missed', () => {
    const lead = at(60, declared(), claimed(0, 'ana'), updated(0, 15), updated(15, 30), updated(34, 50), resolved(52))
    expect(lead?.updates.map(({ became, lateMs }) => [became, lateMs])).toEqual([
      ['on-time', 0],
      ['late', min(4)],
      ['missed', min(2)],
    ])
    expect(at(14, declared(), updated(0, 15))?.updates[0]).toMatchObject({ became: 'open', lateMs: 0 })
    expect(at(20, declared(), updated(0, 15))?.updates[0]).toMatchObject({ became: 'overdue', lateMs: min(5) })
    expect(at(20, declared(), claimed(1, 'ana'), updated(2, 15), resolved(9))?.updates[0]).toMatchObject({
      became: 'moot',
      lateMs: 0,
    })
  })

  test('LT1 while it was resolved nothing runs; a reopening goes on, unowned, and counts its hand-overs on', () => {
    const lead = at(100, declared(), claimed(5, 'ana'), resolved(20), reopened(80), claimed(83, 'ben'), classified(90))
    expect(lead?.openMs).toBe(min(40))
    expect(lead?.ownership).toEqual({ unownedMs: min(5 + 3), firstOwner: 'ana', toFirstOwnerMs: min(5) })
    expect(lead?.classification.ms).toBe(min(20 + 10))
    expect(lead?.handovers).toMatchObject({ count: 0, hops: [{ heldMs: min(15) }, { heldMs: min(17) }] })
  })

  test('LT1 a merge that was taken back: the time in the other incident is not its own', () => {
    const lead = at(50, declared(), merged(10, null), unmerged(40, null), claimed(42, 'ana'))
    expect(lead?.openMs).toBe(min(20))
    expect(lead?.ownership).toEqual({ unownedMs: min(12), firstOwner: 'ana', toFirstOwnerMs: min(12) })
    const held = at(50, declared(), claimed(1, 'ana'), updated(2, 12), merged(10, 'ana'), unmerged(40, 'ana'))
    expect(held?.handovers).toMatchObject({ count: 0, hops: [{ heldMs: min(9) }, { heldMs: min(10) }] })
    expect(held?.updates).toMatchObject([{ became: 'moot' }])
  })

  test('of one that was merged for good the numbers stand still', () => {
    const lines = [declared(), claimed(1, 'ana'), merged(10, 'ana')]
    expect({ ...at(11, ...lines), at: 0 }).toEqual({ ...at(999, ...lines), at: 0 })
  })

  test('of no facts there is nothing to say', () => expect(leadTimeOf([], start)).toBeNull())
})

/** A life of one incident, as steps that are made valid by what went before. */
const aLife = fc.array(
  fc.record({
    wait: fc.nat(20),
    who: fc.constantFrom('ana', 'ben', 'carla'),
    does: fc.constantFrom('own', 'release', 'resolve', 'reopen', 'merge', 'unmerge', 'update', 'classify', 'note'),
    next: fc.option(fc.nat(15)),
  }),
  { maxLength: 25 },
)

/** Makes a stream of the steps, and beside it minute by minute who owned it: what the numbers are then counted from. */
function lived(steps: readonly { wait: number; who: string; does: string; next: number | null }[]) {
  const lines: Line[] = [declared()]
  let now = 0
  let owner: string | null = null
  let state: 'open' | 'resolved' | 'merged' = 'open'
  const minutes: (string | null)[] = []
  let transfers = 0
  let tierAfter: number | null = null
  const openNow = () => minutes.filter((minute) => minute !== 'ended').length
  for (const { wait, who, does, next } of steps) {
    for (let left = wait; left > 0; left--) minutes.push(state === 'open' ? owner : 'ended')
    now += wait
    if (does === 'note') lines.push([now, who, { type: 'noted', text: 'Seen.' }])
    if (does === 'unmerge' && state === 'merged') {
      lines.push(unmerged(now, owner))
      state = 'open'
    } else if (does === 'reopen' && state === 'resolved') {
      lines.push(reopened(now))
      state = 'open'
      owner = null
    }
    if (state !== 'open') continue
    if (does === 'own' && owner === null) lines.push(claimed(now, who))
    if (does === 'own' && owner !== null && owner !== who) {
      lines.push([now, who, { type: 'taken-over', from: owner, reason: 'No answer.' }])
      transfers++
    }
    if (does === 'own') owner = who
    if (does === 'release' && owner !== null) {
      lines.push([now, owner, { type: 'released', reason: 'Wrong team.' }])
      owner = null
    }
    if (does === 'classify' && tierAfter === null) {
      lines.push(classified(now))
      tierAfter = openNow()
    }
    if (does === 'update') lines.push(updated(now, next === null ? null : now + next))
    if (does === 'resolve' && owner !== null) {
      lines.push(resolved(now))
      state = 'resolved'
    }
    if (does === 'merge') {
      lines.push(merged(now, owner))
      state = 'merged'
    }
  }
  return { lines, now, minutes, transfers, tierAfter }
}

test('LT1-LT5 the numbers are those that counting minute by minute gives', () => {
  fc.assert(
    fc.property(aLife, (steps) => {
      const { lines, now, minutes, transfers, tierAfter } = lived(steps)
      const lead = at(now, ...lines)
      const open = minutes.filter((minute) => minute !== 'ended')
      const first = open.findIndex((minute) => minute !== null)
      expect(lead?.openMs).toBe(min(open.length))
      expect(lead?.ownership.unownedMs).toBe(min(open.filter((minute) => minute === null).length))
      if (first >= 0) expect(lead?.ownership.toFirstOwnerMs).toBeLessThanOrEqual(min(first))
      else expect(lead?.ownership.toFirstOwnerMs).toBeLessThanOrEqual(min(open.length))
      expect(lead?.handovers.count).toBe(transfers)
      const held = lead?.handovers.hops.reduce((sum, { heldMs }) => sum + heldMs, 0)
      expect(held).toBe(min(open.filter((minute) => minute !== null).length))
      expect(lead?.classification.ms).toBe(min(tierAfter ?? open.length))
    }),
  )
})

test('LT6 each promise is told once, in order, and is late by what its end says', () => {
  fc.assert(
    fc.property(aLife, (steps) => {
      const { lines, now } = lived(steps)
      const lead = at(now, ...lines)
      const promises = lines.flatMap(([minute, , fact]) =>
        fact.type === 'updated' && 'nextDueAt' in fact && fact.nextDueAt !== null
          ? [{ promisedAt: start + min(minute), dueAt: fact.nextDueAt }]
          : [],
      )
      expect(lead?.updates.map(({ promisedAt, dueAt }) => ({ promisedAt, dueAt }))).toEqual(promises)
      for (const { became, lateMs, madeAt, dueAt } of lead?.updates ?? []) {
        expect(lateMs > 0).toBe(became === 'late' || became === 'missed' || became === 'overdue')
        expect(madeAt !== null).toBe(became === 'on-time' || became === 'late')
        if (madeAt !== null) expect(lateMs).toBe(Math.max(0, madeAt - dueAt))
      }
      expect(lead?.updates.filter(({ became }) => became === 'open' || became === 'overdue').length).toBeLessThan(2)
    }),
  )
})
