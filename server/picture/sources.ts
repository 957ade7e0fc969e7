import { hourMs, minuteMs } from '#shared/clocks.ts'
import { isOfDrill } from '#shared/drill.ts'
import type { LedgerRow, Outcome } from '#shared/outcome.ts'

type Counts = Partial<Record<Outcome, number>>
/** Of one minute: what the door counted, and what became of it. */
interface Minute {
  accepted: number
  counts: Counts
}

/**
 * Rates and sums of the last hour, per source and in all, kept minute by minute. Begins from the stored ledger, so that
 * the conservation line is right from the first second after a restart. Rule RS7: whatever must add up counts every event, also of
 * what is restricted, for whoever looks: accepted and outcomes by source and minute, what each rule decided and holds back, a
 * source's age and rate, the counters of events in /metrics. They name nothing and nobody; whatever names, or counts incidents,
 * alerts, people or alarms, counts what whoever looks may see.
 */
export interface HourBook {
  /**
   * @param accepted what the door counted
   * @param heard false for what was received before: it counts, and says nothing of the source's age
   */
  add(sourceId: string, at: number, accepted: number, counts: Counts, heard?: boolean): void
  /** Of all sources but those of exercises, or of one. */
  sum(now: number, sourceId?: string): { accepted: number; outcomes: Counts }
  /** Events in each of the last sixty minutes, oldest first; the last is the minute of `now`. */
  minutes(sourceId: string, now: number): number[]
  /** Events of this outcome in each of the last sixty minutes, of all sources but those of exercises; as `minutes`. */
  outcomeMinutes(outcome: Outcome, now: number): number[]
  /** Events in the last full minute. */
  perMinute(sourceId: string, now: number): number
  heardAt(sourceId: string): number | null
  /**
   * The source's own beat, judged from its last hour: a source that spoke in at least 8 of its last 10 minutes
   * repeats itself, so silence means something. Null: it speaks when something changes; silence means nothing.
   */
  cadenceMs(sourceId: string): number | null
}

export function makeHourBook(rows: readonly LedgerRow[]): HourBook {
  /** sourceId → minute → counts. */
  const minutes = new Map<string, Map<number, Minute>>()
  const heard = new Map<string, number>()
  const declared = new Map<string, number | null>()

  function minutesOf(sourceId: string): Map<number, Minute> {
    let own = minutes.get(sourceId)
    if (own === undefined) {
      own = new Map()
      minutes.set(sourceId, own)
    }
    return own
  }
  function merge(into: Counts, counts: Counts): void {
    for (const [outcome, count] of Object.entries(counts) as [Outcome, number][])
      into[outcome] = (into[outcome] ?? 0) + count
  }

  const book: HourBook = {
    add(sourceId, at, accepted, counts, isHeard = true) {
      if (isHeard) heard.set(sourceId, Math.max(at, heard.get(sourceId) ?? 0))
      const own = minutesOf(sourceId)
      const minute = at - (at % minuteMs)
      let into = own.get(minute)
      if (into === undefined) {
        into = { accepted: 0, counts: {} }
        own.set(minute, into)
        for (const old of own.keys()) if (old <= minute - hourMs) own.delete(old)
        const spoken = [...own.keys()].filter((each) => each > minute - 10 * minuteMs).length
        declared.set(sourceId, spoken >= 8 ? minuteMs : null)
      }
      into.accepted += accepted
      merge(into.counts, counts)
    },
    sum(now, sourceId) {
      const outcomes: Counts = {}
      let accepted = 0
      for (const [id, own] of minutes) {
        if (sourceId === undefined ? isOfDrill(id) : id !== sourceId) continue
        for (const [minute, one] of own) {
          if (minute <= now - hourMs) continue
          accepted += one.accepted
          merge(outcomes, one.counts)
        }
      }
      return { accepted, outcomes }
    },
    minutes(sourceId, now) {
      const own = minutes.get(sourceId)
      const last = now - (now % minuteMs)
      return Array.from({ length: 60 }, (_, index) => own?.get(last - (59 - index) * minuteMs)?.accepted ?? 0)
    },
    outcomeMinutes(outcome, now) {
      const last = now - (now % minuteMs)
      return Array.from({ length: 60 }, (_, index) => {
        let sum = 0
        for (const [id, own] of minutes)
          if (!isOfDrill(id)) sum += own.get(last - (59 - index) * minuteMs)?.counts[outcome] ?? 0
        return sum
      })
    },
    perMinute(sourceId, now) {
      return minutes.get(sourceId)?.get(now - (now % minuteMs) - minuteMs)?.accepted ?? 0
    },
    heardAt: (sourceId) => heard.get(sourceId) ?? null,
    cadenceMs: (sourceId) => declared.get(sourceId) ?? null,
  }
  for (const row of [...rows].sort((a, b) => a.minute - b.minute))
    book.add(row.sourceId, row.minute, row.accepted, row.counts)
  return book
}
