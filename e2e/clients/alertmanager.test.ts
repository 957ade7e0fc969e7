import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import type { AlertView } from '#shared/wire.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { type Foreign, startForeign } from '../world/alertmanager.ts'
import { post } from '../world/events.ts'
import { freePort } from '../world/process.ts'
import { until } from '../world/until.ts'
import { type Feed, useRoom } from './room.ts'

interface Told {
  labels: Record<string, string>
  summary: string
  startsAt?: string
  endsAt?: string
}

/** Tells Alertmanager, as Prometheus would. */
async function tell({ url }: Foreign, alerts: readonly Told[]): Promise<void> {
  const body = alerts.map(({ summary, ...alert }) => ({ ...alert, annotations: { summary } }))
  const { status, text } = await post(url, '/api/v2/alerts', JSON.stringify(body))
  if (status !== 200) throw new Error(`Alertmanager refused: ${text}`)
}

/** Debian's Alertmanager with the receiver exactly as the page of the source prints it. */
async function start(feed: Feed, { cluster = [''], groupBy = ['service'] } = {}): Promise<Foreign> {
  const [listen = '', ...peers] = cluster
  const config = {
    ...(parse(feed.snippet('alertmanager.yml')) as object),
    route: {
      receiver: 'uxbridge',
      group_by: groupBy,
      group_wait: '100ms',
      group_interval: '300ms',
      repeat_interval: '1h',
    },
  }
  return startForeign('prometheus-alertmanager', 'alertmanager.yml', config, (file, folder, address) => [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'storage')}`,
    `--web.listen-address=${address}`,
    `--cluster.listen-address=${listen}`,
    ...peers.map((peer) => `--cluster.peer=${peer}`),
    '--cluster.peer-timeout=400ms',
    '--cluster.gossip-interval=50ms',
    '--cluster.settle-timeout=1s',
    '--log.level=warn',
  ])
}

describeUnless(lacks('prometheus-alertmanager'), 'Debian’s Alertmanager, configured as the page prints it', () => {
  const room = useRoom()
  const open = async (feed: Feed, options?: Parameters<typeof start>[1]): Promise<Foreign> => {
    const alertmanager = await start(feed, options)
    room.later(() => alertmanager.close())
    return alertmanager
  }

  it('its PagerDuty receiver: a group triggers one alert, and resolves it', async () => {
    const feed = await room.add('pagerduty')
    const alertmanager = await open(feed)
    const alert = {
      labels: { alertname: 'QueueStuck', service: 'mail', severity: 'critical' },
      summary: 'The queue stands still',
    }
    await tell(alertmanager, [alert])
    const firing = await feed.alert(/QueueStuck/, 'firing')
    expect(firing.links.map(({ href }) => href)).toContainEqual(expect.stringMatching(/^http.*alerts/))
    await tell(alertmanager, [{ ...alert, endsAt: new Date().toISOString() }])
    expect(await feed.alert(/QueueStuck/, 'resolved')).toMatchObject({ id: firing.id })
    expect(await feed.accepted(2)).toMatchObject({ outcomes: { opened: 1, resolved: 1 } })
  })

  it('its webhook: what it groups is one incident of several alerts; each ends by itself, the last by send_resolved', async () => {
    const feed = await room.add('alertmanager')
    const alertmanager = await open(feed)
    const disk = (instance: string) => ({
      labels: { alertname: 'DiskFull', service: 'storage', severity: 'critical', instance },
      summary: `The disk of ${instance} is full`,
    })
    await tell(alertmanager, [disk('a'), disk('b')])
    await feed.alert(/disk of b/, 'firing')
    await tell(alertmanager, [disk('c')])
    await feed.alert(/disk of c/, 'firing')
    const { incidents } = await room.house.administrator.picture()
    expect(incidents.filter(({ service }) => service === 'storage')).toMatchObject([
      { alerts: { firing: 3, total: 3 } },
    ])

    const end = { endsAt: new Date().toISOString() }
    await tell(alertmanager, [{ ...disk('b'), ...end }])
    expect(await feed.alert(/disk of b/, 'resolved')).toMatchObject({ endAssumed: false })
    expect(statuses(await feed.alerts())).toEqual({ a: 'firing', b: 'resolved', c: 'firing' })
    await tell(alertmanager, [
      { ...disk('a'), ...end },
      { ...disk('c'), ...end },
    ])
    await feed.alert(/disk of c/, 'resolved')
    await feed.alert(/disk of a/, 'resolved')
    expect((await feed.ledger()).outcomes).not.toHaveProperty('rejected')
  })

  it('tells it again until it is taken: what begins and ends while Uxbridge is down is there when it is back', async () => {
    const feed = await room.add('alertmanager')
    const alertmanager = await open(feed)
    const told = (instance: string): Told => ({
      labels: { alertname: 'LinkDown', service: 'backbone', severity: 'critical', instance },
      summary: `The link to ${instance} is down`,
    })
    await tell(alertmanager, [told('oslo')])
    await feed.alert(/link to oslo/, 'firing')
    await room.server.kill('SIGKILL')
    await tell(alertmanager, [told('rome'), { ...told('oslo'), endsAt: new Date().toISOString() }])
    await room.server.restart()
    await feed.alert(/link to rome/, 'firing')
    expect(await feed.alert(/link to oslo/, 'resolved')).toMatchObject({ endAssumed: false })
  })

  const alert = (service: string): Told => ({
    labels: { alertname: 'EdgeDown', service, severity: 'critical', instance: 'edge-1' },
    summary: `The edge of ${service} is down`,
    startsAt: new Date(Date.now() - 5000).toISOString(),
  })
  /** The alert of this service as the board has it: one, whichever of the two told it. */
  const only = async (service: string): Promise<AlertView> => {
    const { administrator } = room.house
    const { incidents } = await administrator.picture()
    const mine = incidents.filter((incident) => incident.service === service)
    if (mine.length !== 1 || mine[0] === undefined) throw new Error(`${mine.length} incidents of ${service}`)
    const alerts = await administrator.alerts(mine[0].id)
    if (alerts.length !== 1 || alerts[0] === undefined) throw new Error(`${alerts.length} alerts of ${service}`)
    return alerts[0]
  }

  it('a pair of two that do not know each other, each with a key of its own: both tell, and it is one alert', async () => {
    const feeds = [await room.add('alertmanager'), await room.add('alertmanager')]
    const pair = await Promise.all(feeds.map((feed) => open(feed)))
    const told = alert('apart')
    for (const each of pair) await tell(each, [told])
    for (const feed of feeds) await feed.accepted(1)
    expect(await only('apart')).toMatchObject({ status: 'firing', events: 2, startsAt: told.startsAt })
    const endsAt = new Date().toISOString()
    for (const each of pair) await tell(each, [{ ...told, endsAt }])
    for (const feed of feeds) await feed.accepted(2)
    expect(await only('apart')).toMatchObject({ status: 'resolved', endsAt, endAssumed: false })
    const sums = await Promise.all(feeds.map((feed) => feed.ledger()))
    const sum = (outcome: 'opened' | 'repeated' | 'resolved'): number =>
      sums.reduce((total, { outcomes }) => total + (outcomes[outcome] ?? 0), 0)
    expect([sum('opened'), sum('resolved'), sum('repeated')]).toEqual([1, 1, 2])
  })

  it('a highly available pair with one key: told once; when the one that told dies, the other tells the end', async () => {
    const feed = await room.add('alertmanager')
    const [one, two] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const first = await open(feed, { cluster: [one] })
    const second = await open(feed, { cluster: [two, one] })
    await until('the pair to know each other', async () => {
      const status = (await (await fetch(`${second.url}/api/v2/status`)).json()) as {
        cluster: { status: string; peers: unknown[] }
      }
      return status.cluster.status === 'ready' && status.cluster.peers.length === 2
    })
    const told = alert('pair')
    await Promise.all([tell(first, [told]), tell(second, [told])])
    await until('the alert', () => only('pair'))
    const heard = (await feed.ledger()).accepted
    await first.running.kill('SIGKILL')
    await tell(second, [{ ...told, endsAt: new Date().toISOString() }])
    await until('the end', async () => (await only('pair')).status === 'resolved')
    // At most one repeat, where gossip was slower than the wait of the second.
    expect(heard).toBeLessThanOrEqual(2)
    await until('the end in the ledger', async () => (await feed.ledger()).outcomes.resolved === 1)
    expect((await feed.ledger()).outcomes.opened).toBe(1)
  })
})

function statuses(alerts: readonly { labels: Record<string, string>; status: string }[]): Record<string, string> {
  return Object.fromEntries(
    alerts.map(({ labels, status }) => [labels.instance ?? '', status] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
