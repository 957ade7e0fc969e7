import { z } from 'zod'
import { type ErrorBody, type ErrorCode, errorTable } from '#shared/errors.ts'
import { type CommandAnswer, commandAnswerSchema } from '#shared/wire.ts'
import type { CommandInput } from './command-input.ts'
import type { LinkClock } from './transport.ts'

/** No answer for so long: the same command, with the same id, goes out again. The server acts on it once. */
const resendAfterMs = 6_000
const notReadyRetryMs = 1_000

export type CommandOutcome = ({ ok: true } & CommandAnswer) | { ok: false; error: ErrorBody }

export interface WaitingCommand {
  id: string
  incident: string
  type: string
  /** Epoch ms of this machine. */
  askedAt: number
}

const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
})

/** Reads an answer as our error body. An unknown code (a newer server) is kept as `internal` with its message. */
export function readError(raw: unknown): ErrorBody | null {
  const parsed = errorSchema.safeParse(raw)
  if (!parsed.success) return null
  const { message, details } = parsed.data
  const code: ErrorCode = parsed.data.code in errorTable ? (parsed.data.code as ErrorCode) : 'internal'
  return details === undefined ? { code, message } : { code, message, details }
}

export interface Outbox {
  /** Rule L2: resolves with the server's own answer, once, however often the line breaks meanwhile. Never rejects. */
  send(incident: string, command: CommandInput): Promise<CommandOutcome>
  opened(): void
  closed(): void
  /** The session is over: an answer can no longer be had, and whoever signs in next must not act in this name. */
  abandon(message: string): void
  waiting(): readonly WaitingCommand[]
}

export function makeOutbox(doors: {
  clock: LinkClock
  newId: () => string
  send: (body: unknown, answered: (answer: unknown) => void) => void
  moved: () => void
}): Outbox {
  const { clock } = doors
  const pending = new Map<
    string,
    { about: WaitingCommand; go: () => void; stop: () => void; end: (outcome: CommandOutcome) => void }
  >()
  let open = false

  return {
    send(incident, command) {
      const id = doors.newId()
      const body = { ...command, id, incident }
      return new Promise((resolve) => {
        let cancel = () => {}
        const end = (outcome: CommandOutcome) => {
          if (!pending.delete(id)) return
          cancel()
          resolve(outcome)
          doors.moved()
        }
        const go = () => {
          cancel()
          if (!open) return
          cancel = clock.after(resendAfterMs, go)
          doors.send(body, (raw) => {
            const answer = commandAnswerSchema.safeParse(raw)
            if (answer.success) return end({ ok: true, ...answer.data })
            const error = readError(raw)
            if (error?.code === 'not-ready') {
              cancel()
              cancel = clock.after(notReadyRetryMs, go)
              return
            }
            end({ ok: false, error: error ?? unreadable })
          })
        }
        const about = { id, incident, type: command.type, askedAt: clock.now() }
        pending.set(id, { about, go, stop: () => cancel(), end })
        go()
        doors.moved()
      })
    },
    opened() {
      open = true
      for (const { go } of pending.values()) go()
    },
    closed() {
      open = false
      for (const { stop } of pending.values()) stop()
    },
    abandon(message) {
      for (const { end } of [...pending.values()]) end({ ok: false, error: { code: 'not-signed-in', message } })
    },
    waiting: () => [...pending.values()].map(({ about }) => about),
  }
}

const unreadable: ErrorBody = {
  code: 'internal',
  message: 'The server answered in a way this page cannot read. Reload the page, then look whether it was done.',
}
