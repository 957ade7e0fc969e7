import type { Alert } from '#shared/alert.ts'
import type { DecisionView, Marks } from '#shared/filter-room.ts'
import { type Sight, withoutNumbers } from '#shared/incident/restricted.ts'
import type { Decision } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import { maintenanceNameOf } from '#shared/silence.ts'
import type { Filter } from '../../filter/port.ts'
import type { KeptDecision } from '../../store/port.ts'
import { iso, type Names, reasonView } from '../views.ts'
import { isJudgedAgain } from './book.ts'

export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

/** Who is called how, as of now, and what of it may be told. */
export interface Known {
  names: Names
  alert: (id: string) => Alert | undefined
  incident: (id: string) => { title: string } | undefined
  sight: Sight
}

/** A decision in words for people: labels filled in, alerts by their title, silences by their author. */
export function decisionView(decision: KeptDecision, known: Known): DecisionView {
  const { n, at, sourceId, outcome, stage, rule, reason, alertId, incidentId } = decision
  const alert = alertId === null ? undefined : known.alert(alertId)
  return {
    ...{ n, at: iso(at), outcome, stage, rule },
    source: { id: sourceId, name: known.names.source(sourceId) },
    reason: withoutNumbers(called(reasonView(reason, alert ?? null), known), known.sight.incident),
    again: isJudgedAgain(reason),
    alert: alertId === null ? null : { id: alertId, title: alert?.title ?? null },
    incident: incidentId === null ? null : { id: incidentId, title: known.incident(incidentId)?.title ?? null },
  }
}

/** Whether a decision may be told: it names the alert and the incident that it was about. */
export function isTold({ alertId, incidentId }: Decision, { alert, sight }: Pick<Known, 'alert' | 'sight'>): boolean {
  if (!sight.incident(incidentId)) return false
  const about = alertId === null ? undefined : alert(alertId)
  return about === undefined || sight.alert(about)
}

/** Reasons name alerts and silences by id, because what they are called may be about people. */
function called(reason: string, { names, alert, sight }: Known): string {
  return reason
    .replace(/\balert ([0-9a-f]{16})\b/g, (words, id: string) => {
      const other = alert(id)
      if (other === undefined) return words
      return sight.alert(other) ? `“${other.title}”` : 'another alert'
    })
    .replace(/\bsilence ([0-9a-f]{8}-[0-9a-f-]{27})\b/g, (words, id: string) => {
      const by = names.silence(id)?.createdBy
      return by === undefined || by === '' ? words : `the silence of ${by}`
    })
}

/** What marks a firing alert now. */
export function marksOf(
  alert: Alert,
  known: Pick<Known, 'names' | 'alert' | 'sight'> & { policy: Policy; storms: Filter['storms']; now: number },
): Marks {
  const { silencedBy = [], inhibitedBy, flaps, shedBy, heldBack } = alert
  const cause = inhibitedBy === undefined ? undefined : known.alert(inhibitedBy.by)
  const isNamed = cause === undefined || known.sight.alert(cause)
  const storm =
    shedBy === undefined
      ? undefined
      : known.storms().find(({ rule, sourceId }) => rule === shedBy && sourceId === alert.sourceId)
  return {
    held: heldBack === undefined ? null : (heldBack.outcome ?? 'silenced'),
    silences: silencedBy.flatMap((id) => {
      if (maintenanceNameOf(id) !== null) return []
      const silence = known.names.silence(id)
      if (silence === undefined) return []
      return [{ id, createdBy: silence.createdBy, comment: silence.comment, endsAt: iso(silence.endsAt) }]
    }),
    windows: silencedBy.flatMap((id) => maintenanceNameOf(id) ?? []),
    inhibited:
      inhibitedBy === undefined
        ? null
        : isNamed
          ? { ...inhibitedBy, title: cause?.title ?? null, incidentId: cause?.incidentId ?? null }
          : { rule: inhibitedBy.rule, by: '', title: null, incidentId: null },
    flaps: flaps === undefined ? null : flapsOf(flaps, alert.refires, known),
    storm:
      storm === undefined ? null : { rule: storm.rule, since: iso(storm.since), shed: storm.shed, kinds: storm.kinds },
  }
}

function flapsOf(
  { rule, penalty, at, until }: NonNullable<Alert['flaps']>,
  refires: number,
  { policy, now }: { policy: Policy; now: number },
): Marks['flaps'] {
  const halfLife = policy.filters.damp.find(({ name }) => name === rule)?.half_life
  const left = halfLife === undefined ? penalty : penalty * 2 ** (-Math.max(0, now - at) / halfLife)
  return { rule, refires, penalty: Math.round(left * 100) / 100, until: isoOrNull(until ?? null) }
}
