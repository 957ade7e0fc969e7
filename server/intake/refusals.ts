import { type Clock, hourMs } from '#shared/clocks.ts'
import type { Unreadable } from '#shared/event.ts'

/** One sort of thing that came to nothing. */
export interface TroubleCount {
  /** As it was said the last time. */
  reason: string
  count: number
  /** Epoch ms. */
  lastAt: number
}

/** What a source sent in vain in the last 24 hours, or since this server's start where that is later. Newest first. */
export interface Troubles {
  /** Epoch ms. */
  sinceAt: number
  /** Requests that were refused whole, with the status they were answered. They are not kept. */
  refused: readonly (TroubleCount & { status: number })[]
  /** Members of requests that were kept and could not be read. */
  unreadable: readonly TroubleCount[]
  /** Those of sorts that are no longer told apart. */
  others: number
}

/**
 * Counts of what came to nothing, per source, so that its page can say why and what to do. Rule K1: every refused request
 * is counted once, for the source whose key or address it had. Lost at a restart.
 */
export interface RefusalBook {
  /** @param sourceId whose key or address it was; null, or one that is unknown: nobody we know */
  refused(sourceId: string | null, status: number, message: string): void
  unreadable(sourceId: string, members: readonly Unreadable[]): void
  /** @param sourceId null = those of nobody we know */
  of(sourceId: string | null): Troubles
}

/** So many sorts are told apart per source; the one that was heard longest ago makes room. */
const sortsPerSource = 50
const shownMs = 24 * hourMs
const longestReason = 300

interface Sort {
  status: number | null
  reason: string
  lastAt: number
  /** Start of the hour → count: a sender that fails all day must not need more room than one that failed once. */
  hours: Map<number, number>
}

export function makeRefusalBook({ clock, isSource }: { clock: Clock; isSource(id: string): boolean }): RefusalBook {
  const startedAt = clock.now()
  const books = new Map<string | null, { sorts: Map<string, Sort>; others: number }>()

  function count(sourceId: string | null, status: number | null, reason: string, times: number): void {
    // Whoever knocks may name any source; only real ones get a page of their own.
    const owner = sourceId !== null && isSource(sourceId) ? sourceId : null
    let book = books.get(owner)
    if (book === undefined) {
      book = { sorts: new Map(), others: 0 }
      books.set(owner, book)
    }
    const now = clock.now()
    // Numbers differ from one request to the next where the reason is the same.
    const key = `${status ?? ''} ${reason.replaceAll(/\d+/g, '#').slice(0, longestReason)}`
    const sort: Sort = book.sorts.get(key) ?? { status, reason: '', lastAt: now, hours: new Map() }
    book.sorts.delete(key)
    book.sorts.set(key, sort)
    sort.reason = reason.slice(0, longestReason)
    sort.lastAt = now
    const hour = now - (now % hourMs)
    sort.hours.set(hour, (sort.hours.get(hour) ?? 0) + times)
    for (const old of sort.hours.keys()) if (old <= now - shownMs) sort.hours.delete(old)
    if (book.sorts.size <= sortsPerSource) return
    const [oldest, dropped] = book.sorts.entries().next().value ?? ['', undefined]
    book.sorts.delete(oldest)
    book.others += dropped === undefined ? 0 : sum(dropped, now)
  }

  return {
    refused: (sourceId, status, message) => count(sourceId, status, message, 1),
    unreadable(sourceId, members) {
      if (members.length === 0) return
      for (const [reason, same] of Map.groupBy(members, (member) => member.reason))
        count(sourceId, null, reason, same.length)
    },
    of(sourceId) {
      const now = clock.now()
      const book = books.get(sourceId)
      const counted = [...(book?.sorts.values() ?? [])]
        .map((sort) => ({ status: sort.status, reason: sort.reason, lastAt: sort.lastAt, count: sum(sort, now) }))
        .filter((sort) => sort.count > 0)
        .sort((a, b) => b.lastAt - a.lastAt)
      return {
        sinceAt: Math.max(startedAt, now - shownMs),
        refused: counted.flatMap(({ status, ...sort }) => (status === null ? [] : [{ ...sort, status }])),
        unreadable: counted.flatMap(({ status, ...sort }) => (status === null ? [sort] : [])),
        others: book?.others ?? 0,
      }
    },
  }
}

/** Within the last 24 hours, by whole hours. */
function sum(sort: Sort, now: number): number {
  let total = 0
  for (const [hour, times] of sort.hours) if (hour > now - shownMs) total += times
  return total
}
