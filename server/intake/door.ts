import type { IncomingMessage, ServerResponse } from 'node:http'
import express from 'express'
import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { KeyRing, Source } from '../access/port.ts'
import { adapterFor as knownAdapter } from './adapters.ts'
import { BodyRefused, type ReadBudget, readBody, SenderGone } from './body.ts'
import type { Adapter, DoorName, Outside, Proving, RawRequest, Reading, SourceLimit, VendorAnswer } from './port.ts'
import { RateLimiter } from './rate.ts'
import type { RefusalBook } from './refusals.ts'
import { limitBySettings, settingsFor, topicsBySettings, usualLimit } from './settings.ts'
import { alertmanagerRefusal, houseRefusal } from './sources/answers.ts'
import { pingRefusal } from './sources/healthchecks.ts'
import { opsgenieRefusal } from './sources/opsgenie.ts'
import { otlpRefusal } from './sources/otlp.ts'
import { pagerdutyRefusal, routingKeyIn } from './sources/pagerduty.ts'

export interface IntakeParts {
  keys: KeyRing
  /** Resolves when what was received is durable. @throws UxbridgeError `overloaded`, `store-full`, `not-ready` */
  receive(source: Source, adapter: Adapter, raw: RawRequest, reading: Reading): Promise<unknown>
  clock: Clock
  log: { error(fields: object, message: string): void }
  /** How much each source may send; without, as its settings say. */
  limitOf?: (source: Source) => SourceLimit
  /** How requests of a kind of source are read at a door; without, as the list of adapters says. */
  adapterFor?: (kind: string, door: DoorName) => Adapter | undefined
  /** For senders whose proof must be fetched; without, they are asked to come again. */
  outside?: Outside
  /** Hears of every request that is refused. */
  refusals?: Pick<RefusalBook, 'refused'>
  /** For `/-/ready`; without, always. */
  ready?: () => boolean
  /** What `GET /api/v2/status` says to whoever has a source's key. */
  status?: () => object
  /** Bytes of bodies that may be under way at once, over all senders. */
  maxReadingBytes?: number
}

/** Read before the sender is known, where the key is in the body: PagerDuty's own limit. */
const maxUnknownBytes = 512 * 1024
const retryAfterS = 5

/** Addresses of this door and what they need; the access test walks them. */
export const intakeRoutes = [
  { method: 'POST', path: '/api/v2/alerts', action: 'event.write' },
  { method: 'GET', path: '/api/v2/status', action: 'event.write' },
  { method: 'GET', path: '/-/healthy', action: 'public' },
  { method: 'GET', path: '/-/ready', action: 'public' },
  { method: 'POST', path: '/v2/enqueue', action: 'event.write' },
  { method: 'POST', path: '/v2/change/enqueue', action: 'event.write' },
  { method: 'POST', path: '/v1/logs', action: 'event.write' },
  { method: 'POST', path: '/v2/alerts', action: 'event.write' },
  { method: 'POST', path: '/v2/alerts/:identifier/:action', action: 'event.write' },
  { method: 'PUT', path: '/v2/alerts/:identifier/:field', action: 'event.write' },
  { method: 'DELETE', path: '/v2/alerts/:identifier', action: 'event.write' },
  { method: 'GET', path: '/v2/alerts/requests/:requestId', action: 'event.write' },
  { method: 'GET', path: '/ping/:key', action: 'event.write' },
  { method: 'POST', path: '/ping/:key/:signal', action: 'event.write' },
  { method: 'POST', path: '/intake/:sourceId', action: 'event.write' },
] as const

/**
 * The doors that events come through, as one Express router. It belongs before every other middleware: it reads the raw
 * body itself, answers in each vendor's shape, and passes on what is not its own.
 */
export function makeIntakeDoor(parts: IntakeParts): express.Router {
  const handle = makeIntakeHandler(parts)
  const router = express.Router()
  router.use((request, response, next) => {
    if (!handle(request, response)) next()
  })
  return router
}

interface Knock {
  request: IncomingMessage
  response: ServerResponse
  door: DoorName
  sourceId: string | undefined
  /** A key that stands in the address, where the vendor's clients can put it nowhere else. */
  key: string | null
  path: string
  query: string
  /** Whose request it is, once that is known. */
  sender?: string
  /** The shape of refusals while the sender is not known. */
  refuse(status: number, message: string): VendorAnswer
}

