import { labelMention } from '#shared/outcome.ts'
import { holdBack, type Stage } from '../stage.ts'

/**
 * Effects of a cause that fires: a new alert on the target side of a rule, or one that fires again, is held back while another
 * on its source side fires (`Inhibitions`). What an incident was told of before stays there, with a mark. Rule I4: when the last
 * cause ends, by its sender's word or by silence, what still fires is judged again at once.
 */
export const inhibit: Stage = {
  name: 'inhibit',
  judge(at, state) {
    const { tracked } = at
    const inhibition = tracked?.alert.inhibitedBy
    if (tracked === null || inhibition === undefined) return null
    holdBack(at, tracked, state, 'inhibited')
    const { rule, by } = inhibition
    const said = state.holding.inhibitions.rule(rule)
    const labels = (said?.equal ?? []).map(labelMention).join(', ')
    const cause = said?.hops === undefined ? null : (state.byId.get(by)?.alert.service ?? null)
    const along = cause === null ? '' : `, because ${labelMention('service')} depends on ${cause}`
    const same = `${labels === '' ? '' : `, with the same ${labels}`}${along}`
    const again = tracked.alert.refires > 0 ? 'fires again, ' : ''
    return { outcome: 'inhibited', rule, reason: `${again}held back while alert ${by} fires${same}, by rule '${rule}'` }
  },
}
