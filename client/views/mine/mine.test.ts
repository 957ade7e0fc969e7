import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Summary } from '#shared/wire.ts'
import { checkout, incidents, storyNow } from '../../stories/incidents.ts'
import { groupsOf, nextDue } from './groups.ts'
import { thumbAct } from './thumb.tsx'
import { dueSentence, shiftSentence, whenWords } from './words.ts'

const minute = 60_000
const at = (ms: number) => new Date(storyNow + ms).toISOString()
const byId = (id: string): Summary => incidents.find((one) => one.id === id) ?? checkout
const own: Summary = { ...byId('INC-1039'), suggestResolve: false, nextUpdateDueAt: null }
const novak = { id: 'p_novak', teams: ['payments'] }
const ids = (list: readonly Summary[]) => list.map(({ id }) => id)

describe('groups of Mine', () => {
  it('M1: what is offered to me stands under offered and nowhere else, the shortest time first', () => {
    const offer = (id: string, leftMs: number): Summary => ({
      ...checkout,
      id,
      assistants: [novak].map(({ id: person }) => ({ id: person, name: 'Petra Novak' })),
      offer: { to: { id: 'team:payments', name: 'Payments' }, eligible: [novak.id], deadline: at(leftMs), revision: 1 },
    })
    const groups = groupsOf([offer('INC-1', 3 * minute), offer('INC-2', minute)], novak, storyNow)
    expect(ids(groups.offered)).toEqual(['INC-2', 'INC-1'])
    expect([...groups.mine, ...groups.unclaimed, ...groups.assisting]).toEqual([])
  })

  it('M1: an offer whose time is over is no offer any more', () => {
    const over = { ...checkout, offer: checkout.offer && { ...checkout.offer, deadline: at(0) } }
    expect(groupsOf([over], { id: 'p_brandt', teams: [] }, storyNow).offered).toEqual([])
  })

  it('M2: the sign of life first, then what is late, then who waits, then the nearest time, then what was never promised', () => {
    const rows: Summary[] = [
      { ...own, id: 'nothing' },
      { ...own, id: 'update in 9', nextUpdateDueAt: at(9 * minute) },
      { ...own, id: 'task in 2', nextUpdateDueAt: at(9 * minute), tasks: { open: 1, nextDueAt: at(2 * minute) } },
      { ...own, id: 'unclassified', tier: null, nextUpdateDueAt: at(minute) },
      { ...own, id: 'relief asked', reliefAskedBy: { id: 'p_ito', name: 'Kenji Ito' } },
      { ...own, id: 'late by 1', nextUpdateDueAt: at(-minute) },
      { ...own, id: 'late by 5', tier: null, nextUpdateDueAt: at(-5 * minute) },
      { ...own, id: 'silent', ownerSilentSince: at(-16 * minute), nextUpdateDueAt: at(-9 * minute) },
      { ...own, id: 'drill', drill: true, ownerSilentSince: at(-16 * minute) },
    ]
    const order = ['silent', 'late by 5', 'late by 1', 'relief asked', 'unclassified', 'task in 2', 'update in 9']
    const { mine } = groupsOf(rows, novak, storyNow)
    expect(mine.map(({ summary }) => summary.id)).toEqual([...order, 'nothing', 'drill'])
  })

  it('M2: relief is due when my shift ends, until it is offered', () => {
    const shiftEnd = { rotation: 'pay', endsAt: at(14 * minute), to: [{ id: 'p_ito', name: 'Kenji Ito' }], told: false }
    const ends = { ...own, shiftEnd, nextUpdateDueAt: at(20 * minute) }
    expect(dueSentence(nextDue(ends, storyNow), ends, storyNow)).toEqual({
      text: 'Your shift ends in 14\u00a0min: Kenji Ito next',
      tone: 'soon',
    })
    expect(nextDue({ ...ends, offer: checkout.offer }, storyNow)?.kind).toBe('update')
  })

  it('M2: a legal clock is due when it is near or has passed; one that is far away hides nothing', () => {
    const clocks = (inMs: number): NonNullable<Summary['clocks']> => ({
      running: 1,
      next: [
        {
          ...{ clock: 'gdpr-33-1', name: 'GDPR 33(1)', deadline: 'Notification', breached: false },
          ...{ dueAt: at(inMs), nearAt: at(inMs - 60 * minute) },
        },
      ],
    })
    const far = { ...own, clocks: clocks(120 * minute), suggestResolve: true }
    expect(nextDue(far, storyNow)?.kind).toBe('resolve')
    const near = { ...far, clocks: clocks(30 * minute) }
    expect(dueSentence(nextDue(near, storyNow), near, storyNow)).toEqual({
      text: 'GDPR 33(1): Notification in 30\u00a0min',
      tone: 'soon',
    })
    const passed = { ...far, tier: null, clocks: clocks(-90 * minute) }
    expect(dueSentence(nextDue(passed, storyNow), passed, storyNow)).toEqual({
      text: 'GDPR 33(1): Notification passed 1\u00a0h\u00a030\u00a0min ago',
      tone: 'late',
    })
  })

  it('a role that is offered to me is mine to answer; one that I have is listed', () => {
    const role = { role: 'scribe' as const, holder: null, note: null, chain: [], handovers: 0 }
    const offer = { to: { id: novak.id, name: 'Petra Novak' }, eligible: [novak.id], deadline: at(minute), revision: 1 }
    const rows: Summary[] = [
      { ...checkout, id: 'INC-1', roles: [{ ...role, offer }] },
      { ...checkout, id: 'INC-2', roles: [{ ...role, offer: { ...offer, deadline: at(-1) } }] },
      { ...checkout, id: 'INC-3', roles: [{ ...role, offer: null, holder: { id: novak.id, name: 'Petra Novak' } }] },
    ]
    const groups = groupsOf(rows, novak, storyNow)
    expect(groups.roleOffers.map(({ summary }) => summary.id)).toEqual(['INC-1'])
    expect(groups.roles.map(({ summary }) => summary.id)).toEqual(['INC-3'])
  })

  it('M3: unclaimed is of my teams or of none; who is in no team sees all of it', () => {
    const free = { ...byId('INC-1051'), team: 'payments' }
    const rows = [
      { ...free, id: 'mine' },
      { ...free, id: 'theirs', team: 'platform' },
      { ...free, id: 'of no team', team: null },
      { ...free, id: 'over', phase: 'resolved' as const },
    ]
    expect(ids(groupsOf(rows, novak, storyNow).unclaimed).sort()).toEqual(['mine', 'of no team'])
    expect(groupsOf(rows, { ...novak, teams: [] }, storyNow).unclaimed).toHaveLength(3)
  })

  it('no incident stands in two groups, and nothing that is mine is missing', () => {
    const some = fc.constantFrom(...incidents, own)
    const person = fc.constantFrom('p_novak', 'p_tanaka', 'p_brandt', 'p_silva', 'p_nobody')
    fc.assert(
      fc.property(fc.array(some, { maxLength: 20 }), person, fc.integer({ min: -60, max: 60 }), (list, me, minutes) => {
        const rows = list.map((one, index) => ({ ...one, id: `INC-${index}` }))
        const groups = groupsOf(rows, { id: me, teams: ['payments'] }, storyNow + minutes * minute)
        const all = [
          ...ids(groups.offered),
          ...groups.mine.map(({ summary }) => summary.id),
          ...ids(groups.unclaimed),
          ...ids(groups.assisting),
        ]
        expect(new Set(all).size).toBe(all.length)
        const owned = rows.filter(({ owner, phase }) => owner?.id === me && phase !== 'resolved')
        for (const { id } of owned) expect(all).toContain(id)
      }),
    )
  })
})

