import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '#shared/clocks.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { makeCommandRoom } from './index.ts'
import { ana, ben, brief, carla, House, here, person, refusal, source, vera } from './room.fixture.ts'

const filterStateOf = (house: House) => house.room.world().filter.beginCheckpoint().filter
const checkoutDown = { alertname: 'CheckoutDown', service: 'checkout', severity: 'critical' }

describe('from an event to an incident that somebody owns', () => {
  test('an alert opens an incident; log entry, outcome and facts are durable together', async () => {
    const house = await House.open()
    await house.alert(checkoutDown, { annotations: { summary: 'Checkout is down' } })
    expect(house.room.incident('INC-1001')).toMatchObject({
      title: 'Checkout is down',
      service: 'checkout',
      owner: null,
      provisional: true,
      alerts: { total: 1 },
    })
    expect((await house.store.read.factsOf('INC-1001')).map((fact) => fact.type)).toEqual([
      'declared',
      'alerts-attached',
    ])
    expect(await house.store.read.ledger(0)).toMatchObject([{ accepted: 1, counts: { opened: 1 } }])
    expect(await house.store.read.logAfter(0, 10)).toMatchObject([{ pos: 1, kind: 'request', sourceId: 's_1' }])
  })

  test('nothing is shown before it is durable', async () => {
    const house = await House.open()
    house.store.hold(true)
    const sent = house.alert(checkoutDown)
    await Promise.resolve()
    expect(house.shown).toEqual([])
    house.store.hold(false)
    await sent
    expect(house.shown).toHaveLength(1)
  })

  test('a repeat adds no fact and no revision; it is heard and counted', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    for (let minute = 1; minute <= 5; minute++) await house.later(minuteMs).alert(checkoutDown)
    expect(await house.store.read.factsOf('INC-1001')).toHaveLength(2)
    expect(house.room.world().filter.vitalsOf('INC-1001')).toMatchObject({ events: 6, heardAt: house.now })
    expect(house.shown.at(-1)?.touched).toEqual(new Set(['INC-1001']))
  })

  test('silence until the promised repeat resolves the alert, by the clock alone', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    house.later(5 * minuteMs - 1).room.tick()
    expect(house.room.incident('INC-1001')?.alerts.firing).toBe(1)
    house.later(1).room.tick()
    expect(house.room.incident('INC-1001')?.alerts.firing).toBe(0)
  })
})

