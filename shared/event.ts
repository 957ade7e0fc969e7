import { z } from 'zod'
import type { Beat } from './watch.ts'

/** Ours, from most to least urgent. A sender's own word is kept beside it as `severityRaw`. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const
export type Severity = (typeof severities)[number]
export const severitySchema = z.enum(severities)

export type EventKind = 'alert' | 'change' | 'heartbeat' | 'log' | 'report' | 'test'
export type EventStatus = 'firing' | 'acknowledged' | 'resolved'
export type Labels = Readonly<Record<string, string>>
export interface Link {
  /** http or https only. */
  href: string
  text: string
}

/**
 * One observation, as an adapter read it from a request. Immutable. All instants are epoch milliseconds.
 * The bytes it came from are found by the position of its log entry and its index in it.
 */
export interface Event {
  kind: EventKind
  status: EventStatus
  /** The sender's name for this delivery: the same event may be delivered twice. Says nothing about the condition. */
  deliveryId?: string
  /** The sender's own stable key for the condition, before it is scoped to the source group. */
  dedupKey: string
  /** How the condition is merged: Alertmanager's own rules, or ours. */
  family: 'alertmanager' | 'keyed'
  severity: Severity
  severityRaw: string
  title: string
  description: string
  startsAt: number
  /** Set when the sender said that it ended; then `status` is `resolved`. */
  endsAt: number | null
  /** The sender promises to repeat before this instant; silence until then means resolved. Never judged before it. */
  expiresAt: number | null
  /** The sender said no end and promised none: silence for the policy's `resolve_timeout` means resolved. Absent = false. */
  timesOut?: boolean
  service: string | null
  labels: Labels
  annotations: Labels
  links: readonly Link[]
  groupKey: string | null
  /** Kind heartbeat only: what it says of a run. */
  beat?: Beat
  /** What somebody at the sender wrote about the condition; kept with its alert. */
  note?: string
  /**
   * The event says only these of an alert that is known, and opens none; without any of them it only brings its note.
   * Absent: it says everything.
   */
  amends?: readonly Amendment[]
}

/** `acknowledgement` = the sender takes it back. */
export type Amendment = 'title' | 'description' | 'severity' | 'acknowledgement'

/** A member of a request that could not be read. */
export interface Unreadable {
  index: number
  reason: string
}

// RFC 3339, and what senders make of it: a space for the T, no seconds, an offset without colon (PagerDuty), none at all.
const instantShape = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?:([Zz])|([+-]\d\d):?(\d\d))?$/
const absentWords = new Set(['', 'null', '0'])

/**
 * Reads a sender's instant. Absent values (year ≤ 1, 0, null, "null", empty) give null. A time without offset is UTC:
 * the same text must mean the same instant wherever it is read.
 * @returns epoch ms, or null when absent
 * @throws RangeError when it is present and no instant
 */
export function readInstant(raw: unknown): number | null {
  if (raw === null || raw === undefined || raw === 0) return null
  if (typeof raw !== 'string')
    throw new RangeError(`expected an RFC 3339 time such as 2026-01-31T09:30:00Z, got ${typeof raw}`)
  if (absentWords.has(raw) || raw.startsWith('0001-') || raw.startsWith('0000-')) return null
  const [whole, date, time, , hours, minutes] = instantShape.exec(raw) ?? []
  const at =
    whole === undefined ? Number.NaN : Date.parse(`${date}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`)
  if (!Number.isFinite(at)) throw new RangeError('expected an RFC 3339 time such as 2026-01-31T09:30:00Z')
  return at
}

/** Keeps links that a browser may follow; anything but http and https is dropped. */
export function safeLink(href: unknown, text: string): Link | null {
  if (typeof href !== 'string' || href.length > 2048) return null
  return /^https?:\/\/[^\s]+$/i.test(href) ? { href, text } : null
}
