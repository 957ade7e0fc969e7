import type { Summary } from '#shared/wire.ts'
import { alertsWords } from '../../../state/fact-words.ts'
import { flagWord } from '../../../widgets/marks/marks.tsx'

/** What merging would do, one sentence each, before it is done (domain rule M1). Names people, no pronouns. */
export function mergeFollows(ends: Summary, stays: Summary): string[] {
  const follows = [
    ends.alerts.total === 0
      ? `${ends.id} leaves the board as merged. Alerts that come to it later go to ${stays.id}.`
      : `${ends.id} leaves the board as merged. Its ${alertsWords(ends.alerts)}, and later ones too, go to ${stays.id}.`,
    ownerFollows(ends, stays),
  ]
  if (ends.tier !== null && stays.tier !== null && ends.tier < stays.tier)
    follows.push(`${stays.id} becomes Tier ${ends.tier}, as ${ends.id} is.`)
  const flags = ends.flags.filter((flag) => !stays.flags.includes(flag) && flag !== 'restricted').map(flagWord)
  if (flags.length > 0) follows.push(`${stays.id} is flagged too: ${flags.join(', ')}.`)
  follows.push(...sightFollows(ends, stays))
  if (ends.offer !== null) follows.push(`The offer of ${ends.id} to ${ends.offer.to.name} is withdrawn.`)
  if (stays.offer !== null)
    follows.push(`The offer of ${stays.id} to ${stays.offer.to.name} is issued again: what was read has changed.`)
  follows.push('It can be undone, in the timeline of either.')
  return follows
}

const isRestricted = ({ flags }: Summary): boolean => flags.includes('restricted')

/** Who sees what after a merge (rule RS3): two that are one are restricted when one of them was. */
function sightFollows(ends: Summary, stays: Summary): string[] {
  if (!isRestricted(ends) && !isRestricted(stays)) return []
  const open = isRestricted(ends) ? stays : ends
  const shut = open === ends ? stays : ends
  const closes = `${open.id} becomes restricted, as ${shut.id} is: whoever has no part in it and is not on call for it loses sight of it at once.`
  return [
    ...(isRestricted(open) ? [] : [closes]),
    `Whoever has a part in ${ends.id} alone sees that one, and not ${stays.id}, where it goes on.`,
  ]
}

function ownerFollows(ends: Summary, stays: Summary): string {
  const assists =
    ends.owner === null || ends.owner.id === stays.owner?.id ? '' : ` ${ends.owner.name} assists there from then on.`
  if (stays.owner !== null) return `${stays.owner.name} stays the owner of ${stays.id}.${assists}`
  if (ends.owner === null) return `Nobody owns either: ${stays.id} waits to be claimed.`
  return `Nobody owns ${stays.id}, and that stays so: it waits to be claimed.${assists}`
}

/** A title for what is split off: that of the first alert that was chosen. */
export function splitTitle(alerts: readonly { title: string }[]): string {
  return (alerts[0]?.title ?? '').slice(0, 200)
}

/** What splitting would do (domain rule M3). */
export function splitFollows(from: Summary, chosen: { firing: number; total: number }): string[] {
  const follows = [
    `A new incident opens with ${alertsWords(chosen)}. Nobody owns it: ${
      from.owner === null ? 'it waits to be claimed.' : `${from.owner.name} has not said that they will do both.`
    }`,
    `It begins as ${from.tier === null ? 'unclassified' : `Tier ${from.tier}`}${
      from.flags.length === 0 ? '' : `, flagged ${from.flags.map(flagWord).join(', ')}`
    }, like ${from.id}. What comes of these alerts later goes there.`,
  ]
  if (isRestricted(from))
    follows.push('It is restricted as well. Whoever has a part in the first sees it only when they are added to it.')
  if (from.offer !== null)
    follows.push(`The offer of ${from.id} to ${from.offer.to.name} is issued again: what was read has changed.`)
  follows.push('It can be undone, in the timeline of either.')
  return follows
}

/**
 * What undoing would do (domain rule M4).
 * @param to the incident that the alerts are in, where it is known
 */
export function undoFollows(
  undo: { what: 'merge' | 'split'; from: string; to: string },
  to: Summary | undefined,
): string[] {
  const { from } = undo
  if (undo.what === 'split')
    return [
      `${undo.to} ends as merged into ${from}, and its alerts come back.`,
      'Whoever owns it then assists; its flags, and its tier where that is graver, are kept.',
    ]
  const follows = [
    `${from} opens again, in the phase and with the owner it had.`,
    `The alerts it brought go back to it. What has come since stays in ${undo.to}.`,
    `The tier, flags and assistants that ${undo.to} took over stay: look at them after.`,
  ]
  if (to !== undefined && isRestricted(to)) follows.push('Both stay restricted, until a commander lifts that.')
  const offer = to?.offer ?? null
  if (offer !== null)
    follows.push(`The offer of ${undo.to} to ${offer.to.name} is issued again: what was read has changed.`)
  return follows
}
