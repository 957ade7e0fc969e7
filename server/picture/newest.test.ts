import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Alert } from '#shared/alert.ts'
import { newestAlerts } from './newest.ts'

const alert = fc.record({ status: fc.constantFrom('firing', 'resolved'), startsAt: fc.integer({ min: -3, max: 30 }) })

test('as if all were sorted: firing first, newest first, the first of equals first, cut at the limit', () => {
  fc.assert(
    fc.property(fc.array(alert, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (drawn, limit) => {
      const alerts = drawn as Alert[]
      const sorted = [...alerts].sort((a, b) =>
        a.status === b.status ? b.startsAt - a.startsAt : a.status === 'firing' ? -1 : 1,
      )
      expect(newestAlerts(alerts, limit)).toEqual(sorted.slice(0, limit))
    }),
  )
})
