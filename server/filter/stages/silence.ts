import { labelMention } from '#shared/outcome.ts'
import type { FilterState, Tracked } from '../memory/state.ts'
import type { Stage, Verdict } from '../stage.ts'
import { clock } from '../words.ts'

/**
 * What somebody does not want to hear of now. A new alert that a silence matches, or one that fires again, is held back:
 * no incident is told of it. What an incident was told of before stays there, with a mark. Rule Q6: whatever is held back
 * is judged again when no silence holds it any more, from this stage on.
 */
export const silence: Stage = {
  name: 'silence',
  judge(at, state) {
    const { tracked, event, entry } = at
    if (tracked === null) return null
    const { alert, group } = tracked
    const refired = at.refired || (alert.heldBack?.refired ?? false)
    if (state.silences.any) {
      alert.service = state.services.of(event).id
      state.mark(tracked)
    }
    if (alert.silencedBy === undefined) {
      at.refired = refired
      state.letGo(tracked)
      return null
    }
    // Its incident would not take it back any more, so it waits for none.
    if (group !== null && !group.open && entry.at > group.reopenUntil) state.release(tracked)
    state.holdBack(tracked, { service: event.service, groupKey: event.groupKey, refired })
    return held(tracked, alert.silencedBy, state)
  },
}

function held({ alert }: Tracked, ids: readonly string[], state: FilterState): Verdict {
  const { id, endsAt, matchers } = state.silences.longest(ids)
  const labels = matchers.map(({ name }) => labelMention(name)).join(', ')
  const others = ids.length === 1 ? '' : ` and ${ids.length - 1} more`
  const again = alert.refires > 0 ? 'fires again, ' : ''
  return {
    outcome: 'silenced',
    rule: id,
    reason: `${again}silenced until ${clock(endsAt)} by silence ${id}${others}, which matched ${labels}`,
  }
}
