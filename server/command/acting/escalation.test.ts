import { describe, expect, test } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import type { FactOf, FactType, RecordedFact } from '#shared/incident/facts.ts'
import { type PolicyInput, policySchema } from '#shared/policy.ts'
import { noRota, type Rota } from '../../duty/port.ts'
import { ana, ben, carla, House, person } from '../room.fixture.ts'

const actors = { ana, ben, carla, dan: person('dan', 'responder') }
const monday = Date.UTC(2026, 0, 5, 3)
const rota = (who: Record<string, readonly string[]>, over: Partial<Rota> = {}): Rota => ({
  ...noRota,
  onCall: (rotation) => who[rotation] ?? [],
  onCallOfTeam: (team) => who[team] ?? [],
  ...over,
})

/** A house with its own policy and rota, and one incident of the service checkout that an alert opened. */
async function opened(policy: PolicyInput, on: Rota, commanders: readonly string[] = []) {
  const house = await House.open(undefined, monday, undefined, {
    policy: policySchema.parse(policy),
    rota: on,
    commanders: () => commanders,
  })
  await house.alert({ alertname: 'Down', service: 'checkout', severity: 'critical' })
  return house
}
const facts = async <T extends FactType>(house: House, type: T) =>
  (await house.store.read.factsOf('INC-1001')).filter((fact): fact is RecordedFact & FactOf<T> => fact.type === type)
const tick = async (house: House, ms = 0) => {
  house.later(ms).room.tick()
  await house.settled()
}

const shop = {
  teams: [{ id: 'pay', members: ['ana', 'ben'] }],
  services: [{ id: 'checkout', team: 'pay' }],
} satisfies PolicyInput

