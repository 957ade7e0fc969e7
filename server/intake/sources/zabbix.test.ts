import { expect, it } from 'vitest'
import { sourceKind } from '../adapters.ts'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (body: unknown) => reading('zabbix/intake', body)
const problem = JSON.parse(fixture('zabbix-problem').toString()) as Record<string, string>
const onCall = JSON.parse(fixture('zabbix-oncall').toString()) as Record<string, string>

it('problem and recovery are one alert', () => {
  const { events, answer } = send(fixture('zabbix-problem'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toEqual([
    expect.objectContaining({
      status: 'firing',
      severity: 'high',
      severityRaw: 'high',
      title: 'Disk space is critically low on / on Web server 1',
      startsAt: 1_795_308_570_000,
      service: 'checkout',
      links: [
        { href: 'https://zabbix.example/tr_events.php?triggerid=23456&eventid=918273', text: 'Event in Zabbix' },
        { href: 'https://runbooks.example/disk', text: 'Of the trigger' },
      ],
    }),
  ])
  expect(events[0]?.labels).toMatchObject({
    alertname: 'Disk space is critically low on /',
    host: 'web-1',
    instance: 'Web server 1',
    service: 'checkout',
    scope: 'capacity,availability',
  })
  expect(send(fixture('zabbix-recovery')).events[0]).toMatchObject({
    status: 'resolved',
    dedupKey: events[0]?.dedupKey,
    endsAt: 1_795_308_870_000,
  })
})

it.each([
  ['5', 'critical'],
  ['4', 'high'],
  ['3', 'medium'],
  ['2', 'low'],
  ['1', 'info'],
  ['0', 'medium'],
])('severity %s is %s', (event_nseverity, severity) => {
  expect(send({ ...problem, event_nseverity }).events[0]?.severity).toBe(severity)
})

it('an unknown severity is left to the source', () => {
  expect(send({ ...problem, event_nseverity: '{EVENT.NSEVERITY}' }).events[0]?.severityRaw).toBe('')
})

it.each([
  ['acknowledged', 'acknowledged'],
  ['commented, acknowledged', 'acknowledged'],
  ['unacknowledged', 'firing'],
  ['changed severity from Average to High', 'firing'],
])('an update that %s is %s', (event_update_action, status) => {
  expect(send({ ...problem, event_update_status: '1', event_update_action }).events[0]?.status).toBe(status)
})

it('macros that Zabbix did not expand are absent', () => {
  const bare = { ...problem, event_timestamp: '{EVENT.TIMESTAMP}', host_ip: '*UNKNOWN*', zabbix_url: '{$ZABBIX.URL}' }
  expect(send(bare).events[0]).toMatchObject({ startsAt: capturedAt, links: [{ text: 'Of the trigger' }] })
})

it('the stock “Grafana OnCall” media type: 200, the same key as ours, host and severity from its message', () => {
  const { events, answer } = send(fixture('zabbix-oncall'))
  expect(answer).toEqual({ status: 200 })
  expect(events).toEqual([
    expect.objectContaining({
      status: 'firing',
      severity: 'critical',
      severityRaw: 'disaster',
      title: 'Disk space is critically low on / on Web server 1',
      dedupKey: send(fixture('zabbix-problem')).events[0]?.dedupKey,
      links: [expect.objectContaining({ text: 'Event in Zabbix' })],
    }),
  ])
  expect(send({ ...onCall, state: 'ok' }).events[0]).toMatchObject({ status: 'resolved', endsAt: capturedAt })
})

it('the media type that is published sends what is read', () => {
  const where = { baseUrl: 'https://ux.example', key: 'KEY', sourceId: 's_1', secret: null, settings: {} }
  const text = sourceKind('zabbix')
    ?.connect(where)
    .find(({ language }) => language === 'json')?.text
  const [media] = (
    JSON.parse(text ?? '') as {
      zabbix_export: { media_types: { script: string; parameters: { name: string; value: string }[] }[] }
    }
  ).zabbix_export.media_types
  const sent: { url?: string; headers: string[]; body?: string } = { headers: [] }
  class HttpRequest {
    addHeader = (line: string) => void sent.headers.push(line)
    getStatus = () => 200
    post = (url: string, body: string) => {
      Object.assign(sent, { url, body })
      return ''
    }
  }
  const value = JSON.stringify(
    Object.fromEntries(media!.parameters.map(({ name, value }) => [name, problem[name] ?? value])),
  )
  expect(new Function('value', 'HttpRequest', media!.script)(value, HttpRequest)).toBe('OK')
  expect(sent.url).toBe('https://ux.example/intake/s_1')
  expect(sent.headers).toContain('Authorization: Bearer KEY')
  expect(sent.body).not.toContain('KEY"')
  expect(send(sent.body).events).toEqual(send(fixture('zabbix-problem')).events)
})

it.each([
  ['nope', 400, 'no JSON'],
  [{}, 422, 'event_id is missing'],
  [{ ...problem, event_value: '2' }, 422, 'event_value'],
  [{ alert_uid: '' }, 422, 'alert_uid'],
  [{ ...onCall, state: 'odd' }, 422, 'state'],
])('%j is refused with %i, and kept', (body, status, reason) => {
  const read = send(body)
  expect(read).toMatchObject({ events: [], keep: true, unreadable: [{ reason: expect.stringContaining(reason) }] })
  expect(read.answer.status).toBe(status)
})
