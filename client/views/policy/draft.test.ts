import { describe, expect, it } from 'vitest'
import type { PolicySection } from '#shared/trial.ts'
import { keptIn, lineOfRule, standing, withRule } from './draft.ts'

function storage() {
  const kept = new Map<string, string>()
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}
const draft = { base: 'h1', baseText: 'version: 1\n', text: 'version: 1\n# mine\n' }

describe('what was begun', () => {
  it('comes back in the same tab, and is forgotten when it is saved', () => {
    const place = storage()
    keptIn(place).write(draft)
    expect(keptIn(place).read()).toEqual(draft)
    keptIn(place).write(null)
    expect(keptIn(place).read()).toBeNull()
  })

  it('is not what a stranger left there, nor kept where nothing may be', () => {
    const place = storage()
    for (const left of ['{', '7', '{"text":1}', 'null']) {
      place.setItem('uxbridge.policy.draft', left)
      expect(keptIn(place).read(), left).toBeNull()
    }
    const full = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    const refusing = { getItem: full, setItem: full, removeItem: full }
    expect(() => keptIn(refusing).write(draft)).not.toThrow()
    expect(keptIn(refusing).read()).toBeNull()
  })

  it('stands to the file as it was begun from, or to another one', () => {
    expect(standing(null, { text: 'a', hash: 'h' })).toBe('same')
    expect(standing(draft, { text: draft.text, hash: 'h2' })).toBe('same')
    expect(standing(draft, { text: draft.baseText, hash: 'h1' })).toBe('changed')
    expect(standing(draft, { text: 'version: 1\n# theirs\n', hash: 'h2' })).toBe('conflict')
  })
})

const section = (said: Partial<PolicySection>): PolicySection => ({
  ...{ key: 'definitions', title: 'Definitions', meaning: '', line: 1, rules: [], insert: null },
  ...said,
})

describe('a new rule', () => {
  it('goes between the lines, and its line is told', () => {
    const insert = { after: 1, text: '  # what\n  - name: new\n' }
    expect(withRule('definitions:\n  - name: old\n', section({ insert }))).toEqual({
      text: 'definitions:\n  # what\n  - name: new\n  - name: old\n',
      line: 3,
    })
    expect(withRule('', section({ insert: { after: 0, text: 'definitions:\n  - name: new\n' } }))).toEqual({
      text: 'definitions:\n  - name: new\n',
      line: 2,
    })
    expect(withRule('definitions: []\n', section({}))).toBeNull()
  })

  it('that decided is found by its stage and name', () => {
    const sections = [section({ rules: [{ name: 'noise', line: 4 }] })]
    expect(lineOfRule(sections, 'define', 'noise')).toBe(4)
    expect(lineOfRule(sections, 'damp', 'noise')).toBeNull()
    expect(lineOfRule(sections, 'define', 'everything else')).toBeNull()
  })
})
