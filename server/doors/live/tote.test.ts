import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Frame, frameSchema, type ToteDelta, type ToteSnapshot } from '#shared/wire.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { ana, ben } from '../../command/room.fixture.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeTelling } from '../../tell/index.ts'
import { Studio } from '../../tell/studio.fixture.ts'
import { trialApi, trialCommandRoom } from '../trial/index.ts'
import { makeSocketDoor, type SocketDoor } from './socket.ts'

const ops = { by: 'system:ops', address: null }
const clock = trialClock()
const access = makeAccess(trialParts(makeMemoryStore(), clock))
const http = createServer()
let studio: Studio
let door: SocketDoor
let token = ''

beforeAll(async () => {
  studio = await Studio.open()
  const { picture, filterRoom, tote, house } = studio
  const noDrafts = () => Promise.reject(new Error('nobody writes here'))
  const commandRoom = trialCommandRoom(async () => undefined)
  door = makeSocketDoor({
    ...{ http, access, clock, picture, publicUrl: null, trustProxy: 'loopback', commandRoom },
    log: trialApi({ access, read: house.store.read, clock, commandRoom }).log,
    trouble: () => null,
    telling: (broadcast) =>
      makeTelling({ picture, filterRoom, tote, clock: { now: () => house.now }, broadcast, after: () => undefined }),
    drafts: () => ({
      ...{ join: noDrafts, edit: noDrafts, sweep: async () => 0 },
      ...{ at: () => undefined, leave: () => undefined, gone: () => undefined },
    }),
  })
  const role = 'wall'
  token = (await access.tokens.create(ops, { name: 'hall', personId: null, role, expiresAt: null })).token
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
})
afterAll(() => door.close())

const isWhole = (frame: Frame | undefined): frame is ToteSnapshot => frame?.kind === 'snapshot' && 'tote' in frame
const isChange = (frame: Frame | undefined): frame is ToteDelta => frame?.kind === 'delta' && 'tote' in frame

async function watcher(have?: number): Promise<{ socket: Socket; frames: Frame[]; next(): Promise<Frame> }> {
  const { port } = http.address() as AddressInfo
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], auth: { token }, reconnection: false })
  const frames: Frame[] = []
  socket.on('frame', (raw) => frames.push(frameSchema.parse(raw)))
  await once(socket as never, 'connect')
  const room = have === undefined ? { room: 'tote' } : { room: 'tote', have }
  expect(await socket.emitWithAck('watch', room)).toMatchObject({ ok: true })
  let read = 0
  const next = async () => {
    await expect.poll(() => frames.length).toBeGreaterThan(read)
    return frames[read++] as Frame
  }
  return { socket, frames, next }
}

test('RD10: a wall watches the tote live: rows that moved, names, and nobody’s words', async () => {
  const wall = await watcher()
  const whole = await wall.next()
  if (!isWhole(whole)) throw new Error('no snapshot came')
  expect(whole.tote.people.map(({ name, state }) => [name, state])).toEqual([
    ['ANA', 'released'],
    ['BEN', 'released'],
    ['CARLA', 'released'],
  ])

  await studio.alert('checkout')
  const [id = ''] = studio.house.room.world().incidents.keys()
  await studio.house.does(ana, id, { type: 'claim' })
  await studio.tote.say({ by: ben.id, address: null }, 'ben', { state: 'available', inMin: 20, note: 'on the train' })
  door.telling.figures()
  const change = await wall.next()
  if (!isChange(change)) throw new Error('no delta came')
  expect(change.after).toBe(whole.seq)
  expect(change.tote.people.map(({ id, state }) => [id, state])).toEqual([
    ['ana', 'engaged'],
    ['ben', 'available'],
  ])
  expect(JSON.stringify(wall.frames)).not.toMatch(/train|is down/i)

  // Who comes back is told what was missed; who never was away gets the whole.
  const back = await watcher(whole.seq)
  expect(await back.next()).toEqual({ ...change, toldAt: expect.any(String) })
  const fresh = await (await watcher()).next()
  expect(isWhole(fresh) && fresh.tote.people.map(({ state }) => state)).toEqual(['engaged', 'available', 'released'])
  wall.socket.disconnect()
  back.socket.disconnect()
})
