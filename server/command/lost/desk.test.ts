import { beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '#shared/event.ts'
import type { Settings } from '#shared/source.ts'
import type { Source } from '../../access/port.ts'
import { adapterById } from '../../intake/index.ts'
import type { Adapter, RawRequest, Reading } from '../../intake/port.ts'
import { makeMemoryStore } from '../../store/index.ts'
import type { Intention, LogEntry } from '../../store/port.ts'
import type { LostTried } from '../port.ts'
import { House, refusal } from '../room.fixture.ts'

const dayMs = 24 * 60 * 60_000
const who = { by: 'person:ana', address: '192.0.2.7' }
const source: Source = {
  id: 's_map',
  kind: 'mapped',
  name: 'Mapped',
  group: 's_map',
  defaultSeverity: null,
  settings: {},
  createdAt: 0,
}

/** Reads `[{ <title>: … }]`, where a setting says which field is the title; and nothing at all where there is none. */
const adapter: Adapter = {
  id: 'mapped/intake',
  door: 'intake',
  maxBytes: 1 << 20,
  mediaTypes: null,
  uses: ['title'],
  parse({ body, settings, receivedAt }): Reading {
    const answer = { status: 200 }
    const reading = (events: Event[], unreadable: Reading['unreadable'], places: number[]) =>
      ({ events, unreadable, places, answer, keep: true }) satisfies Reading
    if (settings.title === undefined) return reading([], [{ index: 0, reason: 'no mapping' }], [])
    const members = JSON.parse(new TextDecoder().decode(body)) as Record<string, string>[]
    const at = (index: number) => members[index]?.[String(settings.title)]
    const places = members.flatMap((_, index) => (typeof at(index) === 'string' && at(index) !== '' ? [index] : []))
    const unreadable = members.flatMap((_, index) =>
      at(index) === undefined ? [{ index, reason: `no "${String(settings.title)}"` }] : [],
    )
    return reading(
      places.map((index) => eventOf(String(at(index)), receivedAt)),
      unreadable,
      places,
    )
  },
  refuse: (status, message) => ({ status, body: { message } }),
}

function eventOf(title: string, startsAt: number): Event {
  return {
    kind: 'alert',
    status: 'firing',
    dedupKey: title,
    family: 'keyed',
    severity: 'high',
    severityRaw: 'high',
    title,
    description: '',
    startsAt,
    endsAt: null,
    expiresAt: null,
    service: title,
    labels: { alertname: title, service: title },
    annotations: {},
    links: [],
    groupKey: null,
  }
}

let house: House
let settings: Settings
let commits: Intention[]

/** The settings of the source, as they are from now on. */
function set(next: Settings): void {
  settings = next
}
function furnish(): void {
  house.readers.set(source.id, (id) => (id === adapter.id ? { source, adapter, settings } : null))
}
async function send(body: unknown): Promise<void> {
  const raw: RawRequest = {
    body: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    method: 'POST',
    path: 'x',
    query: 'y=1',
    headers: {},
    settings,
    receivedAt: house.now,
  }
  await house.room.receive(source, adapter, raw, adapter.parse(raw))
}
const adapterOf = (id: string) => (id === adapter.id ? adapter : adapterById(id))
const rows = () => house.store.read.lost({ limit: 100 })
const log = () => house.store.read.logAfter(0, 1000)
const requests = async () => (await log()).filter(({ kind }) => kind === 'request')
const titles = () => [...house.room.world().incidents.values()].map(({ title }) => title.replace(/ .*/, '')).sort()
const brief = (tried: readonly LostTried[]) =>
  tried.map(({ state, index, count, events }) => [state, index, count, events])
async function accepted(): Promise<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const { counts } of await house.store.read.ledger(0))
    for (const [outcome, count] of Object.entries(counts)) sums[outcome] = (sums[outcome] ?? 0) + count
  return sums
}

beforeEach(async () => {
  const store = makeMemoryStore()
  commits = []
  const commit = store.commit.bind(store)
  store.commit = (intention) => {
    commits.push(structuredClone(intention))
    return commit(intention)
  }
  house = await House.open(store, undefined, adapterOf)
  furnish()
  set({ title: 'name' })
})

