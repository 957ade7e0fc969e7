import { hash } from 'node:crypto'
import {
  type Event,
  type Labels,
  type Link,
  readInstant,
  type Severity,
  safeLink,
  type Unreadable,
} from '#shared/event.ts'
import type { RawRequest, Reading, VendorAnswer } from '../port.ts'
import { cut, isLongInteger, isRecord, readJson, textOf } from './json.ts'
import { Fault, memberLimits } from './labels.ts'

/** What an adapter found in one member. The rest of the event follows from it. */
export interface Told {
  kind?: Event['kind']
  status: Event['status']
  /** The condition, the same from its beginning to its end. */
  key: string
  severity: Severity
  /** The sender's own word; absent = it said none, and the source's default severity counts. */
  severityRaw?: string | undefined
  title: string
  description?: string | undefined
  /** Epoch ms; null = the sender did not say. */
  startsAt?: number | null
  /** Epoch ms; counts only where the status is resolved, and is now where the sender did not say. */
  endsAt?: number | null
  /** Epoch ms; silence until then means resolved. */
  expiresAt?: number | null
  service?: string | null
  labels?: Readonly<Record<string, unknown>>
  annotations?: Readonly<Record<string, unknown>>
  links?: readonly (Link | null)[]
  groupKey?: string | null
}

const titleLength = 300
const keyLength = 512
const linkCount = 20

/** An event of the family `keyed`, within all limits: what a vendor says too much of is cut, not refused. */
export function keyedEvent(told: Told, receivedAt: number): Event {
  const { status, severity, severityRaw = '' } = told
  const endsAt = status === 'resolved' ? (told.endsAt ?? receivedAt) : null
  const startsAt = told.startsAt ?? endsAt ?? receivedAt
  const title = told.title.trim()
  const service = told.service ?? ''
  return {
    kind: told.kind ?? 'alert',
    status,
    dedupKey: told.key.length <= keyLength ? told.key : `sha256 ${hash('sha256', told.key)}`,
    family: 'keyed',
    severity,
    severityRaw: cut(severityRaw, 100),
    title: title === '' ? 'Event without a title' : cut(title, titleLength),
    description: cut(told.description ?? '', memberLimits.annotationLength),
    startsAt: endsAt === null ? startsAt : Math.min(startsAt, endsAt),
    endsAt,
    expiresAt: status === 'resolved' ? null : (told.expiresAt ?? null),
    timesOut: false,
    service: service === '' ? null : cut(service, 256),
    labels: flat(told.labels ?? {}, memberLimits.labels, memberLimits.labelValueLength),
    annotations: flat(told.annotations ?? {}, memberLimits.annotations, memberLimits.annotationLength),
    links: (told.links ?? []).filter((link) => link !== null).slice(0, linkCount),
    groupKey: told.groupKey == null || told.groupKey === '' ? null : cut(told.groupKey, 1024),
  }
}

/** Texts as they are, everything else as JSON; absent and empty values are left out. The first so many are kept. */
function flat(pairs: Readonly<Record<string, unknown>>, count: number, length: number): Labels {
  const kept: [string, string][] = []
  for (const [name, value] of Object.entries(pairs)) {
    if (kept.length === count) break
    if (value === undefined || value === null || value === '') continue
    if (name === '' || name === '__proto__' || name.length > memberLimits.labelNameLength) continue
    kept.push([name, cut(textOf(value), length)])
  }
  return Object.fromEntries(kept)
}

/** One key of several parts, of which no two lists share one. */
export function keyOf(...parts: readonly unknown[]): string {
  return parts
    .map((part) => textOf(part ?? ''))
    .map((text) => `${text.length}:${text}`)
    .join(' ')
}

/** A text, or a number in its digits; null where there is neither. */
export function wordOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value
  return typeof value === 'number' || isLongInteger(value) ? textOf(value) : null
}

/** A member of that name as an object; none where it is missing or something else. */
export function partOf(body: Readonly<Record<string, unknown>>, name: string): Record<string, unknown> {
  const value = body[name]
  return isRecord(value) ? value : {}
}

/**
 * The first of several times that can be read. One that cannot be read is no reason to lose an alert.
 * @returns epoch ms, or null when there is none
 */
