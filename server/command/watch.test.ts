import { describe, expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import type { Watch } from '#shared/watch.ts'
import { adapterById } from '../intake/index.ts'
import { expiryGraceMs } from './due.ts'
import { watchSourceId } from './index.ts'
import { House, source } from './room.fixture.ts'

const silence: Watch = {
  id: 'silence',
  hears: 'anything',
  expected: { everyMs: 10 * minuteMs },
  graceMs: 0,
  runMs: null,
  afterFirst: false,
  name: 'Prometheus',
  severity: 'critical',
  service: 'metrics',
}
const job: Watch = { ...silence, id: 'schedule', hears: 'success', name: 'backup', afterFirst: true, graceMs: minuteMs }
const incidents = (house: House) => [...house.room.world().incidents.values()]
const alerts = (house: House) => [...house.room.world().filter.alerts()]

async function ping(house: House, path = ''): Promise<void> {
  const adapter = adapterById('healthchecks/ping')
  if (adapter === undefined) throw new TypeError('there is no such adapter')
  const plain = { contentType: '', method: 'GET', query: '', headers: {}, settings: {}, receivedAt: house.now }
  const raw = { ...plain, body: Buffer.from(''), path }
  const checked = { ...source, id: 's_job', kind: 'healthchecks', group: 's_job' }
  await house.room.receive(checked, adapter, raw, adapter.parse(raw))
}
/** The clock moves, and what is due is handled. */
async function passes(house: House, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    house.later(minuteMs).room.tick()
    await Promise.resolve()
  }
  await house.store.commit({})
}

describe('a source that must not fall silent', () => {
  it('W1: its silence opens an incident by itself, is counted as an event, and ends with its next word', async () => {
    const house = await House.open()
    await house.room.watch(source.id, [silence])
    await house.alert({ alertname: 'Watchdog', severity: 'none' })
    await passes(house, 12)
    const [incident] = incidents(house)
    expect(incident).toMatchObject({ title: 'Prometheus is silent', service: 'metrics' })
    expect(house.room.world().filter.watches.silentSince(source.id)).not.toBeNull()

    const told = house.shown.flatMap(({ intakes }) => intakes).filter(({ sourceId }) => sourceId === watchSourceId)
    expect(told.map(({ counts }) => counts)).toEqual([{ opened: 1 }])
    const [decision] = await house.store.read.decisionsOf(incident?.id ?? '', 10)
    expect(decision).toMatchObject({ outcome: 'opened', sourceId: watchSourceId })

    await house.alert({ alertname: 'Watchdog', severity: 'none' })
    expect(alerts(house).find(({ title }) => title === 'Prometheus is silent')?.status).toBe('resolved')
    expect(house.room.world().filter.watches.silentSince(source.id)).toBeNull()
    const ledger = await house.store.read.ledger(0)
    const own = ledger.filter(({ sourceId }) => sourceId === watchSourceId)
    expect(own.reduce((sum, row) => sum + row.accepted, 0)).toBe(2)
  })

  it('F2, W2: a restart neither forgets the watch, nor tells of the same silence twice', async () => {
    const before = await House.open()
    await before.room.watch(source.id, [silence])
    await passes(before, 5)
    const house = await before.restart()
    expect(house.room.world().filter.watches.of(source.id)).toEqual([silence])
    await passes(house, 12)
    expect(incidents(house)).toHaveLength(1)
    const again = await house.restart()
    await passes(again, 30)
    expect(incidents(again)).toHaveLength(1)
    expect(alerts(again)).toHaveLength(1)
  })

  it('is not found silent right after a start: it could not be heard while nobody listened', async () => {
    const before = await House.open()
    await before.room.watch(source.id, [silence])
    before.later(60 * minuteMs)
    const house = await before.restart()
    house.room.tick()
    expect(incidents(house)).toHaveLength(0)
    house.later(expiryGraceMs).room.tick()
    expect(incidents(house)).toHaveLength(1)
  })

  it('is written down only when what is expected changes', async () => {
    const house = await House.open()
    await house.room.watch(source.id, [silence])
    const { pos } = house.room.world()
    await house.room.watch(source.id, [{ ...silence }])
    expect(house.room.world().pos).toBe(pos)
    await house.room.watch(source.id, [])
    expect(house.room.world().filter.nextDueAt()).toBeNull()
  })
})

describe('a job that pings', () => {
  it('that is late opens an incident; its next success ends the alert', async () => {
    const house = await House.open()
    await house.room.watch('s_job', [job])
    await ping(house)
    await passes(house, 10)
    expect(incidents(house)).toHaveLength(0)
    await passes(house, 2)
    expect(incidents(house)).toMatchObject([{ title: 'backup did not report in time' }])
    await ping(house)
    expect(alerts(house)).toMatchObject([{ status: 'resolved' }])
  })

  it('that fails says so itself, once, and is one alert with what the watch finds', async () => {
    const house = await House.open()
    await house.room.watch('s_job', [job])
    await ping(house)
    await ping(house, '1')
    await passes(house, 60)
    expect(alerts(house)).toMatchObject([{ title: 'A job failed with exit status 1', status: 'firing' }])
    await ping(house)
    await passes(house, 12)
    expect(alerts(house)).toHaveLength(1)
    expect(alerts(house)[0]).toMatchObject({ title: 'backup did not report in time', status: 'firing', refires: 1 })
  })
})
