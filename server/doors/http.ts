import express, {
  type ErrorRequestHandler,
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import { Histogram, type Registry } from 'prom-client'
import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import { shownKey } from '../access/index.ts'
import type { Access, Identity } from '../access/port.ts'
import type { CommandRoom } from '../command/port.ts'
import type { DrillDesk } from '../demo/port.ts'
import { type DutyDesk, noRota, type Rota } from '../duty/port.ts'
import type { Listening, Troubles } from '../intake/index.ts'
import type { SourceKind } from '../intake/port.ts'
import type { AlarmLoadPicture, AlertmanagerPicture, FilterPicture, Picture, TotePicture } from '../picture/port.ts'
import type { PolicyDesk, TrialDesk } from '../policy/port.ts'
import type { Precedents } from '../precedents/port.ts'
import type { Reader } from '../store/port.ts'
import type { ChannelDesk, NotifyDesk } from '../tell/index.ts'
import { type TrustProxy, trustProxies } from './address.ts'
import { type BodyLimits, usualLimits } from './body.ts'
import { type GateParts, makeGate } from './gate.ts'
import { openapiOf } from './openapi.ts'
import { refusalOf } from './refusal.ts'
import { allRoutes } from './routes/index.ts'
import type { Refuse, Route } from './routes/route.ts'
import { makeSite, securityHeaders } from './site.ts'

/** What the API works with, whichever door it is reached through. */
export interface ApiParts {
  access: Access
  commandRoom: CommandRoom
  picture: Picture
  filterRoom: FilterPicture
  /** What Alertmanager's API shows. */
  alertmanager: AlertmanagerPicture
  alarmLoad: AlarmLoadPicture
  precedents: Precedents
  tote: TotePicture
  /** Reads the policy file now. @throws UxbridgeError `policy-invalid`, also where there is no file */
  reloadPolicy(): Promise<void>
  policyDesk: PolicyDesk
  trials: TrialDesk
  drills: DrillDesk
  channels: ChannelDesk
  /** How people are told, and what the links of messages do. */
  notify: NotifyDesk
  /** Who is on call; without, nobody ever is. */
  rota?: Rota
  duty: DutyDesk
  read: Reader
  kinds: readonly SourceKind[]
  /** How it stands with a source's own door that is no HTTP; null for a kind that has none. */
  listening(sourceId: string): Listening | null
  /** What came to nothing at the doors for events. */
  troublesOf(sourceId: string | null): Troubles
  activePolicy(): { policy: Policy; hash: string }
  registry: Registry
  clock: Clock
  log: {
    debug(fields: object, message: string): void
    warn(fields: object, message: string): void
    error(fields: object, message: string): void
  }
  /** Where people and sources reach us, without a slash at the end. Asked late: with port 0 it is known after listening. */
  baseUrl(): string
  publicUrl: string | null
  version: string
  limits?: BodyLimits
  /** True in tests: an answer that its own schema does not describe is a fault. */
  checkAnswers?: boolean
}

export interface HttpDoorParts extends ApiParts {
  /** The intake doors: they come first, because they answer in the shape of their vendors. */
  intake?: RequestHandler
  /** Folder of the built board. */
  staticDir: string
  trustProxy: TrustProxy
}

/** Limits for the `http.Server` that carries the door: slow senders are dropped. Milliseconds. */
export const serverLimits = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
} as const

/** All routes of the API over what they work with. */
export function apiRoutes(parts: ApiParts): Route[] {
  const { access, commandRoom, picture, read, kinds, troublesOf, activePolicy, registry, clock, baseUrl, version } =
    parts
  let document: object | null = null
  const openapi = () => {
    document ??= openapiOf(routes, version)
    return document
  }
  const now = () => clock.now()
  const routes = allRoutes({
    access,
    commandRoom,
    picture,
    filterRoom: parts.filterRoom,
    alertmanager: parts.alertmanager,
    alarmLoad: parts.alarmLoad,
    precedents: parts.precedents,
    tote: parts.tote,
    reloadPolicy: parts.reloadPolicy,
    policyDesk: parts.policyDesk,
    trials: parts.trials,
    drills: parts.drills,
    channels: parts.channels,
    notify: parts.notify,
    rota: parts.rota ?? noRota,
    duty: parts.duty,
    read,
    kinds,
    troublesOf,
    activePolicy,
    listening: parts.listening,
    metrics: registry,
    openapi,
    baseUrl,
    now,
  })
  return routes
}

