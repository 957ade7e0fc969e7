import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import type { Matcher } from '#shared/matchers.ts'
import type { WantedSilence } from '#shared/silence.ts'
import { ana, House, refusal } from './room.fixture.ts'

const checkoutDown = { alertname: 'Down', service: 'checkout', severity: 'critical' }
const down: readonly Matcher[] = [{ name: 'alertname', op: '=', value: 'Down' }]
const who = { by: 'person:ana', address: '127.0.0.1' }

function wanted(house: House, more: Partial<WantedSilence> = {}): WantedSilence {
  const startsAt = house.now
  return { matchers: down, startsAt, endsAt: startsAt + hourMs, createdBy: 'Ana', comment: 'being replaced', ...more }
}

/** What the room knows about silences and what they hold back. */
function picture({ room }: House) {
  const { filter, incidents } = room.world()
  return structuredClone({
    list: room.silences.list(),
    alerts: [...filter.alerts()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    size: filter.size(),
    due: filter.nextDueAt(),
    incidents: [...incidents.values()],
  })
}

describe('a silence', () => {
  test('holds back from when its making is answered, is in the audit by id only, and lets go when ended by hand', async () => {
    const house = await House.open()
    const made = await house.room.silences.set(who, wanted(house))
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      matchers: down,
      startsAt: house.now,
      endsAt: house.now + hourMs,
      createdBy: 'Ana',
      comment: 'being replaced',
      updatedAt: house.now,
      by: 'person:ana',
    })
    expect(house.room.silences.list()).toEqual([made])
    expect(house.room.silences.get(made.id)).toEqual(made)
    await house.alert(checkoutDown)
    expect(house.room.world().incidents.size).toBe(0)
    expect(house.room.silences.firingFor(null)(made.id)).toBe(1)

    const over = await house.later(minuteMs).room.silences.expire({ by: 'person:ben', address: null }, made.id)
    expect(over).toEqual({ ...made, endsAt: house.now, updatedAt: house.now, by: 'person:ben' })
    expect(house.room.incident('INC-1001')?.alerts).toEqual({ firing: 1, total: 1 })
    expect(await house.store.read.decisionsOf('INC-1001', 10)).toMatchObject([
      { outcome: 'opened', stage: 'correlate' },
    ])
    expect(await house.store.read.audit(0, 10)).toMatchObject([
      { by: 'person:ana', action: 'silence.make', subject: made.id, outcome: 'done', address: '127.0.0.1' },
      { by: 'person:ben', action: 'silence.expire', subject: made.id, outcome: 'done', address: null },
    ])
    const [row] = await house.store.read.settings('silence')
    expect(row?.doc).toEqual({ author: 'ana', by: 'person:ben', updatedAt: house.now })
    expect(row?.personal).toEqual({ createdBy: 'Ana', comment: 'being replaced' })
  })

  test('is in no ledger: what its end opens is the outcome of no event (F1)', async () => {
    const house = await House.open()
    await house.room.silences.set(who, wanted(house, { endsAt: house.now + 3 * minuteMs }))
    await house.alert(checkoutDown)
    house.later(3 * minuteMs).room.tick()
    await house.room.checkpoint()
    expect(house.room.incident('INC-1001')).toBeDefined()
    const rows = await house.store.read.ledger(0)
    expect(rows.map(({ accepted, counts }) => ({ accepted, counts }))).toEqual([
      { accepted: 1, counts: { silenced: 1 } },
    ])
  })

  test('ends at its instant, also right after a restart, when alerts are given time to be repeated', async () => {
    const house = await House.open()
    await house.room.silences.set(who, wanted(house))
    await house.alert(checkoutDown, { endsAt: new Date(house.now + 2 * hourMs).toISOString() })
    await house.alert({ ...checkoutDown, service: 'search' })
    const after = await house.later(hourMs - 1).restart()
    after.room.tick()
    expect(after.room.world().incidents.size).toBe(0)
    after.later(1).room.tick()
    // The other one's sender has promised nothing since: it is spared, not let go.
    expect([...after.room.world().incidents.values()].map(({ service }) => service)).toEqual(['checkout'])
    expect(after.room.world().filter.size()).toMatchObject({ firing: 2, held: 1 })
    after.later(2 * minuteMs).room.tick()
    expect(after.room.world().filter.size()).toMatchObject({ firing: 1, held: 0 })
  })

  test('is refused as Alertmanager refuses it, and then nothing is written', async () => {
    const house = await House.open()
    const { now } = house
    const refused = async (more: Partial<WantedSilence>) => {
      const error = await house.room.silences.set(who, wanted(house, more)).catch((error: unknown) => error)
      const { code, details } = error as UxbridgeError
      const fields = details?.fields as { path: string; message: string }[] | undefined
      return `${code} ${fields?.map(({ path, message }) => `${path}: ${message}`).join()}`
    }
    expect(await refused({ matchers: [] })).toBe('fields-invalid matchers: at least one matcher required')
    expect(await refused({ matchers: [{ name: 'a', op: '=~', value: '.*' }] })).toBe(
      'fields-invalid matchers: at least one matcher must not match the empty string',
    )
    expect(await refused({ matchers: [{ name: 'a', op: '=~', value: '(' }] })).toMatch(
      /^fields-invalid matchers\.0\.value: "\(" is no regular expression/,
    )
    expect(await refused({ endsAt: now })).toBe('fields-invalid endsAt: start time must be before end time')
    expect(await refused({ startsAt: now - 2, endsAt: now - 1 })).toBe(
      "fields-invalid endsAt: end time can't be in the past",
    )
    expect(await refusal(house.room.silences.set(who, wanted(house, { id: 'none' })))).toBe('not-found')
    expect(await refusal(house.room.silences.expire(who, 'none'))).toBe('not-found')
    expect(house.room.world().pos).toBe(0)
  })
})