/** The same for a bare `http.Server`. @returns whether the address is one of this door's; then it will be answered */
export function makeIntakeHandler(parts: IntakeParts): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { keys, receive, clock, log } = parts
  const adapterFor = parts.adapterFor ?? knownAdapter
  const limitOf = parts.limitOf ?? limitBySettings
  const rates = new RateLimiter()
  const budget: ReadBudget = { used: 0, limit: parts.maxReadingBytes ?? 128 * 1024 * 1024 }
  const outside = parts.outside ?? shut

  /** @returns the source, or null when the request was refused */
  function admit(knock: Knock, key: string | null): Source | null {
    const found = keys.find(key, knock.sourceId)
    if (found.ok) return found.source
    // A key that ended is its owner's trouble; one that stands at a wrong address is the trouble of whoever is named there.
    if (found.status === 403 && found.sourceId !== undefined) knock.sender = found.sourceId
    const headers = found.status === 401 ? { 'www-authenticate': 'Bearer' } : undefined
    send(knock.response, knock.refuse(found.status, refusalWords[found.status]), headers)
    return null
  }

  async function takeIn(knock: Knock): Promise<void> {
    const { request, response, door } = knock
    const isPagerduty = door === 'pagerduty-enqueue' || door === 'pagerduty-change'
    let key = isPagerduty ? null : keyOf(knock)
    let body: Uint8Array | null = null
    const signer = key === null && knock.sourceId !== undefined ? keys.signer(knock.sourceId) : null
    // A key in the body is looked for only where no signature is expected: whoever signs may send any field.
    if (key === null && signer === null && (isPagerduty || door === 'intake')) {
      body = await readBody(request, maxUnknownBytes, budget)
      key = routingKeyIn(body, (each) => keys.find(each).ok)
      if (isPagerduty && !isRoutingKey(key))
        return send(response, knock.refuse(400, "Length of 'routing_key' is incorrect (should be 32 characters)"))
    }
    const source = signer === null ? admit(knock, key) : signer.source
    if (source === null) return
    knock.sender = source.id
    const adapter = adapterFor(source.kind, door)
    if (adapter === undefined)
      return send(
        response,
        knock.refuse(
          404,
          `This key is for a source of kind ${source.kind}, which sends to another address; its page says which`,
        ),
      )
    const contentType = request.headers['content-type'] ?? ''
    const refuse = counted(knock, (status, message) => adapter.refuse(status, message, contentType))
    const limit = limitOf(source)
    /** @returns false, and the request is refused, when it is one too many. */
    const inRate = (bucket: string, allowed: SourceLimit): boolean => {
      const waitMs = rates.take(bucket, allowed, clock.now())
      if (waitMs > 0)
        send(response, refuse(429, `this source may send ${allowed.perSecond} requests per second`), {
          'retry-after': String(Math.ceil(waitMs / 1000)),
        })
      return waitMs === 0
    }
    // Whoever cannot sign must not use up the rate of the one who can.
    if (!(signer === null ? inRate(source.id, limit) : inRate(`${source.id} unproven`, usualLimit))) return
    const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
    if (mediaType !== '' && adapter.mediaTypes !== null && !adapter.mediaTypes.includes(mediaType))
      return send(
        response,
        refuse(
          415,
          `unsupported media type "${mediaType.slice(0, 80)}", only [${adapter.mediaTypes.join(' ')}] are allowed`,
        ),
      )
    const maxBytes = Math.min(adapter.maxBytes, limit.maxBytes)
    knock.refuse = refuse
    body ??= await readBody(request, maxBytes, budget)
    if (body.length > maxBytes)
      throw new BodyRefused(413, `the body is larger than ${maxBytes} bytes, the limit of this source`)
    const { method = '', headers } = request
    const raw: RawRequest = {
      body,
      contentType,
      method,
      path: knock.path,
      query: knock.query,
      headers: adapter.reads === undefined ? none : headersOf(headers, adapter.reads),
      settings: settingsFor(adapter, source),
      receivedAt: clock.now(),
    }
    if (signer !== null) {
      const wrong = unproven(adapter, raw, signer.secrets)
      if (wrong !== null) return send(response, refuse(401, wrong))
      if (!inRate(source.id, limit)) return
    }
    const proving: Proving = { outside, topics: topicsBySettings(source) }
    if (adapter.prove !== undefined) {
      const wrong = await adapter.prove(raw, proving)
      if (wrong !== null) return send(response, refuse(401, wrong))
    }
    const reading = adapter.parse(raw)
    if (reading.keep) await receive(source, adapter, raw, reading)
    const undone = adapter.follow === undefined ? null : await adapter.follow(raw, proving)
    send(response, undone === null ? reading.answer : refuse(422, undone))
  }

  /** OPTIONS: answered by kinds whose vendors ask before they send, to whoever has the key; 405 by all others. */
  function greet(knock: Knock): boolean {
    const key = keyOf(knock)
    const found = key === null ? null : keys.find(key, knock.sourceId)
    const adapter = found?.ok ? adapterFor(found.source.kind, knock.door) : undefined
    if (adapter?.handshake === undefined) return false
    send(knock.response, adapter.handshake(headersOf(knock.request.headers, adapter.reads ?? [])))
    return true
  }

  /** Why no secret proves the request; null when one does. */
  function unproven(adapter: Adapter, raw: RawRequest, secrets: readonly string[]): string | null {
    let why: string | null = refusalWords[401]
    for (const secret of secrets) {
      why = adapter.verify === undefined ? why : adapter.verify(raw, secret, raw.receivedAt)
      if (why === null) return null
    }
    return why
  }

  function failed(knock: Knock, error: unknown): void {
    const { response } = knock
    if (error instanceof SenderGone) {
      response.destroy()
      return
    }
    if (error instanceof BodyRefused || (error instanceof UxbridgeError && error.status === 503)) {
      const headers = error.status === 503 ? { 'retry-after': String(retryAfterS) } : undefined
      send(response, knock.refuse(error.status, error.message), headers)
      return
    }
    log.error({ err: error, door: knock.door }, 'a request at an intake door failed')
    send(response, knock.refuse(500, 'A fault of ours; nothing of this request was kept. Send it again.'))
  }

  /** Rule K1: whoever is refused is counted, for the source it is as far as that is known. */
  function counted(knock: Knock, refuse: Knock['refuse']): Knock['refuse'] {
    return (status, message) => {
      parts.refusals?.refused(knock.sender ?? knock.sourceId ?? null, status, message)
      return refuse(status, message)
    }
  }

  function enter(knock: Knock): true {
    const { method = '' } = knock.request
    knock.refuse = counted(knock, knock.refuse)
    const allowed = methodsAt[knock.door] ?? ['POST']
    if (allowed.includes(method)) takeIn(knock).catch((error: unknown) => failed(knock, error))
    else if (method !== 'OPTIONS' || !greet(knock))
      send(knock.response, knock.refuse(405, `method ${method} is not allowed, but [${allowed.join(' ')}] are`), {
        allow: allowed.join(', '),
      })
    return true
  }

  return (request, response) => {
    const { path, query } = addressOf(request.url ?? '')
    const plain = { request, response, sourceId: undefined, key: null, path: '', query }
    switch (path) {
      case '/api/v2/alerts':
        // Reading is another door's.
        if (request.method !== 'POST') return false
        return enter({ ...plain, door: 'alerts-v2', refuse: alertmanagerRefusal })
      case '/v2/enqueue':
        return enter({ ...plain, door: 'pagerduty-enqueue', refuse: pagerdutyRefusal })
      case '/v2/change/enqueue':
        return enter({ ...plain, door: 'pagerduty-change', refuse: pagerdutyRefusal })
      case '/v1/logs': {
        const type = request.headers['content-type']
        return enter({ ...plain, door: 'otlp-logs', refuse: (status, message) => otlpRefusal(status, message, type) })
      }
      case '/api/v2/status': {
        const key = keyIn(request.headers.authorization)
        const found = keys.find(key)
        // Whoever shows no source's key may read by other rights, at another door.
        if (request.method !== 'GET' || (!found.ok && found.status === 401)) return false
        if (admit({ ...plain, door: 'alerts-v2', refuse: alertmanagerRefusal }, key) !== null)
          send(response, { status: 200, body: parts.status?.() ?? {} })
        return true
      }
      case '/-/healthy':
      case '/-/ready': {
        if (!isRead(request)) return false
        const ready = path === '/-/healthy' || parts.ready?.() !== false
        send(response, ready ? { status: 200, body: 'OK' } : { status: 503, body: 'Not ready' })
        return true
      }
    }
    // Clients put aliases into it as they are, slashes and all.
    if (path === '/v2/alerts' || path.startsWith('/v2/alerts/')) {
      const alert = path.slice('/v2/alerts/'.length)
      const end = alert.endsWith('/') ? -1 : undefined
      return enter({ ...plain, door: 'opsgenie', path: alert.slice(0, end), refuse: opsgenieRefusal })
    }
    const [, ping, signal = ''] = /^\/ping\/([^/]{1,64})(?:\/([^/]{0,64}))?\/?$/.exec(path) ?? []
    if (ping !== undefined)
      return enter({ ...plain, door: 'ping', key: ping.toLowerCase(), path: signal, refuse: pingRefusal })
    const [, sourceId, key = null] = /^\/intake\/([^/]{1,64})(?:\/([^/]{1,256}))?\/?$/.exec(path) ?? []
    if (sourceId === undefined) return false
    return enter({ ...plain, door: 'intake', sourceId, key, refuse: houseRefusal })
  }
}

