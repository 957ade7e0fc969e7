import { expect, it } from 'vitest'
import { phaseSchema } from '#shared/incident/state.ts'
import { stateInWords } from './state-words.ts'

const told = { phase: 'triage' as const, owner: null, resolvedAt: null, nextUpdateDueAt: null }
const ana = { id: 'p_1', name: 'Ana' }

it('says who has it and what they do, in plain words', () => {
  expect(stateInWords(told)).toBe('Nobody has it yet. Whoever is on duty sees it waiting.')
  expect(stateInWords({ ...told, owner: ana, phase: 'fixing' })).toBe('Ana has it, and mends it.')
})

it('when the next word comes, and since when it is over, by the clock on the wall', () => {
  const at = new Date(2026, 0, 5, 9, 30).toISOString()
  expect(stateInWords({ ...told, owner: ana, nextUpdateDueAt: at })).toContain('Next word by 09:30.')
  expect(stateInWords({ ...told, phase: 'closed', resolvedAt: at })).toBe('It is over since 09:30.')
})

it('has words for every phase', () => {
  for (const phase of phaseSchema.options) expect(stateInWords({ ...told, owner: ana, phase }), phase).toMatch(/\.$/)
})
