import { CommandRefused } from '../errors.ts'
import { carryClocks, returnClocks } from './clock-merging.ts'
import type { Context } from './context.ts'
import type { Fact } from './facts.ts'
import { mention, requireOpen } from './guards.ts'
import { reissue, voidOffer } from './offers.ts'
import { isRestricted } from './restricted.ts'
import { voidRoleOffers } from './roles.ts'
import { type Incident, isOpen, type Tier } from './state.ts'

/** Which alerts go from one incident to another, and by how many the counts change. */
export interface Moved {
  /** By id: those that the filter knows. */
  alerts: readonly string[]
  /** Those that fire, and of which the incident was told. */
  firing: number
  total: number
}

/** The facts of two incidents that one step changes; they become durable together. */
export interface TwoStreams {
  /** Of the incident that the alerts leave. */
  from: Fact[]
  /** Of the incident that the alerts come to. */
  to: Fact[]
}

/** Who may correct the grouping: a commander; the owner; of what nobody owns, who owns the other one. */
function requireCorrector(incident: Incident, other: Incident | null, context: Context, doing: string): void {
  if (context.commander || incident.owner === null) {
    if (context.commander || other === null || other.owner === null || context.by === `person:${other.owner}`) return
    throw new CommandRefused(
      'not-owner',
      `Only ${mention(other.owner)}, who owns ${other.id}, or a commander may ${doing}.`,
      { owner: other.owner },
    )
  }
  if (context.by === `person:${incident.owner}`) return
  throw new CommandRefused('not-owner', `Only the owner, ${mention(incident.owner)}, or a commander may ${doing}.`, {
    owner: incident.owner,
  })
}

/**
 * One incident turns out to be part of another: it ends as merged, and all its alerts go over. Rule M1: nothing is lost on
 * the way: its flags are set on the other, a graver tier is taken over, and its owner, who owns nothing any more, assists.
 * @param why a person's reason, or the filter's rule
 * @throws CommandRefused when one of the two is not open, or the actor has no part in them
 */
export function decideMerge(
  source: Incident,
  target: Incident,
  moved: Moved,
  why: { reason: string; rule: string | null },
  context: Context,
): TwoStreams {
  const { now: at, by } = context
  if (source.id === target.id)
    throw new CommandRefused('nothing-to-change', 'An incident cannot be merged into itself. Choose another one.')
  requireOpen(source, 'merge it')
  if (!isOpen(target.phase))
    throw new CommandRefused(
      'phase-forbids',
      target.merged === undefined
        ? `${target.id} is ${target.phase}: reopen it first, or merge the other way round.`
        : `${target.id} was itself merged into ${target.merged.into}; merge into that one.`,
    )
  // Rule M2: an exercise never joins what is real.
  if (source.drill !== target.drill)
    throw new CommandRefused('phase-forbids', 'A drill and a real incident are never merged.')
  if (why.rule === null) requireCorrector(source, target, context, `merge ${source.id} into it`)
  const { rule, reason } = why
  const from: Fact[] = [
    ...voidOffer(source, context, `merged into ${target.id}`),
    ...voidRoleOffers(source, context, `merged into ${target.id}`),
    { type: 'merged', at, by, into: target.id, phase: source.phase, owner: source.owner, rule, reason },
    { type: 'alerts-moved-out', at, by, to: target.id, why: 'merge', ...listed(moved), reason },
  ]
  const { firing, total } = moved
  const clocks = carryClocks(source, target, context)
  from.push(...clocks.from)
  const to: Fact[] = [{ type: 'alerts-moved-in', at, by, from: source.id, why: 'merge', firing, total, rule, reason }]
  if (source.owner !== null && source.owner !== target.owner && !target.assistants.includes(source.owner))
    to.push({ type: 'assisted', at, by, person: source.owner })
  for (const flag of source.flags)
    if (!target.flags.includes(flag)) to.push({ type: 'flagged', at, by, flag, on: true })
  // Rule RS3: what becomes part of a restricted incident is as restricted as it is.
  if (isRestricted(target) && !isRestricted(source))
    from.push({ type: 'flagged', at, by, flag: 'restricted', on: true })
  to.push(...clocks.to)
  const graver = source.tier !== null && target.tier !== null && source.tier < target.tier ? source.tier : null
  if (graver !== null)
    to.push({
      type: 'classified',
      at,
      by,
      tier: graver,
      from: target.tier,
      reason: `${source.id}, which was merged into it, was Tier ${graver}`,
    })
  const fresh: { tier?: Tier } = graver === null ? {} : { tier: graver }
  // Rule M7: what a storm brings the filter to merge neither voids an acceptance nor lengthens an offer, unless it is grave.
  const isMaterial = rule === null || graver !== null || source.tier === 1
  if (isMaterial && target.offer !== null) {
    const { deadlineAt } = target.offer
    to.push(...reissue(target, context, `${source.id} was merged into it`, rule === null ? fresh : { deadlineAt }))
  }
  return { from, to }
}