export function timeOf(...candidates: readonly unknown[]): number | null {
  for (const candidate of candidates) {
    try {
      const at = readInstant(candidate)
      if (at !== null) return at
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
    }
  }
  return null
}

/** Epoch seconds, whole or broken, as number or text. @returns epoch ms, or null when absent or out of any range */
export function epochSeconds(raw: unknown): number | null {
  const seconds = typeof raw === 'number' ? raw : typeof raw === 'string' && /^\d+(\.\d+)?$/.test(raw) ? Number(raw) : 0
  const at = Math.round(seconds * 1000)
  return seconds > 0 && at <= 8.64e15 ? at : null
}

/** A link that shows no name and password, where the vendor's address holds them. */
export function plainLink(href: unknown, text: string): Link | null {
  const link = safeLink(href, text)
  if (link === null || !URL.canParse(link.href)) return null
  const url = new URL(link.href)
  if (url.username === '' && url.password === '') return link
  url.username = ''
  url.password = ''
  return { href: url.href, text }
}

/**
 * Reads each member by itself: the good ones are kept, the bad ones named by index.
 * @param read null = the member says nothing that is to be kept
 * @param accepted what the sender gets when all could be read
 */
export function readEach(
  members: readonly unknown[],
  read: (member: Record<string, unknown>) => Event | Fault | null,
  accepted: VendorAnswer = { status: 200 },
): Reading {
  const events: Event[] = []
  const unreadable: Unreadable[] = []
  const places: number[] = []
  const count = Math.min(members.length, memberLimits.members)
  for (let index = 0; index < count; index++) {
    const member = members[index]
    const found = isRecord(member) ? read(member) : new Fault('type', '', 'expected a JSON object')
    if (found instanceof Fault) unreadable.push({ index, reason: found.reason })
    else if (found !== null) {
      events.push(found)
      places.push(index)
    }
  }
  if (members.length > count)
    unreadable.push({
      index: count,
      reason: `more than ${count} members in one request; ${members.length - count} were not read`,
    })
  const answer = unreadable.length === 0 ? accepted : refusalOf(unreadable, members.length)
  return { events, unreadable, places, answer, keep: events.length + unreadable.length > 0 }
}

/** The same for a JSON body that is one member. */
export function readOne(request: RawRequest, read: (member: Record<string, unknown>) => Event | Fault | null): Reading {
  const json = readJson(request.body)
  return 'reason' in json ? unreadableBody(json.reason) : readEach([json.value], read)
}

/** A sender's name for a delivery, as it is remembered: long ones by their hash. */
export function nameOf(id: string): string {
  return id.length <= 100 ? id : hash('sha256', id)
}

/** The same reading of a request that its sender gave an id: each of its events is known by it. */
export function deliveredAs(id: string | undefined, reading: Reading): Reading {
  if (id === undefined || id === '') return reading
  const name = nameOf(id)
  const { places, unreadable } = reading
  const alone = reading.events.length + unreadable.length === 1
  // By the place in the request: that stays the same when more of its members can be read than before.
  const events = reading.events.map((event, index) => ({
    ...event,
    deliveryId: alone ? name : `${name} ${places?.[index] ?? index}`,
  }))
  return { ...reading, events }
}

/** Nothing of the body can be read: 400, and one entry in lost property. */
export function unreadableBody(reason: string): Reading {
  return {
    events: [],
    unreadable: [{ index: 0, reason }],
    answer: { status: 400, body: { code: 'body-malformed', message: sentence(reason) } },
    keep: true,
  }
}

function refusalOf(unreadable: readonly Unreadable[], of: number): VendorAnswer {
  const fields = unreadable.slice(0, 20).map(({ index, reason }) => ({ path: String(index), message: reason }))
  const first = unreadable[0]?.reason ?? ''
  const message =
    of === 1
      ? sentence(first)
      : `${unreadable.length} of ${of} could not be read; the others were kept. The first: ${sentence(first)}`
  return { status: 422, body: { code: 'fields-invalid', message, details: { fields } } }
}

function sentence(reason: string): string {
  return `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`
}
