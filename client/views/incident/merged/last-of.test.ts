import { expect, test } from 'vitest'
import { lastOf } from './last-of.ts'

const chain = (links: Record<string, string>) => (id: string) => Promise.resolve(links[id] ?? null)

test('a chain of merges leads to its last incident, and never round in a circle', async () => {
  expect(await lastOf('INC-1', chain({}))).toBe('INC-1')
  expect(await lastOf('INC-1', chain({ 'INC-1': 'INC-2', 'INC-2': 'INC-3' }))).toBe('INC-3')
  expect(await lastOf('INC-1', chain({ 'INC-1': 'INC-2', 'INC-2': 'INC-1' }))).toBe('INC-2')
  const endless = (id: string) => Promise.resolve(`INC-${Number(id.slice(4)) + 1}`)
  expect(await lastOf('INC-1', endless)).toBe('INC-20')
})
