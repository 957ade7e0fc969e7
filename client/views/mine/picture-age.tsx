import { useStore } from 'zustand'
import { bothClocks } from '../../state/time-words.ts'
import { AgeDial } from '../../widgets/marks/age-dial.tsx'
import { useApp, useLink, useNow } from '../context.ts'
import css from './mine.module.css'

/** The line may be down for a moment without anybody being told. */
const unsaidMs = 3_000

/** Whether what is on screen is the past: and of when. Null: it is true now. */
export function usePast(): { at: number | null; offline: boolean } | null {
  const { device } = useApp()
  const now = useNow()
  const kind = useLink(({ state }) => state.kind)
  const at = useStore(device.store, (state) => state.trueAt)
  const offline = useStore(device.store, (state) => state.offline)
  if (offline) return { at, offline }
  if (kind === 'live') return null
  return at === null || now - at > unsaidMs ? { at, offline } : null
}

/** How old the picture is, by glyph and in words; and what that means for whoever wants to act. */
export function PictureAge({ past }: { past: { at: number | null; offline: boolean } }) {
  const now = useNow()
  const why = past.offline ? 'No network.' : 'The server cannot be reached.'
  if (past.at === null)
    return (
      <div className={css.past} role="status">
        <span>
          <b>{why}</b> No picture is kept on this device.
        </span>
      </div>
    )
  const ageMs = Math.max(0, now - past.at)
  return (
    <div className={css.past}>
      <b>
        <AgeDial ageMs={ageMs} size={26} silent={false} /> <span className="unseen">old</span>
      </b>
      <span>
        <b role="status">{why}</b> This is the picture of {bothClocks(past.at)}. What you ask for now waits on this
        device.
      </span>
    </div>
  )
}
