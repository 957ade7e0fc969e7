import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Outcome, outcomes } from '#shared/outcome.ts'
import type { Summary } from '#shared/wire.ts'
import { checkout, incidents, storyNow } from '../stories/incidents.ts'
import { me } from '../stories/people.ts'
import { actionsFor } from './actions.ts'
import { conservationOf } from './conservation.ts'
import { dueWords } from './due-words.ts'
import { countsOf, listOf, matchesText, readQuery, writeQuery } from './filter.ts'
import { compareRank } from './rank.ts'
import { settle } from './settle.ts'

const all = { show: 'all', sort: 'rank', text: '', at: null } as const
const byId = (id: string): Summary => incidents.find((one) => one.id === id) ?? checkout

describe('rank', () => {
  it('R1: tier first, unclassified as Tier 1, then unowned, then breaching, then the oldest; what is over comes last', () => {
    expect(listOf(incidents, all, 'p_tanaka', storyNow)).toEqual([
      'INC-1051',
      'INC-1042',
      'INC-1047',
      'INC-1044',
      'INC-1049',
      'INC-1036',
      'INC-1039',
      'INC-1035',
    ])
  })

  it('R1: a Tier 3 never stands before a Tier 1, whatever else is true of them', () => {
    const some = fc.constantFrom(...incidents)
    fc.assert(
      fc.property(some, some, fc.boolean(), (a, b, unowned) => {
        const one: Summary = { ...a, phase: 'fixing', tier: 1 }
        const three: Summary = { ...b, phase: 'fixing', tier: 3, owner: unowned ? null : b.owner }
        expect(compareRank(one, three, storyNow)).toBeLessThan(0)
      }),
    )
  })

  it('R1: what is exercised never stands before what is real, and counts for itself', () => {
    const drill = { ...checkout, drill: true, tier: 1 as const, owner: null }
    const real = { ...byId('INC-1044'), phase: 'fixing' as const, tier: 3 as const }
    expect(compareRank(real, drill, storyNow)).toBeLessThan(0)
    expect(countsOf([real, drill], '')).toMatchObject({ open: 1, drills: 1 })
  })

  it('R1: is a total order', () => {
    const some = fc.constantFrom(...incidents)
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const order = (x: Summary, y: Summary) => Math.sign(compareRank(x, y, storyNow))
        expect(order(a, b)).toBe(0 - order(b, a))
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0)
      }),
    )
  })
})

describe('filter', () => {
  it('counts the whole board, and the longest wait', () => {
    const counts = countsOf(incidents, 'p_tanaka')
    expect(counts).toMatchObject({ open: 7, unowned: 2, offered: 1, shows: { all: 8, mine: 1, unowned: 2, grave: 4 } })
    expect(storyNow - (counts.unownedSince ?? 0)).toBe(6.52 * 60_000)
  })

  it('the address keeps the whole query', () => {
    const query = fc.record({
      show: fc.constantFrom('all' as const, 'mine' as const, 'unowned' as const, 'grave' as const),
      sort: fc.constantFrom('rank' as const, 'newest' as const, 'quiet' as const),
      text: fc.string(),
      at: fc.option(fc.stringMatching(/^INC-\d{1,6}$/)),
    })
    fc.assert(
      fc.property(query, (given) => {
        expect(readQuery(writeQuery(given))).toEqual(given)
      }),
    )
  })

  it('finds every word somewhere: number, title, people, tier, flags', () => {
    expect(matchesText(checkout, 'tanaka t1 checkout')).toBe(true)
    expect(matchesText(checkout, 'personal brandt 1042')).toBe(true)
    expect(matchesText(checkout, 'tanaka nowhere')).toBe(false)
  })
})

describe('settling', () => {
  const ids = fc
    .uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 25 })
    .map((all) => all.map((n) => `INC-${n}`))

  it('S1: while the hand moves, no row that is shown moves', () => {
    fc.assert(
      fc.property(ids, ids, (shown, wanted) => {
        const next = settle(shown, wanted, { moving: true, on: null })
        if (shown.length > 0) expect(next.slice(0, shown.length)).toEqual(shown)
      }),
    )
  })

  it('S1: when the hand rests on a row, that row keeps its place and nothing is lost or doubled', () => {
    fc.assert(
      fc.property(ids, ids, fc.nat(), (shown, wanted, pick) => {
        const on = shown.length === 0 ? null : (shown[pick % shown.length] ?? null)
        const next = settle(shown, wanted, { moving: false, on })
        expect([...next].sort()).toEqual([...wanted].sort())
        if (on !== null && wanted.includes(on)) {
          // The list may have become too short for the old place.
          expect(next.indexOf(on)).toBe(Math.min(shown.indexOf(on), wanted.length - 1))
        }
      }),
    )
  })

  it('S1: when the hand leaves, the order is the rank', () => {
    fc.assert(
      fc.property(ids, ids, (shown, wanted) => {
        expect(settle(shown, wanted, { moving: false, on: null })).toEqual(wanted)
      }),
    )
  })
})

