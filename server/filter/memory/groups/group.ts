import { minuteMs } from '#shared/clocks.ts'
import { isOpen, type Phase } from '#shared/incident/state.ts'
import type { IncidentVitals } from '../../port.ts'
import type { Tracked } from '../state.ts'

const ringMinutes = 30

/** What makes later alerts join: the correlation key of the alert that opened the incident, and when alerts came. */
export interface Joining {
  /** Null: only what is kin of its alerts joins, along dependencies or by cause and effect. */
  key: string | null
  rule: string
  /** The labels and values, in words: `service=checkout`. */
  words: string
  firstAt: number
  /** When the newest alert joined, or fired again. */
  lastAt: number
}

/** What an incident brought that was merged into this one: it takes it back should the merge be undone. */
export interface Adopted {
  from: string
  joining: Joining | null
  marks: string[]
  adopted: Adopted[]
  /** Absent where there is nothing to say. */
  apart?: string[]
}

/** One incident as the filter knows it: who may join, and the counters of its alerts. */
export class Group {
  readonly id: string
  phase: Phase
  /** Opened by the filter, and nobody has touched it: it may still be merged into another. */
  provisional = false
  /** Alerts that are restricted join it, and no others (rule RS8). Changed by `Groups.restrict` alone. */
  restricted = false
  /** What kin is found by: the services of its alerts, and what they are causes and effects of (`Kinship`). */
  readonly marks = new Set<string>()
  adopted: Adopted[] = []
  /** Incidents that a person has said are others than this one. The filter never merges them with it. */
  readonly apart = new Set<string>()
  /** What was merged into it may be apart from others: else nobody need look through thousands of them for every alert. */
  adoptedApart = false
  /** Null for an incident that was declared by hand, until another is merged into it: alerts do not join it by themselves. */
  joining: Joining | null
  /** `joining.firstAt` as it was before anything was merged into it. */
  begunAt: number | null = null
  /** Until this instant (epoch ms) an alert that fires again reopens it; 0 while it is open, or when it takes no more. */
  reopenUntil = 0
  resolvedAt: number | null = null
  readonly alerts = new Set<Tracked>()
  heardAt: number
  events = 0
  // A ring: minute m (epoch minutes) lives in slot m % 30 while no newer one has taken the slot.
  readonly #minute: number[] = new Array(ringMinutes).fill(-1)
  readonly #count: number[] = new Array(ringMinutes).fill(0)
  #newest = -1
  /** Events of the newest minute that are not in the ring yet: nearly every event is one, and the ring lies elsewhere in memory. */
  #fresh = 0

  constructor(id: string, phase: Phase, joining: Joining | null, at: number) {
    this.id = id
    this.phase = phase
    this.joining = joining
    this.heardAt = at
  }

  get open(): boolean {
    return isOpen(this.phase)
  }

  /** Correlation keys: its own, and those of what was merged into it. */
  *keys(): Generator<string> {
    if (this.joining !== null && this.joining.key !== null) yield this.joining.key
    for (const { joining } of everyOf(this.adopted)) if (joining !== null && joining.key !== null) yield joining.key
  }

  /** Its own marks, and those of what was merged into it. */
  *allMarks(): Generator<string> {
    yield* this.marks
    for (const { marks } of everyOf(this.adopted)) yield* marks
  }

  /** Rule M5: answers whether a person has said of this one and another, or of what was merged into them, that they are two. */
  apartness(): (other: Group) => boolean {
    if (this.apart.size === 0 && !this.adoptedApart) return never
    const ids = new Set(this.apart)
    for (const { apart = [] } of everyOf(this.adopted)) for (const id of apart) ids.add(id)
    return (other) => {
      if (this === other) return false
      if (ids.has(other.id)) return true
      for (const { from } of everyOf(other.adopted)) if (ids.has(from)) return true
      return false
    }
  }

