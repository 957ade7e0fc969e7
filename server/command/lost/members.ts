import type { Event } from '#shared/event.ts'
import type { Reading } from '../../intake/port.ts'

/** Stands for a request of which nothing could be read: whatever it says is new. */
export const wholeRequest = '*'

/** Longer lists are cut: a body full of bad members must not become a list as long as itself. Characters. */
const longestList = 2000

/**
 * Names members of a request by their numbers, as text: `3`, `20-41,57`.
 * @param numbers ascending
 * @param longest characters that the text may have
 * @returns the text, and how many of them it names: those beyond the longest list are left out
 */
export function writeMembers(numbers: readonly number[], longest = longestList): { members: string; named: number } {
  let members = ''
  let named = 0
  for (let at = 0; at < numbers.length; ) {
    let end = at
    while (numbers[end + 1] === (numbers[end] as number) + 1) end++
    const piece = end === at ? `${numbers[at]}` : `${numbers[at]}-${numbers[end]}`
    const longer = members === '' ? piece : `${members},${piece}`
    if (longer.length > longest) break
    members = longer
    named += end - at + 1
    at = end + 1
  }
  return { members, named }
}

/** The numbers that `writeMembers` wrote; none for a whole request, and for members that nobody can name any more. */
export function readMembers(members: string): number[] {
  if (members === wholeRequest || members === '') return []
  return members.split(',').flatMap((piece) => {
    const [from = 0, to = from] = piece.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}

/** The number of each event's member: as the adapter says, or those that the unreadable ones leave. */
export function placesOf({ events, unreadable, places }: Reading): readonly number[] {
  if (places !== undefined) return places
  const bad = new Set(unreadable.map(({ index }) => index))
  let next = 0
  return events.map(() => {
    while (bad.has(next)) next++
    return next++
  })
}

/**
 * The events of these members alone. For a whole request, everything that it says, unreadable members included. Without the
 * name of the delivery: what was read of it before must not make these count as delivered twice.
 */
export function takeOnly(reading: Reading, members: string): Pick<Reading, 'events' | 'unreadable'> {
  const whole = members === wholeRequest
  const wanted = new Set(readMembers(members))
  const places = placesOf(reading)
  const events = reading.events.flatMap((event, at): Event[] => {
    if (!whole && !wanted.has(places[at] as number)) return []
    const { deliveryId: _, ...rest } = event
    return [rest]
  })
  return { events, unreadable: whole ? reading.unreadable : [] }
}
