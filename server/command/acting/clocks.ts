import { hasRunningClock } from '#shared/incident/legal-clocks.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Intention, Reader } from '../../store/port.ts'

/** Settings that name the incidents of which a legal clock runs. */
const kind = 'clock'

/**
 * Notes with the facts which incidents have a clock that runs, in the same transaction. Rule CK8: a start finds them however long
 * ago they ended, so that what is due a month after it is noted too.
 * @param after every incident of these facts, as it is right after them
 */
export function withClocks(intention: Intention, after: ReadonlyMap<string, Incident>): Intention {
  const changed = new Set(
    (intention.facts ?? []).filter(({ type }) => type.startsWith('clock-')).map(({ incidentId }) => incidentId),
  )
  if (changed.size === 0) return intention
  const rows = (runs: boolean) =>
    [...changed].flatMap((id) => {
      const incident = after.get(id)
      return incident !== undefined && hasRunningClock(incident) === runs ? [{ kind, id }] : []
    })
  return {
    ...intention,
    put: [...(intention.put ?? []), ...rows(true).map((row) => ({ ...row, doc: {} }))],
    remove: [...(intention.remove ?? []), ...rows(false)],
  }
}

export async function withRunningClocks(read: Reader): Promise<string[]> {
  return (await read.settings(kind)).map(({ id }) => id)
}
