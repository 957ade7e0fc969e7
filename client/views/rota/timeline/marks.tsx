import type { ShiftView } from '#shared/duty/view.ts'

/** Why somebody is there whose turn it is not: a shape each, beside the word. */
export function ByMark({ by }: { by: ShiftView['by'] }) {
  if (by === 'rotation') return null
  const box = { width: 13, height: 12, viewBox: '0 0 13 12', fill: 'none', stroke: 'currentColor', strokeWidth: 1.6 }
  return (
    <svg {...box} aria-hidden="true" style={{ flex: 'none' }}>
      {by === 'override' ? (
        <path d="M6.5 1 12 10.8H1z" fill="currentColor" strokeWidth="0" />
      ) : by === 'swap' ? (
        <path d="M1 3.6h9.5M8 1l2.8 2.6L8 6.2M12 8.6H2.5M5 6l-2.8 2.6L5 11.2" strokeWidth="1.3" />
      ) : (
        <path d="M1.5 2.5h10v8h-10zM1.5 5h10" strokeWidth="1.3" />
      )}
    </svg>
  )
}
