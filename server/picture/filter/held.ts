import type { Alert } from '#shared/alert.ts'
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

/** Looks at every alert. Nearly all have no mark, and cost next to nothing. */
export function heldNow(filter: Pick<Filter, 'alerts'>): HeldNow {
  const now: HeldNow = { silenced: 0, inhibited: 0, damped: 0, shed: 0, byRule: new Map() }
  for (const alert of filter.alerts()) {
    if (alert.status !== 'firing') continue
    const isHeld = alert.heldBack !== undefined
    if (isHeld) now[alert.heldBack?.outcome ?? 'silenced']++
    for (const { stage, rule } of rulesOver(alert)) {
      let rules = now.byRule.get(stage)
      if (rules === undefined) {
        rules = new Map()
        now.byRule.set(stage, rules)
      }
      const counts = rules.get(rule) ?? { holds: 0, marks: 0 }
      rules.set(rule, counts)
      if (isHeld) counts.holds++
      else counts.marks++
    }
  }
  return now
}
