import { minuteMs } from '#shared/clocks.ts'
import { isOpen, type Phase } from '#shared/incident/state.ts'
import type { IncidentVitals } from '../port.ts'
import type { Tracked } from './state.ts'

const ringMinutes = 30

/** What makes later alerts join: the correlation key of the alert that opened the incident, and when alerts came. */
export interface Joining {
  key: string
  rule: string
  /** The labels and values, in words: `service=checkout`. */
  words: string
  firstAt: number
  /** When the newest alert joined, or fired again. */
  lastAt: number
}

/** One incident as the filter knows it: who may join, and the counters of its alerts. */
export class Group {
  readonly id: string
  phase: Phase
  /** Null for an incident that was declared by hand: alerts do not join it by themselves. */
  joining: Joining | null
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

  constructor(id: string, phase: Phase, joining: Joining | null, at: number) {
    this.id = id
    this.phase = phase
    this.joining = joining
    this.heardAt = at
  }

  get open(): boolean {
    return isOpen(this.phase)
  }

  /** One more event about one of its alerts. */
  heard(at: number): void {
    if (at > this.heardAt) this.heardAt = at
    this.events++
    this.#add(Math.floor(at / minuteMs), 1)
  }

  #add(minute: number, count: number): void {
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
    const counts: number[] = []
    const oldest = Math.max(0, this.#newest - ringMinutes + 1)
    for (let minute = oldest; minute <= this.#newest; minute++) {
      const slot = minute % ringMinutes
      counts.push(this.#minute[slot] === minute ? (this.#count[slot] as number) : 0)
    }
    const state = { id, phase, joining: joining && { ...joining }, reopenUntil, resolvedAt }
    return { ...state, heardAt, events, oldest, counts }
  }

  static restore(saved: SavedGroup): Group {
    const group = new Group(saved.id, saved.phase, saved.joining && { ...saved.joining }, saved.heardAt)
    group.reopenUntil = saved.reopenUntil
    group.resolvedAt = saved.resolvedAt
    group.events = saved.events
    for (const [index, count] of saved.counts.entries()) if (count > 0) group.#add(saved.oldest + index, count)
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
}
