import { lookup } from 'node:dns/promises'
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { hourMs, secondMs } from '#shared/clocks.ts'
import { DeliveryFailed } from '../port.ts'
import { whoseIs } from './addresses.ts'

/** One address of a host, as `node:dns` gives it. */
export interface HostAddress {
  address: string
  family: number
}

export interface Post {
  /** http or https, without a user in it. */
  url: string
  headers: Readonly<Record<string, string>>
  body: string | Uint8Array
  /** An administrator said that it may be this machine or a private network. */
  inside: boolean
  signal: AbortSignal
}

export interface Posted {
  status: number
  /** As Retry-After asks, in ms, at most an hour. Null: it does not. */
  retryAfterMs: number | null
  /** The beginning of the body. Never to be shown: it may repeat what was sent. */
  text: string
}

/** The one way in which requests leave the house. */
export interface Outgoing {
  /** @throws DeliveryFailed when nobody answers, or nobody may be asked; its words hold neither address nor secret */
  post(what: Post): Promise<Posted>
}

export interface OutgoingParts {
  clock: { now(): number }
  /** All addresses of a host; by the system where it is left out. */
  resolve?: (host: string) => Promise<readonly HostAddress[]>
  /** For the whole of a request, from the first look-up to the last byte. */
  timeLimitMs?: number
  /** Certificates (PEM) to trust in place of those of the system; for tests. */
  ca?: string
}

/** What is read of an answer; the rest is not waited for. */
const longestAnswer = 16 * 1024
const longestRetryMs = hourMs

const systemLookup = (host: string): Promise<readonly HostAddress[]> => lookup(host, { all: true })

/**
 * Rule W1: a request leaves only for an address that was judged. A host is resolved once, all its addresses are judged, and
 * the connection is made to one of those, under the host's name: a second answer of the DNS is never asked for. An answer
 * that mixes allowed and refused addresses is refused. Redirects are not followed.
 */
export function makeOutgoing(parts: OutgoingParts): Outgoing {
  const { clock, resolve = systemLookup, timeLimitMs = 10 * secondMs, ca } = parts

  async function judged(host: string, inside: boolean): Promise<readonly HostAddress[]> {
    const literal = isIP(host)
    const addresses = literal === 0 ? await resolve(host) : [{ address: host, family: literal }]
    if (addresses.length === 0) throw unreachable('its host has no address')
    for (const { address } of addresses) {
      const whose = whoseIs(address)
      if (whose === 'never')
        throw refusedHere(
          'leads to an address that is refused for every channel: cloud metadata, link-local or reserved ones',
        )
      if (whose === 'inside' && !inside)
        throw refusedHere(
          'leads to this machine or a private network, which an administrator has to allow for a channel',
        )
    }
    return addresses
  }

  return {
    async post({ url, headers, body, inside, signal }) {
      const target = targetOf(url)
      const limit = AbortSignal.timeout(timeLimitMs)
      const ends = AbortSignal.any([signal, limit])
      try {
        const host = target.hostname.replace(/^\[(.*)\]$/, '$1')
        const addresses = await unlessOver(judged(host, inside), ends)
        const lookedUp: LookupFunction = (_host, options, done) => {
          const [first] = addresses
          if (options.all === true) done(null, [...addresses])
          else done(null, first?.address ?? '', first?.family)
        }
        const send = target.protocol === 'https:' ? httpsRequest : httpRequest
        const asked = send({
          protocol: target.protocol,
          hostname: host,
          port: target.port,
          path: `${target.pathname}${target.search}`,
          method: 'POST',
          headers: { 'User-Agent': 'Uxbridge', Accept: '*/*', ...headers, 'Content-Length': Buffer.byteLength(body) },
          // A connection of its own: none that was opened where it was allowed is used where it is not.
          agent: false,
          lookup: lookedUp,
          signal: ends,
          ...(ca === undefined ? {} : { ca }),
        })
        return await answerOf(asked, body, clock)
      } catch (error) {
        if (error instanceof DeliveryFailed) throw error
        if (limit.aborted) throw unreachable(`it did not answer within ${timeLimitMs / secondMs} s`)
        if (signal.aborted) throw unreachable('the attempt was stopped')
        throw unreachable(reasonOf(error))
      }
    },
  }
}

