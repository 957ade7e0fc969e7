import { describe, expect, it } from 'vitest'
import type { ReadinessView, ToteTeam } from '#shared/readiness.ts'
import type { Frame } from '#shared/wire.ts'
import { applyToteFrame } from '../../link/picture.ts'
import {
  byState,
  countsOf,
  readToteQuery,
  shownTeams,
  type ToteState,
  teamsOf,
  toteAddress,
  urgentFirst,
  withoutTeam,
} from './follow.ts'
import { withReadiness } from './lines.ts'
import { countWords, readinessLine, saidWords, spellTitle, spellWords, stateWord, withHeld } from './words.ts'

const now = Date.parse('2026-01-05T12:00:00.000Z')
const at = (min: number) => new Date(now + min * 60_000).toISOString()
const person = (id: string, state: ReadinessView['state'], more: Partial<ReadinessView> = {}): ReadinessView => ({
  ...{ id, name: id.toUpperCase(), state, since: at(-20), until: null },
  ...more,
})
const team = (id: string, people: string[], more: Partial<ToteTeam> = {}): ToteTeam => ({
  ...{ id, name: `Team ${id}`, people, answers: people[0] ?? null, onCall: 1 },
  ...{ rota: true, expected: true, next: null, gap: null },
  ...more,
})
const place = { room: 'tote' as const, toldAt: at(0) }
const whole = (seq: number, teams: ToteTeam[], people: ReadinessView[]): Frame => ({
  ...{ ...place, kind: 'snapshot' as const, seq },
  tote: { teams, people },
})

describe('frames of the tote', () => {
  it('L1: a delta follows exactly what is there; what did not move keeps its identity', () => {
    const first = applyToteFrame(
      null,
      whole(5, [team('a', ['ana', 'ben'])], [person('ana', 'ready'), person('ben', 'released')]),
    )
    if (first.kind !== 'applied') throw new Error(first.kind)
    const change = { teams: [], people: [person('ana', 'engaged')], gone: ['ben'] }
    const delta: Frame = { ...place, kind: 'delta', after: 5, seq: 6, tote: change }
    const next = applyToteFrame(first.picture, delta)
    if (next.kind !== 'applied') throw new Error(next.kind)
    expect([...next.picture.people.values()].map(({ id, state }) => [id, state])).toEqual([['ana', 'engaged']])
    expect(next.picture.teams).toBe(first.picture.teams)
    expect(applyToteFrame(next.picture, delta)).toEqual({ kind: 'repeat' })
    expect(applyToteFrame(next.picture, { ...delta, after: 7, seq: 8 })).toEqual({ kind: 'gap' })
    expect(applyToteFrame(null, delta)).toEqual({ kind: 'gap' })
  })
})

