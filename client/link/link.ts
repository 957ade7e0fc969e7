import type { ErrorBody } from '#shared/errors.ts'
import { beatSchema, frameSchema, type Room, type SourceVitals } from '#shared/wire.ts'
import type { CommandInput } from './command-input.ts'
import { type CommandOutcome, makeOutbox, readError, type SendHow, type WaitingCommand } from './commands.ts'
import { type DraftLine, type DraftPage, makeDraftLines } from './drafts.ts'
import { makeRestrictedRooms, type RestrictedListener, roomsIn } from './restricted.ts'
import { makeRoomSync, type RoomListener, type RoomSync, type WatchAnswer } from './room.ts'
import { makeServerClock } from './telling.ts'
import type { CloseReason, LinkClock, Transport } from './transport.ts'

/** Beats come every 5 s; when no data came for so long the picture may be wrong, whatever the socket says. */
export const staleAfterMs = 12_000
const firstRetryMs = 500
const longestRetryMs = 10_000
const signedOutRetryMs = 30_000

export type LinkState =
  | { kind: 'connecting' }
  | { kind: 'catching-up' }
  | { kind: 'live' }
  /** `since`: when the server sent the last thing that came, by its clock; null when nothing ever came. */
  | { kind: 'stale'; since: number | null }
  | { kind: 'signed-out' }
  | { kind: 'refused'; error: ErrorBody }

export interface LinkReport {
  state: LinkState
  /** The server speaks another version of the wire than this page. */
  newer: boolean
  /** What keeps the server from taking anything in, in its own words; null when nothing does. */
  trouble: string | null
  waiting: readonly WaitingCommand[]
  /** Something can be sent now. */
  open: boolean
}

export interface Link {
  start(): void
  stop(): void
  /** Tries at once: after signing in, or when the browser says that the network is back. */
  retryNow(): void
  /** Keeps the room's picture up to date until the returned function is called. */
  watch(room: Room, listener: RoomListener): () => void
  /** What the board has that is restricted, as long as the board is watched. */
  restricted(listener: RestrictedListener): () => void
  command(incident: string, command: CommandInput, how?: SendHow): Promise<CommandOutcome>
  /** Enters the brief of an incident that is being written, until it is left. */
  draft(incident: string, page: DraftPage): DraftLine
  report(): LinkReport
  subscribe(listener: (report: LinkReport) => void): () => void
  onVitals(listener: (sources: readonly SourceVitals[]) => void): () => void
  /** Epoch ms by the server's clock, as well as we know it. */
  serverNow(): number
}

