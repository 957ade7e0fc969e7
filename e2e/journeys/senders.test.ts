import { afterAll, expect, it } from 'vitest'
import { type Condition, pagerDutyBody } from '#server/demo/bodies.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { startAlertmanager } from '../world/alertmanager.ts'
import { post } from '../world/events.ts'
import { startPrometheus, startTarget } from '../world/prometheus.ts'
import { until } from '../world/until.ts'
import { card, forbidReload, incidentOf, linkSays, shows, useStage } from './story.ts'

const needs = lacks('browser', 'prometheus', 'prometheus-alertmanager')

describeUnless(needs, 'real senders', () => {
  const stage = useStage()
  const closing: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })

  /** Firing alerts of the incident, as the server's own picture has them. */
  const vitals = async (id: string) => (await stage.house.administrator.incident(id)).summary

  it('issue 2, point 3: a real Prometheus pointed straight at us; the alert fires, repeats change nothing else, and it resolves on the open board', async () => {
    const { server, house } = stage
    const page = await stage.as(house.commander)
    await linkSays(page, 'live')
    const notReloaded = await forbidReload(page)
    const { key } = await house.addSource('prometheus', 'Prometheus')
    const target = await startTarget()
    closing.push(() => target.close())
    const prometheus = await startPrometheus({
      target,
      alertmanagerUrl: server.url,
      key,
      alertname: 'PartBroken',
      labels: { severity: 'critical', service: 'checkout' },
    })
    closing.push(() => prometheus.close())

    target.set({ pump: 1 })
    const id = await incidentOf(house, 'checkout')
    await shows(card(page, id), /Part pump of .* is broken/)
    await shows(card(page, id), '1 alerts firing')

    // The house tells that nobody owns it a moment after it opened: what is compared with stands after that.
    const first = await until('the house to tell of it', async () => {
      const now = await vitals(id)
      return now.paging !== undefined && now
    })
    const repeated = await until('Prometheus to tell it again', async () => {
      const now = await vitals(id)
      return now.events > first.events + 1 ? now : null
    })
    // Repeats count and are heard; no fact, no revision, no alert and no incident comes of them.
    expect({ ...repeated, events: 0, heardAt: '', activity: [], activityUntil: '', unownedMs: 0, seq: 0 }).toEqual({
      ...first,
      events: 0,
      heardAt: '',
      activity: [],
      activityUntil: '',
      unownedMs: 0,
      seq: 0,
    })
    const types = (await house.administrator.facts(id)).map(({ type }) => type)
    // That nobody owns it is told by the house; the sender's repeats add nothing.
    expect(types.filter((type) => type !== 'paged')).toEqual(['declared', 'alerts-attached'])
    expect((await house.administrator.picture()).incidents).toHaveLength(1)

    target.set({ pump: 1, valve: 1 })
    await shows(card(page, id), '2 alerts firing')
    target.set({ pump: 0, valve: 0 })
    await shows(card(page, id), '0 alerts firing')
    expect((await house.administrator.alerts(id)).map(({ status, endAssumed }) => [status, endAssumed])).toEqual([
      ['resolved', false],
      ['resolved', false],
    ])
    await notReloaded()
  })

  it('issue 2, point 3: a real Alertmanager with our webhook as its receiver', async () => {
    const { server, house } = stage
    const page = await stage.as(house.commander)
    await linkSays(page, 'live')
    const source = await house.addSource('alertmanager', 'Alertmanager')
    const alertmanager = await startAlertmanager({ url: source.url.replace('localhost', '127.0.0.1'), key: source.key })
    closing.push(() => alertmanager.close())
    const tell = async (endsAt?: string): Promise<void> => {
      const alert = {
        labels: { alertname: 'EdgeNodeDown', service: 'edge', severity: 'warning', instance: 'edge-1:443' },
        annotations: { summary: 'Edge node 1 does not answer' },
        startsAt: new Date(Date.now() - 5_000).toISOString(),
        ...(endsAt === undefined ? {} : { endsAt }),
      }
      const { status, text } = await post(alertmanager.url, '/api/v2/alerts', JSON.stringify([alert]))
      if (status !== 200) throw new Error(`Alertmanager refused: ${text}`)
    }
    await tell()
    const id = await incidentOf(house, 'edge')
    await shows(card(page, id), 'Edge node 1 does not answer')
    await shows(card(page, id), '1 alerts firing')
    await tell(new Date().toISOString())
    await shows(card(page, id), '0 alerts firing')
    expect(server.log()).not.toContain(source.key)
  })

  it('issue 2, point 3: PagerDuty Events v2, by its own address and answers', async () => {
    const { server, house } = stage
    const page = await stage.as(house.commander)
    await linkSays(page, 'live')
    const { key } = await house.addSource('pagerduty', 'Back office')
    const condition: Condition = {
      labels: { alertname: 'InvoiceRunLate', service: 'invoices', severity: 'error', instance: 'batch-1' },
      annotations: { summary: 'The invoice run is late', description: 'Batch 3 waits.' },
      startsAt: Date.now() - 1000,
      endedAt: null,
      generatorUrl: 'https://office.example/runs/3',
    }
    const told = await post(server.url, '/v2/enqueue', pagerDutyBody(condition, key))
    expect(told.status).toBe(202)
    expect(JSON.parse(told.text)).toMatchObject({ status: 'success', message: 'Event processed' })
    const list = page.getByRole('list', { name: /Incidents/ })
    await shows(list, 'The invoice run is late')
    const found = await until('the incident', async () =>
      (await house.administrator.picture()).incidents.find(({ title }) => title.includes('invoice run')),
    )
    await shows(card(page, found.id), '1 alerts firing')
    expect(
      (await post(server.url, '/v2/enqueue', pagerDutyBody({ ...condition, endedAt: Date.now() }, key))).status,
    ).toBe(202)
    await shows(card(page, found.id), '0 alerts firing')

    const wrong = await post(server.url, '/v2/enqueue', pagerDutyBody(condition, 'x'.repeat(31)))
    expect(wrong.status).toBe(400)
    expect(JSON.parse(wrong.text)).toMatchObject({ status: 'invalid event' })
  })
})
