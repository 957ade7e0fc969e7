import type { ReadinessState } from '#shared/readiness.ts'
import css from './marks.module.css'

/** How ready somebody is, as a shape: disc ready, ring on call, dial available, square engaged, crescent recovering, dash released. */
export function ReadinessGlyph({ state, size = 13 }: { state: ReadinessState; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" className={css.glyph}>
      {shape(state)}
    </svg>
  )
}

function shape(state: ReadinessState) {
  switch (state) {
    case 'ready':
      return <circle cx="8" cy="8" r="6.6" fill="currentColor" />
    case 'on-call':
      return <circle cx="8" cy="8" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.9" />
    case 'available':
      return (
        <>
          <circle cx="8" cy="8" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M8 3.9V8l3 2.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
        </>
      )
    case 'engaged':
      return <rect x="1.8" y="1.8" width="12.4" height="12.4" fill="currentColor" />
    case 'recovering':
      return <path d="M10.6 1.7a6.6 6.6 0 1 0 3.9 8.9A5.6 5.6 0 0 1 10.6 1.7z" fill="currentColor" />
    case 'released':
      return <path d="M3 8h10" stroke="currentColor" strokeWidth="1.8" />
  }
}
