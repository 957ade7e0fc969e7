import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  bodyOf,
  type Framed,
  framedDatagram,
  longestMessage,
  messagesIn,
  type Received,
  SyslogStream,
} from './syslog-framing.ts'

const texts = (framed: readonly Framed[]) => framed.map(({ bytes }) => Buffer.from(bytes).toString('utf8'))

/** Reads the stream in these pieces, and then its end. */
function readIn(pieces: readonly Uint8Array[]): Framed[] {
  const stream = new SyslogStream()
  const found = pieces.flatMap((piece) => stream.push(piece))
  return [...found, ...stream.flush()].map(({ bytes, cut }) => ({ bytes: Buffer.from(bytes), cut }))
}
const read = (text: string) => texts(readIn([Buffer.from(text)]))

/** The bytes in pieces, cut at these places. */
function piecesOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const message = fc
  .tuple(fc.nat(191), fc.string({ unit: 'grapheme', maxLength: 60 }))
  .map(([pri, text]) => `<${pri}>${text.replace(/[\n\r\0]/g, ' ')}x`)
const framing = fc.constantFrom('lf', 'crlf', 'nul', 'counted', 'counted with its LF', 'counted and LF')
const framed = (text: string, how: string): string => {
  const octets = Buffer.byteLength(text)
  switch (how) {
    case 'lf':
      return `${text}\n`
    case 'crlf':
      return `${text}\r\n`
    case 'nul':
      return `${text}\0`
    case 'counted':
      return `${octets} ${text}`
    case 'counted with its LF':
      return `${octets + 1} ${text}\n`
    default:
      return `${octets} ${text}\n`
  }
}
const cuts = fc.array(fc.nat(), { maxLength: 30 })

describe('a TCP stream', () => {
  it('Y1: both framings side by side, in whatever pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(message, framing)), cuts, (messages, places) => {
        const bytes = Buffer.from(messages.map(([text, how]) => framed(text, how)).join(''))
        expect(texts(readIn(piecesOf(bytes, places)))).toEqual(messages.map(([text]) => text))
      }),
    )
  })

  it('Y1: any cut of any bytes gives the same messages, and none is empty', () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('12 ', '3 <1', '99999999 <', '0 <', '7', '\n', '\0', '\r\n', ' ', '<13>a\n', '5 <1>ab')
        .map(Buffer.from),
    )
    fc.assert(
      fc.property(fc.array(part), cuts, (parts, places) => {
        const bytes = Buffer.concat(parts)
        const whole = readIn([bytes])
        expect(readIn(piecesOf(bytes, places))).toEqual(whole)
        expect(readIn([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole)
        expect(whole.every(({ bytes }) => bytes.length > 0)).toBe(true)
      }),
    )
  })

  it('a line that begins with digits is a line: only a count before a priority counts', () => {
    expect(read('2026 was a good year\n')).toEqual(['2026 was a good year'])
    expect(read('123: *Mar  1 18:48:50.483: %SYS-5-CONFIG_I\n42\n7 ')).toEqual([
      '123: *Mar  1 18:48:50.483: %SYS-5-CONFIG_I',
      '42',
      '7',
    ])
    expect(read('12345678 <13>a\n')).toEqual(['12345678 <13>a'])
  })

  it('a counted message may hold lines', () => {
    expect(read('11 <13>one\ntwo\n6 <13>x\n')).toEqual(['<13>one\ntwo', '<13>x'])
  })

  it('a line that nobody ends is there after a while; a counted message is waited for', () => {
    const stream = new SyslogStream()
    expect(stream.unfinished).toBe(false)
    expect(stream.push(Buffer.from('<13>first\n<13>sec'))).toHaveLength(1)
    expect(stream.unfinished).toBe(true)
    expect(texts(stream.flushLine())).toEqual(['<13>sec'])
    expect(stream.unfinished).toBe(false)
    expect(stream.push(Buffer.from('8 <13>lo'))).toEqual([])
    expect(stream.flushLine()).toEqual([])
    expect(texts(stream.push(Buffer.from('ng')))).toEqual(['<13>long'])
    expect(stream.flushLine()).toEqual([])
    expect(stream.push(Buffer.from('17'))).toEqual([])
    expect(texts(stream.flushLine())).toEqual(['17'])
  })

  it('what the end of the stream cuts off is kept, and marked', () => {
    expect(readIn([Buffer.from('20 <13>half of it')])).toEqual([{ bytes: Buffer.from('<13>half of it'), cut: true }])
    expect(readIn([Buffer.from('<13>a line')])).toEqual([{ bytes: Buffer.from('<13>a line'), cut: false }])
  })

  it('a message that is too long is cut and marked, in either framing, and the next one is whole', () => {
    const long = `<13>${'x'.repeat(longestMessage)}`
    for (const how of ['lf', 'counted']) {
      const [first, second] = readIn([Buffer.from(framed(long, how) + framed('<13>next', how))])
      expect(first?.bytes.length).toBe(longestMessage)
      expect(first?.cut).toBe(true)
      expect(Buffer.from(second?.bytes ?? []).toString()).toBe('<13>next')
      expect(second?.cut).toBe(false)
    }
    const just = `<13>${'x'.repeat(longestMessage - 4)}`
    expect(readIn([Buffer.from(`${just}\n`)])).toEqual([{ bytes: Buffer.from(just), cut: false }])
  })
})

