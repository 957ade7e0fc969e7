import type { Policy } from '#shared/policy.ts'
import type { TrialResult } from '#shared/trial.ts'
import { isDrillEntry } from '../partition.ts'
import type { Filter, FilterEntry } from '../port.ts'
import { compare } from './compare.ts'
import { Run, type RunParts } from './run.ts'

/** A policy by the hash of its text. */
export interface TrialPolicy {
  hash: string
  policy: Policy
}

export interface TrialParts {
  /** A new filter under a policy, as the live one is made. */
  makeFilter: (policy: TrialPolicy) => Filter
  /** What was active where the folding begins. */
  before: TrialPolicy
  candidate: TrialPolicy
  /** What is compared begins here, epoch ms; what comes before only warms the two runs up. */
  from: number
  requestOf: RunParts['requestOf']
  /** True for a recorded request about a storm: each run finds out about its own. */
  isStorm: (entry: FilterEntry) => boolean
  sourceName: (sourceId: string) => string
}

/** On record: the entry's decisions that put an alert into an incident. */
export type RecordedPlace = { alertId: string; incidentId: string }

/** When the record's clock has handled what was due by then, at the latest. The server looks ten times a second. */
const tickedWithinMs = 3000

/**
 * Try on the past: folds the log twice in step, with the policies of the day and with the candidate in place of each of them,
 * and says what would have been different. Pure.
 *
 * Rule TR1: a candidate that is the policy of the day makes no difference, whatever the log holds. Rule TR2: both runs know
 * the same clock: the ticks on record, and where the candidate alone has something due, one of its own. Rule TR3: what people
 * did to an incident on record is done to the incidents that hold its alerts; what they did to one that would not have been is
 * told with the difference.
 */
export class Trial {
  readonly #parts: TrialParts
  readonly #live: Run
  readonly #candidate: Run
  readonly #recorded = new Map<string, string>()
  /** Merged on record: what each incident is part of, and the parts of each. */
  readonly #mergedInto = new Map<string, string>()
  readonly #mergedFrom = new Map<string, Set<string>>()
  #entries = 0
  #since: number | null = null
  #at = 0

  constructor(parts: TrialParts) {
    this.#parts = parts
    const { requestOf } = parts
    const recordedOf = (alertId: string) => this.#recorded.get(alertId) ?? null
    const partsOf = (recorded: string) => this.#partsOf(recorded)
    this.#live = new Run({ filter: parts.makeFilter(parts.before), requestOf, recordedOf, partsOf })
    this.#candidate = new Run({ filter: parts.makeFilter(parts.candidate), requestOf, recordedOf, partsOf })
  }

  /**
   * @param entry in the order of the log
   * @param places where the record put alerts at this entry
   */
  fold(entry: FilterEntry, places: readonly RecordedPlace[] = []): void {
    // Exercises are of no account, and what is real comes to the same without them (rule DR1).
    if (isDrillEntry(entry)) return
    const counts = entry.at >= this.#parts.from
    this.#since ??= entry.at
    this.#at = Math.max(this.#at, entry.at)
    this.#entries++
    this.#tickTo(entry)
    for (const { alertId, incidentId } of places) this.#recorded.set(alertId, incidentId)
    if (this.#parts.isStorm(entry)) return
    const { hash, policy } = this.#parts.candidate
    this.#live.fold(entry, counts)
    this.#candidate.fold(entry.kind === 'policy' ? { ...entry, hash, policy } : entry, counts)
    this.#place(entry.at)
    this.#follow(entry)
  }

  /** Keeps what is part of what on record: by the filter of the day, and by people. */
  #follow(entry: FilterEntry): void {
    for (const { recorded, mergedInto } of this.#live.merges)
      if (recorded !== null && mergedInto !== null) this.#merge(recorded, mergedInto.recorded)
    if (entry.kind !== 'incident') return
    if (entry.mergedInto !== undefined) this.#merge(entry.incidentId, entry.mergedInto)
    if (entry.parted !== undefined) this.#part(entry.parted.to)
  }

  #merge(from: string, into: string | null): void {
    if (into === null || from === into) return
    this.#part(from)
    this.#mergedInto.set(from, into)
    this.#mergedFrom.set(into, (this.#mergedFrom.get(into) ?? new Set()).add(from))
  }

  #part(from: string): void {
    this.#mergedFrom.get(this.#mergedInto.get(from) ?? '')?.delete(from)
    this.#mergedInto.delete(from)
  }

  #partsOf(recorded: string): readonly string[] {
    if (!this.#mergedFrom.has(recorded)) return [recorded]
    // A set grows while it is walked, and takes nothing twice.
    const parts = new Set([recorded])
    for (const part of parts) for (const from of this.#mergedFrom.get(part) ?? []) parts.add(from)
    return [...parts]
  }

  /** Rule TR2. Where the record is overdue too nobody was there to look: the server was down. */
  #tickTo({ pos, at }: FilterEntry): void {
    const latest = at - tickedWithinMs
    for (let last = Number.NEGATIVE_INFINITY; ; ) {
      const due = this.#candidate.filter.nextDueAt()
      const live = this.#live.filter.nextDueAt()
      if (due === null || due > latest || due <= last || (live !== null && live <= due)) return
      last = due
      this.#live.placed.length = 0
      this.#candidate.tick(pos, due, due >= this.#parts.from)
      this.#place(due)
    }
  }

  /** Notes who was told of what, with what the other run made of it at the same moment. */
  #place(at: number): void {
    for (const [own, other] of [
      [this.#live, this.#candidate],
      [this.#candidate, this.#live],
    ] as const) {
      for (const { incident, alertId } of own.placed) {
        const theirs = other.filter.alert(alertId)
        const isThere = theirs?.status === 'firing' && theirs.heldBack === undefined && theirs.incidentId !== null
        incident.placings.push({
          alertId,
          key: `${alertId} ${own.filter.alert(alertId)?.startsAt ?? at}`,
          at,
          judged: own.judged.get(alertId) ?? null,
          otherwise: other.judged.get(alertId) ?? null,
          elsewhere: isThere ? (other.incidents.get(theirs.incidentId ?? '') ?? null) : null,
        })
      }
    }
  }

  /**
   * @param until epoch ms at which the time that is compared ends
   * @param peopleDid types of the facts that people recorded of an incident
   */
  result(until: number, peopleDid: (incidentId: string) => readonly string[]): TrialResult {
    const pos = Number.MAX_SAFE_INTEGER
    this.#tickTo({ kind: 'tick', pos, at: until + tickedWithinMs })
    for (const run of [this.#live, this.#candidate]) run.end()
    this.#place(this.#at)
    const { from, sourceName } = this.#parts
    return compare({
      ...{ live: this.#live, candidate: this.#candidate, from, until, sourceName, peopleDid },
      warmedSince: this.#since,
      entries: this.#entries,
    })
  }
}
