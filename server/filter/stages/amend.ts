import type { Alert } from '#shared/alert.ts'
import type { Event } from '#shared/event.ts'
import type { Stage, Verdict } from '../stage.ts'

/** Notes that an alert keeps, the newest ones; longer ones are cut. The bytes they came in are kept whole. */
export const noteLimits = { count: 20, length: 2000 } as const

const noted: Verdict = Object.freeze({
  outcome: 'recorded',
  rule: 'note',
  reason: 'a note by the sender, kept with the alert',
})
const noAlert: Verdict = Object.freeze({
  outcome: 'recorded',
  rule: 'no open alert',
  reason: 'says something of an alert, but none of this key is open',
})

/**
 * What a sender says of an alert besides what it is. Rule F10: a note stays with its alert, whatever the alert says of
 * itself later. An amendment opens no alert; what it does not say stays as it was, so it goes on as if all had been said
 * again: with another severity the alert is judged again, as by any event.
 */
export const amend: Stage = {
  name: 'amend',
  judge(at, state) {
    const { event, entry } = at
    const { note, amends } = event
    if (note === undefined && amends === undefined) return null
    const { tracked } = at
    if (tracked === null) return amends === undefined ? null : noAlert
    const { alert } = tracked
    state.changes.before(tracked)
    if (note !== undefined) keep(alert, note, entry.at)
    if (amends === undefined) return null
    if (amends.includes('acknowledgement')) alert.acknowledgedAt = null
    const says = amends.some((part) => part !== 'acknowledgement')
    if (says && alert.status === 'firing') {
      at.event = filledIn(event, alert)
      at.sameWords = false
      if (!amends.includes('severity')) at.severity = alert.severity
      return null
    }
    alert.events++
    if (entry.at > alert.heardAt) alert.heardAt = entry.at
    return says ? noAlert : noted
  },
}

function keep(alert: Alert, note: string, at: number): void {
  const text = note.slice(0, noteLimits.length).toWellFormed()
  alert.notes = [...(alert.notes ?? []), { at, text }].slice(-noteLimits.count)
}

/** The event with all that it does not say taken from the alert. */
function filledIn(event: Event, alert: Alert): Event {
  const said = event.amends ?? []
  return {
    ...event,
    severityRaw: said.includes('severity') ? event.severityRaw : alert.severityRaw,
    title: said.includes('title') ? event.title : alert.title,
    description: said.includes('description') ? event.description : alert.description,
    startsAt: alert.startsAt,
    expiresAt: alert.expiresAt,
    timesOut: alert.endAssumed,
    service: alert.service,
    labels: alert.labels,
    annotations: alert.annotations,
    links: alert.links,
  }
}
