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

/** Troubles of one kind between the same rotations and people: what comes every week is one. */
export interface TroubleGroup {
  first: TroubleView
  more: readonly TroubleView[]
}

const gravity: Readonly<Record<TroubleView['kind'], number>> = { gap: 0, gone: 0, double: 1 }

/** Where nobody would answer comes before who answers twice; then what comes first. */
export function groupTroubles(troubles: readonly TroubleView[]): TroubleGroup[] {
  const groups = new Map<string, { first: TroubleView; more: TroubleView[] }>()
  for (const trouble of troubles.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const key = JSON.stringify([trouble.kind, trouble.rotation, trouble.other, trouble.people])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { first: trouble, more: [] })
    else group.more.push(trouble)
  }
  return [...groups.values()].sort((a, b) => gravity[a.first.kind] - gravity[b.first.kind])
}

const minuteMs = 60_000

/** What is wrong, in a sentence; when; and what to do. */
export function troubleWords(
  { first, more }: TroubleGroup,
  names: Names,
  { here, now }: { here: string; now: number },
): { title: string; when: string; again: string | null; todo: string } {
  const from = Date.parse(first.from)
  const to = Date.parse(first.to)
  const people = first.people.map(names.person).join(', ')
  // `now` is of the whole minute; what begins within it has begun.
  const isOn = from < now + minuteMs
  const lasts = ageWords(to - Math.max(from, now))
  const when = isOn
    ? `now, until ${momentIn(to, here, now)} (${lasts})`
    : `${rangeIn(from, to, here, now)} (${lasts}), in ${ageWords(from - now)}`
  const last = more.at(-1)
  const again =
    last === undefined
      ? null
      : `${more.length === 1 ? 'once more' : `${more.length} times more`}, the last ${momentIn(Date.parse(last.from), here, now)}`
  const rotation = names.rotation(first.rotation)
  const said = { when, again }
  switch (first.kind) {
    case 'gap':
      return {
        ...said,
        title: `Nobody answers for ${rotation}`,
        todo: 'Put somebody in. Where nobody has to, “covers” of the rotation says so in the policy.',
      }
    case 'double':
      return {
        ...said,
        title: `${people} answers for ${rotation} and ${names.rotation(first.other ?? '')} at once`,
        todo: 'Put somebody else into one of the two, or leave it if one person can do both.',
      }
    case 'gone':
      return {
        ...said,
        title: `${people} cannot respond, and is on for ${rotation}`,
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

/** What those who may accept have meanwhile, a sentence a person: `You answer for Payments and Ops meanwhile.` */
export function clashWords(clashes: SwapView['clashes'], names: Names, me: string | null): string[] {
  return [...new Set(clashes.map(({ person }) => person))].map((person) => {
    const theirs = clashes.filter((one) => one.person === person)
    const rotations = [...new Set(theirs.map(({ rotation }) => names.rotation(rotation)))].join(' and ')
    return `${person === me ? 'You answer' : `${names.person(person)} answers`} for ${rotations} meanwhile.`
  })
}
