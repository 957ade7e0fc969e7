import { labelMention } from '#shared/outcome.ts'
import { maintenanceNameOf } from '#shared/silence.ts'
import type { FilterState, Tracked } from '../memory/state.ts'
import { holdBack, type Stage, type Verdict } from '../stage.ts'
import { clock } from '../words.ts'

/**
 * What somebody does not want to hear of now. A new alert that a silence matches, or one that fires again, is held back:
 * no incident is told of it. What an incident was told of before stays there, with a mark. Rule Q6: whatever is held back
 * is judged again when nothing holds it any more, from this stage on.
 */
export const silence: Stage = {
  name: 'silence',
  judge(at, state) {
    const { tracked, event } = at
    if (tracked === null) return null
    const { alert } = tracked
    at.refired ||= alert.heldBack?.refired ?? false
    if (state.holding.any) {
      alert.service = state.services.of(event).id
      state.holding.mark(tracked)
    }
    if (alert.silencedBy === undefined) {
      state.holding.letGo(tracked)
      return null
    }
    holdBack(at, tracked, state)
    return held(tracked, alert.silencedBy, state)
  },
}

function held({ alert }: Tracked, ids: readonly string[], state: FilterState): Verdict {
  const { id, endsAt, matchers } = state.holding.silences.longest(ids)
  const labels = matchers.map(({ name }) => labelMention(name)).join(', ')
  const others = ids.length === 1 ? '' : ` and ${ids.length - 1} more`
  const again = alert.refires > 0 ? 'fires again, ' : ''
  const window = maintenanceNameOf(id)
  const by = window === null ? `silence ${id}` : `maintenance window '${window}' of the policy`
  return {
    outcome: 'silenced',
    rule: window ?? id,
    reason: `${again}silenced until ${clock(endsAt)} by ${by}${others}, which matched ${labels}`,
  }
}
