import type { Server as HttpServer } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { type Action, type Actor, can } from '#shared/access.ts'
import { draftAtSchema, draftEditSchema, draftJoinSchema, draftLeaveSchema } from '#shared/brief/line.ts'
import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import {
  type Beat,
  type Frame,
  protocol,
  type Room,
  socketCommandSchema,
  unwatchSchema,
  watchSchema,
} from '#shared/wire.ts'
import { type Access, type Identity, originAllowed } from '../../access/index.ts'
import type { CommandRoom } from '../../command/index.ts'
import type { Drafts, Tell } from '../../draft/index.ts'
import type { Picture } from '../../picture/index.ts'
import type { Telling } from '../../tell/index.ts'
import { makeAddressOf, type TrustProxy } from '../address.ts'
import { readCommand } from '../body.ts'
import { refusalOf } from '../refusal.ts'
import { parse } from './payload.ts'
import { makeRestrictedRooms, type Onlooker } from './restricted.ts'

export interface SocketDoorParts {
  http: HttpServer
  access: Access
  commandRoom: CommandRoom
  picture: Picture
  clock: Clock
  publicUrl: string | null
  trustProxy: TrustProxy
  /** What keeps the server from writing, in words for people; null when nothing does. */
  trouble: () => string | null
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
  /** Made once the door can send: the room hub needs the door to broadcast, the door needs the hub to open rooms. */
  telling: (broadcast: (room: Room, frame: Frame) => void) => Telling
  /** The same for the briefs that are being written: edits go to pages, by the ids of their sockets. */
  drafts: (tell: Tell) => Drafts
}

export const beatEveryMs = 5000
/** Events a client may send in a burst, and how many come back each second. */
const burst = 120
const perSecond = 40
/** A client that lets so many packets pile up is too slow to be shown the truth; it is dropped and comes back. */
const pileLimit = 200

/** Rule A1: each socket event declares its action; `watch` has one per room. */
export const socketActions = {
  watch: {
    board: 'picture.read',
    wall: 'wall.read',
    filter: 'ledger.read',
    tote: 'wall.read',
    incident: 'incident.read',
  },
  unwatch: 'public',
  command: 'picture.read', // `commandAction` then asks for the one of the command
  // The brief while it is written: for those who may keep it.
  'draft-join': 'incident.respond',
  'draft-edit': 'incident.respond',
  'draft-at': 'incident.respond',
  'draft-leave': 'public',
} as const satisfies Record<string, Action | Record<string, Action>>

function roomAction(room: Room): Action {
  return room.startsWith('incident:')
    ? socketActions.watch.incident
    : socketActions.watch[room as 'board' | 'wall' | 'filter' | 'tote']
}

interface SocketData {
  identity: Identity
  /** Rooms it asked for; it may be in others, which it was brought into (`restricted.ts`). */
  asked: Set<string>
  brought: Set<string>
  /** Incidents whose brief it writes. */
  drafting: Set<string>
  tokens: number
  filledAt: number
}
type Client = Socket<
  Record<string, (payload: unknown, answer: unknown) => void>,
  Record<string, (payload: unknown) => void>,
  object,
  SocketData
>

export interface SocketDoor {
  /** Proof of life to everybody. Called every `beatEveryMs`. */
  beat(): void
  telling: Telling
  drafts: Drafts
  count(): number
  close(): Promise<void>
}

/**
 * The door for live clients: `watch`, `unwatch`, `command` in; `frame`, `beat` out (contract.md: Socket). A brief that is being
 * written: `draft-join`, `draft-edit`, `draft-at`, `draft-leave` in; `draft` out.
 */
