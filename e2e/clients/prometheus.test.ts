import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { startPrometheus, startTarget } from '../world/prometheus.ts'
import { until } from '../world/until.ts'
import { useRoom } from './room.ts'

describeUnless(lacks('prometheus'), 'a pair of Debian’s Prometheus, configured as the page prints it', () => {
  const room = useRoom()

  it('is one voice: one alert whichever tells it, it lives on when one of them dies, and the other ends it', async () => {
    const feed = await room.add('prometheus')
    const { alerting } = parse(feed.snippet('prometheus.yml')) as { alerting: unknown }
    const target = await startTarget()
    room.later(() => target.close())
    const start = () =>
      startPrometheus({
        target,
        alertmanagerUrl: room.server.url,
        alerting,
        alertname: 'PartBroken',
        labels: { severity: 'critical', service: 'press' },
      })
    const pair = await Promise.all([start(), start()])
    for (const each of pair) room.later(() => each.close())
    const [first, second] = pair

    target.set({ pump: 1 })
    const { id } = await feed.alert(/^Part pump/, 'firing')
    const events = async (): Promise<number> => (await feed.alerts())[0]?.events ?? 0
    await until('both to have told it, and again', async () => (await events()) >= 4, { every: 100 })
    await first.running.kill('SIGKILL')
    const before = await events()
    await until('the other to tell it still', async () => (await events()) >= before + 2, { every: 100 })
    expect(await feed.alerts()).toMatchObject([{ id, status: 'firing' }])
    expect((await room.house.administrator.picture()).incidents).toHaveLength(1)

    target.set({ pump: 0 })
    expect(await feed.alert(/^Part pump/, 'resolved')).toMatchObject({ id, endAssumed: false })
    expect(second.running.hasEnded()).toBe(false)
    expect((await feed.ledger()).outcomes).toMatchObject({ opened: 1 })
  })
})
