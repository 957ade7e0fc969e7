import type { Alert } from '#shared/alert.ts'
import type { Sight } from '#shared/incident/restricted.ts'
import { maintenanceNameOf } from '#shared/silence.ts'
import type { Filter } from '../../filter/port.ts'

/** A stage and the rule of it. */
export interface RuleName {
  stage: string
  rule: string
}

/** What holds firing alerts back now. */
export interface HeldNow {
  silenced: number
  inhibited: number
  damped: number
  shed: number
  /** Stage → rule → alerts. */
  byRule: Map<string, Map<string, { holds: number; marks: number }>>
}

/** The rules that hold a firing alert back, or would, were it not in an incident already. */
export function rulesOver({ status, silencedBy, inhibitedBy, flaps, shedBy }: Alert): RuleName[] {
  if (status !== 'firing') return []
  const rules: RuleName[] = []
  for (const rule of silencedBy ?? []) rules.push({ stage: 'silence', rule: maintenanceNameOf(rule) ?? rule })
  if (inhibitedBy !== undefined) rules.push({ stage: 'inhibit', rule: inhibitedBy.rule })
  if (flaps?.until !== undefined) rules.push({ stage: 'damp', rule: flaps.rule })
  if (shedBy !== undefined) rules.push({ stage: 'shed', rule: shedBy })
  return rules
}

/**
 * Looks at every alert. Nearly all have no mark, and cost next to nothing. What is held back is counted whoever may see it
 * (rule RS7); what only would be is in an incident, and counts where that one is seen.
 */
export function heldNow(filter: Pick<Filter, 'alerts'>, sight: Pick<Sight, 'alert'>): HeldNow {
  const now: HeldNow = { silenced: 0, inhibited: 0, damped: 0, shed: 0, byRule: new Map() }
  for (const alert of filter.alerts()) {
    if (alert.status !== 'firing') continue
    const isHeld = alert.heldBack !== undefined
    if (isHeld) now[alert.heldBack?.outcome ?? 'silenced']++
    const rules = rulesOver(alert)
    if (rules.length > 0 && !isHeld && !sight.alert(alert)) continue
    for (const { stage, rule } of rules) {
      let ofStage = now.byRule.get(stage)
      if (ofStage === undefined) {
        ofStage = new Map()
        now.byRule.set(stage, ofStage)
      }
      const counts = ofStage.get(rule) ?? { holds: 0, marks: 0 }
      ofStage.set(rule, counts)
      if (isHeld) counts.holds++
      else counts.marks++
    }
  }
  return now
}
