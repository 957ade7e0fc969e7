import { z } from 'zod'
import { hourMs } from '#shared/clocks.ts'
import { severitySchema } from '#shared/event.ts'
import { commonSettings, settingFieldSchema } from '#shared/source.ts'
import { type SourceView, sourceKindSchema, sourceViewSchema } from '#shared/wire.ts'
import type { Access, Source } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { Listening } from '../../intake/index.ts'
import type { SourceKind } from '../../intake/port.ts'
import type { Picture } from '../../picture/port.ts'
import { idParams, iso, isoOrNull, type Route, route } from './route.ts'

const tag = 'Sources'
const name = z.string().trim().min(1).max(80)
const snippet = z.strictObject({
  title: z.string(),
  language: z.enum(['yaml', 'shell', 'json', 'text']),
  text: z.string(),
})
const keyAnswer = z.strictObject({
  source: sourceViewSchema,
  key: z.string().describe('Shown once'),
  secret: z.string().nullable().describe('For signatures, where this kind has one of ours; shown once'),
  url: z.string().describe('Where this source sends to'),
  connect: z.array(snippet).describe('Ready-to-paste configuration with this key in it'),
})

/** Checked against the fields of the source's kind, with the path of each wrong one. */
const settingsBody = z.record(z.string().max(40), z.unknown()).describe('By the names in `settings` of its kind')

export interface SourceRouteParts {
  access: Access
  commandRoom: Pick<CommandRoom, 'lost'>
  picture: Picture
  kinds: readonly SourceKind[]
  baseUrl: () => string
  /** How it stands with a source's own door; null for a kind that has none. */
  listening(sourceId: string): Listening | null
}

/** How sources and their connections are shown. */
export function sourceViews({ access, commandRoom, picture, kinds, baseUrl, listening }: SourceRouteParts) {
  function view(source: Source): SourceView {
    const { id, kind, name, createdAt, defaultSeverity, settings } = source
    const vitals = picture.vitals(id) ?? { id, name, kind, heardAt: null, cadenceMs: null, perMinute: 0 }
    const expected = picture.expected(id)
    return {
      id,
      kind,
      name,
      createdAt: iso(createdAt),
      defaultSeverity,
      settings: { ...settings },
      secretSettings: Object.keys(access.sources.secretsFor(id)),
      keys: access.sources.keysOf(id).map((key) => ({
        id: key.id,
        prefix: key.prefix,
        createdAt: iso(key.createdAt),
        lastUsedAt: isoOrNull(key.lastUsedAt),
        endsAt: isoOrNull(key.endsAt),
        revokedAt: isoOrNull(key.revokedAt),
      })),
      secretSetAt: isoOrNull(access.sources.secretSetAt(id)),
      listening: listening(id),
      silentSince: isoOrNull(expected.silentSince),
      expectedBy: isoOrNull(expected.by),
      vitals: { ...vitals, name },
      lastHour: picture.lastHour(id),
      lost: commandRoom.lost.waiting(id),
    }
  }
  /** Where it sends to, and what to paste there. */
  function connectionOf(source: Source, key: string, secret: string | null) {
    const { id: sourceId, settings } = source
    const kind = kinds.find((known) => known.kind === source.kind)
    const connect = kind?.connect({ baseUrl: baseUrl(), key, sourceId, secret, settings }) ?? []
    // A door of its own has no address of ours: its settings say where it is.
    const url = kind?.listen === undefined ? (addressIn(connect) ?? `${baseUrl()}/intake/${sourceId}`) : ''
    return { url, connect }
  }
  /** The first of our addresses that the ready-to-paste configuration names: the one its clients will use. */
  function addressIn(connect: readonly { text: string }[]): string | null {
    const text = connect.map((each) => each.text).join('\n')
    const start = text.indexOf(`${baseUrl()}/`)
    return start === -1 ? null : (/^[\w:/.@[\]-]+/.exec(text.slice(start))?.[0] ?? null)
  }
  return { view, connectionOf }
}

/** A kind as it is shown; also one that only a later version knows. */
export function kindView(known: SourceKind | undefined, kind: string): z.input<typeof sourceKindSchema> {
  const { title = kind, signs = null, settings = [], adapters = [], sample } = known ?? {}
  const usual = sample?.door ?? 'intake'
  const doors = adapters.map(({ door }) => door).filter((door) => door !== 'listener')
  doors.sort((a, b) => Number(b === usual) - Number(a === usual))
  return { kind, title, signs, settings: [...settings], doors }
}