describe('Q3: a change', () => {
  test('of an end, a comment or an author keeps the id; so does any of one that has not begun', async () => {
    const house = await House.open()
    const { silences } = house.room
    const made = await silences.set(who, wanted(house))
    house.later(minuteMs)
    const longer = await silences.set(who, {
      ...made,
      endsAt: made.endsAt + hourMs,
      comment: 'takes longer',
      createdBy: 'Ben',
    })
    expect(longer).toEqual({
      ...made,
      endsAt: made.endsAt + hourMs,
      comment: 'takes longer',
      createdBy: 'Ben',
      updatedAt: house.now,
    })
    const later = await silences.set(
      who,
      wanted(house, { startsAt: house.now + hourMs, endsAt: house.now + 2 * hourMs }),
    )
    const moved = await silences.set(who, { ...later, startsAt: house.now + minuteMs })
    expect(moved).toEqual({ ...later, startsAt: house.now + minuteMs })
    expect(silences.list()).toEqual([longer, moved])
  })

  test('of matchers or of a past start ends the old one and makes another; an ended one stays ended', async () => {
    const house = await House.open()
    const { silences } = house.room
    const made = await silences.set(who, wanted(house))
    await house.alert(checkoutDown)
    house.later(minuteMs)
    const narrower = await silences.set(who, {
      ...made,
      matchers: [...down, { name: 'service', op: '=', value: 'checkout' }],
    })
    expect(narrower.id).not.toBe(made.id)
    expect(narrower.startsAt).toBe(house.now)
    expect(silences.get(made.id)).toMatchObject({ endsAt: house.now, updatedAt: house.now })
    expect(house.room.world().incidents.size).toBe(0)
    expect([...house.room.world().filter.alerts()][0]?.silencedBy).toEqual([narrower.id])
    const again = await silences.set(who, { ...made, endsAt: house.now + hourMs })
    expect(again.id).not.toBe(made.id)
    expect(silences.get(made.id)).toMatchObject({ endsAt: house.now })
  })

  test('ending one that has not begun leaves it without a span; ending it again changes nothing', async () => {
    const house = await House.open()
    const { silences } = house.room
    const { id } = await silences.set(who, wanted(house, { startsAt: house.now + minuteMs }))
    const ended = await silences.expire(who, id)
    expect(ended).toMatchObject({ startsAt: house.now, endsAt: house.now })
    const { pos } = house.room.world()
    expect(await house.later(minuteMs).room.silences.expire(who, id)).toEqual(ended)
    expect(house.room.world().pos).toBe(pos)
  })
})

