import type { Unreadable } from '#shared/event.ts'
import type { Stage, Verdict } from '../stage.ts'

/** Reads what the adapter made of the request: what kind it is, and how severe where the sender did not say. */
export const parse: Stage = {
  name: 'parse',
  judge(at) {
    const { event, entry } = at
    at.severity = event.severityRaw === '' && entry.defaultSeverity !== null ? entry.defaultSeverity : event.severity
    if (event.kind === 'alert' || event.kind === 'report') return null
    // A job that ended well: it ends the alert about it, if there is one.
    if (event.kind === 'heartbeat' && event.status === 'resolved') return null
    const reason = `a ${event.kind} tells of no condition`
    // Thousands of lines a minute: a row for each would be all that the disk is for.
    return event.kind === 'log' || event.kind === 'heartbeat'
      ? { outcome: 'recorded', rule: event.kind, reason, counted: true }
      : { outcome: 'recorded', rule: event.kind, reason }
  },
}

/** A member that the adapter could not read: lost property. */
export function rejected(member: Unreadable): Verdict {
  return { outcome: 'rejected', rule: 'unreadable', reason: member.reason }
}
