import fc from 'fast-check'
import { expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import type { Mapping } from '#shared/mapping/language.ts'
import { policySchema } from '#shared/policy.ts'
import type { Watch } from '#shared/watch.ts'
import type { Source } from '../access/port.ts'
import { adapterById, makeReaders, settingsFor } from '../intake/index.ts'
import type { Adapter, RawRequest } from '../intake/port.ts'
import { makeMemoryStore } from '../store/index.ts'
import { watchSourceId } from './index.ts'
import { readRequest } from './requests.ts'
import { House } from './room.fixture.ts'

const who = { by: 'person:ana', address: null }
const kinds = [
  'prometheus/alerts-v2',
  'webhook/intake',
  'healthchecks/ping',
  'cloudevents/intake',
  'otlp/otlp-logs',
] as const
type Kind = (typeof kinds)[number]
const sourceIdOf = (kind: Kind) => `s_${kind.split('/')[0]}`

/** The mapping of the webhook source: first one that finds no titles, then one that does. */
const mappings = ['/nowhere', '/t'].map((title): Mapping => {
  const { mappings } = policySchema.parse({ version: 1, mappings: { own: { fields: { title, key: '/k' } } } })
  return mappings.own as Mapping
})

type Step =
  | { do: 'post'; kind: Kind; members: readonly number[]; delivery: number }
  | { do: 'pass'; ms: number }
  | {
      do:
        | 'silence'
        | 'expire'
        | 'retry'
        | 'retryAll'
        | 'mend mapping'
        | 'checkpoint'
        | 'restart'
        | 'watch'
        | 'full disk'
    }

/** Member `n`: one of a few conditions that fire or end, or, below 3, one that cannot be read. */
function bodyOf(kind: Kind, members: readonly number[], now: number): unknown {
  const name = (n: number) => `C${n % 4}`
  const ends = (n: number) => n % 3 === 0
  switch (kind) {
    case 'prometheus/alerts-v2':
      return members.map((n) =>
        n < 3
          ? { labels: n }
          : {
              labels: { alertname: name(n), service: `s${n % 2}`, severity: n % 5 === 0 ? 'none' : 'critical' },
              ...(ends(n) ? { endsAt: new Date(now - 1).toISOString() } : {}),
            },
      )
    case 'webhook/intake':
      return members.map((n) => (n < 3 ? n : { t: name(n), k: name(n) }))
    case 'cloudevents/intake':
      return members.map((n) => ({
        ...(n < 3 ? {} : { specversion: '1.0' }),
        ...{
          id: `${n}`,
          source: '/a',
          type: ends(n) ? 'a.resolved' : 'a.fired',
          data: { title: name(n), severity: 'high' },
        },
      }))
    case 'otlp/otlp-logs': {
      const logRecords = members.map((n) =>
        n < 3 ? n : { severityNumber: n % 2 ? 21 : 9, body: { stringValue: name(n) } },
      )
      return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }
    }
    case 'healthchecks/ping':
      return ''
  }
}

/** Rule F1 over everything that brings events in: what was accepted is the sum of outcomes, per source and minute. */
class Ledger {
  house!: House
  readable = false
  silences: string[] = []
  /** What the doors and the desk handed in: `<source> <minute>` → members. */
  accepted = new Map<string, number>()
  readonly sources = new Map<string, Source>(
    kinds.map((kind) => {
      const id = sourceIdOf(kind)
      const settings = kind === 'webhook/intake' ? { mapping: 'own' } : {}
      const plain = { id, kind: kind.split('/')[0] as string, name: id, group: id }
      return [id, { ...plain, defaultSeverity: null, settings, createdAt: 0 }]
    }),
  )
  readonly readers = makeReaders({
    policyOf: (hash) => ({ mappings: { own: mappings[Number(hash)] as Mapping } }),
    activeHash: () => (this.readable ? '1' : '0'),
  })

  async open(): Promise<this> {
    this.house = await House.open(makeMemoryStore(), undefined, (id) => this.adapter(id))
    this.know()
    return this
  }

  adapter(id: string): Adapter | undefined {
    return this.readers.adapterById(id) ?? adapterById(id)
  }

  know(): void {
    for (const [id, source] of this.sources)
      this.house.readers.set(id, (adapterId) => {
        const adapter = this.adapter(adapterId)
        return adapter === undefined ? null : { source, adapter, settings: settingsFor(adapter, source) }
      })
  }

  count(sourceId: string, members: number): void {
    const key = `${sourceId} ${this.house.now - (this.house.now % minuteMs)}`
    if (members > 0) this.accepted.set(key, (this.accepted.get(key) ?? 0) + members)
  }

  async post(kind: Kind, members: readonly number[], delivery: number): Promise<void> {
    const adapter = this.adapter(kind) as Adapter
    const source = this.sources.get(sourceIdOf(kind)) as Source
    const raw: RawRequest = {
      body: Buffer.from(JSON.stringify(bodyOf(kind, members, this.house.now))),
      contentType: kind === 'cloudevents/intake' ? 'application/cloudevents-batch+json' : 'application/json',
      method: 'POST',
      path: kind === 'healthchecks/ping' ? (['', 'start', 'fail', '300'][delivery] ?? '') : '',
      query: '',
      headers: kind === 'webhook/intake' ? { 'webhook-id': `d${delivery}` } : {},
      settings: settingsFor(adapter, source),
      receivedAt: this.house.now,
    }
    const reading = adapter.parse(raw)
    if (!reading.keep) return
    await this.house.room.receive(source, adapter, raw, reading)
    this.count(source.id, reading.events.length + reading.unreadable.length)
  }

