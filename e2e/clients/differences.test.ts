import { expect, it } from 'vitest'
import { describeUnless, lacks } from '../run/needs.ts'
import { type Answer, hourMs, minuteMs, useTwins } from './twins.ts'

/** Each difference from Debian's Alertmanager 0.25 that is meant, with its reason. All else is held equal beside this file. */
describeUnless(lacks('prometheus-alertmanager'), 'where we differ from Alertmanager 0.25 on purpose', () => {
  const twins = useTwins()
  const at = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString()
  let count = 0
  /** Posts members with a label of this test alone, and says what each shows of it. */
  async function told(...members: (Record<string, unknown> & { labels?: Record<string, unknown> })[]) {
    const set = `difference ${++count}`
    const marked = members.map((member) =>
      member.labels === undefined ? member : { ...member, labels: { ...member.labels, set } },
    )
    const posted = await twins.both('POST', 'alerts', marked)
    const shown = await twins.both('GET', `alerts?filter=${encodeURIComponent(`set="${set}"`)}`)
    const [theirs, ours] = posted.map(({ status }, index) => ({ status, alerts: (shown[index] as Answer).json }))
    return { theirs, ours }
  }
  const good = (from: number, to: number) => ({ labels: { alertname: 'Good' }, startsAt: at(from), endsAt: at(to) })

  it('what its generated checks refuse, it refuses whole; we keep the good members and name the bad ones by index', async () => {
    for (const [bad, status] of [
      [{ annotations: {} }, 422],
      [{ labels: { a: 1 } }, 400],
    ] as const) {
      const { theirs, ours } = await told(good(-hourMs, hourMs), bad)
      expect([theirs?.status, theirs?.alerts.length]).toEqual([status, 0])
      expect([ours?.status, ours?.alerts.length]).toEqual([status, 1])
    }
  })

  it('names of labels and annotations may be any UTF-8, as in today’s Alertmanager', async () => {
    for (const member of [
      { labels: { alertname: 'Named', 'é b': 'x' } },
      { labels: { alertname: 'Annotated' }, annotations: { 'a b': 'c' } },
    ]) {
      const { theirs, ours } = await told(member)
      expect([theirs?.status, theirs?.alerts.length]).toEqual([400, 0])
      expect([ours?.status, ours?.alerts.length]).toEqual([200, 1])
    }
    const [theirs, ours] = await twins.both('GET', `alerts?filter=${encodeURIComponent('"é b"="x"')}`)
    expect([theirs.status, ours.status, ours.json.length]).toEqual([400, 200, 1])
  })

  it('a link is kept only where a browser may follow it; a wrong one costs nobody the alert', async () => {
    const relative = await told({ ...good(-hourMs, hourMs), generatorURL: 'relative' })
    expect([relative.theirs?.status, relative.ours?.status]).toEqual([422, 200])
    expect(relative.ours?.alerts[0].generatorURL).toBeUndefined()
    const number = await told({ ...good(-hourMs, hourMs), generatorURL: 5 })
    expect([number.theirs?.status, number.ours?.status]).toEqual([400, 200])
    const foreign = await told({ ...good(-hourMs, hourMs), generatorURL: 'ftp://files.example/x' })
    expect([foreign.theirs?.alerts[0].generatorURL, foreign.ours?.alerts[0].generatorURL]).toEqual([
      'ftp://files.example/x',
      undefined,
    ])
  })

  it('without a start, but with an end to come, it begins now; there it begins at its end', async () => {
    const end = at(hourMs)
    const { theirs, ours } = await told({ labels: { alertname: 'Endless' }, endsAt: end })
    expect(theirs?.alerts[0].startsAt).toBe(end)
    expect(Math.abs(Date.parse(ours?.alerts[0].startsAt) - Date.now())).toBeLessThan(minuteMs)
  })

  it('a start that a clock ahead of ours names is kept; there the end that is assumed lies before it, and it is refused', async () => {
    const { theirs, ours } = await told({ labels: { alertname: 'Early' }, startsAt: at(hourMs) })
    expect([theirs?.status, theirs?.alerts.length]).toEqual([400, 0])
    expect([ours?.status, ours?.alerts.length]).toEqual([200, 1])
  })

  it('an empty end is no end; there it is the year 1970, and the alert is refused', async () => {
    const { theirs, ours } = await told({ ...good(-hourMs, hourMs), endsAt: '' })
    expect([theirs?.status, theirs?.alerts.length]).toEqual([400, 0])
    expect([ours?.status, ours?.alerts.length]).toEqual([200, 1])
  })

  it('a member that is null is refused like one without labels; there it breaks the connection', async () => {
    await expect(twins.theirs.ask('POST', 'alerts', [null])).rejects.toThrow('fetch failed')
    expect(await twins.ours.ask('POST', 'alerts', [null])).toMatchObject({ status: 422, json: { code: 602 } })
  })

  it('the end of what was never heard of is recorded, and joined to nothing later', async () => {
    const { theirs, ours } = await told(good(-3 * hourMs, -hourMs), good(-2 * hourMs, hourMs))
    const startedAgo = (alerts: { startsAt: string }[] | undefined) =>
      Math.round((Date.now() - Date.parse(alerts?.[0]?.startsAt ?? '')) / hourMs)
    expect([startedAgo(theirs?.alerts), startedAgo(ours?.alerts)]).toEqual([3, 2])
  })

  it('the end of a silence that nobody knows is 404, as today; 0.25 failed', async () => {
    const [theirs, ours] = await twins.both('DELETE', 'silence/11111111-0000-4000-8000-000000000000')
    expect([theirs.status, ours.status]).toEqual([500, 404])
  })

  it('today’s fields: mutedBy, labels of routes and receivers, annotations of silences', async () => {
    await told(good(-hourMs, hourMs))
    const [theirs, ours] = await twins.both('GET', 'alerts/groups')
    expect(Object.keys(theirs.json[0]).sort()).toEqual(['alerts', 'labels', 'receiver'])
    expect(Object.keys(ours.json[0]).sort()).toEqual(['alerts', 'labels', 'receiver', 'routeLabels'])
    expect(ours.json[0].alerts[0].status.mutedBy).toEqual([])
    const [receivers, ourReceivers] = await twins.both('GET', 'receivers')
    expect(receivers.json[0]).toEqual({ name: 'base' })
    expect(ourReceivers.json[0]).toEqual({ name: 'base', labels: { name: 'base' } })
  })
})
