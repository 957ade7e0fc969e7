import type { Incident } from '#shared/incident/state.ts'

/**
 * Knows of the clock that it was set back. Rule E9: a step of an escalation was reckoned by the clock of its time; where that was set
 * back since, it comes after as long as it was meant to be waited for, and not after the jump as well.
 */
export interface SetBack {
  /** Looks at the clock, and at the incidents where it has gone back. @param now epoch ms; called at every poll */
  look(now: number, incidents: Iterable<Incident>): void
  /** The incident with its next step by the clock of today; the same where nothing was set back. */
  reckoned(incident: Incident): Incident
}

/** When a step is due that was reckoned before the clock was set back. */
interface Moved {
  nextAt: number
  dueAt: number
}

/** Clocks are trimmed by less than this all the time. */
const trimMs = 1000

export function makeSetBack(): SetBack {
  let last = Number.NEGATIVE_INFINITY
  const moved = new Map<string, Moved>()

  /** By how much its step has to move, at the first look at `now`. */
  function dueOf({ paging }: Incident, now: number, backMs: number): number | null {
    if (paging === undefined || paging.nextAt === null) return null
    // Set back while no process of ours looked: the wait begins again, at most whole.
    if (last === Number.NEGATIVE_INFINITY)
      return paging.at - now > trimMs ? now + Math.max(0, paging.nextAt - paging.at) : null
    return paging.nextAt - backMs
  }

  return {
    look(now, incidents) {
      const backMs = last - now
      const isFirst = last === Number.NEGATIVE_INFINITY
      if (isFirst || backMs > trimMs)
        for (const incident of incidents) {
          const nextAt = incident.paging?.nextAt
          const before = moved.get(incident.id)
          const known = before?.nextAt === nextAt ? before : undefined
          const dueAt = known === undefined ? dueOf(incident, now, backMs) : known.dueAt - backMs
          if (dueAt === null || nextAt === undefined || nextAt === null) moved.delete(incident.id)
          else moved.set(incident.id, { nextAt, dueAt })
        }
      if (isFirst || now > last || backMs > trimMs) last = now
    },
    reckoned(incident) {
      const step = moved.get(incident.id)
      const { paging } = incident
      if (step === undefined) return incident
      if (paging === undefined || paging.nextAt !== step.nextAt) {
        moved.delete(incident.id)
        return incident
      }
      return { ...incident, paging: { ...paging, nextAt: step.dueAt } }
    },
  }
}
