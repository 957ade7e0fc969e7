import type { Clock } from '#shared/clocks.ts'
import type { Notice } from '#shared/wire.ts'

/** Changes remembered for clients that come back; older ones get a snapshot. */
const remembered = 4096

interface Change {
  seq: number
  ids: ReadonlySet<string>
  notices: readonly Notice[]
  receivedAt: number | null
}

/** What changed on the board, one after the other: who comes back is told what they missed. */
export interface Changes {
  seq(): number
  /** @param ids of what the board shows, or showed until now; none is no change */
  remember(ids: ReadonlySet<string>, notices: readonly Notice[], receivedAt: number | null): void
  /** Everything is made again: nobody's seq is of use any more. */
  forget(): void
  /** Everything later than `after`; null when that is too long ago to say. */
  since(after: number): Omit<Change, 'seq'> | null
}

export function makeChanges(clock: Clock): Changes {
  // A restart must never give out a seq that an earlier run gave out for something else.
  let seq = clock.now() * 1000
  let changes: Change[] = []
  let forgottenBefore = seq
  return {
    seq: () => seq,
    remember(ids, notices, receivedAt) {
      if (ids.size === 0) return
      seq++
      changes.push({ seq, ids, notices, receivedAt })
      if (changes.length > remembered) {
        const dropped = changes.splice(0, changes.length - remembered / 2)
        forgottenBefore = dropped.at(-1)?.seq ?? forgottenBefore
      }
    },
    forget() {
      changes = []
      seq = Math.max(seq + 1, clock.now() * 1000)
      forgottenBefore = seq
    },
    since(after) {
      if (after > seq || after < forgottenBefore) return null
      const ids = new Set<string>()
      const notices: Notice[] = []
      let receivedAt: number | null = null
      for (let index = changes.length - 1; index >= 0; index--) {
        const change = changes[index]
        if (change === undefined || change.seq <= after) break
        for (const id of change.ids) ids.add(id)
        notices.unshift(...change.notices)
        if (change.receivedAt !== null) receivedAt = Math.min(receivedAt ?? change.receivedAt, change.receivedAt)
      }
      return { ids, notices, receivedAt }
    },
  }
}
