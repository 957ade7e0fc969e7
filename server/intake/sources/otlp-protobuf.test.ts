import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RawRequest } from '../port.ts'
import { attributes, fatal, fieldOf, logs, packed } from './otlp.fixture.ts'
import { capturedAt, reading } from './reading.fixture.ts'

const protobuf = 'application/x-protobuf'
const send = (body: unknown, more: Partial<RawRequest> = {}) => reading('otlp/otlp-logs', body, capturedAt, more)

describe('any bytes', () => {
  const real = packed(logs([fatal('one'), fatal('two', { attributes: attributes({ a: 'b', n: { intValue: '3' } }) })]))
  const damaged = fc
    .tuple(
      fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 6 }),
      fc.option(fc.nat(real.length)),
      fc.nat(3),
      fc.uint8Array({ maxLength: 40 }),
    )
    .map(([changes, cut, times, tail]) => {
      const copy = Buffer.from(real)
      for (const [place, byte] of changes) copy[place] = byte
      return Buffer.concat([...new Array(times).fill(copy.subarray(0, cut ?? copy.length)), Buffer.from(tail)])
    })

  it('are answered, keep their number, and read the same again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          damaged,
          fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
        ),
        (body) => {
          const read = send(body, { contentType: protobuf })
          expect([200, 400]).toContain(read.answer.status)
          expect(read.answer.body).toBeInstanceOf(Uint8Array)
          for (const event of read.events) {
            expect(Number.isSafeInteger(event.startsAt)).toBe(true)
            for (const text of [event.title, event.dedupKey, ...Object.values(event.labels)])
              expect(text.isWellFormed()).toBe(true)
          }
          expect(send(body, { contentType: protobuf })).toEqual(read)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('a bad record takes no good one with it, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const read = send(packed(logs([fatal('good'), Buffer.from(bytes), fatal('good too')])), {
          contentType: protobuf,
        })
        const titles = read.events.map(({ title }) => title)
        expect([titles.at(0), titles.at(-1)]).toEqual(['good', 'good too'])
        expect(read.events.length + read.unreadable.length).toBe(3)
      }),
      { numRuns: 500 },
    )
  })

  it('a field of another wire type is unknown; text that is no UTF-8, nesting and size have their limits', () => {
    const read = (record: Buffer) => send(packed(logs([record])), { contentType: protobuf })
    // severity_text (3) as a number, then severity_number (2) as it should be.
    expect(read(Buffer.from([0x18, 5, 0x10, 21])).events[0]).toMatchObject({ severityRaw: 'FATAL' })
    expect(read(Buffer.from([0x1a, 2, 0xff, 0x41])).events[0]).toMatchObject({ severityRaw: '\ufffdA' })
    let nested: Buffer = Buffer.from([0x0a, 1, 0x41])
    for (let depth = 0; depth < 100; depth++) nested = fieldOf(5, fieldOf(1, nested))
    expect(read(fieldOf(5, nested)).unreadable[0]?.reason).toContain('nested deeper than 64 levels')
    expect(read(Buffer.alloc(256 * 1024 + 1)).unreadable[0]?.reason).toContain('longer than 262144 bytes')
    expect(read(Buffer.alloc(10_000, Buffer.from([0x32, 0]))).unreadable[0]?.reason).toContain('more than 4096 entries')
    const groups = fieldOf(1, Buffer.alloc(60_000, Buffer.from([0x12, 0])))
    expect(send(groups, { contentType: protobuf }).unreadable[0]?.reason).toContain('more than 20000 resources')
  })
})
