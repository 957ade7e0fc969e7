import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Frame } from '#shared/wire.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import type { Drafts } from '../../draft/index.ts'
import { makeMemoryStore } from '../../store/index.ts'
import type { Telling } from '../../tell/index.ts'
import { trialApi, trialCommandRoom } from '../trial/index.ts'
import { makeSocketDoor, type SocketDoor } from './socket.ts'

const ops = { by: 'system:ops', address: null }
const clock = trialClock()
const store = makeMemoryStore()
const parts = trialParts(store, clock)
const access = makeAccess(parts)
const room = trialCommandRoom(parts.record)
const { picture, log } = trialApi({ access, read: store.read, clock, commandRoom: room })
const http = createServer()

/** Opens a room when the test says so, and remembers which were closed. */
const closed: string[] = []
let opening: (() => Promise<void>) | null = null
const telling: Telling = {
  async open(name, _have, enter) {
    await opening?.()
    enter({ room: name, kind: 'snapshot', seq: 1 } as Frame)
    return true
  },
  close: (name) => void closed.push(name),
  seqOf: () => 1,
  figures: () => undefined,
  frames: () => 0,
  stop: () => undefined,
}
const goneFromDrafts: string[] = []
const drafts: Drafts = {
  join: async () => ({ update: new Uint8Array(2), vector: new Uint8Array(1), people: [], changedAt: clock.now() }),
  edit: async () => undefined,
  at: () => undefined,
  leave: () => undefined,
  gone: (key) => void goneFromDrafts.push(key),
  sweep: async () => 0,
}
const origins: (string | null)[] = []
let door: SocketDoor
let token = ''
beforeAll(async () => {
  door = makeSocketDoor({
    http,
    access,
    commandRoom: {
      ...room,
      command(actor, incident, command, origin) {
        origins.push(origin.address)
        return room.command(actor, incident, command, origin)
      },
    },
    picture,
    clock,
    log,
    publicUrl: null,
    trustProxy: 'loopback',
    trouble: () => null,
    telling: () => telling,
    drafts: () => drafts,
  })
  const role = 'commander'
  token = (await access.tokens.create(ops, { name: 't', personId: null, role, expiresAt: null })).token
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
})
afterAll(() => door.close())

const open: Socket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect()
  closed.length = 0
  opening = null
})
function client(auth: object, extraHeaders: Record<string, string> = {}): Socket {
  const { port } = http.address() as AddressInfo
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], auth, extraHeaders, reconnection: false })
  open.push(socket)
  return socket
}
async function live(auth: object = { token }, headers?: Record<string, string>): Promise<Socket> {
  const socket = client(auth, headers)
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return socket
}
const ended = (socket: Socket) => new Promise<string>((resolve) => void socket.once('disconnect', resolve))

describe('the socket door', () => {
  it('refuses whoever shows no valid token, and says so as HTTP does', async () => {
    await expect(live({ token: 'uxt_wrong' })).rejects.toMatchObject({
      data: { code: 'not-signed-in', message: 'Sign in first.' },
    })
  })

  it('refuses a page that was opened by somebody else than who is signed in in its browser now', async () => {
    await expect(live({ token, person: 'p_before' })).rejects.toMatchObject({ data: { code: 'not-signed-in' } })
  })

  it('answers every event: wrong fields with their paths, unknown events by name', async () => {
    const socket = await live()
    expect(await socket.emitWithAck('watch', { room: 'attic' })).toMatchObject({
      code: 'fields-invalid',
      details: { fields: [{ path: 'room' }] },
    })
    expect(await socket.timeout(2000).emitWithAck('subscribe', {})).toEqual({
      code: 'not-found',
      message:
        'There is no event "subscribe". Known are watch, unwatch, command, draft-join, draft-edit, draft-at, draft-leave.',
    })
  })

  it('A1 a wall watches walls only: neither the board nor the filter room', async () => {
    const wall = await access.tokens.create(ops, { name: 'hall', personId: null, role: 'wall', expiresAt: null })
    const socket = await live({ token: wall.token })
    expect(await socket.emitWithAck('watch', { room: 'wall' })).toMatchObject({ ok: true })
    for (const room of ['board', 'filter', 'incident:INC-1'])
      expect(await socket.emitWithAck('watch', { room })).toMatchObject({ code: 'not-allowed' })
    expect(await (await live()).emitWithAck('watch', { room: 'filter' })).toMatchObject({ ok: true })
  })

  it('D1 a clock set back silences nobody', async () => {
    const socket = await live()
    await socket.emitWithAck('unwatch', { room: 'board' })
    clock.pass(-hourMs)
    expect(await socket.emitWithAck('unwatch', { room: 'board' })).toEqual({ ok: true })
    clock.pass(hourMs)
  })

  it('D2 a token that runs out while its socket is open ends it by the next beat', async () => {
    const expiresAt = clock.now() + minuteMs
    const short = await access.tokens.create(ops, { name: 'short', personId: null, role: 'viewer', expiresAt })
    const socket = await live({ token: short.token })
    await socket.emitWithAck('watch', { room: 'board' })
    clock.pass(2 * minuteMs)
    const gone = ended(socket)
    door.beat()
    expect(await gone).toBe('io server disconnect')
  })

  it('D3 whoever leaves while a room is being opened for them keeps nothing open', async () => {
    const socket = await live()
    const asked = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    opening = () => {
      asked.resolve()
      return go.promise
    }
    socket.emit('watch', { room: 'incident:INC-1' })
    await asked.promise
    const before = door.count()
    socket.disconnect()
    await expect.poll(() => door.count()).toBe(before - 1)
    go.resolve()
    await expect.poll(() => closed.filter((name) => name.includes(':'))).toEqual(['incident:INC-1'])
  })

  it('D4 behind a trusted proxy a command comes from the address that the proxy names', async () => {
    const socket = await live({ token }, { 'x-forwarded-for': '203.0.113.9' })
    await socket.emitWithAck('command', { incident: 'INC-1001', id: 'c1', type: 'claim' })
    expect(origins).toEqual(['203.0.113.9'])
  })

  it('BD6 only people who may keep a brief write it: neither a viewer nor a machine, and what is no edit is refused by its field', async () => {
    const viewer = await access.tokens.create(ops, { name: 'v', personId: null, role: 'viewer', expiresAt: null })
    const looking = await live({ token: viewer.token })
    const update = new Uint8Array([0, 0])
    for (const [event, payload] of [
      ['draft-join', { incident: 'INC-1001' }],
      ['draft-edit', { incident: 'INC-1001', update }],
      ['draft-at', { incident: 'INC-1001', field: null }],
    ] as const)
      expect(await looking.emitWithAck(event, payload)).toMatchObject({ code: 'not-allowed' })
    const machine = await live()
    expect(await machine.emitWithAck('draft-join', { incident: 'INC-1001' })).toMatchObject({
      code: 'not-allowed',
      message: 'Only people write a brief; this token is a machine’s.',
    })
    expect(await machine.emitWithAck('draft-edit', { incident: 'INC-1001', update: 'words' })).toMatchObject({
      code: 'fields-invalid',
      details: { fields: [{ path: 'update' }] },
    })
    expect(await machine.emitWithAck('draft-edit', { incident: 'INC-1001', update })).toEqual({ ok: true })
  })

  it('BD6 a page that is gone is gone from every draft', async () => {
    const socket = await live()
    const { id } = socket
    socket.disconnect()
    await expect.poll(() => goneFromDrafts).toContain(id)
  })
})