describe('escalation', () => {
  test('E1 what nobody owns is told at once, step by step, again as often as the policy says, and no more', async () => {
    const steps = [
      { notify: ['on-call'], wait: '5m' },
      { notify: ['dan', 'channel:ops'], wait: '10m' },
    ]
    const house = await opened(
      { ...shop, escalation_policies: [{ id: 'p', steps, repeat: 1 }] },
      rota({ pay: ['ben'] }),
    )
    await tick(house)
    await tick(house)
    await tick(house, 5 * minuteMs - 1)
    expect(await facts(house, 'paged')).toHaveLength(1)
    for (let minute = 0; minute < 120; minute++) await tick(house, minuteMs)
    const paged = await facts(house, 'paged')
    expect(paged).toMatchObject([
      { step: 0, round: 0, reason: 'first', people: ['ben'], channels: [], by: 'system:clock' },
      { step: 1, round: 0, reason: 'escalated', people: ['dan'], channels: ['ops'] },
      { step: 0, round: 1, reason: 'reminder', people: ['ben'] },
      { step: 1, round: 1, reason: 'escalated', people: ['dan'], nextAt: null },
    ])
  })

  test('E1 a claim ends it; what is given back begins again', async () => {
    const house = await opened({ ...shop }, rota({ pay: ['ben'] }))
    await tick(house)
    await house.does(actors.ana, 'INC-1001', { type: 'claim' })
    await tick(house, 60 * minuteMs)
    expect(await facts(house, 'paged')).toHaveLength(1)
    await house.does(actors.ana, 'INC-1001', { type: 'release', reason: 'I must go.' })
    await tick(house)
    expect(await facts(house, 'paged')).toMatchObject([{ step: 0 }, { step: 0, round: 0, reason: 'first' }])
  })

  test('E1 a restart at every step tells nobody twice', async () => {
    let house = await opened({ ...shop }, rota({ pay: ['ben'] }), ['carla'])
    for (let minute = 0; minute < 60; minute++) {
      await tick(house, minuteMs)
      house = await house.restart()
      await tick(house)
    }
    const paged = await facts(house, 'paged')
    expect(paged.map(({ step, round }) => [step, round])).toEqual(
      [0, 1, 2].flatMap((round) => [
        [0, round],
        [1, round],
      ]),
    )
  })

  test('E6 a team is whoever is on call in it, and where nobody is, all of it; E5 without a team, who commands', async () => {
    const alone = await opened({ ...shop }, noRota)
    await tick(alone)
    expect(await facts(alone, 'paged')).toMatchObject([{ people: ['ana', 'ben'] }])
    const nobodys = await opened({}, noRota, ['carla'])
    await tick(nobodys)
    expect(await facts(nobodys, 'paged')).toMatchObject([{ people: ['carla'] }])
  })

  test('E7 a step that means nobody now costs no time; where all do, that is said once', async () => {
    const steps = [{ notify: ['rotation:night'] }, { notify: ['dan'] }]
    const rotations = [
      {
        id: 'night',
        team: 'pay',
        time_zone: 'Europe/Berlin',
        layers: [{ name: 'one', people: ['ana'], starts: '2026-01-05T20:00', turn: '1w' }],
      },
    ] as unknown as NonNullable<PolicyInput['rotations']>
    const house = await opened({ ...shop, rotations, escalation_policies: [{ id: 'p', steps }] }, rota({}))
    await tick(house)
    expect(await facts(house, 'paged')).toMatchObject([{ step: 1, people: ['dan'] }])
    const nobody = await opened({}, noRota)
    for (let minute = 0; minute < 30; minute++) await tick(nobody, minuteMs)
    expect(await facts(nobody, 'paged')).toMatchObject([{ people: [], channels: [], nextAt: null }])
  })

  test('E7 whom nobody could be told of is told as soon as somebody comes on call', async () => {
    const on = { pay: [] as readonly string[] }
    const policy = { ...shop, teams: [{ id: 'pay', members: [] }] }
    const house = await opened(policy, rota(on))
    for (let minute = 0; minute < 90; minute++) await tick(house, minuteMs)
    expect(await facts(house, 'paged')).toHaveLength(1)
    on.pay = ['ben']
    await tick(house, minuteMs)
    await tick(house, minuteMs)
    expect((await facts(house, 'paged')).slice(1)).toMatchObject([
      { step: 0, round: 0, reason: 'first', people: ['ben'] },
    ])
  })

  test('E5 a gap in the turns of those who command leaves the others who may', async () => {
    const house = await opened({ commanders: ['dan'] }, noRota, ['carla'])
    await tick(house)
    expect(await facts(house, 'paged')).toMatchObject([{ people: ['dan'] }])
    const gap = await opened({ commanders: ['nobody'] }, noRota, ['carla'])
    await tick(gap)
    expect(await facts(gap, 'paged')).toMatchObject([{ people: ['carla'] }])
  })

  test('E5 commanders that are said to be the commanders are all of them', async () => {
    const house = await opened({ commanders: ['commanders', 'on-call'] }, noRota, ['carla'])
    await tick(house)
    expect(await facts(house, 'paged')).toMatchObject([{ people: ['carla'] }])
  })

  test('E1 one incident of which it cannot be said who is on call keeps no other from being told', async () => {
    const onCallOfTeam = (team: string) => {
      if (team === 'pay') throw new RangeError('its turns cannot be reckoned')
      return ['ben']
    }
    const broken = rota({}, { onCallOfTeam })
    const teams = [...shop.teams, { id: 'web', members: ['ben'] }]
    const services = [...shop.services, { id: 'site', team: 'web' }]
    const house = await opened({ teams, services }, broken)
    await house.alert({ alertname: 'Slow', service: 'site', severity: 'critical' })
    await tick(house)
    expect(house.room.incident('INC-1001')?.paging).toBeUndefined()
    expect(house.room.incident('INC-1002')?.paging).toMatchObject({ people: ['ben'] })
  })

  test('E1 another policy begins at its own first step', async () => {
    const steps = [{ notify: ['on-call'] }, { notify: ['dan'] }]
    const p = { id: 'p', steps }
    const house = await opened({ ...shop, escalation_policies: [p] }, rota({ pay: ['ben'] }))
    await tick(house)
    const policy = policySchema.parse({
      ...shop,
      escalation_policies: [{ ...p, id: 'q', steps: [{ notify: ['ana'] }, ...steps] }],
    })
    await house.room.activatePolicy({ hash: 'next', policy, text: '' })
    await tick(house, 5 * minuteMs)
    expect((await facts(house, 'paged')).at(-1)).toMatchObject({ policy: 'q', step: 0, people: ['ana'] })
  })

  test('quiet hours of a tier wait until they end, and not once it is graded higher', async () => {
    const time_intervals = [
      { name: 'nights', time_intervals: [{ times: [{ start_time: '00:00', end_time: '07:00' }] }] },
    ] as unknown as NonNullable<PolicyInput['time_intervals']>
    const definitions = [{ name: 'small', match: ['severity="critical"'], as: 3 as const }]
    const escalation_policies = [
      { id: 'p', steps: [{ notify: ['on-call'] }], quiet: [{ tiers: [3 as const], intervals: ['nights'] }] },
    ]
    const policy = { ...shop, time_intervals, definitions, escalation_policies }
    const house = await opened(policy, rota({ pay: ['ben'] }))
    await tick(house)
    await tick(house, 60 * minuteMs)
    const seven = monday + 4 * 60 * minuteMs
    expect(await facts(house, 'paged')).toMatchObject([{ people: [], quietUntil: seven, nextAt: seven }])
    await tick(house, 3 * 60 * minuteMs)
    expect((await facts(house, 'paged')).at(-1)).toMatchObject({ people: ['ben'], step: 0, quietUntil: null })
    const graver = await opened(policy, rota({ pay: ['ben'] }))
    await tick(graver)
    await graver.does(actors.carla, 'INC-1001', { type: 'classify', tier: 1, reason: 'Everybody is hit.' })
    await tick(graver)
    expect((await facts(graver, 'paged')).at(-1)).toMatchObject({ people: ['ben'], quietUntil: null })
  })

  test('E2 an offer that nobody answered is told to the next in the policy and the commander; its giver keeps it', async () => {
    const house = await opened({ ...shop }, rota({ pay: ['ben'] }), ['carla'])
    await house.does(actors.ana, 'INC-1001', { type: 'claim' })
    await house.does(actors.ana, 'INC-1001', { type: 'offer', to: 'ben', brief: { situation: 'It fails.' } })
    await tick(house, 2 * minuteMs)
    await tick(house, 2 * minuteMs)
    expect(await facts(house, 'paged')).toMatchObject([{ reason: 'escalated', people: ['carla'], nextAt: null }])
    expect(house.room.incident('INC-1001')).toMatchObject({ owner: 'ana', offer: null })
    const allotted = await opened({ ...shop }, rota({ pay: ['ben'] }), ['carla'])
    await tick(allotted)
    await allotted.does(actors.carla, 'INC-1001', { type: 'offer', to: 'ben', brief: { situation: 'It fails.' } })
    await tick(allotted, 2 * minuteMs)
    await tick(allotted)
    expect((await facts(allotted, 'paged')).at(-1)).toMatchObject({ step: 1, people: ['carla'] })
  })

  test('E8 where no commander is on, the next step of the escalation may take over; else only commanders', async () => {
    const steps = [{ notify: ['on-call'] }, { notify: ['dan'] }]
    const policy = { ...shop, escalation_policies: [{ id: 'p', steps }] }
    const away = { type: 'take-over', reason: 'Ana does not answer.' }
    const commanded = await opened(policy, rota({ pay: ['ben'] }), ['carla'])
    await commanded.does(actors.ana, 'INC-1001', { type: 'claim' })
    await expect(commanded.does(actors.dan, 'INC-1001', away)).rejects.toMatchObject({ code: 'not-allowed' })
    const house = await opened(policy, rota({ pay: ['ben'] }))
    await house.does(actors.ana, 'INC-1001', { type: 'claim' })
    await house.does(actors.dan, 'INC-1001', away)
    expect(house.room.incident('INC-1001')?.chain.at(-1)).toMatchObject({ holder: 'dan', began: 'taken-over' })
  })
})

