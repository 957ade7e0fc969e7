import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adapterById, adapterFor, pageTests, sourceKinds } from '../adapters.ts'
import { testRequest } from './test-event.ts'

const receivedAt = Date.UTC(2026, 10, 22, 1, 30)

describe('a test from the page of a source', () => {
  it.each(sourceKinds.filter(({ sample }) => sample !== undefined).map((kind) => [kind.kind, kind] as const))(
    'K2 %s: its sample is read whole by its own adapter, and comes to nothing but tests',
    (_, { kind, sample = { body: '' } }) => {
      const adapter = adapterFor(kind, sample.door ?? 'intake') ?? null
      expect(adapter).not.toBeNull()
      const reading = pageTests.parse(testRequest(adapter, sample, { settings: {}, receivedAt }))
      expect(reading.unreadable).toEqual([])
      expect(reading.events.map((event) => event.kind)).toEqual(['test'])
      expect(reading.events[0]?.title).toMatch(/test/i)
      // The same sample may be sent again, ends no run, and changes nothing that is known.
      for (const name of ['deliveryId', 'beat', 'amends', 'note']) expect(reading.events[0]).not.toHaveProperty(name)
    },
  )

  it('K2 a kind without a sample has a plain test, and one that is not known any more says so', () => {
    const at = { settings: {}, receivedAt }
    const plain = pageTests.parse(testRequest(null, { body: 'A test of Pumps', contentType: 'text/plain' }, at))
    expect(plain.events).toMatchObject([{ kind: 'test', title: 'A test of Pumps', startsAt: receivedAt }])
    const gone = testRequest({ ...pageTests, id: 'gone/intake' }, { body: '{}' }, at)
    expect(pageTests.parse(gone)).toMatchObject({ events: [], keep: true, unreadable: [{ index: 0 }] })
  })

  it('K2 whatever stands in its envelope, it is never an alert and never throws', () => {
    const envelope = fc.record({
      adapter: fc.constantFrom(
        null,
        'test/page',
        ...sourceKinds.flatMap(({ adapters }) => adapters.map(({ id }) => id)),
      ),
      contentType: fc.constantFrom('application/json', 'text/plain', ''),
      headers: fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }),
      body: fc.oneof(fc.json(), fc.string(), fc.constantFrom(...sourceKinds.map(({ sample }) => sample?.body ?? '[]'))),
    })
    fc.assert(
      fc.property(fc.oneof(envelope, fc.jsonValue()), (value) => {
        const request = {
          ...testRequest(null, { body: '' }, { settings: {}, receivedAt }),
          body: Buffer.from(JSON.stringify(value)),
        }
        const { events, unreadable } = pageTests.parse(request)
        expect(new Set(events.map(({ kind }) => kind)).difference(new Set(['test'])).size).toBe(0)
        expect(events.length + unreadable.length).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 300 },
    )
  })

  it('K2 it is found again by the id that stands in the log', () => {
    expect(adapterById('test/page')).toBe(pageTests)
  })
})
