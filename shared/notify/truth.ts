import { runningDeadlines } from '../incident/legal-clocks.ts'
import { roleOf } from '../incident/roles.ts'
import { type Incident, isOpen } from '../incident/state.ts'
import type { Intent } from './intent.ts'

/**
 * Why this need not be told any more, in words; null while it is true. Rule N3: asked when its turn comes, not when it was
 * planned, because what is told late and wrong is worse than what is not told.
 * @param now epoch ms
 */
export function overtaken(
  { matter, to, reason }: Pick<Intent, 'matter' | 'to' | 'reason'>,
  incident: Incident,
  now: number,
): string | null {
  const person = 'person' in to ? to.person : null
  const ended = isOpen(incident.phase) ? null : `it is ${incident.phase} meanwhile`
  const owned = incident.owner === null ? null : 'it is owned meanwhile'
  if (reason === 'reminder' && person !== null && incident.seenBy?.includes(person))
    return 'they said that they have seen it'
  switch (matter.code) {
    case 'unowned':
      return ended ?? owned
    case 'offered': {
      const { offer } = incident
      if (offer === null) return ended ?? 'the offer was answered or taken back meanwhile'
      if (offer.revision !== matter.revision) return 'the offer was issued again, and that is told'
      if (person !== null && !offer.eligible.includes(person)) return 'they declined it'
      return now >= offer.deadlineAt ? 'the offer has ended' : null
    }
    case 'role-offered': {
      const { offer } = roleOf(incident, matter.role)
      if (offer === null || offer.revision !== matter.revision)
        return ended ?? 'the offer was answered or taken back meanwhile'
      return now >= offer.deadlineAt ? 'the offer has ended' : null
    }
    case 'offer-unanswered':
      return ended ?? (incident.offer === null ? null : 'it is offered again meanwhile')
    case 'offer-expired':
      return ended ?? (incident.owner === matter.owner ? null : 'it has changed hands meanwhile')
    case 'owner-asked':
      return ended ?? (incident.silence !== null && incident.owner === person ? null : 'the owner was heard meanwhile')
    case 'owner-silent':
      return (
        ended ?? (incident.silence !== null && incident.owner === matter.owner ? null : 'the owner was heard meanwhile')
      )
    case 'shift-ended':
      return ended ?? (incident.owner === matter.owner ? null : 'it has changed hands meanwhile')
    case 'relief-asked':
      return ended ?? (incident.reliefAskedBy === matter.by ? null : 'relief was answered meanwhile')
    case 'relief-prepared':
      return (
        ended ??
        (incident.owner === person && now < matter.endsAt ? null : 'it has changed hands, or the shift has ended')
      )
    case 'update-late':
      return ended ?? (incident.nextUpdateDueAt === matter.dueAt ? null : 'the update came meanwhile')
    case 'clock': {
      const runs = runningDeadlines(incident).some(
        ({ clock, deadline }) =>
          clock.id === matter.clock && deadline.id === matter.deadline && deadline.dueAt === matter.dueAt,
      )
      return runs ? null : 'it was recorded meanwhile as submitted, as not required, or as due at another time'
    }
    case 'task': {
      const task = incident.tasks?.find(({ id }) => id === matter.task)
      return task?.state === 'open' && task.person === person ? null : 'the task is done, or somebody else has it'
    }
    case 'graded':
      return incident.tier === matter.tier ? null : 'it was graded again, and that is told'
    case 'updated':
      return incident.lastUpdate?.at === matter.at ? null : 'a newer update is told'
    case 'resolved':
      return ended === null ? 'it is open again' : null
    case 'escalated':
    case 'assist':
    case 'unreached':
    case 'opened':
      return ended
  }
}
