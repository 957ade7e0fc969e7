import { Cron } from 'croner'
import { hourMs, minuteMs, secondMs } from '#shared/clocks.ts'
import type { Severity } from '#shared/event.ts'
import { durationText, type SettingField, type Settings } from '#shared/source.ts'
import type { Beat, Watch } from '#shared/watch.ts'
import type { RawRequest, Reading, SourceKind, VendorAnswer } from '../port.ts'
import { cut } from './json.ts'
import { keyedEvent } from './keyed.ts'
import { checkKey } from './watch.ts'

/** Of a ping's body, so much is kept: what a job printed last. Bytes. */
const bodyKept = 10_000
const dayMs = 24 * hourMs
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** What such a server answers: text, and how much of a body it keeps. */
function ok(): VendorAnswer {
  return { status: 200, headers: { 'ping-body-limit': String(bodyKept) }, body: 'OK' }
}

/** An address that nobody was given is not found: the key is the address. */
export function pingRefusal(status: number, message: string): VendorAnswer {
  return status === 401 || status === 404 ? { status: 404, body: 'not found' } : { status, body: message }
}

/** What the address says of the run; null where it says nothing that is known. */
function signalOf(path: string): { signal: Beat['signal']; exit: number | null } | null {
  switch (path) {
    case '':
      return { signal: 'success', exit: null }
    case 'start':
    case 'log':
      return { signal: path, exit: null }
    case 'fail':
      return { signal: 'failure', exit: null }
  }
  const exit = /^\d{1,3}$/.test(path) ? Number(path) : 256
  return exit > 255 ? null : { signal: exit === 0 ? 'success' : 'failure', exit }
}

/**
 * `/ping/<uuid>`, and `/start`, `/fail`, `/log` or an exit status behind it; `?rid=<uuid>` tells runs apart. The body is what
 * the job has to say, as text. Source: healthchecks.io/docs/http_api
 */
function readPing({ path, query, body, receivedAt, settings: { name = 'A job', service } }: RawRequest): Reading {
  const said = signalOf(path)
  if (said === null) return unread('invalid url format: expected /start, /fail, /log or an exit status from 0 to 255')
  const run = new URLSearchParams(query).get('rid')
  if (run !== null && !uuid.test(run)) return unread('invalid uuid format: rid must be a UUID')
  const { signal, exit } = said
  const failed = signal === 'failure'
  // The end of it: that is where a job says why it failed.
  const text = new TextDecoder().decode(body.subarray(Math.max(0, body.length - bodyKept))).toWellFormed()
  const title = failed ? `failed${exit === null ? '' : ` with exit status ${exit}`}` : titles[signal]
  const event = keyedEvent(
    {
      kind: failed ? 'alert' : signal === 'log' ? 'log' : 'heartbeat',
      status: failed ? 'firing' : signal === 'success' ? 'resolved' : 'acknowledged',
      key: checkKey,
      severity: 'high',
      title: `${name} ${title}`,
      description: cut(text.trim(), bodyKept),
      service: typeof service === 'string' ? service : null,
      labels: failed ? { alertname: 'JobFailed', source: name, exit, service } : {},
    },
    receivedAt,
  )
  return { events: [{ ...event, beat: { signal, run } }], unreadable: [], answer: ok(), keep: true }
}

const titles: Readonly<Record<Exclude<Beat['signal'], 'failure'>, string>> = {
  success: 'ended well',
  start: 'began',
  log: 'says something',
}

function unread(reason: string): Reading {
  return { events: [], unreadable: [{ index: 0, reason }], answer: { status: 400, body: reason }, keep: true }
}

/** @returns the next instant, epoch ms; null when there is none. @throws Error for what is no cron expression or time zone */
export function nextOfCron(cron: string, timeZone: string, after: number): number | null {
  // Five fields, as cron has them: seconds would be another dialect.
  return new Cron(cron, { timezone: timeZone, mode: '5-part' }).nextRun(new Date(after))?.getTime() ?? null
}

