import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Alert, fingerprint } from '#shared/alert.ts'
import { alertGroupSchema, gettableAlertSchema, statusSchema } from '#shared/alertmanager/api.ts'
import { readMatcher } from '#shared/alertmanager/matcher-syntax.ts'
import type { Labels } from '#shared/event.ts'
import { policySchema } from '#shared/policy.ts'
import { makeAlertmanagerPicture } from './alertmanager.ts'
import type { AlertQuery } from './port.ts'

const at = Date.parse('2026-01-05T09:00:00.000Z')
const everything: AlertQuery = {
  active: true,
  silenced: true,
  inhibited: true,
  muted: true,
  filter: [],
  receiver: null,
  receiverMatchers: [],
}

let count = 0
/** A firing alert of the Alertmanager family: its labels are its key. */
function alert(labels: Labels, rest: Partial<Alert> = {}): Alert {
  const own = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    id: `${++count}`.padStart(16, '0'),
    key: `alertmanager\n${own.map(([name, value]) => `${name.length}:${name}${value.length}:${value}`).join('')}`,
    sourceId: 's_one',
    status: 'firing',
    severity: 'high',
    severityRaw: 'high',
    title: 'A title',
    description: '',
    service: null,
    labels,
    annotations: { summary: 'It is broken' },
    links: [],
    startsAt: at - 60_000,
    endsAt: null,
    endAssumed: false,
    expiresAt: at + 60_000,
    firstReceivedAt: at - 60_000,
    heardAt: at - 1000,
    events: 1,
    refires: 0,
    acknowledgedAt: null,
    incidentId: null,
    rule: '',
    ...rest,
  }
}

function pictureOf(alerts: Alert[], policy: unknown = {}) {
  const parsed = policySchema.parse(policy)
  const picture = makeAlertmanagerPicture({
    alerts: () => alerts,
    alert: (id) => alerts.find((alert) => alert.id === id),
    policy: () => parsed,
    sees: (actor, id) => actor !== null || id !== 'INC-9',
    clock: { now: () => at },
    version: '1.2.3',
  })
  const read = async (pieces: Promise<AsyncIterable<string>>) => {
    let text = ''
    for await (const piece of await pieces) text += piece
    return JSON.parse(text)
  }
  return {
    ...picture,
    alerts: async (query: Partial<AlertQuery> = {}) =>
      z.array(gettableAlertSchema).parse(await read(picture.alerts({ ...everything, ...query }, null))),
    groups: async (query: Partial<AlertQuery> = {}) =>
      z.array(alertGroupSchema).parse(await read(picture.groups({ ...everything, ...query }, null))),
  }
}
const names = (list: { labels: Labels }[]) => list.map(({ labels }) => labels.alertname)

