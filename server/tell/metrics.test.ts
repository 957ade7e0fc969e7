import { expect, test } from 'vitest'
import { makeMetrics } from './metrics.ts'

test('F1: what the doors accepted is a counter of its own, beside the outcomes it is the sum of', async () => {
  const zero = () => 0
  const metrics = makeMetrics({
    incidents: () => ({ shown: 0, open: 0, unowned: 0, offered: 0 }),
    alerts: () => ({ alerts: 0, firing: 0, held: 0, groups: 0 }),
    backlog: () => ({ intentions: 0, bytes: 0 }),
    ...{ sockets: zero, frames: zero, lost: zero },
    ready: () => true,
  })
  metrics.events({ opened: 1, repeated: 4 }, 5)
  metrics.events({ repeated: 2 }, 2)
  const text = await metrics.registry.metrics()
  expect(text).toContain('uxbridge_events_accepted_total 7')
  expect(text).toContain('uxbridge_events_total{outcome="repeated"} 6')
})

test('what is to be told is counted by what became of it, and what waits is a gauge; scraped twice it is the same', async () => {
  const zero = () => 0
  const metrics = makeMetrics({
    incidents: () => ({ shown: 0, open: 0, unowned: 0, offered: 0 }),
    alerts: () => ({ alerts: 0, firing: 0, held: 0, groups: 0 }),
    backlog: () => ({ intentions: 0, bytes: 0 }),
    ...{ sockets: zero, frames: zero, lost: zero },
    ready: () => true,
    notify: () => ({ waiting: 3, sending: 1, counts: { delivered: 7, dropped: 2 } }),
  })
  await metrics.registry.metrics()
  const text = await metrics.registry.metrics()
  expect(text).toContain('uxbridge_notifications_total{outcome="delivered"} 7')
  expect(text).toContain('uxbridge_notifications_total{outcome="dropped"} 2')
  expect(text).toContain('uxbridge_notifications_waiting 3')
})
