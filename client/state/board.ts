import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { LedgerSum, Notice, SourceVitals, Summary } from '#shared/wire.ts'
import type { Link } from '../link/link.ts'
import type { LinkClock } from '../link/transport.ts'

export interface BoardState {
  /** Null until the first whole picture. */
  seq: number | null
  /**
   * What everybody's board has, and the restricted ones that are there for this person. A summary keeps its identity while it is
   * unchanged, so that a delta repaints its own card only.
   */
  incidents: ReadonlyMap<string, Summary>
  sources: readonly SourceVitals[]
  ledger: LedgerSum | null
  /** Firing alerts that are held back now. */
  heldBack: number
  refused: ErrorBody | null
}
export type BoardStore = StoreApi<BoardState>

const empty: BoardState = { seq: null, incidents: new Map(), sources: [], ledger: null, heldBack: 0, refused: null }

/** Who restricts an incident, or lifts that, makes it leave one room and come through the other; that takes no longer. */
const crossingMs = 300

/**
 * The picture of a shared room, followed through the link, with the restricted incidents of this person among the others.
 *
 * Rule N2: an incident that is restricted, or is so no more, and is there for this person before and after, does not leave
 * their board in between, though it leaves one room before it comes through the other.
 * @param shown called after each change with what only the moment tells: notices, when the news reached the server, and
 *   whether it is news to this person
 * @param stays whether a restriction would leave this incident in view of this person, as far as can be told
 */
export function followBoard(
  link: Link,
  room: 'board' | 'wall',
  shown: (what: {
    notices: readonly Notice[]
    receivedAt: string | null
    isNews: boolean
    before: BoardState
    after: BoardState
  }) => void,
  { clock, stays }: { clock: Pick<LinkClock, 'after'>; stays: (summary: Summary) => boolean },
): { store: BoardStore; stop: () => void } {
  const store = createStore<BoardState>(() => empty)
  let everybodys: ReadonlyMap<string, Summary> = new Map()
  let restricted: ReadonlyMap<string, Summary> = new Map()
  /** Seen to leave one room, and not in the other yet. */
  const crossing = new Map<string, Summary>()

  function put(
    part: Partial<BoardState>,
    what: { notices: readonly Notice[]; receivedAt: string | null; isNews: boolean },
  ): void {
    for (const id of crossing.keys()) if (everybodys.has(id) || restricted.has(id)) crossing.delete(id)
    const before = store.getState()
    const alone = restricted.size === 0 && crossing.size === 0
    const incidents = alone ? everybodys : new Map([...everybodys, ...crossing, ...restricted])
    store.setState({ ...part, incidents })
    shown({ ...what, before, after: store.getState() })
  }

  function cross(before: ReadonlyMap<string, Summary>, after: ReadonlyMap<string, Summary>): void {
    for (const [id, summary] of before) {
      if (after.has(id) || !isOpen(summary.phase) || !stays(summary)) continue
      crossing.set(id, summary)
      clock.after(crossingMs, () => {
        if (crossing.get(id) !== summary) return
        crossing.delete(id)
        put({}, { notices: [], receivedAt: null, isNews: true })
      })
    }
  }

  const stopVitals = link.onVitals((sources) => {
    if (store.getState().seq !== null) store.setState({ sources })
  })
  const unwatch = link.watch(room, {
    changed(picture, what) {
      if (!('incidents' in picture)) return
      const { seq, incidents, sources, ledger, heldBack } = picture
      cross(everybodys, incidents)
      everybodys = incidents
      put({ seq, sources, ledger, heldBack, refused: null }, { ...what, isNews: true })
    },
    refused: (refused) => store.setState({ refused }),
  })
  const stopRestricted = link.restricted({
    hidden(incidentId) {
      crossing.delete(incidentId)
      // It does not cross: it is not theirs any more.
      restricted = new Map([...restricted].filter(([id]) => id !== incidentId))
      everybodys = new Map([...everybodys].filter(([id]) => id !== incidentId))
      put({}, { notices: [], receivedAt: null, isNews: true })
    },
    changed(incidents, { receivedAt, isNews }) {
      cross(restricted, incidents)
      restricted = incidents
      put({}, { notices: [], receivedAt, isNews })
    },
  })
  return {
    store,
    stop() {
      stopVitals()
      unwatch()
      stopRestricted()
    },
  }
}
