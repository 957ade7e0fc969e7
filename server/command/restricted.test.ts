import { describe, expect, it, test } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import { type Command, commandTypes } from '#shared/incident/commands.ts'
import { policySchema } from '#shared/policy.ts'
import { noRota } from '../duty/port.ts'
import { ana, ben, carla, House, here, person, refusal, vera } from './room.fixture.ts'

const what = { title: 'Customers call', service: null, tier: null, description: '', flags: [] }
const restrict = { type: 'flag', flag: 'restricted', on: true }
const lift = { ...restrict, on: false }

/** What a refusal says; `undefined` where there was none. */
const words = (work: Promise<unknown>): Promise<object | undefined> =>
  work.then(
    () => undefined,
    (error: UxbridgeError) => error.body(),
  )

/** `open` belongs to ana; `closed` is restricted, by carla, and nobody else has a part in it. */
async function twoIncidents(house: House) {
  const open = (await house.room.declare(ana, what, here)).incidentId
  await house.does(ana, open, { type: 'claim' })
  const closed = (await house.room.declare(carla, { ...what, title: 'It leaks', flags: ['restricted'] }, here))
    .incidentId
  return { open, closed }
}
const factsOf = async (house: House, id: string) => (await house.store.read.factsOf(id)).map(({ type }) => type)

describe('RS1: commands on what is not there', () => {
  it('are answered as for an incident that never was, each of them, to whoever responds, speaks or only looks', async () => {
    const house = await House.open()
    const { closed } = await twoIncidents(house)
    const before = await factsOf(house, closed)
    const cora = person('cora', 'communications')
    for (const type of commandTypes)
      for (const actor of [ben, vera, cora, { ...ben, id: 'token:t', personId: null }]) {
        // Whatever it asks for: nothing of it is looked at.
        const on = (id: string) => house.room.command(actor, id, { id: `${type} ${id}`, type } as Command, here)
        const [hidden, never] = [await words(on(closed)), await words(on('INC-none'))]
        expect(hidden).toMatchObject({ code: 'not-found' })
        expect(JSON.stringify(hidden).replaceAll(closed, 'INC-none')).toBe(JSON.stringify(never))
      }
    expect(await factsOf(house, closed)).toEqual(before)
  })

  it('keep nothing by which a later one could tell the two apart, over a restart', async () => {
    const house = await House.open()
    const { open, closed } = await twoIncidents(house)
    for (const id of [closed, 'INC-none']) {
      await words(house.does(ben, id, { type: 'note', text: 'there?' }, `probe ${id}`))
      expect(await house.store.read.answer(ben.id, `probe ${id}`)).toBeNull()
      // The same id for another command: it is a new one, as it did nothing before.
      for (const each of [house, await house.restart()])
        expect(await refusal(each.does(ben, open, { type: 'note', text: 'hello' }, `probe ${id}`))).toBe('done')
    }
  })

  it('are in the audit, with whoever asked', async () => {
    const house = await House.open()
    const { closed } = await twoIncidents(house)
    await words(house.does(ben, closed, { type: 'claim' }))
    const found = (await house.store.read.audit(0, 100)).filter(({ subject }) => subject === closed)
    expect(found.at(-1)).toMatchObject({
      by: ben.id,
      action: 'command.claim',
      outcome: 'refused',
      address: here.address,
    })
  })

  it('cannot merge into it, nor take back what concerns it, and are told what they are told of none', async () => {
    const house = await House.open()
    const { open, closed } = await twoIncidents(house)
    const [hidden, never] = await Promise.all(
      [closed, 'INC-none'].map((into) => words(house.does(ana, open, { type: 'merge', into }))),
    )
    expect(JSON.stringify(hidden).replaceAll(closed, 'INC-none')).toBe(JSON.stringify(never))
    expect(await factsOf(house, open)).toEqual(['declared', 'claimed'])
  })

  it('reach it for whoever has a part in it: who is called on may claim, and who restricted it goes on', async () => {
    const house = await House.open()
    const { open, closed } = await twoIncidents(house)
    expect(await refusal(house.does(ben, closed, { type: 'claim' }))).toBe('not-found')
    await house.does(carla, closed, { type: 'escalate', person: 'ben' })
    expect(await refusal(house.does(ben, closed, { type: 'claim' }))).toBe('done')
    expect(await refusal(house.does(ben, open, restrict))).toBe('done')
    expect(await refusal(house.does(ben, open, { type: 'note', text: 'mine' }))).toBe('done')
    expect(await refusal(house.does(ben, open, lift))).toBe('not-allowed')
  })
})