test('R1 a role is offered to a person or a team by name, and to nobody who is not there', async () => {
  const house = await opened({ ...shop }, noRota)
  const role = 'scribe'
  await house.does(actors.ana, 'INC-1001', { type: 'claim' })
  const offer = (person: string) => house.does(actors.ana, 'INC-1001', { type: 'assign-role', role, person })
  await expect(offer('nobody')).rejects.toMatchObject({ code: 'not-found' })
  await offer('dan')
  await house.does(actors.dan, 'INC-1001', { type: 'decline', role, reason: 'Busy.' })
  await offer('team:pay')
  expect(house.room.incident('INC-1001')?.roles?.scribe?.offer?.eligible).toEqual(['ana', 'ben'])
})

test('R5 who speaks for the house may be communications, scribe or liaison, and neither lead nor own', async () => {
  const house = await opened({ ...shop }, noRota)
  const cora = person('cora', 'communications')
  await house.does(actors.ana, 'INC-1001', { type: 'claim' })
  await house.does(actors.ana, 'INC-1001', { type: 'assign-role', role: 'communications', person: 'cora' })
  await house.does(cora, 'INC-1001', { type: 'accept', role: 'communications', revision: 1, readBack: 'I tell all.' })
  expect(house.room.incident('INC-1001')?.roles?.communications?.holder).toBe('cora')
  await expect(
    house.does(actors.ana, 'INC-1001', { type: 'assign-role', role: 'commander', person: 'cora' }),
  ).rejects.toMatchObject({ code: 'not-found' })
  for (const act of [
    { type: 'assign-role', role: 'commander', person: 'cora' },
    { type: 'claim' },
    { type: 'take-over', reason: 'I am here.' },
  ])
    await expect(house.does(cora, 'INC-1001', act)).rejects.toMatchObject({ code: 'not-allowed' })
})

