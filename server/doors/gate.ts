import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import { can } from '#shared/access.ts'
import type { Clock } from '#shared/clocks.ts'
import { minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { originAllowed, shownKey } from '../access/index.ts'
import type { Identity } from '../access/port.ts'
import type { CommandRoom } from '../command/port.ts'
import { type BodyLimits, readFields, readJson } from './body.ts'
import { makeRate, usualRate } from './rate.ts'
import { type Call, FileAnswer, JsonPieces, type Route } from './routes/route.ts'

/** What stands between the network and a route's handler. */
export interface GateParts {
  identify(request: Request): Identity | null
  /** Whether it shows the key of a source, which opens the doors for events only. */
  showsSourceKey(request: Request): boolean
  /** Null where there is no network address: the local socket. */
  addressOf(request: Request): string | null
  record: CommandRoom['record']
  sees: CommandRoom['sees']
  publicUrl: string | null
  clock: Clock
  limits: BodyLimits
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
  /** True in tests: an answer that its own schema does not describe is a fault. */
  checkAnswers: boolean
}

const reads = new Set(['get', 'head'])
/** How addresses of one incident begin. */
const ofIncident = '/api/incidents/:id'
/** Entries that strangers can cause in the audit each minute: enough to see them, too few to fill a disk. */
const strangersPerMinute = 60

/**
 * Every route passes here, in this order: identity, rate, origin, permission, media type, body, fields, handler.
 * Rule A3: nothing of a body is read before the sender is known and allowed.
 */
export function makeGate(parts: GateParts): (route: Route) => RequestHandler[] {
  const { record, clock, limits, log } = parts
  const rate = makeRate(clock, usualRate)
  let minute = 0
  let strangers = 0

  /** Refusals at the door are remembered: who, what, from where. That they could not be written never hides them. */
  async function audit(
    route: Route,
    identity: Identity | null,
    code: string,
    address: string | null,
    hidden?: string,
  ): Promise<void> {
    if (identity === null) {
      const now = Math.floor(clock.now() / minuteMs)
      if (now !== minute) [minute, strangers] = [now, 0]
      if (++strangers > strangersPerMinute) return
    }
    const by = identity?.actor.id ?? 'anonymous'
    const detail = { code, method: route.method, ...(hidden !== undefined && { path: route.path }) }
    const about =
      hidden === undefined
        ? { action: `door.${route.action}`, subject: route.path }
        : { action: 'restricted.read', subject: hidden }
    try {
      await record({ by, ...about, outcome: 'refused', detail, address })
    } catch (error) {
      log.error({ err: error, route: route.path }, 'a refusal at a door could not be written to the audit')
    }
  }

  async function admit(route: Route, request: Request): Promise<Identity | null> {
    const identity = parts.identify(request)
    const address = parts.addressOf(request)
    if (identity?.via !== 'local' && !route.watched) rate.spend(identity?.credentialId ?? `from ${address}`)
    const isWrite = !reads.has(route.method)
    // A browser adds cookies, and passwords of HTTP basic that it was given once, to what any site makes it send.
    const addedByBrowser =
      identity === null ||
      identity.via === 'session' ||
      (identity.via === 'token' && shownKey(request.headers.authorization)?.scheme === 'basic')
    if (
      isWrite &&
      addedByBrowser &&
      !originAllowed(request.headers, { publicUrl: parts.publicUrl, missing: 'allow' })
    ) {
      await audit(route, identity, 'origin-refused', address)
      throw new UxbridgeError(
        'origin-refused',
        'Open the board at its own address and try again. Behind a proxy, set PUBLIC_URL to the address people use.',
      )
    }
    if (can(identity?.actor ?? null, route.action)) return identity
    if (route.orLoopback && isLocal(request)) return identity
    if (identity === null && parts.showsSourceKey(request)) {
      await audit(route, identity, 'not-allowed', address)
      throw new UxbridgeError(
        'not-allowed',
        'This is the key of a source, which only writes events. Reading and silences need an API token: "npm run ops -- token create --scope alerts", or --scope silences.',
        { action: route.action },
      )
    }
    if (identity === null)
      throw new UxbridgeError('not-signed-in', 'Sign in first, or send an API token as a bearer token.')
    await audit(route, identity, 'not-allowed', address)
    throw new UxbridgeError(
      'not-allowed',
      `Your role does not include this (${route.action}). Ask an administrator for another role.`,
      { action: route.action },
    )
  }

  /**
   * Rules RS1 and RS6: what is restricted is not there for whoever may not see it, and a look at it is in the audit before it
   * is given. Every address of an incident begins the same way, so no route can forget it.
   * @returns whether it is restricted
   */
  async function look(route: Route, request: Request, identity: Identity | null): Promise<boolean> {
    const subject = request.params.id
    if (!route.path.startsWith(ofIncident) || typeof subject !== 'string') return false
    const address = parts.addressOf(request)
    // Whoever has the machine has its disk; here it is at least written down.
    if (identity?.via !== 'local' && !parts.sees(identity?.actor ?? null, subject)) {
      // Written beside: neither how long that takes nor that the disk is full may tell that there is something.
      void audit(route, identity, 'not-found', address, subject)
      throw new UxbridgeError('not-found', `There is no incident ${subject.slice(0, 40)}.`)
    }
    if (parts.sees(null, subject)) return false
    if (!reads.has(route.method)) return true
    const by = identity?.actor.id ?? 'anonymous'
    const detail = { path: route.path }
    await record({ by, action: 'restricted.read', subject, outcome: 'done', detail, address })
    return true
  }

  function requireJson(route: Route, request: Request, identity: Identity | null): void {
    const type = request.headers['content-type']
    const isEmpty =
      request.headers['content-length'] === '0' ||
      (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined)
    // Rule A4: a browser cannot send this media type to another site without asking first (CORS preflight).
    const excused = isEmpty && (route.body === null || (identity !== null && identity.via !== 'session'))
    if (!excused && !/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type ?? ''))
      throw new UxbridgeError(
        'media-type-unsupported',
        `Send the body as application/json${type === undefined ? '' : `, not ${type.slice(0, 60)}`}.`,
      )
  }

  /**
   * Rule A4 for files: what a form of another site can send without asking is refused where a cookie speaks for it, whatever
   * the file is.
   */
  function requireFile(request: Request, identity: Identity | null): void {
    const type = request.headers['content-type']
    const isSimple =
      type === undefined || /^(?:text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(type)
    if (isSimple && identity?.via === 'session')
      throw new UxbridgeError(
        'media-type-unsupported',
        'Send the file as it is, as application/octet-stream; what it is, is judged by its bytes.',
      )
    if (request.headers['content-encoding'] !== undefined)
      throw new UxbridgeError('media-type-unsupported', 'Send the file as it is, without a Content-Encoding.')
  }

  return (route) => {
    const readBytes = express.raw({ type: () => true, limit: route.bodyBytes ?? limits.bytes, inflate: true })
    const enter: RequestHandler = async (request, response, next) => {
      const identity = await admit(route, request)
      response.locals.identity = identity
      if (route.body !== null && !reads.has(route.method)) {
        requireJson(route, request, identity)
        readBytes(request, response, next)
      } else {
        if (route.upload !== null) requireFile(request, identity)
        next()
      }
    }
    const handle = async (request: Request, response: Response, _next: NextFunction): Promise<void> => {
      const identity = response.locals.identity as Identity | null
      const call: Call = {
        params: route.params === null ? undefined : readFields(route.params, request.params, 'address'),
        query: route.query === null ? undefined : readFields(route.query, { ...request.query }, 'query'),
        body: readBody(route, request.body),
        upload: {
          said: route.upload === null ? undefined : readFields(route.upload, { ...request.headers }, 'header'),
          content: contentOf(request),
        },
        identity,
        who: { by: identity?.actor.id ?? 'anonymous', address: parts.addressOf(request) },
        browser: { address: parts.addressOf(request), agent: request.headers['user-agent'] ?? '' },
        reply: {
          setHeader: (name, value) => void response.setHeader(name, value),
          setCookie: (cookie) => void response.append('Set-Cookie', cookie),
        },
      }
      const isNoted = await look(route, request, identity)
      const answer = await route.run(call)
      // What was everybody's when it was asked for may have been restricted while the answer was made. Files ask for themselves.
      if (!isNoted && reads.has(route.method) && !(answer instanceof FileAnswer)) await look(route, request, identity)
      response.status(route.status)
      if (answer instanceof JsonPieces) return sendPieces(route, answer, response)
      if (answer instanceof FileAnswer) return sendFile(route, answer, response)
      if (route.answer === null) response.end()
      else if (route.answer === 'text') response.send(answer)
      else {
        if (parts.checkAnswers && route.answer !== 'file') route.answer.parse(JSON.parse(JSON.stringify(answer)))
        response.json(answer)
      }
    }
    return [enter, handle]
  }

  /** Saved, never opened here: whatever it is, no script of it runs and no page is made of it (trust.md: Hardening). */
  async function sendFile(route: Route, file: FileAnswer, response: Response): Promise<void> {
    response.attachment(file.name)
    // Set as it is: text would be given a charset, which may not be its own.
    response.setHeader('Content-Type', file.mediaType === 'text/plain' ? 'text/plain; charset=utf-8' : file.mediaType)
    response.setHeader('Content-Length', file.size)
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox; frame-ancestors 'none'")
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    await send(route, Readable.from(file.content), response)
  }

  async function sendPieces(route: Route, { pieces }: JsonPieces, response: Response): Promise<void> {
    response.type('application/json')
    if (parts.checkAnswers && typeof route.answer === 'object') {
      let whole = ''
      for await (const piece of pieces) whole += piece
      route.answer?.parse(JSON.parse(whole))
      response.end(whole)
      return
    }
    await send(route, Readable.from(pieces), response)
  }

  async function send(route: Route, content: Readable, response: Response): Promise<void> {
    try {
      await pipeline(content, response)
    } catch (error) {
      // Whoever hangs up in the middle of a long answer has not found a fault.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
      log.warn({ route: route.path }, 'a client left before its answer was whole')
    }
  }

  function readBody(route: Route, bytes: unknown): unknown {
    if (route.body === null) return undefined
    const value = Buffer.isBuffer(bytes) && bytes.length > 0 ? readJson(bytes, limits) : {}
    return route.read === null ? readFields(route.body, value, 'body') : route.read(value)
  }
}

/** The bytes of a request as they come. Whoever stops reading leaves the connection as it is, so that it can be answered. */
async function* contentOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error
    throw new UxbridgeError(
      'body-malformed',
      'The upload broke off before its end. Nothing of it was kept; send it again.',
    )
  } finally {
    // What was refused goes on coming: it must be read for the answer to be heard.
    request.resume()
  }
}

/** What proxies add of themselves; one is enough to know that somebody else may be asking. */
const proxyHeaders = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']

/**
 * From this machine, not through a proxy on it, which would bring the whole world here, and asked for by a name of this
 * machine, which a page of another site cannot do (DNS rebinding).
 */
function isLocal(request: Request): boolean {
  const address = request.socket.remoteAddress ?? ''
  const proxied = proxyHeaders.some((name) => request.headers[name] !== undefined)
  const named = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i.test(request.headers.host ?? '')
  return !proxied && named && (address === '::1' || /^(::ffff:)?127\./.test(address))
}
