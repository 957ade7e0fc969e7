import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { filterViewSchema, ruleViewSchema } from '#shared/filter-room.ts'
import type { Outcome } from '#shared/outcome.ts'
import { policySchema } from '#shared/policy.ts'
import { Studio } from '../../tell/studio.fixture.ts'
import { isJudgedAgain } from './book.ts'

const by = { by: 'person:ana', address: null }
const matchers = [{ name: 'service', op: '=', value: 'checkout' }] as const
const wanted = (studio: Studio, more: object = {}) => ({
  matchers,
  startsAt: studio.house.now,
  endsAt: studio.house.now + hourMs,
  createdBy: 'Ana',
  comment: 'being mended',
  ...more,
})
/** Figures by rule, added up by outcome. */
function sums(studio: Studio): Partial<Record<Outcome, number>> {
  const all: Partial<Record<Outcome, number>> = {}
  for (const { outcomes } of studio.filterRoom.view().rules)
    for (const [outcome, count] of Object.entries(outcomes) as [Outcome, number][])
      all[outcome] = (all[outcome] ?? 0) + count
  return all
}

const strict = policySchema.parse({
  inhibit_rules: [
    { name: 'cluster down', source_matchers: ['alertname="ClusterDown"'], target_matchers: ['alertname="Down"'] },
  ],
  filters: {
    damp: [{ name: 'flapping', match: ['alertname=~".+"'], half_life: '5m', suppress: 1.5, reuse: 1, longest: '20m' }],
    shed: [{ name: 'many', match: ['severity="critical"'], more_than: 3, within: '1m' }],
  },
})

