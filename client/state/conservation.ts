import { type Outcome, outcomes } from '#shared/outcome.ts'
import type { LedgerSum } from '#shared/wire.ts'

/** Held back by a rule. */
const held: readonly Outcome[] = ['silenced', 'inhibited', 'damped', 'shed']
/** Told to people: these changed an incident. */
const told: readonly Outcome[] = ['opened', 'attached', 'resolved']

export interface Conservation {
  accepted: number
  parts: readonly { outcome: Outcome; count: number }[]
  told: number
  held: number
  /** accepted − sum of outcomes. Anything but zero means that something vanished, or was counted twice. */
  missing: number
}

/** Rule F1 on screen: computed from the counts themselves, never claimed. */
export function conservationOf(ledger: Pick<LedgerSum, 'accepted' | 'outcomes'>): Conservation {
  const parts = outcomes
    .map((outcome) => ({ outcome, count: ledger.outcomes[outcome] ?? 0 }))
    .filter((part) => part.count > 0)
  const sum = (of: readonly Outcome[]) => of.reduce((total, outcome) => total + (ledger.outcomes[outcome] ?? 0), 0)
  return {
    accepted: ledger.accepted,
    parts,
    told: sum(told),
    held: sum(held),
    missing: ledger.accepted - sum(outcomes),
  }
}
