import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { acknowledge, change, event, resolve, trigger } from '@pagerduty/pdjs'
import { beforeAll, expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { type Front, startFront } from '../world/front.ts'
import { until } from '../world/until.ts'
import { useRoom } from './room.ts'

describeUnless(lacks('openssl'), '@pagerduty/pdjs, with its server set to a TLS front before ours', () => {
  const room = useRoom()
  let front: Front
  beforeAll(async () => {
    front = await startFront(room.server.port)
    room.later(() => front.close())
    setDefaultCACertificates([...getCACertificates(), front.certificate])
  })

  it('triggers, acknowledges and resolves one alert by the dedup_key it was given; acknowledging makes nobody its owner', async () => {
    const feed = await room.add('pagerduty')
    const to = { server: front.host }
    const data = {
      routing_key: feed.key,
      event_action: 'trigger' as const,
      payload: { summary: 'Invoices are late – ünïcode 🚨', source: 'batch-1', severity: 'error' as const },
      links: [{ href: 'https://office.example/runs/3', text: 'The run' }],
    }
    const told = await trigger({ ...to, data })
    expect(told.status).toBe(202)
    expect(told.data).toMatchObject({ status: 'success', message: 'Event processed' })
    const dedup_key: string = told.data.dedup_key
    expect(dedup_key).toMatch(/^\S{1,255}$/)
    const firing = await feed.alert(/^Invoices are late – ünïcode 🚨$/, 'firing')
    expect(firing).toMatchObject({ severity: 'high', severityRaw: 'error', acknowledgedAt: null })
    expect(firing.links).toEqual([{ href: 'https://office.example/runs/3', text: 'The run' }])

    const again = { ...to, data: { ...data, dedup_key } }
    expect((await acknowledge(again)).status).toBe(202)
    await until('the acknowledgement', async () => (await feed.alerts())[0]?.acknowledgedAt)
    const [incident] = (await room.house.administrator.picture()).incidents
    expect(incident).toMatchObject({ owner: null, alerts: { firing: 1, total: 1 } })

    expect((await resolve(again)).status).toBe(202)
    expect(await feed.alert(/^Invoices/, 'resolved')).toMatchObject({ id: firing.id, endAssumed: false })
    expect(await feed.accepted(3)).toMatchObject({ outcomes: { opened: 1, resolved: 1 } })
  })

  it('tells a change, which is recorded and opens nothing', async () => {
    const feed = await room.add('pagerduty')
    const told = await change({
      server: front.host,
      // The client's types ask for the action and the severity of an alert even here.
      data: {
        routing_key: feed.key,
        event_action: 'trigger',
        payload: { summary: 'Deployed checkout 4.2', source: 'ci', severity: 'info' },
      },
    })
    expect([told.status, told.data.status]).toEqual([202, 'success'])
    expect(await feed.accepted(1)).toEqual({ accepted: 1, outcomes: { recorded: 1 } })
    expect(await feed.alerts()).toEqual([])
  })

  it('is told in PagerDuty’s own words what is wrong with an event and with a key', async () => {
    const feed = await room.add('pagerduty')
    const payload = { summary: 'x', source: 'y', severity: 'fatal' as never }
    const data = { event_action: 'trigger' as const, payload }
    const wrong = await event({ server: front.host, data: { ...data, routing_key: feed.key } })
    expect([wrong.status, wrong.data]).toEqual([
      400,
      {
        status: 'invalid event',
        message: 'Event object is invalid',
        errors: ["'payload.severity' is invalid (must be one of critical, error, warning, info)"],
      },
    ])
    expect(await feed.accepted(1)).toEqual({ accepted: 1, outcomes: { rejected: 1 } })
    const stranger = await event({ server: front.host, data: { ...data, routing_key: 'A'.repeat(32) } })
    expect([stranger.status, stranger.data.status]).toEqual([401, 'invalid event'])
  })
})
