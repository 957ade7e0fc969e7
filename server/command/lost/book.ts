import type { Unreadable } from '#shared/event.ts'
import type { LostItem, LostKey, SettingRow } from '../../store/port.ts'
import { wholeRequest, writeMembers } from './members.ts'

/**
 * Rule LP2: how much lost property is kept, so that a sender that has broken cannot fill the disk. Rows; each takes about
 * a kilobyte at most, and no bytes of the request, which lie in the log as every request's do.
 */
export const lostLimits = {
  /** Members of one request that have a row each; those beyond share one. */
  perRequest: 20,
  perSource: 500,
  inAll: 5000,
} as const

/** Settings records that say how much of a source made room. */
export const lostCountKind = 'lost-count'
const longestReason = 300

/** What must become durable of a change. */
export interface LostChange {
  lost: LostItem[]
  unlost: LostKey[]
  put: SettingRow[]
}

/** Of one source, oldest first. */
type Shelf = Map<string, LostItem>

/** The name of a row: `184.3` is member 3 of the request at 184 in the log. */
export const lostId = ({ pos, index }: LostKey): string => `${pos}.${index}`

/** As much of a reason as a row holds. */
export const shortReason = (reason: string): string => reason.slice(0, longestReason).toWellFormed()

/** What of a request could not be read, as rows. Rule LP1: every unreadable member is in exactly one of them. */
export function lostOf(
  request: { pos: number; sourceId: string; at: number },
  unreadable: readonly Unreadable[],
  nothingRead: boolean,
): LostItem[] {
  if (unreadable.length === 0) return []
  // Two reasons for one member are one.
  const byIndex = new Map<number, string>()
  for (const { index, reason } of unreadable) {
    const known = byIndex.get(index)
    byIndex.set(index, known === undefined ? reason : `${known}; ${reason}`)
  }
  const all = [...byIndex].sort(([a], [b]) => a - b)
  const item = (index: number, reason: string, count: number, members: string): LostItem => ({
    ...request,
    index,
    reason: shortReason(reason),
    count,
    members,
    state: 'lost',
    changedAt: null,
    changedBy: null,
    tries: 0,
    foundPos: null,
  })
  const [first] = all
  if (nothingRead && first !== undefined && all.length === 1) return [item(first[0], first[1], 1, wholeRequest)]
  const rows = all.slice(0, lostLimits.perRequest).map(([index, reason]) => item(index, reason, 1, String(index)))
  const rest = all.slice(lostLimits.perRequest)
  const [next] = rest
  if (next === undefined) return rows
  const { members, named } = writeMembers(rest.map(([index]) => index))
  const left = rest.length - named
  const more = `and ${rest.length} more${left > 0 ? `, of which ${left} can only be seen in the bytes` : ''}; the first: `
  return [...rows, item(next[0], more + next[1], rest.length, members)]
}

/** What the room remembers of lost property: all rows there are, newest state, possibly a moment ahead of the disk. */
export class LostBook {
  readonly #shelves = new Map<string, Shelf>()
  /** Members of each source that made room for newer ones. */
  readonly #madeRoom = new Map<string, { members: number; at: number }>()
  #rows = 0

  /** @param items oldest first */
  static of(items: Iterable<LostItem>, counts: Iterable<{ id: string; doc: unknown }>): LostBook {
    const book = new LostBook()
    for (const item of items) book.#set(item)
    for (const { id, doc } of counts) book.#madeRoom.set(id, doc as { members: number; at: number })
    return book
  }

  get(key: LostKey): LostItem | undefined {
    const name = lostId(key)
    for (const shelf of this.#shelves.values()) {
      const found = shelf.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Rows that wait, oldest first; of one source, or all. */
  waiting(sourceId?: string): LostItem[] {
    const shelves = sourceId === undefined ? [...this.#shelves.values()] : [this.#shelves.get(sourceId) ?? new Map()]
    return shelves.flatMap((shelf: Shelf) => [...shelf.values()].filter(({ state }) => state === 'lost'))
  }

  /** Members that wait. */
  count(sourceId?: string): number {
    return this.waiting(sourceId).reduce((sum, { count }) => sum + count, 0)
  }

  madeRoom(sourceId: string): number {
    return this.#madeRoom.get(sourceId)?.members ?? 0
  }

  rows(): number {
    return this.#rows
  }

  /**
   * Takes new rows in, and those that have changed. Where a source has too many, its oldest go, settled ones first; where
   * there are too many in all, those of the source that has most, so that a noisy one never costs a quiet one its own.
   * @param now epoch ms
   */
  put(items: readonly LostItem[], now: number): LostChange {
    const unlost: LostKey[] = []
    const shrunk = new Set<string>()
    for (const item of items) this.#set(item)
    for (const item of items) {
      const shelf = this.#shelves.get(item.sourceId)
      while (shelf !== undefined && shelf.size > lostLimits.perSource)
        this.#pushOut(item.sourceId, shelf, now, unlost, shrunk)
    }
    while (this.#rows > lostLimits.inAll) {
      const [sourceId, shelf] = [...this.#shelves].reduce((most, each) => (each[1].size > most[1].size ? each : most))
      this.#pushOut(sourceId, shelf, now, unlost, shrunk)
    }
    const gone = new Set(unlost.map(lostId))
    return {
      lost: items.filter((item) => !gone.has(lostId(item))),
      unlost,
      put: [...shrunk].map((id) => ({ kind: lostCountKind, id, doc: this.#madeRoom.get(id) })),
    }
  }

  /** Takes out what was received before this instant. @returns the rows, oldest first within their source */
  expire(before: number): { gone: LostItem[]; remove: { kind: string; id: string }[] } {
    const gone = [...this.#shelves.values()].flatMap((shelf) => [...shelf.values()].filter(({ at }) => at < before))
    for (const item of gone) this.#remove(item)
    const remove = [...this.#madeRoom].filter(([, { at }]) => at < before).map(([id]) => ({ kind: lostCountKind, id }))
    for (const { id } of remove) this.#madeRoom.delete(id)
    return { gone, remove }
  }

  #set(item: LostItem): void {
    let shelf = this.#shelves.get(item.sourceId)
    if (shelf === undefined) {
      shelf = new Map()
      this.#shelves.set(item.sourceId, shelf)
    }
    const before = shelf.size
    shelf.set(lostId(item), item)
    this.#rows += shelf.size - before
  }

  #remove(item: LostItem): void {
    const shelf = this.#shelves.get(item.sourceId)
    if (shelf?.delete(lostId(item)) !== true) return
    this.#rows--
    if (shelf.size === 0) this.#shelves.delete(item.sourceId)
  }

  #pushOut(sourceId: string, shelf: Shelf, now: number, unlost: LostKey[], shrunk: Set<string>): void {
    const [oldest] = shelf.values()
    const item = shelf.values().find(({ state }) => state !== 'lost') ?? oldest
    if (item === undefined) return
    this.#remove(item)
    unlost.push({ pos: item.pos, index: item.index })
    if (item.state !== 'lost') return
    const before = this.#madeRoom.get(sourceId)
    this.#madeRoom.set(sourceId, { members: (before?.members ?? 0) + item.count, at: now })
    shrunk.add(sourceId)
  }
}
