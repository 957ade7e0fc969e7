import { z } from 'zod'
import type { Severity } from '../event.ts'
import type { Evidence } from '../evidence.ts'
import type { Brief } from './brief.ts'
import type { LegalClock } from './legal-clocks.ts'
import type { PagingState, ShiftEnd } from './paging.ts'
import type { RoleHeld, RoleName } from './roles.ts'
import type { Task } from './tasks.ts'

/** In the order of an incident's life; `dismissed` and `merged` are the other ends. */
export const phases = [
  'triage',
  'investigating',
  'containing',
  'fixing',
  'restoring',
  'resolved',
  'review',
  'closed',
  'dismissed',
  'merged',
] as const
export type Phase = (typeof phases)[number]
export const phaseSchema = z.enum(phases)

/** Phases in which somebody works on it, so that it must have an owner. */
const openPhases: ReadonlySet<Phase> = new Set(['triage', 'investigating', 'containing', 'fixing', 'restoring'])
export function isOpen(phase: Phase): boolean {
  return openPhases.has(phase)
}

export type Tier = 1 | 2 | 3
export const tierSchema = z.union([z.literal(1), z.literal(2), z.literal(3)])

/** What a person sees wherever a tier is chosen (domain.md: Tier). */
export const tierDefinitions: Readonly<Record<Tier, { label: string; definition: string }>> = {
  1: { label: 'Tier 1', definition: 'Service disruption, global outage or global vulnerability.' },
  2: {
    label: 'Tier 2',
    definition:
      'Any security-related incident however small, an outage for a major group of customers, or of a critical service.',
  },
  3: {
    label: 'Tier 3',
    definition: 'An outage of a non-critical service or for a small group, high latency, cosmetic trouble.',
  },
}

export const flags = ['security', 'personal-data', 'customers', 'restricted', 'drill'] as const
export type Flag = (typeof flags)[number]
/** `drill` is set at declaration and never by a command: an exercise cannot become real, nor the reverse. */
export const settableFlags = ['security', 'personal-data', 'customers', 'restricted'] as const satisfies readonly Flag[]

/** Who or what an offer names: a person's id, or `team:<id>`. */
export type OfferTarget = string

export interface Offer {
  from: string | null
  to: OfferTarget
  /** The people who may accept, resolved when the offer was made. */
  eligible: readonly string[]
  offeredAt: number
  /** At this instant and after, an acceptance is refused. */
  deadlineAt: number
  /** Grows with each offer and each re-issue; an acceptance names the one it read. */
  revision: number
  brief: Brief
  /** What changed materially since the offer was first made, newest last. */
  changed: readonly string[]
}

/** A stretch of the hand-off chain: somebody held it, or nobody did. */
export interface Hop {
  holder: string | null
  from: number
  /** Null while it lasts. */
  to: number | null
  /** How it began. `forced` hops are drawn as a break. */
  began: 'declared' | 'claimed' | 'accepted' | 'taken-over' | 'released' | 'reopened' | 'unmerged'
  /** The receiver's own words, where it began by acceptance. */
  readBack: string | null
  /** The reason, where it began by a take-over or a release. */
  reason: string | null
  /** The brief that was accepted, where it began by acceptance. */
  brief: Brief | null
}

/** One incident, folded from its facts. Instants are epoch ms. */
export interface Incident {
  id: string
  title: string
  service: string | null
  team: string | null
  severity: Severity
  declaredBy: string
  declaredAt: number
  /** Journal position of its first fact: the order of lists, and their cursor. */
  declaredSeq: number
  phase: Phase
  tier: Tier | null
  flags: readonly Flag[]
  drill: boolean
  /** True until a person has touched it: opened by the filter, identity and grouping may still be corrected. */
  provisional: boolean
  owner: string | null
  offer: Offer | null
  /** Highest offer revision so far, so that a later offer can never be mistaken for an earlier one. */
  offerRevision: number
  chain: readonly Hop[]
  /** Accepted or forced transfers from one holder to another. Declines, expiries and assists are not hand-overs. */
  handovers: number
  declines: number
  expiries: number
  /** Unowned time that has ended; a running stretch is the last hop. */
  unownedMs: number
  reliefAskedBy: string | null
  assistants: readonly string[]
  brief: Brief | null
  nextUpdateDueAt: number | null
  lastUpdate: { text: string; at: number; by: string } | null
  /** Last command of the owner: their sign of life. */
  ownerHeardAt: number | null
  /** When the owner was asked for a sign of life, and whether the commander was told that none came. */
  silence: { askedAt: number; toldAt: number | null } | null
  resolvedAt: number | null
  /** In the order of their numbers; absent: none was ever added. */
  tasks?: readonly Task[] | undefined
  /** In the order of their numbers; absent: none was ever added. */
  evidence?: readonly Evidence[] | undefined
  /** In the order in which they were started; absent: none ever was. */
  clocks?: readonly LegalClock[] | undefined
  /** Absent: nobody ever had one. */
  roles?: Partial<Record<RoleName, RoleHeld>> | undefined
  /** How far the house has got in telling people that nobody owns it. Absent: not begun, or somebody does. */
  paging?: PagingState | undefined
  /** Set once relief was prepared for the end of the owner's shift. */
  shiftEnd?: ShiftEnd | undefined
  /** Who said that they know of it, since it last changed hands; absent: nobody. They are not reminded. */
  seenBy?: readonly string[] | undefined
  /** Everybody whom a step of its escalation, or the page of an unanswered offer, ever asked; absent: nobody. */
  asked?: readonly string[] | undefined
  /** The person who restricted it, while it is: they go on seeing it (rule RS1). */
  restrictedBy?: string | undefined
  /** The update that was promised did not come. */
  updateLate?: boolean | undefined
  /** Set while it is merged into another: where its alerts are now, and what it was before. */
  merged?: { into: string; phase: Phase; owner: string | null } | undefined
  /** Counts only: which alerts they are, the filter knows. A storm must cost the same per event at its end as at its start. */
  alerts: { firing: number; total: number }
  /** Counts facts by people only, so that a storm of alerts never makes a claim fail. */
  revision: number
  /** Counts all facts of this stream. */
  version: number
  /** Journal position of the newest fact. */
  seq: number
}

/** The running or finished unowned time up to `now`, in ms. It runs from declaration while the incident is open. */
export function unownedMsAt(incident: Incident, now: number): number {
  const last = incident.chain.at(-1)
  const running = last && last.holder === null && last.to === null && isOpen(incident.phase)
  return incident.unownedMs + (running ? Math.max(0, now - last.from) : 0)
}

/** Warn at three hand-overs, or when the incident went A → B → A (domain.md). */
export function chainWarning(
  incident: Pick<Incident, 'handovers' | 'chain'>,
): 'many-handovers' | 'back-and-forth' | null {
  const holders = incident.chain.filter((hop) => hop.holder !== null)
  for (let i = 2; i < holders.length; i++) {
    if (holders[i]?.holder === holders[i - 2]?.holder && holders[i]?.holder !== holders[i - 1]?.holder)
      return 'back-and-forth'
  }
  return incident.handovers >= 3 ? 'many-handovers' : null
}
