import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Intention } from '../store/port.ts'
import { ana, ben, House, here, refusal } from './room.fixture.ts'

const labels = (n: number) => ({ alertname: `Down${n}`, service: `s${n % 3}`, severity: 'critical' })
const alerts = 450

async function busyHouse(): Promise<House> {
  const house = await House.open()
  for (let n = 0; n < alerts; n++) await house.alert(labels(n))
  return house
}

/** Calls `before` ahead of every commit that holds a piece of a checkpoint. */
function beforePieces(house: House, before: (piece: Intention, index: number) => unknown): void {
  const { commit } = house.store
  let pieces = 0
  house.store.commit = async (intention) => {
    if (intention.checkpointPart !== undefined || intention.checkpoint !== undefined) await before(intention, pieces++)
    await commit(intention)
  }
}

/** All that the room knows, to be compared between two of them. */
function picture({ room }: House) {
  const { filter, incidents, pos, seq } = room.world()
  const known = [...incidents.keys()].sort()
  return structuredClone({
    incidents: known.map((id) => incidents.get(id)),
    pos,
    seq,
    size: filter.size(),
    alerts: known.map((id) => filter.alertsOf(id).sort((a, b) => (a.id < b.id ? -1 : 1))),
    vitals: known.map((id) => filter.vitalsOf(id)),
    due: filter.nextDueAt(),
  })
}

describe('a checkpoint', () => {
  test('F3 S10: a crash before or after any of its pieces, with events and commands between them, loses nothing', async () => {
    const house = await busyHouse()
    const stood: [after: ReturnType<typeof picture>, before: ReturnType<typeof picture>][] = []
    let n = 0
    beforePieces(house, async () => {
      await house.later(minuteMs / 4).alert(labels(n))
      await house.alert({ ...labels(n), instance: 'b' })
      await house.does(ana, `INC-${1001 + (n % 3)}`, { type: 'note', text: 'seen' })
      n++
      stood.push([picture(await house.restart()), picture(house)])
    })
    await house.room.checkpoint()
    stood.push([picture(await house.restart()), picture(house)])
    await house.room.checkpoint()
    stood.push([picture(await house.restart()), picture(house)])
    expect(stood.length).toBeGreaterThan(5)
    for (const [after, before] of stood) expect(after).toEqual(before)
  })

  test('is written in pieces of a few hundred alerts, each alert once', async () => {
    const house = await busyHouse()
    const pieces: Intention[] = []
    beforePieces(house, (piece) => pieces.push(piece))
    await house.room.checkpoint()
    const rows = pieces.map((piece) => (piece.checkpointPart ?? piece.checkpoint)?.alerts ?? [])
    expect(Math.max(...rows.map((slice) => slice.length))).toBeLessThanOrEqual(500)
    expect(new Set(rows.flat().map(({ alert }) => alert.id)).size).toBe(alerts)
    expect(rows.flat()).toHaveLength(alerts)
    await house.alert(labels(0))
    await house.room.checkpoint()
    expect(pieces.at(-1)?.checkpoint?.alerts.map(({ alert }) => alert.title)).toEqual(['Down0'])
  })

  test('lets commands through: one is answered before it is finished', async () => {
    const house = await busyHouse()
    const order: string[] = []
    beforePieces(house, (piece) => order.push(piece.checkpoint === undefined ? 'part' : 'end'))
    const written = house.room.checkpoint()
    await house.does(ana, 'INC-1001', { type: 'claim' }).then(() => order.push('claimed'))
    await written
    expect(order.indexOf('claimed')).toBeGreaterThan(0)
    expect(order.indexOf('claimed')).toBeLessThan(order.indexOf('end'))
  })

  test('is made one at a time; asked for meanwhile, it is the one under way', async () => {
    const house = await busyHouse()
    let ends = 0
    beforePieces(house, (piece) => {
      if (piece.checkpoint !== undefined) ends++
    })
    await Promise.all([house.room.checkpoint(), house.room.checkpoint()])
    expect(ends).toBe(1)
    await house.room.checkpoint()
    expect(ends).toBe(2)
  })

  test('is completed when the room has stopped', async () => {
    const house = await busyHouse()
    const written = house.room.checkpoint()
    house.room.stop()
    await written
    expect((await house.restart()).room.world()).toMatchObject({ replayed: 0 })
  })

  test('S6: what changes while it is written is in the next one', async () => {
    const house = await busyHouse()
    beforePieces(house, async (_, index) => {
      if (index === 1) await house.does(ana, 'INC-1002', { type: 'claim' })
    })
    await house.room.checkpoint()
    expect([...house.room.world().dirty]).toEqual(['INC-1002'])
    await house.room.checkpoint()
    expect(picture(await house.restart())).toEqual(picture(house))
  })

  test('that a full disk ends is made again, whole, after mending', async () => {
    const house = await busyHouse()
    beforePieces(house, (_, index) => {
      if (index === 1) house.store.fillUp()
    })
    expect(await refusal(house.room.checkpoint())).toBe('store-full')
    await house.room.checkpoint()
    expect(await house.room.mend()).toBe(true)
    await house.room.checkpoint()
    const after = await house.restart()
    expect(after.room.world()).toMatchObject({ replayed: 0 })
    expect(picture(after)).toEqual(picture(house))
  })

  test('that could not be written for another reason leaves all of it to the next', async () => {
    const house = await busyHouse()
    beforePieces(house, (_, index) => {
      if (index === 1) throw new TypeError('a fault of ours')
    })
    await expect(house.room.checkpoint()).rejects.toThrow('a fault of ours')
    await house.room.checkpoint()
    const after = await house.restart()
    expect(after.room.world()).toMatchObject({ replayed: 0 })
    expect(picture(after)).toEqual(picture(house))
  })

  test('S6: an incident that ended long ago stays in memory while the next one must hold it', async () => {
    const house = await House.open()
    const what = { title: 'Customers call', service: null, tier: null, description: '', flags: [] }
    await house.room.declare(ana, what, here)
    await house.does(ana, 'INC-1001', { type: 'claim' })
    await house.does(ana, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
    house.later(25 * hourMs)
    beforePieces(house, async (_, index) => {
      if (index === 0) await house.does(ben, 'INC-1001', { type: 'note', text: 'for the review' })
    })
    await house.room.checkpoint()
    expect(house.room.incident('INC-1001')?.version).toBe(4)
    await house.room.checkpoint()
    expect(house.room.incident('INC-1001')).toBeUndefined()
  })
})
