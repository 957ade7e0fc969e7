import type { Event, Labels } from '#shared/event.ts'
import { labelOf, matchesAll } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'

type Service = Policy['services'][number]

/** Finds the service an alert belongs to: the first of the policy that matches, in the order of the file. */
export class ServiceFinder {
  /** Services without matchers, by id; with matchers, in order. Positions are those in the file. */
  readonly #byId = new Map<string, { service: Service; position: number }>()
  readonly #matching: { service: Service; position: number }[] = []
  readonly #known = new Map<string, Service>()

  constructor(policy: Policy) {
    policy.services.forEach((service, position) => {
      this.#known.set(service.id, service)
      if (service.match === undefined) this.#byId.set(service.id, { service, position })
      else this.#matching.push({ service, position })
    })
  }

  /** @returns null when no service of the policy has such labels */
  find(labels: Labels): Service | null {
    const named = this.#byId.get(labelOf(labels, 'service'))
    for (const { service, position } of this.#matching) {
      if (named !== undefined && named.position < position) break
      if (matchesAll(service.match ?? [], labels)) return service
    }
    return named?.service ?? null
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
