import { type ReactNode, useEffect } from 'react'
import css from './signin.module.css'

/** The frame of whatever stands before the room: one column, one thing to do. */
export function DoorPage({ title, lead, children }: { title: string; lead: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Uxbridge`
  }, [title])
  return (
    <main className={css.page}>
      <div className={css.box}>
        <div className={css.brand} aria-hidden="true">
          <i className={css.brandPast} />
          <i className={css.brandNow} />
          <i className={css.brandNext} />
          <span>Uxbridge</span>
        </div>
        <h1>{title}</h1>
        <p className="dim">{lead}</p>
        {children}
      </div>
    </main>
  )
}