describe('GET /api/v2/alerts', () => {
  it('has the fields of Alertmanager, with its fingerprint, in its order', async () => {
    const labels = { alertname: 'Slow', job: 'web' }
    const one = alert(labels, { links: [{ href: 'http://p/g', text: 'Source' }], silencedBy: ['id-1', 'id-2'] })
    const found = await pictureOf([one, ...['A', 'B', 'C'].map((name) => alert({ alertname: name }))]).alerts()
    expect(found.map((each) => each.fingerprint)).toEqual(found.map((each) => each.fingerprint).toSorted())
    expect(found.find((each) => each.labels.alertname === 'Slow')).toEqual({
      annotations: { summary: 'It is broken' },
      endsAt: '2026-01-05T09:01:00.000Z',
      fingerprint: fingerprint(labels),
      receivers: [{ name: 'uxbridge' }],
      startsAt: '2026-01-05T08:59:00.000Z',
      status: { inhibitedBy: [], mutedBy: [], silencedBy: ['id-1', 'id-2'], state: 'suppressed' },
      updatedAt: '2026-01-05T08:59:59.000Z',
      generatorURL: 'http://p/g',
      labels,
    })
  })

  it('shows what fires, and no more: not what is resolved, nor what has expired and is about to be', async () => {
    const list = [
      alert({ alertname: 'resolved' }, { status: 'resolved', endsAt: at - 1 }),
      alert({ alertname: 'expired' }, { expiresAt: at - 1 }),
      alert({ alertname: 'firing' }),
      alert({ alertname: 'endless' }, { expiresAt: null }),
    ]
    const found = await pictureOf(list).alerts()
    expect(names(found).sort()).toEqual(['endless', 'firing'])
    expect(found.find((each) => each.labels.alertname === 'endless')?.endsAt).toBe('0001-01-01T00:00:00.000Z')
  })

  it('an inhibited one names its cause by fingerprint, and may be left out', async () => {
    const cause = alert({ alertname: 'cause' })
    const picture = pictureOf([cause, alert({ alertname: 'effect' }, { inhibitedBy: { rule: 'r', by: cause.id } })])
    const [one, other] = await picture.alerts()
    const [effect, source] = one?.labels.alertname === 'effect' ? [one, other] : [other, one]
    expect(effect?.status).toMatchObject({ state: 'suppressed', inhibitedBy: [source?.fingerprint], silencedBy: [] })
    expect(names(await picture.alerts({ inhibited: false }))).toEqual(['cause'])
    expect(names(await picture.alerts({ active: false }))).toEqual(['effect'])
  })

  it('MW1: what a maintenance window holds back is muted by its name, beside the silences that hold it', async () => {
    const held = alert({ alertname: 'held' }, { silencedBy: ['maintenance/every night'] })
    const both = alert({ alertname: 'both' }, { silencedBy: ['id-1', 'maintenance/every night'] })
    const found = await pictureOf([held, both]).alerts()
    const status = (name: string) => found.find(({ labels }) => labels.alertname === name)?.status
    expect(status('held')).toMatchObject({ mutedBy: ['every night'], silencedBy: [], state: 'suppressed' })
    expect(status('both')).toMatchObject({ mutedBy: ['every night'], silencedBy: ['id-1'], state: 'suppressed' })
  })

  it('what is silenced or active may be left out', async () => {
    const picture = pictureOf([alert({ alertname: 'active' }), alert({ alertname: 'silenced' }, { silencedBy: ['x'] })])
    expect(names(await picture.alerts({ active: false }))).toEqual(['silenced'])
    expect(names(await picture.alerts({ silenced: false }))).toEqual(['active'])
    expect(await picture.alerts({ active: false, silenced: false })).toEqual([])
  })

  it('alerts of other kinds have their title as alertname, where they have none; those of the family stay as they are', async () => {
    const picture = pictureOf([
      alert({ host: 'db1' }, { key: 's_one\ndisk-db1', title: 'Disk full' }),
      alert({}, { key: 's_one\nx', title: 'No labels' }),
      alert({ host: 'db1' }),
    ])
    const found = (await picture.alerts()).map(({ labels }) => JSON.stringify(labels)).sort()
    expect(found).toEqual(['{"alertname":"No labels"}', '{"host":"db1","alertname":"Disk full"}', '{"host":"db1"}'])
    expect(names(await picture.alerts({ filter: [readMatcher('alertname=~Disk.*')] }))).toEqual(['Disk full'])
  })

  it('the labels of an alert may change, and the route tree too', async () => {
    const changing = alert({ alertname: 'A' }, { key: 's\nx' })
    const picture = pictureOf([changing])
    const [before] = await picture.alerts()
    changing.labels = { alertname: 'A' }
    expect(await picture.alerts()).toEqual([before])
    changing.labels = { alertname: 'B' }
    expect((await picture.alerts())[0]).toMatchObject({
      labels: { alertname: 'B' },
      fingerprint: fingerprint({ alertname: 'B' }),
    })
  })
})

const receivers = [{ name: 'base' }, { name: 'a', labels: { owner: 'ops' } }, { name: 'b' }]
const policy = {
  receivers,
  route: {
    receiver: 'base',
    group_by: ['alertname'],
    routes: [
      { receiver: 'b', matchers: ['team="a"'], continue: true, group_by: ['...'], labels: { tier: '1' } },
      { receiver: 'a', match: { team: 'a' } },
    ],
  },
}

