import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Alert } from '#shared/alert.ts'
import type { Event } from '#shared/event.ts'
import { Recall } from './recall.ts'

const alertOf = (key: string): Alert =>
  ({
    key,
    title: '',
    description: '',
    severityRaw: '',
    links: [],
    annotations: { a: key },
    labels: {},
    startsAt: 0,
    heardAt: 0,
    events: 1,
  }) as unknown as Alert
const known = (key: string) => ({ alert: alertOf(key), queuedAt: 0, group: null })

it('RC1: what is found for each event is what a plain look-up finds then, whatever came and went in between', () => {
  const key = fc.integer({ min: 0, max: 30 }).map(String)
  const event = fc.record({
    dedupKey: key,
    family: fc.constantFrom('keyed', 'alertmanager'),
    /** Whether anybody asks for it, and whether it makes an alert of its key. */
    asked: fc.boolean(),
    opens: fc.boolean(),
  })
  const request = fc.record({
    events: fc.array(event, { maxLength: 150 }),
    gone: fc.array(key, { maxLength: 5 }),
    twice: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(request, { maxLength: 4 }), (requests) => {
      const recall = new Recall<ReturnType<typeof known>>()
      const all = new Map(Array.from({ length: 10 }, (_, index) => [String(index * 3), known(String(index * 3))]))
      for (const { events, gone, twice } of requests)
        for (let turn = 0; turn < (twice ? 2 : 1); turn++) {
          recall.clear()
          for (const each of gone) all.delete(each)
          for (const each of events) {
            if (!each.asked) continue
            expect(recall.find(events as unknown as Event[], each as unknown as Event, all)).toBe(
              all.get(each.dedupKey),
            )
            if (each.opens && !all.has(each.dedupKey)) all.set(each.dedupKey, known(each.dedupKey))
          }
        }
    }),
    { numRuns: 50 },
  )
})

it('RC1: events that are asked for out of their order are found too', () => {
  const recall = new Recall<ReturnType<typeof known>>()
  const all = new Map(['a', 'b', 'c', 'd'].map((key) => [key, known(key)]))
  const events = ['a', 'b', 'c', 'd'].map((dedupKey) => ({ dedupKey, family: 'keyed' }) as Event)
  for (const event of [...events.toReversed(), ...events])
    expect(recall.find(events, event, all)).toBe(all.get(event.dedupKey))
})
