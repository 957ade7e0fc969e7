import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { afterEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Actor, PersonRole, Role } from '#shared/access.ts'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { type Policy, policySchema } from '#shared/policy.ts'
import { type Beat, beatSchema, type Frame, frameSchema, type Removed, removedSchema } from '#shared/wire.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { House, here } from '../../command/room.fixture.ts'
import { makeDrafts } from '../../draft/index.ts'
import { noRota } from '../../duty/port.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeTelling } from '../../tell/index.ts'
import { Studio } from '../../tell/studio.fixture.ts'
import { trialApi, trialCommandRoom } from '../trial/index.ts'
import { makeSocketDoor } from './socket.ts'

const ops = { by: 'system:ops', address: null }
const restrict = { type: 'flag', flag: 'restricted', on: true }
const lift = { ...restrict, on: false }
const what = { title: 'Customers call', service: 'checkout', tier: null, description: '', flags: [] }

/** The real rooms behind a real door; frames go out when the test says so, unless it lets them go at once. */
class Place {
  studio!: Studio
  access!: ReturnType<typeof makeAccess>
  door!: ReturnType<typeof makeSocketDoor>
  http = createServer()
  onCall: string[] = []
  /** Set: frames wait for `flush`. */
  holding = false
  #pending: (() => void)[] = []
  #open: Socket[] = []

  static async open(store = makeMemoryStore()): Promise<Place> {
    const place = new Place()
    const policy: Policy = policySchema.parse({
      teams: [{ id: 'pay', members: [] }],
      services: [{ id: 'checkout', team: 'pay' }],
    })
    const rota = { ...noRota, onCallOfTeam: (team: string) => (team === 'pay' ? place.onCall : []) }
    const clock = trialClock()
    place.access = makeAccess(trialParts(makeMemoryStore(), clock))
    place.studio = await Studio.open(await House.open(store, undefined, undefined, { policy, rota }))
    const { house, picture, filterRoom, tote } = place.studio
    const { room } = house
    const commandRoom = { ...trialCommandRoom(room.record), ...room }
    place.door = makeSocketDoor({
      ...{ http: place.http, access: place.access, clock, picture, commandRoom },
      ...{ publicUrl: null, trustProxy: 'loopback', trouble: () => null },
      log: trialApi({ access: place.access, read: store.read, clock, commandRoom }).log,
      telling: (broadcast) =>
        makeTelling({
          ...{ picture, filterRoom, tote, clock: { now: () => house.now }, broadcast },
          after: (_, work) => void (place.holding ? place.#pending.push(work) : setImmediate(work)),
        }),
      drafts: (tell) => {
        const after = (_: number, work: () => void) => void setImmediate(work)
        const parts = { store, picture, clock, newId: () => `r${Math.random()}`, after, kept: [] }
        return makeDrafts(parts, tell)
      },
    })
    place.http.listen(0, '127.0.0.1')
    await once(place.http, 'listening')
    return place
  }
  get house(): House {
    return this.studio.house
  }
  flush(): void {
    for (const work of this.#pending.splice(0)) work()
  }
  async person(name: string, ...roles: PersonRole[]): Promise<{ actor: Actor; id: string; token: string }> {
    const { person } = await this.access.people.invite(ops, { name, email: `${name}@test.example`, roles })
    const wanted = { name, personId: person.id, role: null, expiresAt: null }
    const { token } = await this.access.tokens.create(ops, wanted)
    return { actor: { id: `person:${person.id}`, personId: person.id, roles }, id: person.id, token }
  }
  async machine(role: Role): Promise<{ token: string }> {
    return this.access.tokens.create(ops, { name: role, personId: null, role, expiresAt: null })
  }
  async live({ token }: { token: string }): Promise<Client> {
    const { port } = this.http.address() as AddressInfo
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], auth: { token }, reconnection: false })
    this.#open.push(socket)
    const client = new Client(socket)
    await once(socket as never, 'connect')
    return client
  }
  async close(): Promise<void> {
    for (const socket of this.#open) socket.disconnect()
    await this.door.close()
  }
}

