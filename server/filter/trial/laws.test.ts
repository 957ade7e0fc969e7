import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isOpen, type Phase } from '#shared/incident/state.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { makeFilter } from '../index.ts'
import { entriesOf, steps } from '../laws.fixture.ts'
import { isDrillEntry } from '../partition.ts'
import type { FilterEntry } from '../port.ts'
import { storyStart } from '../story.fixture.ts'
import type { RecordedPlace, TrialPolicy } from './index.ts'
import { Recording, trialOf } from './trial.fixture.ts'

/** The log with this policy wherever it names one. */
const under = ({ hash, policy }: TrialPolicy, entries: readonly FilterEntry[]): FilterEntry[] =>
  entries.map((entry) => (entry.kind === 'policy' ? { ...entry, hash, policy } : entry))

/** The policies that a random log names, or the built-in one. */
function policyIn(entries: readonly FilterEntry[]): TrialPolicy {
  for (const entry of entries) if (entry.kind === 'policy') return { hash: entry.hash, policy: entry.policy }
  return { hash: 'first', policy: builtInPolicy }
}

describe('laws of a trial', () => {
  it('TR1: the policy of the day makes no difference, whatever the log holds and wherever the comparison begins', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: -1, max: 240 }), (plan, minute) => {
        const drawn = entriesOf(plan)
        const policy = policyIn(drawn)
        const trial = trialOf(policy, policy, storyStart + minute * 60_000)
        for (const entry of under(policy, drawn)) trial.fold(entry)
        const { live, candidate, counts, hidden, shown, grouped, changed, rules } = trial.result(
          (drawn.at(-1)?.at ?? storyStart) + 3_600_000,
          () => [],
        )
        expect(candidate).toEqual(live)
        expect({ ...counts, same: 0 }).toEqual(Object.fromEntries(Object.keys(counts).map((name) => [name, 0])))
        expect([hidden, shown, grouped, changed]).toEqual([[], [], [], []])
        for (const { live, candidate } of rules) expect(candidate).toBe(live)
      }),
    )
  })

  it('TR3: the run of the day is the record: the same incidents, opened again as often, with the same outcomes', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const record = makeFilter({ policy: builtInPolicy, policyHash: 'first', filter: null, alerts: [] })
        const policy = { hash: 'first', policy: builtInPolicy }
        const trial = trialOf(policy, policy, storyStart)
        const outcomes: Record<string, number> = {}
        const opened: string[] = []
        const phases = new Map<string, Phase>()
        // What people do, they do to incidents that are there, and are no part of others; other policies are another story.
        const isReal = (entry: FilterEntry): boolean => {
          if (entry.kind !== 'incident') return entry.kind !== 'policy' && !isDrillEntry(entry)
          const phase = phases.get(entry.incidentId)
          const other = entry.mergedInto ?? entry.parted?.to
          if (phase === undefined || phase === 'merged') return false
          return (
            other === undefined ||
            (other !== entry.incidentId && isOpen(phase) && isOpen(phases.get(other) ?? 'merged'))
          )
        }
        const entries = entriesOf(plan)
        for (const entry of entries) {
          if (!isReal(entry)) continue
          const told = entry.kind === 'incident' ? { ...entry, declared: false } : entry
          if (told.kind === 'incident') phases.set(told.incidentId, told.phase)
          const folded = record.fold(told)
          for (const [outcome, count] of Object.entries(folded.counts))
            outcomes[outcome] = (outcomes[outcome] ?? 0) + count
          for (const effect of folded.effects) {
            if (effect.type === 'open') opened.push(effect.incidentId)
            if (effect.type === 'open' || effect.type === 'refire') phases.set(effect.incidentId, 'investigating')
            if (effect.type === 'merge') phases.set(effect.incidentId, 'merged')
          }
          const places = [...folded.decisions, ...folded.judgedAgain].flatMap(
            ({ alertId, incidentId }): RecordedPlace[] =>
              alertId === null || incidentId === null ? [] : [{ alertId, incidentId }],
          )
          trial.fold(told, places)
        }
        const { live, hidden } = trial.result(entries.at(-1)?.at ?? storyStart, () => [])
        expect(live.outcomes).toEqual(outcomes)
        expect(live.opened).toBe(opened.length)
        expect(hidden).toEqual([])
      }),
    )
  })

  it('TR2: what the candidate alone has due happens at that moment, not at the next word of the record', () => {
    const policy = (ms: number) => ({ hash: String(ms), policy: { ...builtInPolicy, resolve_timeout: ms } })
    const record = new Recording(policy(3_600_000), policy(60_000))
    for (const minute of [0, 30]) record.fire(minute, { alertname: 'A', job: 'x' }, { timesOut: true })
    const { live, candidate } = record.result(31)
    expect(live.outcomes).toEqual({ opened: 1, repeated: 1 })
    expect(candidate.outcomes).toEqual({ opened: 1, attached: 1 })
  })
})
