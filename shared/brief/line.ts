import { z } from 'zod'

/**
 * Bytes of one edit, and of a whole document. A full brief is some 12 KB; what was typed and taken out again in thousands of different
 * places leaves some 20 bytes for each of them.
 */
export const longestEditBytes = 32 * 1024
export const longestDraftBytes = 384 * 1024
/** Pages that may be in one draft at once. */
export const mostInDraft = 40

const incident = z.string().min(1).max(40)
/** Yjs updates and state vectors: bytes, as socket.io brings them on either side. */
const bytes = (most: number) =>
  z
    .custom<Uint8Array | ArrayBuffer>(
      (value) => value instanceof Uint8Array || value instanceof ArrayBuffer,
      'must be bytes',
    )
    .transform((value) => (value instanceof Uint8Array ? value : new Uint8Array(value)))
    .refine((value) => value.byteLength <= most, `must be at most ${most} bytes`)
const instant = z.iso.datetime({ precision: 3 })

/** Who is in a draft: one entry for each page, so that two windows of a person are two. */
export const draftPersonSchema = z.strictObject({
  key: z.string(),
  id: z.string(),
  name: z.string(),
  field: z.string().nullable().describe('Where the page’s cursor is: `situation`, or the id of a row'),
})
export type DraftPerson = z.output<typeof draftPersonSchema>

/** The socket's `draft-join`: enters the brief that is being written. `vector` says what this page has of it. */
export const draftJoinSchema = z.strictObject({ incident, vector: bytes(16 * 1024).optional() })
/** Answer: what the page misses, and what the server has, by which the page knows what to send. */
export const draftJoinedSchema = z.strictObject({
  me: z.string().describe('The key of this page'),
  update: bytes(longestDraftBytes * 2),
  vector: bytes(64 * 1024),
  people: z.array(draftPersonSchema),
  changedAt: instant,
})
export type DraftJoined = z.output<typeof draftJoinedSchema>
/** `draft-edit`: answered once it is durable. */
export const draftEditSchema = z.strictObject({ incident, update: bytes(longestEditBytes) })
/** `draft-at`: where the cursor is; null: nowhere in it. */
export const draftAtSchema = z.strictObject({ incident, field: z.string().max(64).nullable() })
export const draftLeaveSchema = z.strictObject({ incident })

/** The server's `draft`: an edit of somebody else, or who is in it now. */
export const draftToldSchema = z.union([
  z.strictObject({ incident, update: bytes(longestDraftBytes), changedAt: instant }),
  z.strictObject({ incident, people: z.array(draftPersonSchema) }),
])
export type DraftTold = z.output<typeof draftToldSchema>
