import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { adapterById, sourceKinds } from './adapters.ts'
import { fixture, fixtureNames, requestOf } from './sources/reading.fixture.ts'

const adapters = sourceKinds.flatMap(({ adapters }) => adapters)
const fixtures = fixtureNames().map(fixture)

const json = fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text))
const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array))
/** A real body with a few bytes changed, cut off or doubled. */
const damaged = fc
  .tuple(
    fc.constantFrom(...fixtures),
    fc.array(fc.tuple(fc.nat(1200), fc.nat(255)), { maxLength: 4 }),
    fc.option(fc.nat(1200)),
    fc.boolean(),
  )
  .map(([body, changes, cut, twice]) => {
    const copy = Buffer.from(body)
    for (const [at, byte] of changes) copy[at % copy.length] = byte
    const kept = cut === null ? copy : copy.subarray(0, cut)
    return twice ? Buffer.concat([kept, kept]) : kept
  })
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    0,
    1e21,
    '',
    'null',
    [],
    {},
    '0001-01-01T00:00:00Z',
    '2026-11-22T00:00:00Z',
    'firing',
    'x'.repeat(5000),
  ),
  fc.jsonValue({ maxDepth: 2 }),
)
const alertLike = fc.record(
  {
    status: odd,
    labels: fc.oneof(odd, fc.dictionary(fc.string(), fc.oneof(fc.string(), odd))),
    annotations: odd,
    startsAt: odd,
    endsAt: odd,
    generatorURL: odd,
    fingerprint: odd,
  },
  { requiredKeys: [] },
)
const bodyLike = fc
  .oneof(
    fc.array(fc.oneof(alertLike, odd)),
    fc.record(
      {
        alerts: fc.oneof(odd, fc.array(alertLike)),
        status: odd,
        groupKey: odd,
        truncatedAlerts: odd,
        routing_key: odd,
        event_action: fc.constantFrom('trigger', 'resolve', 'x'),
        dedup_key: odd,
        payload: odd,
        links: odd,
        images: odd,
      },
      { requiredKeys: [] },
    ),
  )
  .map((value) => Buffer.from(JSON.stringify(value)))

/** A real body in which some values became other ones: what is read deep inside is met with odd values too. */
const twisted = fc
  .tuple(
    fc.constantFrom(...fixtures.flatMap(parsed)),
    fc.array(fc.tuple(fc.nat(), fc.option(odd, { nil: undefined })), { minLength: 1, maxLength: 6 }),
  )
  .map(([value, changes]) => {
    let whole = structuredClone(value)
    for (const [place, other] of changes) whole = replaced(whole, { left: place % countOf(whole) }, other)
    return Buffer.from(JSON.stringify(whole) ?? 'null')
  })

function parsed(body: Buffer): unknown[] {
  try {
    return [JSON.parse(body.toString('utf8'))]
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
}

function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1
  return Object.values(value).reduce((sum: number, each) => sum + countOf(each), 1)
}

/** The value with its n-th part, counted depth first, replaced; undefined = taken out. */
function replaced(value: unknown, counter: { left: number }, other: unknown): unknown {
  if (counter.left-- === 0) return other
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each) => replaced(each, counter, other))
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, replaced(each, counter, other)]))
}

