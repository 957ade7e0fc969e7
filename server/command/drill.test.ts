import { describe, expect, it } from 'vitest'
import { ana, carla, House, refusal, source } from './room.fixture.ts'

const drillSource = { ...source, id: 'drill_1', name: 'Drill: Prometheus', group: 'drill_1' }
const labels = { alertname: 'Down', namespace: 'orders-db', severity: 'critical' }
const catalogue = { services: [{ id: 'orders-db', match: ['namespace="orders-db"'] }] }
const incident = (house: House, id: string) => house.room.incident(id)

async function exercise(): Promise<House> {
  const house = await House.open()
  await house.room.exercise(catalogue)
  await house.alert(labels)
  await house.alert(labels, {}, drillSource)
  return house
}

describe('an exercise in the write path', () => {
  it('DR1: opens its own incident beside the real one of the same alert, marked, with its services', async () => {
    const house = await exercise()
    expect(incident(house, 'INC-1001')).toMatchObject({ drill: false, flags: [], service: null })
    expect(incident(house, 'INC-1002')).toMatchObject({ drill: true, flags: ['drill'], service: 'orders-db' })
    expect(await house.store.read.ledger(0)).toHaveLength(2)
  })

  it('DR1: is never merged with what is real, and what people do to it stays in it', async () => {
    const house = await exercise()
    expect(await refusal(house.does(carla, 'INC-1002', { type: 'merge', into: 'INC-1001' }))).toBe('phase-forbids')
    await house.does(ana, 'INC-1002', { type: 'claim' })
    await house.does(ana, 'INC-1002', { type: 'set-phase', phase: 'resolved' })
    const { filter } = house.room.world()
    expect(filter.provisional('INC-1001')).toBe(true)
    expect(filter.alertsOf('INC-1001')).toHaveLength(1)
  })

  it('DR1: an incident that is split from one of an exercise is of the exercise, and takes its alerts along', async () => {
    const house = await exercise()
    await house.alert({ ...labels, instance: 'second' }, {}, drillSource)
    const [first] = house.room.world().filter.alertsOf('INC-1002')
    await house.does(carla, 'INC-1002', { type: 'split', alerts: [first?.id ?? ''], reason: 'another cause' })
    const other = incident(house, 'INC-1003')
    expect(other).toMatchObject({ drill: true, flags: ['drill'] })
    expect(
      house.room
        .world()
        .filter.alertsOf('INC-1003')
        .map(({ id }) => id),
    ).toEqual([first?.id])
  })

  it('DR2: is over for good when it is, also after a restart in its midst', async () => {
    const house = await (await exercise()).restart()
    expect([...house.room.world().filter.drillAlerts()]).toMatchObject([{ status: 'firing', service: 'orders-db' }])
    await house.room.exercise(null)
    expect([...house.room.world().filter.drillAlerts()]).toMatchObject([{ status: 'resolved' }])
    expect(incident(house, 'INC-1002')?.alerts.firing).toBe(0)
    expect(incident(house, 'INC-1001')?.alerts.firing).toBe(1)
    await house.room.checkpoint()
    const again = await house.restart()
    expect([...again.room.world().filter.drillAlerts()]).toMatchObject([{ status: 'resolved' }])
    await again.alert({ ...labels, instance: 'third' }, {}, drillSource)
    expect([...again.room.world().filter.drillAlerts()].find(({ status }) => status === 'firing')?.service).toBe(null)
  })
})
