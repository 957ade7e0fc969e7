import { expect, it } from 'vitest'
import { outcomeMeaning, outcomes } from './outcome.ts'

it('every outcome has a meaning in words, and no word has none', () => {
  expect(Object.keys(outcomeMeaning).sort()).toEqual([...outcomes].sort())
})
