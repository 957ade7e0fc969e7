import { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { intentSchema, type Recipient } from '#shared/notify/intent.ts'
import { type SwapsTold, swapIntentSchema, swapsToldSchema } from '#shared/notify/swap.ts'
import { outcomeSchema } from '#shared/notify/view.ts'
import type { SettingRow, StoredSetting } from '../../store/port.ts'

const instant = z.number().int()

/**
 * One intent on one of the ways to its recipient. Its key is its identity: fact, recipient, way. A message carries the
 * key of its first one to the other side, the same however often it is sent.
 */
const going = {
  key: z.string().min(1),
  /** Kind of a person’s way, or the id of a shared channel: as the fact `notified` has it. */
  channel: z.string().min(1),
  /** Epoch ms: quiet until then. */
  notBefore: instant,
}
const ofIncidentSchema = intentSchema.extend(going)
const ofSwapSchema = swapIntentSchema.extend(going)
const deliverySchema = z.union([ofIncidentSchema, ofSwapSchema])
export type OfIncident = z.output<typeof ofIncidentSchema>
export type OfSwap = z.output<typeof ofSwapSchema>
export type Delivery = z.output<typeof deliverySchema>

/** Deliveries that go as one. */
const messageSchema = z.strictObject({
  at: instant,
  /** Tries that failed for certain. */
  attempt: z.number().int(),
  nextAt: instant,
  deliveries: z.array(deliverySchema).min(1),
})
export type Pending = z.output<typeof messageSchema> & { key: string }

const recentSchema = z.strictObject({
  at: instant,
  /** Null: of a shift that is offered. */
  incidentId: z.string().nullable(),
  reason: intentSchema.shape.reason,
  person: z.string().nullable(),
  channel: z.string(),
  outcome: outcomeSchema,
  detail: z.string(),
})
export type Recent = z.output<typeof recentSchema>

/** How far the journal was read, and what is remembered of what was sent. */
const cursorSchema = z.strictObject({
  seq: z.number().int(),
  /** Of exercises, ever. */
  heldBack: z.number().int(),
  /** When each address last had a message, and how many came close together before it. */
  lanes: z.array(z.tuple([z.string(), instant, z.number().int()])),
  /** The process that wrote last. */
  node: z.string().optional(),
})
export type Cursor = z.output<typeof cursorSchema>

/** What this room keeps in the settings. Ids and numbers only: names, addresses and words are read when it is sent. */
const kinds = {
  'notify-cursor': cursorSchema,
  'notify-waiting': deliverySchema,
  'notify-message': messageSchema,
  'notify-recent': z.array(recentSchema),
  'notify-swaps': swapsToldSchema,
} as const
export const rowKinds = Object.keys(kinds)

export const cursorRow = (cursor: Cursor): SettingRow => ({ kind: 'notify-cursor', id: 'journal', doc: cursor })
export const waitingRow = (delivery: Delivery): SettingRow => ({
  kind: 'notify-waiting',
  id: delivery.key,
  doc: delivery,
})
export const messageRow = ({ key, ...doc }: Pending): SettingRow => ({ kind: 'notify-message', id: key, doc })
export const swapsRow = (told: SwapsTold): SettingRow => ({ kind: 'notify-swaps', id: 'all', doc: told })
export const recentRow = (recent: readonly Recent[]): SettingRow => ({ kind: 'notify-recent', id: 'all', doc: recent })

/** What the settings hold of this room. @throws UxbridgeError `store-corrupt` that names a row that cannot be read */
export function readRows(rows: readonly StoredSetting[]) {
  const found = {
    cursor: null as Cursor | null,
    waiting: [] as Delivery[],
    messages: [] as Pending[],
    recent: [] as Recent[],
    swaps: null as SwapsTold | null,
  }
  for (const { kind, id, doc } of rows) {
    if (!(kind in kinds)) continue
    const read = kinds[kind as keyof typeof kinds].safeParse(doc)
    if (!read.success)
      throw new UxbridgeError('store-corrupt', `The setting ${kind} ${id} cannot be read. Restore a backup.`, {
        row: `${kind} ${id}`,
      })
    if (kind === 'notify-cursor') found.cursor = read.data as Cursor
    else if (kind === 'notify-waiting') found.waiting.push(read.data as Delivery)
    else if (kind === 'notify-message') found.messages.push({ key: id, ...(read.data as Omit<Pending, 'key'>) })
    else if (kind === 'notify-swaps') found.swaps = read.data as SwapsTold
    else found.recent = read.data as Recent[]
  }
  return found
}

/** An address, as far as grouping goes. */
export function laneOf(to: Recipient, channel: string): string {
  return 'person' in to ? `${to.person}/${channel}` : `/${channel}`
}