function targetOf(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : null
  if (target === null) throw refusedHere('is not one that can be read')
  if (!['http:', 'https:'].includes(target.protocol)) throw refusedHere('is neither http nor https')
  if (target.username !== '' || target.password !== '') throw refusedHere('has a user in it, which is not sent')
  return target
}

function answerOf(asked: ClientRequest, body: string | Uint8Array, clock: { now(): number }): Promise<Posted> {
  const { promise, resolve, reject } = Promise.withResolvers<Posted>()
  asked.once('error', reject)
  asked.once('response', (answer: IncomingMessage) => {
    const pieces: Buffer[] = []
    let length = 0
    const end = () => {
      const text = Buffer.concat(pieces).subarray(0, longestAnswer).toString('utf8')
      resolve({
        status: answer.statusCode ?? 0,
        retryAfterMs: retryAfterOf(answer.headers['retry-after'], clock),
        text,
      })
    }
    answer.on('data', (piece: Buffer) => {
      pieces.push(piece)
      length += piece.length
      if (length < longestAnswer) return
      end()
      asked.destroy()
    })
    answer.once('end', end)
    answer.once('error', reject)
  })
  asked.end(body)
  return promise
}

/** Seconds or a date. Source: RFC 9110, section 10.2.3. */
function retryAfterOf(header: string | undefined, clock: { now(): number }): number | null {
  if (header === undefined) return null
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * secondMs : Date.parse(header) - clock.now()
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), longestRetryMs) : null
}

/** A look-up cannot be called off, but it need not be waited for. */
function unlessOver<T>(work: Promise<T>, ends: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new Error('over'))
  if (ends.aborted) stop()
  ends.addEventListener('abort', stop, { once: true })
  return Promise.race([work, promise]).finally(() => ends.removeEventListener('abort', stop))
}

const refusedHere = (words: string) => new DeliveryFailed(`Not sent: its address ${words}.`, { retry: false })
const unreachable = (words: string) => new DeliveryFailed(`It could not be reached: ${words}.`, { retry: true })

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its host has no address',
  EAI_AGAIN: 'the name of its host cannot be looked up now',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'nobody answers there',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its network',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by nobody we trust',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by nobody we trust',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is signed by nobody we trust',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
}

/** Words for a fault of the network. Messages of Node name hosts and addresses, so only its codes are used. */
function reasonOf(error: unknown): string {
  const codes = (error instanceof AggregateError ? [error, ...error.errors] : [error]).flatMap((each) => {
    const { code } = each as { code?: unknown }
    return typeof code === 'string' ? [code] : []
  })
  const known = codes.map((code) => reasons[code]).find((words) => words !== undefined)
  return known ?? (codes[0] === undefined ? 'the connection failed' : `the connection failed (${codes[0]})`)
}

/**
 * What an answer means to whoever sends: nothing where it was taken.
 * @throws DeliveryFailed: busy ones and faults of the other side are worth another try, refusals are not
 */
export function requireTaken(
  { status, retryAfterMs }: Posted,
  more: { gone?: readonly number[]; says?: string } = {},
): void {
  if (status >= 200 && status < 300) return
  const answered = String(status)
  const said = more.says === undefined ? '' : ` (${more.says})`
  if (more.gone?.includes(status) === true)
    throw new DeliveryFailed(`It is gone for good: it answered ${answered}${said}.`, {
      retry: false,
      gone: true,
      answered,
    })
  if (status >= 300 && status < 400)
    throw new DeliveryFailed(
      `It answered ${answered}, a redirect, and those are not followed: set the address that it leads to.`,
      { retry: false, answered },
    )
  const busy = status === 408 || status === 425 || status === 429 || status >= 500
  throw new DeliveryFailed(`It answered ${answered}${said}${meaningOf(status)}.`, {
    retry: busy,
    retryAfterMs,
    answered,
  })
}

function meaningOf(status: number): string {
  if (status === 401 || status === 403) return ': it does not take our token or secret'
  if (status === 404) return ': there is nothing at that address'
  if (status === 413) return ': the message is too large for it'
  if (status === 429) return ': it is told too much at once'
  return status >= 500 ? ': a fault of the other side' : ': it refuses the message'
}