const settings: readonly SettingField[] = [
  {
    name: 'period',
    label: 'Expected every',
    help: 'A success is expected so long after the last. Leave it empty where a cron expression says when.',
    type: 'duration',
    min: 30 * secondMs,
    max: 366 * dayMs,
    default: dayMs,
  },
  {
    name: 'cron',
    label: 'Cron expression',
    help: 'Instead of a period: the times at which the job runs, as in a crontab.',
    type: 'text',
    example: '30 2 * * 1-5',
    maxLength: 100,
  },
  {
    name: 'timeZone',
    label: 'Time zone of the cron expression',
    help: 'Of the machine that runs the job. Summer time is taken into account.',
    type: 'text',
    example: 'Europe/Berlin',
    default: 'UTC',
    maxLength: 60,
  },
  {
    name: 'grace',
    label: 'Grace',
    help: 'How late it may be before somebody is told.',
    type: 'duration',
    min: 0,
    max: 31 * dayMs,
    default: hourMs,
  },
  {
    name: 'runTime',
    label: 'Longest run',
    help: 'Between a start and its end. Without: as long as the grace.',
    type: 'duration',
    min: minuteMs,
    max: 31 * dayMs,
  },
  {
    name: 'service',
    label: 'Service',
    help: 'The service that the job belongs to, by its id in the policy.',
    type: 'text',
    maxLength: 100,
  },
]

/** What is expected of the job by its settings. */
function watchFor(name: string, severity: Severity | null, set: Settings): Watch {
  const { period, cron, timeZone, grace, runTime, service } = set
  const graceMs = typeof grace === 'number' ? grace : hourMs
  return {
    id: 'schedule',
    hears: 'success',
    expected:
      typeof cron === 'string'
        ? { cron, timeZone: typeof timeZone === 'string' ? timeZone : 'UTC' }
        : { everyMs: typeof period === 'number' ? period : dayMs },
    graceMs,
    runMs: typeof runTime === 'number' ? runTime : graceMs > 0 ? graceMs : null,
    afterFirst: true,
    name,
    severity: severity ?? 'high',
    service: typeof service === 'string' ? service : null,
  }
}

/** Settings that are right one by one, and not together. */
function faultsOf({ cron, timeZone }: Settings): { path: string; message: string }[] {
  const zone = typeof timeZone === 'string' ? timeZone : 'UTC'
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch {
    return [{ path: 'timeZone', message: `"${zone}" is no time zone; write for example Europe/Berlin or UTC` }]
  }
  if (typeof cron !== 'string') return []
  try {
    if (nextOfCron(cron, zone, 0) !== null) return []
    return [{ path: 'cron', message: `"${cron}" never comes` }]
  } catch (error) {
    return [{ path: 'cron', message: `"${cron}" is no cron expression of five fields: ${(error as Error).message}` }]
  }
}

export const healthchecks: SourceKind = {
  kind: 'healthchecks',
  title: 'Job that pings (Healthchecks)',
  defaultGroup: 'source',
  keyFormat: 'uuid',
  settings,
  faultsOf,
  watch: ({ name, defaultSeverity, settings: set }) => watchFor(name, defaultSeverity, set),
  adapters: [
    {
      id: 'healthchecks/ping',
      door: 'ping',
      maxBytes: 512 * 1024,
      mediaTypes: null,
      uses: ['name', 'service'],
      parse: readPing,
      refuse: pingRefusal,
    },
  ],
  connect: ({ baseUrl, key, settings: set }) => [
    {
      title: `In the crontab, behind the job; silence is told after ${durationText(typeof set.grace === 'number' ? set.grace : hourMs)} of grace`,
      language: 'shell',
      text: `# m h dom mon dow  command
30 2 * * *  /usr/local/bin/backup && curl -fsS -m 10 --retry 5 -o /dev/null ${baseUrl}/ping/${key}
`,
    },
    {
      title: 'In a script: start, output and exit status of the run',
      language: 'shell',
      text: `PING=${baseUrl}/ping/${key}
RID=$(cat /proc/sys/kernel/random/uuid)
curl -fsS -m 10 --retry 5 -o /dev/null "$PING/start?rid=$RID"
OUTPUT=$(echo 'what the job does' 2>&1); STATUS=$?
printf %s "$OUTPUT" | tail -c 10000 | curl -fsS -m 10 --retry 5 -o /dev/null --data-binary @- "$PING/$STATUS?rid=$RID"
`,
    },
  ],
}
