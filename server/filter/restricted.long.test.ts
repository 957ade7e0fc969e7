import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberOf } from '#shared/incident/ids.ts'
import { builtInPolicy, type Policy, policySchema } from '#shared/policy.ts'
import { makeFilter } from './index.ts'
import { entriesOf, fresh, idsOn, occurrences, steps } from './laws.fixture.ts'
import type { Filter, FilterEntry, Folded } from './port.ts'

/** What fires on the second host is not for everybody, whatever else the policy says: some of it is below an incident. */
const { definitions: secrets } = policySchema.parse({
  definitions: [
    { name: 'secret chores', match: ['host="2"', 'alertname="C"'], as: 'record', restricted: true },
    { name: 'secret', match: ['host="2"'], as: 'triage', restricted: true },
  ],
})
const guarding = (policy: Policy): Policy => ({ ...policy, definitions: [...secrets, ...policy.definitions] })
const isSecret = (alertId: string) => secretIds.has(alertId)
const secretIds = new Set(idsOn(['2']))

/** The same log, under policies that restrict. */
const guarded = (entry: FilterEntry): FilterEntry =>
  entry.kind === 'policy' ? { ...entry, policy: guarding(entry.policy) } : entry

/** As it would be if nothing secret had ever been sent, and nobody had restricted anything. */
function withoutSecrets(entry: FilterEntry): FilterEntry {
  if (entry.kind !== 'request') return entry
  // Each fold keeps what it is given.
  return { ...entry, events: structuredClone(entry.events.filter(({ labels }) => labels.host !== '2')) }
}

/** People leave what is restricted as it is; and where unreadable members stood among the others depends on the others. */
function untouched(entry: FilterEntry): FilterEntry {
  if (entry.kind === 'request') return { ...entry, unreadable: [] }
  if (entry.kind !== 'incident') return entry
  const { restricted: _, ...told } = entry
  return told
}

/** Everything that can be told, or asked, of what is public. */
function publicOf({ decisions, judgedAgain, effects, touched, findings }: Folded, filter: Filter) {
  const about = (all: Folded['decisions']) =>
    all.flatMap(({ index: _, ...rest }) => (rest.alertId === null || isSecret(rest.alertId) ? [] : [rest]))
  const isPublic = (incidentId: string) => numberOf(incidentId) !== null
  const numbers = Array.from({ length: 20 }, (_, index) => `INC-${1001 + index}`)
  return {
    decisions: about(decisions),
    judgedAgain: about(judgedAgain),
    effects: effects.filter(({ incidentId }) => isPublic(incidentId)),
    touched: [...touched].filter(isPublic).toSorted(),
    findings,
    alerts: structuredClone([...filter.alerts()].filter(({ id }) => !isSecret(id))),
    members: numbers.map((id) => filter.alertsOf(id).map((alert) => alert.id)),
    vitals: numbers.map((id) => filter.vitalsOf(id)),
    provisional: numbers.map((id) => filter.provisional(id)),
    next: filter.nextIncidentNumber(),
    storms: filter.storms(),
    silences: filter.silences(),
    windows: filter.windows(),
  }
}

const guardedFilter = () =>
  makeFilter({ policy: guarding(builtInPolicy), policyHash: '', filter: null, alerts: [], occurrences })

describe('laws of what is restricted', () => {
  it('RS8, RS9: what is public comes to the same, numbers and all, whatever is secret meanwhile', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const [house, alone] = [guardedFilter(), guardedFilter()]
        for (const entry of entriesOf(plan).map(guarded).map(untouched)) {
          const folded = house.fold(entry)
          const there = alone.fold(withoutSecrets(entry))
          expect(publicOf(folded, house)).toEqual(publicOf(there, alone))
          for (const effect of folded.effects)
            if (effect.type === 'open')
              expect([effect.incidentId, effect.restricted]).toEqual([
                effect.incidentId,
                numberOf(effect.incidentId) === null ? true : undefined,
              ])
        }
      }),
    )
  })

  it('RS8: nothing public is ever in an incident that is restricted by policy, nor the reverse, and nothing holds back across', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = guardedFilter()
        for (const entry of entriesOf(plan).map(guarded).map(untouched)) {
          filter.fold(entry)
          for (const { id, incidentId, inhibitedBy, shedBy, restricted } of filter.alerts()) {
            expect(restricted).toBe(isSecret(id) && restricted === true ? true : undefined)
            if (incidentId !== null) expect(numberOf(incidentId) === null).toBe(isSecret(id))
            if (inhibitedBy !== undefined) expect(isSecret(inhibitedBy.by)).toBe(isSecret(id))
            if (isSecret(id)) expect(shedBy).toBeUndefined()
          }
        }
      }),
    )
  })

  it('RS8: whatever people restrict, open again, merge and part, the alerts of one incident are all restricted, or none is', () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const filter = fresh()
        for (const entry of entriesOf(plan)) {
          const { effects } = filter.fold(entry)
          const ranks = new Map<string, boolean>()
          for (const { incidentId, restricted = false } of filter.alerts()) {
            if (incidentId === null) continue
            expect(ranks.get(incidentId) ?? restricted).toBe(restricted)
            ranks.set(incidentId, restricted)
          }
          for (const effect of effects)
            if (effect.type === 'open') {
              expect(effect.restricted === true).toBe(numberOf(effect.incidentId) === null)
              expect(ranks.get(effect.incidentId) ?? effect.restricted === true).toBe(effect.restricted === true)
            }
          if (entry.kind !== 'incident' || entry.restricted === undefined) continue
          expect(ranks.get(entry.incidentId) ?? entry.restricted).toBe(entry.restricted)
        }
      }),
      { numRuns: 200 },
    )
  })
})
