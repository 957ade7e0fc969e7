import { z } from 'zod'
import { CommandRefused } from '../errors.ts'
import type { Command } from './commands.ts'
import type { Context } from './context.ts'
import type { Fact, FactOf, FactType } from './facts.ts'
import {
  clockTime,
  iso,
  mention,
  requireEligible,
  requireMe,
  requireOpen,
  requireRevision,
  targetName,
} from './guards.ts'
import type { Incident } from './state.ts'

/** Parts that people take in an incident besides owning it (basis: ICS command staff). */
export const roleNames = ['commander', 'communications', 'scribe', 'liaison'] as const
export const roleNameSchema = z.enum(roleNames)
export type RoleName = (typeof roleNames)[number]

/** What a person takes on with it, shown where one is given. */
export const roleDefinitions: Readonly<Record<RoleName, { label: string; definition: string }>> = {
  commander: { label: 'Commander', definition: 'Leads this incident: decides, allots, and keeps the clocks.' },
  communications: { label: 'Communications', definition: 'Tells customers and the house, in time and in their words.' },
  scribe: { label: 'Scribe', definition: 'Writes down what happened, when, and who decided it.' },
  liaison: { label: 'Liaison', definition: 'Speaks with suppliers, partners and authorities.' },
}

/** A stretch for which somebody had the role, or had left it empty. Instants are epoch ms. */
export interface RoleHop {
  holder: string | null
  from: number
  to: number | null
  began: 'taken' | 'accepted' | 'taken-over' | 'released'
  readBack: string | null
  reason: string | null
}

export interface RoleOffer {
  from: string | null
  to: string
  eligible: readonly string[]
  offeredAt: number
  /** At this instant and after, an acceptance is refused. */
  deadlineAt: number
  revision: number
  /** What the receiver should know, in the giver's words. */
  note: string
}

/** One role of one incident, with its own chain of holders. */
export interface RoleHeld {
  holder: string | null
  offer: RoleOffer | null
  offerRevision: number
  chain: readonly RoleHop[]
  handovers: number
}

const nobody: RoleHeld = { holder: null, offer: null, offerRevision: 0, chain: [], handovers: 0 }
export function roleOf(incident: Pick<Incident, 'roles'>, role: RoleName): RoleHeld {
  return incident.roles?.[role] ?? nobody
}

/** Commands that are about a role when they name one. */
export type RoleCommand =
  | Extract<Command, { type: 'assign-role' }>
  | (Extract<Command, { type: 'accept' | 'decline' | 'withdraw' | 'take-over' | 'release' }> & { role: RoleName })

export function isRoleCommand(command: { type: string; role?: RoleName | undefined }): command is RoleCommand {
  return command.type === 'assign-role' || command.role !== undefined
}

/**
 * What follows if a role is to change hands. Rule R1: by the protocol of ownership: it goes to somebody else only when they
 * accept it in their own words, before the deadline, or when a commander takes it with a reason. Rule R2: it never changes
 * who owns the incident.
 * @throws CommandRefused
 */
export function decideRole(command: RoleCommand, incident: Incident, context: Context): Fact[] {
  const { now: at, by } = context
  const me = requireMe(by.startsWith('person:') ? by.slice('person:'.length) : null)
  const { role } = command
  const { label } = roleDefinitions[role]
  const { holder, offer, offerRevision } = roleOf(incident, role)
  // For an acceptance `revision` is the offer's.
  if (command.type !== 'accept') requireRevision(command, incident)
  requireOpen(incident, `change who is ${label.toLowerCase()}`)

  const requireLead = (doing: string) => {
    if (context.commander || me === holder || me === incident.owner) return
    throw new CommandRefused(
      'not-owner',
      `Only ${holder === null ? 'the owner of the incident' : `${mention(holder)}, the owner of the incident`} or a commander may ${doing}.`,
      { owner: holder },
    )
  }
  const openOffer = () => {
    if (offer === null)
      throw new CommandRefused('no-open-offer', `${label} is offered to nobody. ${roleStillWith(role, holder)}`, {
        owner: holder,
      })
    return offer
  }
  const ended = (how: FactOf<'role-offer-ended'>['how'], reason: string): Fact[] =>
    offer === null ? [] : [{ type: 'role-offer-ended', at, by, role, revision: offer.revision, how, reason }]

  switch (command.type) {
    case 'assign-role': {
      const { person, note = '' } = command
      if (person === holder)
        throw new CommandRefused('nothing-to-change', `${mention(person)} is ${label.toLowerCase()} already.`)
      if (person === me && holder === null)
        return [...ended('withdrawn', `${mention(me)} took it`), { type: 'role-taken', at, by, role }]
      if (person === me)
        throw new CommandRefused(
          'already-owned',
          `${mention(holder ?? '')} is ${label.toLowerCase()}. Ask them to offer it to you${context.commander ? ', or take over with a reason' : ''}.`,
          { owner: holder },
        )
      requireLead(`offer the role ${label.toLowerCase()}`)
      if (offer !== null)
        throw new CommandRefused(
          'offer-open',
          `${label} is offered to ${targetName(offer.to)} until ${clockTime(offer.deadlineAt)}. Withdraw that offer first.`,
          { to: offer.to, deadline: iso(offer.deadlineAt) },
        )
      const eligible = context.eligible.filter((id) => id !== holder)
      if (eligible.length === 0)
        throw new CommandRefused('not-found', `There is nobody to offer it to under ${targetName(person)}.`)
      const deadlineAt = at + context.offerLimitMs(incident.tier)
      return [
        {
          type: 'role-offered',
          at,
          by,
          role,
          to: person,
          eligible,
          offeredAt: at,
          deadlineAt,
          revision: offerRevision + 1,
          note,
        },
      ]
    }
    case 'accept': {
      const open = openOffer()
      requireEligible(open.eligible, me, 'accept')
      if (at >= open.deadlineAt)
        throw new CommandRefused(
          'offer-expired',
          `The offer ended at ${clockTime(open.deadlineAt)}. ${roleStillWith(role, holder)}`,
          { deadline: iso(open.deadlineAt), owner: holder },
        )
      if (command.revision !== open.revision)
        throw new CommandRefused(
          'offer-changed',
          `The offer was made again. Read revision ${open.revision} and accept that.`,
          { revision: open.revision, changed: [] },
        )
      return [
        { type: 'role-accepted', at, by, role, from: holder, revision: open.revision, readBack: command.readBack },
      ]
    }
    case 'decline':
      requireEligible(openOffer().eligible, me, 'decline')
      return ended('declined', command.reason)
    case 'withdraw':
      openOffer()
      requireLead('withdraw the offer')
      return ended('withdrawn', command.reason ?? '')
    case 'take-over':
      if (holder === null)
        throw new CommandRefused('nobody-owns', `Nobody is ${label.toLowerCase()}. Take the role instead.`)
      if (!context.commander && context.duty?.mayTakeOver(incident) !== true)
        throw new CommandRefused('not-allowed', 'Only a commander may take over a role.')
      if (holder === me) throw new CommandRefused('nothing-to-change', `You are ${label.toLowerCase()} already.`)
      return [
        ...ended('withdrawn', `${mention(me)} took over`),
        { type: 'role-taken-over', at, by, role, from: holder, reason: command.reason },
      ]
    case 'release':
      if (holder !== me)
        throw new CommandRefused(
          'not-owner',
          `Only ${holder === null ? 'whoever has it' : mention(holder)} may leave the role ${label.toLowerCase()}.`,
          {
            owner: holder,
          },
        )
      return [
        ...ended('withdrawn', 'the holder left it'),
        { type: 'role-released', at, by, role, reason: command.reason },
      ]
  }
}

