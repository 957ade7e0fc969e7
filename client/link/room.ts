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
export const frameLagMs = 1_500

const goneCodes: ReadonlySet<string> = new Set(['not-found', 'not-allowed'])
const hiddenError = (room: string): ErrorBody => ({
  code: 'not-found',
  message: `There is no ${room.replace(':', ' ')}.`,
})

export interface RoomListener {
  changed(picture: Picture, what: { notices: readonly Notice[]; receivedAt: string | null }): void
  /**
   * The server will not show it: it does not exist, or not for this person.
   * @param hidden it was shown until now, and is not theirs to see any more
   */
  refused(error: ErrorBody, hidden: boolean): void
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
  /** Asks what is new since the picture that we have, if nothing is asked already. */
  again(): void
  /** The server is about to send it, unasked. @param withinMs after this it is asked for all the same; null: never */
  awaits(withinMs: number | null): void
  /** It is not there for this person any more. */
  hide(): void
  end(): void
}

export interface WatchAnswer {
  seq: number | null
  /** Of the board: the rooms of restricted incidents that belong to it; null: not said. */
  restricted: readonly Room[] | null
}

export interface RoomDoors {
  clock: LinkClock
  /** Sends the watch; the answer may never come. */
  ask(room: Room, have: number | null, answered: (answer: WatchAnswer | ErrorBody) => void): void
  /** The newest question was answered. */
  answered(room: Room, answer: WatchAnswer): void
  /** What was shown is not there for this person any more. */
  lost(room: Room): void
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
      doors.answered(room, answer)
      settle(answer.seq === null)
    })
  }

  /** @param trust without a seq in the answer, having any picture must do until a beat says otherwise */
  function settle(trust: boolean): void {
    // The answer for the board says what else belongs to it.
    const isWhole = room !== 'board' || answered
    if (picture !== null && isWhole && (trust || picture.seq >= target)) {
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
    // What exists does not cease to: it is not theirs to see any more, and nothing of it may stay.
    const hidden = room.startsWith('incident:') && picture !== null && goneCodes.has(error.code)
    if (hidden) picture = null
    for (const listener of [...listeners]) listener.refused(error, hidden)
    if (hidden) doors.lost(room)
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
    again() {
      if (!waiting) ask(true)
    },
    awaits(withinMs) {
      open = true
      waiting = true
      answered = false
      aheadOfBeats = 0
      cancelWait()
      if (withinMs !== null) cancelWait = clock.after(withinMs, () => ask(true))
    },
    hide() {
      asking++
      cancelWait()
      cancelLag()
      waiting = false
      picture = null
      refusal = hiddenError(room)
      for (const listener of [...listeners]) listener.refused(refusal, true)
      doors.moved()
    },
    end() {
      open = false
      cancelWait()
      cancelLag()
    },
  }
}