export function sourceRoutes(parts: SourceRouteParts): Route[] {
  const { access, kinds } = parts
  const { view, connectionOf } = sourceViews(parts)
  const withKey = ({ source, key, secret = null }: { source: Source; key: string; secret?: string | null }) => ({
    source: view(source),
    key,
    secret,
    ...connectionOf(source, key, secret),
  })
  const require = (id: string) => access.sources.get(id)

  return [
    route({
      method: 'get',
      path: '/api/sources',
      action: 'source.read',
      tag,
      summary: 'Sources with their age, rate and the beginnings of their keys',
      answer: z.strictObject({
        sources: z.array(sourceViewSchema),
        kinds: z.array(sourceKindSchema),
        commonSettings: z.array(settingFieldSchema).describe('What can be set for every source'),
      }),
      run: () => ({
        sources: access.sources.list().map(view),
        kinds: kinds.map((kind) => kindView(kind, kind.kind)),
        commonSettings: [...commonSettings],
      }),
    }),
    route({
      method: 'post',
      path: '/api/sources',
      action: 'source.manage',
      tag,
      summary: 'Add a source; the answer has its key, once',
      body: z.strictObject({
        kind: z.string().min(1).max(40),
        name,
        defaultSeverity: severitySchema.nullable().optional(),
        settings: settingsBody.optional(),
      }),
      answer: keyAnswer,
      status: 201,
      run: async ({ who, body }) => withKey(await access.sources.add(who, body)),
    }),
    route({
      method: 'patch',
      path: '/api/sources/:id',
      action: 'source.manage',
      tag,
      summary: 'Rename a source, or change its settings; those that are not named stay, null takes one away',
      params: idParams,
      body: z.strictObject({
        name: name.optional(),
        defaultSeverity: severitySchema.nullable().optional(),
        settings: settingsBody.optional(),
      }),
      answer: sourceViewSchema,
      run: async ({ who, params, body }) => view(await access.sources.change(who, params.id, body)),
    }),
    route({
      method: 'post',
      path: '/api/sources/:id/rotate',
      action: 'source.manage',
      tag,
      summary: 'A second key; the one before works a day longer, or as long as you say',
      params: idParams,
      body: z.strictObject({
        oldEndsInMs: z
          .number()
          .int()
          .min(0)
          .max(30 * 24 * hourMs)
          .default(24 * hourMs),
      }),
      answer: keyAnswer,
      status: 201,
      run: async ({ who, params, body }) => withKey(await access.sources.rotate(who, params.id, body.oldEndsInMs)),
    }),
    route({
      method: 'post',
      path: '/api/sources/:id/secret',
      action: 'source.manage',
      tag,
      summary:
        'Set the secret that signatures are made with; the one before counts a day longer, or as long as you say',
      params: idParams,
      body: z.strictObject({
        secret: z.string().min(8).max(1000).optional().describe('The vendor’s; without: a new one of ours'),
        oldEndsInMs: z
          .number()
          .int()
          .min(0)
          .max(30 * 24 * hourMs)
          .default(24 * hourMs),
      }),
      answer: z.strictObject({ secret: z.string().nullable().describe('Shown once, where it is ours') }),
      run: async ({ who, params, body }) => ({
        secret: await access.sources.setSecret(who, params.id, body.secret ?? null, body.oldEndsInMs),
      }),
    }),
    route({
      method: 'delete',
      path: '/api/sources/:id/secret',
      action: 'source.manage',
      tag,
      summary: 'End the signing secrets at once: what is signed with them is refused from now on',
      params: idParams,
      answer: null,
      run: async ({ who, params }) => {
        await access.sources.endSecrets(who, params.id)
        return undefined
      },
    }),
    route({
      method: 'post',
      path: '/api/sources/:id/revoke',
      action: 'source.manage',
      tag,
      summary: 'End one key at once, or all of the source’s',
      params: idParams,
      body: z.strictObject({ key: z.string().min(1).max(80).optional().describe('Id of the key; without: all') }),
      answer: z.strictObject({ source: sourceViewSchema.nullable() }),
      run: async ({ who, params, body }) => {
        await access.sources.revoke(who, params.id, body.key ?? null)
        const source = require(params.id)
        return { source: source === undefined ? null : view(source) }
      },
    }),
  ]
}
