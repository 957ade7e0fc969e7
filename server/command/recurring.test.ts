import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import type { Matcher } from '#shared/matchers.ts'
import { policySchema } from '#shared/policy.ts'
import type { WantedRecurring } from '#shared/silence.ts'
import { House } from './room.fixture.ts'

const down: readonly Matcher[] = [{ name: 'alertname', op: '=', value: 'Down' }]
const who = { by: 'person:ana', address: '127.0.0.1' }
/** The house opens on Monday, 2026-01-05 at 03:00 UTC; each Monday and Thursday at 04:00 for half an hour. */
const recurs = { rrule: 'FREQ=WEEKLY;BYDAY=MO,TH', starts: '2026-01-01T04:00', lastsMs: 30 * minuteMs, timeZone: 'UTC' }
const wanted = (more: Partial<WantedRecurring> = {}): WantedRecurring => ({
  matchers: down,
  createdBy: 'Ana',
  comment: 'it restarts every week',
  recurs,
  ...more,
})
const at = (text: string) => Date.parse(text)
const monday = { startsAt: at('2026-01-05T04:00Z'), endsAt: at('2026-01-05T04:30Z') }
const thursday = { startsAt: at('2026-01-08T04:00Z'), endsAt: at('2026-01-08T04:30Z') }
const firesFor = (house: House, ms: number) =>
  house.alert({ alertname: 'Down', service: 'checkout' }, { endsAt: new Date(house.now + ms).toISOString() })
const refused = async (work: Promise<unknown>) => {
  const error = (await work.then(
    () => new Error('nothing was refused'),
    (error: unknown) => error,
  )) as UxbridgeError
  const fields = error.details?.fields as { path: string; message: string }[] | undefined
  return fields?.map(({ path, message }) => `${path}: ${message}`).join() ?? error.message
}

