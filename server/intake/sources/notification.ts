import type { Event, EventKind, EventStatus, Severity } from '#shared/event.ts'
import type { RawRequest, Reading, Sample } from '../port.ts'
import { readForm } from './form.ts'
import { readJson } from './json.ts'
import { epochSeconds, keyedEvent, keyOf, plainLink, readEach, unreadableBody, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'

/** What a type of notification is to us. */
const types: Readonly<Record<string, { kind: EventKind; status: EventStatus }>> = {
  PROBLEM: { kind: 'alert', status: 'firing' },
  RECOVERY: { kind: 'alert', status: 'resolved' },
  ACKNOWLEDGEMENT: { kind: 'alert', status: 'acknowledged' },
}
/** These tell of no condition of their own: they are recorded. */
const remarks = /^(FLAPPING|DOWNTIME|CUSTOM)[A-Z]*$/

/** DOWN and CRITICAL are the worst a check can say; UNREACHABLE follows from another host's trouble. */
const severities: Readonly<Record<string, Severity>> = {
  DOWN: 'critical',
  CRITICAL: 'critical',
  WARNING: 'medium',
  UNKNOWN: 'medium',
  UNREACHABLE: 'medium',
  UP: 'info',
  OK: 'info',
}

/**
 * A notification of Nagios or Icinga 2, as the commands that we publish send it: a form, or the same names as JSON. The
 * key is host and service, never the problem's id: Nagios gives that id up before it tells of the recovery.
 * Source: Nagios Core 4 documentation, Standard Macros; Icinga 2 documentation, Notification Runtime Macros.
 */
export function readNotification(request: RawRequest): Reading {
  const { body, contentType, receivedAt } = request
  const first = body.find((byte) => byte > 0x20)
  if (/json/i.test(contentType) || first === 0x7b || first === 0x5b) {
    const json = readJson(body)
    return 'reason' in json
      ? unreadableBody(json.reason)
      : readEach([json.value], (member) => readMember(member, receivedAt))
  }
  if (first === undefined) return unreadableBody('the body is empty')
  const form = readForm(body)
  return 'reason' in form
    ? unreadableBody(form.reason)
    : readEach([form.fields], (member) => readMember(member, receivedAt))
}

function readMember(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const said = (name: string) => expanded(body[name])
  const type = said('type')?.toUpperCase() ?? ''
  const known = types[type] ?? (remarks.test(type) ? { kind: 'log' as const, status: 'firing' as const } : null)
  if (known === null)
    return new Fault('invalid', 'type', 'type is no type of notification, such as PROBLEM or RECOVERY')
  const host = said('host')
  if (host === null) return new Fault('required', 'host', 'host is missing')
  const check = said('service')
  const state = (check === null ? said('host_state') : said('service_state'))?.toUpperCase() ?? ''
  const output = said('output')
  const at = epochSeconds(said('timestamp'))
  const place = said('host_alias') ?? host
  // A recovery's last change of state is the recovery itself.
  const changedAt = epochSeconds(said('last_state_change'))
  const remark = [said('author'), said('comment')].filter((text) => text !== null).join(': ')
  return keyedEvent(
    {
      kind: known.kind,
      status: known.status,
      key: keyOf(host, check),
      severity: severities[state] ?? 'medium',
      severityRaw: Object.hasOwn(severities, state) ? state : '',
      title: titleOf(known.kind === 'log' ? type : '', check, place, state),
      description: [output, said('long_output')?.replaceAll('\\n', '\n') ?? null, remark]
        .filter((text) => text !== null && text !== '')
        .join('\n'),
      startsAt: known.status === 'resolved' ? null : (changedAt ?? at),
      endsAt: changedAt ?? at,
      labels: {
        alertname: check ?? 'Host check',
        host,
        instance: host,
        check,
        address: said('host_address'),
        hostgroups: said('host_groups'),
        servicegroups: said('service_groups'),
        environment: said('environment'),
        state,
      },
      annotations: {
        perfdata: said('perfdata'),
        host_alias: said('host_alias'),
        author: said('author'),
        comment: said('comment'),
      },
      links: [plainLink(said('notes_url'), 'Notes'), plainLink(said('action_url'), 'Action')],
    },
    receivedAt,
  )
}

function titleOf(remark: string, check: string | null, host: string, state: string): string {
  const what = check === null ? `${host} is ${state || 'in an unknown state'}` : `${check} on ${host} is ${state}`
  return remark === '' ? what : `${remark.toLowerCase()}: ${check === null ? host : `${check} on ${host}`}`
}

/** A macro without a value stays as it is written (`$SERVICEDESC$`); times that never were are 0. */
function expanded(raw: unknown): string | null {
  const word = wordOf(raw)?.trim() ?? null
  return word === null || word === 'null' || /^\$[\w.]+\$$/.test(word) ? null : word
}

/** A problem of a service, as either sends it. */
export const notificationSample: Sample = {
  contentType: 'application/x-www-form-urlencoded',
  body: 'type=PROBLEM&host=example&service=test&service_state=WARNING&output=A+test+from+the+page+of+this+source',
}
