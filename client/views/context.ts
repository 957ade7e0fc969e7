import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import type { z } from 'zod'
import { type StoreApi, useStore } from 'zustand'
import type { ErrorBody } from '#shared/errors.ts'
import type { Me, Summary } from '#shared/wire.ts'
import type { App } from '../app.ts'
import type { LinkReport } from '../link/link.ts'
import { followIncident, type IncidentState } from '../state/incident.ts'
import { meOf } from '../state/session.ts'

export const AppContext = createContext<App | null>(null)

export function useApp(): App {
  const app = useContext(AppContext)
  if (app === null) throw new Error('a screen stands outside the app')
  return app
}

/** The server's time, once a second. Only what ticks should ask for it. */
export function useNow(): number {
  return useStore(useApp().now, (state) => state.at)
}

const dayMs = 24 * 3_600_000
/** Start of this day in UTC, epoch ms: what tells only days is painted again once a day. */
export function useToday(): number {
  const { now } = useApp()
  return useStore(now, ({ at }) => at - (at % dayMs))
}

export function useMe(): Me {
  return useStore(useApp().session.store, meOf)
}

export function useSummary(id: string | null): Summary | undefined {
  return useStore(useApp().board, (state) => (id === null ? undefined : state.incidents.get(id)))
}

/** Only what `select` picks, so that a beat repaints nobody who does not care. `select` must give a plain value. */
export function useLink<T extends string | number | boolean | null>(select: (report: LinkReport) => T): T {
  const { link } = useApp()
  return useSyncExternalStore(link.subscribe, () => select(link.report()))
}

/** The picture may be wrong: it is shown grey, and nothing in it moves. */
export function useStill(): boolean {
  return useLink((report) => report.state.kind === 'stale' || report.state.kind === 'signed-out')
}

const nobodyYet: IncidentState = { view: null, refused: null, hidden: false }

/** One incident in full, while the component is there. */
export function useIncident(id: string | null): IncidentState {
  const { link } = useApp()
  const [followed, setFollowed] = useState<{ id: string; store: StoreApi<IncidentState> } | null>(null)
  useEffect(() => {
    if (id === null) return
    const { store, stop } = followIncident(link, id)
    setFollowed({ id, store })
    return stop
  }, [link, id])
  const store = followed?.id === id ? followed?.store : undefined
  return useSyncExternalStore(
    (changed) => store?.subscribe(changed) ?? (() => {}),
    () => store?.getState() ?? nobodyYet,
  )
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = matchMedia(query)
      list.addEventListener('change', changed)
      return () => list.removeEventListener('change', changed)
    },
    () => matchMedia(query).matches,
    () => false,
  )
}

/** An answer of the server, asked again every ten seconds. What was answered once stays while it is asked again. */
export interface Asked<T> {
  value: T | null
  /** Why the newest question was refused; null when it was answered. */
  error: ErrorBody | null
  /** Asks now: after an act of one's own. */
  again: () => Promise<void>
}

const everyMs = 10_000

/** @param path null: nothing is asked yet */
export function useAsked<T>(path: string | null, schema: z.ZodType<T>): Asked<T> {
  const { api } = useApp()
  const [state, setState] = useState<{ path: string | null; value: T | null; error: ErrorBody | null }>({
    path,
    value: null,
    error: null,
  })
  const again = useCallback(async () => {
    if (path === null) return
    const answer = await api.ask('GET', path, schema)
    setState((before) =>
      answer.ok
        ? { path, value: answer.value, error: null }
        : { path, value: before.path === path ? before.value : null, error: answer.error },
    )
  }, [api, path, schema])
  useEffect(() => {
    void again()
    const timer = setInterval(() => void again(), everyMs)
    return () => clearInterval(timer)
  }, [again])
  const current = state.path === path
  return { value: current ? state.value : null, error: current ? state.error : null, again }
}
