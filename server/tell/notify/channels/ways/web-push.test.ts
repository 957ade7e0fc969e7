import { createECDH, createPublicKey, type ECDH, randomBytes, verify } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterEach, describe, expect, it, test } from 'vitest'
import { pushPayloadSchema } from '#shared/notify/channels.ts'
import type { DeliveryFailed, Message, PushAddress } from '../../port.ts'
import { makeOutgoing, type Outgoing } from '../outgoing.ts'
import { at, certificate, incident, message, patient, type Receiver, receiver, storm } from '../receiver.fixture.ts'
import { newPushKeys, payloadOf, push } from './web-push.ts'
import { tellable, testMessage } from './words.ts'

/** Has no types of its own. */
const ece: {
  decrypt(body: Buffer, how: { version: 'aes128gcm'; privateKey: ECDH; authSecret: string }): Buffer
} = createRequire(import.meta.url)('http_ece')

const open: Receiver[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

const keys = newPushKeys()
const contact = 'https://ux.example.org'
const own = certificate('push.example.org')

/** A push service over TLS and a browser that subscribed at it; the browser alone can read what arrives. */
async function subscribed(answer?: Parameters<typeof receiver>[0]) {
  const service = await receiver(answer ?? ((response) => void response.writeHead(201).end()), own)
  open.push(service)
  const browser = createECDH('prime256v1')
  const auth = randomBytes(16)
  const address: PushAddress = {
    endpoint: `https://push.example.org:${service.port}/send/abc`,
    keys: { p256dh: browser.generateKeys('base64url'), auth: auth.toString('base64url') },
  }
  // The service of the test is on this machine, where no browser of a stranger may lead us.
  const real = makeOutgoing({
    clock: { now: () => at },
    ca: own.cert,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  })
  const outgoing: Outgoing = { post: (what) => real.post({ ...what, inside: true }) }
  const read = (n = 0) => {
    const body = service.got[n]?.body ?? Buffer.alloc(0)
    const text = ece.decrypt(body, {
      version: 'aes128gcm',
      privateKey: browser,
      authSecret: auth.toString('base64url'),
    })
    return pushPayloadSchema.parse(JSON.parse(text.toString('utf8')))
  }
  const send = (what: Message) => push({ outgoing, keys, contact }, address, what, patient())
  return { service, address, send, read, real }
}
const failure = (work: Promise<unknown>): Promise<DeliveryFailed> =>
  work.then(
    () => {
      throw new Error('was sent')
    },
    (error: DeliveryFailed) => error,
  )

describe('what a browser gets', () => {
  it('only it can read: title, words, link and the pages that act', async () => {
    const { send, read, service } = await subscribed()
    expect(await send(message())).toBe('201')
    expect(read()).toEqual({
      title: 'Escalated to you: INC-1042 Payments fail in eu-west',
      body: 'Nobody has claimed it for 5 min.\nEscalated · Tier 1 · payments · open since 02:55 UTC (5 min) · nobody has it',
      link: 'https://ux.example.org/incident/INC-1042',
      tag: 'INC-1042',
      at,
      urgent: true,
      drill: false,
      actions: [{ label: 'Claim', url: 'https://ux.example.org/act#secret-token' }],
    })
    const [got] = service.got
    expect([got?.method, got?.path, got?.headers['content-encoding']]).toEqual(['POST', '/send/abc', 'aes128gcm'])
    expect(got?.body.toString('latin1')).not.toContain('Payments')
  })

  it('proves that it is from this house: the JWT is for this push service and verifies with the key of VAPID', async () => {
    const { send, service } = await subscribed()
    await send(message())
    const [, token = '', key = ''] =
      /^vapid t=([^,]+), k=(\S+)$/.exec(service.got[0]?.headers.authorization ?? '') ?? []
    expect(key).toBe(keys.publicKey)
    const [head = '', claims = '', signature = ''] = token.split('.')
    const point = Buffer.from(key, 'base64url')
    const x = point.subarray(1, 33).toString('base64url')
    const y = point.subarray(33).toString('base64url')
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
    const signed = Buffer.from(`${head}.${claims}`)
    const proof = Buffer.from(signature, 'base64url')
    expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, proof)).toBe(true)
    const { aud, sub, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect([aud, sub]).toEqual([`https://push.example.org:${service.port}`, contact])
    expect(exp * 1000 - Date.now()).toBeLessThanOrEqual(24 * 3_600_000)
    const other = newPushKeys().publicKey
    expect(other).not.toBe(keys.publicKey)
  })

  test.each([
    [1, '3600', 'high'],
    [null, '3600', 'high'],
    [2, '14400', 'high'],
    [3, '43200', 'normal'],
  ] as const)('of tier %s waits for %s s at most, urgency %s', async (tier, ttl, urgency) => {
    const { send, service } = await subscribed()
    await send(message({ incidents: [incident({ tier })] }))
    expect(service.got[0]?.headers).toMatchObject({ ttl, urgency })
  })

  it('of one incident the newest stands in the place of the older, under a topic that tells nothing', async () => {
    const { send, service, read } = await subscribed()
    await send(message())
    await send(message({ key: 'n_next', title: 'Reminder' }))
    await send(message({ incidents: [incident({ id: 'INC-7' })] }))
    await send(storm())
    const topics = service.got.map(({ headers }) => String(headers.topic))
    expect(topics[0]).toMatch(/^[-_A-Za-z0-9]{32}$/)
    expect(topics[1]).toBe(topics[0])
    expect(new Set(topics).size).toBe(3)
    expect([0, 1, 2, 3].map((n) => read(n).tag)).toEqual(['INC-1042', 'INC-1042', 'INC-7', 'n_storm'])
  })

  it('a storm, an exercise and a test are told as such; W2: a restricted one by its number', () => {
    expect(payloadOf(tellable(storm(), false))).toMatchObject({
      title: '42 incidents want an owner',
      actions: [],
      link: 'https://ux.example.org/',
    })
    expect(payloadOf(tellable(storm(), false)).body).toMatch(
      /\nINC-3\nINC-4 Payments fail in eu-west\nand 37 more incidents$/,
    )
    expect(payloadOf(message({ drill: true }))).toMatchObject({
      title: expect.stringMatching(/^EXERCISE: /),
      drill: true,
    })
    expect(payloadOf(testMessage('1', at, 'https://ux.example.org/me')).body).toContain('Nothing is asked of you.')
    const restricted = payloadOf(
      tellable(message({ title: 'Offered: INC-9', incidents: [incident({ id: 'INC-9', title: null })] }), false),
    )
    expect(JSON.stringify(restricted)).not.toMatch(/Payments|payments|Tier/)
  })

  it('is never too long for a push service, and is cut between characters', async () => {
    const { send, service, read } = await subscribed(
      (response, { body }) => void response.writeHead(body.length > 4096 ? 413 : 201).end(),
    )
    const long = '🔥ü'.repeat(2000)
    const actions = [1, 2, 3].map((n) => ({
      label: 'Claim' as const,
      url: `https://ux.example.org/act#${n}${'t'.repeat(700)}`,
    }))
    await send(message({ title: long, incidents: [incident({ title: long, text: long, service: long, actions })] }))
    expect(read().actions).toHaveLength(2)
    expect(read().body).not.toMatch(/[\ud800-\udbff]…/)
    expect(service.got[0]?.body.length).toBeLessThan(3300)
  })
})

