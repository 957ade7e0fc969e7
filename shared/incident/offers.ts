import { CommandRefused } from '../errors.ts'
import type { Brief } from './brief.ts'
import type { Context } from './context.ts'
import type { Fact } from './facts.ts'
import { clockTime, iso, mention, targetName } from './guards.ts'
import type { Incident, Tier } from './state.ts'

/** Makes the offer. @throws CommandRefused when one is open, or the target is the owner or nobody */
export function offered(incident: Incident, to: string, brief: Brief, context: Context): Fact {
  if (incident.offer !== null)
    throw new CommandRefused(
      'offer-open',
      `It is offered to ${targetName(incident.offer.to)} until ${clockTime(incident.offer.deadlineAt)}. Withdraw that offer first.`,
      {
        to: incident.offer.to,
        deadline: iso(incident.offer.deadlineAt),
      },
    )
  if (incident.owner !== null && to === incident.owner)
    throw new CommandRefused('offer-to-self', `${mention(to)} owns it already; offer it to somebody else.`)
  const eligible = context.eligible.filter((id) => id !== incident.owner)
  if (eligible.length === 0)
    throw new CommandRefused('not-found', `There is nobody to offer it to under ${targetName(to)}.`)
  const revision = incident.offerRevision + 1
  const deadlineAt = context.now + context.offerLimitMs(incident.tier)
  return {
    type: 'offered',
    at: context.now,
    by: context.by,
    to,
    eligible,
    offeredAt: context.now,
    deadlineAt,
    revision,
    brief,
  }
}

/** Rule O7: a material change issues an open offer again, so that a pending acceptance of the old one is refused. */
export function reissue(
  incident: Incident,
  context: Context,
  changed: string,
  fresh: { brief?: Brief; tier?: Tier; deadlineAt?: number } = {},
): Fact[] {
  const { offer } = incident
  if (offer === null) return []
  const deadlineAt = fresh.deadlineAt ?? context.now + context.offerLimitMs(fresh.tier ?? incident.tier)
  return [
    {
      type: 'offer-reissued',
      at: context.now,
      by: context.by,
      deadlineAt,
      revision: offer.revision + 1,
      brief: fresh.brief ?? offer.brief,
      changed,
    },
  ]
}

/** Whatever ends or moves ownership by another way voids an open offer in the same step. */
export function voidOffer(incident: Incident, context: Context, because: string): Fact[] {
  return incident.offer === null ? [] : [{ type: 'offer-withdrawn', at: context.now, by: context.by, reason: because }]
}