/** A page: what it was told, in order. */
class Client {
  socket: Socket
  frames: Frame[] = []
  removed: Removed[] = []
  drafts: { incident: string }[] = []
  beats: Beat[] = []
  constructor(socket: Socket) {
    this.socket = socket
    socket.on('frame', (raw) => this.frames.push(frameSchema.parse(raw)))
    socket.on('removed', (raw) => this.removed.push(removedSchema.parse(raw)))
    socket.on('draft', (told) => this.drafts.push(told))
    socket.on('beat', (raw) => this.beats.push(beatSchema.parse(raw)))
  }
  says(event: string, payload: object): Promise<Record<string, unknown>> {
    return this.socket.emitWithAck(event, payload)
  }
  async watches(room: string): Promise<this> {
    expect(await this.says('watch', { room })).toMatchObject({ ok: true })
    return this
  }
  /** How often it was brought up to date from the beginning. */
  wholes(room: string): number {
    return this.of(room).filter(({ kind }) => kind === 'snapshot').length
  }
  /** Everything that was on its way has come. */
  async caughtUp(): Promise<this> {
    for (let turn = 0; turn < 3; turn++) await this.says('unwatch', { room: 'tote' })
    return this
  }
  of(room: string): Frame[] {
    return this.frames.filter((frame) => frame.room === room)
  }
  hears(text: string): boolean {
    return JSON.stringify([this.frames, this.removed, this.drafts, this.beats]).includes(text)
  }
}

let place: Place
afterEach(() => place.close())
const declared = async (actor: Actor, flags: ('restricted' | 'security')[] = []): Promise<string> =>
  (await place.house.room.declare(actor, { ...what, flags }, here)).incidentId

/** A commander, a responder on call, and one who only looks, each with the board before them. */
async function cast() {
  place = await Place.open()
  const carla = await place.person('carla', 'commander')
  const ben = await place.person('ben', 'responder')
  const vera = await place.person('vera', 'viewer')
  const [commander, responder, viewer] = [await place.live(carla), await place.live(ben), await place.live(vera)]
  const boards = async () => {
    for (const each of [commander, responder, viewer]) await each.watches('board')
  }
  return { carla, ben, vera, commander, responder, viewer, boards }
}

describe('RS5: restricted incidents travel in rooms of their own', () => {
  it('brings whoever may see one into its room when they watch the board; nobody else hears of it, not even a number', async () => {
    const { carla, commander, responder, viewer, boards } = await cast()
    const id = await declared(carla.actor, ['restricted'])
    const room = `incident:${id}`
    const wall = await place.live(await place.machine('wall'))
    const api = await place.live(await place.machine('api'))
    await boards()
    await wall.watches('wall')
    await api.watches('board')
    await expect.poll(() => commander.wholes(room)).toBe(1)
    expect(commander.of(room)[0]).toMatchObject({ kind: 'snapshot', incident: { summary: { id } } })
    expect(commander.of('board')[0]).toMatchObject({ incidents: [] })
    const seq = place.door.telling.seqOf('board')
    const before = viewer.frames.length
    await place.house.does(carla.actor, id, { type: 'note', text: 'The key was in the log.' })
    await place.house.does(carla.actor, id, { type: 'claim' })
    await expect
      .poll(() => commander.of(room).flatMap((frame) => ('facts' in frame ? frame.facts : [])))
      .toHaveLength(2)
    expect(commander.hears('The key was in the log.')).toBe(true)
    expect(place.door.telling.seqOf('board')).toBe(seq)
    place.door.beat()
    for (const each of [responder, viewer, wall, api]) {
      await each.caughtUp()
      expect(each.hears(id)).toBe(false)
      expect(each.beats.at(-1)?.seq).toEqual(each === wall ? { wall: seq } : { board: seq })
    }
    expect(viewer.frames.length).toBe(before)
    await expect.poll(() => commander.beats.at(-1)?.seq).toMatchObject({ [room]: expect.any(Number) })
    const looked = (await place.house.store.read.audit(0, 100)).filter(({ action }) => action === 'restricted.read')
    expect(looked).toMatchObject([
      { by: expect.stringMatching(/^token:/), subject: id, outcome: 'done', address: '127.0.0.1' },
    ])
  })

  it('takes it from boards and pages when it becomes restricted, and gives it back when it is lifted', async () => {
    const { carla, ben, commander, responder, viewer, boards } = await cast()
    const id = await declared(ben.actor)
    const room = `incident:${id}`
    await boards()
    await viewer.watches(room)
    await place.house.does(carla.actor, id, restrict)
    await expect.poll(() => viewer.removed).toEqual([{ room, why: 'hidden' }])
    await expect.poll(() => viewer.of('board').at(-1)).toMatchObject({ remove: [id], upsert: [] })
    for (const each of [commander, responder]) await expect.poll(() => each.wholes(room)).toBe(1)
    const before = viewer.frames.length
    await place.house.does(carla.actor, id, { type: 'update', text: 'It was the key.' })
    await expect.poll(() => responder.hears('It was the key.')).toBe(true)
    await viewer.caughtUp()
    expect(viewer.frames.length).toBe(before)
    await place.house.does(carla.actor, id, lift)
    await expect.poll(() => responder.removed).toEqual([{ room, why: 'left' }])
    for (const each of [commander, responder, viewer])
      await expect.poll(() => each.of('board').at(-1)).toMatchObject({ upsert: [{ id }], remove: [] })
    await place.house.does(carla.actor, id, { type: 'note', text: 'open again' })
    await responder.caughtUp()
    expect(responder.hears('open again')).toBe(false)
    expect(viewer.removed.length).toBe(1)
  })

  it('brings in whoever is named, and shows out who is on call no more, at the next beat at the latest', async () => {
    const { carla, ben, responder, viewer, boards } = await cast()
    const id = await declared(carla.actor, ['restricted'])
    const room = `incident:${id}`
    await boards()
    place.onCall = [ben.id]
    expect(responder.of(room)).toEqual([])
    place.door.beat()
    await expect.poll(() => responder.wholes(room)).toBe(1)
    place.onCall = []
    place.door.beat()
    await expect.poll(() => responder.removed).toEqual([{ room, why: 'hidden' }])
    await place.house.does(carla.actor, id, { type: 'note', text: 'not for him' })
    await responder.caughtUp()
    expect(responder.hears('not for him')).toBe(false)
    await place.house.does(carla.actor, id, { type: 'assist', person: ben.id })
    await expect.poll(() => responder.wholes(room)).toBe(2)
    expect((await viewer.caughtUp()).hears(id)).toBe(false)
  })

  it('shows out whose rights end, and whoever leaves the board; a page that was asked for stays', async () => {
    const { carla, commander, boards } = await cast()
    const second = await place.live(carla)
    const id = await declared((await place.person('dan', 'commander')).actor, ['restricted'])
    const room = `incident:${id}`
    await boards()
    await second.watches('board')
    for (const each of [commander, second]) await expect.poll(() => each.wholes(room)).toBe(1)
    await second.watches(room)
    for (const each of [commander, second]) await each.says('unwatch', { room: 'board' })
    for (const each of [commander, second]) await expect.poll(() => each.removed).toEqual([{ room, why: 'left' }])
    await place.house.does(carla.actor, id, { type: 'note', text: 'for the page' })
    await expect.poll(() => second.hears('for the page')).toBe(true)
    expect((await commander.caughtUp()).hears('for the page')).toBe(false)
    await commander.watches('board')
    await expect.poll(() => commander.wholes(room)).toBe(2)
    await place.access.people.change(ops, carla.id, { roles: ['responder'] })
    for (const each of [commander, second]) {
      await expect.poll(() => each.removed.at(-1)).toEqual({ room, why: 'hidden' })
      expect(await each.says('watch', { room })).toMatchObject({ code: 'not-found' })
    }
    await place.house.does(carla.actor, id, { type: 'note', text: 'for nobody' })
    for (const each of [commander, second]) expect((await each.caughtUp()).hears('for nobody')).toBe(false)
  })
})