describe('the filter room', () => {
  test('FR2 silences, causes, flapping and storms, and what is let go of them, still add up', async () => {
    const alert = fc.record({
      kind: fc.constant('alert' as const),
      name: fc.constantFrom('Down', 'Slow', 'ClusterDown'),
      instance: fc.integer({ min: 1, max: 2 }),
      service: fc.constantFrom('checkout', 'search'),
      ends: fc.boolean(),
    })
    const silence = fc.record({ kind: fc.constant('silence' as const), on: fc.boolean() })
    const wait = fc.record({ kind: fc.constant('wait' as const), minutes: fc.constantFrom(0.1, 1, 4, 15) })
    const act = fc.oneof(
      { weight: 12, arbitrary: alert },
      { weight: 1, arbitrary: silence },
      { weight: 2, arbitrary: wait },
    )
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 40, maxLength: 80 }), async (acts) => {
        const studio = await Studio.open()
        await studio.house.room.activatePolicy({ hash: 'strict', policy: strict, text: '' })
        studio.later(5 * minuteMs)
        for (const each of acts) {
          const { silences } = studio.house.room
          if (each.kind === 'wait') studio.later(each.minutes * minuteMs)
          else if (each.kind === 'silence') {
            if (each.on) await silences.set(by, wanted(studio))
            else for (const { id } of silences.list()) await silences.expire(by, id)
          } else {
            const { name: alertname, service, instance } = each
            const endsAt = new Date(studio.house.now + (each.ends ? 0 : 6 * hourMs)).toISOString()
            await studio.house.alert({ alertname, service, instance: `${instance}`, severity: 'critical' }, { endsAt })
            studio.house.now += 100
          }
        }
        await studio.house.store.commit({})
        const view = studio.filterRoom.view()
        expect(view.sum.unplaced).toBe(0)
        expect(sums(studio)).toEqual(view.sum.outcomes)
        for (const { reason } of await studio.house.store.read.decisions({ limit: 1000 }))
          if (isJudgedAgain(reason)) seen.add(reason.slice(0, reason.indexOf(';')))
        const held = studio.house.room.world().filter.size().held
        expect(Object.values(view.held).reduce((sum, count) => sum + count, 0)).toBe(held)
      }),
      { numRuns: 30, seed: 1940 },
    )
    expect(seen.size).toBe(4)
  })

  test('FR2 what every rule decided adds up to what the doors accepted, and still does after a restart', async () => {
    const studio = await Studio.open()
    const { silences } = studio.house.room
    await studio.alert('search')
    await studio.alert('search', 'b')
    for (let i = 0; i < 5; i++) await studio.alert('search')
    const { id } = await silences.set(by, wanted(studio))
    await studio.alert('checkout')
    await studio.alert('checkout', 'b')
    await studio.house.alert({ alertname: 'Fyi', severity: 'info' })
    studio.later(2 * minuteMs)
    await silences.expire(by, id)
    const view = filterViewSchema.parse(studio.filterRoom.view())
    expect(view.sum).toMatchObject({ accepted: 10, unplaced: 0 })
    expect(sums(studio)).toEqual(view.sum.outcomes)
    expect(view.sum.outcomes).toEqual({ opened: 1, attached: 1, repeated: 5, silenced: 2, recorded: 1 })
    const of = (rule: string) => view.rules.find((each) => each.rule === rule)
    expect(of(id)).toMatchObject({ stage: 'silence', origin: 'silence', name: 'Ana: being mended', day: 2, holds: 0 })
    expect(of('informational')).toMatchObject({ stage: 'define', origin: 'policy', outcomes: { recorded: 1 } })
    expect(of('everything else')).toMatchObject({ stage: 'define', outcomes: {}, passed: 2, day: 0 })
    expect(of('repeat')).toMatchObject({ outcomes: { repeated: 5 }, day: null })
    // What the silence let go was placed by correlation, and is in no count of events.
    expect(view.stages.find(({ name }) => name === 'correlate')).toMatchObject({ again: 2 })

    const again = await Studio.open(await studio.house.restart())
    const { at: _, ...before } = view
    expect(filterViewSchema.parse(again.filterRoom.view())).toMatchObject({
      sum: before.sum,
      stages: before.stages,
      sources: [{ accepted: 10, rejected: 0 }],
    })
  })

  test('a rule says who made it, what it holds back now, and what it held back before', async () => {
    const studio = await Studio.open()
    const { silences } = studio.house.room
    const { id } = await silences.set(by, wanted(studio))
    await studio.alert('checkout')
    await studio.alert('checkout', 'b')
    const rule = ruleViewSchema.parse(await studio.filterRoom.rule('silence', id, null))
    expect(rule).toMatchObject({
      author: { kind: 'silence', by: 'Ana' },
      text: 'service="checkout"',
      holds: 2,
      marks: 0,
      alerts: [{ title: 'Down on a', held: true, service: 'checkout' }, {}],
      decisions: [{ outcome: 'silenced', alert: { title: 'Down on b' } }, { outcome: 'silenced' }],
      next: null,
    })
    expect(rule.decisions[0]?.reason).toContain('by the silence of Ana, which matched service="checkout"')
    expect(studio.filterRoom.view()).toMatchObject({ held: { silenced: 2 } })
    await silences.expire(by, id)
    const ended = await studio.filterRoom.rule('silence', id, null)
    expect(ended).toMatchObject({ holds: 0, alerts: [], decisions: [{}, {}] })
    expect(await studio.filterRoom.rule('silence', 'nobody', null)).toBeNull()
  })

  test('MW1 a maintenance window is a rule of the policy: its text, until when, and what it holds back', async () => {
    const studio = await Studio.open()
    const recurs = { rrule: 'FREQ=DAILY', starts: '2026-01-01T02:00', lasts: '3h', time_zone: 'UTC' }
    const policy = policySchema.parse({
      filters: { maintenance: [{ name: 'patching', match: ['service="checkout"'], reason: 'hosts restart', recurs }] },
    })
    await studio.house.room.activatePolicy({ hash: 'windows', policy, text: '' })
    await studio.alert('checkout')
    const rule = ruleViewSchema.parse(await studio.filterRoom.rule('silence', 'patching', null))
    const until = '2026-01-05T05:00:00.000Z'
    expect(rule).toMatchObject({ author: { kind: 'policy' }, holds: 1, alerts: [{ held: true, until }] })
    expect(rule.text).toContain('reason: hosts restart')
    const why = await studio.filterRoom.alertWhy(rule.alerts[0]?.id ?? '', null)
    expect(why?.marks).toMatchObject({ held: 'silenced', silences: [], windows: ['patching'] })
  })

  test('decisions of a rule come by pages, each once', async () => {
    const studio = await Studio.open()
    for (let i = 0; i < 120; i++) await studio.house.alert({ alertname: `Fyi${i}`, severity: 'info' })
    const seen = new Set<number>()
    let before: number | undefined
    do {
      const page = await studio.filterRoom.rule('define', 'informational', null, before)
      for (const { n } of page?.decisions ?? []) seen.add(n)
      before = page?.next ?? undefined
    } while (before !== undefined)
    expect(seen.size).toBe(120)
    const built = await studio.filterRoom.rule('define', 'informational', null)
    expect(built).toMatchObject({ author: { kind: 'policy', policy: 'built-in' }, line: null })
    expect(built?.text).toContain('as: record')
  })

  test('an alert says what holds it back and which way it came', async () => {
    const studio = await Studio.open()
    const { silences } = studio.house.room
    const { id } = await silences.set(by, wanted(studio))
    await studio.alert('checkout')
    const [alert] = [...studio.house.room.world().filter.alerts()]
    const why = await studio.filterRoom.alertWhy(alert?.id ?? '', null)
    expect(why).toMatchObject({
      alert: { title: 'Down on a', status: 'firing', incidentId: null },
      marks: { held: 'silenced', silences: [{ id, createdBy: 'Ana', comment: 'being mended' }], flaps: null },
      decisions: [{ stage: 'silence', again: false }],
    })
    const states = (path: { stage: string; state: string }[] | undefined) =>
      Object.fromEntries((path ?? []).map(({ stage, state }) => [stage, state]))
    expect(states(why?.path)).toMatchObject({ deduplicate: 'passed', silence: 'decided', correlate: 'not reached' })

    await silences.expire(by, id)
    const freed = await studio.filterRoom.alertWhy(alert?.id ?? '', null)
    expect(freed).toMatchObject({ marks: { held: null, silences: [] }, alert: { incidentId: 'INC-1001' } })
    expect(freed?.decisions.map(({ stage, again }) => [stage, again])).toEqual([
      ['silence', false],
      ['correlate', true],
    ])
    expect(states(freed?.path)).toMatchObject({ deduplicate: 'skipped', silence: 'passed', correlate: 'decided' })
    expect(await studio.filterRoom.alertWhy('ffffffffffffffff', null)).toBeNull()

    expect(await studio.filterRoom.origin('INC-1001')).toMatchObject({
      definition: 'everything else',
      by: { id: 'system:filter' },
      joined: [{ rule: 'same service', alerts: 1 }],
      corrections: [],
    })
    expect(await studio.filterRoom.origin('INC-7')).toBeNull()
  })
})
