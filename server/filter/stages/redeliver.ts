import type { Stage } from '../stage.ts'
import { clock } from '../words.ts'

/**
 * Rule F12: what its sender delivers twice counts once. A sender that got no answer sends again under the same id, and so does
 * whoever plays a recorded request again; the second time nothing changes, whatever happened in between.
 */
export const redeliver: Stage = {
  name: 'redeliver',
  judge({ event, entry }, state) {
    if (event.deliveryId === undefined) return null
    const before = state.deliveries.note(entry.sourceId, event.deliveryId, entry.at)
    if (before === null) return null
    return { outcome: 'repeated', rule: 'delivered before', reason: `the same delivery came at ${clock(before)}` }
  },
}
