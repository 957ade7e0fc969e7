import type { Alert } from '#shared/alert.ts'
import { drillPrefix, isOfDrill } from '#shared/drill.ts'
import { type Policy, type PolicyInput, policySchema } from '#shared/policy.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { FilterState, SavedState } from './memory/state.ts'
import type { CheckpointCut, Filter, FilterEntry, FilterSeed, Folded } from './port.ts'

/** Services, and the teams they name, that only an exercise knows: as a policy file says it. JSON. */
export type DrillCatalogue = Pick<PolicyInput, 'services' | 'teams'>

/** A whole filter room that knows nothing of the other. */
export interface Part {
  state: FilterState
  filter: Omit<Filter, 'drillAlerts'>
}

/** The state of the real part, as it was before there were exercises, with that of the exercises beside it. */
interface SavedParts extends SavedState {
  /** Absent in checkpoints from before there were exercises. */
  drill?: { catalogue: DrillCatalogue | null; state: SavedState }
}

/** Whether an entry is of an exercise alone. Ticks and policies concern both parts. */
export function isDrillEntry(entry: FilterEntry): boolean {
  switch (entry.kind) {
    case 'request':
    case 'source':
      return isOfDrill(entry.sourceId)
    case 'incident':
      return entry.drill === true
    case 'drill':
      return true
    default:
      return false
  }
}

/**
 * Two filter rooms, one for what is real and one for exercises, that share the numbers of their incidents and nothing else.
 * Rule DR1: what is real comes to the same, save those numbers, whatever is exercised meanwhile. Silences of people and
 * maintenance windows are of what is real; else the policy is that of the house for both, with the services of the exercise put into the other.
 */
export function makePartitioned(seed: FilterSeed, makePart: (seed: FilterSeed) => Part): Filter {
  const saved = (seed.filter ?? null) as SavedParts | null
  let { policy } = seed
  let catalogue = saved?.drill?.catalogue ?? null
  const alertsOf = (ofDrill: boolean) => seed.alerts.filter(({ key }) => isOfDrill(key) === ofDrill)
  const real = makePart({ ...seed, alerts: alertsOf(false) })
  const drill = makePart({
    ...seed,
    policy: policyWith(policy, catalogue),
    filter: saved?.drill?.state ?? null,
    alerts: alertsOf(true),
  })

  const nextNumber = () => Math.max(real.state.nextNumber, drill.state.nextNumber)
  function on(part: Part, entry: FilterEntry): Folded {
    part.state.nextNumber = nextNumber()
    return part.filter.fold(entry)
  }
  const asDrill = (folded: Folded): Folded => ({
    ...folded,
    effects: folded.effects.map((effect) => (effect.type === 'open' ? { ...effect, drill: true as const } : effect)),
  })
  const onDrill = (entry: FilterEntry) => asDrill(on(drill, entry))
  const onBoth = (entry: FilterEntry, ofDrill = entry) => together(on(real, entry), onDrill(ofDrill))
  const exercised = ({ pos, at }: Pick<FilterEntry, 'pos' | 'at'>): FilterEntry => {
    return { kind: 'policy', pos, at, hash: '', policy: policyWith(policy, catalogue) }
  }

  function begin({ pos, at }: Pick<FilterEntry, 'pos' | 'at'>, silences: readonly SilenceSpan[]): Folded {
    return together(onDrill(exercised({ pos, at })), onDrill({ kind: 'silence', pos, at, silences }))
  }

  /** Rule DR2: when an exercise is over, whatever still fires of it ends, held back or not. */
  function end({ pos, at }: Pick<FilterEntry, 'pos' | 'at'>): Folded {
    for (const tracked of drill.state.byId.values())
      if (tracked.alert.status === 'firing') drill.state.endNow(tracked, at)
    const ended = onDrill({ kind: 'tick', pos, at })
    catalogue = null
    const silences = drill.filter.silences().map(({ startsAt, endsAt, ...span }) => ({
      ...span,
      startsAt: Math.min(startsAt, at),
      endsAt: Math.min(endsAt, at),
    }))
    return together(ended, together(onDrill(exercised({ pos, at })), onDrill({ kind: 'silence', pos, at, silences })))
  }

  const ofAlert = (id: string): Part => (drill.state.byId.has(id) ? drill : real)
  const ofIncident = (id: string): Part => (drill.state.groups.byId.has(id) ? drill : real)
  const ofSource = (id: string): Part => (isOfDrill(id) ? drill : real)
  return {
    ...real.filter,
    fold(entry) {
      switch (entry.kind) {
        case 'tick':
          return onBoth(entry)
        case 'policy':
          policy = entry.policy
          return onBoth(entry, exercised(entry))
        case 'drill':
          if (entry.catalogue === null) return end(entry)
          catalogue = entry.catalogue
          return begin(entry, entry.silences ?? [])
        case 'request':
          return isDrillEntry(entry) ? onDrill(apart(entry)) : on(real, entry)
        default:
          return isDrillEntry(entry) ? onDrill(entry) : on(real, entry)
      }
    },
    nextDueAt: () => earlier(real.filter.nextDueAt(), drill.filter.nextDueAt()),
    nextSilenceAt: () => earlier(real.filter.nextSilenceAt(), drill.filter.nextSilenceAt()),
    alert: (id) => ofAlert(id).filter.alert(id),
    drillAlerts: drill.filter.alerts,
    alertsOf: (incidentId) => ofIncident(incidentId).filter.alertsOf(incidentId),
    vitalsOf: (incidentId) => ofIncident(incidentId).filter.vitalsOf(incidentId),
    provisional: (incidentId) => ofIncident(incidentId).filter.provisional(incidentId),
    watches: {
      silentSince: (sourceId) => ofSource(sourceId).filter.watches.silentSince(sourceId),
      expectedBy: (sourceId) => ofSource(sourceId).filter.watches.expectedBy(sourceId),
      of: (sourceId) => ofSource(sourceId).filter.watches.of(sourceId),
    },
    nextIncidentNumber: nextNumber,
    beginCheckpoint() {
      real.state.nextNumber = drill.state.nextNumber = nextNumber()
      const [cut, drillCut] = [real.filter.beginCheckpoint(), drill.filter.beginCheckpoint()]
      const filter = { ...(cut.filter as SavedState), drill: { catalogue, state: drillCut.filter as SavedState } }
      return { filter, ...inTurn(cut, drillCut) }
    },
  }
}

