import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, describe, expect, it, test } from 'vitest'
import type { DeliveryFailed } from '../port.ts'
import { makeOutgoing, type OutgoingParts, type Post, requireTaken } from './outgoing.ts'
import { at, certificate, type Receiver, receiver } from './receiver.fixture.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
async function listening(...args: Parameters<typeof receiver>): Promise<Receiver> {
  const made = await receiver(...args)
  open.push(made)
  return made
}
const clock = { now: () => at }
const post = (parts: Partial<OutgoingParts>, what: Partial<Post> & { url: string }) =>
  makeOutgoing({ clock, ...parts }).post({
    ...{ headers: {}, body: '{}', inside: false, signal: new AbortController().signal },
    ...what,
  })
const failure = (work: Promise<unknown>): Promise<DeliveryFailed> =>
  work.then(
    () => {
      throw new Error('was sent')
    },
    (error: DeliveryFailed) => error,
  )
const to =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

describe('W1: a request leaves only for an address that was judged', () => {
  it('and arrives whole where it is allowed', async () => {
    const there = await listening((response) => {
      response.statusCode = 202
      response.setHeader('Retry-After', '7')
      response.end('taken')
    })
    const answer = await post({}, { url: `${there.url}/a?b=c`, inside: true, body: '{"ü":1}', headers: { 'X-A': 'b' } })
    expect(answer).toEqual({ status: 202, retryAfterMs: 7000, text: 'taken' })
    const [got] = there.got
    expect([got?.method, got?.path, got?.body.toString()]).toEqual(['POST', '/a?b=c', '{"ü":1}'])
    expect(got?.headers).toMatchObject({ 'x-a': 'b', 'content-length': '8', 'user-agent': 'Uxbridge' })
  })

  test.each([
    ...['127.0.0.1', '2130706433', '0x7f000001', '017700000001', '127.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost'],
  ])('this machine as %s is refused without a connection', async (host) => {
    const there = await listening()
    const refused = await failure(post({}, { url: `http://${host}:${there.port}/` }))
    expect(refused).toMatchObject({ retry: false, gone: false })
    expect(refused.message).toContain('an administrator has to allow')
    expect(there.got).toEqual([])
  })

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/',
    'http://0.0.0.0/',
    'http://[fe80::1]/',
  ])('%s is refused even where an administrator allows our own network', async (url) => {
    const refused = await failure(post({}, { url, inside: true }))
    expect(refused).toMatchObject({ retry: false })
    expect(refused.message).toContain('refused for every channel')
  })

  it('a name that leads inside is refused, and one of several addresses is enough', async () => {
    const there = await listening()
    for (const addresses of [
      ['127.0.0.1'],
      ['8.8.8.8', '127.0.0.1'],
      ['::ffff:127.0.0.1'],
      ['8.8.8.8', '169.254.169.254'],
    ])
      expect(
        await failure(post({ resolve: to(...addresses) }, { url: `http://hook.example.org:${there.port}/` })),
      ).toMatchObject({ retry: false })
    expect(there.got).toEqual([])
  })

  it('a DNS that changes its mind is asked once: the connection goes to what was judged', async () => {
    const there = await listening()
    const answers = ['127.0.0.1', '169.254.169.254', '169.254.169.254']
    const resolve = async () => [{ address: answers.shift() ?? '', family: 4 }]
    const { status } = await post({ resolve }, { url: `http://rebind.example.org:${there.port}/`, inside: true })
    expect([status, answers.length, there.got.length]).toEqual([200, 2, 1])
    // The next request is judged anew.
    const refused = await failure(post({ resolve }, { url: `http://rebind.example.org:${there.port}/`, inside: true }))
    expect([refused.retry, answers.length, there.got.length]).toEqual([false, 1, 1])
  })

  it('the name stays in Host and SNI although the connection is to an address, and TLS is checked against it', async () => {
    const mine = certificate('hook.example.org')
    const there = await listening(undefined, mine)
    const parts = { resolve: to('127.0.0.1'), ca: mine.cert }
    const good = await post(parts, { url: `https://hook.example.org:${there.port}/x`, inside: true })
    expect(good.status).toBe(200)
    expect(there.got[0]?.headers.host).toBe(`hook.example.org:${there.port}`)
    expect(there.got[0]?.servername).toBe('hook.example.org')
    const bad = await failure(post(parts, { url: `https://other.example.org:${there.port}/x`, inside: true }))
    expect(bad).toMatchObject({ retry: true, message: 'It could not be reached: its certificate is for another host.' })
    expect(there.got).toHaveLength(1)
  })

  it('redirects are not followed, wherever they lead', async () => {
    const inner = await listening()
    const outer = await listening((response) => {
      response.writeHead(307, { Location: `http://127.0.0.1:${inner.port}/secret` }).end()
    })
    const answer = await post({}, { url: outer.url, inside: true })
    expect(answer.status).toBe(307)
    expect(() => requireTaken(answer)).toThrow(/redirect, and those are not followed/)
    expect(inner.got).toEqual([])
  })

  test.each([
    'ftp://example.org/',
    'file:///etc/passwd',
    'gopher://example.org/',
    'javascript:1',
    'nonsense',
    'http://u:p@example.org/',
  ])('%s is refused', async (url) => {
    const refused = await failure(post({}, { url, inside: true }))
    expect(refused).toMatchObject({ retry: false })
    expect(refused.message).toMatch(/^Not sent: its address /)
  })
})