/** Values that mean something in a header that some adapter reads; any other text is tried too. */
const telling: Readonly<Record<string, readonly string[]>> = {
  'x-github-event': [
    ...['ping', 'workflow_run', 'deployment', 'deployment_status', 'code_scanning_alert', 'dependabot_alert'],
    ...['secret_scanning_alert', 'repository_advisory', 'security_advisory', 'push'],
  ],
  'sentry-hook-resource': ['event_alert', 'issue', 'metric_alert', 'error', 'installation'],
  'sentry-hook-timestamp': ['1795308788', '0'],
  'ce-specversion': ['1.0'],
  'ce-id': ['1'],
  'ce-source': ['/a%20b', '"/a"'],
  'ce-type': ['com.example.alert.resolved'],
}
const headersFor = (reads: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc.record<Record<string, string>>(
    Object.fromEntries(
      reads
        .flatMap((name) =>
          name.endsWith('*') ? Object.keys(telling).filter((each) => each.startsWith(name.slice(0, -1))) : name,
        )
        .map((name) => [name, fc.oneof(fc.constantFrom(...(telling[name] ?? [''])), fc.string())]),
    ),
    { requiredKeys: [] },
  )
const contentType = fc.constantFrom(
  ...['', 'application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json', 'text/plain'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/x-protobuf'],
)

/** Where the body goes, at doors where that says what is meant. */
const address = fc.constantFrom(
  { method: 'POST', path: '', query: '' },
  { method: 'POST', path: 'a/close', query: 'identifierType=alias' },
  { method: 'POST', path: 'a%/b/notes', query: 'identifierType=alias&user=%zz' },
  { method: 'POST', path: 'a/actions/%E0%A4%A', query: 'identifierType=id' },
  { method: 'PUT', path: 'a/message', query: '' },
  { method: 'DELETE', path: 'a/tags', query: 'tags=x' },
  { method: 'GET', path: 'requests/00000000-0000-8000-8000-000000000000-999999999999999', query: '' },
  { method: 'POST', path: '__proto__/constructor', query: 'identifierType=tiny' },
)

describe.each(adapters.map((adapter) => [adapter.id, adapter] as const))('%s', (_, adapter) => {
  it('gives an answer to any bytes, never throws, and reads the same again', () => {
    const requests = fc.tuple(
      fc.oneof(json, bytes, damaged, bodyLike, { arbitrary: twisted, weight: 4 }),
      headersFor(adapter.reads ?? []),
      contentType,
      address,
    )
    fc.assert(
      fc.property(requests, ([body, headers, contentType, address]) => {
        const request = requestOf(body, { contentType, headers, ...address })
        const read = adapter.parse(request)
        expect([200, 202, 204, 400, 403, 404, 415, 422]).toContain(read.answer.status)
        expect(read.keep || read.events.length + read.unreadable.length === 0).toBe(true)
        const indexes = read.unreadable.map(({ index }) => index)
        expect(indexes).toEqual([...new Set(indexes)].sort((a, b) => a - b))
        for (const event of read.events) {
          expect(event.title).not.toBe('')
          for (const { href } of event.links) expect(href).toMatch(/^https?:\/\//i)
          expect([event.startsAt, event.endsAt ?? 0, event.expiresAt ?? 0].every(Number.isSafeInteger)).toBe(true)
          expect(
            [event.title, event.description, event.dedupKey, event.groupKey ?? '', event.note ?? ''].every((text) =>
              text.isWellFormed(),
            ),
          ).toBe(true)
          expect(Number.isFinite(event.startsAt)).toBe(true)
          expect(event.status === 'resolved').toBe(event.endsAt !== null)
          for (const value of [...Object.values(event.labels), ...Object.values(event.annotations)])
            expect(value.isWellFormed()).toBe(true)
        }
        expect(adapter.parse(request)).toEqual(read)
      }),
      { numRuns: 300 },
    )
  })
})

const label = fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== '__proto__')
const goodLabels = fc.dictionary(label, fc.string({ minLength: 1, maxLength: 20 }), {
  minKeys: 1,
  maxKeys: 8,
  noNullPrototype: true,
})

it.each(['prometheus/alerts-v2', 'alertmanager/intake'])(
  '%s: never loses a good member, whatever stands beside it',
  (id) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            goodLabels.map((labels) => ({ good: true, labels })),
            odd,
          ),
        ),
        (members) => {
          const isGood = (member: unknown): member is { good: true; labels: object } =>
            typeof member === 'object' && member !== null && 'good' in member
          const body = Buffer.from(JSON.stringify(members))
          const { events, unreadable } = adapterById(id)?.parse(requestOf(body, { contentType: '' })) ?? {
            events: [],
            unreadable: [],
          }
          expect(events.map(({ labels }) => labels)).toEqual(members.filter(isGood).map(({ labels }) => labels))
          expect(events.length + unreadable.length).toBe(members.length)
        },
      ),
    )
  },
)

it('two label sets have one key exactly when they are the same', () => {
  const keyOf = (labels: object) =>
    adapterById('prometheus/alerts-v2')?.parse(requestOf(Buffer.from(JSON.stringify([{ labels }])))).events[0]?.dedupKey
  const small = fc.dictionary(
    fc.constantFrom('a', 'b', '1', '1:a', 'a1'),
    fc.constantFrom('1', 'a', '1:a', ':', 'a1:b'),
    { minKeys: 1, noNullPrototype: true },
  )
  fc.assert(
    fc.property(small, small, (one, other) => {
      const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort())
      expect(keyOf(one) === keyOf(other)).toBe(same)
    }),
  )
})
