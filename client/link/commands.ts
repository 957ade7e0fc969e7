import { z } from 'zod'
import { type ErrorBody, type ErrorCode, errorTable } from '#shared/errors.ts'
import { type CommandAnswer, commandAnswerSchema } from '#shared/wire.ts'
import type { CommandInput } from './command-input.ts'
import type { LinkClock } from './transport.ts'

/** No answer for so long: the same command, with the same id, goes out again. The server acts on it once. */
const resendAfterMs = 6_000
const notReadyRetryMs = 1_000

/** `waits`: no answer yet; it is kept, sent when it can be, and answered where everybody's own answers are shown. */
export type CommandOutcome = ({ ok: true; waits?: true } & CommandAnswer) | { ok: false; error: ErrorBody }

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

export interface SendHow {
  /** Made by whoever keeps the command. */
  id: string
  /** Epoch ms of this machine: from then on it is not sent (again), and the outcome is `not-ready`. */
  until: number
}

export interface Outbox {
  /** Rule L2: resolves with the server's own answer, once, however often the line breaks meanwhile. Never rejects. */
  send(incident: string, command: CommandInput, how?: SendHow): Promise<CommandOutcome>
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
    { about: WaitingCommand; go: () => void; stop: () => void; end: (outcome: CommandOutcome) => void; kept: boolean }
  >()
  let open = false

  return {
    send(incident, command, how) {
      const id = how?.id ?? doors.newId()
      const body = { ...command, id, incident }
      return new Promise((resolve) => {
        let cancel = () => {}
        const end = (outcome: CommandOutcome) => {
          // An answer to an earlier sending of the same id has nobody here any more.
          if (pending.get(id) !== mine) return
          pending.delete(id)
          cancel()
          resolve(outcome)
          doors.moved()
        }
        const go = () => {
          cancel()
          if (pending.get(id) !== mine) return
          if (how !== undefined && clock.now() >= how.until) return end({ ok: false, error: tooLate })
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
        const mine = { about, go, stop: () => cancel(), end, kept: how !== undefined }
        pending.set(id, mine)
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
      for (const { stop, end, kept } of [...pending.values()]) {
        stop()
        // Whoever keeps it decides when it goes out again.
        if (kept) end({ ok: false, error: lineLost })
      }
    },
    abandon(message) {
      for (const { end } of [...pending.values()]) end({ ok: false, error: { code: 'not-signed-in', message } })
    },
    waiting: () => [...pending.values()].map(({ about }) => about),
  }
}

const tooLate: ErrorBody = { code: 'not-ready', message: 'No answer came in time, and it was not sent again.' }
const lineLost: ErrorBody = { code: 'not-ready', message: 'The line was lost before an answer came.' }

const unreadable: ErrorBody = {
  code: 'internal',
  message: 'The server answered in a way this page cannot read. Reload the page, then look whether it was done.',
}