describe('F2, F3: silences and what they hold back are the same', () => {
  async function busy(): Promise<House> {
    const house = await House.open()
    const { id } = await house.room.silences.set(who, wanted(house))
    await house.room.silences.set(who, wanted(house, { startsAt: house.now + minuteMs }))
    await house.alert(checkoutDown)
    await house.alert({ ...checkoutDown, alertname: 'Slow' })
    house.later(2 * minuteMs).room.tick()
    await house.room.silences.expire(who, id)
    return house
  }

  test.each([
    ['after a restart with no checkpoint', false],
    ['after a restart from one', true],
  ])('%s', async (_, checkpoint) => {
    const house = await busy()
    if (checkpoint) await house.room.checkpoint()
    await house.alert({ ...checkoutDown, instance: 'b' })
    const after = await house.restart()
    expect(picture(after)).toEqual(picture(house))
    for (const one of [house, after]) one.later(hourMs)
    after.room.tick()
    const [silence] = after.room.silences.list()
    expect(silence?.createdBy).toBe('Ana')
  })

  test('after a full disk was mended; what it refused is nowhere', async () => {
    const house = await busy()
    const before = picture(house)
    house.store.fillUp()
    expect(await refusal(house.room.silences.set(who, wanted(house)))).toBe('store-full')
    expect(await house.room.mend()).toBe(true)
    expect(picture(house)).toEqual(before)
  })

  test('five days after its end it is forgotten, words and all', async () => {
    const house = await House.open()
    await house.room.silences.set(who, wanted(house))
    const after = await house.later(hourMs).restart()
    after.room.tick()
    expect(after.room.silences.list()).toHaveLength(1)
    after.later(5 * 24 * hourMs).room.tick()
    await after.room.checkpoint()
    expect(after.room.silences.list()).toEqual([])
    expect(await after.store.read.settings('silence')).toEqual([])
  })
})

test('a preview says what would be held back, and which incidents that would be in', async () => {
  const house = await House.open()
  await house.alert(checkoutDown)
  await house.alert({ ...checkoutDown, instance: 'b' })
  await house.alert({ ...checkoutDown, service: 'search' })
  await house.alert({ ...checkoutDown, alertname: 'Slow' })
  const { silences } = house.room
  expect(silences.preview(down, null)).toMatchObject({
    firing: 3,
    alerts: Array.from({ length: 3 }, () => ({ title: expect.stringMatching(/^Down/), status: 'firing' })),
    silenced: 0,
    incidents: [
      { id: 'INC-1001', firing: 2 },
      { id: 'INC-1002', firing: 1 },
    ],
  })
  await silences.set(who, wanted(house))
  expect(silences.preview(down, null)).toMatchObject({ firing: 3, silenced: 3 })
  expect(silences.preview([], null)).toEqual({ firing: 0, silenced: 0, incidents: [], alerts: [] })
  expect(() => silences.preview([{ name: 'a', op: '=~', value: '(' }], null)).toThrow(/Matcher 1 cannot be read/)
})

test('Q7: the words of somebody who was erased are gone, and the silence holds on', async () => {
  const house = await House.open()
  const { id } = await house.room.silences.set({ by: 'token:t1', address: null, personId: 'ana' }, wanted(house))
  await house.store.erase({ personId: 'ana' })
  const after = await house.restart()
  expect(after.room.silences.get(id)).toMatchObject({
    createdBy: 'somebody who was erased',
    comment: '',
    by: 'token:t1',
  })
  await after.alert(checkoutDown)
  expect(after.room.world().incidents.size).toBe(0)
  await after.room.silences.expire({ by: ana.id, address: null }, id)
  expect((await after.restart()).room.silences.get(id)).toMatchObject({ createdBy: 'somebody who was erased' })
})
