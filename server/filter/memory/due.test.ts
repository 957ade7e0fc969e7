import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DueQueue } from './due.ts'

it('gives back what was put in, earliest first', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer())), (steps) => {
      const queue = new DueQueue<number>()
      const plain: number[] = []
      for (const step of steps) {
        if (step !== null) {
          queue.push(step, step)
          plain.push(step)
          plain.sort((a, b) => a - b)
        } else if (plain.length > 0) expect(queue.pop()).toEqual({ at: plain[0], what: plain.shift() })
        expect(queue.peekAt()).toBe(plain[0] ?? null)
        expect(queue.peek()).toBe(plain[0])
      }
    }),
  )
})

it('an empty queue has nothing to give', () => {
  expect(() => new DueQueue().pop()).toThrow(RangeError)
})
