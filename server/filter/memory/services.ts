import type { Event, Labels } from '#shared/event.ts'
import { compileMatcher } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'
import { byLabels, FirstMatch } from '../lookup/first-match.ts'

type Service = Policy['services'][number]

/** Finds the service an alert belongs to: the first of the policy that matches, in the order of the file. */
export class ServiceFinder {
  /** A service without matchers is asked for by name. */
  readonly #first: FirstMatch<Service>
  readonly #known: ReadonlyMap<string, Service>

  constructor({ services }: Policy) {
    const matchersOf = ({ id, match }: Service) => match ?? [compileMatcher({ name: 'service', op: '=', value: id })]
    this.#first = new FirstMatch(services, matchersOf, byLabels)
    this.#known = new Map(services.map((service) => [service.id, service]))
  }

  /** @returns null when no service of the policy has such labels */
  find(labels: Labels): Service | null {
    return this.#first.find(labels) ?? null
  }

  /** The service of an event: the one found by policy, else the one that the sender names. Its team by policy. */
  of({ labels, service: named }: Pick<Event, 'labels' | 'service'>): { id: string | null; team: string | null } {
    const said = named ?? (Object.hasOwn(labels, 'service') ? (labels.service ?? null) : null)
    const service = this.find(labels) ?? (said === null ? null : this.byId(said))
    return { id: service?.id ?? said, team: service?.team ?? null }
  }

  byId(id: string): Service | null {
    return this.#known.get(id) ?? null
  }
}
