import { hash } from 'node:crypto'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { NotificationReason } from '#shared/duty/escalation.ts'
import type { Tier } from '#shared/incident/state.ts'
import type { Message, Named } from '../../port.ts'

/**
 * What may be told of a message, whoever made it.
 * Rule W2: of a restricted incident (no title) nothing but its number and its link leaves the house: no word of why, no place in
 * the record (which the key of a message has), and as much urgency as of any other.
 * Rule W3: what goes to a shared channel has no link that acts: many read it, and none of them is the addressee.
 */
export function tellable(message: Message, shared: boolean): Message {
  const { key, incidents } = message
  const [first] = incidents
  const others = incidents.length - 1 + message.more
  const isOnlySecret = first !== undefined && incidents.every(({ title }) => title === null)
  return {
    ...message,
    key: incidents.some(({ title }) => title === null) ? `n_${hash('sha256', key, 'hex').slice(0, 24)}` : key,
    title: isOnlySecret ? `${first.id}${others > 0 ? ` and ${others} more` : ''}` : message.title,
    incidents: message.incidents.map((named) => {
      const actions = shared ? [] : named.actions
      return named.title === null ? { ...restricted(named), actions } : { ...named, actions }
    }),
  }
}

function restricted({ id, link }: Named): Named {
  return {
    id,
    title: null,
    service: null,
    tier: null,
    reason: null,
    text: 'Restricted. Sign in to read it.',
    link,
    actions: [],
  }
}

/** Keys of tests: what takes messages for machines can tell them from real ones. */
const testPrefix = 'test_'
export const isTest = ({ key }: Pick<Message, 'key'>): boolean => key.startsWith(testPrefix)

/** What somebody sends to see whether it arrives. @param id unpredictable, so that no other test is taken for it */
export function testMessage(id: string, at: number, link: string): Message {
  const title = 'Test message from Uxbridge'
  return { key: `${testPrefix}${id}`, at, title, incidents: [], more: 0, drill: false, link }
}
const testWords = 'Somebody tried whether messages arrive here. Nothing is asked of you.'

const reasonNames: Readonly<Record<NotificationReason, string>> = {
  first: 'Page',
  new: 'New',
  escalated: 'Escalated',
  offered: 'Offered',
  expired: 'Offer expired',
  reminder: 'Reminder',
}

export const tierName = (tier: Tier | null): string => (tier === null ? 'Not classified' : `Tier ${tier}`)

/** How urgent the most urgent of the incidents is: what is not classified yet may be the worst. */
export function urgencyOf(message: Message): 1 | 2 | 3 {
  const tiers = message.incidents.map(({ tier, shift }) => (shift === true ? 2 : (tier ?? 1)))
  return Math.min(...tiers, message.incidents.length === 0 ? 2 : 3) as 1 | 2 | 3
}

/** The heading of a message; of an exercise it says so first. */
export function headingOf({ title, drill }: Message, max = 140): string {
  const plain = oneLine(title)
  return clip(drill && !/^exercise\b/i.test(plain) ? `EXERCISE: ${plain}` : plain, max)
}

/** Number and title: `INC-1042 Payments fail`. */
export const nameOf = ({ id, title }: Named): string => (title === null ? id : `${id} ${clip(oneLine(title), 160)}`)

/** Why, tier, service, since when and who, as far as they are told: `Page`, `Tier 1`, `payments`, `open since 02:55 UTC (5 min)`, … */
export function detailsOf({ title, tier, service, reason, openedAt, owner, shift }: Named, at: number): string[] {
  return [
    ...(reason === null ? [] : [reasonNames[reason]]),
    ...(title === null || shift === true ? [] : [tierName(tier)]),
    ...(service === null ? [] : [clip(oneLine(service), 80)]),
    ...(openedAt == null ? [] : [`open since ${timeOf(openedAt)} (${forMs(at - openedAt)})`]),
    ...(owner === undefined ? [] : [owner === null ? 'nobody has it' : `${clip(oneLine(owner), 80)} has it`]),
  ]
}

/** What was left out of a storm; empty where nothing was. */
export const moreOf = ({ more }: Message): string =>
  more === 0 ? '' : `and ${more} more ${more === 1 ? 'incident' : 'incidents'}`

/** The whole message as plain text, its parts by empty lines; links are left to the channel. */
export function plainOf(message: Message): string {
  return [
    ...(isTest(message) ? [testWords] : []),
    ...message.incidents.map((named) =>
      [`${nameOf(named)}`, detailsOf(named, message.at).join(' · '), clip(oneLine(named.text), 500)]
        .filter((line) => line !== '')
        .join('\n'),
    ),
    ...(moreOf(message) === '' ? [] : [moreOf(message)]),
  ].join('\n\n')
}

/** `02:55 UTC`: whoever reads it may be in any zone, and may travel. */
function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}

/** `just now`, `5 min`, `2 h 10 min`, `3 d`. */
function forMs(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / minuteMs))
  if (minutes === 0) return 'just now'
  if (minutes < 60) return `${minutes} min`
  if (ms < 48 * hourMs)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
  return `${Math.floor(ms / (24 * hourMs))} d`
}

/**
 * Text of others as one line: no line breaks, no control characters, and none that turn the direction of what follows
 * (Unicode bidirectional controls), by which a sender could make words look like ours.
 */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
}

/** At most so many UTF-16 units, without half a character at the end. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text
    .slice(0, max - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`
}
