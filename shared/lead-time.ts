import { z } from 'zod'
import { evolve } from './incident/evolve.ts'
import type { RecordedFact } from './incident/facts.ts'
import { type Hop, type Incident, isOpen, type Tier, tierSchema, unownedMsAt } from './incident/state.ts'

/** What should be known when an incident is declared (product.md: too little information about the incident). */
export const knownParts = ['title', 'service', 'description', 'tier', 'team'] as const
export type KnownPart = (typeof knownParts)[number]

/** A promised next update, and what became of it. Instants are epoch ms. */
export interface PromisedUpdate {
  promisedAt: number
  dueAt: number
  /** When the next update was made; null: none was. */
  madeAt: number | null
  /**
   * `on-time` and `late`: made. `missed`: due, and none was made before work ended. `overdue`: due, and none is made yet.
   * `open`: not due yet. `moot`: work ended before it was due.
   */
  became: 'on-time' | 'late' | 'missed' | 'overdue' | 'open' | 'moot'
  /** By how much it was late, or is by now; 0 where it was not. */
  lateMs: number
}

/**
 * The five numbers that decide how long an incident takes (product.md), of one incident, up to `at`. Instants are epoch ms.
 *
 * Rule LT1: only time in which the incident is open counts: what was resolved, dismissed or merged into another waits for
 * nobody until it is reopened, or the merge is taken back.
 */
export interface LeadTime {
  at: number
  /** From declaration, without the time in which it was not open. */
  openMs: number
  /** Rule LT2: accepted or forced transfers from one holder to another, and how long each held it. */
  handovers: { count: number; hops: { holder: string; began: Hop['began']; from: number; heldMs: number }[] }
  /** Rule LT3: until it first had a tier, or was found to be no incident. `ms` runs on while `as` is null and it is open. */
  classification: { as: Tier | 'dismissed' | null; by: string | null; ms: number }
  /** Rule LT4: what its declaration said, whatever was learnt later. A description may be an impact flag as well. */
  information: { known: KnownPart[]; missing: KnownPart[] }
  /** Rule LT5: time in which nobody owned it, in all, and until the first owner; `firstOwner` null: nobody so far. */
  ownership: { unownedMs: number; firstOwner: string | null; toFirstOwnerMs: number }
  /** Rule LT6: each update that was promised, oldest first. */
  updates: PromisedUpdate[]
}

/**
 * Reads the five numbers from an incident's own facts.
 * @param facts the whole stream, oldest first
 * @param now epoch ms: what is under way counts up to here
 * @returns null where there are no facts
 * @throws TypeError as `evolve`, for a stream that skips a version
 */
export function leadTimeOf(facts: readonly RecordedFact[], now: number): LeadTime | null {
  const [declared] = facts
  if (declared?.type !== 'declared') return null
  let incident: Incident | null = null
  let endedMs = 0
  let openSince: number | null = null
  const openMsAt = (at: number): number => endedMs + (openSince === null ? 0 : Math.max(0, at - openSince))
  let classified: LeadTime['classification'] | null = null
  let owned: { holder: string; ms: number } | null = null
  const updates: PromisedUpdate[] = []
  let promised: { promisedAt: number; dueAt: number } | null = null
  const settle = (madeAt: number | null, until: number, open: boolean): void => {
    if (promised !== null) updates.push(kept(promised, madeAt, until, open))
    promised = null
  }

  for (const fact of facts) {
    const wasOpen: boolean = incident !== null && isOpen(incident.phase)
    incident = evolve(incident, fact)
    const open = isOpen(incident.phase)
    if (fact.type === 'updated') {
      settle(fact.at, fact.at, open)
      if (fact.nextDueAt !== null) promised = { promisedAt: fact.at, dueAt: fact.nextDueAt }
    }
    if (open && !wasOpen) openSince = fact.at
    const ms = openMsAt(fact.at)
    if (classified === null && fact.type === 'dismissed') classified = { as: 'dismissed', by: fact.by, ms }
    if (classified === null && incident.tier !== null) classified = { as: incident.tier, by: fact.by, ms }
    if (owned === null && incident.owner !== null) owned = { holder: incident.owner, ms }
    if (wasOpen && !open) {
      settle(null, fact.at, false)
      endedMs = ms
      openSince = null
    }
  }
  if (incident === null) return null
  settle(null, now, true)
  const openMs = openMsAt(now)
  return {
    at: now,
    openMs,
    handovers: { count: incident.handovers, hops: incident.chain.flatMap((hop) => heldHop(hop, now)) },
    classification: classified ?? { as: null, by: null, ms: openMs },
    information: informationOf(declared),
    ownership: {
      unownedMs: unownedMsAt(incident, now),
      firstOwner: owned?.holder ?? null,
      toFirstOwnerMs: owned?.ms ?? openMs,
    },
    updates,
  }
}

function heldHop({ holder, began, from, to }: Hop, now: number): LeadTime['handovers']['hops'] {
  return holder === null ? [] : [{ holder, began, from, heldMs: Math.max(0, (to ?? now) - from) }]
}

/** @param until when it was made, work ended, or now */
function kept(
  { promisedAt, dueAt }: { promisedAt: number; dueAt: number },
  madeAt: number | null,
  until: number,
  open: boolean,
): PromisedUpdate {
  const lateMs = Math.max(0, until - dueAt)
  const promise = { promisedAt, dueAt, madeAt, lateMs }
  // An update in the very moment that it is due is on time.
  if (madeAt !== null) return { ...promise, became: lateMs === 0 ? 'on-time' : 'late' }
  if (lateMs === 0) return { ...promise, became: open ? 'open' : 'moot' }
  return { ...promise, became: open ? 'overdue' : 'missed' }
}

function informationOf(declared: Extract<RecordedFact, { type: 'declared' }>): LeadTime['information'] {
  const { title, service, description, tier, team, flags } = declared
  const isKnown: Record<KnownPart, boolean> = {
    title: title.trim() !== '',
    service: service !== null,
    description: description.trim() !== '' || flags.some((flag) => flag !== 'drill'),
    tier: tier !== null,
    team: team !== null,
  }
  return {
    known: knownParts.filter((part) => isKnown[part]),
    missing: knownParts.filter((part) => !isKnown[part]),
  }
}

const instant = z.iso.datetime({ precision: 3 })
const ref = z.strictObject({ id: z.string(), name: z.string() })
/** The five numbers as they leave the server. Durations are ms of open time, up to `at`. */
export const leadTimeSchema = z.strictObject({
  at: instant,
  open: z.boolean().describe('What is under way runs on since `at`'),
  openMs: z.number(),
  handovers: z.strictObject({
    count: z.number().describe('Accepted or forced transfers from one holder to another'),
    hops: z.array(z.strictObject({ holder: ref, began: z.string(), from: instant, heldMs: z.number() })),
  }),
  classification: z.strictObject({
    as: z.union([tierSchema, z.literal('dismissed')]).nullable(),
    by: ref.nullable(),
    ms: z.number(),
  }),
  information: z.strictObject({
    known: z.array(z.enum(knownParts)),
    missing: z.array(z.enum(knownParts)),
  }),
  ownership: z.strictObject({ unownedMs: z.number(), firstOwner: ref.nullable(), toFirstOwnerMs: z.number() }),
  updates: z.array(
    z.strictObject({
      promisedAt: instant,
      dueAt: instant,
      madeAt: instant.nullable(),
      became: z.enum(['on-time', 'late', 'missed', 'overdue', 'open', 'moot']),
      lateMs: z.number(),
    }),
  ),
})
export type LeadTimeView = z.output<typeof leadTimeSchema>
