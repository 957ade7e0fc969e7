import { requireOwnWords } from '../brief/own-words.ts'
import { CommandRefused, unreachable } from '../errors.ts'
import { type Severity, severities } from '../event.ts'
import { decideEvidence } from '../evidence.ts'
import { briefSchema } from './brief.ts'
import { decideClock } from './clock-deciding.ts'
import type { Command, Declare, MergingCommand } from './commands.ts'
import type { Context, SystemCommand } from './context.ts'
import type { Fact } from './facts.ts'
import {
  alreadyOwned,
  clockTime,
  iso,
  mention,
  requireEligible,
  requireMe,
  requireNotEnded,
  requireOffer,
  requireOpen,
  requireOwned,
  requireOwner,
  requireOwnerOrCommander,
  requireRevision,
  stillWith,
} from './guards.ts'
import { noteClocks } from './legal-clocks.ts'
import { offered, reissue, voidOffer } from './offers.ts'
import { noteLateUpdate, page, pageOfExpiry, prepareRelief, tellShiftEnded } from './paging.ts'
import { decideRole, expireRoleOffers, isRoleCommand, voidRoleOffers } from './roles.ts'
import { type Incident, isOpen, type Phase, phases, type Tier } from './state.ts'
import { decideTask } from './tasks.ts'

/** A new incident, by the filter or by hand. */
export function decideDeclaration(
  what: Extract<SystemCommand, { type: 'open' }> | ({ type: 'declare'; team: string | null } & Omit<Declare, 'id'>),
  context: Context,
): Fact[] {
  const { now: at, by } = context
  if (what.type === 'open') {
    const { type: _, flags, ...rest } = what
    return [{ type: 'declared', at, by, ...rest, flags: [...flags], provisional: true }]
  }
  const { title, description, service, team, tier, flags } = what
  return [
    {
      type: 'declared',
      at,
      by,
      title,
      description,
      service,
      team,
      severity: 'medium',
      tier,
      tierRule: null,
      flags: [...flags],
      drill: false,
      provisional: false,
    },
  ]
}

/** What reaches one incident alone. */
export type SingleCommand = Exclude<Command, MergingCommand> | Exclude<SystemCommand, { type: 'open' }>

/**
 * What follows if `command` reaches `incident` at `context.now`? Pure.
 * @returns the facts to append, in order; empty when a system command has nothing left to do
 * @throws CommandRefused when the incident's state or the actor's part in it forbids the command
 */
