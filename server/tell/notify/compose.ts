import type { NotificationReason } from '#shared/duty/escalation.ts'
import { type RoleName, roleDefinitions } from '#shared/incident/roles.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Intent } from '#shared/notify/intent.ts'
import { gradeOf, grades } from '#shared/notify/preferences.ts'
import type { SwapIntent, SwapTold } from '#shared/notify/swap.ts'
import { spanWords, swapLead, swapSentence } from '#shared/notify/swap-words.ts'
import type { LinkAction } from '#shared/notify/view.ts'
import { heading, type Names, sentence } from '#shared/notify/words.ts'
import type { LinkClaims, Message, Named } from './port.ts'

/** Something to tell, with its incident or its swap as it is now. */
export type Composing = OfIncident | OfSwap
interface OfIncident {
  intent: Intent
  incident: Incident
}
interface OfSwap {
  intent: SwapIntent
  swap: SwapTold
}

export interface ComposeParts {
  names: Names
  /** Zone that a person chose; null: none. */
  zoneOf(person: string): string | null
  /** Where people reach the board, without a slash at the end. */
  baseUrl(): string
  /** Whether they may claim and acknowledge: whoever only speaks for the house accepts a role, and no more. */
  mayRespond(person: string): boolean
  /** How often everything that the person had open was ended (rule AL5). */
  epochOf(person: string): number
  /** The address of a link that works once. */
  linkTo(claims: Omit<LinkClaims, 'id'>, key: string): string
  /** Whether nothing but its number may be said of it. */
  isRestricted(incident: Incident): boolean
}

const most = 20
/** How long a link works that no offer ends before. */
const linkMs = 12 * 60 * 60_000

const urgency: readonly NotificationReason[] = ['offered', 'escalated', 'first', 'expired', 'reminder', 'new']
const rankOf = (reason: NotificationReason, incident: Pick<Incident, 'tier'>) =>
  urgency.indexOf(reason) * 10 + grades.indexOf(gradeOf(incident.tier))

/** An act that a link can do; `role` and `revision` are those of the offer that is accepted. */
interface Act {
  action: LinkAction
  role: RoleName | null
  revision: number
  expiresAt: number | null
}
const claim: Act = { action: 'claim', role: null, revision: 0, expiresAt: null }
const acknowledge: Act = { ...claim, action: 'acknowledge' }

/** What this asks of whoever is told, and can be done by a link. */
function actsOf({ intent: { matter }, incident }: OfIncident): Act[] {
  switch (matter.code) {
    case 'unowned':
      return incident.owner === null ? [claim, acknowledge] : []
    case 'offered': {
      const { revision = 0, deadlineAt = null } = incident.offer ?? {}
      return [{ action: 'accept', role: null, revision, expiresAt: deadlineAt }]
    }
    case 'role-offered': {
      const { role, revision, deadlineAt } = matter
      return [{ action: 'accept', role, revision, expiresAt: deadlineAt }]
    }
    case 'offer-expired':
    case 'relief-asked':
    case 'opened':
    case 'graded':
    case 'updated':
    case 'resolved':
      return []
    default:
      return [acknowledge]
  }
}

/** What stands on the link. */
function labelOf({ action, role }: Act): string {
  if (action === 'claim') return 'Claim'
  if (action === 'acknowledge') return 'Acknowledge'
  return role === null ? 'Accept' : `Accept as ${roleDefinitions[role].label.toLowerCase()}`
}

/**
 * Deliveries to one address as one message: the most urgent first, each incident once. Rule N10: shared channels carry no
 * link that acts, and of a restricted incident nothing but its number; not even its place among others says more.
 * @param key of the message @param at when it was decided, epoch ms
 */
