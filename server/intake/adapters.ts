import type { Adapter, DoorName, SourceKind } from './port.ts'
import { alertmanager } from './sources/alertmanager.ts'
import { pagerduty } from './sources/pagerduty.ts'
import { prometheus } from './sources/prometheus.ts'

/** Every kind of source. A new one is a file in `sources` and a line here. */
export const sourceKinds: readonly SourceKind[] = [prometheus, alertmanager, pagerduty]

const adapters = new Map<string, Adapter>(
  sourceKinds.flatMap(({ adapters }) => adapters.map((adapter) => [adapter.id, adapter])),
)

/** By the id that stands in the log. */
export function adapterById(id: string): Adapter | undefined {
  return adapters.get(id)
}

/** How requests of this kind of source are read at this door; undefined when it has no business there. */
export function adapterFor(kind: string, door: DoorName): Adapter | undefined {
  return adapters.get(`${kind}/${door}`)
}

export function sourceKind(kind: string): SourceKind | undefined {
  return sourceKinds.find((known) => known.kind === kind)
}
