import { roleDefinitions } from '../incident/roles.ts'
import type { Incident } from '../incident/state.ts'
import type { Intent } from './intent.ts'
import { channelWords } from './told.ts'

/** Names as people read them. */
export interface Names {
  person(id: string): string
  /** Of whoever acts: `person:…`, `system:…`. */
  actor(id: string): string
  /** Of whoever something is offered to: a person, or `team:<id>`. */
  target(to: string): string
  /** Zone of whoever reads it, to be told the time in it, too; null: UTC alone. */
  zone?: string | null
}

/** `14:03 UTC`, and `14:03 UTC (15:03 in Berlin)` for whoever has a zone of their own. @param at epoch ms */
function clockTime(at: number, { zone = null }: Names): string {
  const utc = `${new Date(at).toISOString().slice(11, 16)} UTC`
  if (zone === null || zone === 'UTC') return utc
  const local = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at)
  return `${utc} (${local} in ${zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')})`
}

/** What happened, and what is asked of whoever reads it: one or two sentences. */
export function sentence(intent: Pick<Intent, 'matter' | 'reason' | 'to'>, incident: Incident, names: Names): string {
  const { matter, reason } = intent
  switch (matter.code) {
    case 'unowned':
      if (reason === 'reminder') return 'Still nobody owns it, and everybody was asked. Please claim it.'
      return reason === 'escalated'
        ? 'Nobody has claimed it in time, so it comes to you. Please claim it.'
        : 'Nobody owns it yet. Please claim it.'
    case 'offer-unanswered':
      return `An offer to hand it over was not answered. ${holder(incident, names)}, and needs somebody to take it.`
    case 'offered': {
      const by = matter.from === null ? 'It is offered to you' : `${names.person(matter.from)} offers it to you`
      const again = matter.again ? ' again, because something changed' : ''
      return `${by}${again}: read the brief and accept before ${clockTime(matter.deadlineAt, names)}. Until then nothing changes hands.`
    }
    case 'offer-expired':
      return `The offer to ${names.target(matter.to)} was not answered. ${holder(incident, names)}.`
    case 'owner-asked':
      return 'You own it and have not been heard of for a while. Say that you are on it.'
    case 'owner-silent':
      return `${names.person(matter.owner)} owns it and did not answer when asked. Please see to it.`
    case 'shift-ended':
      return `The shift of ${names.person(matter.owner)} has ended and nobody has taken over. ${names.person(matter.owner)} still owns it.`
    case 'relief-asked':
      return `${names.person(matter.by)} asks to take it over. Grant it, or say no.`
    case 'relief-prepared': {
      const next = matter.to.map((id) => names.person(id)).join(' or ')
      return `Your shift ends at ${clockTime(matter.endsAt, names)}. ${next === '' ? 'Nobody is on after you: ask a commander' : `Offer it to ${next}`}; it stays yours until somebody accepts.`
    }
    case 'escalated':
      return `${names.actor(matter.by)} escalated it to you.`
    case 'assist':
      return `${names.actor(matter.by)} asks you to assist.`
    case 'update-late':
      return `An update was promised for ${clockTime(matter.dueAt, names)} and has not come. Please write it.`
    case 'clock': {
      const clock = incident.clocks?.find(({ id }) => id === matter.clock)
      const deadline = clock?.deadlines.find(({ id }) => id === matter.deadline)
      const what = `${clock?.name ?? 'A clock'}: “${deadline?.name ?? 'what is due'}”`
      const due = `${new Date(matter.dueAt).toISOString().slice(0, 10)}, ${clockTime(matter.dueAt, names)}`
      return matter.passed
        ? `${what} was due ${due} and is not recorded as submitted. Submit it, or record that it was.`
        : `${what} is due ${due}.`
    }
    case 'task': {
      const task = incident.tasks?.find(({ id }) => id === matter.task)
      return `${names.actor(matter.by)} gave you a task: ${task?.text ?? `number ${matter.task}`}`
    }
    case 'role-offered':
      return `${names.actor(matter.by)} offers you the role ${roleDefinitions[matter.role].label.toLowerCase()}: accept before ${clockTime(matter.deadlineAt, names)}.`
    case 'unreached':
      return `${names.person(matter.person)} could not be reached (${channelWords(matter.channel)}). Please find somebody.`
    case 'opened':
      return 'A new incident.'
    case 'graded':
      return `It is Tier ${matter.tier} now; it was ${matter.from === null ? 'not classified' : `Tier ${matter.from}`}.`
    case 'updated':
      return `Update: ${incident.lastUpdate?.text ?? ''}`
    case 'resolved':
      return `It is ${incident.phase}.`
  }
}

function holder(incident: Incident, names: Names): string {
  return incident.owner === null ? 'Nobody owns it' : `${names.person(incident.owner)} still owns it`
}

/** A heading of at most `most` characters that says the most urgent thing first. @param besides what is told with them and is of no incident */
export function heading(
  intents: readonly { intent: Intent; incident: Incident; title: string | null }[],
  drill: boolean,
  { most = 120, besides = 0 } = {},
): string {
  const [first] = intents
  if (first === undefined) return ''
  const { intent, incident, title } = first
  const tier = incident.tier === null ? 'Unclassified' : `Tier ${incident.tier}`
  const others = new Set(intents.map((one) => one.incident.id)).size - 1 + besides
  // Without a title it is restricted: its number, and nothing of what is asked.
  const start = `${drill ? 'EXERCISE ' : ''}${incident.id}${title === null ? '' : ` ${lead(intent)}`}`
  const end = others > 0 ? ` and ${others} more` : ''
  const middle = title === null ? '' : `: ${tier}, ${title}`
  const room = most - start.length - end.length
  return `${start}${middle.length > room ? `${middle.slice(0, Math.max(0, room - 1))}…` : middle}${end}`.slice(0, most)
}

function lead({ matter, reason }: Intent): string {
  switch (matter.code) {
    case 'unowned':
      return reason === 'reminder' ? 'still nobody owns it' : 'needs an owner'
    case 'offered':
      return 'is offered to you'
    case 'role-offered':
      return `needs you as ${roleDefinitions[matter.role].label.toLowerCase()}`
    case 'offer-unanswered':
    case 'offer-expired':
      return 'offer not answered'
    case 'owner-asked':
      return 'are you on it?'
    case 'owner-silent':
      return 'owner does not answer'
    case 'shift-ended':
      return 'owner is off shift'
    case 'relief-asked':
      return 'relief asked'
    case 'relief-prepared':
      return 'your shift ends'
    case 'escalated':
      return 'escalated to you'
    case 'assist':
      return 'please assist'
    case 'update-late':
      return 'update is late'
    case 'clock':
      return matter.passed ? 'a legal clock has passed' : 'a legal clock is near'
    case 'task':
      return 'a task for you'
    case 'unreached':
      return 'somebody was not reached'
    case 'opened':
      return 'opened'
    case 'graded':
      return `is Tier ${matter.tier} now`
    case 'updated':
      return 'update'
    case 'resolved':
      return 'is over'
  }
}
