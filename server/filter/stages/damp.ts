import { holdBack, type Stage } from '../stage.ts'
import { clock } from '../words.ts'

/**
 * Alerts that fire and end over and over (`Damping`). One that flaps is held back, and judged again when it has calmed down and
 * still fires. Nothing is damped unless the policy asks for it: an alert that fires again goes back to its incident anyway, and
 * to hold back what fires without anybody having wanted it would hide the very trouble that comes and goes.
 */
export const damp: Stage = {
  name: 'damp',
  judge(at, state) {
    const { tracked } = at
    const flaps = tracked?.alert.flaps
    if (tracked === null || flaps?.until === undefined) return null
    holdBack(at, tracked, state, 'damped')
    const times = tracked.alert.refires === 1 ? 'once' : `${tracked.alert.refires} times`
    const reason = `fired again ${times}; held back until ${clock(flaps.until)} at the earliest, and later if it goes on, by rule '${flaps.rule}'`
    return { outcome: 'damped', rule: flaps.rule, reason }
  },
}