/**
 * Some alerts of an incident turn out to be another one. Rule M3: the new incident is owned by nobody: who owns the old one
 * has not said that they will do both.
 * @param moved of at least one alert; not of all
 */
export function decideSplit(
  origin: Incident,
  split: { id: string; title: string; service: string | null; team: string | null; severity: Incident['severity'] },
  moved: Moved,
  reason: string,
  context: Context,
): TwoStreams {
  const { now: at, by } = context
  requireOpen(origin, 'split it')
  requireCorrector(origin, null, context, 'split it')
  if (moved.total >= origin.alerts.total)
    throw new CommandRefused('nothing-to-change', 'Nothing would be left in it. Choose some of its alerts, not all.')
  const { id, title, service, team, severity } = split
  const { firing, total } = moved
  return {
    from: [
      { type: 'alerts-moved-out', at, by, to: id, why: 'split', ...listed(moved), reason },
      ...reissue(origin, context, `${total} of its alerts became ${id}`),
    ],
    to: [
      {
        type: 'declared',
        at,
        by,
        title,
        description: '',
        service,
        team,
        severity,
        tier: origin.tier,
        tierRule: null,
        flags: [...origin.flags],
        drill: origin.drill,
        provisional: false,
      },
      { type: 'alerts-moved-in', at, by, from: origin.id, why: 'split', firing, total, rule: null, reason },
    ],
  }
}

/**
 * Takes a merge back. Rule M4: the incident is again in the phase and with the owner it had; what came to the other one
 * since stays there.
 * @param source the one that was merged
 * @param moved the alerts that come back
 */
export function decideUnmerge(
  source: Incident,
  target: Incident,
  moved: Moved,
  reason: string,
  context: Context,
): TwoStreams {
  const { now: at, by } = context
  if (source.merged?.into !== target.id)
    throw new CommandRefused('nothing-to-change', `${source.id} is not merged into ${target.id} any more.`)
  if (!isOpen(target.phase))
    throw new CommandRefused(
      'phase-forbids',
      target.merged === undefined
        ? `${target.id} is ${target.phase}: reopen it first, then take the merge back.`
        : `${target.id} was itself merged into ${target.merged.into}: take that back first.`,
    )
  requireCorrector(target, null, context, 'take the merge back')
  const { phase, owner } = source.merged
  const { firing, total } = moved
  const clocks = returnClocks(target, source, context)
  return {
    from: [
      { type: 'alerts-moved-out', at, by, to: source.id, why: 'undo', ...listed(moved), reason },
      ...clocks.from,
      ...reissue(target, context, `${source.id} is an incident of its own again`),
    ],
    to: [
      { type: 'unmerged', at, by, from: target.id, phase, owner, reason },
      { type: 'alerts-moved-in', at, by, from: target.id, why: 'undo', firing, total, rule: null, reason },
      ...clocks.to,
    ],
  }
}

function listed({ alerts, firing, total }: Moved) {
  return { alerts: [...alerts], firing, total }
}
