import { describe, expect, it } from 'vitest'
import { ana, carla, House } from '../command/room.fixture.ts'
import { makePrecedents } from './index.ts'

/** A house whose past is followed, as the server does. */
async function open(house?: House) {
  const own = house ?? (await House.open())
  const make = () =>
    makePrecedents({
      read: own.store.read,
      clock: { now: () => own.now },
      alertsOf: (id) => own.room.world().filter.alertsOf(id),
      incident: (id) => own.room.incident(id),
      nameOf: (id) => id.toUpperCase(),
      sees: own.room.sees,
    })
  const precedents = make()
  own.onDurable = precedents.apply
  const outage = async (service: string, alertname = 'Down', title = 'It is down'): Promise<string> => {
    const before = new Set(own.room.world().incidents.keys())
    await own.alert(
      { alertname, service, severity: 'critical', at: String(own.now) },
      { annotations: { summary: title } },
    )
    return [...own.room.world().incidents.keys()].find((id) => !before.has(id)) ?? ''
  }
  const resolve = async (id: string, reason = 'It is mended.') => {
    await own.does(ana, id, { type: 'claim' })
    own.later(3_600_000)
    await own.does(ana, id, { type: 'set-phase', phase: 'resolved', reason })
    own.later(24 * 3_600_000)
  }
  return { house: own, precedents, make, outage, resolve }
}

describe('past incidents that are like one', () => {
  it('are told with why, and how they ended; the same after a restart', async () => {
    const { house, precedents, make, outage, resolve } = await open()
    const first = await outage('shop')
    await resolve(first, 'The pool was too small.')
    await resolve(await outage('search', 'IndexAge', 'Index is old'))
    const now = await outage('shop')
    expect(now).not.toBe(first)
    const answer = await precedents.similarTo(now, null)
    expect(answer).toMatchObject({
      known: 2,
      similar: [
        {
          id: first,
          phase: 'resolved',
          lastedMs: 3_600_000,
          owner: { id: 'ana', name: 'ANA' },
          handovers: 0,
          words: { kind: 'reason', text: 'The pool was too small.' },
        },
      ],
    })
    const why = new Map(answer?.similar[0]?.why.map(({ kind, values }) => [kind, values]))
    expect([...why.keys()].slice(0, 2)).toEqual(['alert', 'service'])
    expect(why.get('alert')).toEqual(['Down'])
    const again = make()
    await again.readBack()
    const later = await again.similarTo(now, null)
    expect(later?.similar.map(({ id }) => id)).toEqual([first])
    expect(await precedents.similarTo('INC-9', null)).toBeNull()
    expect(house.room.incident(now)?.phase).toBe('triage')
  })

  it('SI2: what is open, or open again, is not past', async () => {
    const { house, precedents, outage, resolve } = await open()
    const first = await outage('shop')
    await resolve(first)
    const now = await outage('shop')
    expect((await precedents.similarTo(now, null))?.similar).toHaveLength(1)
    await house.does(ana, first, { type: 'reopen', reason: 'Not over' })
    expect(await precedents.similarTo(now, null)).toEqual({ known: 0, similar: [] })
    await house.does(ana, first, { type: 'claim' })
    await house.does(ana, first, { type: 'set-phase', phase: 'resolved' })
    expect((await precedents.similarTo(now, null))?.similar).toMatchObject([{ id: first, words: null }])
    // One that is past itself is not compared with itself.
    expect((await precedents.similarTo(first, null))?.similar).toEqual([])
  })

  it('SI3: exercises are compared with exercises alone', async () => {
    const { precedents, house } = await open()
    const world = house.room.world()
    const incident = (id: string, drill: boolean, phase: 'resolved' | 'triage') => ({
      ...{ id, drill, phase, title: 'It is down', service: 'shop', team: null, severity: 'high' as const, tier: null },
      ...{
        declaredBy: 'system:filter',
        declaredAt: house.now,
        declaredSeq: 1,
        flags: [],
        provisional: false,
        owner: null,
      },
      ...{ offer: null, offerRevision: 0, chain: [], handovers: 0, declines: 0, expiries: 0, unownedMs: 0 },
      ...{
        reliefAskedBy: null,
        assistants: [],
        brief: null,
        nextUpdateDueAt: null,
        lastUpdate: null,
        ownerHeardAt: null,
      },
      ...{ silence: null, resolvedAt: house.now, alerts: { firing: 0, total: 0 }, revision: 0, version: 1, seq: 1 },
    })
    for (const [id, drill, phase] of [
      ['real-past', false, 'resolved'],
      ['drill-past', true, 'resolved'],
      ['real-now', false, 'triage'],
      ['drill-now', true, 'triage'],
    ] as const) {
      const made = incident(id, drill, phase)
      world.incidents.set(id, made)
      precedents.apply({ incidents: new Map([[id, made]]) })
    }
    expect((await precedents.similarTo('real-now', null))?.similar.map(({ id }) => id)).toEqual(['real-past'])
    expect((await precedents.similarTo('drill-now', null))?.similar.map(({ id }) => id)).toEqual(['drill-past'])
  })

  it('SI4: one that was merged counts as the one it went into', async () => {
    const { house, precedents, make, outage, resolve } = await open()
    const target = await outage('shop')
    const part = await outage('ledger', 'ClockSkew', 'Clocks differ')
    await house.does(ana, target, { type: 'claim' })
    await house.does(carla, part, { type: 'merge', into: target, reason: 'one trouble' })
    house.later(3_600_000)
    await house.does(ana, target, { type: 'set-phase', phase: 'resolved' })
    house.later(24 * 3_600_000)
    const now = await outage('ledger', 'ClockSkew', 'Clocks differ')
    expect((await precedents.similarTo(now, null))?.similar.map(({ id }) => id)).toEqual([target])
    const again = make()
    await again.readBack()
    expect((await again.similarTo(now, null))?.similar.map(({ id }) => id)).toEqual([target])
    // Whoever looks at the merged one is told of what is like the whole.
    await resolve(now)
    expect((await precedents.similarTo(part, null))?.similar.map(({ id }) => id)).toEqual([now])
  })
})