describe('RS1: who is on call for it', () => {
  /** Who is on call for the team of `checkout`, as the test says. */
  async function houseOnCall() {
    const on = { call: ['ben'] as string[] }
    const policy = policySchema.parse({
      teams: [{ id: 'pay', members: [] }],
      services: [{ id: 'checkout', team: 'pay' }],
    })
    const rota = { ...noRota, onCallOfTeam: (team: string) => (team === 'pay' ? on.call : []) }
    const house = await House.open(undefined, undefined, undefined, { policy, rota })
    const declared = { ...what, service: 'checkout', flags: ['restricted' as const] }
    const { incidentId: id } = await house.room.declare(carla, declared, here)
    return { house, on, id }
  }

  it('sees it while they are, and has what they said in it answered to them no more when they are not', async () => {
    const { house, on, id } = await houseOnCall()
    expect(house.room.sees(ben, id)).toBe(true)
    const note = { type: 'note', text: 'The key is in the vault.' }
    const first = await house.does(ben, id, note, 'n1')
    expect((await house.does(ben, id, note, 'n1')).facts).toEqual(first.facts)
    on.call = ['ana']
    expect([house.room.sees(ben, id), house.room.sees(ana, id)]).toEqual([false, true])
    expect(await refusal(house.does(ben, id, note, 'n1'))).toBe('not-found')
    // It is his answer again when it is his incident again, and it was done once.
    on.call = ['ben']
    expect((await house.does(ben, id, note, 'n1')).facts).toEqual(first.facts)
    expect(await factsOf(house, id)).toEqual(['declared', 'noted'])
  })
})

describe('RS3: an answer that concerns two', () => {
  test('is given again without what is of the one that is there no more', async () => {
    const house = await House.open()
    const { open, closed } = await twoIncidents(house)
    const dave = person('dave', 'commander')
    const merge = { type: 'merge', into: closed, reason: 'the same' }
    const first = await house.does(dave, open, merge, 'm1')
    expect(new Set(first.facts.map(({ incidentId }) => incidentId))).toEqual(new Set([open, closed]))
    // He restricted the one by merging it, and goes on seeing that; the other he saw as a commander only.
    const later = person('dave', 'responder')
    for (const again of [house, await house.restart()]) {
      expect([again.room.sees(later, open), again.room.sees(later, closed)]).toEqual([true, false])
      const { facts } = await again.does(later, open, merge, 'm1')
      expect(new Set(facts.map(({ incidentId }) => incidentId))).toEqual(new Set([open]))
    }
  })
})

describe('RS3: what was merged into it before it was restricted', () => {
  test('is restricted with it, however long ago that was and through whatever it was merged, also over a restart', async () => {
    for (const close of ['flag', 'merge'] as const) {
      const house = await House.open()
      const { closed } = await twoIncidents(house)
      const declare = async () => (await house.room.declare(carla, what, here)).incidentId
      const [first, second, target] = [await declare(), await declare(), await declare()]
      await house.does(carla, first, { type: 'merge', into: second })
      await house.does(carla, second, { type: 'merge', into: target })
      await house.later(48 * hourMs).room.checkpoint()
      expect(house.room.world().incidents.has(first)).toBe(false)
      expect(house.room.sees(ben, first)).toBe(true)
      // Restricted itself, or by what it is merged into.
      await house.does(carla, target, close === 'flag' ? restrict : { type: 'merge', into: closed })
      for (const each of [house, await house.restart()])
        for (const id of [first, second, target]) {
          expect([id, each.room.sees(ben, id), each.room.sees(carla, id)]).toEqual([id, false, true])
          expect(await refusal(each.does(ben, id, { type: 'note', text: 'there?' }))).toBe('not-found')
        }
      // Each is opened again by itself.
      await house.does(carla, target, lift)
      expect([house.room.sees(ben, target), house.room.sees(ben, first)]).toEqual([true, false])
      await house.does(carla, first, lift)
      expect(house.room.sees(ben, first)).toBe(true)
    }
  })

  test('a refusal names nothing of it: neither in its words nor beside them', async () => {
    const house = await House.open()
    const { open, closed } = await twoIncidents(house)
    // An offer that was changed by what became a secret.
    await house.alert({ alertname: 'Down', service: 'checkout', instance: 'a', severity: 'critical' })
    await house.alert({ alertname: 'Down', service: 'checkout', instance: 'b', severity: 'critical' })
    const found = [...house.room.world().incidents.values()].find(({ alerts }) => alerts.total === 2)?.id ?? ''
    await house.does(ana, found, { type: 'claim' })
    await house.does(ana, found, { type: 'offer', to: 'ben', brief: { situation: 'It fails.' } })
    const [alert] = house.room.world().filter.alertsOf(found)
    const { facts } = await house.does(carla, found, { type: 'split', alerts: [alert?.id], reason: 'another' })
    const split = facts.find(({ incidentId }) => incidentId !== found)?.incidentId ?? ''
    await house.does(carla, split, restrict)
    const accept = { type: 'accept', revision: 1, readBack: 'In my own words' }
    const refused = JSON.stringify(await words(house.does(ben, found, accept, 'a1')))
    expect(refused).toContain('offer-changed')
    expect(refused).not.toContain(split)
    expect(JSON.stringify(await house.store.read.answer(ben.id, 'a1'))).not.toContain(split)
    const undo = (await house.store.read.factsOf(found)).findLast(({ type }) => type === 'alerts-moved-out')
    expect(JSON.stringify(await words(house.does(ana, found, { type: 'undo', seq: undo?.seq })))).not.toContain(split)
    expect(JSON.stringify(await words(house.does(ana, open, { type: 'merge', into: closed })))).toContain(closed)
  })
})

