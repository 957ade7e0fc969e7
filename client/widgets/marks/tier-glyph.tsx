import type { Tier } from '#shared/incident/state.ts'
import css from './marks.module.css'

/** What stands in the glyph's place for incidents that are over. */
export type GlyphTier = Tier | null | 'over' | 'merged'

export function tierWord(tier: Tier | null): string {
  return tier === null ? 'Unclassified' : `Tier ${tier}`
}

/** Tier as shape, then figure, then hue: octagon 1, diamond 2, circle 3, dashed square for what nobody has classified. */
export function TierGlyph({ tier, size = 30, word = true }: { tier: GlyphTier; size?: number; word?: boolean }) {
  const name = tier === 'over' ? 'Over' : tier === 'merged' ? 'Merged' : tierWord(tier)
  const box = { width: size, height: size, viewBox: '0 0 32 32', className: css.glyph }
  return word ? (
    <svg {...box} role="img" aria-label={name}>
      <title>{name}</title>
      {shape(tier)}
    </svg>
  ) : (
    <svg {...box} aria-hidden="true">
      {shape(tier)}
    </svg>
  )
}

function shape(tier: GlyphTier) {
  switch (tier) {
    case 1:
      return (
        <>
          <path d="M10 1h12l9 9v12l-9 9H10l-9-9V10z" fill="var(--tier-1)" />
          <Figure ink="var(--ink-on-solid)">1</Figure>
        </>
      )
    case 2:
      return (
        <>
          <path d="M16 0 32 16 16 32 0 16z" fill="var(--tier-2)" />
          <Figure ink="var(--ink-on-solid)">2</Figure>
        </>
      )
    case 3:
      return (
        <>
          <circle cx="16" cy="16" r="14" fill="none" stroke="var(--tier-3)" strokeWidth="2.4" />
          <Figure ink="var(--tier-3)">3</Figure>
        </>
      )
    case 'over':
      return (
        <>
          <circle cx="16" cy="16" r="13.5" fill="none" stroke="var(--line-strong)" strokeWidth="2" />
          <path d="m10 16.5 4.4 4.4 8-9.2" fill="none" stroke="var(--ink-3)" strokeWidth="2.4" />
        </>
      )
    case 'merged':
      return (
        <>
          <circle cx="16" cy="16" r="13.5" fill="none" stroke="var(--line-strong)" strokeWidth="2" />
          <path d="M7 11h3l5 5m-8 5h3l5-5m0 0h9m-4-4 4 4-4 4" fill="none" stroke="var(--ink-3)" strokeWidth="2.2" />
        </>
      )
    default:
      return (
        <>
          <rect
            x="2"
            y="2"
            width="28"
            height="28"
            fill="none"
            stroke="var(--tier-x)"
            strokeWidth="2.4"
            strokeDasharray="5.6 3.73"
            strokeDashoffset="2.8"
          />
          <Figure ink="var(--tier-x)">?</Figure>
        </>
      )
  }
}

function Figure({ ink, children }: { ink: string; children: string }) {
  return (
    <text x="16" y="21.8" textAnchor="middle" fontFamily="var(--sans)" fontSize="16.5" fontWeight="700" fill={ink}>
      {children}
    </text>
  )
}