describe('words of Mine', () => {
  it('says what is due, and how late it is', () => {
    const words = (summary: Summary) => dueSentence(nextDue(summary, storyNow), summary, storyNow)
    expect(words({ ...own, nextUpdateDueAt: at(4 * minute) })).toEqual({ text: 'Update due in 4:00', tone: 'soon' })
    expect(words({ ...own, nextUpdateDueAt: at(-134_000) })).toEqual({ text: 'Update late 2:14', tone: 'late' })
    expect(words(own)).toEqual({ text: 'Nothing is promised', tone: 'plain' })
    expect(words({ ...own, ownerSilentSince: at(-16 * minute) }).text).toMatch(
      /^Are you on it\? Nothing from you for 16/,
    )
  })

  it('says until when I am on call, when I am next, and that nobody can say', () => {
    const name = (id: string) => (id === 'pay' ? 'Payments' : id)
    const next = {
      rotation: 'pay',
      layer: 'days',
      person: 'p_novak',
      from: at(30 * 60 * minute),
      to: at(40 * 60 * minute),
      by: 'rotation' as const,
      change: null,
    }
    const on = { rotation: 'pay', endsAt: at(60 * minute), next: [{ id: 'p_ito', name: 'Kenji Ito' }] }
    const until = whenWords(storyNow + 60 * minute, storyNow)
    expect(shiftSentence({ on, next }, name, storyNow)).toBe(
      `You are on call for Payments until ${until}; then Kenji Ito.`,
    )
    expect(shiftSentence({ on: null, next }, name, storyNow)).toMatch(/^You are not on call. Your next shift: Payments/)
    expect(shiftSentence({ on: null, next: null }, name, storyNow)).toMatch(/no shift of yours/)
    expect(shiftSentence(null, name, storyNow)).toBeNull()
  })

  it('M4: the thumb answers an offer first, then a sign of life, then claims what ranks highest', () => {
    const rows = [...incidents, { ...own, ownerSilentSince: at(-16 * minute) }]
    const groups = groupsOf(rows, novak, storyNow)
    expect(thumbAct(groups, true)).toMatchObject({ type: 'confirm', summary: { id: 'INC-1039' } })
    expect(thumbAct({ ...groups, mine: [] }, true)).toMatchObject({ type: 'claim', summary: { id: 'INC-1051' } })
    const brandt = groupsOf(rows, { id: 'p_brandt', teams: [] }, storyNow)
    expect(thumbAct(brandt, true)).toMatchObject({ type: 'accept', summary: { id: 'INC-1042' } })
    expect(thumbAct(brandt, false)).toBeNull()
  })
})
