import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inspect, isShownImage, maskRequest, plainName, savedName } from './index.ts'

async function* of(...pieces: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces
}
async function typeOf(content: Uint8Array, name = 'x', step = content.length): Promise<string> {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < content.length; at += step) pieces.push(content.subarray(at, at + step))
  const inspected = inspect(of(...pieces), name, 1 << 20)
  const out: Uint8Array[] = []
  try {
    for await (const piece of inspected.pieces) out.push(piece)
  } catch (error) {
    return (error as { code: string }).code
  }
  expect(Buffer.concat(out).equals(Buffer.from(content))).toBe(true)
  return inspected.mediaType()
}
const text = (words: string) => Buffer.from(words)
const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex')

describe('EV7: what a file is, is judged by its bytes', () => {
  const samples: [string, Uint8Array, string, string][] = [
    ['a PNG, whatever it is called', hex('89504e470d0a1a0a 0000000d'), 'page.html', 'image/png'],
    ['a JPEG', hex('ffd8ffe000104a4649460001'), 'a', 'image/jpeg'],
    ['a GIF', text('GIF89a______'), 'a', 'image/gif'],
    ['a WebP', text('RIFF\x01\x01\x01\x01WEBPVP8 '), 'a', 'image/webp'],
    ['an AVIF', text('\0\0\0\x20ftypavif\0\0'), 'a', 'image/avif'],
    ['what a telephone makes', text('\0\0\0\x18ftypheic\0\0'), 'a', 'image/heic'],
    ['a PDF', text('%PDF-1.7\n%\xe2\xe3'), 'a', 'application/pdf'],
    ['a zip', hex('504b0304 1400 0000 0800 0000'), 'a.docx', 'application/zip'],
    ['gzip', gzipSync('a log'), 'a', 'application/gzip'],
    ['a log', text('2026-01-01 \x1b[31mERROR\x1b[0m ä'), 'a.log', 'text/plain'],
    ['a page is text', text('<html><script>alert(1)</script>'), 'a.html', 'text/plain'],
    [
      'a drawing that may hold scripts is text',
      text('<svg xmlns="http://www.w3.org/2000/svg"/>'),
      'a.svg',
      'text/plain',
    ],
    ['JSON', text(' {"log":{}}'), 'a.HAR', 'application/json'],
    ['JSON that is none', text('no'), 'a.json', 'text/plain'],
    ['CSV', text('a,b\n1,2'), 'a.csv', 'text/csv'],
    ['one letter', text('a'), 'a', 'text/plain'],
    ['a program', text('MZ\x90\0\x03\0\0\0\x04\0\0\0'), 'a.txt', 'media-type-unsupported'],
    ['another program', text('\x7fELF\x02\x01\x01\0\0\0\0\0\0'), 'a.log', 'media-type-unsupported'],
    ['Latin-1', hex('e4 f6 fc 20 61 62 63 64 65 66 67 68 69'), 'a.log', 'media-type-unsupported'],
    ['a film', text('\0\0\0\x18ftypmp42\0\0\0\0'), 'a.mp4', 'media-type-unsupported'],
    ['nothing', text(''), 'a', 'body-malformed'],
  ]
  it.each(samples)('%s', async (_, content, name, expected) => {
    expect(await typeOf(content, name)).toBe(expected)
    if (content.length > 0) expect(await typeOf(content, name, 1)).toBe(expected)
  })

  it('text is text to its end, wherever it is cut on the way', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 9 }),
        async (words, step) => {
          const content = text(words)
          fc.pre(!words.includes('\0') && (await typeOf(content)).startsWith('text/'))
          expect(await typeOf(content, 'x', step)).toBe('text/plain')
          expect(await typeOf(Buffer.concat([content, Buffer.alloc(16, 'a'), hex('ff')]), 'x', step)).toBe(
            'media-type-unsupported',
          )
        },
      ),
    )
  })

  it('only what every browser shows is shown', () => {
    expect(['image/png', 'image/heic', 'text/plain', null].map(isShownImage)).toEqual([true, false, false, false])
  })
})

describe('names', () => {
  it.each([
    ['C:\\Users\\ana\\x.log', 'x.log'],
    ['../../etc/passwd', 'passwd'],
    ['ann\u202egnp.exe', 'anngnp.exe'],
    ['..', 'file'],
    ['\u0000\u0007', 'file'],
    ['   ', 'file'],
    ['Größe (1).png', 'Größe (1).png'],
  ])('%j is kept as %j', (given, kept) => {
    expect(plainName(given)).toBe(kept)
  })

  it.each([
    ['x.html', 'text/plain', 'x.html.txt'],
    ['x.svg', 'text/plain', 'x.svg.txt'],
    ['x.log', 'text/plain', 'x.log'],
    ['x.exe', 'application/zip', 'x.exe.zip'],
    ['report.docx', 'application/zip', 'report.docx'],
    ['shot.JPG', 'image/jpeg', 'shot.JPG'],
    ['shot', 'image/png', 'shot.png'],
  ])('%j of %s is saved as %j', (name, mediaType, saved) => {
    expect(savedName(name, mediaType)).toBe(saved)
  })

  it('whatever a name is, it leads nowhere, shows all it has, and is not endless', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const name = plainName(given)
        expect(name.length).toBeGreaterThan(0)
        expect(name.length).toBeLessThanOrEqual(120)
        expect(name).not.toMatch(/[/\\\p{Cc}]|\p{Bidi_Control}/u)
        expect(plainName(name)).toBe(name)
      }),
    )
  })
})

describe('EV8: a request that is masked', () => {
  const mask = (words: string) => words.replaceAll(/\S+@\S+\.example/g, '[e-mail]')
  const masked = (body: string, contentType = 'application/json') =>
    Buffer.from(maskRequest(text(body), contentType, mask) ?? []).toString()

  it('keeps the layout and the numbers of JSON to the letter', () => {
    const body = '{ "n" : 12345678901234567890, "to":"ask ops@shop.example now",\n"list":[1.0,"x"] , "q":"\\u00e9" }'
    expect(masked(body)).toBe(body.replace('ops@shop.example', '[e-mail]'))
  })

  it('hides what its own name says is secret, and looks into JSON in JSON', () => {
    expect(JSON.parse(masked('{"routing_key":"abc","dedup_key":"d","user":{"password":"p","tokens":2}}'))).toEqual({
      routing_key: '[secret]',
      dedup_key: 'd',
      user: { password: '[secret]', tokens: 2 },
    })
    const inner = JSON.stringify({ to: 'a@b.example', n: 1 })
    expect(JSON.parse(JSON.parse(masked(JSON.stringify({ Message: inner }))).Message)).toEqual({ to: '[e-mail]', n: 1 })
  })

  it('reads forms and plain text, and gives back nothing of what is no text', () => {
    expect(
      new URLSearchParams(
        masked('data=%7B%22a%22%3A%22x%40y.example%22%7D&token=t', 'application/x-www-form-urlencoded'),
      ).get('data'),
    ).toBe('{"a":"[e-mail]"}')
    expect(masked('<x> from a@b.example', 'text/plain')).toBe('<x> from [e-mail]')
    expect(maskRequest(hex('0a ff 00'), 'application/x-protobuf', mask)).toBeNull()
  })

  it('is the same where there is nothing to mask, for any JSON', () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(masked(body)).toBe(body)
      }),
    )
  })
})
