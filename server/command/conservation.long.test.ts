import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { type Command, commandSchema } from '#shared/incident/commands.ts'
import { unaccounted } from '#shared/outcome.ts'
import { builtInPolicy, type Policy, policySchema } from '#shared/policy.ts'
import type { Source } from '../access/port.ts'
import { makeFilter } from '../filter/index.ts'
import { adapterById } from '../intake/index.ts'
import type { Adapter, RawRequest } from '../intake/port.ts'
import { openSqliteStore } from '../store/index.ts'
import type { Store } from '../store/port.ts'
import { makeCommandRoom, type Room, restoreWorld, watchSourceId } from './index.ts'
import { readRequest } from './requests.ts'
import { carla, here, source } from './room.fixture.ts'

const adapters = ['prometheus/alerts-v2', 'prometheus/alerts-v2', 'otlp/otlp-logs'] as const
const sources: readonly Source[] = adapters.map((adapter, n) => {
  const kind = adapter.split('/')[0] as string
  return { ...source, id: `s_${n}`, kind, name: kind, group: `g${n}` }
})

/** What may be active one day: each holds back, records and joins something else. */
const policies: readonly Policy[] = [
  builtInPolicy,
  policySchema.parse({
    definitions: [{ name: 'some', match: ['alertname=~"C[0-3]"'], as: 2 }],
    correlate: [{ name: 'by service', by: ['service'], window: '10m', cap: '30m' }],
    filters: { shed: [{ name: 'storm', match: ['alertname=~".+"'], more_than: 5, within: '2m' }] },
  }),
  policySchema.parse({
    definitions: [{ name: 'all', match: ['alertname=~".+"'], as: 'triage' }],
    correlate: [{ name: 'by name', by: ['alertname'], window: '10m', cap: '30m' }],
    inhibit_rules: [{ source_match: { alertname: 'C1' }, target_match_re: { alertname: 'C[23]' }, equal: ['service'] }],
    filters: {
      damp: [{ name: 'flapping', match: ['alertname="C0"'], suppress: 1, reuse: 0.7, half_life: '5m', longest: '9m' }],
    },
  }),
]

type Step =
  | { do: 'post'; to: number; members: readonly number[] }
  | { do: 'storm'; to: number; size: number }
  | { do: 'pass'; ms: number }
  | { do: 'policy'; n: number }
  | { do: 'act'; what: Record<string, unknown>; of: number; other: number }
  | { do: 'silence' | 'end silence' | 'checkpoint' | 'reopen' | 'crash' | 'full disk' }

const acts: readonly Record<string, unknown>[] = [
  { type: 'claim' },
  { type: 'dismiss', reason: 'nothing' },
  { type: 'classify', tier: 1, reason: 'bad' },
  { type: 'set-phase', phase: 'resolved' },
  { type: 'reopen', reason: 'again' },
  { type: 'merge' },
  { type: 'split', reason: 'another' },
]
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('post' as const),
      to: fc.nat(2),
      members: fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('storm' as const), to: fc.nat(1), size: fc.integer({ min: 6, max: 60 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 20_000, 3 * minuteMs, 16 * minuteMs),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('policy' as const), n: fc.nat(2) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      what: fc.constantFrom(...acts),
      of: fc.nat(20),
      other: fc.nat(20),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('silence', 'silence', 'end silence', 'checkpoint', 'checkpoint', 'reopen', 'crash')
      .map((what) => ({ do: what as 'silence' })),
  },
)

/** Member `n`: below 4 it cannot be read; else one of a few conditions, which fires or ends. */
function bodyOf(to: number, members: readonly number[], now: number, salt = ''): unknown {
  if (adapters[to] === 'otlp/otlp-logs') {
    const logRecords = members.map((n) =>
      n < 4 ? n : { severityNumber: n % 2 ? 21 : 9, body: { stringValue: `C${n}` } },
    )
    return { resourceLogs: [{ scopeLogs: [{ logRecords }] }] }
  }
  return members.map((n) =>
    n < 4
      ? { labels: n }
      : {
          labels: { alertname: `C${n % 5}`, service: `s${n % 2}`, severity: 'critical', host: `${salt}${n % 3}` },
          ...(n % 4 === 0 ? { endsAt: new Date(now - 1).toISOString() } : {}),
        },
  )
}

