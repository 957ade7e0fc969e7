import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { Draft } from '#shared/brief/draft.ts'
import { useApp } from '../../context.ts'
import { type DraftSession, type DraftStatus, makeDraftSession } from './session.ts'

/**
 * The brief of an incident that is being written, entered while the component is there. It stays in memory after that: what was typed
 * and could not be sent yet is sent when the line is back.
 */
export function useDraftSession(incidentId: string): { session: DraftSession; draft: Draft; status: DraftStatus } {
  const { act, link } = useApp()
  const session = useMemo(() => {
    const key = `brief/${incidentId}`
    const known = act.drafts.get(key) as DraftSession | undefined
    if (known !== undefined) return known
    const made = makeDraftSession(link, incidentId, {
      now: () => link.serverNow(),
      after(ms, then) {
        const timer = setTimeout(then, ms)
        return () => clearTimeout(timer)
      },
    })
    act.drafts.set(key, made)
    return made
  }, [act, link, incidentId])
  useEffect(() => session.enter(), [session])
  const draft = useSyncExternalStore(session.subscribe, session.draft)
  const status = useSyncExternalStore(session.subscribe, session.status)
  return { session, draft, status }
}
