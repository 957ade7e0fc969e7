import { useLocation } from 'wouter'
import { useStore } from 'zustand'
import { actionLabel } from '../../state/actions.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { useApp } from '../context.ts'
import css from './frame.module.css'

/** What was said to this person lately; and the two regions through which it is spoken. */
export function Notices() {
  const { announcer, act } = useApp()
  const { said, polite, assertive } = useStore(announcer.store)
  const [path, go] = useLocation()
  return (
    <>
      <div className="unseen" role="status" aria-live="polite">
        {polite}
      </div>
      <div className="unseen" role="alert">
        {assertive}
      </div>
      <section className={css.notices} aria-label="Messages">
        {said
          .filter(({ shownAt }) => shownAt !== path)
          .map((one) => (
            <div key={one.id} className={`${css.notice} ${css[one.tone] ?? ''}`}>
              <p>{one.text}</p>
              <div className={css.noticeWays}>
                {one.offers.map((type) => (
                  <Button
                    key={type}
                    onClick={() => {
                      announcer.dismiss(one.id)
                      act.begin(type, one.incidentId)
                    }}
                  >
                    {actionLabel(type)}
                  </Button>
                ))}
                {one.incidentId !== null && one.tone !== 'done' && (
                  <Button kind="quiet" onClick={() => go(`/incident/${one.incidentId}`)}>
                    Open
                  </Button>
                )}
                <Button kind="quiet" onClick={() => announcer.dismiss(one.id)} aria-label={`Dismiss: ${one.text}`}>
                  ✕
                </Button>
              </div>
            </div>
          ))}
      </section>
    </>
  )
}
