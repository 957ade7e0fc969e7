import { CloudEvent, CONSTANTS, emitterFor, HTTP, httpTransport, Mode } from 'cloudevents'
import { describe, expect, it } from 'vitest'
import { type Feed, useRoom } from './room.ts'

/** A condition as a monitor would tell it; the last word of the type says whether it begins or ends. */
const told = (type: 'fired' | 'resolved', more: object = {}): CloudEvent<unknown> =>
  new CloudEvent({
    type: `example.shop.alert.${type}`,
    source: '/monitors/checkout',
    subject: 'Café, 2nd floor: 100% "open"',
    data: { title: 'Checkout answers with errors', severity: 'critical', service: 'checkout' },
    ...more,
  })

describe('the CloudEvents SDK for JavaScript', () => {
  const room = useRoom()
  const withKey = ({ key }: Feed) => ({ headers: { authorization: `Bearer ${key}` } })

  it.each([Mode.BINARY, Mode.STRUCTURED] as const)(
    '%s mode: begins an alert, tells it again and ends it',
    async (mode) => {
      const feed = await room.add('cloudevents')
      const emit = emitterFor(httpTransport(feed.url), { binding: HTTP, mode })
      const startedAt = new Date(Date.now() - 60_000).toISOString()
      await emit(told('fired', { time: startedAt, region: 'eu-west-3' }), withKey(feed))
      const firing = await feed.alert(/^Checkout answers/, 'firing')
      expect(firing).toMatchObject({ severity: 'critical', startsAt: startedAt, events: 1 })
      expect(firing.labels).toMatchObject({
        service: 'checkout',
        source: '/monitors/checkout',
        subject: 'Café, 2nd floor: 100% "open"',
        region: 'eu-west-3',
      })
      await emit(told('fired'), withKey(feed))
      await emit(told('resolved'), withKey(feed))
      expect(await feed.alert(/^Checkout answers/, 'resolved')).toMatchObject({ id: firing.id, startsAt: startedAt })
      expect(await feed.accepted(3)).toMatchObject({ outcomes: { repeated: 1, resolved: 1 } })
    },
  )

  it('structured mode with the data in base64: opened, as it is said to be JSON', async () => {
    const feed = await room.add('cloudevents')
    const emit = emitterFor(httpTransport(feed.url), { binding: HTTP, mode: Mode.STRUCTURED })
    const data = Buffer.from(JSON.stringify({ title: 'Packed', severity: 'high', service: 'packing' }))
    await emit(told('fired', { datacontenttype: 'application/json', data: new Uint8Array(data) }), withKey(feed))
    expect(await feed.alert(/^Packed$/, 'firing')).toMatchObject({ severity: 'high' })
  })

  it('a batch of the SDK’s own events: each one counts, one that tells of no condition is recorded, a bad one is named', async () => {
    const feed = await room.add('cloudevents')
    const disks = ['sda', 'sdb'].map((subject) =>
      told('fired', { subject, data: { summary: `Disk ${subject} is full`, severity: 'warning', service: 'storage' } }),
    )
    const order = new CloudEvent({ type: 'example.shop.order.placed', source: '/shop', data: { order: 7 } })
    const send = async (events: readonly object[]) =>
      fetch(feed.url, {
        method: 'POST',
        headers: { ...withKey(feed).headers, 'content-type': CONSTANTS.MIME_CE_BATCH },
        body: JSON.stringify(events),
      })
    expect((await send([...disks, order])).status).toBe(204)
    expect((await feed.accepted(3)).outcomes).toEqual({ opened: 1, attached: 1, recorded: 1 })
    expect((await feed.alerts()).map(({ title }) => title).sort()).toEqual(['Disk sda is full', 'Disk sdb is full'])

    const refused = await send([{ ...disks[0]?.toJSON(), type: '' }, told('resolved', { subject: 'sda' })])
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      { code: 'fields-invalid', details: { fields: [{ path: '0', message: expect.stringContaining('type') }] } },
    ])
    expect((await feed.accepted(5)).outcomes).toMatchObject({ rejected: 1, resolved: 1 })
  })

  it('asks before it sends, as webhooks of CloudEvents do, and is told that it may', async () => {
    const feed = await room.add('cloudevents')
    const headers = { 'webhook-request-origin': 'events.shop.example', ...withKey(feed).headers }
    const answer = await fetch(feed.url, { method: 'OPTIONS', headers })
    expect([answer.status, answer.headers.get('webhook-allowed-origin')]).toEqual([200, 'events.shop.example'])
  })
})
