import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { applyMapping } from '#shared/mapping/apply.ts'
import { mappingSchemaWith } from '#shared/mapping/language.ts'
import { adapterById } from './adapters.ts'
import type { RawRequest } from './port.ts'
import { formField, readForm } from './sources/form.ts'
import { maxValues, readJson } from './sources/json.ts'
import { requestOf } from './sources/reading.fixture.ts'
import { bodyOf } from './sources/syslog-framing.ts'

/** A JSON text, and how it reads: written anew, with every digit of long integers and no halves of surrogate pairs. */
interface Written {
  text: string
  reads: string
}

const space = fc.constantFrom('', ' ', '\n', '\t ')
const number = fc
  .tuple(fc.constantFrom('', '-'), fc.constantFrom('', '.5', 'e1', 'E+2'), fc.nat(24), fc.integer({ min: 1, max: 9 }))
  .map(([sign, tail, more, first]): Written => {
    const digits = `${sign}${first}${'0123456789'.repeat(3).slice(0, more)}`
    const kept = tail === '' && !Number.isSafeInteger(Number(digits))
    return { text: digits + tail, reads: kept ? digits : JSON.stringify(Number(digits + tail)) }
  })
const quoted = fc
  .oneof(
    fc.string().map((text) => JSON.stringify(text)),
    fc.constantFrom(
      '"1234567890123456789"',
      '"\\\\"',
      '"\\""',
      '"é"',
      '"\\ud83d"',
      '"\\uDE00x"',
      '"\\u0041"',
      '"\\ud83d\\ude00"',
    ),
  )
  .map((text): Written => ({ text, reads: JSON.stringify((JSON.parse(text) as string).toWellFormed()) }))
// V8 13.6 takes a name that ends in a quote for one seen before that ends in a backslash, so neither is tried.
const name = quoted.filter(({ reads }) => !/[\\"]/.test(reads.slice(1, -1)))
const { tree } = fc.letrec<{ tree: Written }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    quoted,
    fc.constantFrom('null', 'true', '0').map((text): Written => ({ text, reads: text })),
    fc.tuple(space, fc.array(tie('tree'), { maxLength: 4 })).map(([gap, items]): Written => {
      const join = (part: keyof Written, comma: string) => items.map((item) => item[part]).join(comma)
      return { text: `[${gap}${join('text', `${gap},`)}${gap}]`, reads: `[${join('reads', ',')}]` }
    }),
    fc.tuple(space, fc.array(fc.tuple(name, tie('tree')), { maxLength: 4 })).map(([gap, pairs]): Written => {
      // Each name once, and none that is an index: those would be moved to the front.
      const join = (part: keyof Written, between: string) =>
        pairs.map(([name, value], at) => `"n${at} ${name[part].slice(1)}${between}${value[part]}`).join(',')
      return { text: `{${gap}${join('text', `${gap}:${gap}`)}${gap}}`, reads: `{${join('reads', ':')}}` }
    }),
  ),
}))

it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
  'words that every object knows are no words of a vendor: %s',
  async (word) => {
    const { prove } = adapterById('sns/intake') ?? {}
    const outside = { certificateKey: async () => null, confirm: async () => false }
    const signed = {
      Signature: '',
      SigningCertURL: '',
      Timestamp: '2026-11-22T00:50:30Z',
      TopicArn: 'a',
      Message: '',
      MessageId: '',
    }
    for (const body of [{ Type: word }, { ...signed, Type: 'Notification', SignatureVersion: word }])
      expect(await prove?.(requestOf(Buffer.from(JSON.stringify(body))), { outside, topics: null })).toMatch(/^The /)
    const report = `<monit id="1"><event><service>s</service><id>2</id><state>1</state><message>${word} of 3 matches</message></event></monit>`
    expect(read('monit/intake', Buffer.from(report)).events[0]?.dedupKey).not.toContain('native code')
  },
)

