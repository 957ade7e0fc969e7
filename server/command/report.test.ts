import { expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { type Report, reportSchema } from '#shared/report.ts'
import { reportAdapter, reportRequest, reportSource } from '../intake/index.ts'
import { ana, House } from './room.fixture.ts'

const written = (id: string, more: Partial<Report> = {}): Report =>
  reportSchema.parse({ id: `report-${id}`, title: 'Cannot pay', felt: 'nuisance', ...more })

async function report(house: House, made: Report, service: string | null = 'checkout', by = 'person:dan') {
  const raw = reportRequest({ by, service, report: made }, house.now)
  const { decisions, touched } = await house.room.receive(reportSource, reportAdapter, raw, reportAdapter.parse(raw))
  const [decision] = decisions
  return decision === undefined
    ? `repeated ${[...touched].join()}`
    : `${decision.outcome} ${decision.incidentId} ${decision.rule}`
}
const alertsOf = (house: House, id: string) =>
  house.room
    .world()
    .filter.alertsOf(id)
    .map(({ status }) => status)

it('a report opens an incident that waits for a person, however small it is felt; another of the same service joins it', async () => {
  const house = await House.open()
  expect(await report(house, written('1'))).toBe('opened INC-1001 same service')
  expect(await report(house, written('2'), 'checkout', 'person:eva')).toBe('attached INC-1001 same service')
  expect(house.room.incident('INC-1001')).toMatchObject({
    phase: 'triage',
    tier: null,
    alerts: { total: 2, firing: 2 },
  })
})

it('it joins what machines have seen of the service', async () => {
  const house = await House.open()
  await house.alert({ alertname: 'Errors', service: 'checkout', severity: 'critical' })
  expect(await report(house, written('1'))).toBe('attached INC-1001 same service')
})

it('of a service in own words, two of the same words belong together', async () => {
  const house = await House.open()
  const printer = (id: string) => written(id, { service: 'The Printer' })
  expect(await report(house, printer('1'), null)).toBe('opened INC-1001 same vendor group')
  expect(await report(house, printer('2'), null)).toBe('attached INC-1001 same vendor group')
  expect(house.room.incident('INC-1001')?.service).toBeNull()
})

it('P3: sent twice it is one, before and after a restart and after the end', async () => {
  const house = await House.open()
  await report(house, written('1'))
  expect(await report(house.later(1000), written('1'))).toBe('repeated INC-1001')
  const again = await house.restart()
  expect(await report(again.later(1000), written('1'))).toBe('repeated INC-1001')
  await again.does(ana, 'INC-1001', { type: 'claim' })
  await again.does(ana, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
  // After a start the senders of what is due get a moment first; it is over by then.
  again.later(30 * minuteMs).room.tick()
  expect(await report(again.later(minuteMs), written('1'))).toBe('repeated INC-1001')
  expect(again.room.incident('INC-1001')).toMatchObject({ phase: 'resolved', alerts: { total: 1, firing: 0 } })
})

it('P2: it never ends by itself; it ends with its incident, and is then forgotten', async () => {
  const house = await House.open()
  await report(house, written('1'))
  await house.does(ana, 'INC-1001', { type: 'claim' })
  house.later(30 * 24 * hourMs).room.tick()
  expect(alertsOf(house, 'INC-1001')).toEqual(['firing'])
  await house.does(ana, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
  house.later(minuteMs).room.tick()
  expect(alertsOf(house, 'INC-1001')).toEqual(['resolved'])
  expect(house.room.incident('INC-1001')?.alerts.firing).toBe(0)
  expect(alertsOf(await house.restart(), 'INC-1001')).toEqual(['resolved'])
  await house.later(3 * hourMs).alert({ alertname: 'Other', severity: 'critical' })
  expect(alertsOf(house, 'INC-1001')).toEqual([])
})

it('an alert of a machine in the same incident fires on until its sender ends it', async () => {
  const house = await House.open()
  await house.alert(
    { alertname: 'Errors', service: 'checkout', severity: 'critical' },
    { endsAt: '2027-01-01T00:00:00Z' },
  )
  await report(house, written('1'))
  await house.does(ana, 'INC-1001', { type: 'claim' })
  await house.does(ana, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
  house.later(30 * minuteMs).room.tick()
  expect(alertsOf(house, 'INC-1001').sort()).toEqual(['firing', 'resolved'])
})
