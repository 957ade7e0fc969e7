import { type NamedIntervals, timetable } from '#shared/alertmanager/time-intervals.ts'
import type { EscalationPolicy } from '#shared/duty/escalation.ts'
import type { Target } from '#shared/duty/rotation.ts'
import type { Duty, NextPage } from '#shared/incident/paging.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Policy } from '#shared/policy.ts'
import type { Rota } from '../../duty/port.ts'

export interface DutyParts {
  policy: Policy
  rota: Rota
  /** Active, and with a role that responds. */
  mayRespond: (person: string) => boolean
  /** Active people with the role commander. */
  commanders: () => readonly string[]
  /** Epoch ms. */
  now: number
  /** Who asks; null: the house itself. */
  me: string | null
}

interface Resolved {
  people: string[]
  channels: string[]
}

/** Who is to be told of an incident next, by the policy and the rotations as they are at `now`. */
export function makeDuty({ policy, rota, mayRespond, commanders, now, me }: DutyParts): Duty {
  const named = policy.commanders.filter((target) => target !== 'commanders' && target !== 'on-call')
  /** Rule E5: commanders on are those that `commanders` of the policy means now; where it names nobody, all of them. */
  const commandersOn = (): readonly string[] =>
    named.length === 0 ? commanders() : named.flatMap((target) => peopleOf(target, null)).filter(mayRespond)
  /** Who is told where commanders are meant: in a gap of their turns all of them, so that somebody is. */
  const toldAsCommanders = (): readonly string[] => {
    const on = commandersOn()
    return on.length > 0 ? on : commanders()
  }

  /** Rule E6: a team is whoever is on call in it, and where nobody is, all of it. */
  const teamPeople = (team: string): readonly string[] => {
    const onCall = rota.onCallOfTeam(team, now).filter(mayRespond)
    return onCall.length > 0 ? onCall : (policy.teams.find(({ id }) => id === team)?.members ?? [])
  }

  function peopleOf(target: Target, incident: Pick<Incident, 'team'> | null): readonly string[] {
    if (target === 'commanders') return toldAsCommanders()
    if (target === 'on-call') {
      const team = incident?.team ?? null
      const people = team === null ? [] : teamPeople(team).filter(mayRespond)
      return people.length > 0 ? people : toldAsCommanders()
    }
    if (target.startsWith('rotation:')) return rota.onCall(target.slice('rotation:'.length), now)
    if (target.startsWith('team:')) return teamPeople(target.slice('team:'.length))
    return target.startsWith('channel:') ? [] : [target]
  }

  function resolve(targets: readonly Target[], incident: Incident): Resolved {
    const people = targets.flatMap((target) => peopleOf(target, incident)).filter(mayRespond)
    const channels = targets.flatMap((target) =>
      target.startsWith('channel:') ? [target.slice('channel:'.length)] : [],
    )
    return { people: [...new Set(people)], channels: [...new Set(channels)] }
  }

  return {
    nextPage(incident) {
      const escalation = escalationOf(policy, incident)
      if (escalation === null) return null
      const { id, steps, repeat } = escalation
      // Another policy than the one it began with has a first step of its own.
      const current = incident.paging?.policy === id ? incident.paging : { step: -1, round: 0 }
      const quietUntil = quietEnd(escalation, policy.time_intervals, incident, now)
      const none = { policy: id, targets: [], people: [], channels: [], quietUntil: null }
      if (quietUntil !== null)
        return { ...none, step: current.step, round: current.round, nextAt: quietUntil, quietUntil }
      // Rule E7: a step that means nobody now costs no time.
      let { step, round } = current
      for (let looked = 0; looked < steps.length; looked++) {
        step++
        if (step >= steps.length) {
          step = 0
          round++
        }
        if (round > repeat) break
        const { notify, wait } = steps[step] as EscalationPolicy['steps'][number]
        const found = resolve(notify, incident)
        if (found.people.length + found.channels.length === 0) continue
        const last = round === repeat && step === steps.length - 1
        return {
          policy: id,
          step,
          round,
          targets: notify,
          ...found,
          nextAt: last ? null : now + wait,
          quietUntil: null,
        }
      }
      return { ...none, step: current.step, round: Math.min(round, repeat), nextAt: null }
    },
    expiryPage(incident) {
      const escalation = escalationOf(policy, incident)
      const asked = new Set([...(incident.offer?.eligible ?? []), incident.owner])
      const others = (people: readonly string[]) => people.filter((person) => !asked.has(person))
      const command = others(toldAsCommanders().filter(mayRespond))
      for (const [step, { notify }] of (escalation?.steps ?? []).entries()) {
        const { people, channels } = resolve(notify, incident)
        const next = others(people)
        if (next.length === 0) continue
        const all = [...new Set([...next, ...command])]
        return page(escalation?.id ?? null, step, notify, all, channels)
      }
      return command.length === 0 ? null : page(null, 0, ['commanders'], command, [])
    },
    shiftOf: (person) => rota.shiftOf(person, now),
    mayTakeOver(incident) {
      if (me === null || !mayRespond(me)) return false
      if (commandersOn().some(mayRespond)) return false
      const escalation = escalationOf(policy, incident)
      const after = incident.paging?.step ?? -1
      const next = escalation?.steps.slice(after + 1) ?? []
      return next.some(({ notify }) => resolve(notify, incident).people.includes(me))
    },
  }
}

function page(
  policy: string | null,
  step: number,
  targets: readonly Target[],
  people: readonly string[],
  channels: readonly string[],
): NextPage {
  return { policy, step, round: 0, targets, people, channels, nextAt: null, quietUntil: null }
}

/** The one that its service names, else its team, else the first of the policy. Null: there is none. */
export function escalationOf(policy: Policy, incident: Pick<Incident, 'service' | 'team'>): EscalationPolicy | null {
  const named =
    policy.services.find(({ id }) => id === incident.service)?.escalation ??
    policy.teams.find(({ id }) => id === incident.team)?.escalation
  const all = policy.escalation_policies
  return (named === undefined ? all[0] : all.find(({ id }) => id === named)) ?? null
}

/** Until when this incident can wait. Null: it cannot. What is unclassified cannot either. */
function quietEnd(
  { quiet }: EscalationPolicy,
  intervals: readonly NamedIntervals[],
  { tier }: Incident,
  now: number,
): number | null {
  if (tier === null) return null
  const names = quiet.filter(({ tiers }) => tiers.includes(tier)).flatMap((entry) => entry.intervals)
  if (names.length === 0) return null
  const table = timetable(intervals.flatMap(({ name, time_intervals }) => (names.includes(name) ? time_intervals : [])))
  return table.activeAt(now) ? table.changeAfter(now) : null
}
