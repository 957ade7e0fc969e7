import { type Frame, type Room, removedSchema, type Summary } from '#shared/wire.ts'
import { frameLagMs, type RoomSync, type WatchAnswer } from './room.ts'

export interface RestrictedListener {
  /**
   * Restricted incidents that are on the board of this person; called when one comes, changes or goes.
   * @param isNews false: they were there before this page knew of them
   */
  changed(incidents: ReadonlyMap<string, Summary>, what: { receivedAt: string | null; isNews: boolean }): void
  /** It was there for this person, and is no more: nothing of it may stay. Comes before `changed`. */
  hidden(incidentId: string): void
}

/**
 * Rule L6: whoever watches the board is brought into the rooms of the restricted incidents that they may see, unasked (rule
 * RS5 of the server). Which these are is said by the answer to each watch of the board, by a snapshot that nobody asked for,
 * and by `removed`. What a beat says otherwise, twice, makes the board be watched again; it is never guessed at.
 */
export interface RestrictedRooms {
  readonly listeners: Set<RestrictedListener>
  /** The line is open: what was here before waits to be brought again, or for the board's answer that lacks it. */
  opened(): void
  answered(room: Room, answer: WatchAnswer): void
  frame(frame: Frame): void
  removed(raw: unknown): void
  /** The rooms that this page is in, by the server. */
  beat(rooms: readonly string[]): void
  /** Nobody looks at this room any more. @returns whether it is kept, because the board shows it */
  keeps(room: Room): boolean
  /** The server refused a room that was shown. */
  lost(room: Room): void
  /** Nobody is signed in. */
  forget(): void
}

const idOf = (room: string): string => room.slice('incident:'.length)
const isIncident = (room: string): room is Room => room.startsWith('incident:')

