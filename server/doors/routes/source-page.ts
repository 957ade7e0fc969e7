import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { outcomes } from '#shared/outcome.ts'
import { commonSettings } from '#shared/source.ts'
import { sourcePageSchema, troublesSchema } from '#shared/wire.ts'
import type { Source } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import { pageTests, settingsFor, type Troubles, testRequest } from '../../intake/index.ts'
import type { Adapter, Sample, SourceKind } from '../../intake/port.ts'
import { idParams, iso, type Route, route, signedIn } from './route.ts'
import { kindView, type SourceRouteParts, sourceViews } from './sources.ts'

export interface SourcePageParts extends SourceRouteParts {
  commandRoom: Pick<CommandRoom, 'receive' | 'record' | 'lost'>
  /** What came to nothing of a source; null: of nobody we know. */
  troublesOf(sourceId: string | null): Troubles
  now: () => number
}

/** Stands where the key belongs, which is known only when it is made. Plain enough for addresses and shells. */
const keyPlace = 'PASTE-THE-KEY-HERE'
const tag = 'Sources'

/** What the page of one source shows and does, besides keys and settings. */
export function sourcePageRoutes(parts: SourcePageParts): Route[] {
  const { access, picture, kinds, commandRoom, troublesOf, now } = parts
  const { view, connectionOf } = sourceViews(parts)
  const kindOf = (source: Source): SourceKind | undefined => kinds.find(({ kind }) => kind === source.kind)
  function require(id: string): Source {
    const source = access.sources.get(id)
    if (source === undefined)
      throw new UxbridgeError('not-found', 'There is no such source. Look in the list of sources.')
    return source
  }

  return [
    route({
      method: 'get',
      path: '/api/sources/:id',
      action: 'source.read',
      tag,
      summary: 'One source: how to connect it, what came in, and what came to nothing and why',
      params: idParams,
      answer: sourcePageSchema,
      run: (call) => {
        const source = require(call.params.id)
        return {
          source: view(source),
          kind: kindView(kindOf(source), source.kind),
          commonSettings: [...commonSettings],
          keyPlace,
          ...connectionOf(source, keyPlace, null),
          minutes: picture.minutes(source.id),
          firing: picture.firingOf(source.id, signedIn(call).actor),
          troubles: troublesView(troublesOf(source.id)),
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/strangers',
      action: 'source.read',
      tag,
      summary: 'Requests that were refused at the doors for events and belong to no source',
      answer: troublesSchema,
      run: () => troublesView(troublesOf(null)),
    }),
    route({
      method: 'post',
      path: '/api/sources/:id/test',
      action: 'source.manage',
      tag,
      summary: 'Send a test event as the source would; it is recorded, and never opens an incident',
      params: idParams,
      body: z.strictObject({}),
      answer: z.strictObject({
        sent: z.strictObject({ contentType: z.string(), body: z.string() }),
        answer: z
          .strictObject({ status: z.number(), body: z.unknown() })
          .describe('What a sender would have got back for it'),
        events: z.array(
          z.strictObject({
            title: z.string(),
            outcome: z.enum(outcomes),
            stage: z.string(),
            rule: z.string(),
            reason: z.string(),
            incidentId: z.string().nullable(),
          }),
        ),
      }),
      // Rule K2: through the filter and the record as everything is, marked as a test.
      run: async ({ who, params }) => {
        const source = require(params.id)
        const { adapter, sample } = sampleOf(kindOf(source), source)
        const settings = adapter === null ? {} : settingsFor(adapter, source)
        const raw = testRequest(adapter, sample, { settings, receivedAt: now() })
        const reading = pageTests.parse(raw)
        const { decisions } = await commandRoom.receive(source, pageTests, raw, reading)
        await commandRoom.record({ ...who, action: 'source.test', subject: source.id, outcome: 'done' })
        return {
          sent: { contentType: sample.contentType ?? 'application/json', body: sample.body },
          answer: { status: reading.answer.status, body: textBody(reading.answer.body) },
          events: decisions.map(({ index, outcome, stage, rule, reason, incidentId }) => ({
            title: reading.events[index]?.title ?? '',
            ...{ outcome, stage, rule, reason, incidentId },
          })),
        }
      },
    }),
  ]
}

/** The kind's own sample with the adapter that reads it, or a plain one that nothing has to read. */
function sampleOf(kind: SourceKind | undefined, { name }: Source): { adapter: Adapter | null; sample: Sample } {
  const { sample } = kind ?? {}
  const adapter = kind?.adapters.find(({ door }) => door === (sample?.door ?? 'intake'))
  if (sample !== undefined && adapter !== undefined) return { adapter, sample }
  return { adapter: null, sample: { contentType: 'text/plain', body: `A test from the page of ${name}` } }
}

/** Null where there is none, or one that is no text. */
function textBody(body: unknown): unknown {
  return body === undefined || body instanceof Uint8Array ? null : body
}

function troublesView({ sinceAt, refused, unreadable, others }: Troubles): z.input<typeof troublesSchema> {
  return {
    since: iso(sinceAt),
    refused: refused.map(({ status, reason, count, lastAt }) => ({ status, reason, count, lastAt: iso(lastAt) })),
    unreadable: unreadable.map(({ reason, count, lastAt }) => ({ reason, count, lastAt: iso(lastAt) })),
    others,
  }
}