describe('what the tote shows', () => {
  const people = [
    person('ana', 'engaged'),
    person('ben', 'released'),
    person('eva', 'ready'),
    person('kim', 'on-call'),
    person('zoe', 'released'),
  ]
  const state: ToteState = {
    teams: [team('pay', ['ana', 'ben']), team('web', ['eva', 'ben', 'kim'])],
    people: new Map(people.map((one) => [one.id, one])),
    refused: null,
  }
  const all = teamsOf(state)

  it('RD9: counts each team, and knows the unready one', () => {
    expect(all.map(({ unready }) => unready)).toEqual([true, false])
    expect(countWords(countsOf(people))).toBe('1 ready, 1 on call, 1 engaged, 2 released')
    expect(withoutTeam(state).map(({ id }) => id)).toEqual(['zoe'])
    expect(byState(all[1]?.people ?? []).map(({ id }) => id)).toEqual(['eva', 'kim', 'ben'])
  })

  it('puts unready teams first only where not all have room', () => {
    const turned = teamsOf({ ...state, teams: [...(state.teams ?? [])].reverse() })
    expect(urgentFirst(turned, 2).map(({ team }) => team.id)).toEqual(['web', 'pay'])
    expect(urgentFirst(turned, 1).map(({ team }) => team.id)).toEqual(['pay'])
  })

  it('finds teams and people by words and by state, and says so in the address', () => {
    const found = (query: string) =>
      shownTeams(all, readToteQuery(query)).map(({ team, people }) => [team.id, people.map(({ id }) => id)])
    expect(found('')).toEqual([
      ['pay', ['ana', 'ben']],
      ['web', ['eva', 'ben', 'kim']],
    ])
    expect(found('?q=team web')).toEqual([['web', ['eva', 'ben', 'kim']]])
    expect(found('?q=KIM')).toEqual([['web', ['kim']]])
    expect(found('?show=released')).toEqual([
      ['pay', ['ben']],
      ['web', ['ben']],
    ])
    expect(found('?show=unready').map(([id]) => id)).toEqual(['pay'])
    expect(found('?q=nobody')).toEqual([])
    for (const address of ['/tote', '/tote?show=engaged', '/tote?show=unready&q=x'])
      expect(toteAddress(readToteQuery(address.replace('/tote', '')))).toBe(address)
  })

  it('says since when or how long yet, and never ticks below a minute for those on their way', () => {
    const words = (view: ReadinessView) => `${stateWord(view, now)}|${spellWords(view, now)}`.replaceAll('\u00a0', ' ')
    expect(words(person('ana', 'engaged'))).toBe('Engaged|20 min')
    expect(words(person('ana', 'ready', { until: at(192) }))).toBe('Ready|for 3 h 12 min')
    expect(words(person('ana', 'recovering', { until: at(14) }))).toBe('Recovering|14 min left')
    expect(words(person('ana', 'available', { until: at(20) }))).toBe('In 20 min|')
    expect(words(person('ana', 'available', { until: at(20.02) }))).toBe('In 20 min|')
    expect(words(person('ana', 'available', { until: at(0.2) }))).toBe('In 1 min|')
    expect(words(person('ana', 'released', { since: null }))).toBe('Released|')
    const holds = [{ id: 'INC-1', kind: 'owns' as const }]
    expect(readinessLine(person('ana', 'engaged', { holds }), now).replaceAll('\u00a0', ' ')).toBe(
      'Engaged, 20 min, owns 1',
    )
  })

  it('RD6: tells who said it, until when, and what would be without it', () => {
    const derived = { state: 'on-call' as const, since: null, until: null }
    const said = { at: at(-1), until: at(60) }
    expect(saidWords(person('ana', 'released', { said, derived }), now)).toBe(
      'says so until 13:00 UTC; without that on call',
    )
    const by = { id: 'i', name: 'Inês' }
    const view = person('ana', 'released', { said: { ...said, by }, derived, until: at(60) })
    expect(saidWords(view, now)).toBe('Inês says so until 13:00 UTC; without that on call')
    expect(spellTitle(view, now)).toContain('Inês says so')
    expect(saidWords(person('ana', 'released'), now)).toBe('')
  })

  it('tells of whom an offer could go to how ready they are, behind why they stand there', () => {
    const groups = [{ title: 'First', items: [{ id: 'ana', name: 'Ana', note: 'on call now' }] }]
    const more = {
      title: 'People',
      items: [
        { id: 'ben', name: 'Ben', note: '' },
        { id: 'zoe', name: 'Zoe', note: '' },
      ],
    }
    const line = (id: string) => ({ ana: 'Ready', ben: 'Engaged, owns 2' })[id] ?? ''
    expect(withReadiness([...groups, more], line).map(({ items }) => items.map(({ note }) => note))).toEqual([
      ['on call now · Ready'],
      ['Engaged, owns 2', ''],
    ])
  })
})

it('what somebody holds in what is restricted stands after the rest, for whoever may see it', () => {
  const row: ReadinessView = { id: 'ana', name: 'Ana', state: 'engaged', since: null, until: null }
  const held = { id: 'INC-1', kind: 'owns' as const }
  const secret = { id: 'INC-K3', kind: 'assists' as const }
  expect(withHeld(row, undefined)).toBe(row)
  expect(withHeld(row, [secret]).holds).toEqual([secret])
  expect(withHeld({ ...row, holds: [held] }, [secret]).holds).toEqual([held, secret])
})