export function makeSocketDoor(parts: SocketDoorParts): SocketDoor {
  const { access, commandRoom, picture, clock, log } = parts
  const addressOf = makeAddressOf(parts.trustProxy)
  const io = new Server<
    Record<string, (payload: unknown, answer: unknown) => void>,
    Record<string, (payload: unknown) => void>,
    object,
    SocketData
  >(parts.http, {
    // Polling GETs carry no Origin, so cookies could be used from other sites (trust.md).
    transports: ['websocket'],
    allowUpgrades: false,
    serveClient: false,
    maxHttpBufferSize: 256 * 1024,
    pingInterval: 10_000,
    pingTimeout: 10_000,
    perMessageDeflate: false,
    allowRequest: (request, decide) => {
      // A browser always sends an Origin with a handshake: a foreign one is refused whatever the credentials.
      const foreign =
        request.headers.origin !== undefined &&
        !originAllowed(request.headers, { publicUrl: parts.publicUrl, missing: 'allow' })
      decide(foreign ? 'origin-refused' : null, !foreign)
    },
  })
  const telling = parts.telling((room, frame) => {
    for (const id of io.sockets.adapter.rooms.get(room) ?? []) dropIfSlow(io.sockets.sockets.get(id))
    io.to(room).emit('frame', frame)
  })
  const drafts = parts.drafts((keys, told) => {
    for (const key of keys) {
      dropIfSlow(io.sockets.sockets.get(key))
      io.sockets.sockets.get(key)?.emit('draft', told)
    }
  })
  io.sockets.adapter.on('delete-room', (room: string) => telling.close(room as Room))

  function dropIfSlow(socket: Client | undefined): void {
    // engine.io keeps what it could not write yet in a field its types call private; there is no public count.
    const packets =
      (socket?.conn as unknown as { writeBuffer: readonly unknown[] } | undefined)?.writeBuffer.length ?? 0
    if (socket === undefined || packets <= pileLimit) return
    log.warn({ socket: socket.id, packets }, 'a client is too slow and was dropped')
    socket.disconnect(true)
  }

  io.use((socket, next) => {
    const { auth, headers } = socket.handshake
    const identity = access.identifySocket({ token: auth.token, cookie: headers.cookie })
    const byCookie = identity?.via === 'session'
    // A page says whose it is: in another window of its browser somebody else may have signed in meanwhile.
    const isOthers = typeof auth.person === 'string' && auth.person !== identity?.actor.personId
    const error =
      identity === null
        ? new UxbridgeError('not-signed-in', 'Sign in first.')
        : byCookie && !originAllowed(headers, { publicUrl: parts.publicUrl, missing: 'refuse' })
          ? new UxbridgeError('origin-refused', 'Open the board at its own address.')
          : isOthers
            ? new UxbridgeError('not-signed-in', 'Somebody else is signed in in this browser now. Load the page again.')
            : null
    if (error !== null || identity === null)
      return next(Object.assign(new Error(error?.message ?? ''), { data: error?.body() }))
    const sets = { asked: new Set<string>(), brought: new Set<string>(), drafting: new Set<string>() }
    socket.data = { identity, ...sets, tokens: burst, filledAt: clock.now() }
    next()
  })

  io.on('connection', (socket) => {
    on(socket, 'watch', async (payload) => {
      const { room, have } = parse(watchSchema, payload)
      require(socket, roomAction(room))
      await look(socket, room)
      const found = await telling.open(room, have, (frame) => {
        // Rights may have ended while the page was read.
        const { actor } = access.renew(socket.data.identity) ?? { actor: null }
        if (!socket.connected || !can(actor, roomAction(room)) || !isSeen(actor, room)) return
        socket.data.asked.add(room)
        void socket.join(room)
        socket.emit('frame', frame)
      })
      const belonging = restricted.judge(onlooker(socket))
      shut(room)
      if (!found) throw new UxbridgeError('not-found', `There is no ${room.replace(':', ' ')}.`)
      return { ok: true, seq: telling.seqOf(room), ...(room === 'board' && { restricted: belonging }) }
    })
    on(socket, 'unwatch', async (payload) => {
      const { room } = parse(unwatchSchema, payload)
      socket.data.asked.delete(room)
      if (!socket.data.brought.has(room)) await socket.leave(room)
      if (room === 'board') restricted.judge(onlooker(socket))
      return { ok: true }
    })
    on(socket, 'command', async (payload) => {
      require(socket, socketActions.command)
      const { incident, ...fields } = parse(socketCommandSchema, payload)
      const command = readCommand(fields)
      const address = addressOf(socket.request)
      const { seq, facts } = await commandRoom.command(socket.data.identity.actor, incident, command, { address })
      return { seq, facts: facts.map(picture.factView) }
    })
    on(socket, 'draft-join', async (payload) => {
      require(socket, socketActions['draft-join'])
      const { incident, vector } = parse(draftJoinSchema, payload)
      const { personId } = socket.data.identity.actor
      if (personId === null)
        throw new UxbridgeError('not-allowed', 'Only people write a brief; this token is a machine’s.')
      await look(socket, `incident:${incident}`)
      const joined = await drafts.join(incident, { key: socket.id, personId }, vector ?? null)
      // It may have gone, or lost its rights, while the draft was opened.
      const { actor } = access.renew(socket.data.identity) ?? { actor: null }
      if (!socket.connected || !can(actor, socketActions['draft-join'])) drafts.gone(socket.id)
      else if (picture.sees(actor, incident)) socket.data.drafting.add(incident)
      else drafts.leave(incident, socket.id)
      requireSeen(socket, incident)
      return { me: socket.id, ...joined, changedAt: new Date(joined.changedAt).toISOString() }
    })
    on(socket, 'draft-edit', async (payload) => {
      require(socket, socketActions['draft-edit'])
      const { incident, update } = parse(draftEditSchema, payload)
      requireSeen(socket, incident)
      await drafts.edit(incident, socket.id, update)
      return { ok: true }
    })
    on(socket, 'draft-at', async (payload) => {
      require(socket, socketActions['draft-at'])
      const { incident, field } = parse(draftAtSchema, payload)
      // A page that is in no such draft moves nothing, and is told nothing.
      if (isSeen(socket.data.identity.actor, `incident:${incident}`)) drafts.at(incident, socket.id, field)
      return { ok: true }
    })
    on(socket, 'draft-leave', async (payload) => {
      const { incident } = parse(draftLeaveSchema, payload)
      socket.data.drafting.delete(incident)
      drafts.leave(incident, socket.id)
      return { ok: true }
    })
    socket.on('disconnect', () => drafts.gone(socket.id))
    socket.onAny((event: string, ...said: unknown[]) => {
      const reply = said.at(-1)
      if (Object.hasOwn(socketActions, event) || typeof reply !== 'function') return
      const known = Object.keys(socketActions).join(', ')
      reply(new UxbridgeError('not-found', `There is no event "${event.slice(0, 40)}". Known are ${known}.`).body())
    })
  })

  /** One door for all events: identity, rate, answer. Every event gets a definite answer. */
  function on(socket: Client, event: string, handle: (payload: unknown) => Promise<object>): void {
    socket.on(event, (payload, answer) => {
      const reply = typeof answer === 'function' ? (answer as (body: object) => void) : () => undefined
      if (!spend(socket.data)) {
        reply(new UxbridgeError('rate-exceeded', `At most ${perSecond} messages a second. Wait a moment.`).body())
        return
      }
      // A deed keeps the session alive; an open socket alone does not.
      const identity = access.renew(socket.data.identity, event === 'command' || event === 'draft-edit')
      if (identity === null) {
        reply(new UxbridgeError('not-signed-in', 'Your session has ended. Sign in again.').body())
        socket.disconnect(true)
        return
      }
      socket.data.identity = identity
      handle(payload).then(reply, (error: unknown) => reply(refusalOf(error, { nameOf: picture.nameOf, log }).body))
    })
  }

  function require(socket: Client, action: Action): void {
    if (!can(socket.data.identity.actor, action))
      throw new UxbridgeError('not-allowed', 'Your role does not include this.')
  }

  function isSeen(actor: Actor | null, room: Room): boolean {
    return !room.startsWith('incident:') || picture.sees(actor, room.slice('incident:'.length))
  }

  /** Rule RS1: what is not there for somebody is not there at all. @throws UxbridgeError `not-found` */
  function requireSeen(socket: Client, incident: string): void {
    if (!picture.sees(socket.data.identity.actor, incident))
      throw new UxbridgeError('not-found', `There is no incident ${incident}.`)
  }

  /** Rule RS6: a look at what is restricted is in the audit before it is given. @throws UxbridgeError `not-found`, `store-full` */
  async function look(socket: Client, room: Room): Promise<void> {
    if (!room.startsWith('incident:')) return
    const subject = room.slice('incident:'.length)
    if (picture.sees(null, subject)) return
    const { id: by } = socket.data.identity.actor
    const about = { by, action: 'restricted.read', subject, detail: { room }, address: addressOf(socket.request) }
    if (picture.sees(socket.data.identity.actor, subject)) return commandRoom.record({ ...about, outcome: 'done' })
    // Written beside the answer, which neither waits for it nor fails with it.
    commandRoom
      .record({ ...about, outcome: 'refused' })
      .catch((err) => log.error({ err }, 'a refused look was not written'))
    requireSeen(socket, subject)
  }

  /** Nobody entered: it was opened for one who is gone, and nobody will leave it. */
  function shut(room: Room): void {
    if (!io.sockets.adapter.rooms.has(room)) telling.close(room)
  }

  function onlooker(socket: Client): Onlooker {
    return {
      id: socket.id,
      // What was true before something was waited for may be no more.
      get actor() {
        return socket.data.identity.actor
      },
      get rooms() {
        return socket.rooms
      },
      get connected() {
        return socket.connected
      },
      asked: socket.data.asked,
      brought: socket.data.brought,
      drafting: socket.data.drafting,
      address: addressOf(socket.request),
      join: (room) => void socket.join(room),
      leave(room) {
        const incident = room.slice('incident:'.length)
        socket.data.asked.delete(room)
        socket.data.drafting.delete(incident)
        drafts.leave(incident, socket.id)
        void socket.leave(room)
      },
      frame: (frame) => void socket.emit('frame', frame),
      removed: (removed) => void socket.emit('removed', removed),
    }
  }

  function spend(data: SocketData): boolean {
    const now = clock.now()
    // A clock set back gives nothing, and takes nothing.
    data.tokens = Math.min(burst, data.tokens + (Math.max(0, now - data.filledAt) / 1000) * perSecond)
    data.filledAt = now
    if (data.tokens < 1) return false
    data.tokens--
    return true
  }

  const restricted = makeRestrictedRooms({
    onlookers: () => [...io.sockets.sockets.values()].map(onlooker),
    ...{ picture, telling, shut, log },
    record: commandRoom.record,
  })

  /** Rule A2: when rights change, every socket is judged again at once, and every room of it. */
  const stopRights = access.onRights(({ personId, credentialId }) => {
    for (const socket of io.sockets.sockets.values()) {
      const { identity } = socket.data
      if (personId !== null && identity.actor.personId !== personId) continue
      if (credentialId !== null && identity.credentialId !== credentialId) continue
      const renewed = access.renew(identity)
      if (renewed === null) {
        socket.disconnect(true)
        continue
      }
      socket.data.identity = renewed
      if (!can(renewed.actor, socketActions['draft-edit'])) {
        socket.data.drafting.clear()
        drafts.gone(socket.id)
      }
      for (const room of socket.rooms)
        if (room !== socket.id && !can(renewed.actor, roomAction(room as Room))) void socket.leave(room)
      restricted.judge(onlooker(socket))
    }
  })

  return {
    telling,
    drafts,
    beat() {
      const at = new Date(clock.now()).toISOString()
      const { sources } = picture.figures()
      restricted.judgeAll()
      for (const socket of io.sockets.sockets.values()) {
        // Rights can also end by time alone, of which nobody is told.
        if (access.renew(socket.data.identity) === null) {
          socket.disconnect(true)
          continue
        }
        const seq: Record<string, number> = {}
        for (const room of socket.rooms) if (room !== socket.id) seq[room] = telling.seqOf(room as Room)
        const beat: Beat = { at, protocol, trouble: parts.trouble(), seq, sources }
        socket.volatile.emit('beat', beat)
      }
    },
    count: () => io.sockets.sockets.size,
    async close() {
      stopRights()
      restricted.stop()
      telling.stop()
      await io.close()
    },
  }
}
