import type { Event } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { epochSeconds, keyedEvent, keyOf, partOf, plainLink, readOne, timeOf, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { severityOf } from './severity.ts'

const states: Readonly<Record<string, Event['status']>> = {
  DOWN: 'firing',
  FAILING: 'firing',
  UP: 'resolved',
  SUCCESS: 'resolved',
}

/**
 * Pingdom's state change webhook, of uptime checks (UP, DOWN) and transaction checks (SUCCESS, FAILING). Any other
 * state, such as an unconfirmed one, tells of no condition and is recorded as a log.
 * Source: pingdom.com/resources/webhooks
 */
function readPingdom(request: RawRequest): Reading {
  return readOne(request, (body) => readChange(body, request.receivedAt))
}

function readChange(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const id = wordOf(body.check_id)
  if (id === null) return new Fault('required', 'check_id', 'check_id is missing')
  const state = wordOf(body.current_state)?.toUpperCase()
  if (state === undefined) return new Fault('required', 'current_state', 'current_state is missing')
  const status = Object.hasOwn(states, state) ? (states[state] ?? null) : null
  const name = wordOf(body.check_name) ?? `Check ${id}`
  const importance = wordOf(body.importance_level) ?? ''
  const params = partOf(body, 'check_params')
  const at = epochSeconds(body.state_changed_timestamp) ?? timeOf(body.state_changed_utc_time)
  const tags = Array.isArray(body.tags) ? body.tags.filter((tag) => typeof tag === 'string') : []
  return keyedEvent(
    {
      kind: status === null ? 'log' : 'alert',
      status: status ?? 'firing',
      key: keyOf('check', id),
      severity: severityOf(importance === '' ? 'high' : importance),
      severityRaw: importance,
      title: `${name} is ${status === 'resolved' ? `${state} again` : state}`,
      description: [body.long_description, body.description, body.custom_message]
        .map(wordOf)
        .filter((text, index, all) => text !== null && all.indexOf(text) === index)
        .join('\n'),
      startsAt: at,
      endsAt: at,
      labels: {
        alertname: 'CheckDown',
        check: name,
        type: body.check_type,
        instance: params.hostname,
        importance,
        tags: tags.join(','),
      },
      annotations: {
        previous_state: body.previous_state,
        first_probe: partOf(body, 'first_probe').location,
        second_probe: partOf(body, 'second_probe').location,
      },
      links: [plainLink(params.full_url, 'Checked address')],
    },
    receivedAt,
  )
}

export const pingdom: SourceKind = {
  kind: 'pingdom',
  title: 'Pingdom',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'pingdom/intake',
      door: 'intake',
      maxBytes: 512 * 1024,
      mediaTypes: null,
      parse: readPingdom,
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"check_id":1,"check_name":"A test from the page of this source","check_type":"HTTP","previous_state":"UP","current_state":"DOWN","description":"HTTP Error 503"}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'Settings > Integrations > Add integration, type Webhook',
      language: 'yaml',
      text: `Name: Uxbridge
# Pingdom can set no header, so the key stands in the address: treat it as a secret.
URL: ${baseUrl}/intake/${sourceId}/${key}
# Then tick the integration on each check under "Connect integrations".
`,
    },
  ],
}
