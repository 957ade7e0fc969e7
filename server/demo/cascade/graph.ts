import type { PolicyInput } from '#shared/policy.ts'
import type { Door } from '../troubles.ts'

/** What a service is made of; it decides which alerts its troubles fire. */
export type ServiceKind = 'edge' | 'api' | 'worker' | 'database' | 'cache' | 'queue' | 'external'

export interface GraphService {
  id: string
  team: string
  tier: 1 | 2 | 3
  kind: ServiceKind
  /** Ids of the services it cannot do without. */
  dependsOn: readonly string[]
  replicas: number
  /** How its alerts reach us. Absent: from Prometheus. */
  door?: Door
}

/** One running copy of a service. */
export interface Instance {
  service: string
  /** Pod in Kubernetes, else the host itself. */
  name: string
  host: string
  zone: string
  address: string
}

/** What there is and what leans on what: a house in which things go wrong. */
export interface Graph {
  name: string
  cluster: string
  /** In Kubernetes alerts name a namespace, which is the service; on plain hosts a role, which is the service. */
  layout: 'kubernetes' | 'hosts'
  zones: readonly string[]
  services: readonly GraphService[]
  hosts: readonly { name: string; zone: string }[]
  instances: readonly Instance[]
}

/** @throws RangeError for a service or zone that is not there: the graph is data, and wrong data must not play on */
export function graphOf(
  plan: Pick<Graph, 'name' | 'cluster' | 'layout' | 'zones' | 'services'> & { nodes: number },
): Graph {
  const { name, cluster, layout, zones, services } = plan
  const known = new Set(services.map(({ id }) => id))
  for (const { id, dependsOn } of services)
    for (const needed of dependsOn)
      if (!known.has(needed)) throw new RangeError(`${id} depends on ${needed}, which ${name} does not have`)
  const zoneAt = (place: number): string => {
    const zone = zones[place % zones.length]
    if (zone === undefined) throw new RangeError(`${name} has no zones`)
    return zone
  }
  const hosts: { name: string; zone: string }[] = []
  const instances: Instance[] = []
  for (let node = 0; node < (layout === 'kubernetes' ? plan.nodes : 0); node++)
    hosts.push({ name: `node-${String(node + 1).padStart(2, '0')}`, zone: zoneAt(node) })
  services.forEach((service, place) => {
    for (let copy = 0; copy < service.replicas; copy++) {
      if (layout === 'hosts') {
        const zone = zoneAt(place + copy)
        const host = `${service.id}-${String(copy + 1).padStart(3, '0')}.${zone}.${name}.example`
        hosts.push({ name: host, zone })
        instances.push({ service: service.id, name: host, host, zone, address: host })
        continue
      }
      const host = hosts[(place * 5 + copy) % hosts.length]
      if (host === undefined) throw new RangeError(`${name} has no nodes`)
      const suffix = ((place * 7919 + copy * 104_729) % 46_656).toString(36).padStart(5, 'x')
      instances.push({
        service: service.id,
        name: `${service.id}-${suffix}`,
        host: host.name,
        zone: host.zone,
        address: `10.${place}.${copy}.17:8080`,
      })
    }
  })
  return { name, cluster, layout, zones, services, hosts, instances }
}

/** @throws RangeError when there is no such service */
export function serviceIn(graph: Graph, id: string): GraphService {
  const found = graph.services.find((service) => service.id === id)
  if (found === undefined) throw new RangeError(`${graph.name} has no service ${id}`)
  return found
}

/** Services that cannot do without this one. */
export function dependentsOf(graph: Graph, id: string): GraphService[] {
  return graph.services.filter(({ dependsOn }) => dependsOn.includes(id))
}

/** This service, and all that lean on it, by however many steps. */
export function blastOf(graph: Graph, id: string): Set<string> {
  const reached = new Set([id])
  for (const at of reached) for (const { id: next } of dependentsOf(graph, at)) reached.add(next)
  return reached
}

/** The services and teams of a graph as a house writes them into its policy; everything else is the built-in policy. */
export function policyOf(graph: Graph): Pick<PolicyInput, 'services' | 'teams'> {
  const label = graph.layout === 'kubernetes' ? 'namespace' : 'role'
  return {
    teams: [...new Set(graph.services.map(({ team }) => team))].map((id) => ({ id })),
    services: graph.services.map(({ id, team, tier, door, dependsOn }) => ({
      id,
      team,
      tier,
      depends_on: [...dependsOn],
      // What comes by PagerDuty names its service itself.
      ...(door === 'pagerduty' ? {} : { match: [`${label}="${id}"`] }),
    })),
  }
}