  async take(step: Step): Promise<void> {
    const { house } = this
    const { room } = house
    switch (step.do) {
      case 'post':
        return this.post(step.kind, step.members, step.delivery)
      case 'pass':
        house.later(step.ms).room.tick()
        return house.store.commit({})
      case 'watch':
        for (const id of this.sources.keys()) await room.watch(id, [{ ...silence, name: id }])
        return
      case 'silence': {
        const span = { startsAt: house.now, endsAt: house.now + 20 * minuteMs, createdBy: 'Ana', comment: 'x' }
        const made = await room.silences.set(who, {
          matchers: [{ name: 'alertname', op: '=~', value: 'C[01]' }],
          ...span,
        })
        this.silences.push(made.id)
        return
      }
      case 'expire': {
        const id = this.silences.pop()
        if (id !== undefined && (room.silences.get(id)?.endsAt ?? 0) > house.now) await room.silences.expire(who, id)
        return
      }
      case 'mend mapping':
        this.readable = true
        return
      case 'retry':
      case 'retryAll': {
        const { lost } = room
        const [oldest] = (await house.store.read.lost({ limit: 100 })).filter(({ state }) => state === 'lost')
        if (oldest === undefined) return
        const tried = step.do === 'retry' ? await lost.retry(who, oldest) : await lost.retryAll(who, oldest.sourceId)
        this.count(
          oldest.sourceId,
          [tried].flat().reduce((sum, { events }) => sum + events, 0),
        )
        return
      }
      case 'checkpoint':
        return room.checkpoint()
      case 'full disk': {
        house.store.fillUp()
        await this.post('prometheus/alerts-v2', [7, 8], 0).then(
          () => expect.unreachable('a full disk takes nothing in'),
          (error: Error) => expect(error).toMatchObject({ code: 'store-full' }),
        )
        await room.mend()
        return
      }
      case 'restart': {
        const before = picture(house)
        this.house = await house.restart()
        this.know()
        expect(picture(this.house)).toEqual(before)
      }
    }
  }

  async check(): Promise<void> {
    const { store } = this.house
    const ledger = await store.read.ledger(0)
    const rows = new Map(ledger.map((row) => [`${row.sourceId} ${row.minute}`, row]))
    for (const { sourceId, minute, accepted, counts } of ledger)
      expect(accepted, `${sourceId} ${minute}`).toBe(Object.values(counts).reduce((sum, count) => sum + count, 0))
    const own = ledger.filter(({ sourceId }) => sourceId === watchSourceId)
    const others = new Map(
      [...rows].filter(([, { sourceId }]) => sourceId !== watchSourceId).map(([key, row]) => [key, row.accepted]),
    )
    expect(others).toEqual(this.accepted)
    // The same, told by the log alone: what watches found is in it too.
    const logged = new Map<string, number>()
    let found = 0
    for (const entry of await store.read.logAfter(0, 100_000)) {
      if (entry.kind !== 'request') continue
      const read = readRequest(entry, (id) => this.adapter(id))
      const members = (read?.events.length ?? 0) + (read?.unreadable.length ?? 0)
      if (entry.sourceId === watchSourceId) found += members
      else {
        const key = `${entry.sourceId} ${entry.at - (entry.at % minuteMs)}`
        if (members > 0) logged.set(key, (logged.get(key) ?? 0) + members)
      }
    }
    expect(logged).toEqual(this.accepted)
    expect(own.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(found)
  }
}

const silence: Watch = {
  id: 'silence',
  hears: 'anything',
  expected: { everyMs: 5 * minuteMs },
  graceMs: 0,
  runMs: null,
  afterFirst: false,
  name: '',
  severity: 'high',
  service: null,
}

function picture({ room }: House) {
  const { filter, incidents, pos, seq } = room.world()
  return structuredClone({
    ...{ pos, seq, size: filter.size(), due: filter.nextDueAt(), silences: room.silences.list() },
    incidents: [...incidents.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    alerts: [...filter.alerts()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  })
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('post' as const),
      kind: fc.constantFrom(...kinds),
      members: fc.array(fc.nat(15), { maxLength: 5 }),
      delivery: fc.nat(3),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 20_000, 3 * minuteMs, 16 * minuteMs),
    }),
  },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom(
        ...([
          'silence',
          'expire',
          'retry',
          'retryAll',
          'mend mapping',
          'checkpoint',
          'restart',
          'watch',
          'full disk',
        ] as const),
      )
      .map((what) => ({ do: what })),
  },
)

it('F1, F3 events in are the sum of outcomes, per source and minute, whatever comes, is retried, silenced, missed or restarted', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const ledger = await new Ledger().open()
      for (const each of steps) await ledger.take(each)
      await ledger.take({ do: 'restart' })
      await ledger.check()
    }),
    { numRuns: 150, seed: 1940 },
  )
})