export function makeLink(doors: {
  transport: Transport
  clock: LinkClock
  /** 0 ≤ n < 1, for jitter. */
  random: () => number
  newId: () => string
  protocol: string
}): Link {
  const { transport, clock } = doors
  const serverClock = makeServerClock(clock.now)
  const rooms = new Map<Room, RoomSync>()
  const listeners = new Set<(report: LinkReport) => void>()
  const vitalsListeners = new Set<(sources: readonly SourceVitals[]) => void>()

  let running = false
  let connected = false
  let everSynced = false
  let openedAt = 0
  /** When anything came last, by our clock, and when the server had sent it, by its own. */
  let heardAt: number | null = null
  let heardSaidAt: number | null = null
  let newer = false
  let trouble: string | null = null
  let ended: LinkState | null = null
  let attempts = 0
  let cancelRetry = () => {}
  let cancelWatchdog = () => {}
  let told = ''

  const outbox = makeOutbox({
    clock,
    newId: doors.newId,
    send: (body, answered) => transport.send('command', body, answered),
    moved,
  })

  const restricted = makeRestrictedRooms({ rooms, make: makeRoom, leave })

  const drafts = makeDraftLines((event, body, answered) => transport.send(event, body, answered))

  function state(): LinkState {
    if (ended !== null) return ended
    const quietSince = heardAt ?? openedAt
    if (quietSince > 0 && clock.now() - quietSince >= staleAfterMs) return { kind: 'stale', since: heardSaidAt }
    if (connected && [...rooms.values()].every((room) => room.synced())) {
      everSynced = true
      return { kind: 'live' }
    }
    return everSynced ? { kind: 'catching-up' } : { kind: 'connecting' }
  }

  function report(): LinkReport {
    return { state: state(), newer, trouble, waiting: outbox.waiting(), open: connected }
  }

  function moved(): void {
    const now = report()
    const key = JSON.stringify(now)
    if (key === told) return
    told = key
    for (const listener of listeners) listener(now)
  }

  /** Once a second: the state depends on time, and a line that says nothing for too long is dropped and made anew. */
  function watchdog(): void {
    cancelWatchdog = clock.after(1_000, () => {
      const quietMs = clock.now() - (heardAt === null ? openedAt : Math.max(heardAt, openedAt))
      if (connected && quietMs >= staleAfterMs * 2) {
        transport.close()
        closed({ kind: 'lost' })
      }
      moved()
      if (running) watchdog()
    })
  }

  function opened(): void {
    if (!running || connected) return
    connected = true
    attempts = 0
    ended = null
    openedAt = clock.now()
    restricted.opened()
    outbox.opened()
    drafts.opened()
    moved()
  }

  function closed(reason: CloseReason): void {
    const was = connected
    connected = false
    if (was) {
      for (const room of rooms.values()) room.closed()
      outbox.closed()
      drafts.closed()
    }
    if (!running) return
    let waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempts, 8))
    attempts++
    if (reason.kind === 'refused' && (reason.code === 'not-signed-in' || reason.code === 'key-revoked')) {
      ended = { kind: 'signed-out' }
      outbox.abandon('You are signed out, and no answer had come yet. Sign in and look whether it was done.')
      waitMs = signedOutRetryMs
    } else if (reason.kind === 'refused' && (reason.code === 'not-allowed' || reason.code === 'origin-refused')) {
      ended = { kind: 'refused', error: { code: reason.code, message: reason.message } }
      waitMs = signedOutRetryMs
    }
    // Half fixed, half chance: a thousand boards that lost the same server do not come back in the same instant.
    cancelRetry()
    cancelRetry = clock.after(waitMs / 2 + (doors.random() * waitMs) / 2, connect)
    moved()
  }

  function heard(saidAt: number): void {
    serverClock.heard(saidAt)
    heardAt = clock.now()
    heardSaidAt = saidAt
  }

  function connect(): void {
    cancelRetry()
    if (!running || connected) return
    // A try that neither opens nor fails is given up by the transport itself; this is only against one that forgets.
    cancelRetry = clock.after(30_000, connect)
    transport.connect()
  }

  transport.listen({
    open: () => {
      cancelRetry()
      opened()
    },
    closed,
    frame(raw) {
      if (!connected) return
      const frame = frameSchema.safeParse(raw)
      if (frame.success) {
        heard(Date.parse(frame.data.toldAt))
        restricted.frame(frame.data)
        return moved()
      }
      // Unreadable: whose it was may still be clear. Otherwise every room could be missing something.
      const name = roomNameOf(raw)
      for (const room of rooms.values()) if (name === null || room.room === name) room.resync()
    },
    removed(raw) {
      if (!connected) return
      restricted.removed(raw)
      moved()
    },
    draft(raw) {
      if (connected) drafts.told(raw)
    },
    beat(raw) {
      if (!connected) return
      const beat = beatSchema.safeParse(raw)
      if (!beat.success) {
        // Another version may say other things in a beat; that it is another version can still be read.
        newer = newer || isOtherVersion(raw, doors.protocol)
        return moved()
      }
      heard(Date.parse(beat.data.at))
      newer = beat.data.protocol !== doors.protocol
      trouble = beat.data.trouble
      for (const [name, seq] of Object.entries(beat.data.seq)) rooms.get(name as Room)?.newest(seq)
      restricted.beat(Object.keys(beat.data.seq))
      for (const listener of vitalsListeners) listener(beat.data.sources)
      moved()
    },
  })

  return {
    draft: drafts.draft,
    start() {
      if (running) return
      running = true
      openedAt = clock.now()
      watchdog()
      connect()
    },
    stop() {
      running = false
      cancelRetry()
      cancelWatchdog()
      transport.close()
      closed({ kind: 'lost' })
      restricted.forget()
    },
    retryNow() {
      if (!running) return
      attempts = 0
      if (ended !== null) {
        ended = null
        openedAt = clock.now()
        heardAt = null
      }
      connect()
      moved()
    },
    watch(name, listener) {
      let room = rooms.get(name)
      const isFirst = room === undefined || room.listeners.size === 0
      room ??= makeRoom(name)
      room.listeners.add(listener)
      const picture = room.picture()
      const refusal = room.refusal()
      if (picture !== null) listener.changed(picture, { notices: [], receivedAt: null })
      else if (refusal !== null) listener.refused(refusal, false)
      // Also where the board has brought it already: that a person opened it is another thing.
      if (isFirst && connected) room.opened()
      moved()
      const watched = room
      return () => {
        watched.listeners.delete(listener)
        if (watched.listeners.size > 0 || rooms.get(name) !== watched) return
        if (!restricted.keeps(name)) {
          rooms.delete(name)
          watched.end()
        }
        leave(name)
        moved()
      }
    },
    restricted(listener) {
      restricted.listeners.add(listener)
      return () => restricted.listeners.delete(listener)
    },
    command: (incident, command, how) => outbox.send(incident, command, how),
    report,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onVitals(listener) {
      vitalsListeners.add(listener)
      return () => vitalsListeners.delete(listener)
    },
    serverNow: serverClock.now,
  }

  function makeRoom(name: Room): RoomSync {
    const room = makeRoomSync(name, { clock, moved, ask: askFor, answered: restricted.answered, lost: restricted.lost })
    rooms.set(name, room)
    return room
  }

  function leave(room: Room): void {
    if (connected) transport.send('unwatch', { room }, () => {})
  }

  function askFor(room: Room, have: number | null, answered: (answer: WatchAnswer | ErrorBody) => void): void {
    transport.send('watch', have === null ? { room } : { room, have }, (raw) => {
      answered(readError(raw) ?? { seq: seqOf(raw), restricted: roomsIn(raw) })
    })
  }
}

function seqOf(raw: unknown): number | null {
  return typeof raw === 'object' && raw !== null && 'seq' in raw && typeof raw.seq === 'number' ? raw.seq : null
}

function roomNameOf(raw: unknown): string | null {
  return typeof raw === 'object' && raw !== null && 'room' in raw && typeof raw.room === 'string' ? raw.room : null
}

function isOtherVersion(beat: unknown, ours: string): boolean {
  return typeof beat === 'object' && beat !== null && 'protocol' in beat && beat.protocol !== ours
}
