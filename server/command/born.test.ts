import { describe, expect, it } from 'vitest'
import { declareSchema } from '#shared/incident/commands.ts'
import { numberOf } from '#shared/incident/ids.ts'
import { policySchema } from '#shared/policy.ts'
import { adapterById } from '../intake/index.ts'
import { ana, ben, carla, House, here, person, refusal } from './room.fixture.ts'

/** What fires of security is not for everybody; nor is whatever is the matter with the vault. */
const policy = policySchema.parse({
  teams: [{ id: 'keys' }],
  services: [
    { id: 'vault', team: 'keys', restricted: true },
    { id: 'checkout', depends_on: ['vault'] },
  ],
  definitions: [
    { name: 'security', match: ['category="security"'], as: 2, restricted: true },
    { name: 'else', match: ['severity!=""'], as: 'triage' },
  ],
})
const open = () => House.open(undefined, undefined, adapterById, { policy })
const shape = /^INC-[A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{7}$/
const security = (alertname: string, more: Record<string, string> = {}) => ({
  ...{ alertname, service: 'checkout', category: 'security' },
  ...more,
})
const idsOf = (house: House) => [...house.room.world().incidents.keys()]
const flagsOf = (house: House, id: string) => house.room.incident(id)?.flags
const declared = (house: House, said: object, by = ana) =>
  house.room.declare(by, declareSchema.parse({ title: 'Somebody is in', ...said }), here)
const audited = async (house: House, action: string) =>
  (await house.store.read.audit(0, 100)).filter((entry) => entry.action === action)

describe('restricted from the first moment', () => {
  it('RS8, RS9: what the policy restricts is not there for others, has an id of its own and leaves the next number to the next', async () => {
    const house = await open()
    await house.alert({ alertname: 'Slow', service: 'checkout' })
    await house.alert(security('SecretsRead'))
    await house.alert({ alertname: 'Slow', service: 'search' })
    const [first, hidden, next] = idsOf(house) as [string, string, string]
    expect([first, next]).toEqual(['INC-1001', 'INC-1002'])
    expect(hidden).toMatch(shape)
    expect(flagsOf(house, hidden)).toEqual(['restricted'])
    expect(house.room.incident(hidden)).toMatchObject({ tier: 2, alerts: { firing: 1 } })
    // Of the same service and moment, and still the other has its own alert alone.
    expect(house.room.incident(first)?.alerts.total).toBe(1)
    expect([ana, ben, person('olga', 'viewer')].map((actor) => house.room.sees(actor, hidden))).toEqual([
      false,
      false,
      false,
    ])
    expect(house.room.sees(carla, hidden)).toBe(true)
    expect(await refusal(house.does(ana, hidden, { type: 'claim' }))).toBe('not-found')
    expect(await refusal(house.does(carla, hidden, { type: 'claim' }))).toBe('done')
  })

  it('RS8: what fires at a restricted service is restricted, and joins what is', async () => {
    const house = await open()
    await house.alert({ alertname: 'Sealed', service: 'vault' })
    await house.alert({ alertname: 'Down', service: 'vault' })
    await house.alert({ alertname: 'Slow', service: 'checkout' })
    const [hidden, shown] = idsOf(house) as [string, string]
    expect(hidden).toMatch(shape)
    expect(house.room.incident(hidden)?.alerts.total).toBe(2)
    // It depends on the vault: that must not be told.
    expect(shown).toBe('INC-1001')
    expect(flagsOf(house, shown)).toEqual([])
  })

  it('RS9: declared as restricted, or for a restricted service, it has an id of its own; the sequence does not move', async () => {
    const house = await open()
    const { incidentId: plain } = await declared(house, {})
    const { incidentId: hidden } = await declared(house, { flags: ['restricted'] })
    const { incidentId: vault, facts } = await declared(house, { service: 'vault', flags: ['security'] })
    const { incidentId: after } = await declared(house, {})
    expect([plain, after]).toEqual(['INC-1001', 'INC-1002'])
    expect(hidden).toMatch(shape)
    expect(vault).toMatch(shape)
    expect(facts[0]).toMatchObject({ type: 'declared', flags: ['security', 'restricted'], team: 'keys' })
    expect(house.room.sees(ana, hidden)).toBe(true)
    expect(house.room.sees(ben, hidden)).toBe(false)
    expect(await refusal(house.does(ben, hidden, { type: 'claim' }))).toBe('not-found')
  })

  it('RS9: a command that is sent again is the same incident', async () => {
    const house = await open()
    const first = await declared(house, { id: 'd1', flags: ['restricted'] })
    expect(await declared(house, { id: 'd1', flags: ['restricted'] })).toEqual(first)
    const again = await house.restart()
    expect((await declared(again, { id: 'd1', flags: ['restricted'] })).incidentId).toBe(first.incidentId)
    expect(idsOf(again)).toEqual([first.incidentId])
  })

  it('RS9: what is split off a restricted incident has an id of its own too, and a public one a number', async () => {
    const house = await open()
    for (const alertname of ['SecretsRead', 'SecretsWritten']) await house.alert(security(alertname))
    for (const alertname of ['Slow', 'Down']) await house.alert({ alertname, service: 'checkout' })
    const [hidden, shown] = idsOf(house) as [string, string]
    const { filter } = house.room.world()
    for (const from of [hidden, shown]) {
      const [first] = filter.alertsOf(from)
      await house.does(carla, from, { type: 'split', alerts: [first?.id], reason: 'another thing' })
    }
    const [, , secret, plain] = idsOf(house) as [string, string, string, string]
    expect(secret).toMatch(shape)
    expect(flagsOf(house, secret)).toEqual(['restricted'])
    expect(plain).toBe('INC-1002')
    // The filter knows it for what it is: an alert of the kind joins neither by accident.
    await house.alert(security('SecretsCopied'))
    expect(idsOf(house)).toHaveLength(4)
    expect(house.room.incident(shown)?.alerts.total).toBe(1)
    expect(house.room.incident(plain)?.alerts.total).toBe(1)
  })

  it('RS9, F3: after a restart, from the log alone or from a checkpoint, every id is as it was', async () => {
    const house = await open()
    const about = async (to: House) => {
      await to.later(1000).alert(security('SecretsRead'))
      await to.later(1000).alert({ alertname: 'Slow', service: 'checkout' })
      await to.later(1000).alert(security('HostTaken', { service: 'search' }))
    }
    await about(house)
    const before = new Map(house.room.world().incidents)
    const again = await house.restart()
    expect(again.room.world().incidents).toEqual(before)
    // What it opened then, it opens again by the log, under the same ids.
    for (const id of before.keys()) expect(again.room.world().filter.vitalsOf(id)).toBeDefined()
    await again.room.checkpoint()
    const third = await again.restart()
    expect(third.room.world().incidents).toEqual(before)
    await third.later(1000).alert(security('SecretsCopied'))
    await third.later(1000).alert({ alertname: 'Down', service: 'checkout' })
    expect(idsOf(third).toSorted()).toEqual([...before.keys()].toSorted())
    expect([...before.keys()].map((id) => third.room.incident(id)?.alerts.total)).toEqual([2, 2, 1])
  })

  it('RS8: what a person restricts takes what is restricted from then on, and no more what is not; lifted, the reverse', async () => {
    const house = await open()
    await house.alert({ alertname: 'Slow', service: 'checkout' })
    await house.does(carla, 'INC-1001', { type: 'flag', flag: 'restricted', on: true })
    await house.alert({ alertname: 'Down', service: 'checkout' })
    await house.alert(security('SecretsRead'))
    expect(idsOf(house)).toEqual(['INC-1001', 'INC-1002'])
    expect(house.room.incident('INC-1001')?.alerts.total).toBe(2)
    expect(house.room.incident('INC-1002')?.alerts.total).toBe(1)
    const again = await house.restart()
    await again.does(carla, 'INC-1001', { type: 'flag', flag: 'restricted', on: false }, 'lift')
    await again.alert(security('SecretsWritten'))
    expect(idsOf(again)).toHaveLength(3)
    expect(idsOf(again)[2]).toMatch(shape)
    expect(again.room.incident('INC-1001')?.alerts.total).toBe(2)
  })

  it('RS8, RS3: merged by a person, what is restricted goes on so, and what is public is told elsewhere from then on', async () => {
    const house = await open()
    await house.alert(security('SecretsRead'))
    await house.alert({ alertname: 'Slow', service: 'checkout' })
    const [hidden, shown] = idsOf(house) as [string, string]
    await house.does(carla, hidden, { type: 'merge', into: shown })
    expect(flagsOf(house, shown)).toEqual(['restricted'])
    await house.alert(security('SecretsWritten'))
    await house.alert({ alertname: 'Down', service: 'checkout' })
    expect(idsOf(house)).toEqual([hidden, shown, 'INC-1002'])
    expect(house.room.incident(shown)?.alerts.total).toBe(3)
    expect(house.room.incident('INC-1002')?.alerts.total).toBe(1)
  })

  it('RS8: what a restricted incident held back among the others is told of by the next poll, at the latest', async () => {
    const effects = [{ source_match: { alertname: 'Down' }, target_match: { alertname: 'Slow' }, equal: ['service'] }]
    const holding = { ...policy, inhibit_rules: policySchema.parse({ inhibit_rules: effects }).inhibit_rules }
    const house = await House.open(undefined, undefined, adapterById, { policy: holding })
    await house.alert({ alertname: 'Down', service: 'checkout' })
    await house.alert({ alertname: 'Slow', service: 'checkout' })
    expect(idsOf(house)).toEqual(['INC-1001'])
    await house.does(carla, 'INC-1001', { type: 'flag', flag: 'restricted', on: true })
    const again = await house.restart()
    for (const each of [house, again.later(3 * 60_000)]) {
      each.room.tick()
      await each.settled()
      expect(idsOf(each)).toEqual(['INC-1001', 'INC-1002'])
    }
    expect(flagsOf(again, 'INC-1002')).toEqual([])
    expect(again.room.incident('INC-1002')?.alerts).toMatchObject({ firing: 1, total: 1 })
  })

  it('RS10: every restriction is in the audit, whoever or whatever restricted it', async () => {
    const house = await open()
    await house.alert(security('SecretsRead'))
    const [hidden] = idsOf(house) as [string]
    const { incidentId } = await declared(house, { flags: ['restricted'] })
    await house.alert({ alertname: 'Slow', service: 'checkout' })
    await house.does(ben, 'INC-1001', { type: 'flag', flag: 'restricted', on: true })
    await house.does(carla, 'INC-1001', { type: 'flag', flag: 'restricted', on: false })
    const of = async (action: string) => (await audited(house, action)).map(({ by, subject }) => [by, subject])
    expect(await of('incident.restrict')).toEqual([
      ['system:filter', hidden],
      ['person:ana', incidentId],
      ['person:ben', 'INC-1001'],
    ])
    expect(await of('incident.unrestrict')).toEqual([['person:carla', 'INC-1001']])
    // None is missing in the row of numbers.
    const all = await house.store.read.audit(0, 100)
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, index) => index + 1))
  })

  it('numbers stay numbers, whatever was restricted in between', async () => {
    const house = await open()
    for (let n = 0; n < 20; n++) await declared(house, n % 2 === 0 ? {} : { flags: ['restricted'] })
    const numbers = idsOf(house).flatMap((id) => numberOf(id) ?? [])
    expect(numbers).toEqual(Array.from({ length: 10 }, (_, index) => 1001 + index))
  })
})