describe('conservation', () => {
  it('F1: what is missing is accepted minus the sum of all outcomes, to the one', () => {
    const counts = fc.dictionary(fc.constantFrom<Outcome>(...outcomes), fc.nat({ max: 100_000 }))
    fc.assert(
      fc.property(counts, fc.integer({ min: -5, max: 5 }), (given, off) => {
        const sum = Object.values(given).reduce((total, count) => total + count, 0)
        expect(conservationOf({ accepted: sum + off, outcomes: given }).missing).toBe(off)
      }),
    )
  })
})

describe('actions', () => {
  const types = (summary: Summary, who: ReturnType<typeof me>) => actionsFor(summary, who).map(({ type }) => type)
  const commander = me('Tanaka', ['commander'])
  const responder = me('Brandt', ['responder'])

  it('an unowned incident can be claimed; one that somebody owns cannot', () => {
    expect(types(byId('INC-1051'), responder)[0]).toBe('claim')
    expect(types(checkout, commander)).not.toContain('claim')
  })

  it('only whom it is offered to may accept', () => {
    expect(types(checkout, responder).slice(0, 2)).toEqual(['accept', 'decline'])
    expect(types(checkout, me('Kaya', ['responder']))).not.toContain('accept')
  })

  it('take over is for commanders; release for the owner alone', () => {
    expect(types(byId('INC-1044'), commander)).toContain('take-over')
    expect(types(byId('INC-1044'), responder)).not.toContain('take-over')
    expect(types(byId('INC-1044'), me('Moreau', ['responder']))).toContain('release')
  })

  it('MG1: who leads may merge and split; of what nobody owns everybody who responds, and one alert cannot be split', () => {
    const shown = (summary: Summary, who: ReturnType<typeof me>) =>
      types(summary, who).filter((type) => type === 'merge' || type === 'split')
    expect(shown(byId('INC-1047'), commander)).toEqual(['merge', 'split'])
    expect(shown(byId('INC-1047'), me('Silva', ['responder']))).toEqual(['merge', 'split'])
    expect(shown(byId('INC-1047'), responder)).toEqual([])
    expect(shown(byId('INC-1051'), responder)).toEqual(['merge', 'split'])
    expect(shown(byId('INC-1044'), commander)).toEqual(['merge'])
    expect(shown(byId('INC-1035'), commander)).toEqual([])
    expect(types({ ...checkout, phase: 'merged' }, commander)).toEqual(['note', 'flag', 'restrict'])
  })

  it('RS2: who responds may restrict; only a commander lifts that', () => {
    const shut: Summary = { ...checkout, flags: ['restricted'] }
    const shown = (summary: Summary, who: ReturnType<typeof me>) =>
      types(summary, who).filter((type) => type === 'restrict' || type === 'lift')
    expect([shown(checkout, responder), shown(checkout, commander)]).toEqual([['restrict'], ['restrict']])
    expect([shown(shut, responder), shown(shut, commander)]).toEqual([[], ['lift']])
  })

  it('a viewer is shown nothing to do', () => {
    for (const summary of incidents) expect(actionsFor(summary, me('Haddad', ['viewer']))).toEqual([])
  })

  it('no two actions of one incident share a key', () => {
    for (const summary of incidents)
      for (const who of [commander, responder]) {
        const keys = actionsFor(summary, who).flatMap(({ key }) => key ?? [])
        expect(new Set(keys).size).toBe(keys.length)
      }
  })
})

describe('what is due', () => {
  it('a late update comes before everything that is merely to come', () => {
    expect(dueWords(byId('INC-1047'), storyNow)).toEqual({ text: 'update late 2:05', tone: 'late' })
    expect(dueWords(byId('INC-1051'), storyNow)).toEqual({ text: 'to be classified', tone: 'soon' })
    expect(dueWords(byId('INC-1035'), storyNow)).toEqual({ text: 'resolved 9\u00a0min ago', tone: 'calm' })
  })
})
