import { clockActor } from '#shared/access.ts'
import { type Deadline, minuteMs } from '#shared/clocks.ts'
import type { SystemCommand } from '#shared/incident/context.ts'
import { deadlinesOf, type SilenceLimits } from '#shared/incident/deadlines.ts'
import { decide } from '#shared/incident/decide.ts'
import { tierPolicyOf } from '#shared/policy.ts'
import type { Core } from './core.ts'
import { foldEntry, ownEntry } from './folding.ts'
import { forgottenSilences } from './silences.ts'
import { recordFacts, type TickEntryBody } from './world.ts'

const handling: Readonly<Record<Deadline['kind'], Exclude<SystemCommand, { type: 'open' }>>> = {
  'offer-expires': { type: 'expire-offer' },
  'owner-silent-ask': { type: 'ask-owner' },
  'owner-silent-tell': { type: 'tell-owner-silent' },
  'role-offer-expires': { type: 'expire-role-offers' },
  page: { type: 'page' },
  'relief-prepares': { type: 'prepare-relief' },
  'shift-ends': { type: 'tell-shift-ended' },
  'update-late': { type: 'note-late-update' },
}
/** After the owner was asked for a sign of life, the commander is told when none came for so long. */
const tellSilentAfterMs = 5 * minuteMs

/** After a start or a mended disk, no alert is taken to have ended by silence for so long. */
export const expiryGraceMs = 2 * minuteMs

/**
 * Handles everything that is due now. Deadlines stand in the incidents' own facts, so a restart forgets none, and
 * handling one changes the state that it stood in, so none happens twice.
 */
export function handleDue(core: Core): void {
  const now = core.parts.clock.now()
  const context = core.context(clockActor, null)
  const shifts = new Map<string, number | null>()
  const limits: SilenceLimits = {
    askAfterMs: (tier) => tierPolicyOf(core.policy, tier).owner_silent_after,
    tellAfterMs: tellSilentAfterMs,
    shiftEndOf(person) {
      let endsAt = shifts.get(person)
      if (endsAt === undefined) {
        endsAt = context.duty?.shiftOf(person)?.endsAt ?? null
        shifts.set(person, endsAt)
      }
      return endsAt
    },
  }
  for (const incident of core.world.incidents.values()) {
    for (const deadline of deadlinesOf(incident, limits)) {
      if (deadline.at > now) continue
      const current = core.world.incidents.get(incident.id) ?? incident
      const facts = recordFacts(core.world, incident.id, decide(handling[deadline.kind], current, context))
      if (facts.length > 0) settle(core, core.append({ facts }))
    }
  }
  // Senders repeat what still fires about once a minute. What expired while we were down gets that chance first; silences
  // do not wait for it.
  const isGrace = now - core.restoredAt < expiryGraceMs
  const nextDueAt = isGrace ? core.world.filter.nextSilenceAt() : core.world.filter.nextDueAt()
  if (nextDueAt === null || nextDueAt > now) return
  const pos = ++core.world.pos
  const body: TickEntryBody = isGrace ? { sparing: true } : {}
  const entry = { kind: 'tick', pos, at: now, ...body } as const
  const { intention, folded, intakes } = foldEntry(core, entry, ownEntry('tick', pos, now, body))
  const remove = forgottenSilences(core)
  settle(core, core.append({ ...intention, remove }, { touched: folded.touched, intakes }))
}

/** Work of the clock has no caller to tell; the store reports a failed commit, and main mends it. */
function settle(core: Core, work: Promise<void>): void {
  work.catch((err: unknown) => core.parts.log.error({ err }, 'what fell due could not be written'))
}