describe('what a push service says', () => {
  const answering = async (status: number, headers: Record<string, string> = {}) => {
    const { send } = await subscribed((response) => void response.writeHead(status, headers).end('secret words'))
    const failed = await failure(send(message()))
    expect(failed.message).not.toMatch(/secret words|push\.example/)
    return failed
  }
  it.each([404, 410])('%i: the browser has unsubscribed, so it is forgotten', async (status) => {
    expect(await answering(status)).toMatchObject({ gone: true, retry: false, answered: String(status) })
  })
  it('413 and 400 are no better when they are repeated', async () => {
    for (const status of [400, 413]) expect(await answering(status)).toMatchObject({ gone: false, retry: false })
  })
  it('429 and 503 say when to come again', async () => {
    expect(await answering(429, { 'Retry-After': '120' })).toMatchObject({ retry: true, retryAfterMs: 120_000 })
    expect(await answering(503)).toMatchObject({ retry: true, retryAfterMs: null })
  })
})

describe('subscriptions that lead nowhere good', () => {
  it('W1: one that a browser made up to lead inside is refused', async () => {
    const { service, address, real } = await subscribed()
    const work = push({ outgoing: real, keys, contact }, address, message(), patient())
    expect(await failure(work)).toMatchObject({ retry: false })
    expect(service.got).toEqual([])
  })
  it('one whose keys are none is forgotten', async () => {
    const { address, real, service } = await subscribed()
    const noPoint = Buffer.alloc(65, 4).toString('base64url')
    for (const bad of [
      { ...address, keys: { ...address.keys, p256dh: noPoint } },
      { ...address, keys: { ...address.keys, auth: 'short' } },
      { ...address, endpoint: 'http://push.example.org/' },
    ])
      expect(await failure(push({ outgoing: real, keys, contact }, bad, message(), patient()))).toMatchObject({
        gone: true,
        retry: false,
      })
    expect(service.got).toEqual([])
  })
})