describe('RS1: restricted while something else is under way', () => {
  test('a command that was let in before is decided before the restriction, or is refused as on none', async () => {
    for (let turns = 0; turns < 14; turns++)
      for (const first of ['merge', 'flag'] as const) {
        const house = await House.open()
        const { open } = await twoIncidents(house)
        const target = (await house.room.declare(carla, what, here)).incidentId
        const merging = () => refusal(house.does(ana, open, { type: 'merge', into: target }))
        const closing = () => refusal(house.does(carla, target, restrict))
        const one = first === 'merge' ? merging() : closing()
        for (let turn = 0; turn < turns; turn++) await null
        const other = first === 'merge' ? closing() : merging()
        const [merged, closed] = first === 'merge' ? [await one, await other] : [await other, await one]
        expect(closed).toBe('done')
        const seqs = new Map((await house.store.read.factsOf(target)).map(({ type, seq }) => [type, seq]))
        if (merged === 'done') expect(seqs.get('alerts-moved-in')).toBeLessThan(seqs.get('flagged') ?? 0)
        else expect(merged).toBe('not-found')
      }
  })
})

describe('what is restricted stays so', () => {
  const restrictedIn = async ({ store }: House) => (await store.read.settings('restricted')).map(({ id }) => id)

  it('over a restart, with and without a checkpoint, and long after it has ended', async () => {
    const first = await House.open()
    const { open, closed } = await twoIncidents(first)
    await first.does(carla, closed, { type: 'claim' })
    await first.does(carla, closed, { type: 'set-phase', phase: 'resolved' })
    await first.does(ana, open, { type: 'set-phase', phase: 'resolved' })
    const house = await first.restart()
    expect([house.room.sees(ben, closed), house.room.sees(ben, open), house.room.sees(carla, closed)]).toEqual([
      ...[false, true, true],
    ])
    // Far beyond the time after which what has ended is read from the store when somebody asks.
    await house.later(48 * hourMs).room.checkpoint()
    const { incidents } = house.room.world()
    expect([incidents.has(open), incidents.has(closed)]).toEqual([false, true])
    for (const each of [house, await house.restart()]) {
      expect(each.room.sees(ben, closed)).toBe(false)
      expect(each.room.sees(null, closed)).toBe(false)
      expect(each.room.sees(carla, closed)).toBe(true)
      expect(await refusal(each.does(ben, closed, { type: 'note', text: 'there?' }))).toBe('not-found')
    }
  })

  it('until a commander lifts it, which a restart remembers too', async () => {
    const house = await House.open()
    const { closed } = await twoIncidents(house)
    expect(await restrictedIn(house)).toEqual([closed])
    await house.does(carla, closed, lift)
    expect(await restrictedIn(house)).toEqual([])
    for (const each of [house, await house.restart()]) {
      expect(each.room.sees(ben, closed)).toBe(true)
      expect(each.room.sees(null, closed)).toBe(true)
    }
    await house.does(ben, closed, restrict)
    expect((await house.restart()).room.sees(ana, closed)).toBe(false)
  })

  it('for another process on the same store, once it takes over what the first one left', async () => {
    const one = await House.open(undefined, undefined, undefined, { node: 'one' })
    const { open } = await twoIncidents(one)
    await one.does(ana, open, { type: 'offer', to: 'dave', brief: { situation: 'It fails.' } })
    const two = await House.open(one.store, one.now, undefined, { node: 'two' })
    const deadlineAt = one.room.incident(open)?.offer?.deadlineAt ?? 0
    await one.does(carla, open, restrict)
    const keys = [`offer-expires/${open}/${deadlineAt}`]
    await one.store.lease({ keys, holder: 'one', at: deadlineAt, until: deadlineAt + 1 })
    two.now = deadlineAt + 1
    two.room.tick()
    await two.settled()
    expect([two.room.sees(ben, open), two.room.sees(ana, open)]).toEqual([false, true])
  })

  it('as the disk has it, where it could not be written', async () => {
    const house = await House.open()
    const { open, closed } = await twoIncidents(house)
    house.store.fillUp()
    expect(await refusal(house.does(ana, open, restrict))).toBe('store-full')
    expect(await refusal(house.does(carla, closed, lift))).toBe('store-full')
    // A full disk tells nobody of what is not there for them.
    expect(await refusal(house.does(ben, closed, { type: 'claim' }))).toBe('not-found')
    expect(await refusal(house.does(ben, 'INC-none', { type: 'claim' }))).toBe('not-found')
    expect(await house.room.mend()).toBe(true)
    expect([house.room.sees(ben, open), house.room.sees(ben, closed)]).toEqual([true, false])
  })
})