/** Rule R3: due exactly once, as an offer of ownership is. */
export function expireRoleOffers(incident: Incident, context: Pick<Context, 'now' | 'by'>): Fact[] {
  const { now: at, by } = context
  return openRoleOffers(incident).flatMap(({ role, offer }): Fact[] =>
    at < offer.deadlineAt
      ? []
      : [{ type: 'role-offer-ended', at, by, role, revision: offer.revision, how: 'expired', reason: '' }],
  )
}

/** Rule R4: what ends the work ends the offers of its roles in the same step; who held them stays on record. */
export function voidRoleOffers(incident: Incident, context: Pick<Context, 'now' | 'by'>, because: string): Fact[] {
  const { now: at, by } = context
  return openRoleOffers(incident).map(({ role, offer }) => ({
    type: 'role-offer-ended',
    ...{ at, by, role, revision: offer.revision, how: 'withdrawn', reason: because },
  }))
}

export function openRoleOffers({ roles }: Pick<Incident, 'roles'>): { role: RoleName; offer: RoleOffer }[] {
  if (roles === undefined) return []
  return roleNames.flatMap((role) => {
    const offer = roles[role]?.offer ?? null
    return offer === null ? [] : [{ role, offer }]
  })
}

function roleStillWith(role: RoleName, holder: string | null): string {
  return holder === null
    ? `Nobody is ${roleDefinitions[role].label.toLowerCase()} yet.`
    : `${mention(holder)} still is ${roleDefinitions[role].label.toLowerCase()}.`
}

export type RoleFact = FactOf<Extract<FactType, `role-${string}`>>

/** The roles of an incident after one more fact about them. */
export function evolveRoles(roles: Incident['roles'], fact: RoleFact): NonNullable<Incident['roles']> {
  const was = roles?.[fact.role] ?? nobody
  return { ...roles, [fact.role]: evolveRole(was, fact) }
}

function evolveRole(was: RoleHeld, fact: RoleFact): RoleHeld {
  const me = fact.by.slice(fact.by.indexOf(':') + 1)
  switch (fact.type) {
    case 'role-taken':
      return pass(was, me, fact.at, { began: 'taken' })
    case 'role-offered': {
      const { to, eligible, offeredAt, deadlineAt, revision, note } = fact
      const offer = { from: was.holder, to, eligible, offeredAt, deadlineAt, revision, note }
      return { ...was, offer, offerRevision: revision }
    }
    case 'role-accepted':
      return pass(was, me, fact.at, { began: 'accepted', readBack: fact.readBack })
    case 'role-offer-ended': {
      // Rule O5, as with ownership: the offer to a team stands while somebody in it may still accept.
      const left = was.offer?.eligible.filter((id) => id !== me) ?? []
      const stands = fact.how === 'declined' && was.offer !== null && left.length > 0
      return { ...was, offer: stands && was.offer !== null ? { ...was.offer, eligible: left } : null }
    }
    case 'role-taken-over':
      return pass(was, me, fact.at, { began: 'taken-over', reason: fact.reason })
    case 'role-released':
      return pass(was, null, fact.at, { began: 'released', reason: fact.reason })
  }
}

function pass(
  was: RoleHeld,
  holder: string | null,
  at: number,
  how: Pick<RoleHop, 'began'> & Partial<RoleHop>,
): RoleHeld {
  const last = was.chain.at(-1)
  const before =
    last === undefined ? [] : [...was.chain.slice(0, -1), { ...last, to: last.to ?? Math.max(at, last.from) }]
  const handover = was.holder !== null && holder !== null
  return {
    ...was,
    holder,
    offer: null,
    chain: [...before, { readBack: null, reason: null, ...how, holder, from: at, to: null }],
    handovers: was.handovers + (handover ? 1 : 0),
  }
}