describe('commands', () => {
  test('O1 of 200 claims at once one wins; every other is told who', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    const claims = Array.from({ length: 200 }, (_, index) =>
      house.does(person(`p${index}`, 'responder'), 'INC-1001', { type: 'claim' }, 'claim'),
    )
    const settled = await Promise.allSettled(claims)
    expect(settled.filter((each) => each.status === 'fulfilled')).toHaveLength(1)
    const owner = house.room.incident('INC-1001')?.owner
    for (const each of settled)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'already-owned', details: { owner } })
  })

  test('C1 the same id acts once: at once, later, and after a restart', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    const [first, second] = await Promise.all([
      house.does(ana, 'INC-1001', { type: 'note', text: 'seen' }, 'n'),
      house.does(ana, 'INC-1001', { type: 'note', text: 'seen' }, 'n'),
    ])
    expect(second).toEqual(first)
    const after = await house.restart()
    expect(await after.does(ana, 'INC-1001', { type: 'note', text: 'seen' }, 'n')).toEqual(first)
    expect((await house.store.read.factsOf('INC-1001')).filter((fact) => fact.type === 'noted')).toHaveLength(1)
    expect(await refusal(after.does(ana, 'INC-1001', { type: 'note', text: 'other' }, 'n'))).toBe('command-id-reused')
    expect(await refusal(after.does(ben, 'INC-1001', { type: 'note', text: 'other' }, 'n'))).toBe('done')
  })

  test('C1 a refusal is a stored answer too', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    await house.does(ana, 'INC-1001', { type: 'claim' })
    expect(await refusal(house.does(ben, 'INC-1001', { type: 'claim' }, 'late'))).toBe('already-owned')
    await house.does(ana, 'INC-1001', { type: 'release', reason: 'wrong team' })
    expect(await refusal(house.does(ben, 'INC-1001', { type: 'claim' }, 'late'))).toBe('already-owned')
    expect(await refusal(house.does(ben, 'INC-1001', { type: 'claim' }, 'again'))).toBe('done')
  })

  test('every command and refusal is in the audit, by id, with the address', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    await house.does(ana, 'INC-1001', { type: 'claim' })
    await refusal(house.does(ben, 'INC-1001', { type: 'claim' }))
    await refusal(house.does(vera, 'INC-1001', { type: 'claim' }))
    expect(await house.store.read.audit(0, 10)).toMatchObject([
      { by: 'person:ana', action: 'command.claim', outcome: 'done', address: '127.0.0.1' },
      { by: 'person:ben', action: 'command.claim', outcome: 'refused', detail: { code: 'already-owned' } },
      { by: 'person:vera', action: 'command.claim', outcome: 'refused', detail: { code: 'not-allowed' } },
    ])
  })

  test('nothing is handed to nobody', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    expect(await refusal(house.does(carla, 'INC-1001', { type: 'offer', to: 'nobody', brief }))).toBe('not-found')
    expect(await refusal(house.does(carla, 'INC-1001', { type: 'offer', to: 'vera', brief }))).toBe('not-found')
    expect(await refusal(house.does(ana, 'INC-1001', { type: 'assist', person: 'nobody' }))).toBe('not-found')
    expect(await refusal(house.does(ana, 'INC-9999', { type: 'claim' }))).toBe('not-found')
  })

  test('T1 a task is given to somebody who exists, or to nobody, and is there after a restart', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    const add = { type: 'add-task', text: 'Check the replicas', dueInMin: 10 }
    expect(await refusal(house.does(ana, 'INC-1001', { ...add, person: 'nobody' }))).toBe('not-found')
    expect(await refusal(house.does(vera, 'INC-1001', add))).toBe('not-allowed')
    await house.does(ana, 'INC-1001', { ...add, person: 'ben' })
    await house.does(ben, 'INC-1001', { type: 'set-task', task: 1, state: 'open', person: null })
    await house.room.checkpoint()
    const after = await house.restart()
    expect(after.room.incident('INC-1001')?.tasks).toEqual(house.room.incident('INC-1001')?.tasks)
    expect(after.room.incident('INC-1001')?.tasks).toMatchObject([{ id: 1, state: 'open', person: null }])
  })

  test('an incident by hand takes the next number, and so does the next alert', async () => {
    const house = await House.open()
    const what = { title: 'Customers call', service: null, tier: null, description: '', flags: [] }
    expect((await house.room.declare(ana, what, here)).incidentId).toBe('INC-1001')
    await house.alert(checkoutDown)
    expect(house.room.incident('INC-1002')?.service).toBe('checkout')
    expect(await refusal(house.room.declare(vera, what, here))).toBe('not-allowed')
  })
})