describe('RS5: what changes while somebody is on their way in', () => {
  it('whose right ends while the audit notes their look is not let in', async () => {
    const { carla, commander } = await cast()
    const id = await declared((await place.person('dan', 'commander')).actor, ['restricted'])
    place.house.store.hold(true)
    await commander.watches('board')
    await place.access.people.change(ops, carla.id, { roles: ['viewer'] })
    place.house.store.hold(false)
    for (let turn = 0; turn < 20; turn++) await commander.caughtUp()
    expect(commander.hears(id)).toBe(false)
  })

  it('who left meanwhile keeps no room open', async () => {
    const { carla, commander } = await cast()
    const room = `incident:${await declared(carla.actor, ['restricted'])}` as const
    place.house.store.hold(true)
    await commander.watches('board')
    commander.socket.disconnect()
    await expect.poll(() => place.door.count()).toBe(2)
    place.house.store.hold(false)
    await place.house.does(carla.actor, room.slice(9), { type: 'note', text: 'anybody?' })
    await expect.poll(() => place.door.telling.seqOf(room)).toBe(0)
  })

  it('a frame that waits when it becomes restricted goes to nobody who may not see it', async () => {
    const { carla, viewer } = await cast()
    const id = await declared(carla.actor)
    await (await viewer.watches('board')).watches(`incident:${id}`)
    place.holding = true
    await place.house.does(carla.actor, id, { type: 'update', text: 'The key is hunter2.' })
    await place.house.does(carla.actor, id, restrict)
    place.flush()
    await expect.poll(() => viewer.removed).toEqual([{ room: `incident:${id}`, why: 'hidden' }])
    expect((await viewer.caughtUp()).hears('hunter2')).toBe(false)
  })

  it('a disk that is full lets nobody look unseen: they are brought in when it takes writes again', async () => {
    const { carla, commander } = await cast()
    const room = `incident:${await declared(carla.actor, ['restricted'])}`
    place.house.store.fillUp()
    await commander.watches('board')
    expect(await commander.says('watch', { room })).toMatchObject({ code: 'store-full' })
    place.door.beat()
    expect((await commander.caughtUp()).of(room)).toEqual([])
    expect(await place.house.room.mend()).toBe(true)
    place.door.beat()
    await expect.poll(() => commander.wholes(room)).toBe(1)
  })
})

