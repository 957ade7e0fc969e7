import { secondMs } from '#shared/clocks.ts'
import type { Event, EventStatus } from '#shared/event.ts'
import type { SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { epochSeconds, keyedEvent, keyOf, plainLink, readOne, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { severityOf } from './severity.ts'

/** Ours, member by member: what a reader below asks for, and Datadog's variable for it. */
const template = {
  alert_cycle_key: '$ALERT_CYCLE_KEY',
  alert_transition: '$ALERT_TRANSITION',
  alert_id: '$ALERT_ID',
  alert_title: '$ALERT_TITLE',
  alert_type: '$ALERT_TYPE',
  alert_priority: '$ALERT_PRIORITY',
  alert_scope: '$ALERT_SCOPE',
  alert_metric: '$ALERT_METRIC',
  alert_query: '$ALERT_QUERY',
  alert_status: '$ALERT_STATUS',
  event_type: '$EVENT_TYPE',
  title: '$EVENT_TITLE',
  body: '$TEXT_ONLY_MSG',
  date: '$DATE',
  last_updated: '$LAST_UPDATED',
  hostname: '$HOSTNAME',
  tags: '$TAGS',
  link: '$LINK',
  snapshot: '$SNAPSHOT',
  aggreg_key: '$AGGREG_KEY',
  org_name: '$ORG_NAME',
}

const transitions: Readonly<Record<string, EventStatus>> = {
  triggered: 'firing',
  're-triggered': 'firing',
  warn: 'firing',
  're-warn': 'firing',
  'no data': 'firing',
  're-no data': 'firing',
  renotify: 'firing',
  recovered: 'resolved',
}
/** What stands before the monitor's name in titles: `[Triggered on {host:web-1}] `, `[P1] `. */
const marks = /^(\s*\[(?:(?:re-)?(?:triggered|warn|no data)|recovered|renotify|test|p[1-5])\b[^\]]*\]\s*)+/i

/**
 * Datadog, webhook integration with our payload. The cycle key is the same from trigger to recovery; Datadog's own
 * payload, or one with fewer members, is read as far as it says which alert it is about and how it stands.
 * Source: docs.datadoghq.com/integrations/webhooks
 */
function readAlert(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const said = (name: keyof typeof template) => rendered(body[name])
  const title = said('title') ?? said('alert_title') ?? ''
  const transition = (said('alert_transition') ?? markOf(title) ?? '').toLowerCase()
  const status = Object.hasOwn(transitions, transition) ? transitions[transition] : undefined
  const isTest = /\[test\]/i.test(title)
  const monitor = said('alert_id')
  const scope = said('alert_scope')
  const cycle = said('alert_cycle_key') ?? said('aggreg_key')
  const key = cycle !== null ? keyOf('cycle', cycle) : monitor === null ? null : keyOf('monitor', monitor, scope)
  if (key === null)
    return new Fault(
      'required',
      'alert_cycle_key',
      'alert_cycle_key is missing: paste the payload from the page of this source into the webhook',
    )
  const tags = tagsOf(said('tags'), scope)
  const host = said('hostname') ?? tags.host ?? null
  const severityRaw = said('alert_priority') ?? wordFor(transition)
  const name = (said('alert_title') ?? title).replace(marks, '').trim()
  return keyedEvent(
    {
      // An event that tells of no transition (a comment, an event monitor without state) is no condition.
      kind: isTest ? 'test' : status === undefined ? 'log' : 'alert',
      status: status ?? 'firing',
      key,
      severity: severityOf(severityRaw),
      severityRaw,
      title: title.replace(marks, '').trim() || name || 'Datadog alert',
      description: [said('body'), said('alert_status')].filter((text) => text !== null).join('\n\n'),
      startsAt: status === 'resolved' ? null : instant(said('date') ?? said('last_updated')),
      endsAt: instant(said('date') ?? said('last_updated')),
      service: tags.service ?? null,
      labels: {
        ...tags,
        alertname: name,
        host,
        instance: host,
        environment: tags.environment ?? tags.env,
        monitor_id: monitor,
        scope,
        metric: said('alert_metric'),
        transition,
        severity: severityRaw,
      },
      annotations: { query: said('alert_query'), organisation: said('org_name'), event_type: said('event_type') },
      links: [plainLink(said('link'), 'Event in Datadog'), plainLink(said('snapshot'), 'Graph')],
    },
    receivedAt,
  )
}

/** A variable that Datadog had no value for stands as `null`, as nothing, or as itself. */
function rendered(raw: unknown): string | null {
  const word = wordOf(raw)
  return word === null || /^(null|none|n\/a|\$[A-Z_]+)$/i.test(word) ? null : word
}

function markOf(title: string): string | null {
  return /\[((?:re-)?(?:triggered|warn|no data)|recovered|renotify)\b/i.exec(title)?.[1] ?? null
}

/** The monitor's priority says how urgent it is; without one, the transition does. A recovery says nothing of it. */
function wordFor(transition: string): string {
  if (transition.endsWith('triggered')) return 'error'
  return transition === '' || transition === 'recovered' || transition === 'renotify' ? '' : 'warning'
}

/** `$DATE` is epoch milliseconds as text. */
function instant(raw: string | null): number | null {
  return raw === null || !/^\d+$/.test(raw) ? null : epochSeconds(Number(raw) / secondMs)
}

/** `env:prod, team:shop, web` as labels; of two with one name the values are joined. */
function tagsOf(...lists: readonly (string | null)[]): Record<string, string> {
  const tags = new Map<string, Set<string>>()
  for (const tag of lists.flatMap((list) => list?.split(',', 500) ?? [])) {
    const colon = tag.indexOf(':')
    const name = (colon === -1 ? tag : tag.slice(0, colon)).trim()
    const value = colon === -1 ? 'true' : tag.slice(colon + 1).trim()
    if (name === '' || name === '__proto__' || value === '') continue
    const values = tags.get(name)
    if (values === undefined) tags.set(name, new Set([value]))
    else values.add(value)
  }
  return Object.fromEntries([...tags].map(([name, values]) => [name, [...values].join(',')]))
}

export const datadog: SourceKind = {
  kind: 'datadog',
  title: 'Datadog',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'datadog/intake',
      door: 'intake',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      parse: (request) => readOne(request, (body) => readAlert(body, request.receivedAt)),
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"alert_cycle_key":"test","alert_transition":"Triggered","alert_title":"A test from the page of this source","title":"A test from the page of this source","alert_priority":"P4"}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'The webhook, by Datadog’s API',
      language: 'shell',
      text: `# By hand instead: Integrations > Webhooks > New. Name: uxbridge. URL: ${baseUrl}/intake/${sourceId}
#   Custom headers: {"Authorization": "Bearer ${key}"}   Payload: the one below. "Encode as form": off.
# Then name it in each monitor's message: @webhook-uxbridge
cat > uxbridge-webhook.json <<'JSON'
${JSON.stringify(
  {
    name: 'uxbridge',
    url: `${baseUrl}/intake/${sourceId}`,
    encode_as: 'json',
    custom_headers: JSON.stringify({ Authorization: `Bearer ${key}` }),
    payload: JSON.stringify(template),
  },
  null,
  2,
)}
JSON
curl -sS https://api.datadoghq.com/api/v1/integration/webhooks/configuration/webhooks \\
  -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY" -H 'Content-Type: application/json' \\
  -d @uxbridge-webhook.json && rm uxbridge-webhook.json
`,
    },
    {
      title: 'The payload, to paste by hand',
      language: 'json',
      text: `${JSON.stringify(template, null, 2)}\n`,
    },
  ],
}
