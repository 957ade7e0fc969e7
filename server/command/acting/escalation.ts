import { type NamedIntervals, timetable } from '#shared/alertmanager/time-intervals.ts'
import type { EscalationPolicy } from '#shared/duty/escalation.ts'
import type { Target } from '#shared/duty/rotation.ts'
import type { Duty, NextPage } from '#shared/incident/paging.ts'
import type { Incident } from '#shared/incident/state.ts'
import { type AnsweringParts, answeringAt, escalationOf, type Rota } from '../../duty/index.ts'

export interface DutyParts extends AnsweringParts {
  rota: Rota
  /** Who asks; null: the house itself. */
  me: string | null
}

interface Resolved {
  people: string[]
  channels: string[]
}

/** Who is to be told of an incident next, by the policy and the rotations as they are at `now`. */
export function dutyAt({ me, ...parts }: DutyParts): Duty {
  const { policy, rota, mayRespond, at: now } = parts
  const answering = answeringAt(parts)

  function resolve(targets: readonly Target[], incident: Incident): Resolved {
    const people = targets.flatMap((target) => answering.peopleOf(target, incident.team))
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
      const command = others(answering.commanders())
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
      if (answering.commandersOn().length > 0) return false
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
