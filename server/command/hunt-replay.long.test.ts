import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Policy } from '#shared/policy.ts'
import { builtInPolicy, policySchema } from '#shared/policy.ts'
import type { SettingField, Settings } from '#shared/source.ts'
import type { Source } from '../access/port.ts'
import { makeReaders, settingsFor, testRequest } from '../intake/index.ts'
import type { Adapter, RawRequest } from '../intake/port.ts'
import type { LogEntry } from '../store/port.ts'
import { foldableRequest, logAgain, logRequest, readRequest } from './requests.ts'

const at = Date.UTC(2026, 10, 22, 0, 50, 30)
const folder = new URL('../intake/fixtures/', import.meta.url)
const bodies = readdirSync(folder).map((name) => readFileSync(new URL(name, folder)))

/** Two policies whose mapping of one name says different things, and what is active now. */
const versions = ['title', 'msg'].map((field, number) => ({
  hash: `hash-${number}`,
  policy: policySchema.parse({
    version: 1,
    mappings: { own: { fields: { title: { pointer: `/${field}`, default: `version ${number}` } } } },
  }),
}))
let active = 0
const readers = makeReaders({
  policyOf: (hash): Policy => versions.find((version) => version.hash === hash)?.policy ?? builtInPolicy,
  activeHash: () => versions[active]?.hash ?? '',
})

const anyOf = (field: SettingField): fc.Arbitrary<Settings[string]> => {
  switch (field.type) {
    case 'choice':
      return fc.constantFrom(...field.options.map(({ value }) => value))
    case 'number':
    case 'duration':
      return fc.integer({ min: field.min ?? 0, max: Math.min(field.max ?? 1e9, 1e9) })
    case 'list':
      return fc.array(fc.string(), { maxLength: 3 })
    default:
      return field.name === 'mapping' ? fc.constantFrom('own', 'missing') : fc.string()
  }
}
const settingsOf = (fields: readonly SettingField[]): fc.Arbitrary<Settings> =>
  fc.record<Record<string, Settings[string]>>(Object.fromEntries(fields.map((field) => [field.name, anyOf(field)])), {
    requiredKeys: [],
  })

const headersOf = (reads: readonly string[]) =>
  fc.record<Record<string, string>>(
    Object.fromEntries(
      reads
        .flatMap((name) => (name === 'ce-*' ? ['ce-specversion', 'ce-id', 'ce-source', 'ce-type', 'ce-é'] : name))
        .map((name) => [name, fc.oneof(fc.constantFrom('1.0', 'push', 'issue', 'a/b'), fc.string())]),
    ),
    { requiredKeys: [] },
  )
const address = fc.record({
  method: fc.constantFrom('POST', 'PUT', 'GET', 'DELETE'),
  path: fc.constantFrom('', 'fail', '3', 'a/close', 'a%2Fb/notes', 'é', 'requests/x'),
  query: fc.constantFrom('', 'rid=x', 'identifierType=alias&user=%C3%A9', 'a=1&a=2'),
})
const body = fc.oneof(
  fc.constantFrom(...bodies),
  fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
)
const contentType = fc.constantFrom(
  '',
  'application/json',
  'application/x-protobuf',
  'application/cloudevents+json',
  'text/plain; charset=é',
)

/** As a store hands it back. */
const stored = (entry: LogEntry): LogEntry => ({ ...entry, body: Uint8Array.from(entry.body) })
const sourceOf = (kind: string, name: string, settings: Settings): Source => ({
  id: 's_1',
  kind,
  name,
  group: `group of ${name}`,
  defaultSeverity: 'low',
  settings,
  createdAt: 0,
})

const all = readers.sourceKinds.flatMap((kind) =>
  kind.adapters.map((adapter) => [adapter.id, adapter, kind.settings ?? [], kind.kind] as const),
)

describe.each(all)('R1 %s', (_, adapter, fields, kind) => {
  it('reads from the log what it read at the door, whatever became of its source and the policy since', () => {
    fc.assert(
      fc.property(
        fc.tuple(body, contentType, address, headersOf(adapter.reads ?? [])),
        fc.tuple(settingsOf(fields), fc.string(), settingsOf(fields)),
        ([bytes, type, { method, path, query }, headers], [settings, name, later]) => {
          active = 0
          const source = sourceOf(kind, name, settings)
          const raw: RawRequest = {
            body: bytes,
            contentType: type,
            // The method is logged wherever an adapter can tell one from another: by its address, or its headers.
            method: adapter.reads === undefined && path === '' && query === '' ? 'POST' : method,
            path,
            query,
            headers,
            settings: settingsFor(adapter, source),
            receivedAt: at,
          }
          const atTheDoor = foldableRequest(7, source, at, adapter.parse(raw))
          const logged = stored(logRequest(7, source, adapter, raw))
          active = 1
          const after = sourceOf(kind, 'renamed', later)
          expect(readRequest(logged, readers.adapterById)).toEqual(atTheDoor)

          // What is read once more is logged with the settings of that day, and stays so in turn.
          const known = { source: after, adapter, settings: settingsFor(adapter, after) }
          const again = stored(logAgain(8, at + 60_000, logged, known, '*'))
          const once = readRequest(again, readers.adapterById)
          active = 0
          expect(readRequest(again, readers.adapterById)).toEqual(once)
          expect(once?.events.length).toBe(adapter.parse({ ...raw, settings: known.settings }).events.length)
        },
      ),
      { numRuns: 60 },
    )
  })
})

it('R1 where the method is not logged, nothing that is read depends on it', () => {
  const adapters = readers.sourceKinds.flatMap((kind) => kind.adapters)
  const unlogged = adapters.filter(({ reads, uses }) => reads === undefined && uses === undefined)
  expect(unlogged.length).toBeGreaterThan(10)
  for (const adapter of unlogged)
    for (const bytes of bodies) {
      const plain = { contentType: '', path: '', query: '', headers: {}, settings: {}, receivedAt: at }
      const read = (method: string) => adapter.parse({ ...plain, body: bytes, method })
      for (const method of ['PUT', 'GET', 'DELETE']) expect(read(method), adapter.id).toEqual(read('POST'))
    }
})

it('R1 a test from a page reads the same from the log', () => {
  active = 0
  const page = readers.adapterById('test/page') as Adapter
  for (const kind of readers.sourceKinds) {
    const adapter = kind.adapters.find(({ door }) => door === (kind.sample?.door ?? 'intake')) ?? null
    if (kind.sample === undefined) continue
    const source = sourceOf(kind.kind, 'a', {})
    const raw = testRequest(adapter, kind.sample, {
      settings: adapter === null ? {} : settingsFor(adapter, source),
      receivedAt: at,
    })
    const door = foldableRequest(1, source, at, page.parse(raw))
    expect(readRequest(stored(logRequest(1, source, page, raw)), readers.adapterById), kind.kind).toEqual(door)
    expect(
      door.events.map((event) => event.kind),
      kind.kind,
    ).toEqual(['test'])
  }
})
