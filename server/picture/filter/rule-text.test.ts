import { expect, test } from 'vitest'
import { builtInPolicy } from '#shared/policy.ts'
import { readPolicyText } from '../../policy/index.ts'
import { policyRulesOf, ruleText } from './rule-text.ts'

const text = `# of the house
definitions:
  - name: checkout down
    match: ['service="checkout"']   # the one that earns
    as: 1
  - { name: the rest, match: ['severity=~".+"'], as: triage }
inhibit_rules:
  - source_matchers: [a="1"]
    target_matchers: [b="1"]
time_intervals: [{ name: nights, time_intervals: [{ times: [{ start_time: '00:00', end_time: '05:00' }] }] }]
filters:
  maintenance:
    - { name: patching, match: [a="1"], reason: by night, intervals: [nights] }
  damp:
    - name: flapping
      match: ['alertname=~".+"']
      # as on the routers
      half_life: 10m
`
const { policy } = readPolicyText(text)

test('a rule is shown as it stands in the file, with its line', () => {
  expect(ruleText(policy, text, 'define', 'checkout down')).toEqual({
    text: `name: checkout down\nmatch: ['service="checkout"']   # the one that earns\nas: 1`,
    line: 3,
  })
  expect(ruleText(policy, text, 'define', 'the rest')).toEqual({
    text: `{ name: the rest, match: ['severity=~".+"'], as: triage }`,
    line: 6,
  })
  expect(ruleText(policy, text, 'damp', 'flapping')?.text).toContain('# as on the routers\nhalf_life: 10m')
  expect(policyRulesOf(policy, 'silence')).toEqual(['patching'])
  expect(ruleText(policy, text, 'silence', 'patching')).toEqual({
    text: '{ name: patching, match: [a="1"], reason: by night, intervals: [nights] }',
    line: 13,
  })
  const [inhibition = ''] = policyRulesOf(policy, 'inhibit')
  expect(ruleText(policy, text, 'inhibit', inhibition)).toEqual({
    text: 'source_matchers: [a="1"]\ntarget_matchers: [b="1"]',
    line: 8,
  })
})

test('one that is built in is spelled as it would be written', () => {
  expect(ruleText(builtInPolicy, 'version: 1', 'define', 'informational')).toEqual({
    text: `name: informational\nmatch:\n  - 'severity=~"info|none|low"'\nas: record`,
    line: null,
  })
  const [rule = ''] = policyRulesOf(builtInPolicy, 'correlate').slice(-1)
  expect(ruleText(builtInPolicy, 'version: 1', 'correlate', rule)?.text).toContain('window: 15m\ncap: 4h')
})

test('there is none of another name', () => {
  expect(ruleText(policy, text, 'define', 'nobody')).toBeNull()
  expect(ruleText(policy, text, 'silence', 'checkout down')).toBeNull()
  expect(policyRulesOf(policy, 'parse')).toEqual([])
})
