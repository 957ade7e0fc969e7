import { minuteMs } from '../clocks.ts'
import type { Context } from './context.ts'
import type { Fact, FactOf } from './facts.ts'
import { type Incident, isOpen } from './state.ts'

/** How far the house has got in telling people of an incident that nobody owns. Instants are epoch ms. */
export interface PagingState {
  policy: string | null
  /** Of the last step that was taken, from 0; -1: none yet, because it is quiet or because no step meant anybody. */
  step: number
  round: number
  at: number
  /** When the next step is due; null: nobody is left to tell. */
  nextAt: number | null
  people: readonly string[]
  /** Set while it waits because it can. */
  quiet: boolean
}

/** The end of the owner's shift, once relief was prepared. */
export interface ShiftEnd {
  rotation: string
  endsAt: number
  /** Who comes on then. */
  to: readonly string[]
  /** When the commander was told that the owner stays after it; null: not yet. */
  toldAt: number | null
}

/** Relief is prepared so long before the owner's shift ends (domain.md: shift end). */
export const reliefBeforeMs = 15 * minuteMs

/** The next step of an escalation, resolved by the policy and the rotations of the moment. */
export interface NextPage {
  policy: string | null
  step: number
  round: number
  targets: readonly string[]
  people: readonly string[]
  channels: readonly string[]
  nextAt: number | null
  /** Epoch ms until which this tier can wait; then nobody is told now. */
  quietUntil: number | null
}

/** Who is on duty, as far as one decision asks. Left out: nobody is. */
export interface Duty {
  /** The next step of its escalation; null: no policy covers it. */
  nextPage(incident: Incident): NextPage | null
  /** Whom to tell that its offer was not answered; null: nobody is left. */
  expiryPage(incident: Incident): NextPage | null
  /** The shift that the person is in, with who comes next; null: off shift. */
  shiftOf(person: string): { rotation: string; endsAt: number; next: readonly string[] } | null
  /** Rule E8: whether whoever acts may take over because no commander is on and the escalation asks them next. */
  mayTakeOver(incident: Incident): boolean
}

/**
 * The next step of telling people that nobody owns it. Rule E1: each step once; it begins again when the incident is given back, and
 * ends with an owner.
 */
export function page(incident: Incident, context: Context): Fact[] {
  const { now: at, by } = context
  const { paging } = incident
  if (!isOpen(incident.phase) || incident.owner !== null) return []
  const isWaiting = paging !== undefined && meantNobody(paging)
  if (paging !== undefined && !isWaiting && (paging.nextAt === null || at < paging.nextAt)) return []
  const next = context.duty?.nextPage(incident) ?? null
  if (next === null) return []
  // Said once (rule E7).
  if (isWaiting && next.quietUntil === null && next.people.length + next.channels.length === 0) return []
  const reason =
    next.quietUntil !== null || (next.round === 0 && next.step <= 0)
      ? 'first'
      : next.step === 0
        ? 'reminder'
        : 'escalated'
  const { policy, step, round, targets, people, channels, nextAt, quietUntil } = next
  return [
    {
      type: 'paged',
      ...{ at, by, policy, step, round, reason, quietUntil, nextAt },
      ...{ targets: [...targets], people: [...people], channels: [...channels] },
    },
  ]
}

/** Rule E7: no step meant anybody so far, so that whoever comes on call is to be told as soon as they do. */
export function meantNobody({ step, nextAt }: Pick<PagingState, 'step' | 'nextAt'>): boolean {
  return step < 0 && nextAt === null
}

/** Rule E2: an offer that nobody answered is made known to the next step of the policy, though its giver still owns it. */
export function pageOfExpiry(incident: Incident, context: Context): Fact[] {
  // Of what nobody owns the steps run anyway, and the next is due at once (`evolve`).
  if (incident.owner === null) return []
  const { now: at, by } = context
  const next = context.duty?.expiryPage(incident) ?? null
  if (next === null || next.people.length + next.channels.length === 0) return []
  const { policy, step, round, targets, people, channels } = next
  return [
    {
      type: 'paged',
      ...{ at, by, policy, step, round, reason: 'escalated', quietUntil: null, nextAt: null },
      ...{ targets: [...targets], people: [...people], channels: [...channels] },
    },
  ]
}

export function pagingAfter(incident: Incident, fact: FactOf<'paged'>): PagingState | undefined {
  // One that is owned was paged because an offer was not answered: that is no step of its own escalation.
  if (incident.owner !== null) return incident.paging
  const { policy, step, round, at, nextAt, people, quietUntil } = fact
  return { policy, step, round, at, nextAt, people, quiet: quietUntil !== null }
}

/**
 * Rule RS7: whoever a page asked has a part in the incident from that fact on, so that what they are told is there when they open
 * it, also when a later step asks others, and when somebody else has claimed it.
 */
export function askedAfter(
  { asked = [] }: Pick<Incident, 'asked'>,
  { people }: FactOf<'paged'>,
): Pick<Incident, 'asked'> {
  const more = people.filter((person) => !asked.includes(person))
  return more.length === 0 ? {} : { asked: [...asked, ...more] }
}

/** Rule E3: relief is prepared for the owner's own shift, once for each end of one. */
export function prepareRelief(incident: Incident, context: Context): Fact[] {
  const { now: at, by } = context
  const { owner } = incident
  if (owner === null || !isOpen(incident.phase)) return []
  const shift = context.duty?.shiftOf(owner) ?? null
  if (shift === null || at < shift.endsAt - reliefBeforeMs || incident.shiftEnd?.endsAt === shift.endsAt) return []
  const to = shift.next.filter((id) => id !== owner)
  return [{ type: 'relief-prepared', at, by, owner, rotation: shift.rotation, endsAt: shift.endsAt, to }]
}

/** Rule E4: the owner stays the owner after the end of the shift, and the commander is told, once. */
export function tellShiftEnded(incident: Incident, context: Pick<Context, 'now' | 'by' | 'duty'>): Fact[] {
  const { now: at, by } = context
  const { owner, shiftEnd } = incident
  if (owner === null || shiftEnd === undefined || shiftEnd.toldAt !== null || at < shiftEnd.endsAt) return []
  // It was made longer since; relief is prepared for its new end.
  if ((context.duty?.shiftOf(owner)?.endsAt ?? at) > at) return []
  return [{ type: 'shift-ended', at, by, owner, rotation: shiftEnd.rotation, endsAt: shiftEnd.endsAt }]
}

/** Rule U1: an update that was promised and did not come is noted once. */
export function noteLateUpdate(incident: Incident, context: Pick<Context, 'now' | 'by'>): Fact[] {
  const { now: at, by } = context
  const { nextUpdateDueAt } = incident
  if (nextUpdateDueAt === null || at < nextUpdateDueAt || incident.updateLate === true) return []
  return [{ type: 'update-late', at, by, dueAt: nextUpdateDueAt }]
}