const methodsAt: Partial<Record<DoorName, readonly string[]>> = {
  // Grafana's webhook may be set to PUT.
  intake: ['POST', 'PUT'],
  ping: ['GET', 'HEAD', 'POST'],
  opsgenie: ['DELETE', 'GET', 'POST', 'PUT'],
}

const unreachable = () =>
  Promise.reject(new UxbridgeError('not-ready', 'Nothing outside can be reached from here to prove this request.'))
const shut: Outside = { certificateKey: unreachable, confirm: unreachable }

const none: Readonly<Record<string, string>> = Object.freeze({})

/** The named headers, where they are present. One that was sent twice counts as its values joined, as Node reads it. */
function headersOf(all: IncomingMessage['headers'], reads: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  const names = reads.flatMap((name) =>
    name.endsWith('*') ? Object.keys(all).filter((each) => each.startsWith(name.slice(0, -1))) : name,
  )
  for (const name of names) {
    const value = all[name]
    if (value !== undefined) found[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return found
}

const refusalWords = {
  401: 'No source has this key. Send the key of a source: Authorization: Bearer <key>, or as HTTP basic password.',
  403: 'This key has been revoked or has expired. Make a new one on the page of the source.',
  404: 'There is no such source for this key. Look at the address on the page of the source.',
} as const

function isRead(request: IncomingMessage): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

function addressOf(url: string): { path: string; query: string } {
  const mark = url.indexOf('?')
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) }
}

