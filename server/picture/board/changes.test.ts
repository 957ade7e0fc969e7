import { describe, expect, it } from 'vitest'
import { makeChanges } from './changes.ts'

const ids = (...list: string[]) => new Set(list)
const opened = () => makeChanges({ now: () => 1000 })

describe('RS4: what came to the board and left it again is not told to whoever comes back', () => {
  it('came after `have`: it is no news that it is gone; was there at `have`: it is', () => {
    const changes = opened()
    changes.remember(ids('INC-1'), ids('INC-1'), [], null)
    const have = changes.seq()
    changes.remember(ids('INC-2'), ids('INC-2'), [], null)
    changes.remember(ids('INC-1', 'INC-2'), ids(), [], null)
    expect(changes.since(have)).toMatchObject({ ids: ids('INC-1', 'INC-2'), came: ids('INC-2') })
    expect(changes.since(changes.seq())).toMatchObject({ ids: ids(), came: ids() })
  })

  it('what had left before, and came back, was there first', () => {
    const changes = opened()
    changes.remember(ids('INC-1'), ids('INC-1'), [], null)
    const have = changes.seq()
    changes.remember(ids('INC-1'), ids(), [], null)
    changes.remember(ids('INC-1'), ids('INC-1'), [], null)
    expect(changes.since(have)?.came).toEqual(ids())
    expect(changes.since(have + 1)?.came).toEqual(ids('INC-1'))
  })

  it('nothing is remembered of nothing, and nothing told of too long ago', () => {
    const changes = opened()
    const before = changes.seq()
    changes.remember(ids(), ids(), [], 5)
    expect(changes.seq()).toBe(before)
    expect([changes.since(before - 1), changes.since(before + 1)]).toEqual([null, null])
  })
})
