import type { LeadTime, LeadTimeView } from '#shared/lead-time.ts'
import { authorOf, iso, type Names, personRef } from './views.ts'

/** The five numbers with names and ISO instants. @param open whether what is under way runs on */
export function leadTimeView(lead: LeadTime, open: boolean, names: Names): LeadTimeView {
  const { at, openMs, handovers, classification, information, ownership, updates } = lead
  return {
    at: iso(at),
    open,
    openMs,
    handovers: {
      count: handovers.count,
      hops: handovers.hops.map(({ holder, began, from, heldMs }) => ({
        holder: personRef(holder, names),
        began,
        from: iso(from),
        heldMs,
      })),
    },
    classification: {
      ...classification,
      by: classification.by === null ? null : authorOf(classification.by, names),
    },
    information,
    ownership: {
      ...ownership,
      firstOwner: ownership.firstOwner === null ? null : personRef(ownership.firstOwner, names),
    },
    updates: updates.map((promise) => ({
      ...promise,
      promisedAt: iso(promise.promisedAt),
      dueAt: iso(promise.dueAt),
      madeAt: promise.madeAt === null ? null : iso(promise.madeAt),
    })),
  }
}
