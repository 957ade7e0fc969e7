import { expect, it } from 'vitest'
import { type Policy, policySchema } from '#shared/policy.ts'
import type { Source } from '../access/port.ts'
import { makeReaders, settingsFor } from '../intake/index.ts'
import type { RawRequest } from '../intake/port.ts'
import { logRequest, readRequest } from './requests.ts'

const titled = (title: string): Policy => policySchema.parse({ mappings: { pumps: { fields: { title, key: '/id' } } } })
const versions = new Map([
  ['one', titled('Pump {/id} broke')],
  ['two', titled('Another {/id}')],
  ['three', policySchema.parse({})],
])
let active = 'one'
const readers = makeReaders({ policyOf: (hash) => versions.get(hash), activeHash: () => active })
const source: Source = {
  id: 's_1',
  kind: 'webhook',
  name: 'Pumps',
  group: 's_1',
  defaultSeverity: null,
  settings: { mapping: 'pumps' },
  createdAt: 0,
}

/** As the door hands it on, and as it is logged. */
function received(settings = source.settings) {
  const adapter = readers.adapterFor('webhook', 'intake')
  if (adapter === undefined) throw new TypeError('there is no adapter')
  const raw: RawRequest = {
    body: Buffer.from('{"id":7}'),
    contentType: 'application/json',
    method: 'POST',
    path: '',
    query: '',
    headers: {},
    settings: settingsFor(adapter, { ...source, settings }),
    receivedAt: 1000,
  }
  return { reading: adapter.parse(raw), logged: logRequest(1, source, adapter, raw) }
}

it('R1, M3: a logged request reads by the mapping of its day, whatever the policy says since', () => {
  active = 'one'
  const { reading, logged } = received()
  expect(reading.events).toMatchObject([{ title: 'Pump 7 broke', dedupKey: '7' }])
  for (active of versions.keys())
    expect(readRequest(logged, readers.adapterById)?.events, active).toEqual(reading.events)
  active = 'two'
  expect(received().reading.events).toMatchObject([{ title: 'Another 7' }])
})

it('R1: the name and the policy are logged, not the mapping', () => {
  active = 'one'
  expect(received().logged.adapter).toContain('{"mapping":"pumps","policyHash":"one"}')
})

it('M2: where the policy has no such mapping everything is kept, unreadable, and the sender is not blamed', () => {
  active = 'three'
  const { reading, logged } = received()
  expect(reading).toMatchObject({ events: [], keep: true, answer: { status: 202 } })
  expect(reading.unreadable).toEqual([{ index: 0, reason: expect.stringContaining('no mapping "pumps"; add it') }])
  active = 'one'
  expect(readRequest(logged, readers.adapterById)).toMatchObject({ events: [], unreadable: reading.unreadable })
})

it('a policy that is not kept any more is a damaged store, never another reading', () => {
  active = 'one'
  const { logged } = received()
  versions.delete('one')
  expect(() => readRequest(logged, readers.adapterById)).toThrow(/does not hold/)
  versions.set('one', titled('Pump {/id} broke'))
})

it('a source that names none is read in our own shape', () => {
  expect(received({}).reading.unreadable).toEqual([{ index: 0, reason: '"title" is missing or empty' }])
  expect(received({}).logged.adapter).not.toContain('policyHash')
})
