import { z } from 'zod'
import { personRoles, roles, scopes } from '#shared/access.ts'
import { severitySchema } from '#shared/event.ts'
import { settingsSchema } from '#shared/source.ts'
import { corruptSetting, type SettingRow, type StoredSetting } from '../store/port.ts'

const instant = z.number().int()
const id = z.string().min(1)

/**
 * What this room keeps in the settings, by kind. `doc` is plain; `personal` is encrypted under the person's own key and
 * gone when they are erased. This list is the inventory of what is remembered about people here.
 */
const kinds = {
  person: {
    doc: z.strictObject({
      roles: z.array(z.enum(personRoles)),
      disabled: z.boolean(),
      createdAt: instant,
      /** How often everything that the person had open was ended; absent: never. */
      epoch: z.number().int().optional(),
    }),
    personal: z.strictObject({ name: z.string(), email: z.string() }),
  },
  credential: {
    doc: z.strictObject({ changedAt: instant }),
    personal: z.strictObject({
      algorithm: z.literal('argon2id'),
      memoryKiB: z.number().int(),
      passes: z.number().int(),
      parallelism: z.number().int(),
      salt: z.string(),
      hash: z.string(),
    }),
  },
  session: {
    doc: z.strictObject({ personId: id, digest: id, createdAt: instant, lastSeenAt: instant, expiresAt: instant }),
    personal: z.strictObject({ address: z.string().nullable(), agent: z.string() }),
  },
  link: {
    doc: z.strictObject({
      purpose: z.enum(['setup', 'invitation', 'reset']),
      digest: id,
      personId: id.nullable(),
      createdAt: instant,
      expiresAt: instant,
    }),
    personal: z.null(),
  },
  source: {
    doc: z.strictObject({
      kind: z.string(),
      name: z.string(),
      group: z.string(),
      defaultSeverity: severitySchema.nullable(),
      settings: settingsSchema,
      createdAt: instant,
    }),
    personal: z.null(),
  },
  /** The secret settings of a source, by name. Not a person's: sealed the same way, under a key of the source's own. */
  'setting-secrets': {
    doc: z.strictObject({ names: z.array(z.string()) }),
    personal: z.record(z.string(), z.string()),
  },
  key: {
    doc: z.strictObject({
      sourceId: id,
      digest: id,
      prefix: z.string(),
      createdAt: instant,
      lastUsedAt: instant.nullable(),
      endsAt: instant.nullable(),
      revokedAt: instant.nullable(),
    }),
    personal: z.null(),
  },
  secret: {
    doc: z.strictObject({ sourceId: id, createdAt: instant, endsAt: instant.nullable() }),
    // Not a person's: sealed the same way, under a key of the source's own.
    personal: z.strictObject({ secret: z.string() }),
  },
  token: {
    doc: z.strictObject({
      name: z.string(),
      digest: id,
      prefix: z.string(),
      personId: id.nullable(),
      role: z.enum(roles).nullable(),
      scopes: z.array(z.enum(scopes)).optional(),
      createdAt: instant,
      createdBy: z.string(),
      expiresAt: instant.nullable(),
      lastUsedAt: instant.nullable(),
      revokedAt: instant.nullable(),
    }),
    personal: z.null(),
  },
} as const

export type RecordKind = keyof typeof kinds
export const recordKinds = Object.keys(kinds) as RecordKind[]
type Doc<K extends RecordKind> = z.output<(typeof kinds)[K]['doc']>
type Personal<K extends RecordKind> = z.output<(typeof kinds)[K]['personal']>

/** One record: its plain part, and its personal part, which is null when there is none or the person was erased. */
export interface AccessRecord<K extends RecordKind> {
  id: string
  doc: Doc<K>
  personal: Personal<K> | null
}
export type AnyRecord = { [K in RecordKind]: { kind: K } & AccessRecord<K> }[RecordKind]

/** Whose key encrypts the personal part. */
function personOf(record: AnyRecord): string | null {
  if (record.kind === 'person' || record.kind === 'credential' || record.kind === 'setting-secrets') return record.id
  if (record.kind === 'secret') return record.doc.sourceId
  return record.kind === 'session' ? record.doc.personId : null
}

export function toRow(record: AnyRecord): SettingRow {
  const { kind, id, doc, personal } = record
  const personId = personOf(record)
  return { kind, id, doc, personal: personId === null || personal === null ? null : { personId, value: personal } }
}

/**
 * @returns null for a kind that is another room's
 * @throws UxbridgeError `store-corrupt` that names the row
 */
export function fromRow(row: StoredSetting): AnyRecord | null {
  if (!(recordKinds as string[]).includes(row.kind)) return null
  const kind = row.kind as RecordKind
  const doc = kinds[kind].doc.safeParse(row.doc)
  const personal = kinds[kind].personal.nullable().safeParse(row.personal)
  const error = doc.error ?? personal.error
  if (error !== undefined) throw corruptSetting(kind, row.id, error)
  return { kind, id: row.id, doc: doc.data, personal: personal.data } as AnyRecord
}
