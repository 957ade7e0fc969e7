import { hash } from 'node:crypto'
import type { Amendment, Event, EventStatus } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind, VendorAnswer } from '../port.ts'
import { cut, isRecord, readJson, textOf } from './json.ts'
import { keyedEvent, partOf, plainLink, wordOf } from './keyed.ts'
import { memberLimits } from './labels.ts'
import { severityOf } from './severity.ts'

/** Opsgenie's own limit on an alias. */
const aliasLength = 512
const noteLength = 25_000
const priorities = ['P1', 'P2', 'P3', 'P4', 'P5']

type Body = Readonly<Record<string, unknown>>
/** What is wrong, by field: Opsgenie's clients show it so. */
type Faults = Record<string, string>

/**
 * The Alert API of Opsgenie as its clients use it: create, close, acknowledge, add a note, and the other actions, which are
 * kept as notes on the alert; 202 with a `requestId`, whose status may be asked for. An alert is known by its alias; its id
 * is made from that, so that either names it. Reading alerts needs an API token of ours and is no part of it.
 * Source: docs.opsgenie.com/docs/alert-api
 */
function readOpsgenie(request: RawRequest): Reading {
  const { method, path } = request
  if (method === 'GET') return readStatus(request)
  if (method === 'POST' && path === '') return withBody(request, readCreation)
  const { identifier, word, name } = addressed(request)
  if (identifier === '') return unknownAddress(request)
  const type = new URLSearchParams(request.query).get('identifierType') ?? 'id'
  if (type !== 'id' && type !== 'alias')
    return unprocessable(request, {
      identifierType: 'must be alias or id: an alert has no tiny id here. Send the alias it was created with',
    })
  const key = alertIdOf(identifier)
  if (method === 'DELETE') return readDeletion(request, word)
  const action = (method === 'PUT' ? fields : actions).get(word ?? '')
  if (action === undefined) return unknownAddress(request)
  return withBody(request, (body) => {
    const said = action(body, name)
    if ('faults' in said) return unprocessable(request, said.faults)
    return accepted(request, key, eventOn(request, key, said, wordOf(body.user)))
  })
}

/** What an action says of its alert. */
interface Said {
  status?: EventStatus
  amends?: readonly Amendment[]
  title?: string
  description?: string
  priority?: string
  /** What is kept as a note, in words; none = nothing but that somebody did it. */
  note?: string | undefined
}
type Action = (body: Body, name: string) => Said | { faults: Faults }

/** An action that changes nothing here but is worth knowing. */
const noted =
  (inWords: (body: Body, name: string) => string | null, field: string): Action =>
  (body, name) => {
    const did = inWords(body, name)
    if (did === null) return { faults: { [field]: 'is missing or empty' } }
    const note = wordOf(body.note)
    return { amends: [], note: note === null ? did : `${did}: ${note}` }
  }

const actions = byWord({
  close: (body) => ({ status: 'resolved', note: noteIn(body) }),
  acknowledge: (body) => ({ status: 'acknowledged', note: noteIn(body) }),
  unacknowledge: (body) => ({
    amends: ['acknowledgement'],
    note: ['Acknowledgement taken back', noteIn(body) ?? []].flat().join(': '),
  }),
  notes: (body) => {
    const note = noteIn(body)
    return note === undefined ? { faults: { note: 'is missing or empty' } } : { amends: [], note }
  },
  snooze: noted((body) => inWords('Snoozed until', wordOf(body.endTime)), 'endTime'),
  assign: noted((body) => inWords('Assigned to', named(body.owner)), 'owner'),
  escalate: noted((body) => inWords('Escalated to', named(body.escalation)), 'escalation'),
  responders: noted((body) => inWords('Responder added:', named(body.responder)), 'responder'),
  teams: noted((body) => inWords('Team added:', named(body.team)), 'team'),
  tags: noted((body) => inWords('Tags added:', listed(body.tags)), 'tags'),
  details: noted(
    (body) => (isRecord(body.details) ? inWords('Details added:', textOf(body.details)) : null),
    'details',
  ),
  actions: noted((_, name) => inWords('Action asked for:', name), 'action'),
})