describe('RS4: the board', () => {
  it('does not move when a restricted incident leaves it by time, or is lifted over a restart', async () => {
    const { carla, commander, boards } = await cast()
    const id = await declared(carla.actor, ['restricted'])
    await boards()
    await place.house.does(carla.actor, id, { type: 'claim' })
    await place.house.does(carla.actor, id, { type: 'set-phase', phase: 'resolved' })
    const seq = place.studio.picture.seq()
    place.house.later(hourMs + minuteMs)
    place.studio.picture.sweep()
    expect(place.studio.picture.seq()).toBe(seq)
    await expect.poll(() => commander.removed).toEqual([{ room: `incident:${id}`, why: 'left' }])
  })

  it('has it at once when it is lifted, also where it was restricted before the last start', async () => {
    const store = makeMemoryStore()
    place = await Place.open(store)
    const id = await declared((await place.person('dan', 'commander')).actor, ['restricted'])
    await place.close()
    place = await Place.open(store)
    const carla = await place.person('carla', 'commander')
    const commander = await (await place.live(carla)).watches('board')
    await expect.poll(() => commander.of(`incident:${id}`).length).toBe(1)
    await place.house.does(carla.actor, id, lift)
    await expect.poll(() => commander.removed).toEqual([{ room: `incident:${id}`, why: 'left' }])
  })
})

describe('RS1: what is asked of the socket about what is not there', () => {
  it('is answered as of an incident that never was', async () => {
    const { carla, responder } = await cast()
    const id = await declared(carla.actor, ['restricted'])
    const update = Y.encodeStateAsUpdate(new Y.Doc())
    for (const [event, payload] of [
      ['watch', {}],
      ['command', { id: 'c1', type: 'claim' }],
      ['draft-join', {}],
      ['draft-edit', { update }],
      ['draft-at', { field: null }],
      ['draft-leave', {}],
      ['unwatch', {}],
    ] as const) {
      const about = (incident: string) =>
        event.endsWith('watch') ? { room: `incident:${incident}` } : { ...payload, incident }
      const hidden = JSON.stringify(await responder.says(event, about(id)))
      const never = JSON.stringify(await responder.says(event, about('INC-9')))
      expect(`${event} ${hidden.replaceAll(id, 'INC-9')}`).toBe(`${event} ${never}`)
    }
    const tried = async () =>
      (await place.house.store.read.audit(0, 100)).filter(({ outcome }) => outcome === 'refused')
    const actions = async () => (await tried()).map(({ action }) => action)
    await expect.poll(actions).toEqual(['restricted.read', 'command.claim', 'restricted.read'])
  })
})

describe('RS5: a brief that is being written', () => {
  it('ends for whoever sees the incident no more, also where they have only the brief open', async () => {
    const { carla, ben, commander, responder } = await cast()
    const id = await declared((await place.person('dan', 'commander')).actor)
    const rest = { me: expect.any(String), update: expect.anything() }
    expect(await responder.says('draft-join', { incident: id })).toMatchObject(rest)
    expect(await commander.says('draft-join', { incident: id })).toMatchObject(rest)
    await place.house.does(carla.actor, id, restrict)
    await expect.poll(() => responder.removed).toEqual([{ room: `incident:${id}`, why: 'hidden' }])
    const doc = new Y.Doc()
    doc.getText('situation').insert(0, 'hunter2')
    const update = Y.encodeStateAsUpdate(doc)
    expect(await commander.says('draft-edit', { incident: id, update })).toEqual({ ok: true })
    const heard = responder.drafts.length
    expect((await responder.caughtUp()).drafts.length).toBe(heard)
    expect(await responder.says('draft-edit', { incident: id, update })).toMatchObject({ code: 'not-found' })
    // Whoever is named again writes on.
    await place.house.does(carla.actor, id, { type: 'assist', person: ben.id })
    expect(await responder.says('draft-join', { incident: id })).toMatchObject(rest)
  })

  it('is not handed to whom it was hidden from while it was being opened', async () => {
    const { carla, responder } = await cast()
    const id = await declared((await place.person('dan', 'commander')).actor)
    place.house.store.hold(true)
    const joining = responder.says('draft-join', { incident: id })
    const restricting = place.house.does(carla.actor, id, restrict)
    await responder.caughtUp()
    place.house.store.hold(false)
    await restricting
    expect(await joining).toMatchObject({ code: 'not-found' })
  })
})
