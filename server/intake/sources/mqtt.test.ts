import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { mappingSchema } from '#shared/policy.ts'
import { readSettings, type Settings } from '#shared/source.ts'
import type { RawRequest, Reading } from '../port.ts'
import { mqtt } from './mqtt.ts'
import { clientIdOf } from './mqtt-listener.ts'
import { capturedAt, reading } from './reading.fixture.ts'

function read(payload: unknown, topic = 'plant/door', more: Partial<RawRequest> = {}): Reading {
  const headers = { 'mqtt-topic': topic, ...more.headers }
  return reading('mqtt/listener', payload, capturedAt, { contentType: '', ...more, headers })
}
const only = (payload: unknown, topic?: string, more?: Partial<RawRequest>) => {
  const { events, unreadable } = read(payload, topic, more)
  expect([events.length, unreadable]).toEqual([1, []])
  return events[0]
}
describe('mqtt', () => {
  it('B1: our simple shape; without a key it is about its topic, which is a label', () => {
    const firing = only({ title: 'Door open', severity: 'high', service: 'plant', labels: { room: 'b2' } })
    expect(firing).toMatchObject({
      kind: 'alert',
      status: 'firing',
      dedupKey: 'plant/door',
      severity: 'high',
      title: 'Door open',
      service: 'plant',
      labels: { topic: 'plant/door', room: 'b2', service: 'plant' },
      annotations: {},
    })
    expect(only({ title: 'Door shut', status: 'resolved' })).toMatchObject({
      status: 'resolved',
      dedupKey: 'plant/door',
    })
    expect(only({ title: 'Door open', key: 'door-7' })?.dedupKey).toBe('door-7')
  })

  it('several in one message have keys of their own', () => {
    const { events } = read([{ title: 'a' }, { title: 'b' }, { title: 'c', key: 'k' }])
    expect(new Set(events.map(({ dedupKey }) => dedupKey)).size).toBe(3)
    expect(events[2]?.dedupKey).toBe('k')
    expect(read({ events: [{ title: 'a' }] }).events[0]?.dedupKey).toBe('plant/door')
  })

  it('any other text is an alert about its topic; words that say so end it', () => {
    expect(only('Offline', 'tele/boiler/LWT')).toMatchObject({
      kind: 'alert',
      status: 'firing',
      dedupKey: 'tele/boiler/LWT',
      title: 'tele/boiler/LWT: Offline',
      description: 'Offline',
      severity: 'medium',
      severityRaw: '',
      labels: { topic: 'tele/boiler/LWT', alertname: 'tele/boiler/LWT' },
    })
    expect(only('Online', 'tele/boiler/LWT')).toMatchObject({ status: 'resolved', dedupKey: 'tele/boiler/LWT' })
    expect(only('[door] open\nsecond line')?.title).toBe('plant/door: [door] open')
    expect(only('23.5')?.title).toBe('plant/door: 23.5')
    expect(only('"on"')?.status).toBe('firing')
    const settings = { endTexts: ['CLOSED '] }
    expect([only('closed', 'a', { settings })?.status, only('online', 'a', { settings })?.status]).toEqual([
      'resolved',
      'firing',
    ])
  })

  it('what was retained says so; what clears it says nothing', () => {
    const headers = { 'mqtt-retained': 'true' }
    expect(only('Offline', 'a', { headers })?.annotations.retained).toMatch(/may be old/)
    expect(only({ title: 'x' }, 'a', { headers })?.annotations.retained).toMatch(/may be old/)
    expect(read('', 'a', { headers })).toMatchObject({ keep: false, events: [], unreadable: [] })
    expect(read('  ').keep).toBe(false)
  })

  it('ends in silence where the source says so, and never sooner than the sender says', () => {
    const settings = { quietFor: 10 * minuteMs }
    expect(only('Offline', 'a', { settings })?.expiresAt).toBe(capturedAt + 10 * minuteMs)
    expect(only({ title: 'x' }, 'a', { settings })?.expiresAt).toBe(capturedAt + 10 * minuteMs)
    expect(only('Online', 'a', { settings })?.expiresAt).toBeNull()
    expect(only('Offline')?.expiresAt).toBeNull()
  })

  it('a mapping of the policy reads any other shape; one that there is not keeps it in lost property', () => {
    const mapping = mappingSchema.parse({
      fields: { title: '/name', status: { pointer: '/on', map: { yes: 'firing', no: 'resolved' } } },
    })
    expect(only({ name: 'Pump', on: 'yes' }, 'a', { mapping, settings: { mapping: 'pumps' } })).toMatchObject({
      title: 'Pump',
      dedupKey: 'a',
      labels: { topic: 'a' },
    })
    expect(read({ name: 'Pump' }, 'a', { mapping: null, settings: { mapping: 'pumps' } }).unreadable).toEqual([
      { index: 0, reason: expect.stringContaining('no mapping "pumps"') },
    ])
  })

  it.each<[string, unknown, Partial<RawRequest>, RegExp]>([
    ['no title', { temperature: 3 }, {}, /"title" is missing/],
    ['broken JSON', '{"title":', {}, /no JSON/],
    ['bytes', Uint8Array.of(1, 2, 0xff), {}, /neither JSON nor text/],
    ['too long', 'x', { headers: { 'mqtt-cut': '9000000' } }, /^the payload has 9000000 bytes/],
  ])('%s: lost property, with the reason', (_, payload, more, reason) => {
    const { events, unreadable, keep } = read(payload, 'a', more)
    expect({ events, keep }).toEqual({ events: [], keep: true })
    expect(unreadable).toEqual([{ index: 0, reason: expect.stringMatching(reason) }])
  })

  it('any payload and topic are read without a throw, the same again', () => {
    const payload = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.json(),
      fc.constantFrom('[', '{', '[{}]', '{"events":[1]}'),
    )
    fc.assert(
      fc.property(payload, fc.string(), (text, topic) => {
        const first = read(text, topic)
        expect(read(text, topic)).toEqual(first)
        for (const event of first.events) expect(event.title.trim()).not.toBe('')
      }),
    )
  })
})

