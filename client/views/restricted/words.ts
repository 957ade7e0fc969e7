import type { SightView } from '#shared/incident/sight.ts'

/** What a restriction means, wherever its mark is met. */
export const restrictedMeaning =
  'It is there for commanders, for whoever is on call for it, and for who has a part in it. For everybody else it does not exist, and messages say only its number.'

/** One group of those who see it. */
export interface SightLine {
  who: string
  names: string
}

const most = 6

function namesOf(people: SightView['named'], me: string): string {
  const names = people.map(({ id, name }) => (id === me ? 'you' : name))
  if (names.length <= most) return names.join(', ')
  return `${names.slice(0, most - 1).join(', ')} and ${names.length - most + 1} more`
}

/**
 * Who sees it, each person once: as a commander, because they answer for it now, or because of their part in it.
 */
export function sightLines(sight: SightView, me: string): SightLine[] {
  const seen = new Set<string>()
  const others = (people: SightView['named']) =>
    people.filter(({ id }) => {
      if (seen.has(id)) return false
      seen.add(id)
      return true
    })
  const commanders = namesOf(others(sight.commanders), me)
  const onCall = others(sight.onCall)
  const alreadyNamed = sight.onCall.length > onCall.length
  const named = namesOf(others(sight.named), me)
  return [
    { who: 'Commanders', names: commanders === '' ? 'nobody now' : commanders },
    {
      who: sight.team === null ? 'On call for it' : `On call for ${sight.team}`,
      names: onCall.length > 0 ? namesOf(onCall, me) : alreadyNamed ? 'named above' : 'nobody now',
    },
    { who: 'By their part in it', names: named === '' ? 'nobody else' : named },
  ]
}