/** Of the database. */
const pageBytes = 8192

/** A command room on a real store in a folder, which closes, dies and opens again; and what the test counted itself. */
class Life {
  now = Date.UTC(2026, 0, 5, 3)
  store!: Store
  room!: Room
  readonly #versions = new Map<string, Policy>(policies.map((policy, n) => [`v${n}`, policy]))
  #ids = 0
  #salt = 0
  readonly #dir: string
  /** `<source> <minute>` → members that were answered for, and that were under way when it died. */
  readonly acknowledged = new Map<string, number>()
  readonly inTheAir = new Map<string, number>()
  refused = 0
  #silences: string[] = []

  constructor(dir: string) {
    this.#dir = dir
  }

  /** @param pages so many the disk has left; without: as many as are needed */
  async open(pages?: number): Promise<this> {
    const used = pages === undefined ? 0 : Math.ceil((await stat(join(this.#dir, 'uxbridge.sqlite'))).size / pageBytes)
    this.store = await openSqliteStore({ dir: this.#dir, ...(pages === undefined ? {} : { maxPages: used + pages }) })
    const restore = () =>
      restoreWorld({
        read: this.store.read,
        makeFilter: (seed) => makeFilter({ ...seed, idOf: this.store.pseudonym }),
        adapter: adapterById,
        policyOf: (hash) => this.#versions.get(hash),
        firstPolicy: { hash: 'v0', policy: builtInPolicy },
        now: this.now,
      })
    const world = await restore()
    const quiet = { info: () => undefined, error: () => undefined }
    this.room = makeCommandRoom(
      {
        store: this.store,
        clock: { now: () => this.now },
        people: { exists: () => true, mayRespond: () => true },
        newId: randomUUID,
        restore,
        readerOf: () => null,
        onDurable: () => undefined,
        onRestored: () => undefined,
        log: quiet,
      },
      world,
      this.#versions.get(world.policyHash) ?? builtInPolicy,
    )
    return this
  }

  /** @returns a promise that resolves once it was answered for */
  post(to: number, members: readonly number[], salt?: string): Promise<unknown> {
    const adapter = adapterById(adapters[to] as string) as Adapter
    const raw: RawRequest = {
      body: Buffer.from(JSON.stringify(bodyOf(to, members, this.now, salt))),
      contentType: 'application/json',
      ...{ method: 'POST', path: '', query: '', headers: {}, settings: {} },
      receivedAt: this.now,
    }
    const reading = adapter.parse(raw)
    const key = `s_${to} ${this.now - (this.now % minuteMs)}`
    const count = (book: Map<string, number>) => book.set(key, (book.get(key) ?? 0) + members.length)
    return this.room.receive(sources[to] as Source, adapter, raw, reading).then(
      () => count(this.acknowledged),
      (error: UxbridgeError) => {
        // Refused, and told so: nothing of it may be kept.
        if (error.code === 'store-full') this.refused += members.length
        else count(this.inTheAir)
      },
    )
  }

  async take(step: Step): Promise<void> {
    const { room } = this
    switch (step.do) {
      case 'post':
        await this.post(step.to, step.members)
        return
      case 'storm':
        await this.post(
          step.to,
          Array.from({ length: step.size }, (_, n) => 4 + n),
          `${++this.#salt}/`,
        )
        return
      case 'pass':
        this.now += step.ms
        room.tick()
        return this.store.commit({})
      case 'policy':
        return room.activatePolicy({ hash: `v${step.n}`, policy: policies[step.n] as Policy, text: '' })
      case 'act':
        return this.#act(step.what, step.of, step.other)
      case 'silence': {
        const span = { startsAt: this.now, endsAt: this.now + 9 * minuteMs, createdBy: 'C', comment: 'x' }
        const matchers = [{ name: 'alertname', op: '=~' as const, value: 'C[01]' }]
        this.#silences.push((await room.silences.set({ by: 'person:carla', address: null }, { matchers, ...span })).id)
        return
      }
      case 'end silence': {
        const id = this.#silences.pop()
        if (id !== undefined && (room.silences.get(id)?.endsAt ?? 0) > this.now)
          await room.silences.expire({ by: 'person:carla', address: null }, id)
        return
      }
      case 'checkpoint':
        return room.checkpoint()
      case 'reopen':
        await this.store.close()
        await this.open()
        return
      case 'full disk': {
        await this.store.close()
        await this.open(2)
        const size = 60
        for (let tries = 0; tries < 30 && this.store.failure() === null; tries++)
          await Promise.all([0, 1].map((to) => this.take({ do: 'storm', to, size })))
        expect(this.store.failure()).not.toBeNull()
        await this.store.close()
        await this.open()
        return
      }
      case 'crash': {
        // It goes down with requests, a tick and a checkpoint under way.
        const underWay = [0, 1, 2].map((to) => this.post(to, [5, 6, 7 + to]))
        const rest = [room.checkpoint(), this.post(0, [9, 1])].map((work) => work.catch(() => undefined))
        room.tick()
        await this.store.close()
        await Promise.all([...underWay, ...rest])
        await this.open()
      }
    }
  }

  async #act(what: Record<string, unknown>, of: number, other: number): Promise<void> {
    const { incidents, filter } = this.room.world()
    const ids = [...incidents.keys()]
    const id = ids[of % ids.length]
    if (id === undefined) return
    const alerts = filter.alertsOf(id).map((alert) => alert.id)
    const more =
      what.type === 'merge'
        ? { into: ids[other % ids.length] }
        : what.type === 'split'
          ? { alerts: alerts.slice(1) }
          : {}
    const asked = commandSchema.safeParse({ id: `c${++this.#ids}`, ...what, ...more })
    if (!asked.success) return
    await this.room.command(carla, id, asked.data as Command, here).catch((error: unknown) => {
      if (!(error instanceof UxbridgeError)) throw error
    })
  }

  async check(): Promise<void> {
    const rows = await this.store.read.ledger(0)
    for (const row of rows) expect([row.sourceId, row.minute, unaccounted(row)]).toEqual([row.sourceId, row.minute, 0])
    const accepted = new Map(rows.map((row) => [`${row.sourceId} ${row.minute}`, row.accepted]))
    // The log tells the same: it is read again here, and the ledger is not asked.
    const logged = new Map<string, number>()
    for (const entry of await this.store.read.logAfter(0, 100_000)) {
      const read = entry.kind === 'request' ? readRequest(entry, adapterById) : null
      if (read === null) continue
      const key = `${entry.sourceId} ${entry.at - (entry.at % minuteMs)}`
      logged.set(key, (logged.get(key) ?? 0) + read.events.length + read.unreadable.length)
    }
    expect(accepted).toEqual(logged)
    // What was answered for is in it; what was under way is in it whole or not at all; nothing else is.
    for (const [key, count] of this.acknowledged) expect(accepted.get(key) ?? 0, key).toBeGreaterThanOrEqual(count)
    for (const [key, count] of accepted) {
      if (key.startsWith(watchSourceId)) continue
      expect(count, key).toBeLessThanOrEqual((this.acknowledged.get(key) ?? 0) + (this.inTheAir.get(key) ?? 0))
    }
    expect((await this.store.read.verify()).problems).toEqual([])
  }
}

it('F1, F3 on a real disk: what was accepted is the sum of outcomes per source and minute, and what the log holds, whatever policies come, storms blow, people do and however often it dies', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 25, maxLength: 40 }), async (steps) => {
      const dir = await mkdtemp(join(tmpdir(), 'uxbridge-conservation-'))
      const life = await new Life(dir).open()
      try {
        for (const each of steps) await life.take(each)
        for (const last of ['full disk', 'crash'] as const) await life.take({ do: last })
        expect(life.refused).toBeGreaterThan(0)
        await life.check()
      } finally {
        await life.store.close()
        await rm(dir, { recursive: true, force: true })
      }
    }),
    { numRuns: 4, endOnFailure: true },
  )
}, 240_000)
