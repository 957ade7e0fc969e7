import { z } from 'zod'
import { sharedChannelKindSchema } from '#shared/notify/channels.ts'
import { settingsSchema } from '#shared/source.ts'
import { corruptSetting, type SettingRow, type StoredSetting } from '../../../store/port.ts'
import type { PushKeys } from './ways/web-push.ts'

const instant = z.number().int()

/** Kinds of row of the settings that are this folder's. */
export const rowKinds = { channel: 'channel', deliveries: 'channel-deliveries', pushKeys: 'push-keys' } as const

const channelDoc = z.strictObject({
  kind: sharedChannelKindSchema,
  name: z.string(),
  createdAt: instant,
  paused: z.strictObject({ at: instant, by: z.string(), why: z.string() }).nullable(),
})

/** Addresses, tokens and signing secrets: not a person's, but sealed the same way, under a key of the channel's own. */
const channelSealed = z.strictObject({
  settings: settingsSchema,
  signing: z.array(z.strictObject({ secret: z.string(), createdAt: instant, endsAt: instant.nullable() })),
})

const deliveriesDoc = z.strictObject({
  delivered: z.number().int(),
  failed: z.number().int(),
  inARow: z.number().int(),
  lastAt: instant.nullable(),
  tookMs: z.number().nullable(),
  lastFailure: z.strictObject({ at: instant, says: z.string(), answered: z.string().nullable() }).nullable(),
})

const pushSealed = z.strictObject({ publicKey: z.string(), privateKey: z.string() })

export type ChannelRecord = { id: string } & z.output<typeof channelDoc> & z.output<typeof channelSealed>
export type Deliveries = z.output<typeof deliveriesDoc>

export const noDeliveries: Deliveries = {
  delivered: 0,
  failed: 0,
  inARow: 0,
  lastAt: null,
  tookMs: null,
  lastFailure: null,
}

/** @throws UxbridgeError `store-corrupt` that names the row */
export function readChannel(row: StoredSetting): ChannelRecord {
  return { id: row.id, ...parsed(channelDoc, row, row.doc), ...parsed(channelSealed, row, row.personal) }
}

export function channelRow({ id, settings, signing, ...doc }: ChannelRecord): SettingRow {
  return { kind: rowKinds.channel, id, doc, personal: { personId: `channel:${id}`, value: { settings, signing } } }
}

/** @throws UxbridgeError `store-corrupt` that names the row */
export const readDeliveries = (row: StoredSetting): Deliveries => parsed(deliveriesDoc, row, row.doc)

export const deliveriesRow = (id: string, doc: Deliveries): SettingRow => ({ kind: rowKinds.deliveries, id, doc })

/** @throws UxbridgeError `store-corrupt` that names the row */
export const readPushKeys = (row: StoredSetting): PushKeys => parsed(pushSealed, row, row.personal)

export function pushKeysRow(keys: PushKeys, createdAt: number): SettingRow {
  return {
    kind: rowKinds.pushKeys,
    id: 'vapid',
    doc: { createdAt },
    personal: { personId: 'push-keys', value: keys },
  }
}

function parsed<T>(schema: z.ZodType<T>, { kind, id }: StoredSetting, value: unknown): T {
  const { data, error } = schema.safeParse(value)
  if (error === undefined) return data as T
  throw corruptSetting(kind, id, error)
}
