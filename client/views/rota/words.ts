import type { RotaView, ShiftView, SwapView, TroubleView } from '#shared/duty/view.ts'
import { ageWords } from '../../state/time-words.ts'
import { momentIn, rangeIn } from './zone.ts'

/** How ids are called. */
export interface Names {
  person(id: string): string
  rotation(id: string): string
}

export function namesOf({ people, rotations }: Pick<RotaView, 'people' | 'rotations'>): Names {
  const persons = new Map(people.map(({ id, name }) => [id, name]))
  const names = new Map(rotations.map(({ id, name }) => [id, name]))
  return { person: (id) => persons.get(id) ?? 'Former person', rotation: (id) => names.get(id) ?? id }
}

/** Where somebody comes from who is not there by their turn. */
export const byWords: Readonly<Record<ShiftView['by'], string | null>> = {
  rotation: null,
  override: 'override',
  swap: 'swap',
  calendar: 'from a calendar file',
}

/** Of several layers the name, of one nothing. */
export function layerWords(layer: string, layers: readonly { name: string }[]): string | null {
  return layers.length > 1 ? `layer ${layer}` : null
}

/** A shift in one line, for whoever listens and for titles: by the viewer's clock, and by the rotation's where they differ. */
export function shiftWords(
  shift: ShiftView,
  names: Names,
  { here, there, now, layers }: { here: string; there: string; now: number; layers: readonly { name: string }[] },
): string {
  const from = Date.parse(shift.from)
  const to = Date.parse(shift.to)
  const mine = rangeIn(from, to, here, now)
  const theirs = rangeIn(from, to, there, now)
  const parts = [
    names.person(shift.person),
    names.rotation(shift.rotation),
    layerWords(shift.layer, layers),
    mine,
    theirs === mine ? null : `${theirs} in ${zoneWords(there)}`,
    byWords[shift.by],
  ]
  return parts.filter((part) => part !== null).join(', ')
}

/** `Europe/Berlin` as `Berlin`. */
export function zoneWords(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ')
}

/** What is wrong, in a sentence; when; and what to do. */
export function troubleWords(
  trouble: TroubleView,
  names: Names,
  { here, now }: { here: string; now: number },
): { title: string; when: string; todo: string } {
  const from = Date.parse(trouble.from)
  const to = Date.parse(trouble.to)
  const people = trouble.people.map(names.person).join(', ')
  const lasts = ageWords(to - Math.max(from, now))
  const begins = from <= now ? 'now' : `in ${ageWords(from - now)}`
  const when = `${from <= now ? `until ${momentIn(to, here, now)}` : rangeIn(from, to, here, now)} · ${begins}, for ${lasts}`
  const rotation = names.rotation(trouble.rotation)
  switch (trouble.kind) {
    case 'gap':
      return {
        title: `Nobody answers for ${rotation}`,
        when,
        todo: 'Put somebody in. If it comes every week, mend the rotation in the policy.',
      }
    case 'double':
      return {
        title: `${people} answers for ${rotation} and ${names.rotation(trouble.other ?? '')} at once`,
        when,
        todo: 'Put somebody else into one of the two, or leave it if one person can do both.',
      }
    case 'gone':
      return {
        title: `${people} cannot respond, and is on for ${rotation}`,
        when,
        todo: 'Put somebody else in; then take them out of the rotation in the policy, or give back the role.',
      }
  }
}

export const troubleMarks: Readonly<Record<TroubleView['kind'], string>> = {
  gap: 'gap',
  double: 'double',
  gone: 'cannot respond',
}

/** Whom a swap is offered to, by name. */
export function offeredWords(
  { offeredTo }: Pick<SwapView, 'offeredTo'>,
  names: Names,
  teams: ReadonlyMap<string, string>,
): string {
  const team = /^team:(.*)$/s.exec(offeredTo)?.[1]
  return team === undefined ? names.person(offeredTo) : `anybody in ${teams.get(team) ?? team}`
}

/** What becomes of whose shifts when a swap is accepted by `by`. */
export function swapFollows(
  swap: Pick<SwapView, 'rotation' | 'from' | 'to' | 'person' | 'inReturn'>,
  by: string,
  names: Names,
  { here, now, me }: { here: string; now: number; me: string | null },
): string[] {
  const who = (id: string) => (id === me ? 'You' : names.person(id))
  const verb = (id: string) => (id === me ? 'answer' : 'answers')
  const stretch = ({ rotation, from, to }: { rotation: string; from: string; to: string }) =>
    `for ${names.rotation(rotation)} ${rangeIn(Date.parse(from), Date.parse(to), here, now)}`
  const place = (id: string) => (id === me ? 'in your place' : `in place of ${names.person(id)}`)
  const said = [`${who(by)} ${verb(by)} ${stretch(swap)} ${place(swap.person)}.`]
  if (swap.inReturn !== null)
    said.push(`In return ${who(swap.person).replace(/^You$/, 'you')} ${verb(swap.person)} ${stretch(swap.inReturn)}.`)
  return said
}
