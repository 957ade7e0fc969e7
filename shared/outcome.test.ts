import { expect, it } from 'vitest'
import { labelMention, outcomeMeaning, outcomes, withLabels } from './outcome.ts'

it('every outcome has a meaning in words, and no word has none', () => {
  expect(Object.keys(outcomeMeaning).sort()).toEqual([...outcomes].sort())
})

it('F9 a label that a reason mentions is read with its value, or by its name alone', () => {
  const reason = `matched ${labelMention('a')} and ${labelMention('b')}`
  expect(withLabels(reason, (name) => (name === 'a' ? 'x "y"' : undefined))).toBe('matched a="x \\"y\\"" and b')
})
