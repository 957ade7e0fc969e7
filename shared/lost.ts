import { z } from 'zod'
import { instant, personRef } from './wire.ts'

/** Lost property: what could not be read of an accepted request, without its bytes. */
export const lostViewSchema = z.strictObject({
  id: z.string().describe('Position of the request in the log, and number of the (first) member in it: `184.3`'),
  source: z.strictObject({ id: z.string(), name: z.string(), kind: z.string().nullable() }),
  receivedAt: instant,
  reason: z.string(),
  count: z.number().describe('How many members it stands for'),
  members: z.string().describe('`*` = the request as a whole; else their numbers, such as `3` or `20-41,57`'),
  state: z.enum(['lost', 'found', 'discarded']),
  changedAt: instant.nullable().describe('When it was last tried, found or discarded'),
  changedBy: personRef.nullable(),
  tries: z.number().describe('How often it was tried in vain'),
  expiresAt: instant.describe('Removed after this'),
})
export type LostView = z.output<typeof lostViewSchema>

/** The request that lost property was in, or its beginning. */
export const lostBytesSchema = z.strictObject({
  size: z.number().describe('Bytes of the whole request'),
  shown: z.number().describe('Bytes of it that are here, from its beginning'),
  text: z.string().nullable().describe('Where it is UTF-8 and only looked at; null otherwise'),
  base64: z.string().nullable().describe('Where it is no text, or is wanted whole'),
  member: z.string().nullable().describe('The member alone, as it stands in the request, where it can be told apart'),
  adapter: z.string().describe('How it was read'),
  method: z.string(),
  path: z.string(),
  query: z.string(),
  contentType: z.string(),
  headers: z.record(z.string(), z.string()).describe('Those that its reading depends on'),
})
export type LostBytesView = z.output<typeof lostBytesSchema>
