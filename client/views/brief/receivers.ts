import { type Catalogue, catalogueSchema } from '#shared/catalogue.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import { type Everybody, responders } from '../acts/use-act.ts'
import { useAsked } from '../context.ts'
import type { Receivers } from './choose.tsx'

/** Whoever can be offered an incident, those who answer for it now first. Without rotations: everybody, by name. */
export function receiversOf(
  summary: Summary,
  { people, teams }: Everybody,
  catalogue: Catalogue | null,
  me: string,
): Receivers[] {
  const who = people === null ? [] : responders(people, [summary.owner?.id])
  const teamId = catalogue?.services.find(({ id }) => id === summary.service)?.team ?? summary.team
  const team = catalogue?.teams.find(({ id }) => id === teamId)
  const services = catalogue?.services.find(({ id }) => id === summary.service)?.answers ?? []
  const onCall = (services.length > 0 ? services : (team?.answers ?? [])).map(({ person }) => person.id)
  const first: [string, string][] = [
    ...(summary.reliefAskedBy === null ? [] : [[summary.reliefAskedBy.id, 'asks for it'] as [string, string]]),
    ...(summary.shiftEnd?.to ?? []).map(({ id }): [string, string] => [id, 'comes on when the shift ends']),
    ...onCall.map((id): [string, string] => [id, 'on call now']),
  ]
  const nameOf = (id: string) =>
    id === me ? `${who.find((one) => one.id === id)?.name} (you)` : who.find((one) => one.id === id)?.name
  const seen = new Set<string>()
  const leading = first.flatMap(([id, note]) => {
    const name = nameOf(id)
    if (name === undefined || seen.has(id)) return []
    seen.add(id)
    return { id, name, note }
  })
  const teamNote = ({ id, members }: { id: string; members: readonly string[] }) =>
    members.length === 0 ? 'nobody in it' : id === teamId ? 'its team: the first who accepts' : 'the first who accepts'
  const groups: Receivers[] = [
    { title: 'First', items: leading },
    {
      title: 'People',
      items: who.filter(({ id }) => !seen.has(id)).map(({ id }) => ({ id, name: nameOf(id) ?? id, note: '' })),
    },
    {
      title: 'Teams',
      items: teams
        .filter(({ members }) => members.length > 0)
        .map((one) => ({ id: `team:${one.id}`, name: one.name, note: teamNote(one) })),
    },
  ]
  return groups.filter(({ items }) => items.length > 0)
}

export function useCatalogue(): Catalogue | null {
  return useAsked('/api/catalogue', catalogueSchema).value
}

/** Names of everybody who can be chosen, and of those the incident knows. */
export function namesOf(
  view: IncidentView,
  { people }: Everybody,
  known: (id: string) => string,
): (id: string) => string {
  const names = new Map(people?.map(({ id, name }) => [id, name]))
  for (const { person } of view.tasks) if (person !== null) names.set(person.id, person.name)
  return (id) => names.get(id) ?? known(id)
}