describe('the end of a shift', () => {
  const ends = monday + 60 * minuteMs
  const shift = rota(
    { pay: ['ana'] },
    {
      shiftOf: (person, at) =>
        person === 'ana' && at < ends ? { rotation: 'day', endsAt: ends, next: ['ben'] } : null,
    },
  )

  test('E3 relief is prepared once, a quarter of an hour before; E4 who still owns it at the end stays, and that is told once', async () => {
    let house = await opened({ ...shop }, shift, ['carla'])
    await house.does(actors.ana, 'INC-1001', { type: 'claim' })
    await tick(house, 45 * minuteMs - 1)
    expect(await facts(house, 'relief-prepared')).toEqual([])
    for (let minute = 0; minute < 40; minute++) {
      await tick(house, minuteMs)
      house = await house.restart()
    }
    expect(await facts(house, 'relief-prepared')).toMatchObject([
      { owner: 'ana', rotation: 'day', endsAt: ends, to: ['ben'] },
    ])
    expect(await facts(house, 'shift-ended')).toMatchObject([{ owner: 'ana', endsAt: ends }])
    expect(house.room.incident('INC-1001')?.owner).toBe('ana')
  })

  test('E4 a shift that was made longer after relief was prepared has not ended', async () => {
    let end = ends
    const longer = rota(
      { pay: ['ana'] },
      { shiftOf: (who, at) => (who === 'ana' && at < end ? { rotation: 'day', endsAt: end, next: ['ben'] } : null) },
    )
    const house = await opened({ ...shop }, longer, ['carla'])
    await house.does(actors.ana, 'INC-1001', { type: 'claim' })
    await tick(house, 50 * minuteMs)
    end = ends + 120 * minuteMs
    for (let minute = 0; minute < 30; minute++) await tick(house, minuteMs)
    expect(await facts(house, 'shift-ended')).toEqual([])
    for (let minute = 0; minute < 120; minute++) await tick(house, minuteMs)
    expect(await facts(house, 'relief-prepared')).toMatchObject([{ endsAt: ends }, { endsAt: end }])
    expect(await facts(house, 'shift-ended')).toMatchObject([{ endsAt: end }])
  })

  test('E4 one that was accepted in time is told to nobody', async () => {
    const house = await opened({ ...shop }, shift, ['carla'])
    await house.does(actors.ana, 'INC-1001', { type: 'claim' })
    await tick(house, 50 * minuteMs)
    await house.does(actors.ana, 'INC-1001', { type: 'offer', to: 'ben', brief: { situation: 'It fails.' } })
    await house.does(actors.ben, 'INC-1001', { type: 'accept', revision: 1, readBack: 'It fails, I look at the pool.' })
    await tick(house, 30 * minuteMs)
    expect(await facts(house, 'shift-ended')).toEqual([])
  })
})

test('U1 an update that was promised and did not come is noted once, and again for the next', async () => {
  const house = await opened({ ...shop }, noRota)
  await house.does(actors.ana, 'INC-1001', { type: 'claim' })
  await house.does(actors.ana, 'INC-1001', { type: 'update', text: 'We look.', nextInMin: 10 })
  await tick(house, 10 * minuteMs)
  await tick(house, minuteMs)
  expect(await facts(house, 'update-late')).toHaveLength(1)
  await house.does(actors.ana, 'INC-1001', { type: 'update', text: 'We still look.', nextInMin: 10 })
  await tick(house, 10 * minuteMs)
  expect(await facts(house, 'update-late')).toHaveLength(2)
})
