import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const text = readFileSync(new URL('tokens.css', import.meta.url), 'utf8')
const dial = readFileSync(new URL('../widgets/marks/age-dial.tsx', import.meta.url), 'utf8')

/** The colours of a theme by their names: what `:root` says, and what the other theme says otherwise. */
function coloursOf(theme: 'dark' | 'light'): ReadonlyMap<string, string> {
  const blocks = [...text.matchAll(/:root(\[data-theme='light'\])? \{([^}]*)\}/g)]
  const colours = new Map<string, string>()
  for (const [, light, block = ''] of blocks) {
    if (light !== undefined && theme === 'dark') continue
    for (const [, name = '', value = ''] of block.matchAll(/--([\w-]+): (#[0-9a-f]{3,6});/g)) colours.set(name, value)
  }
  return colours
}

/** Red, green and blue, 0 to 255. */
function channels(hex: string): number[] {
  const long = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1)
  return [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16))
}

/** What is seen of a colour that lets what is under it shine through. */
function over(hex: string, opacity: number, under: string): string {
  const below = channels(under)
  const seen = channels(hex).map((value, index) => Math.round(value * opacity + (below[index] ?? 0) * (1 - opacity)))
  return `#${seen.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** Relative luminance of a colour, 0 to 1. Source: WCAG 2.2, definition of relative luminance. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = channels(hex).map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** From 1 to 21. Source: WCAG 2.2, definition of contrast ratio. */
function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other)
  return (light + 0.05) / (dark + 0.05)
}

/** What things stand on. */
const surfaces = ['ground', 'panel', 'card', 'raised']

describe.each(['dark', 'light'] as const)('the %s theme', (theme) => {
  const colours = coloursOf(theme)
  const colour = (name: string): string => {
    const value = colours.get(name)
    if (value === undefined) throw new Error(`there is no colour --${name}`)
    return value
  }
  /** Pairs that fall short, with their ratio. */
  const short = (names: readonly string[], on: readonly string[], least: number): string[] =>
    names.flatMap((name) =>
      on.flatMap((surface) => {
        const ratio = contrast(colour(name), colour(surface))
        return ratio < least ? [`--${name} on --${surface}: ${ratio.toFixed(2)}`] : []
      }),
    )

  it('WCAG 1.4.11: glyphs of tiers, dials of age, marks of the link and edges of controls reach 3:1', () => {
    const shapes = ['tier-1', 'tier-2', 'tier-3', 'tier-x', 'good', 'offer', 'ink', 'ink-2', 'ink-3', 'line-strong']
    expect(short(shapes, surfaces, 3)).toEqual([])
  })

  it('WCAG 1.4.11: the ring of the age dial of what is fresh, which is drawn thinner, reaches 3:1', () => {
    const opacity = Number(/'fresh' \? ([\d.]+)/.exec(dial)?.[1])
    const faint = surfaces.filter(
      (surface) => contrast(over(colour('ink-2'), opacity, colour(surface)), colour(surface)) < 3,
    )
    expect([opacity > 0.5, faint]).toEqual([true, []])
  })

  it('WCAG 1.4.11: the edge of a stretch of the chain tells it from the one before', () => {
    expect(short(['hop-edge'], ['hop', 'ground', 'panel', 'card'], 3)).toEqual([])
  })

  it('WCAG 1.4.3: words reach 4.5:1 on whatever they stand on', () => {
    const words = ['ink', 'ink-2', 'ink-3', 'tier-1', 'tier-2', 'good', 'offer-ink']
    expect(short(words, surfaces, 4.5)).toEqual([])
    expect(short(['ink'], ['hop', 'hop-now'], 4.5)).toEqual([])
    expect(short(['gap-ink'], ['gap-1'], 4.5)).toEqual([])
    expect(short(['ink-on-solid'], ['solid', 'tier-1', 'tier-2', 'ink-2'], 4.5)).toEqual([])
  })

  it('the ring of the focus reaches 3:1 on whatever it is drawn on', () => {
    expect(short(['ink'], [...surfaces, 'hop', 'hop-now'], 3)).toEqual([])
  })
})
