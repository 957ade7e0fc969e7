import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { fingerprint } from '#shared/alert.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { type Amtool, type AmtoolAnswer, makeAmtool, makeScopedToken } from '../world/amtool.ts'
import { post } from '../world/events.ts'
import { until } from '../world/until.ts'
import { type Feed, useRoom } from './room.ts'

const policy = `
route:
  receiver: base
  group_by: [alertname]
  routes:
    - { receiver: database, matchers: ['service=~"db|cache"'], mute_time_intervals: [nights] }
receivers: [{ name: base }, { name: database }]
time_intervals:
  - name: nights
    time_intervals:
      - times: [{ start_time: '22:00', end_time: '24:00' }]
        weekdays: ['monday:thursday', sunday]
        days_of_month: ['1:20', '-3:-1']
        months: ['january:march', december]
        # Long over: whenever this is run, nothing is muted.
        years: ['2020:2021']
        location: Europe/Berlin
`
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The lines of a table without the spaces that fill it. */
const rows = ({ out }: AmtoolAnswer) =>
  out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().replaceAll(/ {2,}/g, ' | '))

describeUnless(lacks('amtool'), 'amtool, unmodified, against us as its Alertmanager', () => {
  const room = useRoom({ policy })
  let feed: Feed
  /** With the key of a source, as it is needed to add alerts. */
  let add: Amtool
  let read: Amtool
  let manage: Amtool
  let home: string
  beforeAll(async () => {
    feed = await room.add('prometheus')
    home = join(room.server.dir, 'amtool')
    add = makeAmtool(room.server.url, home, { bearer: feed.key })
    read = makeAmtool(room.server.url, home, { password: await makeScopedToken(room.server, 'alerts') })
    manage = makeAmtool(room.server.url, home, { bearer: await makeScopedToken(room.server, 'silences') })
    const labels = ['Slow', 'service=checkout', 'severity=critical', 'instance=a 1']
    const told = await add('alert', 'add', ...labels, '--annotation=summary=It is slow', '--generator-url=http://p/g')
    expect([told.code, told.out]).toEqual([0, ''])
    expect((await add('alert', 'add', 'alertname=Full', 'service=db', 'severity=warning')).code).toBe(0)
    await feed.accepted(2)
  })

  it('alert query: simple, extended and json; the fingerprint is that of the labels', async () => {
    const simple = await read('alert', 'query')
    expect(simple.code).toBe(0)
    expect(rows(simple)).toEqual([
      'Alertname | Starts At | Summary | State',
      expect.stringMatching(/^Slow \| 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC \| It is slow \| active$/),
      expect.stringMatching(/^Full \| 20.* UTC \| active$/),
    ])
    const extended = await read('-o', 'extended', 'alert', 'query')
    expect(rows(extended)[1]).toMatch(
      /^alertname="Slow" instance="a 1" service="checkout" severity="critical" \| summary="It is slow" \| .* UTC \| .* UTC \| http:\/\/p\/g \| active$/,
    )
    const json = await read('-o', 'json', 'alert', 'query')
    const found = JSON.parse(json.out).find(
      (each: { labels: Record<string, string> }) => each.labels.alertname === 'Slow',
    )
    const labels = { alertname: 'Slow', service: 'checkout', severity: 'critical', instance: 'a 1' }
    expect(found).toMatchObject({
      labels,
      fingerprint: fingerprint(labels),
      receivers: [{ name: 'base' }],
      status: { state: 'active', silencedBy: [], inhibitedBy: [] },
    })
  })

  it('alert query: by name, by matchers, by receiver, by state', async () => {
    const names = async (...words: string[]) => {
      const answer = await read('alert', 'query', ...words)
      expect(answer.code, answer.err).toBe(0)
      return rows(answer)
        .slice(1)
        .map((line) => line.split(' ')[0])
    }
    expect(await names('Slow')).toEqual(['Slow'])
    expect(await names('service=~"db|cache"', 'severity!=critical')).toEqual(['Full'])
    expect(await names('instance=a 1')).toEqual(['Slow'])
    expect(await names('service=nothing')).toEqual([])
    expect(await names('--receiver=data.*')).toEqual(['Full'])
    expect(await names('--active')).toEqual(['Slow', 'Full'])
    expect(await names('--silenced')).toEqual([])
    expect(await names('--inhibited', '--unprocessed')).toEqual([])
  })

  it('a key that may not is refused with exit status 1', async () => {
    for (const answer of [
      await add('alert', 'query'),
      await add('silence', 'query'),
      await makeAmtool(room.server.url, home)('alert', 'query'),
      await read('silence', 'add', 'alertname=Slow', '--comment=no'),
    ]) {
      expect(answer.code).toBe(1)
      expect(answer.err).toMatch(/status 40[13]/)
    }
  })

  it('a silence is added, shown, changed and ended, and holds back on our picture with its author and end', async () => {
    const silenced = async () => {
      const { incidents } = await room.house.administrator.picture()
      return incidents.find(({ service }) => service === 'checkout')?.silenced
    }
    expect(await silenced()).toBeNull()
    const added = await manage(
      'silence',
      'add',
      'alertname=Slow',
      'service=~"check.*"',
      '-c',
      'Known',
      '-a',
      'Noor',
      '-d',
      '1h',
    )
    const id = added.out.trim()
    expect([added.code, id]).toEqual([0, expect.stringMatching(uuid)])
    await until('the picture to say so', async () => (await silenced()) !== null)
    expect(await silenced()).toMatchObject({ id, by: 'Noor', until: expect.any(String) })

    expect(rows(await read('silence', 'query'))).toEqual([
      'ID | Matchers | Ends At | Created By | Comment',
      expect.stringMatching(
        new RegExp(`^${id} \\| alertname="Slow" service=~"check\\.\\*" \\| .* UTC \\| Noor \\| Known$`),
      ),
    ])
    expect(rows(await read('-o', 'extended', 'silence', 'query'))[1]).toMatch(
      new RegExp(`^${id} \\| \\{alertname="Slow"`),
    )
    expect(rows(await read('silence', 'query', 'alertname=Slow', '-q'))).toEqual([id])
    expect(rows(await read('silence', 'query', 'alertname=Full', '-q'))).toEqual([])
    expect(rows(await read('alert', 'query', '--silenced'))[1]).toMatch(/^Slow .* suppressed$/)
    expect(rows(await read('alert', 'query', '--active')).slice(1)).toEqual([expect.stringMatching(/^Full/)])

    // Another end of an active silence is a change in its place.
    const updated = await manage('silence', 'update', '-d', '2h', '-c', 'Known since noon', id)
    expect(updated.code).toBe(0)
    expect(rows(updated)[1]).toMatch(new RegExp(`^${id} .* Known since noon$`))
    expect(rows(await read('silence', 'query', '-q'))).toEqual([id])

    expect(await manage('silence', 'expire', id)).toMatchObject({ code: 0, out: '' })
    await until('the picture to say that it ended', async () => (await silenced()) === null)
    expect(rows(await read('silence', 'query', '-q'))).toEqual([])
    expect(rows(await read('silence', 'query', '--expired', '-q'))).toEqual([id])
    expect(rows(await read('alert', 'query', '--silenced')).slice(1)).toEqual([])
  })

  it('Q9: a silence that comes again is shown as the one that is on, is not changed by who cannot see that, and is ended for good', async () => {
    const start = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16)
    const { id } = await room.house.administrator.must<{ id: string }>('POST', '/api/silences', {
      matchers: [{ name: 'alertname', op: '=', value: 'Nightly' }],
      recurs: { rrule: 'FREQ=DAILY', starts: start, lastsMs: 2 * 3_600_000, timeZone: 'UTC' },
      comment: 'the batch runs',
    })
    expect(rows(await read('silence', 'query', 'alertname=Nightly', '-q'))).toEqual([id])
    const updated = await manage('silence', 'update', '-d', '2h', id)
    expect(updated.code).toBe(1)
    expect(updated.err).toMatch(/comes again \(FREQ=DAILY\): change it on the Silences page; or end it/)
    expect((await manage('silence', 'expire', id)).code).toBe(0)
    expect(rows(await read('silence', 'query', 'alertname=Nightly', '-q'))).toEqual([])
    expect(rows(await read('silence', 'query', '--expired', 'alertname=Nightly', '-q'))).toEqual([id])
  })

  it('what fires under a silence is held back, and let go when it is expired', async () => {
    const { out } = await manage('silence', 'add', 'service=mail', '-c', 'Moving', '-d', '1h')
    const before = await feed.ledger()
    expect((await add('alert', 'add', 'Queue', 'service=mail', 'severity=critical')).code).toBe(0)
    const after = await feed.accepted(before.accepted + 1)
    expect(after.outcomes.silenced).toBe((before.outcomes.silenced ?? 0) + 1)
    const opened = async () =>
      (await room.house.administrator.picture()).incidents.filter(({ service }) => service === 'mail')
    expect(await opened()).toEqual([])
    expect((await manage('silence', 'expire', out.trim())).code).toBe(0)
    await until('it to open an incident', async () => (await opened()).length === 1)
  })

  it('silences are exported and imported, one of them as it was, one as another', async () => {
    for (const name of ['one', 'two']) await manage('silence', 'add', `alertname=${name}`, '-c', name, '-d', '1h')
    const exported = await read('-o', 'json', 'silence', 'query')
    const list = JSON.parse(exported.out)
    expect(list).toHaveLength(2)
    const file = join(home, 'silences.json')
    // As many tools write them: without the state, and one whose id nobody knows here.
    list[1].id = '11111111-0000-4000-8000-000000000000'
    writeFileSync(file, JSON.stringify(list))
    const imported = await manage('silence', 'import', file)
    expect(imported.code, imported.err).toBe(0)
    const ids = rows(imported)
    expect(ids).toHaveLength(2)
    expect(ids).toContain(list[0].id)
    const ended = await manage('silence', 'expire', ...new Set([...ids, ...rows(await read('silence', 'query', '-q'))]))
    expect(ended.code).toBe(0)
  })

  it('alerts of other kinds of source are shown by their title, and silenced by it', async () => {
    const pager = await room.add('pagerduty')
    const page = {
      routing_key: pager.key,
      event_action: 'trigger',
      dedup_key: 'invoices',
      payload: { summary: 'Invoices are late', source: 'batch-1', severity: 'error' },
    }
    expect((await post(room.server.url, '/v2/enqueue', JSON.stringify(page))).status).toBe(202)
    expect(rows(await read('alert', 'query', 'Invoices are late'))).toHaveLength(2)
    const { code, out } = await manage('silence', 'add', 'Invoices are late', '-c', 'Known', '-d', '1h')
    expect(code).toBe(0)
    expect(rows(await read('alert', 'query', '--silenced'))[1]).toMatch(/^Invoices are late .* suppressed$/)
    expect((await manage('silence', 'expire', out.trim())).code).toBe(0)
  })

  it('what cannot be is refused with exit status 1', async () => {
    for (const words of [
      ['silence', 'expire', 'nix'],
      ['silence', 'expire', '11111111-0000-4000-8000-000000000000'],
      ['silence', 'add', 'alertname=~"("', '-c', 'x'],
      ['silence', 'add', 'alertname=~".*"', '-c', 'matches everything'],
      ['silence', 'update', '-d', '1h', '11111111-0000-4000-8000-000000000000'],
      ['alert', 'query', '--receiver=('],
    ])
      expect((await manage(...words)).code, words.join(' ')).toBe(1)
  })

  it('the state of the cluster, the configuration and its routes', async () => {
    expect(rows(await read('cluster', 'show'))).toEqual(['Cluster Status: | ready', 'Node Name: | uxbridge'])
    const config = await read('config', 'show')
    expect([config.code, config.out]).toEqual([0, expect.stringContaining('receiver: database')])
    const file = join(home, 'shown.yml')
    writeFileSync(file, config.out)
    const checked = await read('check-config', file)
    expect([checked.code, checked.out]).toEqual([0, expect.stringContaining('SUCCESS')])
    expect((await read('config', 'routes', 'show')).out).toContain('{service=~"db|cache"}  receiver: database')
    expect((await read('config', 'routes', 'test', 'service=cache')).out.trim()).toBe('database')
  })
})
