import { afterEach, expect, it, vi } from 'vitest'
import { later } from './later.ts'

afterEach(() => vi.useRealTimers())

it('code that cannot be had while the server is away is asked for until it can, and then no more', async () => {
  vi.useFakeTimers()
  let asked = 0
  const part = later(() => {
    asked++
    return asked < 3
      ? Promise.reject(new TypeError('Failed to fetch dynamically imported module'))
      : Promise.resolve(() => null)
  })
  part.prefetch()
  part.prefetch()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toBe(3)
})
