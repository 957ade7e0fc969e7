import { isAboutStorm } from '../memory/storms.ts'
import { holdBack, type Stage } from '../stage.ts'
import { clock } from '../words.ts'

/**
 * More new alerts of one source than anybody can read (`Storms`): the first of each kind passes, the others are counted in one
 * alert about the storm, and judged again when it is over. Nothing is shed unless the policy asks for it.
 */
export const shed: Stage = {
  name: 'shed',
  judge(at, state) {
    const { tracked, entry } = at
    const isNew = !at.again && (at.refired || tracked?.alert.events === 1)
    const { storms } = state.holding
    if (tracked === null || !storms.any || at.restricted || isAboutStorm(tracked.alert)) return null
    // With another severity it is judged again, and is still one of the storm.
    const storm = isNew ? storms.comes(tracked, entry.at) : storms.of(tracked.alert)
    if (storm === null) return null
    tracked.alert.shedBy = storm.rule
    holdBack(at, tracked, state, 'shed')
    const reason = `one of a storm since ${clock(storm.since)}, and not the first of its kind; counted there, and judged again when it is over, by rule '${storm.rule}'`
    return { outcome: 'shed', rule: storm.rule, reason }
  },
}
