import type { Event, Labels } from '#shared/event.ts'
import { type PolicyInput, policySchema } from '#shared/policy.ts'
import { makeFilter } from '../index.ts'
import type { FilterEntry, IncidentTold } from '../port.ts'
import { at, eventOf } from '../story.fixture.ts'
import { type RecordedPlace, Trial, type TrialParts, type TrialPolicy } from './index.ts'

/** A policy for a story, and what it would be called. */
export function policyOf(hash: string, said: PolicyInput): TrialPolicy {
  return { hash, policy: policySchema.parse(said) }
}

export function partsOf(before: TrialPolicy, candidate: TrialPolicy, from: number): TrialParts {
  return {
    makeFilter: ({ policy, hash }) => makeFilter({ policy, policyHash: hash, filter: null, alerts: [] }),
    ...{ before, candidate, from },
    requestOf: (finding, pos) => {
      const name = 'storm' in finding ? finding.storm.rule : finding.watch.name
      const isOver = 'storm' in finding && finding.what === 'over'
      const event = eventOf(
        { alertname: 'AlertStorm', rule: name },
        { dedupKey: `storm ${name}`, startsAt: finding.since ?? finding.at, groupKey: name },
      )
      const events = [isOver ? { ...event, status: 'resolved' as const, endsAt: finding.at } : event]
      return requestOf(pos, finding.at, events, finding.sourceId)
    },
    isStorm: (entry) => entry.kind === 'request' && entry.events[0]?.labels.alertname === 'AlertStorm',
    sourceName: (id) => `source ${id}`,
  }
}

export function trialOf(before: TrialPolicy, candidate: TrialPolicy, from: number): Trial {
  return new Trial(partsOf(before, candidate, from))
}

type RequestEntry = Extract<FilterEntry, { kind: 'request' }>
function requestOf(pos: number, at: number, events: readonly Event[], keyScope = 's1'): RequestEntry {
  const unsaid = { defaultSeverity: null, unreadable: [] }
  return { kind: 'request', pos, at, sourceId: 's1', keyScope, events, ...unsaid }
}

/** A record that is written by a live filter, and folded by a trial at the same time. Instants in minutes. */
export class Recording {
  readonly #live
  readonly #trial: Trial
  #pos = 0

  constructor(before: TrialPolicy, candidate: TrialPolicy, from = 0) {
    const { policy, hash } = before
    this.#live = makeFilter({ policy, policyHash: hash, filter: null, alerts: [] })
    this.#trial = trialOf(before, candidate, at(from))
  }

  fold(entry: FilterEntry): void {
    const { decisions, judgedAgain } = this.#live.fold(entry)
    const places = [...decisions, ...judgedAgain].flatMap(({ alertId, incidentId }): RecordedPlace[] =>
      alertId === null || incidentId === null ? [] : [{ alertId, incidentId }],
    )
    this.#trial.fold(entry, places)
  }

  fire(minute: number, labels: Labels, said: Partial<Event> = {}, sourceId = 's1'): void {
    const entry = requestOf(++this.#pos, at(minute), [eventOf(labels, { startsAt: at(minute), ...said })], sourceId)
    this.fold({ ...entry, sourceId })
  }

  told(minute: number, what: IncidentTold): void {
    this.fold({ kind: 'incident', pos: ++this.#pos, at: at(minute), ...what })
  }

  /** On record. */
  alertsOf(incidentId: string): string[] {
    return this.#live.alertsOf(incidentId).map(({ id }) => id)
  }

  titleOf(alertId: string): string | undefined {
    return this.#live.alert(alertId)?.title
  }

  resolve(minute: number, labels: Labels): void {
    const said = { status: 'resolved', startsAt: at(minute), endsAt: at(minute) } as const
    this.fold(requestOf(++this.#pos, at(minute), [eventOf(labels, said)]))
  }

  phase(minute: number, incidentId: string, phase: 'resolved' | 'investigating' | 'dismissed', declared = false): void {
    this.fold({ kind: 'incident', pos: ++this.#pos, at: at(minute), incidentId, phase, declared })
  }

  result(minute: number, peopleDid: (id: string) => readonly string[] = () => []) {
    return this.#trial.result(at(minute), peopleDid)
  }
}