describe('its settings', () => {
  const faultsOf = (given: Record<string, unknown>) => {
    const read = readSettings(mqtt.settings ?? [], given)
    return 'faults' in read ? read.faults.map(({ path }) => path) : []
  }
  it.each(['mqtt://broker', 'mqtts://broker.example:8883', 'mqtt://192.0.2.1:1883/', 'mqtt://[2001:db8::1]:1883'])(
    'broker %s',
    (broker) => expect(faultsOf({ broker })).toEqual([]),
  )
  it.each(['http://broker', 'mqtt://user:secret@broker', 'broker:1883', 'mqtt://broker/path', 'mqtt://a b'])(
    'no broker: %s',
    (broker) => expect(faultsOf({ broker })).toEqual(['broker']),
  )
  it.each(['#', '+', 'a', '/a', 'a/#', '+/a/+', '$SYS/broker/load', '$share/g/a/+', 'a//b', 'Türen/1'])(
    'topic %s',
    (topic) => expect(faultsOf({ topics: [topic] })).toEqual([]),
  )
  it.each(['a#', '#/a', 'a+', 'a/+b', 'a/b#', 'a/#/b', 'a\0'])('no topic: %j', (topic) =>
    expect(faultsOf({ topics: [topic] })).toEqual(['topics']),
  )
  it('a long wrong topic is refused in time', () => {
    const began = process.cpuUsage()
    expect(faultsOf({ topics: [`${'a/+/'.repeat(249)}+#`] })).toEqual(['topics'])
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(2000)
  })
  it('the client id is that of the settings, else of the source', () => {
    expect([clientIdOf('s_1', {}), clientIdOf('s_1', { clientId: 'x' })]).toEqual(['uxbridge-s_1', 'x'])
  })
})

describe('what its page shows', () => {
  const shown = (settings: Settings) =>
    mqtt
      .connect({ baseUrl: 'http://ux.example', key: 'KEY', sourceId: 's_1', secret: null, settings })
      .map(({ text }) => text)
  it('says what is missing', () => expect(shown({})[0]).toContain('# This source fetches nothing yet'))
  it('names the broker, a topic and who we are; never the password', () => {
    const [first = '', , , last] = shown({ broker: 'mqtts://b.example', topics: ['alerts/+/x'], username: 'ux' })
    expect(first).toContain(
      "mosquitto_pub -h 'b.example' -p 8883 --tls-use-os-certs -u 'ux' -P '<password>' -q 1 -t 'alerts/checkout/x'",
    )
    expect(last).toContain('the subscriber "uxbridge-s_1"')
    expect(last).toContain('#   topic read alerts/+/x')
  })
})