const fields = byWord({
  message: (body) => {
    const title = wordOf(body.message)
    return title === null ? { faults: { message: 'can not be empty' } } : { amends: ['title'], title }
  },
  description: (body) =>
    typeof body.description === 'string'
      ? { amends: ['description'], description: body.description }
      : { faults: { description: 'can not be empty' } },
  priority: (body) => {
    const priority = wordOf(body.priority)
    return priority === null || !priorities.includes(priority)
      ? { faults: { priority: shouldBe } }
      : { amends: ['severity'], priority }
  },
})
const shouldBe = `should be one of [ ${priorities.join(', ')} ]`

function byWord(all: Readonly<Record<string, Action>>): ReadonlyMap<string, Action> {
  return new Map(Object.entries(all))
}

/** `POST /v2/alerts`. Without a priority the severity among the details counts, and then the source's default. */
function readCreation(body: Body, request: RawRequest): Reading {
  const message = wordOf(body.message)
  const faults: Faults = {}
  if (message === null) faults.message = 'can not be empty'
  const { alias: given, details, tags } = body
  const alias = given === undefined || given === null || given === '' ? madeId(request) : wordOf(given)
  if (alias === null) faults.alias = 'must be a text'
  else if (alias.length > aliasLength) faults.alias = `is longer than ${aliasLength} characters`
  if (details !== undefined && details !== null && !isRecord(details)) faults.details = 'must be an object of texts'
  if (tags !== undefined && tags !== null && !Array.isArray(tags)) faults.tags = 'must be a list of texts'
  const isPrioritised = body.priority !== undefined && body.priority !== null && body.priority !== ''
  const priority = isPrioritised ? wordOf(body.priority) : null
  if (isPrioritised && !priorities.includes(priority ?? '')) faults.priority = shouldBe
  if (message === null || alias === null || Object.keys(faults).length > 0) return unprocessable(request, faults)
  const key = alertIdOf(alias)
  const known = partOf(body, 'details')
  const severityRaw = priority ?? wordOf(known.severity) ?? ''
  const source = wordOf(body.source)
  const isLink = plainLink(source, 'Source') !== null
  const split = Object.entries(known).map(([name, value]) => ({ name, text: textOf(value ?? '') }))
  const isLong = ({ text }: { text: string }) => text.length > memberLimits.labelValueLength || /^https?:/i.test(text)
  const pairs = (of: typeof split) => Object.fromEntries(of.map(({ name, text }) => [name, text]))
  const event = keyedEvent(
    {
      status: 'firing',
      key,
      severity: severityOf(severityRaw),
      severityRaw,
      title: message,
      description: [wordOf(body.description) ?? (message.length > 300 ? message : null), noteIn(body)]
        .filter((part) => part !== null && part !== undefined)
        .join('\n\n'),
      service: wordOf(known.service),
      labels: {
        ...pairs(split.filter((each) => !isLong(each))),
        alias,
        entity: wordOf(body.entity),
        source: isLink ? null : source,
        tags: listed(tags),
        team: wordOf(known.team) ?? teamIn(body.responders) ?? teamIn(body.teams),
      },
      annotations: { ...pairs(split.filter(isLong)), actions: listed(body.actions), user: wordOf(body.user) },
      links: [
        plainLink(source, 'Source'),
        ...split.filter(isLong).map(({ name, text }) => plainLink(text, cut(name, 100))),
      ],
    },
    request.receivedAt,
  )
  return accepted(request, key, event)
}

/** Taking away a tag or a detail is worth a note. An alert that its sender deletes has ended: here nothing is deleted. */
function readDeletion(request: RawRequest, word: string | null): Reading {
  const query = new URLSearchParams(request.query)
  const part = word === 'tags' ? query.get('tags') : word === 'details' ? query.get('keys') : null
  const key = alertIdOf(addressed(request, part !== null).identifier)
  const said: Said =
    part === null
      ? { status: 'resolved', note: 'Deleted by the sender' }
      : { amends: [], note: `${word === 'tags' ? 'Tags' : 'Details'} removed: ${part}` }
  return accepted(request, key, eventOn(request, key, said, query.get('user') ?? query.get('source')))
}

