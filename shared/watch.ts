import { drillPrefix, isOfDrill } from './drill.ts'
import type { Severity } from './event.ts'

/**
 * What is expected of a source, and what its silence means: a dead man's switch. A job that pings has a schedule; any other
 * source may have a longest silence.
 */
export interface Watch {
  /** Which of the source's watches: `silence` or `schedule`. */
  id: string
  /** Signs of life: anything the source sends, or only a ping that says that a run ended well. */
  hears: 'anything' | 'success'
  /** When the next one is expected: so long after the last, or at the times of a cron expression. */
  expected: { everyMs: number } | { cron: string; timeZone: string }
  /** How late it may be. */
  graceMs: number
  /** How long a run may last between its start and its end; null = as long as it likes. */
  runMs: number | null
  /** True: what was never heard of is not missed yet. False: it is expected from the moment it is watched. */
  afterFirst: boolean
  /** What the source is called, for titles. */
  name: string
  severity: Severity
  service: string | null
}

/** What a ping says of a run. `start` begins one; `log` says nothing about how it stands. */
export interface Beat {
  signal: 'start' | 'success' | 'failure' | 'log'
  /** Tells runs apart that overlap; null = the sender does not say. */
  run: string | null
}

/** Stands for all sources together, where a storm is counted over them. */
export const everySource = '*'
const everyDrillSource = `${drillPrefix}${everySource}`

/** All sources that a storm of this one is counted with: what is exercised is never counted with what is real. */
export function everySourceBeside(sourceId: string): string {
  return isOfDrill(sourceId) ? everyDrillSource : everySource
}

/** A storm of new alerts of one source, or of all by one rule, began, goes on or is over: it becomes an event like any other. */
export interface StormFinding {
  sourceId: string
  /** What the source was called then; the fold knows no names. */
  sourceName?: string
  storm: { rule: string; moreThan: number; withinMs: number; severity: Severity }
  what: 'storm' | 'over'
  /** Alerts that were counted instead of heard, of so many kinds (name and service). */
  shed: number
  kinds: number
  /** When it began, and when this was found out, epoch ms. */
  since: number
  at: number
}

export type Finding = WatchFinding | StormFinding

/** A watch has found something out: it becomes an event like any other. */
export interface WatchFinding {
  sourceId: string
  watch: Watch
  /** `silent`: nothing came in time. `overrun`: a run began and did not end. `heard`: it speaks again. */
  what: 'silent' | 'overrun' | 'heard'
  /** Epoch ms of the last sign of life, or of the run's start; null = never heard. */
  since: number | null
  /** When it was found out, epoch ms. */
  at: number
}

/** The next instant after `after` at which a cron expression says so; null when there is none. Epoch ms. */
export type NextOf = (cron: string, timeZone: string, after: number) => number | null