describe('GET /api/v2/alerts/groups', () => {
  const list = [
    alert({ alertname: 'Z', team: 'a', instance: '2' }),
    alert({ alertname: 'Z', team: 'a', instance: '1' }),
    alert({ alertname: 'B' }),
    alert({ alertname: 'A' }),
  ]

  it('are made by the route tree, and ordered as Alertmanager does', async () => {
    const groups = await pictureOf(list, policy).groups()
    expect(
      groups.map(({ receiver, labels, alerts }) => [receiver.name, Object.values(labels).join(' '), alerts.length]),
    ).toEqual([
      ['base', 'A', 1],
      ['base', 'B', 1],
      ['a', 'Z', 2],
      ['b', 'Z a 1', 1],
      ['b', 'Z a 2', 1],
    ])
    expect(groups[2]?.alerts.map(({ labels }) => labels.instance)).toEqual(['1', '2'])
    expect(groups[2]?.alerts[0]?.receivers).toEqual([{ name: 'a' }, { name: 'b' }])
    expect(groups.map(({ routeLabels }) => routeLabels)).toEqual([{}, {}, {}, { tier: '1' }, { tier: '1' }])
  })

  it('receivers may be asked for by name or by their labels; of others nothing is shown', async () => {
    const picture = pictureOf(list, policy)
    const onlyA = await picture.groups({ receiver: /^(?:a)$/ })
    expect(onlyA.map(({ receiver }) => receiver.name)).toEqual(['a'])
    expect(onlyA[0]?.alerts[0]?.receivers).toEqual([{ name: 'a' }])
    expect(await picture.groups({ receiverMatchers: [readMatcher('owner=ops')] })).toEqual(onlyA)
    const alerts = await picture.alerts({ receiver: /^(?:a)$/ })
    expect(alerts.map((each) => each.receivers)).toEqual([
      [{ name: 'b' }, { name: 'a' }],
      [{ name: 'b' }, { name: 'a' }],
    ])
    expect(picture.receivers([readMatcher('name!=base')])).toEqual([
      { name: 'a', labels: { owner: 'ops', name: 'a' } },
      { name: 'b', labels: { name: 'b' } },
    ])
  })

  it('are marked by the names of the times that mute them, and may be left out', async () => {
    const hours = (start_time: string, end_time: string) => ({
      time_intervals: [{ times: [{ start_time, end_time }] }],
    })
    const muting = {
      receivers,
      time_intervals: [
        { name: 'mornings', ...hours('08:00', '12:00') },
        { name: 'evenings', ...hours('18:00', '22:00') },
      ],
      route: {
        receiver: 'base',
        group_by: ['alertname'],
        routes: [
          { matchers: ['alertname="A"'], mute_time_intervals: ['mornings', 'evenings'] },
          { matchers: ['alertname="B"'], active_time_intervals: ['evenings'] },
          { matchers: ['alertname="Z"'], active_time_intervals: ['mornings'], mute_time_intervals: ['evenings'] },
        ],
      },
    }
    const groups = await pictureOf(list, muting).groups()
    expect(
      groups.map(({ labels, alerts }) => [labels.alertname, alerts[0]?.status.mutedBy, alerts[0]?.status.state]),
    ).toEqual([
      ['A', ['mornings'], 'suppressed'],
      ['B', ['evenings'], 'suppressed'],
      ['Z', [], 'active'],
    ])
    expect((await pictureOf(list, muting).groups({ muted: false })).map(({ labels }) => labels.alertname)).toEqual([
      'Z',
    ])
    // As in Alertmanager, the list of alerts knows no routes.
    expect((await pictureOf(list, muting).alerts()).every(({ status }) => status.mutedBy.length === 0)).toBe(true)
    const written = parse(pictureOf([], muting).status().config.original)
    expect(written.time_intervals).toEqual(muting.time_intervals)
    expect(written.route.routes[0]).toMatchObject({ mute_time_intervals: ['mornings', 'evenings'] })
  })

  it('P3: with 50,000 alerts nobody waits longer than 50 ms for a turn', async () => {
    const many = Array.from({ length: 50_000 }, (_, index) =>
      alert({
        alertname: `Alert${index % 300}`,
        job: `job${index % 40}`,
        instance: `host-${index}:9100`,
        severity: 'critical',
      }),
    )
    const { groups } = makeAlertmanagerPicture({
      alerts: () => many,
      alert: () => undefined,
      policy: () => policySchema.parse({}),
      sees: () => true,
      clock: { now: () => at },
      version: '1.2.3',
    })
    let longest = 0
    // Work of this thread, not time: a busy machine may take the processor away meanwhile.
    const worked = () => {
      const { user, system } = process.threadCpuUsage()
      return (user + system) / 1000
    }
    let last = worked()
    let going = true
    const watch = () => {
      const now = worked()
      longest = Math.max(longest, now - last)
      last = now
      if (going) setImmediate(watch)
    }
    watch()
    let length = 0
    for await (const piece of await groups(everything, null)) length += piece.length
    going = false
    expect(length).toBeGreaterThan(10_000_000)
    // Ten times the bar: it is the bench that measures the bar itself.
    expect(longest).toBeLessThan(500)
  })
})

describe('GET /api/v2/status', () => {
  it('says what is true of us, with a configuration that reads as Alertmanager’s', () => {
    const status = statusSchema.parse(
      pictureOf([], {
        receivers,
        route: {
          ...policy.route,
          routes: [{ receiver: 'a', matchers: ['{x=~"a|b","é b"="c"}'], match_re: { y: 'z' } }],
        },
      }).status(),
    )
    expect(status).toMatchObject({ uptime: '2026-01-05T09:00:00.000Z', versionInfo: { revision: '1.2.3' } })
    expect(parse(status.config.original)).toEqual({
      route: {
        receiver: 'base',
        group_by: ['alertname'],
        routes: [{ receiver: 'a', matchers: ['x=~"a|b"', '"é b"="c"'], match_re: { y: 'z' } }],
      },
      receivers,
    })
  })
})
