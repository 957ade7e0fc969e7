import { hash } from 'node:crypto'
import { builtInPolicy } from '#shared/policy.ts'
import type { AuditEntry, SettingRow, Store } from '../store/port.ts'
import type { AccessParts } from './index.ts'

/** A clock that tests move by hand. Starts at a fixed instant. */
export interface TrialClock {
  now(): number
  pass(ms: number): void
}
export function trialClock(start = Date.UTC(2026, 0, 5, 9)): TrialClock {
  let at = start
  return {
    now: () => at,
    pass(ms) {
      at += ms
    },
  }
}

/** Bytes that look random, are the same in each run, and never repeat. */
export function trialRandom(seed: string): (bytes: number) => Uint8Array {
  let count = 0
  return (bytes) => hash('shake256', `${seed} ${count++}`, { outputEncoding: 'buffer', outputLength: bytes })
}

/** The access room on a store, for tests: what is recorded can be read in `audit`. */
export function trialParts(
  store: Store,
  clock: TrialClock,
  initial: AccessParts['initial'] = [],
  seed = 'trial',
): AccessParts & { audit: AuditEntry[]; kept: SettingRow[] } {
  const audit: AuditEntry[] = []
  const kept: SettingRow[] = []
  let seq = 0
  return {
    audit,
    kept,
    initial,
    clock,
    random: trialRandom(seed),
    policy: () => builtInPolicy,
    kinds: [
      { kind: 'prometheus', defaultGroup: 'alertmanager', keyFormat: 'bearer' },
      { kind: 'generic', defaultGroup: 'source', keyFormat: 'bearer' },
      { kind: 'pagerduty', defaultGroup: 'source', keyFormat: 'routing-key' },
    ],
    publicUrl: null,
    async record({ put = [], remove = [], detail = {}, ...change }) {
      const entry = { seq: seq + 1, at: clock.now(), detail, ...change }
      await store.commit({ audit: [entry], put, remove })
      seq++
      audit.push(entry)
    },
    async keep({ put, remove }) {
      kept.push(...put)
      await store.commit({ put, remove })
    },
  }
}
