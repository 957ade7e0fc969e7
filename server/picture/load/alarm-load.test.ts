import { expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { ana, ben, brief, carla, House } from '../../command/room.fixture.ts'
import type { LoadOf } from '../port.ts'
import { makeAlarmLoad } from './alarm-load.ts'

const all: LoadOf = { kind: 'everybody', id: null }
const of = (id: string): LoadOf => ({ kind: 'person', id })

/** A house with its alarm load; made again, it must say the same. */
async function opened() {
  const house = await House.open()
  await house.room.record({ by: 'system:ops', action: 'house.open', subject: '', outcome: 'done', address: null })
  const make = () =>
    makeAlarmLoad({
      read: house.store.read,
      clock: { now: () => house.now },
      filter: () => house.room.world().filter,
      incident: (id) => house.room.world().incidents.get(id),
      sees: house.room.sees,
    })
  const load = make()
  await load.reset()
  house.onDurable = ({ facts }) => load.apply(facts)
  return {
    house,
    load,
    /** The load as it was followed live, which is the same as the one from the journal. */
    async see(who: LoadOf = all, span: '8h' | '24h' | '7d' = '24h') {
      const live = await load.load(who, span, null)
      const again = make()
      await again.reset()
      expect(await again.load(who, span, null)).toEqual(live)
      return live
    },
  }
}
type Opened = Awaited<ReturnType<typeof opened>>

/** Fires, or ends where it fired. */
const fires = ({ house }: Opened, labels: Record<string, string>, ends = false) =>
  house.alert(labels, ends ? { endsAt: new Date(house.now - 1).toISOString() } : {})
const slow = { alertname: 'Slow', service: 'checkout', severity: 'warning' }

it('AL1: what opens rings once; what joins, repeats or ends does not', async () => {
  const it = await opened()
  await fires(it, slow)
  await fires(it, { ...slow, host: '2' })
  await fires(it, slow)
  await fires(it, slow, true)
  const { all: rings, byKind, top, metrics } = await it.see()
  expect([rings, byKind]).toEqual([1, { opened: 1, reopened: 0, joined: 0 }])
  expect(top).toMatchObject([{ what: 'Slow', count: 1, share: 1 }])
  expect(metrics[0]).toMatchObject({ id: 'per-10-min', verdict: 'too little' })
})

it('AL1: what joins an incident of Tier 1 rings each time, and what ended and fires again does', async () => {
  const it = await opened()
  await fires(it, slow)
  await it.house.does(ana, 'INC-1001', { type: 'claim' })
  await it.house.does(ana, 'INC-1001', { type: 'classify', tier: 1, reason: 'all is down' })
  await fires(it, { ...slow, host: '2' })
  await fires(it, { ...slow, host: '3', alertname: 'Down' })
  expect((await it.see()).byKind).toEqual({ opened: 1, reopened: 0, joined: 2 })
  for (const labels of [slow, { ...slow, host: '2' }, { ...slow, host: '3', alertname: 'Down' }])
    await fires(it, labels, true)
  await it.house.does(ana, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
  it.house.later(minuteMs)
  await fires(it, slow)
  const { byKind, top } = await it.see()
  expect(byKind).toEqual({ opened: 1, reopened: 1, joined: 2 })
  expect(top.map(({ what, count }) => [what, count])).toEqual([
    ['Slow', 3],
    ['Down', 1],
  ])
})

it('an alarm falls to who owns it, else to who takes it first, and stays theirs', async () => {
  const it = await opened()
  await fires(it, slow)
  await it.house.does(ana, 'INC-1001', { type: 'claim' })
  await it.house.does(carla, 'INC-1001', { type: 'classify', tier: 1, reason: 'all is down' })
  await fires(it, { ...slow, host: '2' })
  await it.house.does(ana, 'INC-1001', { type: 'offer', to: 'ben', brief })
  await it.house.does(ben, 'INC-1001', { type: 'accept', revision: 1, readBack: 'slow' })
  await fires(it, { ...slow, host: '3' })
  await fires(it, { alertname: 'Other', service: 'search', severity: 'warning' })
  const counts = async (who: LoadOf) => (await it.see(who)).all
  expect(await Promise.all([all, of('ana'), of('ben'), of('carla')].map(counts))).toEqual([4, 2, 1, 0])
  const { lines } = await it.see()
  expect([...(lines?.people ?? [])].map(([who, line]) => [who, line.lastTenMinutes])).toEqual([
    ['ana', 2],
    ['ben', 1],
    [null, 1],
  ])
})

it('AL1: merging, splitting and taking back put right what was told, and ask nobody anew', async () => {
  const it = await opened()
  for (const service of ['checkout', 'search']) await fires(it, { ...slow, service })
  await fires(it, { ...slow, host: '2' })
  await it.house.does(carla, 'INC-1002', { type: 'merge', into: 'INC-1001' })
  const [moved] = it.house.room.world().filter.alertsOf('INC-1001')
  await it.house.does(carla, 'INC-1001', { type: 'split', alerts: [moved?.id], reason: 'it is another' })
  const merged = (await it.house.store.read.factsOf('INC-1002')).find(({ type }) => type === 'merged')
  await it.house.does(carla, 'INC-1002', { type: 'undo', seq: merged?.seq })
  expect((await it.see()).byKind).toEqual({ opened: 2, reopened: 0, joined: 0 })
})

it('by hand it rings too, a drill never', async () => {
  const it = await opened()
  const here = { address: null }
  const asked = { title: 'Ana’s phone does not ring', service: null, tier: null, description: '', flags: [] }
  await it.house.room.declare(ana, asked, here)
  const { all: rings, top } = await it.see()
  expect([rings, top[0]?.what]).toEqual([1, 'Declared by hand'])
  const [declared] = (await it.house.store.read.factsOf('INC-1001')).filter(({ type }) => type === 'declared')
  it.load.apply([{ ...declared, incidentId: 'INC-2000', drill: true } as never])
  expect((await it.load.load(all, '24h', null)).all).toBe(1)
})

it('what fires three times within a minute chatters; what fires for longer than a day and is held back by nothing stands', async () => {
  const it = await opened()
  for (let times = 0; times < 3; times++) {
    await fires(it, slow)
    it.house.later(9_000)
    await fires(it, slow, true)
    it.house.later(9_000)
  }
  await it.house.alert({ alertname: 'Old', service: 'disk', severity: 'warning' }, { endsAt: '2027-01-01T00:00:00Z' })
  const now = await it.see()
  expect(now.chattering).toMatchObject([{ title: 'Slow', incidentId: 'INC-1001', times: 1, damped: false }])
  expect(now.metrics.find(({ id }) => id === 'chattering')).toMatchObject({ value: 1, verdict: 'beyond' })
  expect(now.standingInAll).toBe(0)
  it.house.later(24 * hourMs + minuteMs)
  expect(await it.see()).toMatchObject({ all: 0, chattering: [], standing: [{ title: 'Old' }], standingInAll: 1 })
  expect((await it.see(all, '7d')).chatteringInAll).toBe(1)
  await it.house.room.silences.set(
    { by: 'person:ana', address: null },
    {
      matchers: [{ name: 'alertname', op: '=', value: 'Old' }],
      ...{ startsAt: it.house.now, endsAt: it.house.now + hourMs, createdBy: 'Ana', comment: 'known' },
    },
  )
  it.house.later(6_000)
  expect((await it.see()).standingInAll).toBe(0)
})

it('remembers a week, however long the house runs', async () => {
  const it = await opened()
  await fires(it, slow)
  it.house.later(8 * 24 * hourMs)
  await fires(it, { alertname: 'Other', service: 'search', severity: 'warning' })
  const { all: rings, periods, from, to } = await it.see(all, '7d')
  expect([rings, to - from]).toEqual([1, 7 * 24 * hourMs])
  expect([periods.length, periods.at(-1)]).toEqual([7 * 24 * 6 + 1, 1])
})

it('what becomes durable while the journal is read is in it once', async () => {
  const it = await opened()
  await fires(it, slow)
  const { house } = it
  const load = makeAlarmLoad({
    read: house.store.read,
    clock: { now: () => house.now },
    filter: () => house.room.world().filter,
    incident: (id) => house.room.world().incidents.get(id),
    sees: house.room.sees,
  })
  house.onDurable = ({ facts }) => load.apply(facts)
  const reading = load.reset()
  await fires(it, { alertname: 'Other', service: 'search', severity: 'warning' })
  await reading
  expect((await load.load(all, '24h', null)).all).toBe(2)
})
