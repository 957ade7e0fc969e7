import type { Actor } from '#shared/access.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Frame, Removed, Room } from '#shared/wire.ts'
import type { CommandRoom } from '../../command/index.ts'
import type { Picture } from '../../picture/index.ts'
import type { Telling } from '../../tell/index.ts'

/** A live client, as far as it concerns what is restricted. Everything is as of the moment at which it is read. */
export interface Onlooker {
  readonly id: string
  readonly actor: Actor
  /** Rooms it is in. */
  readonly rooms: ReadonlySet<string>
  readonly connected: boolean
  /** Incident rooms that it asked for itself. */
  asked: ReadonlySet<string>
  /** Incident rooms that it was brought into because it watches the board. */
  brought: Set<string>
  /** Incidents whose brief it writes. */
  drafting: ReadonlySet<string>
  address: string | null
  join(room: Room): void
  leave(room: Room): void
  frame(frame: Frame): void
  removed(removed: Removed): void
}

export interface RestrictedRoomsParts {
  onlookers: () => Iterable<Onlooker>
  picture: Pick<Picture, 'sees' | 'restrictedFor' | 'onChange'>
  telling: Pick<Telling, 'open'>
  /** Closes a room that nobody is in. */
  shut: (room: Room) => void
  record: CommandRoom['record']
  log: { error(fields: object, message: string): void }
}

/**
 * Rule RS5: restricted incidents travel in rooms of their own (contract.md). Whoever watches the board and may see one is
 * brought into its room, which the audit notes first; whoever may see it no longer is told `removed` and hears nothing more.
 */
export interface RestrictedRooms {
  /**
   * Judges one client again: it has begun to watch, or its rights changed.
   * @returns the rooms that belong to its board now; of those that it is not in yet a snapshot follows
   */
  judge(onlooker: Onlooker): readonly Room[]
  /** Judges everybody again: rotations move by time alone. Called with the beat. */
  judgeAll(): void
  stop(): void
}

/** What was restricted before the last start is not known to have been when it is open again. */
const isLifted = (fact: RecordedFact): boolean => fact.type === 'flagged' && fact.flag === 'restricted' && !fact.on

export function makeRestrictedRooms(parts: RestrictedRoomsParts): RestrictedRooms {
  const { picture, telling } = parts
  /** Clients that are being brought in: `<client> <room>`. */
  const entering = new Set<string>()

  const idOf = (room: string): string => room.slice('incident:'.length)
  const isIncident = (room: string): room is Room => room.startsWith('incident:')

  function wanted(onlooker: Onlooker): Set<Room> {
    if (!onlooker.rooms.has('board')) return new Set()
    return new Set(picture.restrictedFor(onlooker.actor).map(({ id }): Room => `incident:${id}`))
  }

  function judge(onlooker: Onlooker): readonly Room[] {
    const rooms = wanted(onlooker)
    const drafting = [...onlooker.drafting].map((id): Room => `incident:${id}`)
    for (const room of new Set([...[...onlooker.rooms].filter(isIncident), ...drafting])) {
      const isHidden = !picture.sees(onlooker.actor, idOf(room))
      const isDone = onlooker.brought.has(room) && !rooms.has(room)
      if (!isHidden && !isDone) continue
      onlooker.brought.delete(room)
      if (isHidden || !onlooker.asked.has(room)) onlooker.leave(room)
      onlooker.removed({ room, why: isHidden ? 'hidden' : 'left' })
    }
    for (const room of rooms) if (!onlooker.brought.has(room)) void bring(onlooker, room)
    return [...rooms]
  }

  async function bring(onlooker: Onlooker, room: Room): Promise<void> {
    const key = `${onlooker.id} ${room}`
    if (entering.has(key)) return
    entering.add(key)
    try {
      const { actor, address } = onlooker
      const detail = { room: 'board' }
      await parts.record({
        by: actor.id,
        action: 'restricted.read',
        subject: idOf(room),
        outcome: 'done',
        detail,
        address,
      })
      await telling.open(room, undefined, (frame) => {
        // What was true before the waiting may be no more.
        if (!onlooker.connected || !wanted(onlooker).has(room)) return
        onlooker.brought.add(room)
        onlooker.join(room)
        onlooker.frame(frame)
      })
    } catch (err) {
      // The next judgement tries again.
      parts.log.error({ err }, 'a restricted incident could not be brought to a board that may show it')
    } finally {
      entering.delete(key)
      parts.shut(room)
    }
  }

  const judgeAll = (): void => {
    for (const onlooker of parts.onlookers()) judge(onlooker)
  }
  let known = new Set<string>()
  const stop = picture.onChange(({ incidentIds, facts }) => {
    // Only what can change who sees it: facts of what is, or just was, restricted.
    const restricted = new Set([...incidentIds].filter((id) => !picture.sees(null, id)))
    const moved =
      facts.length === 0
        ? restricted.size > 0
        : facts.some((fact) => restricted.has(fact.incidentId) || known.has(fact.incidentId) || isLifted(fact))
    known = new Set([...known, ...restricted].filter((id) => !picture.sees(null, id)))
    if (moved) judgeAll()
  })

  return { judge, judgeAll, stop }
}
