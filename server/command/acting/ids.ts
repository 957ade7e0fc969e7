import { createHash } from 'node:crypto'
import { restrictedIncidentId } from '#shared/incident/ids.ts'
import type { Core } from '../core.ts'

/**
 * The id of an incident that people make: the next number; or, where it is restricted from its first moment, one that nobody
 * can foresee, and the next number stays the next (rule RS9).
 */
export function freshId(core: Core, restricted: boolean): string {
  const { world, parts } = core
  if (!restricted) return `INC-${world.filter.nextIncidentNumber()}`
  for (;;) {
    const id = restrictedIncidentId(createHash('sha256').update(parts.newId()).digest('hex'))
    if (!world.incidents.has(id)) return id
  }
}
