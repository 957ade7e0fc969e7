import type { Alert } from '#shared/alert.ts'
import type { Event } from '#shared/event.ts'
import { sentFingerprint } from '../redaction/redactor.ts'
import type { Stage } from '../stage.ts'

/**
 * Masks what must not be kept, ahead of every stage that keeps words; key and fingerprint are those of what was sent. Rule R4:
 * content changes, never the outcome. An amendment that takes words over from its alert takes masked ones.
 */
export const redact: Stage = {
  name: 'redact',
  judge(at, state) {
    const { event, entry } = at
    const tracked = state.find(entry, event) ?? null
    at.tracked = tracked
    at.sameWords = tracked !== null && saysTheSame(event, tracked.alert)
    at.fingerprint = undefined
    if (at.sameWords && event.note === undefined && !state.redactor.seesLabels) return null
    at.event = state.redactor.event(event, tracked?.alert)
    at.fingerprint = sentFingerprint(event.labels, at.event.labels)
    return null
  },
}

/** Whether its free text is, word for word, what the alert holds, which was masked when it came. */
function saysTheSame(event: Event, alert: Alert): boolean {
  if (event.title !== alert.title || event.description !== alert.description) return false
  const { annotations, links } = alert
  let more = 0
  for (const name in event.annotations) {
    if (event.annotations[name] !== annotations[name]) return false
    more++
  }
  for (const _ in annotations) more--
  if (more !== 0 || event.links.length !== links.length) return false
  for (let index = 0; index < links.length; index++) {
    const said = event.links[index]
    const held = links[index]
    if (said?.href !== held?.href || said?.text !== held?.text) return false
  }
  return true
}