/** The policy of the house for an exercise, with these services in place of its own of the same names. */
function policyWith(house: Policy, catalogue: DrillCatalogue | null): Policy {
  const policy = { ...house, filters: { ...house.filters, maintenance: [] } }
  if (catalogue === null) return policy
  const teams = new Set(policy.teams.map(({ id }) => id))
  const services = policySchema.parse(catalogue).services.map(({ team, ...service }) =>
    // A team that the house does not have could be offered nothing.
    team !== undefined && teams.has(team) ? { ...service, team } : service,
  )
  const exercised = new Set(services.map(({ id }) => id))
  return { ...policy, services: [...services, ...policy.services.filter(({ id }) => !exercised.has(id))] }
}

/** Keys of its alerts are its own, whatever group its source is in. */
function apart(entry: Extract<FilterEntry, { kind: 'request' }>): FilterEntry {
  const { keyScope } = entry
  return isOfDrill(keyScope) ? entry : { ...entry, keyScope: `${drillPrefix}${keyScope}` }
}

function together(first: Folded, second: Folded): Folded {
  const judged = first.judgedAgain.length
  return {
    counts: first.counts,
    decisions: first.decisions,
    judgedAgain: [
      ...first.judgedAgain,
      ...second.judgedAgain.map((decision) => ({ ...decision, index: decision.index + judged })),
    ],
    effects: [...first.effects, ...second.effects],
    touched: second.touched.size === 0 ? first.touched : new Set([...first.touched, ...second.touched]),
    findings: [...first.findings, ...second.findings],
  }
}

/** Slices of one cut, then of the other. */
function inTurn(first: CheckpointCut, second: CheckpointCut): Pick<CheckpointCut, 'next' | 'abandon'> {
  let isFirstDone = false
  return {
    next(limit) {
      const rows: { alert: Alert; live: boolean }[] = isFirstDone ? [] : first.next(limit)
      if (rows.length === limit) return rows
      isFirstDone = true
      return [...rows, ...second.next(limit - rows.length)]
    },
    abandon() {
      first.abandon()
      second.abandon()
    },
  }
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}
