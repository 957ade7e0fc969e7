import { hourMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { TrialResult } from '#shared/trial.ts'
import type { FilterEntry } from '../../filter/port.ts'
import type { Reading } from '../../store/index.ts'
import type { LogEntry } from '../../store/port.ts'
import type { ActivePolicy } from '../index.ts'

/** What is tried, on which part of the record. Crosses to the thread as it is. */
export interface TrialJob {
  dir: string
  /** The candidate's text, which was read without a fault before. */
  text: string
  /** What is compared, epoch ms. */
  from: number
  until: number
  /** Silences as they are now: those made before the folding begins are not in what is read of the log. */
  silences: readonly SilenceSpan[]
}

export interface TrialProgress {
  done: number
  all: number
  /** How far it has come in the log, epoch ms. */
  at: number | null
}

/** What folds: `Trial` of the filter room. */
interface Folding {
  fold(entry: FilterEntry, places: readonly { alertId: string; incidentId: string }[]): void
  result(until: number, peopleDid: (incidentId: string) => readonly string[]): TrialResult
}

export interface ReplayParts {
  reading: Reading
  policyOf(hash: string): Pick<ActivePolicy, 'hash' | 'policy'> | undefined
  candidate: Pick<ActivePolicy, 'hash' | 'policy'>
  makeTrial(before: Pick<ActivePolicy, 'hash' | 'policy'>): Folding
  /** The entry as it is folded; null for a kind of source that this version does not know any more. */
  toEntry(logged: LogEntry): FilterEntry | null
  report(progress: TrialProgress): void
}

/** So long before what is compared the runs begin: most alerts are told again or over by then. */
const warmUpMs = 12 * hourMs
/** …or at the beginning of the log, where that is no further than so many entries. */
const warmUpEntries = 20_000
/** Entries that are read at once: each may be half a megabyte. */
const page = 100
/** Places on record that are read at once. */
const placesPage = 2000

/**
 * Folds the kept log, from a warm-up on, and says what another policy would have changed. Long; works in the caller's thread.
 * @throws UxbridgeError `store-corrupt`
 */
export function replay({ from, until, silences }: Omit<TrialJob, 'dir' | 'text'>, parts: ReplayParts): TrialResult {
  const { reading, report } = parts
  const last = reading.newestPos()
  const fromPos = firstAt(reading, from, last)
  const start =
    fromPos <= warmUpEntries ? 1 : Math.min(firstAt(reading, from - warmUpMs, last), fromPos - warmUpEntries)
  const all = Math.max(0, last - start + 1)
  const beganAt = reading.logAfter(start - 1, 1)[0]?.at ?? from
  const trial = parts.makeTrial(policyBefore(parts, start === 1 ? null : beganAt))
  const earlier = start === 1 ? [] : silences.filter(({ startsAt }) => startsAt < beganAt)
  if (earlier.length > 0) trial.fold({ kind: 'silence', pos: start - 1, at: beganAt, silences: earlier }, [])

  const places = placesFrom(reading, start - 1)
  let at: number | null = null
  for (let pos = start - 1; pos < last; ) {
    const logged = reading.logAfter(pos, Math.min(page, last - pos))
    if (logged.length === 0)
      throw new UxbridgeError('store-corrupt', `The log ends at ${pos}, before ${last}. Restore a backup.`)
    for (const each of logged) {
      // One entry may hold hundreds of events.
      report({ done: pos - start + 1, all, at })
      pos = each.pos
      at = each.at
      const entry = parts.toEntry(each)
      const here = places(pos)
      if (entry !== null) trial.fold(entry, here)
    }
  }
  report({ done: all, all, at })
  return trial.result(until, (incidentId) =>
    reading.factsOf(incidentId).flatMap(({ by, type }) => (by.startsWith('person:') ? [type] : [])),
  )
}

/** Position of the first entry of the log that is not before `at`; `last + 1` when there is none. */
function firstAt(reading: Reading, at: number, last: number): number {
  let low = 1
  let high = last + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const entry = reading.logAfter(middle - 1, 1)[0]
    if (entry === undefined || entry.at >= at) high = middle
    else low = middle + 1
  }
  return low
}

/** The policy of the day where the folding begins. A new log names its first policy in its first entry. */
function policyBefore({ reading, policyOf, candidate }: ReplayParts, at: number | null): ReplayParts['candidate'] {
  if (at === null) return candidate
  const hash = reading.policyAt(at)
  const policy = hash === null ? undefined : policyOf(hash)
  if (policy !== undefined) return policy
  throw new UxbridgeError(
    'store-corrupt',
    `The policy of ${new Date(at).toISOString()} is not in the database. Restore a backup.`,
  )
}

/** Where the record put alerts, by positions that are asked for in order. */
function placesFrom(reading: Reading, pos: number): (pos: number) => { alertId: string; incidentId: string }[] {
  let n = reading.decisionsTo(pos)
  let ahead = reading.placesAfter(n, placesPage)
  let next = 0
  return (pos) => {
    const found: { alertId: string; incidentId: string }[] = []
    for (;;) {
      if (next === ahead.length) {
        n = ahead.at(-1)?.n ?? n
        ahead = reading.placesAfter(n, placesPage)
        next = 0
      }
      const place = ahead[next]
      if (place === undefined || place.pos > pos) return found
      if (place.pos === pos) found.push({ alertId: place.alertId, incidentId: place.incidentId })
      next++
    }
  }
}
