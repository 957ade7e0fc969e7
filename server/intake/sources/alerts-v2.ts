import { type Event, readInstant, type Unreadable } from '#shared/event.ts'
import type { RawRequest, Reading, VendorAnswer } from '../port.ts'
import { isRecord, readJson } from './json.ts'
import { Fault, linksOf, memberLimits, readAnnotations, readLabels, titleOf } from './labels.ts'
import { severityOf } from './severity.ts'

const accepted: VendorAnswer = { status: 200 }

/**
 * `POST /api/v2/alerts` as Prometheus and amtool send it: an array of `{labels, annotations, startsAt, endsAt, generatorURL}`.
 * Bad members are left out and named by index; the good ones are kept. Answers as Alertmanager's do, 0.25 and current:
 * 200 empty, 422 for absent labels (`code` 602), 400 otherwise, an object where JSON types are wrong and a string where a
 * rule is broken.
 */
export function readAlertsV2(request: RawRequest): Reading {
  const json = readJson(request.body)
  if ('reason' in json) {
    // Nothing but space is as good as nothing to Alertmanager's reader.
    if (request.body.length < 100 && Buffer.from(request.body).toString().trim() === '')
      return whole(json.reason, { status: 422, body: { code: 602, message: 'alerts in body is required' } })
    return whole(json.reason, unparsable(json.reason))
  }
  if (json.value === null) return { events: [], unreadable: [], answer: accepted, keep: false }
  if (!Array.isArray(json.value)) {
    const reason = 'expected an array of alerts'
    return whole(reason, unparsable(reason))
  }
  return readAlertsArray(json.value, request.receivedAt)
}

/** The same for an array that was parsed already. */
export function readAlertsArray(members: readonly unknown[], receivedAt: number): Reading {
  const events: Event[] = []
  const unreadable: Unreadable[] = []
  let worst: Fault['kind'] = 'invalid'
  // Members of one request share most of their times: Prometheus stamps a whole batch with one end.
  const starts = rememberLast(readInstant)
  const ends = rememberLast(readInstant)
  const count = Math.min(members.length, memberLimits.members)
  for (let index = 0; index < count; index++) {
    const read = readAlert(members[index], receivedAt, starts, ends)
    if (!(read instanceof Fault)) {
      events.push(read)
      continue
    }
    unreadable.push({ index, reason: read.reason })
    if (rank[read.kind] > rank[worst]) worst = read.kind
  }
  // One entry for all the rest: a body full of `1,1,1,…` must not become a million records.
  if (members.length > count)
    unreadable.push({
      index: count,
      reason: `more than ${count} alerts in one request; ${members.length - count} were not read`,
    })
  const answer = unreadable.length === 0 ? accepted : refusal(worst, unreadable)
  return { events, unreadable, answer, keep: members.length > 0 }
}

const rank = { invalid: 0, type: 1, required: 2 } as const

type InstantReader = typeof readInstant

/** The same function, which does not work out again what it was asked last. */
function rememberLast(read: InstantReader): InstantReader {
  let lastText: string | null = null
  let lastAt: number | null = null
  return (raw) => {
    if (raw === lastText && lastText !== null) return lastAt
    const at = read(raw)
    if (typeof raw === 'string') {
      lastText = raw
      lastAt = at
    }
    return at
  }
}

function readAlert(raw: unknown, receivedAt: number, starts: InstantReader, ends: InstantReader): Event | Fault {
  if (raw !== null && !isRecord(raw)) return new Fault('type', '', 'an alert must be an object')
  const set = readLabels(raw?.labels)
  if (set instanceof Fault) return set
  const annotations = readAnnotations(raw?.annotations)
  if (annotations instanceof Fault) return annotations
  let startsAt: number | null
  let endsAt: number | null
  try {
    startsAt = starts(raw?.startsAt)
    endsAt = ends(raw?.endsAt)
  } catch (error) {
    return new Fault('type', 'startsAt', (error as Error).message)
  }
  if (startsAt !== null && endsAt !== null && startsAt > endsAt)
    return new Fault('invalid', 'endsAt', 'start time must be before end time')
  const { labels, key } = set
  const severityRaw = labels.severity ?? ''
  const resolved = endsAt !== null && endsAt <= receivedAt
  return {
    kind: 'alert',
    status: resolved ? 'resolved' : 'firing',
    dedupKey: key,
    family: 'alertmanager',
    severity: severityOf(severityRaw),
    severityRaw,
    title: titleOf(labels, annotations),
    description: annotations.description ?? annotations.message ?? '',
    startsAt: startsAt ?? (endsAt === null ? receivedAt : Math.min(endsAt, receivedAt)),
    endsAt: resolved ? endsAt : null,
    expiresAt: resolved ? null : endsAt,
    timesOut: endsAt === null,
    service: labels.service ?? null,
    labels,
    annotations,
    links: linksOf(raw?.generatorURL, annotations),
    groupKey: null,
  }
}

function whole(reason: string, answer: VendorAnswer): Reading {
  return { events: [], unreadable: [{ index: 0, reason }], answer, keep: true }
}

function unparsable(reason: string): VendorAnswer {
  return { status: 400, body: { code: 400, message: `parsing alerts body from "" failed, because ${reason}` } }
}

function refusal(worst: Fault['kind'], unreadable: readonly Unreadable[]): VendorAnswer {
  const named = listed(unreadable)
  if (worst === 'required') return { status: 422, body: { code: 602, message: named } }
  if (worst === 'type') return unparsable(named)
  // A bare JSON string, as Alertmanager answers here.
  return { status: 400, headers: { 'content-type': 'application/json' }, body: JSON.stringify(named) }
}

/** Each bad member with its index, at most twenty. */
export function listed(unreadable: readonly Unreadable[]): string {
  const shown = unreadable
    .slice(0, 20)
    .map(({ index, reason }) => (reason.startsWith('labels in body') ? `${index}.${reason}` : `${index}: ${reason}`))
  if (unreadable.length > shown.length) shown.push(`and ${unreadable.length - shown.length} more`)
  return shown.join('; ')
}
