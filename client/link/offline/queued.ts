import { z } from 'zod'
import { commandTypes } from '#shared/incident/commands.ts'
import type { CommandInput } from '../command-input.ts'

const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
})

/** What became of a command, for good. `not-sent`: this device will never send it, and the server never had it. */
export const answerSchema = z.object({
  how: z.enum(['done', 'refused', 'not-sent']),
  at: z.number(),
  error: errorBody.nullable(),
})
export type QueueAnswer = z.output<typeof answerSchema>

/** A command as this device keeps it. Instants are epoch ms of this machine. */
export const queuedSchema = z.object({
  id: z.string(),
  /** Whose it is: nobody else's session ever sends it. */
  person: z.string(),
  incident: z.string(),
  type: z.enum(commandTypes as [string, ...string[]]),
  /** Null once it is answered, or once somebody else has signed in here: their words are not left lying about. */
  command: z.record(z.string(), z.unknown()).nullable(),
  askedAt: z.number(),
  /** When it first went out; null: the server cannot have it. */
  sentAt: z.number().nullable(),
  /** When the person said that it be sent although its moment had passed. */
  agreedAt: z.number().nullable(),
  answer: answerSchema.nullable(),
})
export type Queued = z.output<typeof queuedSchema>

export const keyOf = (id: string): string => `command:${id}`

/** What is left of a record that a newer or older version of the app kept in another shape: nothing. */
export function readQueued(entries: ReadonlyMap<string, unknown>): Queued[] {
  return [...entries]
    .filter(([key]) => key.startsWith('command:'))
    .flatMap(([, value]) => {
      const parsed = queuedSchema.safeParse(value)
      return parsed.success ? [parsed.data] : []
    })
    .sort((a, b) => a.askedAt - b.askedAt || (a.id < b.id ? -1 : 1))
}

const minuteMs = 60_000
/** Commands that are about this moment: who asks for one and hears nothing has soon done something else. */
const momentary = new Set<string>(['claim', 'accept', 'confirm', 'take-over', 'offer', 'grant-relief', 'withdraw'])

/** Rule Q4: so long after it was asked for (or agreed to again) a command is not sent without asking. Milliseconds. */
export function lateAfterMs(type: string): number {
  return momentary.has(type) ? 3 * minuteMs : 30 * minuteMs
}

export function isLate({ type, askedAt, agreedAt }: Queued, now: number): boolean {
  return now - (agreedAt ?? askedAt) >= lateAfterMs(type)
}

export function commandOf({ command }: Queued): CommandInput | null {
  return command as CommandInput | null
}