export function decide(command: SingleCommand, incident: Incident, context: Context): Fact[] {
  const { now: at, by } = context
  const me = by.startsWith('person:') ? by.slice('person:'.length) : null

  if (isRoleCommand(command)) return decideRole(command, incident, context)
  switch (command.type) {
    case 'claim': {
      requireOpen(incident, 'claim')
      // Rule O1: a claim succeeds only when nobody owns the incident; the loser learns who won and when. Asked before the
      // revision, which the winner's claim has moved.
      if (incident.owner !== null) throw alreadyOwned(incident, me)
      requireRevision(command, incident)
      return [...voidOffer(incident, context, `${mention(requireMe(me))} claimed it`), { type: 'claimed', at, by }]
    }
    case 'offer': {
      requireRevision(command, incident)
      requireOpen(incident, 'offer')
      requireOwnerOrCommander(incident, context, 'offer')
      return [offered(incident, command.to, command.brief, context)]
    }
    case 'accept': {
      const offer = requireOffer(incident)
      requireEligible(offer.eligible, me, 'accept')
      // Rule O3: at or after the deadline an acceptance is refused, even if no poll has run yet.
      if (at >= offer.deadlineAt)
        throw new CommandRefused(
          'offer-expired',
          `The offer ended at ${clockTime(offer.deadlineAt)}. ${stillWith(incident)} Ask for relief if you want it.`,
          {
            deadline: iso(offer.deadlineAt),
            owner: incident.owner,
          },
        )
      // Rule O4: an acceptance is for the revision that was read; a material change since then voids it.
      if (command.revision !== offer.revision)
        throw new CommandRefused(
          'offer-changed',
          `The offer changed since you read it: ${offer.changed.at(-1) ?? 'it was made again'}. Read revision ${offer.revision} and accept that.`,
          {
            revision: offer.revision,
            changed: offer.changed,
          },
        )
      requireOwnWords(command.readBack, offer.brief.situation)
      return [{ type: 'accepted', at, by, from: incident.owner, revision: offer.revision, readBack: command.readBack }]
    }
    case 'decline': {
      requireRevision(command, incident)
      const offer = requireOffer(incident)
      requireEligible(offer.eligible, me, 'decline')
      // Rule O5: a decline never moves ownership. A team's offer stands while somebody in it may still accept.
      return [
        { type: 'offer-declined', at, by, reason: command.reason, closed: offer.eligible.every((id) => id === me) },
      ]
    }
    case 'withdraw': {
      requireRevision(command, incident)
      requireOffer(incident)
      requireOwnerOrCommander(incident, context, 'withdraw the offer')
      return [{ type: 'offer-withdrawn', at, by, reason: command.reason ?? '' }]
    }
    case 'ask-relief': {
      requireRevision(command, incident)
      requireOpen(incident, 'ask for relief')
      requireOwned(incident)
      if (incident.reliefAskedBy === me)
        throw new CommandRefused('nothing-to-change', 'You asked already; the owner and the commander see it.')
      return [{ type: 'relief-asked', at, by, reason: command.reason ?? '' }]
    }
    case 'grant-relief': {
      requireRevision(command, incident)
      requireOpen(incident, 'grant relief')
      requireOwnerOrCommander(incident, context, 'grant relief')
      const asker = incident.reliefAskedBy
      if (asker === null)
        throw new CommandRefused('nothing-to-change', 'Nobody has asked for relief; make an offer instead.')
      const to = command.to ?? asker
      const brief = command.brief ?? incident.brief ?? briefSchema.parse({ situation: incident.title.slice(0, 280) })
      return [offered(incident, to, brief, context)]
    }
    case 'take-over': {
      requireRevision(command, incident)
      requireOpen(incident, 'take over')
      if (!context.commander && context.duty?.mayTakeOver(incident) !== true)
        throw new CommandRefused(
          'not-allowed',
          'Only a commander may take over. Ask for relief, or escalate to the commander.',
        )
      const owner = requireOwned(incident)
      if (owner === me) throw new CommandRefused('nothing-to-change', 'You own it already.')
      return [
        ...voidOffer(incident, context, `${mention(requireMe(me))} took over`),
        { type: 'taken-over', at, by, from: owner, reason: command.reason },
      ]
    }
    case 'release': {
      requireRevision(command, incident)
      requireOpen(incident, 'release it')
      requireOwner(incident, me, 'release it')
      return [
        ...voidOffer(incident, context, 'the owner released it'),
        { type: 'released', at, by, reason: command.reason },
      ]
    }
    case 'escalate': {
      requireRevision(command, incident)
      requireOpen(incident, 'escalate')
      return [{ type: 'escalated', at, by, person: command.person ?? null, reason: command.reason ?? '' }]
    }
    case 'assist': {
      requireRevision(command, incident)
      requireOpen(incident, 'assist')
      const person = command.person ?? requireMe(me)
      if (incident.owner === person)
        throw new CommandRefused('nothing-to-change', `${mention(person)} owns it already.`)
      if (incident.assistants.includes(person))
        throw new CommandRefused('nothing-to-change', `${mention(person)} assists already.`)
      return [{ type: 'assisted', at, by, person }]
    }
    case 'confirm': {
      requireRevision(command, incident)
      requireOpen(incident, 'give a sign of life')
      requireOwner(incident, me, 'give its sign of life')
      return [{ type: 'confirmed', at, by }]
    }
    case 'seen': {
      requireOpen(incident, 'say that you have seen it')
      if (incident.seenBy?.includes(requireMe(me)))
        throw new CommandRefused('nothing-to-change', 'You said that already; you are not reminded of it.')
      return [{ type: 'seen', at, by }]
    }
    case 'revise': {
      requireRevision(command, incident)
      requireOpen(incident, 'revise the brief')
      return [
        { type: 'brief-revised', at, by, brief: command.brief },
        ...reissue(incident, context, 'the brief was revised', { brief: command.brief }),
      ]
    }
    case 'classify': {
      requireRevision(command, incident)
      requireNotEnded(incident, 'classify')
      requireOwnerOrCommander(incident, context, 'classify')
      if (incident.tier === command.tier)
        throw new CommandRefused('nothing-to-change', `It is Tier ${command.tier} already.`)
      return [
        { type: 'classified', at, by, tier: command.tier, from: incident.tier, reason: command.reason },
        ...reissue(incident, context, `tier changed from ${incident.tier ?? 'unclassified'} to ${command.tier}`, {
          tier: command.tier,
        }),
      ]
    }
    case 'dismiss': {
      requireRevision(command, incident)
      requireOpen(incident, 'dismiss')
      requireOwnerOrCommander(incident, context, 'dismiss')
      return [
        ...voidOffer(incident, context, 'the incident was dismissed'),
        ...voidRoleOffers(incident, context, 'the incident was dismissed'),
        { type: 'dismissed', at, by, reason: command.reason },
      ]
    }
    case 'set-phase':
      requireRevision(command, incident)
      return setPhase(command.phase, command.reason ?? '', incident, context)
    case 'reopen': {
      requireRevision(command, incident)
      if (isOpen(incident.phase)) throw new CommandRefused('nothing-to-change', 'It is open already.')
      if (incident.phase === 'merged')
        throw new CommandRefused(
          'phase-forbids',
          `It was merged into ${incident.merged?.into ?? 'another incident'}; work on that one, or undo the merge.`,
        )
      const phase: Phase = incident.phase === 'dismissed' ? 'triage' : 'investigating'
      return [{ type: 'reopened', at, by, phase, from: incident.phase, reason: command.reason }]
    }
    case 'note':
      requireRevision(command, incident)
      return [{ type: 'noted', at, by, text: command.text }]
    case 'update': {
      requireRevision(command, incident)
      const promised =
        command.nextInMin === undefined ? context.nextUpdateMs(incident.tier) : command.nextInMin * 60_000
      const nextDueAt = isOpen(incident.phase) && promised !== null ? at + promised : null
      return [{ type: 'updated', at, by, text: command.text, nextDueAt }]
    }
    case 'flag': {
      requireRevision(command, incident)
      if (incident.flags.includes(command.flag) === command.on)
        throw new CommandRefused('nothing-to-change', `The flag is ${command.on ? 'set' : 'clear'} already.`)
      // Rule RS2: whoever responds may close the door; opening it again is for those who answer for who looks in.
      if (command.flag === 'restricted' && !command.on && !context.commander)
        throw new CommandRefused('not-allowed', 'Only a commander lifts a restriction. Ask one.')
      return [{ type: 'flagged', at, by, flag: command.flag, on: command.on }]
    }
    case 'start-clock':
    case 'stop-clock':
      return decideClock(command, incident, context)
    case 'note-clocks':
      return noteClocks(incident, context)
    case 'add-task':
    case 'set-task':
      return decideTask(command, incident, context)
    case 'add-evidence':
    case 'keep-evidence':
    case 'destroy-evidence':
    case 'withdraw-evidence':
      return decideEvidence(command, incident, context)
    case 'attach-alerts': {
      const facts: Fact[] = [{ type: 'alerts-attached', at, by, alerts: [...command.alerts], rule: command.rule }]
      if (command.material !== null && incident.offer !== null)
        facts.push(...reissue(incident, context, command.material, { deadlineAt: incident.offer.deadlineAt }))
      return facts
    }
    case 'refire-alerts': {
      const attached: Fact = { type: 'alerts-attached', at, by, alerts: [...command.alerts], rule: 'refired' }
      if (incident.phase !== 'resolved' && incident.phase !== 'review') return [attached]
      return [
        {
          type: 'reopened',
          at,
          by,
          phase: 'investigating',
          from: incident.phase,
          reason: 'An alert of this incident fires again.',
        },
        attached,
      ]
    }
    case 'resolve-alerts':
      return command.alerts.length === 0 ? [] : [{ type: 'alerts-resolved', at, by, alerts: [...command.alerts] }]
    case 'identify': {
      // Rule M6: what a person has touched keeps its name: somebody calls it that.
      if (!incident.provisional || !isOpen(incident.phase)) return []
      const { title, service, team, rule } = command
      // The root is seldom what hurts most: the graver of both stands, and what a person must decide stays theirs.
      const { tier: was } = incident
      const tier = was === null || command.tier === null ? was : (Math.min(was, command.tier) as Tier)
      const severity = graver(incident.severity, command.severity)
      return [{ type: 'identified', at, by, title, service, team, severity, tier, rule }]
    }
    case 'expire-offer': {
      const { offer } = incident
      // Rule O6: due exactly once: an offer that was answered meanwhile, or is not due yet, leaves nothing to do.
      if (offer === null || at < offer.deadlineAt) return []
      const { to, deadlineAt } = offer
      return [
        { type: 'offer-expired', at, by, to, owner: incident.owner, deadlineAt },
        ...pageOfExpiry(incident, context),
      ]
    }
    case 'ask-owner': {
      if (incident.owner === null || incident.silence !== null || !isOpen(incident.phase)) return []
      return [{ type: 'owner-asked', at, by, owner: incident.owner, heardAt: incident.ownerHeardAt ?? at }]
    }
    case 'tell-owner-silent': {
      if (incident.owner === null || incident.silence === null || incident.silence.toldAt !== null) return []
      return [{ type: 'owner-silent', at, by, owner: incident.owner, heardAt: incident.ownerHeardAt ?? at }]
    }
    case 'page':
      return page(incident, context)
    case 'prepare-relief':
      return prepareRelief(incident, context)
    case 'tell-shift-ended':
      return tellShiftEnded(incident, context)
    case 'expire-role-offers':
      return expireRoleOffers(incident, context)
    case 'note-late-update':
      return noteLateUpdate(incident, context)
    case 'note-delivery':
      return [{ type: 'notified', at, by, ...command.delivery }]
    default:
      return unreachable(command)
  }
}

