import type { ServiceView } from '#shared/catalogue.ts'

type Node = Pick<ServiceView, 'id' | 'dependsOn' | 'dependants'>

/** Services a step apart, side by side: what needs this one on the left, what it needs on the right. */
export interface Neighbourhood {
  /** From −depth to +depth; columns without services are left out. */
  columns: { level: number; ids: string[]; more: number }[]
  /** Needs between neighbouring columns, by place within them. */
  lines: { fromLevel: number; from: number; to: number }[]
  /** Needs among those shown that no line says. */
  besides: { from: string; to: string }[]
}

/**
 * What is around a service, up to `depth` steps both ways. Each service stands once, at its shortest way; what it needs
 * goes before what needs it.
 * @param most longest column; of more only the number is told
 */
export function neighbourhood(
  services: ReadonlyMap<string, Node>,
  centre: string,
  { depth, most }: { depth: number; most: number },
): Neighbourhood {
  const levels = new Map([[centre, 0]])
  for (const [side, next] of [
    [1, (node: Node) => node.dependsOn],
    [-1, (node: Node) => node.dependants],
  ] as const) {
    let edge = [centre]
    for (let step = 1; step <= depth; step++) {
      const found: string[] = []
      for (const id of edge)
        for (const other of next(services.get(id) ?? nothing))
          if (!levels.has(other) && services.has(other)) {
            levels.set(other, side * step)
            found.push(other)
          }
      edge = found
    }
  }
  const columns: Neighbourhood['columns'] = []
  for (let level = -depth; level <= depth; level++) {
    const ids = [...levels].flatMap(([id, at]) => (at === level ? id : []))
    if (ids.length > 0) columns.push({ level, ids: ids.slice(0, most), more: Math.max(0, ids.length - most) })
  }
  const place = new Map(columns.flatMap(({ level, ids }) => ids.map((id, at) => [id, { level, at }] as const)))
  const lines: Neighbourhood['lines'] = []
  const besides: Neighbourhood['besides'] = []
  for (const [id, from] of place)
    for (const needed of services.get(id)?.dependsOn ?? []) {
      const to = place.get(needed)
      if (to === undefined) continue
      if (to.level === from.level + 1) lines.push({ fromLevel: from.level, from: from.at, to: to.at })
      else besides.push({ from: id, to: needed })
    }
  return { columns, lines, besides }
}

const nothing: Node = { id: '', dependsOn: [], dependants: [] }

/**
 * The shortest way from a service along its needs back to itself.
 * @returns the services on it, beginning with this one; null where there is none
 */
export function circleOf(services: ReadonlyMap<string, Node>, id: string): string[] | null {
  const cameFrom = new Map<string, string>()
  const edge = [id]
  for (const at of edge)
    for (const needed of services.get(at)?.dependsOn ?? []) {
      if (needed === id) {
        const way = [at]
        for (let back = at; back !== id; ) {
          back = cameFrom.get(back) ?? id
          way.unshift(back)
        }
        return way
      }
      if (!cameFrom.has(needed) && services.has(needed)) {
        cameFrom.set(needed, at)
        edge.push(needed)
      }
    }
  return null
}

/** How many stand or fall with a service, directly or not: itself not counted. */
export function reach(services: ReadonlyMap<string, Node>, id: string, way: 'dependsOn' | 'dependants'): number {
  const seen = new Set([id])
  // A set that grows while it is walked is walked to its end.
  for (const at of seen) for (const other of services.get(at)?.[way] ?? []) if (services.has(other)) seen.add(other)
  return seen.size - 1
}
