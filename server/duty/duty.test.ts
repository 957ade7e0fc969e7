import { describe, expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { overrideViewSchema, rotaNowSchema, rotaViewSchema, swapViewSchema } from '#shared/duty/view.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import { as, commander, type House, machine, openDuty, weekly } from './duty.fixture.ts'
import { at, policyWith } from './reckoning/roster.fixture.ts'

const refusal = async (work: () => unknown) => {
  try {
    await work()
    return 'done'
  } catch (error) {
    const { code, details, message } = error as UxbridgeError
    const [field] = (details?.fields ?? []) as { path: string }[]
    return `${code}${field === undefined ? '' : ` ${field.path}`}: ${message}`
  }
}
const tonight = {
  rotation: 'r1',
  layer: null,
  from: '2026-01-06T18:00:00.000Z',
  to: '2026-01-06T22:00:00.000Z',
  reason: 'Concert',
}
const thursday = { rotation: 'r1', layer: 'first', from: '2026-01-08T09:00:00.000Z', to: '2026-01-09T09:00:00.000Z' }
const offered = { ...thursday, offerTo: 'ben', inReturn: null, reason: 'Dentist' }
const on = ({ rota }: House, time: string) => rota.onCall('r1', at(time))
const whole = (house: House, asker = as('ana')) =>
  house.duty.view(asker, at('2026-01-05T00:00Z'), at('2026-01-19T00:00Z'))

describe('overrides', () => {
  it('a commander puts in anybody who can respond; it is in force at once, audited with its reason, and survives a restart', async () => {
    const house = await openDuty()
    const made = await house.duty.override(commander, { ...tonight, person: 'dov' })
    expect(overrideViewSchema.parse(made)).toMatchObject({
      person: 'dov',
      by: 'Eve Moss',
      reason: 'Concert',
      mayRemove: true,
    })
    expect(on(house, '2026-01-06T18:00Z')).toEqual(['dov', 'cem'])
    expect(house.audit).toMatchObject([
      { action: 'rota.override', by: 'person:eve', reason: 'Concert', subject: made.id },
    ])
    await house.open()
    expect(on(house, '2026-01-06T18:00Z')).toEqual(['dov', 'cem'])
    expect(whole(house).overrides).toEqual([{ ...made, mayRemove: false }])
    const rows = await house.store.read.settings('duty-override')
    expect(JSON.stringify(rows.map(({ doc }) => doc))).not.toContain('Concert')
  })

  it('members put in themselves and nobody else; strangers and machines nobody', async () => {
    const house = await openDuty()
    expect(await refusal(() => house.duty.override(as('ben'), { ...tonight, person: 'ben' }))).toBe('done')
    expect(await refusal(() => house.duty.override(as('ben'), { ...tonight, person: 'ana' }))).toMatch(
      /not-allowed.*Offer your shift/,
    )
    expect(await refusal(() => house.duty.override(as('eve'), { ...tonight, person: 'eve' }))).toMatch(
      /not-allowed.*no member/,
    )
    expect(await refusal(() => house.duty.override(machine, { ...tonight, person: 'ana' }))).toMatch(/not-allowed/)
  })

  it.each([
    ['rotation', { rotation: 'x' }],
    ['layer', { layer: 'third' }],
    ['person', { person: 'nobody' }],
    ['to', { to: tonight.from }],
    ['to', { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z' }],
    ['to', { to: '2026-08-06T18:00:00.000Z' }],
    ['from', { from: '2027-08-06T18:00:00.000Z', to: '2027-08-07T18:00:00.000Z' }],
  ])('with a wrong %s is refused', async (path, slip) => {
    const house = await openDuty()
    const said = await refusal(() => house.duty.override(commander, { ...tonight, person: 'dov', ...slip }))
    expect(said).toMatch(new RegExp(`^fields-invalid ${path}:`))
    expect(house.audit).toEqual([])
  })

  it('one to come goes, one that is on ends now, one that is over stays', async () => {
    const house = await openDuty()
    const { id } = await house.duty.override(commander, { ...tonight, person: 'dov' })
    const past = { ...tonight, from: '2026-01-06T10:00:00.000Z', to: '2026-01-06T20:00:00.000Z' }
    const begun = await house.duty.override(commander, { ...past, layer: 'second', person: 'dov' })
    expect(begun.from).toBe('2026-01-06T12:00:00.000Z')
    expect(await refusal(() => house.duty.removeOverride(as('ana'), id, undefined))).toMatch(/not-allowed/)
    await house.duty.removeOverride(as('dov'), id, 'Ill')
    expect(await refusal(() => house.duty.removeOverride(as('dov'), id, undefined))).toMatch(/not-found/)
    house.now += hourMs
    await house.duty.removeOverride(commander, begun.id, undefined)
    expect(
      house.rota.shifts({ person: 'dov', rotation: 'r1' }, at('2026-01-06T00:00Z'), at('2026-01-07T00:00Z')),
    ).toMatchObject([{ from: at('2026-01-06T12:00Z'), to: at('2026-01-06T13:00Z'), change: begun.id }])
    expect(await refusal(() => house.duty.removeOverride(commander, begun.id, undefined))).toMatch(/shift-over/)
    expect(house.audit.map(({ action, reason }) => [action, reason])).toContainEqual(['rota.override-remove', 'Ill'])
  })

  it('nothing is seen that could not be written', async () => {
    const house = await openDuty()
    house.full = true
    expect(await refusal(() => house.duty.override(commander, { ...tonight, person: 'dov' }))).toMatch(/full/)
    expect(on(house, '2026-01-06T18:00Z')).toEqual(['ana', 'cem'])
  })
})

describe('RO7: swaps', () => {
  it('transfer nothing before somebody accepts; then the shift is theirs, once, also after a restart', async () => {
    const house = await openDuty()
    const swap = await house.duty.offer(as('ana'), offered)
    expect(swapViewSchema.parse(swap)).toMatchObject({ state: 'open', eligible: ['ben'], holds: true, mine: 'offered' })
    expect(on(house, '2026-01-08T12:00Z')).toEqual(['ana', 'cem'])
    await house.open()
    expect(house.duty.now(as('ben')).mine?.asked).toMatchObject([{ id: swap.id, mine: 'asked', reason: 'Dentist' }])
    const accepted = await house.duty.accept(as('ben'), swap.id)
    expect(accepted).toMatchObject({ state: 'accepted', by: 'ben', holds: true, eligible: [] })
    expect(await house.duty.accept(as('ben'), swap.id)).toEqual(accepted)
    await house.open()
    expect(on(house, '2026-01-08T12:00Z')).toEqual(['ben', 'cem'])
    expect(on(house, '2026-01-09T12:00Z')).toEqual(['ana', 'cem'])
    expect(house.audit.map(({ action }) => action)).toEqual(['rota.swap-offer', 'rota.swap-accept'])
  })

  it('of two who accept an offer to the team at once one has it, and the other hears who', async () => {
    const house = await openDuty()
    const { id, eligible } = await house.duty.offer(as('ana'), { ...offered, offerTo: 'team:team' })
    expect(eligible).toEqual(['ben', 'cem', 'dov'])
    const answers = await Promise.all(['ben', 'dov'].map((who) => refusal(() => house.duty.accept(as(who), id))))
    expect(answers).toEqual(['done', expect.stringMatching(/^swap-settled: .*accepted by Ben Ode/)])
  })

  it('an offer to the team stands until the last has declined', async () => {
    const house = await openDuty()
    const { id } = await house.duty.offer(as('ana'), { ...offered, offerTo: 'team:team' })
    for (const who of ['ben', 'cem'])
      expect(await house.duty.decline(as(who), id, undefined)).toMatchObject({ state: 'open' })
    expect(await refusal(() => house.duty.accept(as('ben'), id))).toMatch(/not-allowed/)
    expect(await house.duty.decline(as('dov'), id, 'Away')).toMatchObject({
      state: 'declined',
      by: 'dov',
      answer: 'Away',
    })
    expect(on(house, '2026-01-08T12:00Z')).toEqual(['ana', 'cem'])
  })

  it('one in return goes both ways, and holds only while both shifts are whose they were', async () => {
    const house = await openDuty()
    const inReturn = {
      rotation: 'r1',
      layer: 'first',
      from: '2026-01-15T09:00:00.000Z',
      to: '2026-01-16T09:00:00.000Z',
    }
    const { id } = await house.duty.offer(as('ana'), { ...offered, inReturn })
    await house.duty.accept(as('ben'), id)
    expect(on(house, '2026-01-08T12:00Z')[0]).toBe('ben')
    expect(on(house, '2026-01-15T12:00Z')[0]).toBe('ana')
    const again = await house.duty.offer(as('ana'), { ...offered, ...inReturn, offerTo: 'ben', inReturn: null })
    expect(again.holds).toBe(true)
    expect(
      await refusal(() => house.duty.offer(as('ben'), { ...offered, offerTo: 'ana', inReturn: thursday })),
    ).toMatch(/^shift-changed/)
    const own = { ...offered, inReturn: thursday }
    expect(await refusal(() => house.duty.offer(as('ben'), { ...own, offerTo: 'team:team' }))).toMatch(/inReturn/)
  })

  it('expire when the shift begins, by the clock alone', async () => {
    const house = await openDuty()
    const { id } = await house.duty.offer(as('ana'), offered)
    house.now = at('2026-01-08T09:00Z') - 1
    expect(whole(house).swaps).toMatchObject([{ state: 'open' }])
    house.now++
    expect(whole(house).swaps).toMatchObject([{ state: 'expired', endedAt: offered.from }])
    expect(await refusal(() => house.duty.accept(as('ben'), id))).toMatch(/^swap-settled: .*expired/)
    expect(await refusal(() => house.duty.withdraw(as('ana'), id, undefined))).toMatch(/^swap-settled/)
    expect(on(house, '2026-01-08T12:00Z')[0]).toBe('ana')
  })

  it('a shift that a new policy moved cannot be accepted, and words say what to do', async () => {
    const house = await openDuty()
    const { id } = await house.duty.offer(as('ana'), offered)
    house.policy = policyWith([{ layers: [{ name: 'first', people: ['ben', 'ana'] }] }])
    expect(whole(house).swaps).toMatchObject([{ holds: false }])
    expect(await refusal(() => house.duty.accept(as('ben'), id))).toMatch(
      /^shift-changed: .*Ana Lima in the layer first: Ben Ode answers then\. Ask Ana Lima for another offer/,
    )
    house.policy = weekly()
    await house.duty.accept(as('ben'), id)
    house.policy = policyWith([{ layers: [{ name: 'first', people: ['cem'] }] }])
    expect(whole(house).swaps).toMatchObject([{ state: 'accepted', holds: false }])
    expect(on(house, '2026-01-08T12:00Z')).toEqual(['cem'])
  })

  it('are refused where the shift is another’s, is on, is offered already, or the other cannot take it', async () => {
    const house = await openDuty()
    const tries: [string, Partial<typeof offered>, RegExp][] = [
      ['ben', { offerTo: 'ana' }, /^shift-changed: .*Ana Lima answers then/],
      ['ana', { from: '2026-01-06T12:00:00.000Z' }, /^fields-invalid from/],
      ['ana', { offerTo: 'ana' }, /^fields-invalid offerTo/],
      ['ana', { offerTo: 'nobody' }, /^fields-invalid offerTo/],
      ['ana', { offerTo: 'team:none' }, /^fields-invalid offerTo/],
      ['ana', { offerTo: 'channel:x' }, /^fields-invalid offerTo/],
      ['ana', { to: '2026-01-13T09:00:00.000Z' }, /^shift-changed: .*not all.*Ben Ode/],
      ['ana', {}, /^done/],
      ['ana', { from: '2026-01-08T20:00:00.000Z' }, /^swap-open/],
    ]
    for (const [who, slip, wanted] of tries)
      expect(await refusal(() => house.duty.offer(as(who), { ...offered, ...slip })), JSON.stringify(slip)).toMatch(
        wanted,
      )
    expect(await refusal(() => house.duty.offer(machine, offered))).toMatch(/^not-allowed/)
  })

  it('only who offered it or a commander withdraws; only who is asked answers', async () => {
    const house = await openDuty()
    const { id } = await house.duty.offer(as('ana'), offered)
    expect(await refusal(() => house.duty.withdraw(as('ben'), id, undefined))).toMatch(/^not-allowed/)
    for (const act of ['accept', 'decline'] as const)
      expect(await refusal(() => house.duty[act](as('dov'), id, undefined))).toMatch(/^not-allowed/)
    expect(await refusal(() => house.duty.accept(as('ana'), id))).toMatch(/^not-allowed.*your own/)
    expect(await house.duty.withdraw(commander, id, undefined)).toMatchObject({ state: 'withdrawn' })
    expect(await refusal(() => house.duty.accept(as('ben'), id))).toMatch(/^swap-settled: .*withdrawn by Eve Moss/)
    expect(await refusal(() => house.duty.accept(as('ben'), 'none'))).toMatch(/^not-found/)
  })

  it('shows where the other is on already', async () => {
    const house = await openDuty()
    const night = { ...thursday, offerTo: 'dov', inReturn: null, reason: 'x' }
    const { clashes } = await house.duty.offer(as('ana'), night)
    expect(clashes).toEqual([
      { person: 'dov', rotation: 'r2', from: '2026-01-08T22:00:00.000Z', to: '2026-01-09T06:00:00.000Z' },
    ])
  })
})

describe('what is shown', () => {
  it('of a time: shifts, troubles, names of all who are named, and what whoever asks may do', async () => {
    const house = await openDuty()
    house.gone.add('cem')
    const view = rotaViewSchema.parse(whole(house))
    expect(view.rotations.map(({ name, mayOverride, onCall }) => [name, mayOverride, onCall])).toEqual([
      ['Payments', 'myself', ['ana']],
      ['Nights', 'myself', []],
    ])
    expect(view.people).toContainEqual({ id: 'cem', name: 'Cem Kaya' })
    expect(new Set(view.troubles.map(({ kind }) => kind))).toEqual(new Set(['gone', 'gap']))
    expect(house.duty.view(commander, at('2026-01-05T00:00Z'), at('2026-01-06T00:00Z')).rotations[0]?.mayOverride).toBe(
      'anybody',
    )
    expect(whole(house, machine)).toMatchObject({ me: null, rotations: [{ mayOverride: 'nobody' }, {}] })
  })

  it('of a time that is none or too long is refused', async () => {
    const { duty } = await openDuty()
    expect(await refusal(() => duty.view(commander, 2, 1))).toMatch(/^fields-invalid to/)
    expect(await refusal(() => duty.view(commander, 0, 187 * 24 * hourMs))).toMatch(/^fields-invalid to/)
  })

  it('now: who answers since when and until when, who is next, who has the phone, and my own', async () => {
    const teams = [
      { id: 'team', members: ['ana', 'ben', 'cem', 'dov'], phone: { answered_by: 'rotation:r1', reach: 'Desk 4711' } },
      { id: 'other', members: [], phone: { answered_by: 'nobody' } },
    ]
    const house = await openDuty(policyWith([{ name: 'Payments', layers: [{ people: ['ana', 'ben'] }] }], { teams }))
    const now = rotaNowSchema.parse(house.duty.now(as('ben')))
    const [ana, ben] = [
      { id: 'ana', name: 'Ana Lima' },
      { id: 'ben', name: 'Ben Ode' },
    ]
    expect(now.rotations).toMatchObject([
      {
        onCall: [{ person: ana, since: '2026-01-05T09:00:00.000Z', until: '2026-01-12T09:00:00.000Z', by: 'rotation' }],
        next: { at: '2026-01-12T09:00:00.000Z', people: [ben] },
      },
    ])
    expect(now.teams).toMatchObject([
      { onCall: [ana], phone: { person: ana, reach: 'Desk 4711' } },
      { onCall: [], phone: { person: null, reach: null } },
    ])
    expect(now.mine).toMatchObject({ on: null, next: { from: '2026-01-12T09:00:00.000Z' } })
    expect(house.duty.now(as('ana')).mine?.on).toMatchObject({ endsAt: '2026-01-12T09:00:00.000Z', next: [ben] })
    expect(house.duty.now(machine).mine).toBeNull()
  })
})
