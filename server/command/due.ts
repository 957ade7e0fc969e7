import { clockActor } from '#shared/access.ts'
import { type Deadline, minuteMs, secondMs } from '#shared/clocks.ts'
import type { SystemCommand } from '#shared/incident/context.ts'
import { deadlinesOf, type SilenceLimits } from '#shared/incident/deadlines.ts'
import { decide } from '#shared/incident/decide.ts'
import type { Fact } from '#shared/incident/facts.ts'
import { meantNobody } from '#shared/incident/paging.ts'
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
  clock: { type: 'note-clocks' },
}
/** After the owner was asked for a sign of life, the commander is told when none came for so long. */
const tellSilentAfterMs = 5 * minuteMs

/** So often it is looked whether somebody can be told by now of what nobody could be told of. */
const lookAgainMs = 5 * secondMs

/** After a start or a mended disk, no alert is taken to have ended by silence for so long. */
export const expiryGraceMs = 2 * minuteMs

/**
 * Handles everything that is due now. Deadlines stand in the incidents' own facts, so a restart forgets none, and
 * handling one changes the state that it stood in, so none happens twice.
 */
export function handleDue(core: Core): void {
  const now = core.parts.clock.now()
  const duty = core.duty(null)
  const shifts = new Map<string, number | null>()
  const limits: SilenceLimits = {
    askAfterMs: (tier) => tierPolicyOf(core.policy, tier).owner_silent_after,
    tellAfterMs: tellSilentAfterMs,
    shiftEndOf(person) {
      let endsAt = shifts.get(person)
      if (endsAt === undefined) {
        endsAt = duty.shiftOf(person)?.endsAt ?? null
        shifts.set(person, endsAt)
      }
      return endsAt
    },
  }
  const isTimeToLook = Math.abs(now - core.lookedAgainAt) >= lookAgainMs
  if (isTimeToLook) core.lookedAgainAt = now
  const due: Deadline[] = []
  core.setBack.look(now, core.world.incidents.values())
  for (const known of core.world.incidents.values()) {
    const incident = core.setBack.reckoned(known)
    const { paging } = incident
    const isUntold = paging === undefined ? core.policy.escalation_policies.length === 0 : meantNobody(paging)
    // Rule E9: what is told at once is due by no clock.
    const isAtOnce = ({ kind }: Deadline) => kind === 'page' && (paging === undefined || meantNobody(paging))
    for (const deadline of deadlinesOf(incident, limits)) {
      if (deadline.at > now && !isAtOnce(deadline)) continue
      if (isTimeToLook || !isUntold || deadline.kind !== 'page') due.push(deadline)
    }
  }
  if (core.parts.node === undefined) for (const deadline of due) handle(core, deadline)
  else if (due.length > 0) settle(core, handleLeased(core, core.parts.node, due))
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

/**
 * One deadline, as the incident stands now; one that is not due any more leaves nothing to do. One that cannot be decided is
 * left for the next poll, and keeps no other from being handled.
 */
function handle(core: Core, { incidentId, kind }: Deadline): void {
  const incident = core.world.incidents.get(incidentId)
  if (incident === undefined) return
  let decided: Fact[]
  try {
    decided = decide(handling[kind], core.setBack.reckoned(incident), core.context(clockActor, null))
  } catch (err) {
    core.parts.log.error({ err, incidentId, kind }, 'what fell due could not be decided')
    return
  }
  const facts = recordFacts(core.world, incidentId, decided)
  if (facts.length > 0) settle(core, core.append({ facts }))
}

/** A process that was given a deadline handles it in this time; else another one may. */
const leaseMs = minuteMs

/**
 * Rule D2: of several processes on one store, one handles a deadline. One that another had before, and whose time went by, is
 * looked at in the store first: the other may have written it and died before it could say so.
 */
async function handleLeased(core: Core, node: string, due: readonly Deadline[]): Promise<void> {
  const at = core.parts.clock.now()
  const byKey = new Map(due.map((deadline) => [`${deadline.kind}/${deadline.incidentId}/${deadline.at}`, deadline]))
  for (const [key, until] of core.asked) if (until <= at) core.asked.delete(key)
  const keys = [...byKey.keys()].filter((key) => !core.asked.has(key))
  if (keys.length === 0) return
  for (const key of keys) core.asked.set(key, at + leaseMs)
  const won = await core.parts.store.lease({ keys, holder: node, at, until: at + leaseMs }).catch((error: unknown) => {
    for (const key of keys) core.asked.delete(key)
    throw error
  })
  for (const { key, again } of won) {
    const deadline = byKey.get(key) as Deadline
    if (again) await adopt(core, deadline.incidentId)
    if (core.open && core.halted() === null) handle(core, deadline)
  }
}

/** Takes what the store knows of an incident, where that is more. */
async function adopt(core: Core, incidentId: string): Promise<void> {
  const stored = await core.parts.store.read.incident(incidentId)
  const known = core.world.incidents.get(incidentId)
  if (stored !== null && stored.version > (known?.version ?? 0)) core.world.incidents.set(incidentId, stored)
}

/** Work of the clock has no caller to tell; the store reports a failed commit, and main mends it. */
function settle(core: Core, work: Promise<void>): void {
  work.catch((err: unknown) => core.parts.log.error({ err }, 'what fell due could not be written'))
}
