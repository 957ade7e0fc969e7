import type { RoleView } from '#shared/incident/chain-view.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { Me, Summary } from '#shared/wire.ts'
import { compareRank } from '../../state/rank.ts'

/** What somebody waits for from the owner of an incident. */
export type DueKind = 'sign-of-life' | 'shift-end' | 'update' | 'task' | 'clock' | 'relief' | 'classify' | 'resolve'

export interface NextDue {
  kind: DueKind
  /** Epoch ms; null: at once, or whenever there is time (`resolve`). */
  at: number | null
}

export interface Groups {
  /** Offered to me; the one whose time ends first on top. */
  offered: readonly Summary[]
  /** Roles in an incident that are offered to me, by their time. */
  roleOffers: readonly { summary: Summary; role: RoleView }[]
  /** What I own; what is due next on top. */
  mine: readonly { summary: Summary; due: NextDue | null }[]
  /** Nobody's, in my teams or in none; by rank. */
  unclaimed: readonly Summary[]
  /** What I assist and do not own. */
  assisting: readonly Summary[]
  /** Roles that I have, in incidents that are open. */
  roles: readonly { summary: Summary; role: RoleView }[]
}

/**
 * What a responder has to do with, in groups that share nothing.
 *
 * Rule M1: what is offered to me stands under offered, and nowhere else.
 * Rule M2: what I own is ordered by what is due next: a sign of life, then what is late, then who waits for me, then the rest by its time.
 * Rule M3: unclaimed is what nobody owns in my teams; what belongs to no team is everybody's, and who is in no team sees all.
 */
export function groupsOf(incidents: Iterable<Summary>, me: Pick<Me, 'id' | 'teams'>, now: number): Groups {
  const offered: Summary[] = []
  const mine: { summary: Summary; due: NextDue | null }[] = []
  const unclaimed: Summary[] = []
  const assisting: Summary[] = []
  const roleOffers: { summary: Summary; role: RoleView }[] = []
  const roles: { summary: Summary; role: RoleView }[] = []
  for (const summary of incidents) {
    if (!isOpen(summary.phase)) continue
    for (const role of summary.roles ?? []) {
      if (role.offer?.eligible.includes(me.id) && Date.parse(role.offer.deadline) > now)
        roleOffers.push({ summary, role })
      if (role.holder?.id === me.id) roles.push({ summary, role })
    }
    if (summary.offer?.eligible.includes(me.id) && Date.parse(summary.offer.deadline) > now) offered.push(summary)
    else if (summary.owner?.id === me.id) mine.push({ summary, due: nextDue(summary, now) })
    else if (summary.owner === null && isOfMyTeams(summary, me)) unclaimed.push(summary)
    else if (summary.assistants.some(({ id }) => id === me.id)) assisting.push(summary)
  }
  return {
    offered: offered.sort((a, b) => deadlineOf(a) - deadlineOf(b) || compareRank(a, b, now)),
    mine: mine.sort((a, b) => compareDue(a, b, now)),
    unclaimed: unclaimed.sort((a, b) => compareRank(a, b, now)),
    assisting: assisting.sort((a, b) => compareRank(a, b, now)),
    roleOffers: roleOffers.sort((a, b) => deadlineOf(a.role) - deadlineOf(b.role)),
    roles: roles.sort((a, b) => compareRank(a.summary, b.summary, now)),
  }
}

function isOfMyTeams({ team }: Summary, { teams }: Pick<Me, 'teams'>): boolean {
  return teams.length === 0 || team === null || teams.includes(team)
}

const deadlineOf = ({ offer }: Pick<Summary, 'offer'>): number => (offer === null ? 0 : Date.parse(offer.deadline))

/** The one thing about an incident of mine that is due next; null: nothing was promised. */
export function nextDue(summary: Summary, now: number): NextDue | null {
  if (summary.ownerSilentSince !== null) return { kind: 'sign-of-life', at: null }
  const timed: { kind: DueKind; at: number }[] = []
  if (summary.nextUpdateDueAt !== null) timed.push({ kind: 'update', at: Date.parse(summary.nextUpdateDueAt) })
  // Relief is prepared before a shift ends; once it is offered, the answer is awaited.
  if (summary.shiftEnd !== undefined && summary.offer === null)
    timed.push({ kind: 'shift-end', at: Date.parse(summary.shiftEnd.endsAt) })
  const taskDueAt = summary.tasks?.nextDueAt ?? null
  if (taskDueAt !== null) timed.push({ kind: 'task', at: Date.parse(taskDueAt) })
  // One that is far away is no news; near it, or past it, it comes before what can wait.
  const [clock] = summary.clocks?.next ?? []
  if (clock !== undefined && Date.parse(clock.nearAt) <= now) timed.push({ kind: 'clock', at: Date.parse(clock.dueAt) })
  const next = timed.sort((a, b) => a.at - b.at)[0]
  if (next !== undefined && next.at <= now) return next
  if (summary.reliefAskedBy !== null && summary.offer === null) return { kind: 'relief', at: null }
  if (summary.tier === null) return { kind: 'classify', at: null }
  if (next !== undefined) return next
  return summary.suggestResolve ? { kind: 'resolve', at: null } : null
}

type Owned = Groups['mine'][number]

function compareDue(a: Owned, b: Owned, now: number): number {
  return (
    Number(a.summary.drill) - Number(b.summary.drill) ||
    urgency(a.due, now) - urgency(b.due, now) ||
    (a.due?.at ?? Number.POSITIVE_INFINITY) - (b.due?.at ?? Number.POSITIVE_INFINITY) ||
    compareRank(a.summary, b.summary, now)
  )
}

function urgency(due: NextDue | null, now: number): number {
  switch (due?.kind) {
    case undefined:
      return 6
    case 'sign-of-life':
      return 0
    case 'shift-end':
    case 'update':
    case 'task':
    case 'clock':
      return due !== null && due.at !== null && due.at <= now ? 1 : 4
    case 'relief':
      return 2
    case 'classify':
      return 3
    case 'resolve':
      return 5
  }
}
