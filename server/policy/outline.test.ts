import { describe, expect, it } from 'vitest'
import type { PolicySection } from '#shared/trial.ts'
import { builtInText, readPolicyText } from './index.ts'
import { outlineOf } from './outline.ts'
import { ruleKinds } from './rule-kinds.ts'

const keys = ruleKinds.map(({ key }) => key)
const sectionOf = (text: string, key: string): PolicySection => {
  const found = outlineOf(text).find((section) => section.key === key)
  if (found === undefined) throw new Error(`no section ${key}`)
  return found
}
/** As the editor does it. */
function added(text: string, key: string): string {
  const { insert } = sectionOf(text, key)
  if (insert === null) throw new Error(`${key} takes none`)
  const lines = text.replace(/\n$/, '').split('\n')
  return `${[...lines.slice(0, insert.after), insert.text.replace(/\n$/, ''), ...lines.slice(insert.after)].join('\n')}\n`
}

const commented = `# ours
version: 1
definitions: # the first decides
  # never mind this one
  - name: watchdog
    match: ['alertname="Watchdog"']
    as: record
filters:
    damp:
    - { name: flapping, match: ['job="x"'] } # indented by nobody
`

describe('a rule is added', () => {
  it.each(keys)('%s: to the built-in policy, to one with comments, and once more, and it can be loaded', (key) => {
    for (const text of [builtInText, commented]) {
      const once = added(text, key)
      const twice = added(once, key)
      expect(() => readPolicyText(twice)).not.toThrow()
      const before = sectionOf(text, key).rules.length
      const rules = sectionOf(twice, key).rules
      expect(rules.length).toBeGreaterThanOrEqual(before + 2)
      expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length)
      // Nothing of what was written is lost.
      let from = 0
      const lines = twice.split('\n')
      for (const line of text.trim().split('\n')) {
        from = lines.indexOf(line, from)
        expect(from, line).toBeGreaterThanOrEqual(0)
      }
    }
  })

  it('first in its list, because the first that matches decides', () => {
    expect(sectionOf(added(commented, 'definitions'), 'definitions').rules.map(({ name }) => name)).toEqual([
      'new definition',
      'watchdog',
    ])
  })

  it('with the built-in ones, where a list of one’s own takes their place', () => {
    const before = readPolicyText(builtInText).policy
    for (const key of ['definitions', 'correlate'] as const) {
      const after = readPolicyText(added(builtInText, key)).policy
      expect(JSON.stringify(after[key].slice(1))).toBe(JSON.stringify(before[key]))
    }
  })

  it('not where the list is written in one line', () => {
    expect(sectionOf('definitions: []\n', 'definitions').insert).toBeNull()
    expect(sectionOf('filters: {}\n', 'filters.damp').insert).toBeNull()
  })
})

describe('an outline', () => {
  it('has the rules with their lines', () => {
    expect(sectionOf(commented, 'definitions')).toMatchObject({ line: 3, rules: [{ name: 'watchdog', line: 5 }] })
    expect(sectionOf(commented, 'filters.damp')).toMatchObject({ line: 9, rules: [{ name: 'flapping', line: 10 }] })
    expect(sectionOf(commented, 'correlate')).toMatchObject({ line: null, rules: [] })
  })

  it('of what is no YAML, or no policy, is empty', () => {
    expect([outlineOf('a: ['), outlineOf('- a')]).toEqual([[], []])
    expect(outlineOf('')).toHaveLength(keys.length)
  })
})
