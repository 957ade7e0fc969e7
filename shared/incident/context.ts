import type { Severity } from '../event.ts'
import type { DestroyEvidence, KeepEvidence } from '../evidence.ts'
import type { ClockRules } from '../legal/policy.ts'
import type { FactOf } from './facts.ts'
import type { Duty } from './paging.ts'
import type { Flag, Tier } from './state.ts'

/** What the server itself asks of an incident, through the same write path as people. */
export type SystemCommand =
  | {
      type: 'open'
      title: string
      description: string
      service: string | null
      team: string | null
      severity: Severity
      tier: Tier | null
      tierRule: string | null
      flags: readonly Flag[]
      drill: boolean
    }
  | { type: 'attach-alerts'; alerts: readonly string[]; rule: string; material: string | null }
  | { type: 'refire-alerts'; alerts: readonly string[] }
  | { type: 'resolve-alerts'; alerts: readonly string[] }
  | KeepEvidence
  | DestroyEvidence
  | {
      type: 'identify'
      title: string
      service: string | null
      team: string | null
      severity: Severity
      tier: Tier | null
      rule: string
    }
  | { type: 'expire-offer' }
  | { type: 'ask-owner' }
  | { type: 'tell-owner-silent' }
  | { type: 'page' }
  | { type: 'prepare-relief' }
  | { type: 'tell-shift-ended' }
  | { type: 'expire-role-offers' }
  | { type: 'note-late-update' }
  | { type: 'note-clocks' }
  | { type: 'note-delivery'; delivery: Omit<FactOf<'notified'>, 'type' | 'at' | 'by'> }

/** Everything `decide` may know besides the incident, resolved beforehand. Facts record what it used. */
export interface Context {
  /** Epoch ms. */
  now: number
  /** Who acts, as facts will say it (`person:<id>`, `system:…`), and whether they command. */
  by: string
  commander: boolean
  /** For an offer or a grant: the people its target means now, and how long it stands. */
  eligible: readonly string[]
  offerLimitMs: (tier: Tier | null) => number
  /** Default time to the next update for this tier. Null: none is promised. */
  nextUpdateMs: (tier: Tier | null) => number | null
  /** Left out: nobody is on duty. */
  duty?: Duty
  /** Which clocks can be started. Left out: none can. */
  clockRules?: ClockRules
}