describe('what a hostile body may cost', () => {
  it('long integers keep their digits and texts are well formed, wherever they stand', () => {
    fc.assert(
      fc.property(tree, space, ({ text, reads }, gap) => {
        const read = readJson(Buffer.from(gap + text + gap))
        expect(JSON.stringify('value' in read ? read.value : read)).toBe(reads)
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    '{1234567890123456789: 1}',
    '{1234567890123456789 : 1}',
    '[01234567890123456789]',
    '[+1234567890123456789]',
    '[--1234567890123456789]',
    '[.1234567890123456789]',
    '[1234567890123456789.]',
    '[12345678901234567890e]',
    '["a"1234567890123456789]',
    '[0x1234567890123456789]',
    '1234567890123456789 1',
  ])('digits where no number may stand are no JSON: %s', (body) => {
    expect(readJson(Buffer.from(body))).toMatchObject({ reason: expect.stringMatching(/^the body is no JSON/) })
  })

  it('more values than any sender sends are refused before they are parsed, and kept, with the limit in words', () => {
    const body = Buffer.from(`[12345678901234567${',1'.repeat(maxValues)}]`)
    const { events, unreadable, keep } = read('prometheus/alerts-v2', body)
    expect({ events, unreadable, keep }).toEqual({
      events: [],
      unreadable: [{ index: 0, reason: `the body has more than ${maxValues} values` }],
      keep: true,
    })
  })

  it('a form is read field by field; one of nothing but separators is refused', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'payload', 'xpayload', 'b b'), fc.string()), { maxLength: 8 }),
        (pairs) => {
          const form = new URLSearchParams(pairs)
          const body = Buffer.from(form.toString())
          expect(Buffer.from(formField(body, 'payload')).toString()).toBe(form.get('payload')?.toWellFormed() ?? '')
          expect(readForm(body)).toEqual({ fields: Object.fromEntries(form) })
        },
      ),
    )
    expect(readForm(Buffer.from('&'.repeat(250_000)))).toEqual({ reason: 'the form has more than 500 fields' })
  })

  it('events of Monit beyond the limit are told of, not dropped', () => {
    const event = '<event><service>s</service><id>1</id><state>1</state><message>a 1 1 1</message></event>'
    const { events, unreadable } = read('monit/intake', Buffer.from(`<monit>${event.repeat(1002)}</monit>`))
    expect(events).toHaveLength(1000)
    expect(unreadable).toEqual([{ index: 1000, reason: 'more than 1000 events in one report; 2 were not read' }])
  })

  it('of a resource as much is kept with each of its records as fits into 8 KiB, whatever it says', () => {
    const attributes = Array.from({ length: 5000 }, (_, i) => ({
      key: `k${i}`,
      value: { stringValue: 'v'.repeat(400) },
    }))
    const body = {
      resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [{}, {}] }, { logRecords: [{}] }] }],
    }
    const { events } = read('otlp/otlp-logs', Buffer.from(JSON.stringify(body)))
    expect(events).toHaveLength(3)
    for (const { annotations } of events) {
      expect(annotations.k0).toBe('v'.repeat(400))
      expect(JSON.stringify(annotations).length).toBeLessThan(10_000)
    }
  })

  // Each of these once held the thread for 2 to 40 s; they take a few hundredths now.
  const mib = 1024 * 1024
  it.each<[string, string, () => Buffer | string, Partial<RawRequest>?]>([
    ['a resource of 30,000 attributes with 1,000 scopes', 'otlp/otlp-logs', () => scopes(30_000, 1000)],
    [
      'integers beyond 2^53 among small values',
      'otlp/otlp-logs',
      () => `[12345678901234567${',1'.repeat(4 * mib - 20)}]`,
    ],
    ['a form of nothing but separators', 'github/intake', () => 'a&'.repeat(2 * mib - 10), urlencoded],
    ['the same for another', 'uptime-kuma/intake', () => 'a&'.repeat(mib / 2), urlencoded],
    ['slashes at the end of an address', 'zabbix/intake', () => slashes(mib - 200)],
    [
      'messages with one long tag of a router each',
      'syslog/listener',
      () => bodyOf(Array.from({ length: 120 }, () => router)),
    ],
  ])('%s: read in less than 2 s of processor time', (_, adapter, body, more) => {
    const bytes = Buffer.from(body())
    const before = process.threadCpuUsage()
    const reading = read(adapter, bytes, more)
    const { user } = process.threadCpuUsage(before)
    expect(reading.events.length + reading.unreadable.length).toBeGreaterThan(0)
    expect(user / 1000).toBeLessThan(2000)
  })

  it('a value that a mapping takes from the top of the body is looked up once, not for each member', () => {
    const mapping = mappingSchemaWith(z.string().transform(Number)).parse({
      members: '/alerts',
      fields: { title: '/t', group: '#/common' },
    })
    let asked = 0
    const common = { toJSON: () => ++asked }
    const body = { common, alerts: [{ t: 'a' }, { t: 'b' }, { t: 'c' }] }
    expect(applyMapping(mapping, body, 0)).toMatchObject({ members: [{}, {}, {}] })
    expect(asked).toBe(1)
  })
})

const urlencoded = { contentType: 'application/x-www-form-urlencoded' }
const router = { peer: '', cut: false, bytes: Buffer.from(`<13>%A${'-A'.repeat(30_000)}!`) }

function scopes(attributes: number, groups: number): string {
  const pairs = Array.from({ length: attributes }, (_, i) => ({ key: `k${i}`, value: { stringValue: 'v' } }))
  const scopeLogs = Array.from({ length: groups }, () => ({ logRecords: [{}] }))
  return JSON.stringify({ resourceLogs: [{ resource: { attributes: pairs }, scopeLogs }] })
}

function slashes(count: number): string {
  return JSON.stringify({
    event_id: '1',
    event_value: '1',
    trigger_id: '1',
    zabbix_url: `http://${'/'.repeat(count)}x`,
  })
}

function read(adapterId: string, body: Uint8Array, more: Partial<RawRequest> = {}) {
  const adapter = adapterById(adapterId)
  if (adapter === undefined) throw new TypeError(`there is no adapter ${adapterId}`)
  expect(body.length).toBeLessThanOrEqual(adapter.maxBytes)
  return adapter.parse(requestOf(body, more))
}
