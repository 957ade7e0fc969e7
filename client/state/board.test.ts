import { describe, expect, it } from 'vitest'
import type { Notice, Summary } from '#shared/wire.ts'
import type { Link } from '../link/link.ts'
import type { RestrictedListener } from '../link/restricted.ts'
import type { RoomListener } from '../link/room.ts'
import { checkout } from '../stories/incidents.ts'
import { makeAct } from './act.ts'
import { makeAnnouncer } from './announce.ts'
import { followBoard } from './board.ts'
import { countsOf, hasPart } from './filter.ts'

const one: Summary = { ...checkout, id: 'INC-7', offer: null }
const shut: Summary = { ...one, flags: ['restricted'] }
const other: Summary = { ...checkout, id: 'INC-8', offer: null }

function rig(stays = true) {
  const due: (() => void)[] = []
  let board: RoomListener | null = null
  let own: RestrictedListener | null = null
  const link = {
    onVitals: () => () => {},
    watch(_: string, listener: RoomListener) {
      board = listener
      return () => {}
    },
    restricted(listener: RestrictedListener) {
      own = listener
      return () => {}
    },
  }
  const seen: { ids: string[]; isNews: boolean }[] = []
  const { store } = followBoard(
    link as unknown as Link,
    'board',
    ({ after, isNews }) => seen.push({ ids: [...after.incidents.keys()].sort(), isNews }),
    { clock: { after: (_: number, then: () => void) => due.push(then) }, stays: () => stays } as unknown as Parameters<
      typeof followBoard
    >[3],
  )
  let seq = 0
  const mapOf = (list: readonly Summary[]) => new Map(list.map((summary) => [summary.id, summary]))
  return {
    store,
    seen,
    everybody(...list: Summary[]) {
      const rest = { sources: [], ledger: { sinceMs: 1, accepted: 0, outcomes: {} }, heldBack: 0 }
      const notices: Notice[] = []
      board?.changed({ seq: ++seq, incidents: mapOf(list), ...rest }, { notices, receivedAt: null })
    },
    mine(list: readonly Summary[], isNews = true) {
      own?.changed(mapOf(list), { receivedAt: null, isNews })
    },
    hidden: (id: string) => own?.hidden(id),
    later() {
      for (const then of due.splice(0)) then()
    },
  }
}

describe('the board of somebody who sees a restricted incident', () => {
  it('has it among the others, and in every figure', () => {
    const { everybody, mine, store, seen } = rig()
    everybody(other)
    mine([shut], false)
    expect(seen.at(-1)).toEqual({ ids: ['INC-7', 'INC-8'], isNews: false })
    expect(countsOf(store.getState().incidents.values(), '')).toMatchObject({ open: 2 })
  })

  it('N2 does not lose it for a moment when it is restricted, nor when that is lifted', () => {
    const { everybody, mine, seen } = rig()
    everybody(one, other)
    everybody(other)
    mine([shut])
    mine([])
    everybody(one, other)
    expect(seen.map(({ ids }) => ids.length)).toEqual([2, 2, 2, 2, 2])
  })

  it('N2 lets go of what does not come through the other room, and at once of what is hidden or over', () => {
    const { everybody, mine, hidden, later, store } = rig()
    everybody(one, other)
    everybody(other)
    later()
    expect([...store.getState().incidents.keys()]).toEqual(['INC-8'])
    mine([shut])
    hidden('INC-7')
    expect([...store.getState().incidents.keys()]).toEqual(['INC-8'])
    mine([])
    mine([{ ...shut, phase: 'resolved' }])
    mine([])
    expect(store.getState().incidents.size).toBe(1)
  })

  it('N2 others lose it in the moment in which they are told', () => {
    const { everybody, store } = rig(false)
    everybody(one, other)
    everybody(other)
    expect([...store.getState().incidents.keys()]).toEqual(['INC-8'])
  })

  it('whoever has, or had, a part in it is known by its card', () => {
    const holders = one.chain.flatMap(({ holder }) => (holder === null ? [] : [holder.id]))
    expect(holders.every((id) => hasPart(one, id))).toBe(true)
    expect(hasPart(one, one.assistants[0]?.id ?? '')).toBe(true)
    expect(hasPart(one, 'p_nobody')).toBe(false)
  })
})

describe('when an incident is hidden', () => {
  it('its dialog closes, what was typed into it is forgotten, and so is what was said of it', () => {
    const announcer = makeAnnouncer({ now: () => 0, after: () => () => {} })
    const act = makeAct({ command: () => new Promise(() => {}) }, announcer)
    act.begin('note', 'INC-7')
    act.drafts.set('note/INC-7', 'a secret')
    act.drafts.set('note/INC-71', 'another')
    act.choose('INC-7', true)
    announcer.say({ tone: 'alert', text: 'Ada offers you INC-7: a secret', incidentId: 'INC-7', offers: [] })
    announcer.say({ tone: 'news', text: 'Ada owns INC-71 now.', incidentId: 'INC-71', offers: [] })
    act.forget('INC-7')
    announcer.forget('INC-7')
    expect(act.store.getState()).toMatchObject({ doing: null, chosen: new Set() })
    expect([...act.drafts.keys()]).toEqual(['note/INC-71'])
    const { said, assertive } = announcer.store.getState()
    expect([said.map(({ incidentId }) => incidentId), assertive]).toEqual([['INC-71'], ''])
  })
})
