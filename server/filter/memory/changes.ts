import type { Alert } from '#shared/alert.ts'
import type { Tracked } from './state.ts'

/** Hex digits of an id by which changed alerts are laid apart. */
const drawerDigits = 3
const drawers = 16 ** drawerDigits

/** An alert in a checkpoint: as it was at the cut; `live` false = forgotten by then, and from then on. */
export interface CutAlert {
  alert: Alert
  live: boolean
}

/** The alerts of one cut, given out in slices while the fold goes on. */
export interface Slices {
  /** The next ones; fewer than `limit` only when these are the last, and none after that. */
  next(limit: number): CutAlert[]
  /** All of them, given out or not, count as changed again. For a checkpoint that could not be written. */
  abandon(): void
}

/**
 * Which alerts changed since the last cut, and how they were at it. Rule F9: a slice gives each alert as it was at the
 * cut, whatever was folded since: the first change after the cut copies it, if its slice was not taken yet.
 * Slices go by id, roughly, so that whoever keeps rows by id writes rows that lie together.
 */
export class Changes {
  #epoch = 1
  #changed = emptyDrawers()
  #open: { epoch: number } | null = null
  #newest: Slices | null = null

  /** To be called before an alert changes in any way, or is forgotten. Nearly every call ends at the first line. */
  before(tracked: Tracked): void {
    if (tracked.changedIn === this.#epoch) return
    if (this.#open !== null && tracked.changedIn === this.#open.epoch) tracked.asAtCut = { ...tracked.alert }
    tracked.changedIn = this.#epoch
    ;(this.#changed[drawerOf(tracked)] as Tracked[]).push(tracked)
  }

  /**
   * Makes a cut: what changed up to now is in it, what changes from now on is in the next.
   * @param isLive whether the filter still knows this one
   * @throws TypeError while slices of the cut before are left
   */
  cut(isLive: (tracked: Tracked) => boolean): Slices {
    if (this.#open !== null) throw new TypeError('the checkpoint before this one is not finished')
    const taken = this.#changed
    const own = { epoch: this.#epoch }
    this.#open = own
    this.#epoch++
    this.#changed = emptyDrawers()
    let drawer = 0
    let at = 0

    const take = (tracked: Tracked): CutAlert => {
      const { asAtCut } = tracked
      tracked.asAtCut = null
      if (asAtCut !== null) return { alert: asAtCut, live: true }
      // Untouched since the cut, so it is as it was, and known or forgotten as it was.
      tracked.changedIn = 0
      return { alert: { ...tracked.alert }, live: isLive(tracked) }
    }

    const slices: Slices = {
      next(limit) {
        const slice: CutAlert[] = []
        for (; drawer < drawers; drawer++, at = 0) {
          const inDrawer = taken[drawer] as Tracked[]
          while (at < inDrawer.length) {
            if (slice.length === limit) return slice
            slice.push(take(inDrawer[at++] as Tracked))
          }
        }
        end()
        return slice
      },
      abandon: () => {
        if (this.#newest !== slices) throw new TypeError('another checkpoint has begun since')
        end()
        drawer = drawers
        // Ahead of what changed since: of two alerts that had one id, the older comes first.
        this.#changed = this.#changed.map((since, index) => {
          const again = (taken[index] as Tracked[]).filter((tracked) => tracked.changedIn !== this.#epoch)
          for (const tracked of taken[index] as Tracked[]) {
            tracked.asAtCut = null
            tracked.changedIn = this.#epoch
          }
          return again.length === 0 ? since : [...again, ...since]
        })
      },
    }
    const end = () => {
      if (this.#open === own) this.#open = null
    }
    this.#newest = slices
    return slices
  }
}

function emptyDrawers(): Tracked[][] {
  return Array.from({ length: drawers }, () => [])
}

function drawerOf({ alert }: Tracked): number {
  // An id that is not ours would still have to lie somewhere.
  return Number.parseInt(alert.id.slice(0, drawerDigits), 16) || 0
}
