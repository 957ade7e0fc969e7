import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { roleNameSchema } from '#shared/incident/roles.ts'
import { linkActionSchema } from '#shared/notify/view.ts'
import type { SettingRow, StoredSetting } from '../../../store/port.ts'
import type { LinkClaims } from '../port.ts'

const kind = 'notify-key'
const keySchema = z.strictObject({ key: z.string().regex(/^[0-9a-f]{64}$/) })

/** The key that signs links: sealed, the same for as long as the house stands. @throws UxbridgeError `store-corrupt` */
export function readLinkKey(initial: readonly StoredSetting[]): Uint8Array | null {
  const row = initial.find((one) => one.kind === kind && one.id === 'links')
  if (row === undefined) return null
  const read = keySchema.safeParse(row.personal)
  if (!read.success)
    throw new UxbridgeError('store-corrupt', `The setting ${kind} links cannot be read. Restore a backup.`, {
      row: `${kind} links`,
    })
  return Buffer.from(read.data.key, 'hex')
}

// Not a person’s: sealed the same way, under a key of its own.
export function linkKeyRow(key: Uint8Array): SettingRow {
  return { kind, id: 'links', doc: {}, personal: { personId: kind, value: { key: Buffer.from(key).toString('hex') } } }
}

const said = [z.string().min(1), z.string().min(1), linkActionSchema, z.number().int(), z.number().int()] as const
const claimsSchema = z.union([
  // Links made before roles were offered by one, and before they ended with a password.
  z.tuple([z.literal(1), ...said, z.string().min(8)]),
  z.tuple([z.literal(2), ...said, z.string().min(8), roleNameSchema.nullable(), z.number().int()]),
])

/** Links that work once. */
export interface Links {
  /** The address for a message; the same for the same message, so that one that is sent again says the same. */
  tokenFor(claims: Omit<LinkClaims, 'id'>, messageKey: string): string
  /** @throws UxbridgeError `link-spent` when it is not ours, was cut off, or has ended */
  read(token: string): LinkClaims
}

/**
 * Rule AL1: a link is bound to a person, an incident, an act, the role and the revision of an offer, and a time, and signed
 * with all of it. That it was used is known by the answer that the command room keeps under its id.
 * @param key 32 bytes
 */
export function makeLinks(key: Uint8Array, clock: Clock): Links {
  const sign = (text: string) => createHmac('sha256', key).update(text).digest()
  return {
    tokenFor({ person, incidentId, action, revision, expiresAt, role, epoch }, messageKey) {
      const what = role === null ? [action, revision] : [action, revision, role]
      const name = JSON.stringify(['link', messageKey, person, incidentId, ...what])
      const id = sign(name).subarray(0, 12).toString('base64url')
      const body = Buffer.from(
        JSON.stringify([2, person, incidentId, action, revision, expiresAt, id, role, epoch]),
      ).toString('base64url')
      return `${body}.${sign(body).toString('base64url')}`
    },
    read(token) {
      const [body = '', signature = '', ...more] = token.split('.')
      const expected = sign(body)
      const given = Buffer.from(signature, 'base64url')
      const isOurs = more.length === 0 && given.length === expected.length && timingSafeEqual(given, expected)
      const parsed = isOurs ? claimsSchema.safeParse(jsonOf(body)) : null
      if (parsed?.success !== true)
        throw new UxbridgeError(
          'link-spent',
          'This link is not whole. Open it from the message itself, or open the board and do it there.',
        )
      const [, person, incidentId, action, revision, expiresAt, id, role = null, epoch = 0] = parsed.data
      if (clock.now() >= expiresAt)
        throw new UxbridgeError(
          'link-spent',
          `This link ended at ${new Date(expiresAt).toISOString().slice(0, 16).replace('T', ' ')} UTC. Open the board to see how ${incidentId} stands.`,
          { incident: incidentId },
        )
      return { person, incidentId, action, revision, expiresAt, id, role, epoch }
    },
  }
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString())
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