/** PagerDuty: 32 characters. Ours are base32, but whether one is known is for the key ring to say. */
function isRoutingKey(key: string | null): boolean {
  return key?.length === 32
}

/** The key in a header, or else in the address. */
function keyOf({ request, key }: Knock): string | null {
  return keyIn(request.headers.authorization) ?? key
}

/** The key in an Authorization header: a bearer token, the password of HTTP basic, or as Opsgenie's clients name it. */
function keyIn(authorization: string | undefined): string | null {
  if (authorization === undefined || authorization.length > 1024) return null
  const [, scheme = '', value = ''] = /^(bearer|basic|geniekey) +(\S+) *$/i.exec(authorization) ?? []
  if (scheme === '') return null
  if (scheme.toLowerCase() !== 'basic') return value
  const pair = Buffer.from(value, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? null : pair.slice(colon + 1)
}

function send(response: ServerResponse, { status, headers, body }: VendorAnswer, more?: Record<string, string>): void {
  if (response.headersSent || response.destroyed) return
  const isText = typeof body === 'string'
  const isBytes = body instanceof Uint8Array
  const text = body === undefined ? '' : isText || isBytes ? body : JSON.stringify(body)
  const type = body === undefined || isBytes ? null : isText ? 'text/plain; charset=utf-8' : 'application/json'
  response.writeHead(status, {
    ...(type === null ? {} : { 'content-type': type }),
    'content-length': Buffer.byteLength(text),
    ...headers,
    ...more,
  })
  response.end(text)
}
