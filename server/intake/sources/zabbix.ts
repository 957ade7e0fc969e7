import type { Event, EventStatus, Severity } from '#shared/event.ts'
import type { SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { isRecord, readJson } from './json.ts'
import { epochSeconds, keyedEvent, keyOf, plainLink, readOne, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'

/** By Zabbix's number; 0 is "not classified", which nobody should overlook. */
const severities: readonly Severity[] = ['medium', 'info', 'low', 'medium', 'high', 'critical']
const names = ['not classified', 'information', 'warning', 'average', 'high', 'disaster']

/** What our media type sends: a member, and Zabbix's macro for it. */
const fields = {
  event_id: '{EVENT.ID}',
  event_value: '{EVENT.VALUE}',
  event_name: '{EVENT.NAME}',
  event_nseverity: '{EVENT.NSEVERITY}',
  event_opdata: '{EVENT.OPDATA}',
  event_tags: '{EVENT.TAGSJSON}',
  event_timestamp: '{EVENT.TIMESTAMP}',
  event_update_status: '{EVENT.UPDATE.STATUS}',
  event_update_action: '{EVENT.UPDATE.ACTION}',
  recovery_timestamp: '{EVENT.RECOVERY.TIMESTAMP}',
  host: '{HOST.HOST}',
  host_name: '{HOST.NAME}',
  host_ip: '{HOST.IP}',
  trigger_id: '{TRIGGER.ID}',
  trigger_description: '{TRIGGER.DESCRIPTION}',
  trigger_url: '{TRIGGER.URL}',
  subject: '{ALERT.SUBJECT}',
  message: '{ALERT.MESSAGE}',
  zabbix_url: '{$ZABBIX.URL}',
}

/**
 * Zabbix: our own media type, or its stock "Grafana OnCall" one pointed at us. Both name the problem by `EVENT.ID`, which
 * stays the same in its recovery and updates. The stock script takes 200 and nothing else for success.
 * Source: zabbix.com/documentation, supported macros; zabbix/zabbix templates/media/grafana_oncall.
 */
function readProblem(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  if (body.alert_uid !== undefined) return readOnCall(body, receivedAt)
  const said = (name: keyof typeof fields) => expanded(body[name])
  const id = said('event_id')
  if (id === null)
    return new Fault(
      'required',
      'event_id',
      'event_id is missing: import the media type from the page of this source and leave its parameters as they are',
    )
  const value = said('event_value')
  if (value !== '0' && value !== '1')
    return new Fault('invalid', 'event_value', 'event_value is neither 0 (resolved) nor 1 (problem)')
  const number = said('event_nseverity')
  const host = said('host')
  const hostName = said('host_name') ?? host
  const name = said('event_name') ?? said('subject') ?? 'Zabbix problem'
  const tags = tagsOf(body.event_tags)
  const tested = /^test\b/i.test(said('subject') ?? '') && id === '0'
  return keyedEvent(
    {
      kind: tested ? 'test' : 'alert',
      status: statusOf(value, said('event_update_status'), said('event_update_action')),
      key: keyOf('event', id),
      ...severityOf(number),
      title: titleOf(name, hostName),
      description: [said('event_opdata'), said('trigger_description'), said('message')]
        .filter((text) => text !== null)
        .join('\n\n'),
      startsAt: epochSeconds(said('event_timestamp')),
      endsAt: epochSeconds(said('recovery_timestamp')) ?? receivedAt,
      service: tags.service ?? null,
      labels: {
        ...tags,
        alertname: name,
        host,
        instance: hostName,
        address: said('host_ip'),
        environment: tags.environment ?? tags.env,
        trigger_id: said('trigger_id'),
        severity: names[Number(number)] ?? number,
      },
      links: [
        problemLink(said('zabbix_url'), said('trigger_id'), id),
        plainLink(said('trigger_url'), 'Of the trigger'),
      ],
    },
    receivedAt,
  )
}

/** The stock media type's five fields; host and severity stand as lines in its message template. */
function readOnCall(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const id = wordOf(body.alert_uid)
  if (id === null) return new Fault('required', 'alert_uid', 'alert_uid is missing')
  const state = wordOf(body.state)?.toLowerCase()
  if (state !== 'ok' && state !== 'alerting') return new Fault('invalid', 'state', 'state is neither ok nor alerting')
  const message = wordOf(body.message) ?? ''
  const line = (name: string) => new RegExp(`^${name}: *(\\S.*)$`, 'm').exec(message)?.[1]?.trim() ?? null
  const host = line('Host')
  const title = wordOf(body.title) ?? line('Problem name') ?? 'Zabbix problem'
  const word = line('Severity')?.toLowerCase() ?? null
  const number = word === null ? -1 : names.indexOf(word)
  return keyedEvent(
    {
      status: state === 'ok' ? 'resolved' : 'firing',
      key: keyOf('event', id),
      ...severityOf(number === -1 ? null : String(number)),
      title: titleOf(title, host),
      description: message,
      endsAt: receivedAt,
      labels: { alertname: title, instance: host, host, severity: word },
      links: [plainLink(body.link_to_upstream_details, 'Event in Zabbix'), plainLink(body.image_url, 'Image')],
    },
    receivedAt,
  )
}

function statusOf(value: string, updated: string | null, action: string | null): EventStatus {
  if (value === '0') return 'resolved'
  // Zabbix lists what was done: "acknowledged, commented"; "unacknowledged" takes it back.
  return updated === '1' && /(^|[\s,])acknowledged\b/i.test(action ?? '') ? 'acknowledged' : 'firing'
}

function severityOf(number: string | null): { severity: Severity; severityRaw: string } {
  const severity = number === null ? undefined : severities[Number(number)]
  return { severity: severity ?? 'medium', severityRaw: severity === undefined ? '' : (names[Number(number)] ?? '') }
}

function titleOf(name: string, host: string | null): string {
  return host === null || name.toLowerCase().includes(host.toLowerCase()) ? name : `${name} on ${host}`
}

/** A macro that Zabbix could not expand stands as itself, or as `*UNKNOWN*`. */
function expanded(raw: unknown): string | null {
  const word = wordOf(raw)
  return word === null || /^(\{[A-Z$][A-Z0-9._$]*\}|\*UNKNOWN\*)$/.test(word) ? null : word
}

/** `[{"tag":"service","value":"checkout"}]`, itself as text in a text; of two with one name the values are joined. */
function tagsOf(raw: unknown): Record<string, string> {
  const json = typeof raw === 'string' ? readJson(Buffer.from(raw)) : { value: raw }
  if ('reason' in json || !Array.isArray(json.value)) return {}
  const tags = new Map<string, string>()
  for (const each of json.value as unknown[]) {
    const name = isRecord(each) ? wordOf(each.tag) : null
    if (!isRecord(each) || name === null || name === '__proto__') continue
    const value = wordOf(each.value) ?? 'true'
    const before = tags.get(name)
    tags.set(name, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries(tags)
}

function problemLink(base: string | null, trigger: string | null, event: string) {
  if (base === null || trigger === null) return null
  const query = new URLSearchParams({ triggerid: trigger, eventid: event })
  return plainLink(`${base.replace(/(?<!\/)\/+$/, '')}/tr_events.php?${query}`, 'Event in Zabbix')
}

const script = `var params = JSON.parse(value), key = params.uxbridge_key, url = params.uxbridge_url;
delete params.uxbridge_key;
delete params.uxbridge_url;
var request = new HttpRequest();
if (params.HTTPProxy) request.setProxy(params.HTTPProxy);
delete params.HTTPProxy;
request.addHeader('Content-Type: application/json');
request.addHeader('Authorization: Bearer ' + key);
var answer = request.post(url, JSON.stringify(params));
if (request.getStatus() < 200 || request.getStatus() > 299) {
  throw 'Uxbridge answered ' + request.getStatus() + ': ' + answer;
}
return 'OK';
`

function mediaType(url: string, key: string): object {
  const parameters = Object.entries({ ...fields, uxbridge_url: url, uxbridge_key: key })
  const problem = (operation_mode: string, subject: string) => ({
    event_source: 'TRIGGERS',
    operation_mode,
    subject,
    message: '{EVENT.OPDATA}',
  })
  return {
    zabbix_export: {
      version: '6.0',
      media_types: [
        {
          name: 'Uxbridge',
          type: 'WEBHOOK',
          parameters: parameters.map(([name, value]) => ({ name, value })),
          attempts: '10',
          attempt_interval: '15s',
          timeout: '10s',
          script,
          description: 'Tells Uxbridge of problems, updates and recoveries.',
          message_templates: [
            problem('PROBLEM', 'Problem: {EVENT.NAME}'),
            problem('RECOVERY', 'Resolved: {EVENT.NAME}'),
            problem('UPDATE', 'Updated: {EVENT.NAME}'),
          ],
        },
      ],
    },
  }
}

export const zabbix: SourceKind = {
  kind: 'zabbix',
  title: 'Zabbix',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'zabbix/intake',
      door: 'intake',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      parse: (request) => readOne(request, (body) => readProblem(body, request.receivedAt)),
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"event_id":"1","event_value":"1","event_nseverity":"2","event_name":"A test from the page of this source","host":"example"}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'uxbridge.json: a media type to import (Alerts > Media types > Import; Zabbix 6.0 and later)',
      language: 'json',
      text: `${JSON.stringify(mediaType(`${baseUrl}/intake/${sourceId}`, key), null, 2)}\n`,
    },
    {
      title: 'After the import; or the stock “Grafana OnCall” media type instead',
      language: 'shell',
      text: `# 1. Administration > Macros: {$ZABBIX.URL} = the address of your Zabbix, for links.
# 2. Users > a user for notifications > Media > Add: type Uxbridge, send to: uxbridge.
# 3. Alerts > Actions > Trigger actions > Report problems to that user; recovery and update operations too.
# A tag "service" of a trigger or host names our service. The stock media type needs one setting only:
#   grafana_url = ${baseUrl}/intake/${sourceId}/${key}
curl -sS ${baseUrl}/intake/${sourceId} -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"event_id":"1","event_value":"1","event_nseverity":"4","event_name":"First light","host":"web-1"}'
`,
    },
  ],
}