/** Where a request for something known goes: the alert, and what is to be done with it. */
function addressed({ path }: RawRequest, hasAction = true): { identifier: string; word: string | null; name: string } {
  const parts = path.split('/')
  if (!hasAction || parts.length === 1) return { identifier: decoded(path), word: null, name: '' }
  const custom = parts.length > 2 && parts.at(-2) === 'actions'
  return {
    identifier: decoded(parts.slice(0, custom ? -2 : -1).join('/')),
    word: custom ? 'actions' : (parts.at(-1) ?? null),
    name: custom ? decoded(parts.at(-1) ?? '') : '',
  }
}

/** Percent-encoded, or as the SDK of Node sends it: plain. */
function decoded(raw: string): string {
  try {
    return decodeURIComponent(raw)
  } catch (error) {
    if (error instanceof URIError) return raw
    throw error
  }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** The id of the alert with this alias. What looks like an id stays: without an alias, Opsgenie's is the id. */
function alertIdOf(alias: string): string {
  return uuid.test(alias) ? alias.toLowerCase() : uuidFrom(hash('sha256', alias))
}

/** For an alert without an alias: made from what was sent and when, so that reading it again makes the same one. */
function madeId({ body, receivedAt }: RawRequest): string {
  return uuidFrom(hash('sha256', Buffer.concat([body, Buffer.from(`\n${receivedAt}`)])))
}

/** RFC 9562, version 8: whatever its maker likes. */
function uuidFrom(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** An event about an alert that is known by its key alone. */
function eventOn({ receivedAt }: RawRequest, key: string, said: Said, by: string | null): Event {
  const { status = 'firing', amends, title, description, priority, note } = said
  const event = keyedEvent(
    {
      status,
      key,
      severity: severityOf(priority ?? ''),
      severityRaw: priority,
      title: title ?? 'Something said of an alert',
      description,
    },
    receivedAt,
  )
  const signed = note === undefined ? by : by === null ? note : `${by}: ${note}`
  return {
    ...event,
    ...(amends === undefined ? {} : { amends }),
    ...(signed === null ? {} : { note: cut(signed, noteLength) }),
  }
}

function noteIn(body: Body): string | undefined {
  const note = wordOf(body.note)
  return note === null ? undefined : cut(note, noteLength)
}

function inWords(what: string, of: string | null): string | null {
  return of === null || of === '' ? null : `${what} ${of}`
}

/** Whom or what an object of Opsgenie's means, by any of the names it may be called by. */
function named(value: unknown): string | null {
  if (!isRecord(value)) return null
  return wordOf(value.username) ?? wordOf(value.name) ?? wordOf(value.id)
}

function listed(value: unknown): string | null {
  return Array.isArray(value) && value.length > 0 ? value.map(textOf).join(', ') : null
}

function teamIn(responders: unknown): string | null {
  if (!Array.isArray(responders)) return null
  return responders.filter(isRecord).map((each) => (each.type === 'team' ? wordOf(each.name) : null))[0] ?? null
}

function withBody(request: RawRequest, read: (body: Body, request: RawRequest) => Reading): Reading {
  // Actions without anything to say are sent without a body.
  const json = request.body.length === 0 && request.path !== '' ? { value: {} } : readJson(request.body)
  const reason = 'reason' in json ? json.reason : isRecord(json.value) ? null : 'the body must be a JSON object'
  if ('value' in json && isRecord(json.value)) return read(json.value, request)
  return lost(reason ?? '', { status: 400, body: { message: `Request body is not well formed: ${reason}`, took: 0 } })
}

/** 202: by then it is durable already, so the status of the request is that it was done. */
function accepted(request: RawRequest, key: string, event: Event): Reading {
  const body = { result: 'Request will be processed', took: 0, requestId: `${key}-${request.receivedAt}` }
  return { events: [event], unreadable: [], answer: { status: 202, body }, keep: true }
}

function unprocessable(request: RawRequest, errors: Faults): Reading {
  const reason = Object.entries(errors).map(([name, what]) => `${name} ${what}`)
  const message = 'Request body is not processable. Please check the errors.'
  const body = { message, errors, took: 0, requestId: madeId(request) }
  return lost(reason.join('; '), { status: 422, body })
}

function unknownAddress({ method }: RawRequest): Reading {
  const known = [...(method === 'PUT' ? fields : actions).keys()].join(', ')
  const message = `There is no such address. With ${method} there is /v2/alerts/<alias>/<one of ${known}>?identifierType=alias`
  return lost(`an address that is not known with ${method}`, { status: 404, body: { message, took: 0 } })
}

function lost(reason: string, answer: VendorAnswer): Reading {
  return { events: [], unreadable: [{ index: 0, reason }], answer, keep: true }
}

const processed = /^requests\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(\d{1,15})$/i

/** `GET /v2/alerts/requests/<id>`. An id says itself which alert it was about, and when. */
function readStatus({ path }: RawRequest): Reading {
  const none = { events: [], unreadable: [], keep: false }
  const [, alertId, at = ''] = processed.exec(path) ?? []
  if (alertId === undefined) {
    const message =
      'A key of a source only writes. What became of a request is at /v2/alerts/requests/<requestId>; alerts are read with an API token, at /api/v2/alerts.'
    return { ...none, answer: { status: path.startsWith('requests/') ? 404 : 403, body: { message, took: 0 } } }
  }
  const data = {
    success: true,
    isSuccess: true,
    status: 'Taken in; what became of it is shown on the page of the source',
    processedAt: new Date(Math.min(Number(at), 8.64e15)).toISOString(),
    alertId,
  }
  return { ...none, answer: { status: 200, body: { data, took: 0, requestId: `${alertId}-${at}` } } }
}

/** The error body of Opsgenie's API. */
export function opsgenieRefusal(status: number, message: string): VendorAnswer {
  return { status, body: { message, took: 0 } }
}

export const opsgenie: SourceKind = {
  kind: 'opsgenie',
  title: 'Opsgenie (Alert API)',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'opsgenie/opsgenie',
      door: 'opsgenie',
      maxBytes: 512 * 1024,
      mediaTypes: null,
      // No header, but what is meant depends on method and address, so these are logged with every request.
      reads: [],
      parse: readOpsgenie,
      refuse: opsgenieRefusal,
    },
  ],
  sample: {
    door: 'opsgenie',
    body: '{"message":"Test: checkout answers with errors","alias":"test","priority":"P1","details":{"service":"checkout"}}',
  },
  connect: ({ baseUrl, key }) => [
    {
      title: 'alertmanager.yml: an Opsgenie receiver that tells Uxbridge',
      language: 'yaml',
      text: `receivers:
  - name: uxbridge
    opsgenie_configs:
      - api_url: ${baseUrl}/
        api_key: ${key}
        message: '{{ or .CommonAnnotations.summary .GroupLabels.alertname }}'
        priority: '{{ if eq .CommonLabels.severity "critical" }}P1{{ else }}P3{{ end }}'
        update_alerts: true
`,
    },
    {
      title: 'Other clients: their API address, and the key as GenieKey',
      language: 'yaml',
      text: `# Where a client asks for the API URL of Opsgenie:
url: ${baseUrl}
# Authorization: GenieKey …
api_key: ${key}
`,
    },
    {
      title: 'An alert by hand; with /v2/alerts/first-light/close?identifierType=alias and {} it ends',
      language: 'shell',
      text: `curl -sS ${baseUrl}/v2/alerts -H 'Authorization: GenieKey ${key}' -H 'Content-Type: application/json' \\
  -d '{"message":"Checkout answers with errors","alias":"first-light","priority":"P1","details":{"service":"checkout"}}'
`,
    },
  ],
}
