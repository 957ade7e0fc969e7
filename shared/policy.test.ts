import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from './clocks.ts'
import { builtInPolicy, parseDuration, policySchema, tierPolicyOf } from './policy.ts'

const problems = (input: unknown) => {
  const parsed = policySchema.safeParse(input)
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

describe('parseDuration', () => {
  it.each([
    ['90s', 90_000],
    ['5m', 5 * minuteMs],
    ['1h30m', hourMs + 30 * minuteMs],
    ['250ms', 250],
    ['1d', 24 * hourMs],
    ['1w', 7 * 24 * hourMs],
    ['0s', 0],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([[''], ['5'], ['m'], ['-5m'], ['1.5h'], ['5 m'], ['5m '], ['1y']])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError)
  })

  it('adds up whatever units are written', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(500), fc.nat(500), (hours, minutes, ms) => {
        expect(parseDuration(`${hours}h${minutes}m${ms}ms`)).toBe(hours * hourMs + minutes * minuteMs + ms)
      }),
    )
  })
})

describe('policySchema', () => {
  it('gives the built-in policy for an empty file, and for one with an empty section', () => {
    expect(builtInPolicy.reopen_within).toBe(15 * minuteMs)
    expect(builtInPolicy.resolve_timeout).toBe(5 * minuteMs)
    expect(builtInPolicy.definitions.map(({ as }) => as)).toEqual(['triage', 'record', 'record', 'triage'])
    expect(builtInPolicy.definitions[1]?.match[0]?.test('info')).toBe(true)
    expect(builtInPolicy.correlate.map(({ name }) => name)).toContain('same service')
    expect(policySchema.parse({ tiers: {} })).toMatchObject({ tiers: { 1: { offer_expires_after: 2 * minuteMs } } })
  })

  it('has the offer deadlines of the domain: 2, 2, 5 and 15 minutes', () => {
    const offers = [null, 1, 2, 3] as const
    expect(offers.map((tier) => tierPolicyOf(builtInPolicy, tier).offer_expires_after / minuteMs)).toEqual([
      2, 2, 5, 15,
    ])
  })

  it('names the place of what is wrong', () => {
    expect(problems({ definitions: [{ name: 'x', match: ['service'], as: 'triage' }] })).toEqual([
      expect.stringMatching(/^definitions\.0\.match\.0: "service" is no matcher/),
    ])
    expect(problems({ reopen_within: 'soon' })).toEqual([
      expect.stringMatching(/^reopen_within: "soon" is no duration/),
    ])
    expect(problems({ servces: [] })).toHaveLength(1)
    expect(problems({ services: [{ id: 'a', team: 'b' }] })).toEqual([
      'services.0.team: there is no team "b" under teams',
    ])
    expect(problems({ services: [{ id: 'a' }, { id: 'a' }] })).toEqual(['services.1.id: "a" is there twice'])
    expect(problems({ correlate: [{ name: 'x', by: [] }] })).toHaveLength(1)
    expect(problems({ services: [{ id: 'a', runbook: 'javascript:alert(1)' }] })).toHaveLength(1)
  })

  it('refuses two definitions or two rules of one name: reasons must name one rule', () => {
    const definition = { name: 'x', match: ['a=b'], as: 'triage' }
    expect(problems({ definitions: [definition, definition] })).toEqual(['definitions.1.name: "x" is there twice'])
    const rule = { name: 'y', by: ['service'] }
    expect(problems({ correlate: [rule, rule] })).toEqual(['correlate.1.name: "y" is there twice'])
  })
})
