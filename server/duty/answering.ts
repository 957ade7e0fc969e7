import type { EscalationPolicy } from '#shared/duty/escalation.ts'
import type { Target } from '#shared/duty/rotation.ts'
import type { Policy } from '#shared/policy.ts'
import type { Rota } from './port.ts'

export interface AnsweringParts {
  policy: Policy
  rota: Pick<Rota, 'onCall' | 'onCallOfTeam'>
  /** Active, and with a role that responds. */
  mayRespond: (person: string) => boolean
  /** Active people with the role commander. */
  commanders: () => readonly string[]
  /** Epoch ms. */
  at: number
}

/** Whom the targets of a policy mean at one moment: everybody who may respond, each once, the first to be asked first. */
export interface Answering {
  /** @param team of the incident or service that it is about, for `on-call`; null: it has none */
  peopleOf(target: Target, team: string | null): readonly string[]
  /** Who commands now; empty in a gap of their turns. */
  commandersOn(): readonly string[]
  /** Who is told where commanders are meant: in a gap of their turns all of them, so that somebody is. */
  commanders(): readonly string[]
}

/** The one place that knows what a target means: pages, messages and the catalogue follow it. */
export function answeringAt({ policy, rota, mayRespond, commanders, at }: AnsweringParts): Answering {
  const able = (people: readonly string[]) => [...new Set(people)].filter(mayRespond)
  // Commanders that are said to be the commanders are all of them.
  const named = policy.commanders.filter((target) => target !== 'commanders' && target !== 'on-call')

  /** Rule E5: commanders on are those that `commanders` of the policy means now; where it names nobody, all of them. */
  const commandersOn = (): readonly string[] =>
    able(named.length === 0 ? commanders() : named.flatMap((target) => meant(target, null)))
  const told = (): readonly string[] => {
    const on = commandersOn()
    return on.length > 0 ? on : able(commanders())
  }

  /** Rule E6: a team is whoever is on call in it, and where nobody is, all of it. */
  function teamPeople(team: string): readonly string[] {
    const onCall = able(rota.onCallOfTeam(team, at))
    return onCall.length > 0 ? onCall : able(policy.teams.find(({ id }) => id === team)?.members ?? [])
  }

  function meant(target: Target, team: string | null): readonly string[] {
    if (target === 'commanders') return told()
    if (target === 'on-call') {
      const people = team === null ? [] : teamPeople(team)
      return people.length > 0 ? people : told()
    }
    if (target.startsWith('rotation:')) return rota.onCall(target.slice('rotation:'.length), at)
    if (target.startsWith('team:')) return teamPeople(target.slice('team:'.length))
    return target.startsWith('channel:') ? [] : [target]
  }

  return { peopleOf: (target, team) => able(meant(target, team)), commandersOn, commanders: told }
}

/** The escalation policy that its service names, else its team, else the first one. Null: there is none. */
export function escalationOf(
  policy: Policy,
  { service, team }: { service: string | null; team: string | null },
): EscalationPolicy | null {
  const named =
    policy.services.find(({ id }) => id === service)?.escalation ??
    policy.teams.find(({ id }) => id === team)?.escalation
  const all = policy.escalation_policies
  return (named === undefined ? all[0] : all.find(({ id }) => id === named)) ?? null
}
