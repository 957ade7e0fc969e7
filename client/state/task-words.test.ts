import { expect, test } from 'vitest'
import type { FactView } from '#shared/wire.ts'
import { checkout } from '../stories/incidents.ts'
import { dueItems } from './due.ts'
import { factWords } from './fact-words.ts'

const ana = { id: 'p_ana', name: 'Ana' }
const ben = { id: 'p_ben', name: 'Ben' }
const at = '2026-11-22T01:34:27.000Z'
const dueAt = '2026-11-22T02:00:00.000Z'
const said = (type: string, data: object): string => {
  const fact: FactView = { seq: 1, incidentId: 'INC-1', version: 1, type, at, by: ana, ...data }
  const { who, did, said } = factWords(fact)
  return `${who} ${did}${said === null ? '' : `: ${said}`}`
}
const set = (changed: string[], data: object = {}) =>
  said('task-set', { task: 3, state: 'open', person: ben, dueAt, changed, ...data })

test('the timeline says what became of a task, and only what is new', () => {
  expect(said('task-added', { task: 3, text: 'Look', person: null, dueAt: null })).toBe('Ana added task 3: Look')
  expect(said('task-added', { task: 3, text: 'Look', person: ben, dueAt })).toBe(
    'Ana added task 3 for Ben, due 02:00 UTC: Look',
  )
  expect(said('task-added', { task: 3, text: 'Look', person: ana, dueAt: null })).toBe('Ana added task 3, theirs: Look')
  expect(set(['state'], { state: 'done' })).toBe('Ana finished task 3')
  expect(set(['state'], { state: 'dropped' })).toBe('Ana dropped task 3')
  expect(set(['state'])).toBe('Ana reopened task 3')
  expect(set(['person'], { person: ana })).toBe('Ana took task 3')
  expect(set(['person', 'due'])).toBe('Ana gave task 3 to Ben, set task 3 due 02:00 UTC')
  expect(set(['person', 'due'], { person: null, dueAt: null })).toBe(
    'Ana left task 3 to whoever takes it, took the time off task 3',
  )
})

test('the next task of an incident is among what is due, while the incident is open and the task has a time', () => {
  const tasks = { open: 2, nextDueAt: dueAt }
  const keys = (more: Partial<typeof checkout>) => dueItems([{ ...checkout, ...more }], 9).map(({ what }) => what)
  expect(keys({ tasks })).toContain('Task')
  expect(keys({ tasks: { open: 1, nextDueAt: null } })).not.toContain('Task')
  expect(keys({ tasks, phase: 'resolved' })).toEqual([])
})