export function makeRestrictedRooms(doors: {
  rooms: Map<Room, RoomSync>
  /** Adds a room that no screen has asked for. */
  make(room: Room): RoomSync
  /** Tells the server that nobody is in the room. */
  leave(room: Room): void
}): RestrictedRooms {
  const { rooms } = doors
  const listeners = new Set<RestrictedListener>()
  /** Rooms that the server has brought this page into, or is about to. */
  const brought = new Set<Room>()
  /** Of these the ones of which nothing has come yet, though they are not new. */
  const awaited = new Set<Room>()
  /** Restricted rooms that screens are in, and that the newest answer did not name: they are not on the board. */
  const elsewhere = new Set<Room>()
  let shown: ReadonlyMap<string, Summary> = new Map()
  let oddBeats = 0
  let strangers: readonly Room[] = []

  const isLooked = (room: RoomSync): boolean => room.listeners.size > 0
  const recount = (): void => rooms.get('board')?.again()

  function look(receivedAt: string | null = null): void {
    const next = new Map<string, Summary>()
    for (const room of brought) {
      const sync = rooms.get(room)
      const picture = sync?.refusal() === null ? sync.picture() : null
      if (picture !== null && 'view' in picture) next.set(idOf(room), picture.view.summary)
    }
    const same = next.size === shown.size && [...next].every(([id, summary]) => shown.get(id) === summary)
    if (same) return
    const fresh = [...next.keys()].filter((id) => !shown.has(id))
    const isNews = fresh.every((id) => !awaited.delete(`incident:${id}`))
    shown = next
    for (const listener of listeners) listener.changed(shown, { receivedAt, isNews })
  }

  function drop(room: Room): void {
    brought.delete(room)
    awaited.delete(room)
    const sync = rooms.get(room)
    if (sync === undefined || isLooked(sync)) return
    rooms.delete(room)
    sync.end()
    doors.leave(room)
  }

  function hide(room: Room): void {
    drop(room)
    for (const listener of listeners) listener.hidden(idOf(room))
  }

  /** A page that says that an incident is not there is put right when it is. */
  function returned(ids: Iterable<string>): void {
    for (const id of ids) {
      const sync = rooms.get(`incident:${id}`)
      if (sync?.refusal()?.code === 'not-found') sync.opened()
    }
  }

  return {
    listeners,
    opened() {
      for (const sync of rooms.values()) {
        if (isLooked(sync)) sync.opened()
        else sync.awaits(null)
      }
    },
    answered(room, { restricted }) {
      if (room !== 'board' || restricted === null) return
      const listed = new Set(restricted)
      oddBeats = 0
      for (const room of [...brought]) if (!listed.has(room)) drop(room)
      for (const room of strangers) if (!listed.has(room) && !rooms.has(room)) doors.leave(room)
      strangers = []
      elsewhere.clear()
      for (const room of rooms.keys()) if (isIncident(room) && !listed.has(room)) elsewhere.add(room)
      for (const room of listed) {
        brought.add(room)
        const sync = rooms.get(room) ?? doors.make(room)
        if (sync.picture() === null) awaited.add(room)
        if (!isLooked(sync) && !sync.synced()) sync.awaits(frameLagMs)
      }
      look()
    },
    frame(frame) {
      const { room } = frame
      const summary = 'incident' in frame ? frame.incident.summary : null
      const isRestricted = summary?.flags.includes('restricted') === true
      let sync = rooms.get(room)
      if (sync === undefined) {
        if (!isRestricted || frame.kind !== 'snapshot' || !rooms.has('board')) return
        sync = doors.make(room)
        sync.awaits(null)
        brought.add(room)
      }
      sync.frame(frame)
      if ('upsert' in frame) returned(frame.upsert.map(({ id }) => id))
      if ('incidents' in frame) returned(frame.incidents.map(({ id }) => id))
      if (summary === null) return
      // A screen was in the room already: whether the board has it as well is for the server to say.
      if (isRestricted && !brought.has(room) && (frame.kind === 'snapshot' || !elsewhere.has(room))) recount()
      look(frame.kind === 'delta' && 'receivedAt' in frame ? frame.receivedAt : null)
    },
    removed(raw) {
      const parsed = removedSchema.safeParse(raw)
      if (!parsed.success) return recount()
      const { room, why } = parsed.data
      const sync = rooms.get(room)
      if (why === 'hidden') {
        sync?.hide()
        hide(room)
      } else {
        drop(room)
        // The server may have taken this page out of the room, which a screen still shows.
        if (sync !== undefined && isLooked(sync)) sync.opened()
      }
      look()
    },
    beat(names) {
      const board = rooms.get('board')
      if (board?.synced() !== true) return
      const picture = board.picture()
      // A refusal may have been late on its way.
      if (picture !== null && 'incidents' in picture)
        returned([...rooms.keys()].map(idOf).filter((id) => picture.incidents.has(id)))
      const inside = new Set(names.filter(isIncident))
      strangers = [...inside].filter((room) => !rooms.has(room))
      // One side has the page in a room, and the other has not: a word between them went astray.
      const torn = [...rooms].filter(
        ([room, sync]) => isIncident(room) && sync.synced() && inside.has(room) !== (sync.refusal() === null),
      )
      oddBeats = strangers.length > 0 || torn.length > 0 ? oddBeats + 1 : 0
      if (oddBeats < 2) return
      oddBeats = 0
      recount()
      for (const [, sync] of torn) if (isLooked(sync)) sync.opened()
    },
    keeps: (room) => brought.has(room),
    lost(room) {
      hide(room)
      look()
    },
    forget() {
      for (const room of [...brought]) hide(room)
      look()
    },
  }
}

/** The rooms that the answer to a watch of the board names; null: it names none, because it is of another kind. */
export function roomsIn(raw: unknown): Room[] | null {
  if (typeof raw !== 'object' || raw === null || !('restricted' in raw) || !Array.isArray(raw.restricted)) return null
  return raw.restricted.filter((room) => typeof room === 'string').filter(isIncident)
}
