import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import type { LedgerSum, Notice, SourceVitals, Summary } from '#shared/wire.ts'
import type { Link } from '../link/link.ts'

export interface BoardState {
  /** Null until the first whole picture. */
  seq: number | null
  /** A summary keeps its identity while it is unchanged, so that a delta repaints its own card only. */
  incidents: ReadonlyMap<string, Summary>
  sources: readonly SourceVitals[]
  ledger: LedgerSum | null
  /** Firing alerts that are held back now. */
  heldBack: number
  refused: ErrorBody | null
}
export type BoardStore = StoreApi<BoardState>

const empty: BoardState = { seq: null, incidents: new Map(), sources: [], ledger: null, heldBack: 0, refused: null }

/**
 * The picture of a shared room, followed through the link.
 * @param shown called after each change with what only the moment tells: notices, and when the news reached the server
 */
export function followBoard(
  link: Link,
  room: 'board' | 'wall',
  shown: (what: {
    notices: readonly Notice[]
    receivedAt: string | null
    before: BoardState
    after: BoardState
  }) => void,
): { store: BoardStore; stop: () => void } {
  const store = createStore<BoardState>(() => empty)
  const stopVitals = link.onVitals((sources) => {
    if (store.getState().seq !== null) store.setState({ sources })
  })
  const unwatch = link.watch(room, {
    changed(picture, what) {
      if (!('incidents' in picture)) return
      const before = store.getState()
      const { seq, incidents, sources, ledger, heldBack } = picture
      store.setState({ seq, incidents, sources, ledger, heldBack, refused: null })
      shown({ ...what, before, after: store.getState() })
    },
    refused: (refused) => store.setState({ refused }),
  })
  return {
    store,
    stop() {
      stopVitals()
      unwatch()
    },
  }
}
