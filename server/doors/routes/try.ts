import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { type Event, severitySchema } from '#shared/event.ts'
import type { Mapping } from '#shared/mapping/language.ts'
import type { Access } from '../../access/port.ts'
import { settingsFor } from '../../intake/index.ts'
import type { Adapter, RawRequest, Reading, SourceKind, VendorAnswer } from '../../intake/port.ts'
import { type PolicyProblem, readMappingText } from '../../policy/index.ts'
import { idParams, iso, isoOrNull, type Route, route } from './route.ts'

/** So many of the events are shown; the count says how many there are. */
const eventsShown = 200
const bodyLength = 200_000

const eventSchema = z.strictObject({
  kind: z.enum(['alert', 'change', 'heartbeat', 'log', 'report', 'test']),
  status: z.enum(['firing', 'acknowledged', 'resolved']),
  key: z.string().describe('The condition: the same from its beginning to its end'),
  severity: severitySchema,
  severityRaw: z.string().describe('The sender’s own word; empty: it said none'),
  title: z.string(),
  description: z.string(),
  startsAt: z.string(),
  endsAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  service: z.string().nullable(),
  group: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  links: z.array(z.strictObject({ href: z.string(), text: z.string() })),
})

export interface TryRouteParts {
  access: Access
  kinds: readonly SourceKind[]
  now: () => number
}

/** Rule T1: a sample is read as a request of the source would be, by the same adapter, and nothing of it is kept. */
export function tryRoutes({ access, kinds, now }: TryRouteParts): Route[] {
  return [
    route({
      method: 'post',
      path: '/api/sources/:id/try',
      action: 'source.manage',
      tag: 'Sources',
      summary: 'Read a pasted sample as a request of this source; nothing is kept',
      params: idParams,
      body: z.strictObject({
        body: z.string().max(bodyLength).describe('The body as the vendor sends it'),
        contentType: z.string().max(200).default('application/json'),
        headers: z
          .record(z.string().max(80), z.string().max(4096))
          .default({})
          .describe('Those that its adapter reads count, such as x-github-event'),
        mapping: z
          .string()
          .max(20_000)
          .optional()
          .describe('A mapping that stands in no policy yet, as YAML or JSON; for kinds that take one'),
        door: z.string().max(40).optional().describe('For kinds that come in at several; without: the first'),
      }),
      answer: z.strictObject({
        events: z.array(eventSchema).describe(`The first ${eventsShown}`),
        count: z.number().describe('How many events it holds'),
        unreadable: z.array(z.strictObject({ index: z.number(), reason: z.string() })),
        kept: z.boolean().describe('False: such a request says nothing that would be kept'),
        answer: z.strictObject({ status: z.number(), body: z.unknown() }).describe('What the sender would get back'),
      }),
      run: ({ params, body: sample }) => {
        const source = access.sources.get(params.id)
        if (source === undefined)
          throw new UxbridgeError('not-found', 'There is no such source. Look in the list of sources.')
        const adapter = adapterAt(kinds.find(({ kind }) => kind === source.kind)?.adapters ?? [], sample.door)
        const wanted = Object.entries(sample.headers).map(([name, value]) => [name.toLowerCase(), value] as const)
        const raw: RawRequest = {
          body: Buffer.from(sample.body),
          contentType: sample.contentType,
          method: 'POST',
          path: '',
          query: '',
          headers: Object.fromEntries(wanted.filter(([name]) => isRead(adapter, name))),
          settings: settingsFor(adapter, source),
          receivedAt: now(),
          ...(sample.mapping === undefined ? {} : { mapping: mappingIn(sample.mapping, adapter) }),
        }
        return shown(readAs(adapter, raw))
      },
    }),
  ]
}

function adapterAt(adapters: readonly Adapter[], door: string | undefined): Adapter {
  const found = adapters.find((adapter) => door === undefined || adapter.door === door)
  if (found !== undefined) return found
  const doors = adapters.map((adapter) => adapter.door).join(', ')
  const message = doors === '' ? 'this kind of source is not read by this version' : `must be one of ${doors}`
  throw new UxbridgeError('fields-invalid', `The sample cannot be tried: ${message}.`, {
    fields: [{ path: 'door', message }],
  })
}

/** @throws UxbridgeError `fields-invalid` with the line of each problem */
function mappingIn(text: string, adapter: Adapter): Mapping {
  if (!adapter.uses?.includes('mapping'))
    throw new UxbridgeError('fields-invalid', 'Sources of this kind are read as they are; leave the mapping out.', {
      fields: [{ path: 'mapping', message: 'this kind takes none' }],
    })
  try {
    return readMappingText(text)
  } catch (error) {
    if (!(error instanceof UxbridgeError) || error.code !== 'policy-invalid') throw error
    const problems = error.details?.problems as PolicyProblem[]
    const fields = problems.map(({ line, path, message }) => ({
      path: 'mapping',
      message: `${line === null ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}`,
    }))
    throw new UxbridgeError('fields-invalid', `Correct the mapping: ${fields[0]?.message ?? ''}.`, { fields })
  }
}

function isRead({ reads = [] }: Adapter, header: string): boolean {
  return reads.some((name) => (name.endsWith('*') ? header.startsWith(name.slice(0, -1)) : name === header))
}

/** As the door does it: the media type first. */
function readAs(adapter: Adapter, raw: RawRequest): Reading {
  const mediaType = raw.contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (mediaType === '' || adapter.mediaTypes === null || adapter.mediaTypes.includes(mediaType))
    return adapter.parse(raw)
  const says = `unsupported media type "${mediaType.slice(0, 80)}", only [${adapter.mediaTypes.join(' ')}] are allowed`
  return { events: [], unreadable: [], answer: adapter.refuse(415, says), keep: false }
}

function shown({ events, unreadable, answer, keep }: Reading) {
  return {
    events: events.slice(0, eventsShown).map(eventView),
    count: events.length,
    unreadable: unreadable.map(({ index, reason }) => ({ index, reason })),
    kept: keep,
    answer: { status: answer.status, body: bodyOf(answer) },
  }
}

/** Null where the answer has none, or one that is no text. */
function bodyOf({ body }: VendorAnswer): unknown {
  return body === undefined || body instanceof Uint8Array ? null : body
}

function eventView(event: Event): z.input<typeof eventSchema> {
  const { kind, status, severity, severityRaw, title, description, service } = event
  return {
    ...{ kind, status, key: event.dedupKey, severity, severityRaw, title, description },
    startsAt: iso(event.startsAt),
    endsAt: isoOrNull(event.endsAt),
    expiresAt: isoOrNull(event.expiresAt),
    ...{ service, group: event.groupKey },
    labels: { ...event.labels },
    annotations: { ...event.annotations },
    links: event.links.map(({ href, text }) => ({ href, text })),
  }
}
