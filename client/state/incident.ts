import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import type { IncidentView } from '#shared/wire.ts'
import type { Link } from '../link/link.ts'

export interface IncidentState {
  view: IncidentView | null
  refused: ErrorBody | null
  /** It was shown, and is not theirs to see any more: it has been restricted. */
  hidden: boolean
}

/** One incident in full, followed through its own room while somebody looks at it. */
export function followIncident(link: Link, id: string): { store: StoreApi<IncidentState>; stop: () => void } {
  const store = createStore<IncidentState>(() => ({ view: null, refused: null, hidden: false }))
  const stop = link.watch(`incident:${id}`, {
    changed(picture) {
      if ('view' in picture) store.setState({ view: picture.view, refused: null, hidden: false })
    },
    refused(refused, hidden) {
      // Once it was hidden, a later refusal says no more than that.
      if (hidden || store.getState().hidden) store.setState({ view: null, refused, hidden: true })
      else store.setState({ refused })
    },
  })
  return { store, stop }
}
