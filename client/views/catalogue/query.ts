import type { Catalogue, ServiceView, TeamCard } from '#shared/catalogue.ts'

export const kinds = ['services', 'teams'] as const
export type Kind = (typeof kinds)[number]

export const onlys = ['all', 'incidents', 'nobody'] as const
export type Only = (typeof onlys)[number]
export const onlyWords: Readonly<Record<Only, string>> = {
  all: 'all of them',
  incidents: 'with open incidents',
  nobody: 'nobody answers',
}

/** What the address says: services or teams, which of them, and which one is open. */
export interface CatalogueQuery {
  kind: Kind
  only: Only
  team: string | null
  words: string
  at: string | null
}

export function readQuery(search: string): CatalogueQuery {
  const said = new URLSearchParams(search)
  return {
    kind: kinds.find((kind) => kind === said.get('show')) ?? 'services',
    only: onlys.find((only) => only === said.get('only')) ?? 'all',
    team: said.get('team'),
    words: said.get('q') ?? '',
    at: said.get('at'),
  }
}

export function writeQuery({ kind, only, team, words, at }: CatalogueQuery): string {
  const said = new URLSearchParams()
  if (kind !== 'services') said.set('show', kind)
  if (only !== 'all') said.set('only', only)
  if (team !== null) said.set('team', team)
  if (words !== '') said.set('q', words)
  if (at !== null) said.set('at', at)
  const text = said.toString()
  return text === '' ? '/services' : `/services?${text}`
}

export const serviceAddress = (id: string): string => `/services?at=${encodeURIComponent(id)}`
export const teamAddress = (id: string): string => `/services?show=teams&at=${encodeURIComponent(id)}`

/** Each word stands somewhere in the name of the service, of its team, or of somebody who answers for it. */
export function fits(service: ServiceView, teamName: string, query: CatalogueQuery): boolean {
  if (query.team !== null && service.team !== query.team) return false
  if (query.only === 'incidents' && service.incidents.length === 0) return false
  if (query.only === 'nobody' && service.answers.length > 0) return false
  return allWords(query.words, [service.id, teamName, ...service.answers.map(({ person }) => person.name)])
}

export function teamFits(team: TeamCard, query: CatalogueQuery): boolean {
  if (query.only === 'nobody' && team.answers.length > 0) return false
  return allWords(query.words, [team.id, team.name, ...team.members.map(({ name }) => name)])
}

function allWords(words: string, texts: readonly string[]): boolean {
  const all = texts.join('\n').toLowerCase()
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word))
}

/** Services with open incidents first, the gravest on top; then by name. */
export function compareServices(a: ServiceView, b: ServiceView): number {
  return worstOf(a) - worstOf(b) || a.id.localeCompare(b.id)
}

/** Unclassified counts as Tier 1; an exercise is no trouble. */
function worstOf({ incidents }: ServiceView): number {
  return Math.min(9, ...incidents.filter(({ drill }) => !drill).map(({ tier }) => tier ?? 1))
}

/** Those that the address asks for, in their order. */
export function shownServices({ services, teams }: Catalogue, query: CatalogueQuery): ServiceView[] {
  const names = new Map(teams.map(({ id, name }) => [id, name]))
  return services.filter((one) => fits(one, names.get(one.team ?? '') ?? one.team ?? '', query)).sort(compareServices)
}
