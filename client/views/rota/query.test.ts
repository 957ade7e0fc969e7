import { expect, it } from 'vitest'
import { moved, readQuery, windowOf, writeQuery } from './query.ts'

const zone = 'Europe/Berlin'
const now = Date.parse('2026-11-22T11:00:00Z')

it('what the address says is written as it was read', () => {
  for (const search of ['', '?rotation=pay&from=2026-12-01&span=weeks&as=list&open=feeds'])
    expect(writeQuery(readQuery(search))).toBe(`/rota${search}`)
  expect(readQuery('?span=years&open=everything')).toEqual(readQuery(''))
})

it('shows days of the viewer from today on, or from the day that is asked for', () => {
  const { from, to, days } = windowOf(readQuery(''), now, zone)
  expect(new Date(from).toISOString()).toBe('2026-11-21T23:00:00.000Z')
  expect(new Date(to).toISOString()).toBe('2026-11-28T23:00:00.000Z')
  expect(days).toHaveLength(8)
  expect(windowOf(readQuery('?from=nonsense'), now, zone).from).toBe(from)
})

it('goes a stretch on and back again', () => {
  const next = moved(readQuery(''), 1, now, zone)
  expect(next.from).toBe('2026-11-29')
  expect(moved(next, -1, now, zone).from).toBeNull()
  expect(moved(readQuery('?span=weeks'), -1, now, zone).from).toBe('2026-10-25')
})
