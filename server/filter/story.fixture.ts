import type { Alert } from '#shared/alert.ts'
import type { Event, Labels, Severity, Unreadable } from '#shared/event.ts'
import type { Phase } from '#shared/incident/state.ts'
import type { Matcher } from '#shared/matchers.ts'
import { builtInPolicy, type Policy } from '#shared/policy.ts'
import { makeFilter } from './index.ts'
import type { CheckpointCut, Filter, FilterEntry, Folded } from './port.ts'

/** 2026-01-01T00:00:00Z: when the stories of the tests begin. */
export const storyStart = Date.UTC(2026, 0, 1)

/** An event for a test: a firing, keyed one that began when it was received, unless said otherwise. */
export function eventOf(labels: Labels, said: Partial<Event> = {}): Event {
  const status = said.status ?? 'firing'
  return {
    kind: 'alert',
    status,
    dedupKey: Object.entries(labels).join(),
    family: 'keyed',
    severity: 'critical',
    severityRaw: 'critical',
    title: labels.alertname ?? 'untitled',
    description: '',
    startsAt: storyStart,
    endsAt: null,
    expiresAt: null,
    service: null,
    labels,
    annotations: {},
    links: [],
    groupKey: null,
    ...said,
  }
}

/** Tells a filter a story, step by step, at instants in minutes after `storyStart`. For tests. */
export class Story {
  filter: Filter
  #pos = 0

  constructor(policy: Policy = builtInPolicy) {
    this.filter = makeFilter({ policy, policyHash: 'story', filter: null, alerts: [] })
  }

  fold(entry: FilterEntry): Folded {
    return this.filter.fold(entry)
  }

  send(
    minute: number,
    events: readonly Event[],
    more: { unreadable?: readonly Unreadable[]; scope?: string; defaultSeverity?: Severity } = {},
  ): Folded {
    const { unreadable = [], scope = 'scope', defaultSeverity = null } = more
    return this.fold({
      kind: 'request',
      pos: ++this.#pos,
      at: at(minute),
      sourceId: 's1',
      keyScope: scope,
      defaultSeverity,
      events,
      unreadable,
    })
  }

  /** A keyed condition starts or goes on. */
  fire(minute: number, labels: Labels, said: Partial<Event> = {}): Folded {
    return this.send(minute, [eventOf(labels, { startsAt: at(minute), ...said })])
  }

  resolve(minute: number, labels: Labels, said: Partial<Event> = {}): Folded {
    return this.send(minute, [
      eventOf(labels, { status: 'resolved', startsAt: at(minute), endsAt: at(minute), ...said }),
    ])
  }

  tick(minute: number, sparing = false): Folded {
    return this.fold({ kind: 'tick', pos: ++this.#pos, at: at(minute), sparing })
  }

  /** Silences as they are from now on; `from` and `to` in minutes. */
  silence(minute: number, ...all: { id: string; matchers: readonly Matcher[]; from: number; to: number }[]): Folded {
    const silences = all.map(({ id, matchers, from, to }) => ({ id, matchers, startsAt: at(from), endsAt: at(to) }))
    return this.fold({ kind: 'silence', pos: ++this.#pos, at: at(minute), silences })
  }

  phase(minute: number, incidentId: string, phase: Phase, declared = false): Folded {
    return this.fold({ kind: 'incident', pos: ++this.#pos, at: at(minute), incidentId, phase, declared })
  }

  policy(minute: number, policy: Policy): Folded {
    return this.fold({ kind: 'policy', pos: ++this.#pos, at: at(minute), hash: 'next', policy })
  }

  /** The alerts changed since the last call, as a checkpoint gets them. */
  changed(): ReturnType<CheckpointCut['next']> {
    return this.filter.beginCheckpoint().next(Number.POSITIVE_INFINITY)
  }

  /** The one alert of this title. */
  alert(title: string): Alert {
    const found = this.changed().find(({ alert }) => alert.title === title)
    if (found === undefined) throw new TypeError(`nothing changed about an alert "${title}"`)
    const live = this.filter.alert(found.alert.id)
    if (live === undefined) throw new TypeError(`the alert "${title}" is forgotten`)
    return live
  }
}

/** Epoch ms of a minute of a story. */
export function at(minute: number): number {
  return storyStart + Math.round(minute * 60_000)
}

/** Outcomes of a fold in the order of its decisions, for short assertions. */
export function outcomesOf({ decisions }: Folded): string[] {
  return decisions.map(({ outcome, rule, incidentId }) => `${outcome} ${incidentId ?? '-'} ${rule}`)
}

/** Effects of a fold, for short assertions: type, incident, number of alerts. */
export function effectsOf({ effects }: Folded): string[] {
  return effects.map(
    (effect) => `${effect.type} ${effect.incidentId} ${'alerts' in effect ? effect.alerts.length : effect.title}`,
  )
}