describe('Q9: a silence that comes again', () => {
  test('is one silence with one id: it waits, holds back, lets go, and waits for its next time, also over a restart', async () => {
    const house = await House.open()
    const made = await house.room.silences.setRecurring(who, wanted())
    expect(made).toMatchObject({ ...monday, recurs: { ...recurs, until: house.now + 366 * 24 * hourMs } })
    expect(house.room.silences.next(made, 3)).toEqual([
      monday,
      thursday,
      { startsAt: at('2026-01-12T04:00Z'), endsAt: at('2026-01-12T04:30Z') },
    ])
    house.later(hourMs).room.tick()
    await firesFor(house, 24 * hourMs)
    expect(house.room.silences.firingFor(null)(made.id)).toBe(1)
    expect(house.room.world().incidents.size).toBe(0)

    const after = await house.restart()
    after.later(30 * minuteMs)
    // Its time is over by the clock; the next one is told before the entry that lets it go.
    expect(after.room.silences.get(made.id)).toMatchObject(thursday)
    after.room.tick()
    expect(after.room.world().incidents.size).toBe(1)
    expect(after.room.silences.list()).toMatchObject([{ id: made.id, ...thursday, comment: 'it restarts every week' }])
    await after.room.checkpoint()
    const later = await (await after.restart()).restart()
    expect(later.room.silences.get(made.id)).toEqual(after.room.silences.get(made.id))
  })

  test('made while its time is on, it is in force at once; changed in its words, it goes on under its id', async () => {
    const house = await House.open()
    house.later(hourMs + 10 * minuteMs)
    const made = await house.room.silences.setRecurring(who, wanted())
    expect(made).toMatchObject({ startsAt: house.now, endsAt: monday.endsAt })
    house.later(5 * minuteMs)
    const said = await house.room.silences.setRecurring(who, wanted({ id: made.id, comment: 'every week, ask Ben' }))
    expect(said).toMatchObject({ id: made.id, startsAt: made.startsAt, endsAt: monday.endsAt })
    const longer = await house.room.silences.setRecurring(
      who,
      wanted({ id: made.id, recurs: { ...recurs, lastsMs: hourMs } }),
    )
    expect(longer).toMatchObject({ id: made.id, endsAt: at('2026-01-05T05:00Z') })
    // At another time it is another silence, and the one before is over for good.
    const moved = await house.room.silences.setRecurring(
      who,
      wanted({ id: made.id, recurs: { ...recurs, starts: '2026-01-01T09:00' } }),
    )
    expect(moved.id).not.toBe(made.id)
    expect(house.room.silences.get(made.id)).toMatchObject({ endsAt: house.now })
    house.later(7 * 24 * hourMs).room.tick()
    expect(house.room.silences.get(made.id)).toBeUndefined()
    expect(house.room.silences.get(moved.id)?.recurs?.starts).toBe('2026-01-01T09:00')
  })

  test('ended while it is on, it never comes again; one to come neither', async () => {
    const house = await House.open()
    const first = await house.room.silences.setRecurring(who, wanted())
    const second = await house.room.silences.setRecurring(who, wanted())
    house.later(hourMs + minuteMs).room.tick()
    await house.room.silences.expire(who, first.id)
    house.later(hourMs).room.tick()
    await house.room.silences.expire(who, second.id)
    for (const days of [0, 3, 1]) {
      house.later(days * 24 * hourMs).room.tick()
      for (const { id } of [first, second]) {
        const { endsAt } = house.room.silences.get(id) ?? {}
        expect(endsAt).toBeLessThanOrEqual(at('2026-01-05T05:01Z'))
      }
    }
    const after = await house.restart()
    expect(after.room.world().filter.silence(first.id)).toMatchObject({ endsAt: at('2026-01-05T04:01Z') })
  })

  test('extended, only the time that is on lasts longer', async () => {
    const house = await House.open()
    const made = await house.room.silences.setRecurring(who, wanted())
    expect(await refused(house.room.silences.extend(who, made.id, hourMs))).toMatch(
      /^id: only a silence that is in force/,
    )
    house.later(hourMs).room.tick()
    await firesFor(house, 24 * hourMs)
    const longer = await house.room.silences.extend({ by: 'person:ben', address: null }, made.id, hourMs)
    expect(longer).toMatchObject({ endsAt: monday.endsAt + hourMs, by: 'person:ben', createdBy: 'Ana', recurs })
    house.later(hourMs).room.tick()
    expect(house.room.world().incidents.size).toBe(0)
    house.later(30 * minuteMs).room.tick()
    expect(house.room.world().incidents.size).toBe(1)
    expect(house.room.silences.get(made.id)).toMatchObject(thursday)
  })

  test('is not changed into one that comes once by who knows of no recurrence, only by who says so', async () => {
    const house = await House.open()
    const made = await house.room.silences.setRecurring(who, wanted())
    const once = { ...wanted(), id: made.id, startsAt: monday.startsAt, endsAt: monday.endsAt }
    expect(await refused(house.room.silences.set(who, once))).toMatch(
      /^id: silence .* comes again \(FREQ=WEEKLY;BYDAY=MO,TH\): change it on the Silences page; or end it/,
    )
    const changed = await house.room.silences.set(who, { ...once, once: true })
    expect(changed).toMatchObject({ id: made.id, ...monday })
    expect(changed).not.toHaveProperty('recurs')
    house.later(2 * hourMs).room.tick()
    expect(house.room.silences.get(made.id)).toMatchObject(monday)
  })

  test('RR2: one that never comes, never lets go, or goes on for years is refused where it is wrong, and nothing is written', async () => {
    const house = await House.open()
    const wrong = (more: object) =>
      refused(house.room.silences.setRecurring(who, wanted({ recurs: { ...recurs, ...more } })))
    expect(await wrong({ rrule: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' })).toMatch(/^recurs\.rrule: never comes/)
    expect(await wrong({ rrule: 'FREQ=DAILY;UNTIL=20260102' })).toMatch(/^recurs\.rrule: never comes/)
    expect(await wrong({ rrule: 'every monday' })).toMatch(/^recurs\.rrule: "EVERY MONDAY" is no part/)
    expect(await wrong({ lastsMs: 5 * 24 * hourMs })).toMatch(/^recurs\.lastsMs: is longer than/)
    expect(await wrong({ timeZone: 'Mars' })).toMatch(/^recurs\.timeZone: "Mars" is no time zone/)
    expect(await wrong({ until: house.now })).toBe('recurs.until: is over')
    expect(await wrong({ until: house.now + 400 * 24 * hourMs })).toMatch(/^recurs\.until: is more than a year ahead/)
    expect(await refused(house.room.silences.setRecurring(who, wanted({ matchers: [] })))).toMatch(/^matchers: /)
    expect(() => house.room.silences.nextOf({ ...recurs, rrule: 'FREQ=NO' }, 5)).toThrow(/FREQ=NO is not read here/)
    expect(house.room.world().pos).toBe(0)
    expect(house.room.silences.nextOf(recurs, 2)).toEqual([monday, thursday])
  })
})

describe('many are ended together', () => {
  test('in one entry, for one reason that the audit keeps; what is not there is named, and the rest ended', async () => {
    const house = await House.open()
    const { silences } = house.room
    const once = { ...wanted(), startsAt: house.now, endsAt: house.now + hourMs }
    const a = await silences.set(who, once)
    const b = await silences.setRecurring(who, wanted())
    await firesFor(house, hourMs)
    const { pos } = house.room.world()
    const ended = await silences.expireAll(who, [a.id, 'none', b.id, a.id], 'the change is done')
    expect(ended).toEqual([
      { id: a.id, silence: expect.objectContaining({ endsAt: house.now, by: 'person:ana' }) },
      { id: 'none', silence: null },
      { id: b.id, silence: expect.objectContaining({ endsAt: house.now }) },
    ])
    expect(house.room.world().pos).toBe(pos + 1)
    expect(house.room.world().incidents.size).toBe(1)
    const audit = (await house.store.read.audit(0, 20)).filter(({ action }) => action === 'silence.expire')
    expect(audit).toMatchObject([
      { subject: a.id, reason: 'the change is done' },
      { subject: b.id, reason: 'the change is done' },
    ])
    // What has ended stays as it is.
    house.later(minuteMs)
    await silences.expireAll(who, [a.id], 'again')
    expect(silences.get(a.id)?.endsAt).toBe(house.now - minuteMs)
  })
})

test('MW1: a maintenance window of the policy is told with its times, and is the author of what it holds back', async () => {
  const house = await House.open()
  const policy = policySchema.parse({
    time_intervals: [{ name: 'mornings', time_intervals: [{ times: [{ start_time: '03:30', end_time: '05:00' }] }] }],
    filters: {
      maintenance: [
        { name: 'patching', match: ['alertname="Down"'], reason: 'hosts restart', intervals: ['mornings'] },
        {
          name: 'backup',
          match: ['job="backup"'],
          reason: 'it is slow then',
          recurs: { rrule: 'FREQ=DAILY', starts: '2026-01-01T04:00', lasts: '30m', time_zone: 'UTC' },
        },
      ],
    },
  })
  await house.room.activatePolicy({ hash: 'next', policy, text: '' })
  const [patching, backup] = house.room.silences.windows()
  const opens = at('2026-01-05T03:30Z')
  expect(patching).toMatchObject({
    name: 'patching',
    state: 'pending',
    intervals: ['mornings'],
    occurrence: { startsAt: opens, endsAt: at('2026-01-05T05:00Z') },
  })
  expect(patching?.later).toHaveLength(4)
  expect(backup).toMatchObject({
    state: 'pending',
    occurrence: monday,
    intervals: null,
    recurs: { rrule: 'FREQ=DAILY' },
  })
  house.later(30 * minuteMs).room.tick()
  await firesFor(house, hourMs)
  expect(house.room.silences.windows()[0]).toMatchObject({ state: 'active', occurrence: { startsAt: opens } })
  expect(house.room.silences.firingFor(null)('maintenance/patching')).toBe(1)
  expect(house.room.silences.holder('maintenance/patching')).toMatchObject({
    createdBy: 'the policy (maintenance window ‘patching’)',
    comment: 'hosts restart',
    endsAt: at('2026-01-05T05:00Z'),
  })
  expect(house.room.silences.list()).toEqual([])
  expect(await refused(house.room.silences.expire(who, 'maintenance/patching'))).toMatch(/no such silence/)
})