it('a datagram is a message, without what ends it', () => {
  expect(framedDatagram(Buffer.from('<13>a\n\0'))).toEqual({ bytes: Buffer.from('<13>a'), cut: false })
  expect(framedDatagram(Buffer.from('\r\n'))).toBeNull()
  expect(framedDatagram(Buffer.from(''))).toBeNull()
})

describe('a body of many messages', () => {
  const received: fc.Arbitrary<Received> = fc.record({
    peer: fc.oneof(fc.ipV4(), fc.ipV6()),
    cut: fc.boolean(),
    bytes: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.constant(Buffer.from('@10.0.0.1'))),
  })

  it('Y2: holds the messages as they came, with where they came from', () => {
    fc.assert(
      fc.property(fc.array(received), (messages) => {
        const { messages: found, broken } = messagesIn(bodyOf(messages))
        expect(broken).toBeNull()
        expect(found.map((each) => ({ ...each, bytes: [...each.bytes] }))).toEqual(
          messages.map((each) => ({ ...each, bytes: [...each.bytes] })),
        )
      }),
    )
  })

  it('is plain octet counting too, as senders write it', () => {
    const { messages, broken } = messagesIn(Buffer.from('5 <13>a6 <14>bc'))
    expect(texts(messages)).toEqual(['<13>a', '<14>bc'])
    expect(messages.map(({ peer, cut }) => [peer, cut])).toEqual([
      ['', false],
      ['', false],
    ])
    expect(broken).toBeNull()
  })

  it('keeps what stands before a broken frame, and says what is broken', () => {
    expect(messagesIn(Buffer.from('5 <13>axyz'))).toMatchObject({
      messages: [{}],
      broken: 'no count of octets at byte 7',
    })
    expect(messagesIn(Buffer.from('5 <13>a9 <13>'))).toMatchObject({
      messages: [{}],
      broken: expect.stringContaining('shorter'),
    })
    expect(messagesIn(Buffer.from('9 @10.0.0.1'))).toMatchObject({
      messages: [],
      broken: 'the last message is missing',
    })
    const many = messagesIn(Buffer.from('1 x'.repeat(10_001)))
    expect(many.messages).toHaveLength(10_000)
    expect(many.broken).toMatch(/^more than 10000 messages/)
  })

  it('any bytes are read without a throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        expect(messagesIn(bytes).messages.length).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })
})
