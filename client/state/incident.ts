import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import type { IncidentView } from '#shared/wire.ts'
import type { Link } from '../link/link.ts'

export interface IncidentState {
  view: IncidentView | null
  refused: ErrorBody | null
}

/** One incident in full, followed through its own room while somebody looks at it. */
export function followIncident(link: Link, id: string): { store: StoreApi<IncidentState>; stop: () => void } {
  const store = createStore<IncidentState>(() => ({ view: null, refused: null }))
  const stop = link.watch(`incident:${id}`, {
    changed(picture) {
      if ('view' in picture) store.setState({ view: picture.view, refused: null })
    },
    refused: (refused) => store.setState({ refused }),
  })
  return { store, stop }
}