  /** Takes over the counters of an incident that is merged into it. */
  count(other: Group): void {
    this.heardAt = Math.max(this.heardAt, other.heardAt)
    this.events += other.events
    other.#settle()
    other.#minute.forEach((minute, slot) => {
      if (minute >= 0) this.#add(minute, other.#count[slot] as number)
    })
    if (other.joining === null) return
    // What joined the other joins this one now, and no longer than it joined the other.
    if (this.joining === null) this.joining = { ...other.joining, key: null, words: '' }
    const { joining } = this
    this.begunAt ??= joining.firstAt
    joining.firstAt = Math.min(joining.firstAt, other.joining.firstAt)
    joining.lastAt = Math.max(joining.lastAt, other.joining.lastAt)
  }

  /** One more event about one of its alerts. */
  heard(at: number): void {
    if (at > this.heardAt) this.heardAt = at
    this.events++
    const minute = Math.floor(at / minuteMs)
    if (minute === this.#newest) this.#fresh++
    else this.#add(minute, 1)
  }

  #settle(): void {
    const fresh = this.#fresh
    this.#fresh = 0
    if (fresh > 0) this.#add(this.#newest, fresh)
  }

  #add(minute: number, count: number): void {
    this.#settle()
    const slot = ((minute % ringMinutes) + ringMinutes) % ringMinutes
    const held = this.#minute[slot] as number
    if (held === minute) this.#count[slot] = (this.#count[slot] as number) + count
    else if (held < minute) {
      this.#minute[slot] = minute
      this.#count[slot] = count
      if (minute > this.#newest) this.#newest = minute
    }
  }

  vitals(): Omit<IncidentVitals, 'silenced'> {
    this.#settle()
    const activity: [number, number][] = []
    for (let minute = Math.max(0, this.#newest - ringMinutes + 1); minute <= this.#newest; minute++) {
      const slot = minute % ringMinutes
      if (this.#minute[slot] === minute) activity.push([minute * minuteMs, this.#count[slot] as number])
    }
    return { heardAt: this.heardAt, events: this.events, activity }
  }

  /** JSON, for a checkpoint. */
  save(): SavedGroup {
    const { id, phase, joining, reopenUntil, resolvedAt, heardAt, events } = this
    this.#settle()
    const counts: number[] = []
    const oldest = Math.max(0, this.#newest - ringMinutes + 1)
    for (let minute = oldest; minute <= this.#newest; minute++) {
      const slot = minute % ringMinutes
      counts.push(this.#minute[slot] === minute ? (this.#count[slot] as number) : 0)
    }
    const { begunAt } = this
    const state = { id, phase, joining: joining && { ...joining }, reopenUntil, resolvedAt }
    return {
      ...state,
      heardAt,
      events,
      oldest,
      counts,
      ...(this.provisional ? { provisional: true } : {}),
      ...(this.restricted ? { restricted: true } : {}),
      ...(this.marks.size > 0 ? { marks: [...this.marks] } : {}),
      ...(this.adopted.length > 0 ? { adopted: structuredClone(this.adopted) } : {}),
      ...(this.apart.size > 0 ? { apart: [...this.apart] } : {}),
      ...(begunAt === null ? {} : { begunAt }),
    }
  }

  static restore(saved: SavedGroup): Group {
    const group = new Group(saved.id, saved.phase, saved.joining && { ...saved.joining }, saved.heardAt)
    group.reopenUntil = saved.reopenUntil
    group.resolvedAt = saved.resolvedAt
    group.events = saved.events
    for (const [index, count] of saved.counts.entries()) if (count > 0) group.#add(saved.oldest + index, count)
    group.provisional = saved.provisional ?? false
    group.restricted = saved.restricted ?? false
    for (const mark of saved.marks ?? []) group.marks.add(mark)
    group.adopted = structuredClone(saved.adopted ?? [])
    for (const id of saved.apart ?? []) group.apart.add(id)
    group.begunAt = saved.begunAt ?? null
    for (const { apart } of everyOf(group.adopted)) if (apart !== undefined) group.adoptedApart = true
    return group
  }
}

/** Small: thousands of these are written by each checkpoint. */
export interface SavedGroup {
  id: string
  phase: Phase
  joining: Joining | null
  reopenUntil: number
  resolvedAt: number | null
  heardAt: number
  events: number
  /** Events per minute, from this one on (minutes since the epoch). */
  oldest: number
  counts: number[]
  /** These are absent where there is nothing to say, and in checkpoints from before there were merges. */
  provisional?: boolean
  restricted?: boolean
  marks?: string[]
  adopted?: Adopted[]
  apart?: string[]
  begunAt?: number
}

const never = () => false

function* everyOf(adopted: readonly Adopted[]): Generator<Adopted> {
  for (const one of adopted) {
    yield one
    yield* everyOf(one.adopted)
  }
}