describe('a restart', () => {
  async function busy(): Promise<House> {
    const house = await House.open()
    await house.alert(checkoutDown)
    await house.does(ana, 'INC-1001', { type: 'claim' })
    await house.does(ana, 'INC-1001', { type: 'offer', to: 'ben', brief })
    await house.later(secondMs).alert({ alertname: 'Slow', service: 'search', severity: 'high' })
    return house
  }

  test.each([
    ['with no checkpoint', false],
    ['from a checkpoint', true],
  ])('gives the same state %s', async (_, checkpoint) => {
    const house = await busy()
    if (checkpoint) await house.room.checkpoint()
    await house.alert({ ...checkoutDown, instance: 'b' })
    const after = await house.restart()
    expect(after.room.world().incidents).toEqual(house.room.world().incidents)
    expect(filterStateOf(after)).toEqual(filterStateOf(house))
    await after.alert(checkoutDown)
    expect(await house.store.read.factsOf('INC-1001')).toHaveLength(after.room.incident('INC-1001')?.version ?? 0)
  })

  test('and its first checkpoint holds what changed before the crash', async () => {
    const house = await busy()
    const after = await house.restart()
    await after.room.checkpoint()
    const again = await after.restart()
    expect(again.room.world().incidents).toEqual(house.room.world().incidents)
  })

  test('R1 a source that was changed since does not change how its past is read', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    source.group = 'another'
    try {
      const after = await house.restart()
      expect(filterStateOf(after)).toEqual(filterStateOf(house))
    } finally {
      source.group = 'alertmanager'
    }
  })

  test('what expired while the server was down may be repeated before it is taken to have ended', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    await house.alert({ ...checkoutDown, instance: 'b' })
    const after = await house.later(hourMs).restart()
    after.room.tick()
    await after.later(minuteMs).alert(checkoutDown)
    after.later(minuteMs).room.tick()
    expect(after.room.incident('INC-1001')?.alerts).toEqual({ firing: 1, total: 2 })
  })

  test('D1 an offer’s deadline fires once, however late and however often it is looked for', async () => {
    const house = await busy()
    const after = await house.later(10 * minuteMs).restart()
    expect(await refusal(after.does(ben, 'INC-1001', { type: 'accept', revision: 1, readBack: 'x' }))).toBe(
      'offer-expired',
    )
    after.room.tick()
    after.room.tick()
    const again = await after.restart()
    again.room.tick()
    expect((await house.store.read.factsOf('INC-1001')).filter((fact) => fact.type === 'offer-expired')).toHaveLength(1)
    expect(again.room.incident('INC-1001')).toMatchObject({ owner: 'ana', offer: null, expiries: 1 })
  })

  test('a silent owner is asked, then told of; both once', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    await house.does(ana, 'INC-1001', { type: 'claim' })
    house.later(15 * minuteMs).room.tick()
    house.later(5 * minuteMs).room.tick()
    house.room.tick()
    const types = (await (await house.restart()).store.read.factsOf('INC-1001')).map((fact) => fact.type)
    expect(types.filter((type) => type === 'owner-asked' || type === 'owner-silent')).toEqual([
      'owner-asked',
      'owner-silent',
    ])
  })
})

describe('long after', () => {
  test('an incident that left memory is read again for a command, and goes on where it stood', async () => {
    const house = await House.open()
    await house.room.declare(
      ana,
      { title: 'Customers call', service: null, tier: null, description: '', flags: [] },
      here,
    )
    await house.does(ana, 'INC-1001', { type: 'claim' })
    await house.does(ana, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
    await house.later(25 * hourMs).room.checkpoint()
    expect(house.room.incident('INC-1001')).toBeUndefined()
    await house.does(ben, 'INC-1001', { type: 'reopen', reason: 'it is back' })
    expect(house.shown.at(-1)?.incidents.get('INC-1001')).toMatchObject({ phase: 'investigating', version: 4 })
  })
})

describe('a full disk', () => {
  test('refuses with what to do, shows nothing that is not durable, and goes on from the store when mended', async () => {
    const house = await House.open()
    await house.alert(checkoutDown)
    house.store.fillUp()
    expect(await refusal(house.does(ana, 'INC-1001', { type: 'claim' }))).toBe('store-full')
    expect(await refusal(house.alert({ alertname: 'Other', service: 'search' }))).toBe('store-full')
    expect(house.room.ready()).toBe(false)
    expect(house.shown).toHaveLength(1)
    expect(await house.room.mend()).toBe(true)
    expect(house.restored).toBe(1)
    expect(house.room.incident('INC-1001')?.owner).toBeNull()
    expect(await refusal(house.does(ana, 'INC-1001', { type: 'claim' }))).toBe('done')
    await house.alert({ alertname: 'Other', service: 'search', severity: 'high' })
    expect(house.room.incident('INC-1002')?.service).toBe('search')
  })

  test('more than is safe to hold is refused before it is taken in', async () => {
    const house = await House.open()
    house.store.hold(true)
    const room = makeCommandRoom(
      {
        store: house.store,
        clock: { now: () => house.now },
        people: { exists: () => true, mayRespond: () => true },
        newId: () => 'not asked',
        readerOf: () => null,
        restore: () => Promise.reject(new Error('not asked')),
        onDurable: () => undefined,
        onRestored: () => undefined,
        log: { info: () => undefined, error: () => undefined },
        limits: { backlogBytes: 100, backlogIntentions: 100 },
      },
      house.room.world(),
      builtInPolicy,
    )
    house.room = room
    const first = house.alert({ ...checkoutDown, filler: 'x'.repeat(200) })
    expect(await refusal(house.alert(checkoutDown))).toBe('overloaded')
    house.store.hold(false)
    await first
  })
})
