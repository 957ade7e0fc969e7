export interface WallScale {
  /** Px of one unit: a hundredth of the screen's height, or more where the farthest seat needs it. */
  unitPx: number
  /** Incidents that fit. */
  rows: number
  /** Taller than wide: the column stands below the list. */
  narrow: boolean
}

const mmPerInch = 25.4
/** 16 arcminutes: mm of capital letters per metre of distance (screens.md). */
const capMmPerMetre = 4.654
/** Height of B612's capitals, as a share of its size. */
const capShare = 0.7
/** What must be read from the farthest seat: titles, in units. The rest is for those who come nearer. */
const titleSize = 4

/**
 * How large everything is. Where somebody says how far the farthest seat is and how large the panel, titles
 * can be read there, and fewer incidents fit; the rest is counted, not scrolled.
 * @param metres to the farthest seat; 0 or NaN: not said
 * @param inches diagonal of the panel; 0 or NaN: 55
 */
export function wallScale(screen: { width: number; height: number; metres: number; inches: number }): WallScale {
  const { width, height, metres } = screen
  const narrow = width / height < 1.1
  const usual = narrow ? Math.min(height * 0.0068, width * 0.0105) : Math.min(height / 100, width / 177)
  const inches = screen.inches > 0 ? screen.inches : 55
  const panelHeightMm = (inches * mmPerInch * height) / Math.hypot(width, height)
  const neededPx = metres > 0 ? ((capMmPerMetre * metres) / capShare) * (height / panelHeightMm) : 0
  // Beyond half as large again, too little of the picture is left; then the panel is too small for the room.
  const unitPx = Math.min(usual * 1.5, Math.max(usual, neededPx / titleSize))
  const frame = narrow ? 52 : 26
  const rows = Math.max(1, Math.min(12, Math.floor((height / unitPx - frame) / 12.2)))
  return { unitPx, rows, narrow }
}