/** @returns the Express app of the network door; main gives it to an `http.Server` with `serverLimits` */
export function makeHttpDoor(parts: HttpDoorParts): Express {
  const app = bareApp()
  trustProxies(app, parts.trustProxy)
  if (parts.intake !== undefined) app.use(parts.intake)
  app.use(securityHeaders(parts.publicUrl?.startsWith('https:') ?? false))
  mount(app, parts, {
    identify: (request) =>
      parts.access.identify({ authorization: request.headers.authorization, cookie: request.headers.cookie }),
    showsSourceKey: (request) => parts.access.keys.find(shownKey(request.headers.authorization)?.key ?? null).ok,
    addressOf: (request) => request.ip ?? null,
  })
  app.use(makeSite(parts.staticDir))
  finish(app, parts)
  return app
}

/** The same routes for whoever may open the local socket: the operator of this machine. */
export function makeLocalApp(parts: ApiParts, identity: Identity): Express {
  const app = bareApp()
  mount(app, parts, { identify: () => identity, showsSourceKey: () => false, addressOf: () => null })
  finish(app, parts)
  return app
}

function bareApp(): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)
  return app
}

function mount(app: Express, parts: ApiParts, who: Pick<GateParts, 'identify' | 'showsSourceKey' | 'addressOf'>): void {
  const routes = apiRoutes(parts)
  const gate = makeGate({
    ...who,
    record: parts.commandRoom.record,
    sees: parts.commandRoom.sees,
    publicUrl: parts.publicUrl,
    clock: parts.clock,
    limits: parts.limits ?? usualLimits,
    log: parts.log,
    checkAnswers: parts.checkAnswers ?? false,
  })
  const measure = makeMeasure(parts)
  app.use('/api', (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  const methods = new Map<string, string[]>()
  const vendors = new Map<string, ErrorRequestHandler>()
  for (const route of routes) {
    const { method, path, refuse, elsewhere } = route
    const before = refuse === null ? [] : [onlyThisMethod]
    app[method](path, ...before, measure(path), ...gate(route))
    methods.set(path, [...(methods.get(path) ?? elsewhere), method.toUpperCase()])
    if (refuse !== null) vendors.set(path, refusalInShapeOf(refuse, parts))
  }
  for (const [path, allowed] of methods) {
    app.all(path, (request, response) => {
      response.setHeader('Allow', allowed.join(', '))
      throw new UxbridgeError(
        'method-not-allowed',
        `${request.method} is not for this address. Use ${allowed.join(' or ')}.`,
        { method: request.method, allowed },
      )
    })
  }
  for (const [path, refused] of vendors) app.use(path, refused)
  app.use('/api', () => {
    throw new UxbridgeError('not-found', 'There is nothing at this address. GET /api/openapi.json lists what there is.')
  })
}

function makeMeasure({ registry, log, clock }: ApiParts): (path: string) => RequestHandler {
  const name = 'uxbridge_http_request_seconds'
  // Two doors share one registry.
  const seconds =
    (registry.getSingleMetric(name) as Histogram<'method' | 'route' | 'status'> | undefined) ??
    new Histogram({
      name,
      help: 'Time to answer a request of the API',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [registry],
    })
  return (path) => (request, response, next) => {
    const began = clock.now()
    response.on('finish', () => {
      const ms = clock.now() - began
      seconds.observe({ method: request.method, route: path, status: response.statusCode }, ms / 1000)
      // The route, never the address itself: ids of people and query words stay out of the log.
      log.debug({ method: request.method, route: path, status: response.statusCode, ms }, 'answered')
    })
    next()
  }
}

/** Express lets whatever takes GET take HEAD too; vendors that do not are followed. */
const onlyThisMethod: RequestHandler = (request, _response, next) =>
  next(request.method === 'HEAD' ? 'route' : undefined)

/** Refusals of an address whose clients expect a vendor's shape. */
function refusalInShapeOf(refuse: Refuse, parts: ApiParts): ErrorRequestHandler {
  return (error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error)
    const refusal = refusalOf(error, { nameOf: parts.picture.nameOf, log: parts.log })
    const { status, headers = {}, body } = refuse(error, refusal)
    response.status(status)
    if (refusal.retryAfterS !== null) response.setHeader('Retry-After', String(refusal.retryAfterS))
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
    if (body === undefined) response.end()
    else if (typeof body === 'string') response.type('text/plain').set(headers).end(body)
    else response.set(headers).json(body)
  }
}

function finish(app: Express, parts: ApiParts): void {
  app.use(() => {
    throw new UxbridgeError('not-found', 'There is nothing at this address. The board is at /.')
  })
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    const { status, body, retryAfterS } = refusalOf(error, { nameOf: parts.picture.nameOf, log: parts.log })
    if (response.headersSent) return next(error)
    if (retryAfterS !== null) response.setHeader('Retry-After', String(retryAfterS))
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
    response.status(status).json(body)
  })
}