export function compose(all: readonly Composing[], key: string, at: number, parts: ComposeParts): Message {
  const { baseUrl, linkTo, isRestricted } = parts
  const [any] = all
  const to = any?.intent.to
  const names: Names = { ...parts.names, zone: to !== undefined && 'person' in to ? parts.zoneOf(to.person) : null }
  const rank = ({ intent, incident }: OfIncident) =>
    isRestricted(incident) ? rankOf('first', { tier: null }) : rankOf(intent.reason, incident)
  const swaps = all.filter((one) => 'swap' in one).map((one) => namedSwap(one, names, baseUrl()))
  const sorted = all.filter((one) => 'incident' in one).sort((a, b) => rank(a) - rank(b) || a.intent.seq - b.intent.seq)
  const byIncident = new Map<string, OfIncident[]>()
  for (const one of sorted) byIncident.set(one.incident.id, [...(byIncident.get(one.incident.id) ?? []), one])
  const groups = [...byIncident.values()]

  const named = groups.slice(0, most).flatMap((group): Named[] => {
    const [first] = group
    if (first === undefined) return []
    const { incident, intent } = first
    const secret = isRestricted(incident)
    const link = `${baseUrl()}/incident/${incident.id}`
    const { to } = intent
    const actions =
      'channel' in to
        ? []
        : distinct(group.flatMap(actsOf))
            // What is offered is read by whoever is signed in, and accepted there.
            .filter(({ action }) => (action === 'accept' ? !secret : parts.mayRespond(to.person)))
            .map((act) => ({
              label: labelOf(act),
              url: linkTo(
                {
                  ...{ person: to.person, incidentId: incident.id, epoch: parts.epochOf(to.person) },
                  ...{ action: act.action, role: act.role, revision: act.revision },
                  expiresAt: act.expiresAt ?? at + linkMs,
                },
                key,
              ),
            }))
    return [
      {
        id: incident.id,
        title: secret ? null : incident.title,
        service: secret ? null : incident.service,
        tier: secret ? null : incident.tier,
        reason: secret ? null : intent.reason,
        text: secret
          ? 'Open it to see what is asked of you.'
          : [...new Set(group.map((one) => sentence(one.intent, one.incident, names)))].join(' '),
        link,
        ...(secret
          ? {}
          : { openedAt: incident.declaredAt, owner: incident.owner === null ? null : names.person(incident.owner) }),
        actions,
      },
    ]
  })
  const shown = [...named, ...swaps.map((one) => one.named).slice(0, most - named.length)]
  const drill = swaps.length === 0 && groups.every(([first]) => first?.incident.drill === true)
  const headed = groups.flatMap(([first]) =>
    first === undefined ? [] : [{ ...first, title: isRestricted(first.incident) ? null : first.incident.title }],
  )
  const [only] = shown
  const count = groups.length + swaps.length
  const others = count > 1 ? ` and ${count - 1} more` : ''
  const [firstSwap] = swaps
  return {
    key,
    at,
    title:
      headed.length === 0 && firstSwap !== undefined
        ? `${firstSwap.heading.slice(0, 120 - others.length)}${others}`
        : heading(headed, drill, { besides: swaps.length }),
    incidents: shown,
    more: count - shown.length,
    drill,
    link: count === 1 && only !== undefined ? only.link : `${baseUrl()}/mine`,
  }
}

/** Each act once: several reasons may ask for the same. */
function distinct(acts: readonly Act[]): Act[] {
  return [...new Map(acts.map((act) => [`${act.action} ${act.role} ${act.revision}`, act])).values()]
}

/** A shift as a message names it, with the way to where it is answered, and a heading for it alone. */
function namedSwap({ intent, swap }: OfSwap, names: Names, baseUrl: string): { named: Named; heading: string } {
  const title = `of ${swap.rotation}, ${spanWords(swap, names)}`
  const asked = new URLSearchParams({ rotation: swap.rotationId, from: new Date(swap.from).toISOString().slice(0, 10) })
  return {
    heading: `${swapLead(intent)}: ${swap.rotation}, ${spanWords(swap, names)}`,
    named: {
      ...{ id: 'Shift', title, service: null, tier: null, shift: true, actions: [], reason: intent.reason },
      text: swapSentence(intent, swap, names),
      link: `${baseUrl}/rota?${asked}`,
    },
  }
}
