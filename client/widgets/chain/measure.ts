const cache = new Map<string, number>()
let context: CanvasRenderingContext2D | null | undefined

/** Px of a text in the chain's own type. Without a canvas (on a server, in tests) it is estimated, generously. */
export function measureText(text: string, bold: boolean, sizePx = 11): number {
  const key = `${bold ? 'b' : 'r'}${sizePx}${text}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const px = canvasWidth(text, bold, sizePx) ?? text.length * sizePx * 0.64
  // Countdowns make new texts for ever; a board that is left alone for weeks must not remember them all.
  if (cache.size > 5_000) cache.clear()
  cache.set(key, px)
  return px
}

function canvasWidth(text: string, bold: boolean, sizePx: number): number | null {
  if (context === undefined)
    context = typeof document === 'undefined' ? null : document.createElement('canvas').getContext('2d')
  if (context === null) return null
  context.font = `${bold ? '700' : '400'} ${sizePx}px B612, 'DejaVu Sans', sans-serif`
  return context.measureText(text).width
}

/** Widths measured before the type has loaded are wrong. */
export function forgetMeasures(): void {
  cache.clear()
}
