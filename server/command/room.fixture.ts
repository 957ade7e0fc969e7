import { randomUUID } from 'node:crypto'
import type { Actor } from '#shared/access.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import { type Command, commandSchema } from '#shared/incident/commands.ts'
import { builtInPolicy, type Policy } from '#shared/policy.ts'
import type { Source } from '../access/port.ts'
import type { Rota } from '../duty/port.ts'
import { makeFilter } from '../filter/index.ts'
import { adapterById } from '../intake/index.ts'
import type { Adapter } from '../intake/port.ts'
import { makeCalendar } from '../policy/index.ts'
import { type MemoryStore, makeMemoryStore } from '../store/index.ts'
import { type Durable, makeCommandRoom, type Room, restoreWorld } from './index.ts'
import type { KnownReader } from './requests.ts'

export const source: Source = {
  id: 's_1',
  kind: 'prometheus',
  name: 'Prometheus',
  group: 'alertmanager',
  defaultSeverity: null,
  settings: {},
  createdAt: 0,
}
export const person = (id: string, ...roles: Actor['roles']): Actor => ({ id: `person:${id}`, personId: id, roles })
export const ana = person('ana', 'responder')
export const ben = person('ben', 'responder')
export const carla = person('carla', 'commander')
export const vera = person('vera', 'viewer')
export const here = { address: '127.0.0.1' }
export const brief = { situation: 'It fails.' }

/** What stands around a room, where a test has its own. */
export interface Around {
  policy?: Policy
  rota?: Rota
  commanders?: () => readonly string[]
  /** Its name among several on one store. */
  node?: string
}

/** A room on a store in memory, with a clock that the test moves. */
export class House {
  now = Date.UTC(2026, 0, 5, 3)
  store: MemoryStore
  shown: Durable[] = []
  restored = 0
  /** How requests of a source are read again, by its id. */
  readers = new Map<string, (adapterId: string) => KnownReader | null>()
  adapterOf: (id: string) => Adapter | undefined = adapterById
  onDurable: (durable: Durable) => void = () => undefined
  room!: Room
  constructor(store = makeMemoryStore()) {
    this.store = store
  }
  around: Around = {}
  static async open(store?: MemoryStore, now?: number, adapterOf = adapterById, around: Around = {}): Promise<House> {
    const house = new House(store)
    const policy = around.policy ?? builtInPolicy
    house.around = around
    if (now !== undefined) house.now = now
    house.adapterOf = adapterOf
    const calendar = makeCalendar()
    const restore = () =>
      restoreWorld({
        read: house.store.read,
        makeFilter: (seed) => makeFilter({ ...seed, occurrences: calendar }),
        adapter: house.adapterOf,
        policyOf: () => policy,
        firstPolicy: { hash: 'built-in', policy },
        now: house.now,
      })
    const quiet = { info: () => undefined, error: () => undefined }
    const people = {
      exists: (id: string) => id !== 'nobody',
      mayRespond: (id: string) => id !== 'nobody' && id !== 'vera' && id !== 'cora',
      maySpeak: (id: string) => id !== 'nobody' && id !== 'vera',
      ...(around.commanders === undefined ? {} : { commanders: around.commanders }),
    }
    const parts = {
      store: house.store,
      clock: { now: () => house.now },
      people,
      ...(around.rota === undefined ? {} : { rota: around.rota }),
      ...(around.node === undefined ? {} : { node: around.node }),
      newId: randomUUID,
      occurrences: calendar,
      restore,
      log: quiet,
    }
    house.room = makeCommandRoom(
      {
        ...parts,
        readerOf: (sourceId, adapterId) => house.readers.get(sourceId)?.(adapterId) ?? null,
        onDurable: (durable) => {
          house.shown.push(durable)
          house.onDurable(durable)
        },
        onRestored: () => house.restored++,
      },
      await restore(),
      policy,
    )
    return house
  }
  /** The same store, as a new process finds it. */
  restart(): Promise<House> {
    return House.open(this.store, this.now, this.adapterOf, this.around)
  }
  /** After what a poll has begun is durable. */
  async settled(): Promise<void> {
    for (let turns = 0; turns < 20; turns++) await null
  }
  later(ms: number): this {
    this.now += ms
    return this
  }
  async alert(labels: Record<string, string>, fields: Record<string, unknown> = {}, from = source): Promise<void> {
    const adapter = adapterById('prometheus/alerts-v2')
    if (adapter === undefined) throw new Error('no adapter')
    const body = Buffer.from(JSON.stringify([{ labels, ...fields }]))
    const raw = {
      body,
      contentType: 'application/json',
      method: 'POST',
      path: '',
      query: '',
      headers: {},
      settings: {},
      receivedAt: this.now,
    }
    await this.room.receive(from, adapter, raw, adapter.parse(raw))
  }
  does(actor: Actor, incidentId: string, act: object, id = `c${++this.#ids}`) {
    return this.room.command(actor, incidentId, commandSchema.parse({ id, ...act }) as Command, here)
  }
  #ids = 0
}
export const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error as UxbridgeError).code,
  )