function graver(a: Severity, b: Severity): Severity {
  return severities.indexOf(a) <= severities.indexOf(b) ? a : b
}

const order = new Map<Phase, number>(phases.map((phase, index) => [phase, index]))

function setPhase(
  phase: Exclude<Phase, 'dismissed' | 'merged'>,
  reason: string,
  incident: Incident,
  context: Context,
): Fact[] {
  const { now: at, by } = context
  const from = incident.phase
  if (from === phase) throw new CommandRefused('nothing-to-change', `It is in ${phase} already.`)
  if (from === 'dismissed' || from === 'merged' || (!isOpen(from) && isOpen(phase)))
    throw new CommandRefused('phase-forbids', `It is ${from}. Reopen it first, with a reason.`)
  const back = (order.get(phase) ?? 0) < (order.get(from) ?? 0)
  if (back && reason === '')
    throw new CommandRefused('reason-required', `Going back from ${from} to ${phase} needs a reason.`)
  if (phase === 'closed' && from !== 'review')
    throw new CommandRefused('phase-forbids', 'Closing needs the review: set the phase to review first.')
  requireOwnerOrCommander(incident, context, 'move it on')
  // Rule I3: resolving needs an owner and withdraws an open offer in the same step.
  if (!isOpen(phase) && isOpen(from) && incident.owner === null)
    throw new CommandRefused('nobody-owns', 'Resolving needs an owner. Claim it first, then resolve it.')
  const set: Fact = { type: 'phase-set', at, by, phase, from, reason }
  if (!isOpen(phase)) {
    const because = `the incident is ${phase}`
    return [...voidOffer(incident, context, because), ...voidRoleOffers(incident, context, because), set]
  }
  return [set, ...reissue(incident, context, `phase changed from ${from} to ${phase}`)]
}