describe('lost property', () => {
  test('LP1: what cannot be read of a request stands in it, with the reason, durable with the request', async () => {
    await send([{ name: 'a' }, { titel: 'b' }, { name: 'c' }, {}])
    expect(await rows()).toMatchObject([
      {
        pos: 1,
        index: 3,
        sourceId: 's_map',
        at: house.now,
        reason: 'no "name"',
        members: '3',
        count: 1,
        state: 'lost',
      },
      { pos: 1, index: 1, members: '1' },
    ])
    expect(commits.filter(({ lost }) => lost !== undefined)).toMatchObject([
      { log: [{ pos: 1 }, {}, {}, {}, {}].slice(0, 1) },
    ])
    expect(house.room.lost.waiting('s_map')).toBe(2)
    expect(house.room.lost.waiting('other')).toBe(0)
    expect((await house.restart()).room.lost.waiting()).toBe(2)
  })

  test('LP3: after the fix only what was lost is taken in, counted anew, and the source is not heard by it', async () => {
    await send([{ name: 'a' }, { label: 'b' }, { label: 'c' }])
    expect(titles()).toEqual(['a'])
    const before = await accepted()
    house.later(60_000)
    set({ title: 'label' })
    const tried = await house.room.lost.retry(who, { pos: 1, index: 1 })
    expect(tried).toMatchObject([{ state: 'found', events: 1, incidents: ['INC-1002'] }])
    expect(titles()).toEqual(['a', 'b'])
    expect(await rows()).toMatchObject([
      { index: 2, state: 'lost' },
      { index: 1, state: 'found', foundPos: tried[0]?.foundPos, changedBy: 'person:ana', changedAt: house.now },
    ])
    expect(await accepted()).toEqual({ ...before, opened: (before.opened ?? 0) + 1 })
    const alert = house.room.world().filter.alertsOf('INC-1002')[0]
    // When it began is when it was first received; when we heard of it is now.
    expect([alert?.startsAt, alert?.heardAt]).toEqual([house.now - 60_000, house.now])
  })

  test('LP6: reading once more is no sign of life of the source: its silence is found out all the same', async () => {
    const watch = { id: 'silence', hears: 'anything', expected: { everyMs: 600_000 }, graceMs: 0, runMs: null } as const
    await house.room.watch(source.id, [
      { ...watch, afterFirst: false, name: 'Mapped', severity: 'high', service: null },
    ])
    await send([{ label: 'b' }])
    set({ title: 'label' })
    await house.later(540_000).room.lost.retryAll(who, source.id)
    expect(house.shown.flatMap(({ intakes }) => intakes.map(({ again }) => again))).toEqual([false, true])
    expect(house.room.world().filter.watches.silentSince(source.id)).toBeNull()
    house.later(60_000).room.tick()
    expect(house.room.world().filter.watches.silentSince(source.id)).toBe(house.now - 600_000)
  })

  test('LP5: what was found reads the same again after a restart, under settings that changed since', async () => {
    await send([{ name: 'a' }, { label: 'b' }, { label: 'c' }, {}])
    set({ title: 'label' })
    await house.room.lost.retryAll(who, source.id)
    set({ title: 'nothing of the kind' })
    const alerts = (at: House) =>
      ['INC-1001', 'INC-1002', 'INC-1003'].flatMap((id) => at.room.world().filter.alertsOf(id))
    expect(alerts(house).map(({ title }) => title)).toEqual(['a', 'b', 'c'])
    const again = await house.restart()
    expect(alerts(again)).toEqual(alerts(house))
    expect(again.room.world().pos).toBe(house.room.world().pos)
  })

  test('LP3: a request of which nothing was read gives all that it says; what is still unreadable of it is lost property of its own', async () => {
    set({})
    await send([{ name: 'a' }, { label: 'b' }, { name: 'c' }])
    const receivedAt = house.now
    expect(await rows()).toMatchObject([{ members: '*', reason: 'no mapping' }])
    house.later(1000)
    expect(brief(await house.room.lost.retry(who, { pos: 1, index: 0 }))).toEqual([['lost', 0, 1, 0]])
    expect(await rows()).toMatchObject([{ state: 'lost', tries: 1, reason: 'no mapping' }])
    set({ title: 'name' })
    expect(brief(await house.room.lost.retry(who, { pos: 1, index: 0 }))).toEqual([['found', 0, 1, 2]])
    const [anew, old] = await rows()
    expect(old).toMatchObject({ pos: 1, state: 'found', foundPos: anew?.pos })
    expect(anew).toMatchObject({ index: 1, members: '1', state: 'lost', at: receivedAt })
    house.later(1000)
    set({ title: 'label' })
    await house.room.lost.retryAll(who, source.id)
    expect(titles()).toEqual(['a', 'b', 'c'])
    expect(house.room.world().filter.alertsOf('INC-1003')[0]?.startsAt).toBe(receivedAt)
    expect(house.room.lost.waiting()).toBe(0)
    expect((await house.restart()).room.lost.waiting()).toBe(0)
  })

  test('what is still unreadable says so, with the new reason', async () => {
    await send([{ name: 'a' }, {}])
    set({ title: 'label' })
    expect(await house.room.lost.retry(who, { pos: 1, index: 1 })).toMatchObject([
      { state: 'lost', reason: 'no "label"', events: 0, foundPos: null },
    ])
    expect(await rows()).toMatchObject([{ state: 'lost', reason: 'no "label"', tries: 1, changedBy: 'person:ana' }])
    expect(await requests()).toHaveLength(1)
  })

  test('what can be read and says nothing to be kept is found, and no entry is made of it', async () => {
    await send([{ name: 'a' }, { label: '' }])
    set({ title: 'label' })
    expect(await house.room.lost.retry(who, { pos: 1, index: 1 })).toMatchObject([
      { state: 'found', events: 0, foundPos: null },
    ])
    expect(await requests()).toHaveLength(1)
  })

  test('LP3: two who press at once, on one and on all, take it in once', async () => {
    await send([{ name: 'a' }, { label: 'b' }, { label: 'c' }])
    set({ title: 'label' })
    const results = await Promise.all([
      house.room.lost.retry(who, { pos: 1, index: 1 }),
      house.room.lost.retry(who, { pos: 1, index: 1 }),
      house.room.lost.retryAll(who, source.id),
      house.room.lost.retryAll(who, source.id),
    ])
    expect(results.flat().reduce((sum, { events }) => sum + events, 0)).toBe(2)
    expect(titles()).toEqual(['a', 'b', 'c'])
    expect(await accepted()).toMatchObject({ opened: 3, rejected: 2 })
    // And once more, long after: it says what it came to.
    expect(await house.room.lost.retry(who, { pos: 1, index: 1 })).toMatchObject([{ state: 'found', events: 0 }])
  })

  test('LP3: a crash at any commit leaves it lost, or found and taken in: never one without the other', async () => {
    await send([{ name: 'a' }, { label: 'b' }, { label: 'c' }])
    await send([{ label: 'd' }])
    set({ title: 'label' })
    await Promise.all([house.room.lost.retryAll(who, source.id), house.room.lost.retry(who, { pos: 1, index: 2 })])
    const all = [...commits]
    expect(all.length).toBeGreaterThanOrEqual(4)
    for (let made = 0; made <= all.length; made++) {
      const store = makeMemoryStore()
      for (const intention of all.slice(0, made)) await store.commit(intention)
      const after = await House.open(store, house.now, adapterOf)
      const found = await store.read.lost({ state: 'found', limit: 9 })
      const entries = await store.read.logAfter(0, 1000)
      const again = entries.filter(
        ({ kind, adapter: how }: LogEntry) => kind === 'request' && how.includes('"members"'),
      )
      expect(new Set(found.map(({ foundPos }) => foundPos))).toEqual(new Set(again.map(({ pos }) => pos)))
      expect(after.room.world().pos).toBe(entries.length)
      house = after
      furnish()
      await house.room.lost.retryAll(who, source.id)
      if (made >= 2) expect(titles()).toEqual(['a', 'b', 'c', 'd'])
      expect(house.room.lost.waiting()).toBe(0)
    }
  })

  test('a disk that refuses leaves it lost; it is found once the disk is mended', async () => {
    await send([{ name: 'a' }, { label: 'b' }])
    set({ title: 'label' })
    const { commit } = house.store
    house.store.commit = (intention) => {
      house.store.fillUp()
      return commit(intention)
    }
    expect(await refusal(house.room.lost.retry(who, { pos: 1, index: 1 }))).toBe('store-full')
    house.store.commit = commit
    expect(await refusal(house.room.lost.retry(who, { pos: 1, index: 1 }))).toBe('store-full')
    expect(await rows()).toMatchObject([{ state: 'lost', tries: 0 }])
    await house.room.mend()
    expect(house.room.lost.get({ pos: 1, index: 1 })).toMatchObject({ state: 'lost', tries: 0 })
    expect(brief(await house.room.lost.retry(who, { pos: 1, index: 1 }))).toEqual([['found', 1, 1, 1]])
    expect(titles()).toEqual(['a', 'b'])
  })

  test('a row that stands for many is divided where some can be read and some cannot', async () => {
    await send([{ name: 'a' }, ...Array.from({ length: 30 }, (_, i) => (i % 2 === 0 ? { label: `m${i}` } : {}))])
    expect(house.room.lost.waiting()).toBe(30)
    set({ title: 'label' })
    const tried = await house.room.lost.retry(who, { pos: 1, index: 21 })
    expect(brief(tried)).toEqual([
      ['found', 21, 5, 5],
      ['lost', 22, 5, 0],
    ])
    expect(await rows()).toHaveLength(22)
    expect(house.room.lost.get({ pos: 1, index: 22 })).toMatchObject({ members: '22,24,26,28,30', count: 5, tries: 1 })
    expect(house.room.lost.waiting()).toBe(25)
  })

  test('a source or a kind that is gone is named, and what others can still read goes on', async () => {
    await send([{ name: 'a' }, { label: 'b' }])
    house.readers.clear()
    expect(await refusal(house.room.lost.retry(who, { pos: 1, index: 1 }))).toBe('reader-gone')
    expect(await house.room.lost.retryAll(who, source.id)).toMatchObject([
      { state: 'lost', reason: expect.stringMatching(/discard it/) },
    ])
    expect(await rows()).toMatchObject([{ state: 'lost', tries: 0 }])
  })

  test('the bytes are as they came; who looked and why is in the audit, and nowhere else', async () => {
    await send([{ name: 'a' }, { label: 'b' }])
    const seen = await house.room.lost.bytes(who, { pos: 1, index: 1 }, 'Ada wants to see it', false)
    expect(Buffer.from(seen.body).toString()).toBe('[{"name":"a"},{"label":"b"}]')
    expect(seen).toMatchObject({
      member: '{"label":"b"}',
      adapterId: 'mapped/intake',
      contentType: 'application/json',
      path: 'x',
      query: 'y=1',
    })
    expect(await house.store.read.audit(0, 9)).toEqual([
      {
        seq: 1,
        at: house.now,
        by: 'person:ana',
        action: 'lost.bytes',
        subject: 's_map',
        outcome: 'done',
        detail: { pos: 1, index: 1, whole: false },
        address: '192.0.2.7',
        reason: 'Ada wants to see it',
      },
    ])
    expect(await refusal(house.room.lost.bytes(who, { pos: 1, index: 7 }, 'why', false))).toBe('not-found')
    expect(await house.store.read.audit(0, 9)).toHaveLength(1)
  })

  test('discarding is audited with its reason, done once, and not of what was found', async () => {
    await send([{ name: 'a' }, { label: 'b' }, {}, {}])
    set({ title: 'label' })
    await house.room.lost.retry(who, { pos: 1, index: 1 })
    expect(await refusal(house.room.lost.discard(who, { pos: 1, index: 1 }, 'why'))).toBe('lost-settled')
    const done = await Promise.all([
      house.room.lost.discard(who, { pos: 1, index: 2 }, 'a test of ours'),
      house.room.lost.discard(who, { pos: 1, index: 2 }, 'a test of ours'),
      house.room.lost.discardAll(who, source.id, 'all of it'),
    ])
    expect(done).toEqual([1, 0, 1])
    expect(await refusal(house.room.lost.retry(who, { pos: 1, index: 2 }))).toBe('lost-settled')
    const audit = (await house.store.read.audit(0, 9)).filter(({ action }) => action === 'lost.discard')
    expect(audit).toMatchObject([
      { subject: 's_map', detail: { rows: ['1.2'], members: 1 }, reason: 'a test of ours' },
      { detail: { rows: ['1.3'], members: 1 }, reason: 'all of it' },
    ])
    expect((await house.restart()).room.lost.waiting()).toBe(0)
  })

  test('LP4: what is kept beyond its time goes, and the audit says how much', async () => {
    await send([{ name: 'a' }, {}, {}])
    house.later(14 * dayMs)
    await send([{}, { name: 'b' }])
    expect(await house.room.expireLost()).toEqual({ rows: 0, members: 0 })
    house.later(1)
    expect(await house.room.expireLost()).toEqual({ rows: 2, members: 2 })
    expect(await rows()).toMatchObject([{ index: 0, at: house.now - 1 }])
    expect(await house.store.read.audit(0, 9)).toMatchObject([
      { by: 'system:clock', action: 'lost.expire', detail: { rows: 2, members: { s_map: 2 } } },
    ])
    expect(await house.room.expireLost()).toEqual({ rows: 0, members: 0 })
    expect(await refusal(house.room.lost.retry(who, { pos: 1, index: 1 }))).toBe('not-found')
  })
})
