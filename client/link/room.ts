import type { ErrorBody } from '#shared/errors.ts'
import type { Frame, Notice, Room } from '#shared/wire.ts'
import {
  type Applied,
  applyFilterFrame,
  applyIncidentFrame,
  applyRoomFrame,
  applyToteFrame,
  type Picture,
} from './picture.ts'
import type { LinkClock } from './transport.ts'

/** No answer to a watch, or no frame after it, for so long: ask again. */
const answerWithinMs = 5_000
/** A beat may run ahead of frames that are still being coalesced; after this they should be here. */
const frameLagMs = 1_500

export interface RoomListener {
  changed(picture: Picture, what: { notices: readonly Notice[]; receivedAt: string | null }): void
  /** The server will not show it: it does not exist, or not for this person. */
  refused(error: ErrorBody): void
}

/** One watched room: its picture, and whether that is up to date as far as we were told. */
export interface RoomSync {
  readonly room: Room
  readonly listeners: Set<RoomListener>
  picture(): Picture | null
  refusal(): ErrorBody | null
  synced(): boolean
  /** The connection is open (again): ask for what we miss. */
  opened(): void
  closed(): void
  frame(frame: Frame): void
  /** The server says this is the newest seq of the room. */
  newest(seq: number): void
  /** Something of this room was unreadable: take the whole picture anew. */
  resync(): void
  end(): void
}

export interface RoomDoors {
  clock: LinkClock
  /** Sends the watch; the answer may never come. */
  ask(room: Room, have: number | null, answered: (answer: { seq: number | null } | ErrorBody) => void): void
  /** Something that the state of the link depends on has changed. */
  moved(): void
}

export function makeRoomSync(room: Room, doors: RoomDoors): RoomSync {
  const { clock } = doors
  const listeners = new Set<RoomListener>()
  let picture: Picture | null = null
  let refusal: ErrorBody | null = null
  let open = false
  let target = 0
  let aheadOfBeats = 0
  /** Grows with each question, so that a late answer to an older one is known as such. */
  let asking = 0
  let waiting = false
  let answered = false
  let cancelWait = () => {}
  let cancelLag = () => {}

  const synced = () => refusal !== null || (open && !waiting && picture !== null && picture.seq >= target)

  function ask(withHave: boolean): void {
    if (!open) return
    const question = ++asking
    waiting = true
    answered = false
    cancelWait()
    cancelWait = clock.after(answerWithinMs, () => ask(answered ? false : withHave))
    doors.ask(room, withHave ? (picture?.seq ?? null) : null, (answer) => {
      if (question !== asking || !open) return
      answered = true
      if ('code' in answer) return refuse(answer)
      refusal = null
      if (answer.seq !== null) target = answer.seq
      settle(answer.seq === null)
    })
  }

  /** @param trust without a seq in the answer, having any picture must do until a beat says otherwise */
  function settle(trust: boolean): void {
    if (picture !== null && (trust || picture.seq >= target)) {
      waiting = false
      cancelWait()
    }
    doors.moved()
  }

  function refuse(error: ErrorBody): void {
    cancelWait()
    if (error.code === 'not-ready' || error.code === 'overloaded') {
      cancelWait = clock.after(1_000, () => ask(true))
      return
    }
    waiting = false
    refusal = error
    for (const listener of listeners) listener.refused(error)
    doors.moved()
  }

  function frame(next: Frame): void {
    // A snapshot that nobody asked for and that is older than what we have was late on its way.
    if (next.kind === 'snapshot' && picture !== null && !waiting && next.seq < picture.seq) return
    const applied: Applied<Picture> = room.startsWith('incident:')
      ? applyIncidentFrame(picture !== null && 'view' in picture ? picture : null, next)
      : room === 'filter'
        ? applyFilterFrame(picture !== null && 'filter' in picture ? picture : null, next)
        : room === 'tote'
          ? applyToteFrame(picture !== null && 'people' in picture ? picture : null, next)
          : applyRoomFrame(picture !== null && 'incidents' in picture ? picture : null, next)
    if (applied.kind === 'gap') {
      if (!waiting) ask(true)
      return
    }
    if (applied.kind === 'repeat') return
    picture = applied.picture
    if (next.kind === 'snapshot') target = Math.min(target, next.seq)
    refusal = null
    settle(answered || next.kind === 'snapshot')
    for (const listener of listeners) listener.changed(picture, applied)
  }

  return {
    room,
    listeners,
    picture: () => picture,
    refusal: () => refusal,
    synced,
    opened() {
      open = true
      aheadOfBeats = 0
      ask(true)
    },
    closed() {
      open = false
      waiting = false
      asking++
      cancelWait()
      cancelLag()
    },
    frame,
    newest(seq) {
      if (picture === null || waiting) return
      if (picture.seq > seq) {
        // A server that begins to count anew can only be followed from a whole picture.
        if (++aheadOfBeats >= 2) ask(false)
        return
      }
      aheadOfBeats = 0
      if (picture.seq === seq) return
      cancelLag()
      cancelLag = clock.after(frameLagMs, () => {
        if (picture !== null && picture.seq < seq && !waiting) ask(true)
      })
    },
    resync: () => ask(false),
    end() {
      open = false
      cancelWait()
      cancelLag()
    },
  }
}