describe('the line', () => {
  it('who does not answer is given up after the limit, also in the middle of an answer', async () => {
    const silent = await listening(() => undefined)
    const slow = await listening((response) => void response.write('a'))
    for (const { url } of [silent, slow]) {
      const late = await failure(post({ timeLimitMs: 120 }, { url, inside: true }))
      expect(late).toMatchObject({ retry: true, message: 'It could not be reached: it did not answer within 0.12 s.' })
    }
  })

  it('a look-up that hangs is given up too, and so is what the caller stops', async () => {
    const resolve = () => new Promise<never>(() => undefined)
    expect(await failure(post({ resolve, timeLimitMs: 60 }, { url: 'http://a.example/' }))).toMatchObject({
      retry: true,
    })
    const stop = AbortSignal.timeout(30)
    expect((await failure(post({ resolve }, { url: 'http://a.example/', signal: stop }))).message).toContain(
      'was stopped',
    )
    const before = AbortSignal.abort()
    expect((await failure(post({ resolve }, { url: 'http://a.example/', signal: before }))).retry).toBe(true)
  })

  it('an answer without end is not read to its end', async () => {
    const there = await listening((response) => {
      response.statusCode = 200
      const more = () => {
        while (response.write('x'.repeat(8192)));
      }
      response.on('drain', more)
      more()
    })
    const answer = await post({ timeLimitMs: 2000 }, { url: there.url, inside: true })
    expect([answer.status, answer.text.length]).toEqual([200, 16 * 1024])
  })

  it('nobody there, a name without an address, a connection cut: worth another try, and no address in the words', async () => {
    const cutting = createServer((socket) => socket.destroy())
    await new Promise<void>((done) => cutting.listen(0, '127.0.0.1', done))
    open.push(cutting)
    const closed = await receiver()
    await closed.close()
    const cut = await failure(
      post({}, { url: `http://127.0.0.1:${(cutting.address() as AddressInfo).port}/sesame`, inside: true }),
    )
    const nobody = await failure(post({}, { url: `${closed.url}/sesame`, inside: true }))
    const resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo x'), { code: 'ENOTFOUND' }))
    const nowhere = await failure(post({ resolve }, { url: 'http://sesame.example/' }))
    expect([cut, nobody, nowhere].map(({ message }) => message)).toEqual([
      'It could not be reached: the connection was cut.',
      'It could not be reached: nobody listens there.',
      'It could not be reached: its host has no address.',
    ])
    for (const each of [cut, nobody, nowhere]) expect(each).toMatchObject({ retry: true, answered: null })
  })
})

describe('what an answer means', () => {
  const judged = (status: number, retryAfterMs: number | null = null) => {
    try {
      requireTaken({ status, retryAfterMs, text: 'a secret' }, { gone: [410] })
      return 'taken'
    } catch (error) {
      const { retry, gone, retryAfterMs: after, answered, message } = error as DeliveryFailed
      expect(message).not.toContain('a secret')
      return { retry, gone, after, answered }
    }
  }
  it('2xx is taken; busy ones and faults are tried again; refusals are not; gone is gone', () => {
    for (const status of [200, 201, 202, 204]) expect(judged(status)).toBe('taken')
    for (const status of [408, 425, 429, 500, 502, 503, 504])
      expect(judged(status, 3000)).toEqual({ retry: true, gone: false, after: 3000, answered: String(status) })
    for (const status of [301, 302, 400, 401, 403, 404, 405, 413, 422])
      expect(judged(status)).toMatchObject({ retry: false, gone: false })
    expect(judged(410)).toMatchObject({ retry: false, gone: true })
  })

  test.each([
    ['12', 12_000],
    ['0', 0],
    ['999999', 3_600_000],
    [new Date(at + 90_000).toUTCString(), 89_520],
    [new Date(at - 90_000).toUTCString(), 0],
    ['soon', null],
  ])('Retry-After: %s', async (header, ms) => {
    const there = await listening((response) => {
      response.writeHead(429, { 'Retry-After': header }).end()
    })
    expect((await post({}, { url: there.url, inside: true })).retryAfterMs).toBe(ms)
  })
})
