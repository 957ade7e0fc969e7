import type { Event } from '#shared/event.ts'
import { durationText } from '#shared/source.ts'
import type { Finding, StormFinding, WatchFinding } from '#shared/watch.ts'
import type { Adapter } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { isRecord, readJson } from './json.ts'
import { keyedEvent, unreadableBody } from './keyed.ts'

/** Key of the one alert about a job that pings, whoever speaks of it: the job itself, or the watch that misses it. */
export const checkKey = 'check'

/**
 * What a watch found out, as an event: nobody sent it, but it is logged, counted, filtered and answered for like any other.
 * Its body is a `Finding`.
 */
export const watchAdapter: Adapter = {
  id: 'own/watch',
  door: 'listener',
  maxBytes: 64 * 1024,
  mediaTypes: null,
  parse({ body, receivedAt }) {
    const json = readJson(body)
    if ('reason' in json || !isRecord(json.value)) return unreadableBody('this is no finding of a watch')
    const finding = json.value as unknown as Finding
    const event = 'storm' in finding ? stormEvent(finding, receivedAt) : eventOf(finding, receivedAt)
    return { events: [event], unreadable: [], answer: { status: 200 }, keep: true }
  },
  refuse: houseRefusal,
}

/** The one alert about a storm, which says more each time. Its `group` keeps it apart from storms of others. */
function stormEvent(finding: StormFinding, receivedAt: number): Event {
  const { sourceId, sourceName = sourceId, storm, what, shed, kinds, since, at } = finding
  const { rule, moreThan, withinMs, severity } = storm
  const count = shed.toLocaleString('en')
  const more =
    shed === 0 ? '' : `: ${count} more ${shed === 1 ? 'alert' : 'alerts'} of ${kinds} ${kinds === 1 ? 'kind' : 'kinds'}`
  return keyedEvent(
    {
      status: what === 'over' ? 'resolved' : 'firing',
      key: `storm ${rule}`,
      severity,
      severityRaw: severity,
      title: `Storm of alerts from ${sourceName}${more}`,
      description: `More than ${moreThan} new alerts within ${durationText(withinMs)}, since ${new Date(since).toISOString()}. The first of each kind was heard; ${count} more are held back and counted by rule '${rule}', and judged again when it is over.`,
      startsAt: since,
      endsAt: what === 'over' ? at : null,
      service: null,
      labels: { alertname: 'AlertStorm', source: sourceName, rule },
      groupKey: `storm ${rule} of ${sourceId}`,
    },
    receivedAt,
  )
}

function eventOf({ sourceId, watch, what, since, at }: WatchFinding, receivedAt: number): Event {
  const { name, severity, service, id } = watch
  const alertname = id === 'schedule' ? (what === 'overrun' ? 'JobOverran' : 'JobMissing') : 'SourceSilent'
  return keyedEvent(
    {
      status: what === 'heard' ? 'resolved' : 'firing',
      key: id === 'schedule' ? checkKey : `silence of ${sourceId}`,
      severity,
      severityRaw: severity,
      title: titleOf(watch, what),
      description: wordsOf(watch, what, since, at),
      startsAt: what === 'heard' ? since : at,
      endsAt: what === 'heard' ? at : null,
      service,
      labels: { alertname, source: name, service },
    },
    receivedAt,
  )
}

function titleOf({ id, name }: WatchFinding['watch'], what: WatchFinding['what']): string {
  if (id !== 'schedule') return `${name} is silent`
  return what === 'overrun' ? `${name} began and did not end` : `${name} did not report in time`
}

function wordsOf(watch: WatchFinding['watch'], what: WatchFinding['what'], since: number | null, at: number): string {
  const { expected, graceMs, runMs } = watch
  if (what === 'overrun')
    return `A run may last ${durationText(runMs ?? 0)}; it began ${ago(since, at)} and has not ended.`
  const last = since === null ? 'It was never heard.' : `It was last heard ${ago(since, at)}.`
  const schedule =
    'everyMs' in expected ? `every ${durationText(expected.everyMs)}` : `by ${expected.cron} (${expected.timeZone})`
  const grace = graceMs === 0 ? '' : `, with ${durationText(graceMs)} of grace`
  return `A sign of life is expected ${schedule}${grace}. ${last} What it would report now is not known.`
}

function ago(since: number | null, at: number): string {
  return since === null ? 'at an unknown time' : `${durationText(at - since)} ago (${new Date(since).toISOString()})`
}
