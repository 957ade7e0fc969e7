import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Intent } from '#shared/notify/intent.ts'
import { type PlanContext, plan } from '#shared/notify/plan.ts'
import { passage } from '#shared/notify/quiet.ts'
import type { Change, Note } from './book.ts'
import type { Addresses, Senders } from './port.ts'
import type { Delivery, OfIncident } from './rows.ts'

export interface TakingParts {
  addresses: Pick<Addresses, 'kinds' | 'preferences' | 'isActive' | 'anybody'>
  senders: Pick<Senders, 'senderFor'>
  nameOf(person: string): string
  commanders(): readonly string[]
}

export interface Taken {
  incident: Incident
  fact: RecordedFact
  before: RecordedFact | null
}

/** What is to be written because of these facts: who waits for which message, and who cannot be told at all. */
export function takeIn(
  facts: readonly Taken[],
  announce: PlanContext['announce'],
  parts: TakingParts,
  now: number,
): Required<Pick<Change, 'wait' | 'notes' | 'dropped' | 'heldBack'>> {
  const wait: Delivery[] = []
  const notes: Note[] = []
  const dropped: { delivery: Delivery; why: string }[] = []
  let heldBack = 0
  const commanders = parts.commanders()
  for (const { fact, incident, before } of facts) {
    const intents = plan(fact, { incident, before, commanders, announce })
    // Rule N8: an exercise reaches no real address. What it would have told is counted.
    if (incident.drill) {
      heldBack += intents.length
      continue
    }
    const nowhere: Intent[] = []
    for (const intent of intents) {
      const { ways, why } = waysOf(intent, incident, parts, now)
      wait.push(...ways)
      if (ways.length > 0) continue
      if (why === null) nowhere.push(intent)
      else dropped.push({ delivery: deliveryOf(intent, '-', now), why })
    }
    notes.push(...unreachable(nowhere, parts))
    if (nowhere.length > 0 && !parts.addresses.anybody())
      for (const intent of nowhere)
        if ('person' in intent.to)
          dropped.push({ delivery: deliveryOf(intent, 'none', now), why: 'nobody here has a way to be reached' })
    wait.push(...tellCommanders(nowhere, incident, parts, now))
  }
  return { wait, notes, dropped, heldBack }
}

/** @returns the ways it goes; or, of none, why that is by choice, and null where there is none at all */
function waysOf(
  intent: Intent,
  incident: Incident,
  { addresses, senders }: TakingParts,
  now: number,
): { ways: OfIncident[]; why: string | null } {
  const { to, matter } = intent
  if ('channel' in to) {
    const known = senders.senderFor(to.channel) !== null
    return { ways: known ? [deliveryOf(intent, to.channel, now)] : [], why: null }
  }
  if (!addresses.isActive(to.person)) return { ways: [], why: 'they are no longer here' }
  const preferences = addresses.preferences(to.person)
  const kinds = addresses.kinds(to.person)
  const ways = kinds.flatMap((kind) => {
    const how = passage(preferences, kind, matter, incident.tier, now)
    return how.goes === 'never' ? [] : [deliveryOf(intent, kind, how.goes === 'now' ? now : how.at)]
  })
  return { ways, why: kinds.length === 0 ? null : 'they chose not to be told of this' }
}

export function deliveryOf(intent: Intent, channel: string, notBefore: number): OfIncident {
  const who = 'person' in intent.to ? intent.to.person : 'shared'
  const about = intent.matter.code === 'unreached' ? `.about.${intent.matter.person}` : ''
  return { ...intent, key: `${intent.seq}.${who}.${channel}${about}`, channel, notBefore }
}

/**
 * Rule N7: who has no way at all is noted once for each fact, by name; but in a house where nobody has one, nothing is on incidents:
 * that is no news of an incident, and the page about reach says it.
 */
function unreachable(intents: readonly Intent[], parts: TakingParts): Note[] {
  const [first] = intents
  if (first === undefined) return []
  const { seq, incidentId, reason } = first
  const people = intents.flatMap(({ to }) => ('person' in to ? [to.person] : []))
  const channels = intents.flatMap(({ to }) => ('channel' in to ? [to.channel] : []))
  const note = (person: string | null, channel: string, detail: string): Note => ({
    incidentId,
    delivery: {
      key: `${seq}.${person ?? 'all'}.${channel}`,
      reason,
      person,
      channel,
      outcome: 'given-up',
      attempt: 0,
      detail,
    },
  })
  return [
    ...(people.length > 0 && parts.addresses.anybody()
      ? [
          note(
            people.length === 1 ? (people[0] ?? null) : null,
            'none',
            `${people.map((id) => parts.nameOf(id)).join(', ')}: no way to reach them is set up`,
          ),
        ]
      : []),
    ...channels.map((channel) => note(null, channel, 'there is no shared channel of this name')),
  ]
}

const grave = new Set<Intent['reason']>(['first', 'escalated', 'offered'])

/** Commanders hear of whoever should have been told of something grave and was not; of a commander, the others do. */
export function tellCommanders(
  unreached: readonly Intent[],
  incident: Incident,
  parts: TakingParts,
  now: number,
  channel = 'none',
): Delivery[] {
  return unreached.flatMap((intent) => {
    const { to } = intent
    if (!('person' in to) || !grave.has(intent.reason) || intent.matter.code === 'unreached') return []
    return parts.commanders().flatMap((commander) => {
      if (commander === to.person) return []
      const told: Intent = {
        ...intent,
        to: { person: commander },
        reason: 'escalated',
        matter: { code: 'unreached', person: to.person, channel },
      }
      return waysOf(told, incident, parts, now).ways
    })
  })
}
