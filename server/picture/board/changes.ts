import type { Clock } from '#shared/clocks.ts'
import type { Notice } from '#shared/wire.ts'

/** Changes remembered for clients that come back; older ones get a snapshot. */
const remembered = 4096

interface Change {
  seq: number
  ids: ReadonlySet<string>
  /** Of these: what was not on the board before. */
  came: ReadonlySet<string>
  notices: readonly Notice[]
  receivedAt: number | null
}

/** What changed on the board, one after the other: who comes back is told what they missed. */
export interface Changes {
  seq(): number
  /**
   * @param ids of what the board shows, or showed until now; none is no change
   * @param came of these, what it did not show until now
   */
  remember(
    ids: ReadonlySet<string>,
    came: ReadonlySet<string>,
    notices: readonly Notice[],
    receivedAt: number | null,
  ): void
  /** Everything is made again: nobody's seq is of use any more. */
  forget(): void
  /**
   * Everything later than `after`; null when that is too long ago to say. `came`: what was not on the board at `after`, so that
   * who comes back does not hear the number of what came and went, or was restricted, meanwhile (rule RS4).
   */
  since(after: number): Omit<Change, 'seq'> | null
}

export function makeChanges(clock: Clock): Changes {
  // A restart must never give out a seq that an earlier run gave out for something else.
  let seq = clock.now() * 1000
  let changes: Change[] = []
  let forgottenBefore = seq
  return {
    seq: () => seq,
    remember(ids, came, notices, receivedAt) {
      if (ids.size === 0) return
      seq++
      changes.push({ seq, ids, came, notices, receivedAt })
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
      const came = new Set<string>()
      const notices: Notice[] = []
      let receivedAt: number | null = null
      for (let index = changes.length - 1; index >= 0; index--) {
        const change = changes[index]
        if (change === undefined || change.seq <= after) break
        for (const id of change.ids) {
          ids.add(id)
          // What was first is looked at last, and says how it was before all of them.
          if (change.came.has(id)) came.add(id)
          else came.delete(id)
        }
        notices.unshift(...change.notices)
        if (change.receivedAt !== null) receivedAt = Math.min(receivedAt ?? change.receivedAt, change.receivedAt)
      }
      return { ids, came, notices, receivedAt }
    },
  }
}
