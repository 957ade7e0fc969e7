import { createHash } from 'node:crypto'
import { CommandRefused, type ErrorBody, UxbridgeError } from '#shared/errors.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Reader, StoredAnswer } from '../../store/port.ts'

export interface Answer {
  seq: number
  facts: readonly RecordedFact[]
}

/** Answers kept in memory, to bridge the moment until the store can find them. */
const recentAnswers = 5000

/** Refusals that are not remembered beside those that are kept. */
const passing: ReadonlySet<string> = new Set(['command-id-reused', 'not-found'])

/** What of a done command is stored: no text. The facts themselves stand in the journal. */
interface StoredDone {
  seq: number
  incidentId: string
  versions: number[]
  /** Of the other incident, where the command changed two. */
  also?: { incidentId: string; versions: number[] }[]
}

/** A refusal, and what it was about: whoever asks for it again may not see that any more. Older ones do not say. */
export interface StoredRefusal extends ErrorBody {
  incidentId?: string
}

export function doneAnswer(
  actor: string,
  commandId: string,
  at: number,
  commandHash: string,
  facts: readonly RecordedFact[],
): StoredAnswer {
  const streams = new Map<string, number[]>()
  for (const { incidentId, version } of facts) streams.set(incidentId, [...(streams.get(incidentId) ?? []), version])
  const [first, ...also] = Array.from(streams, ([incidentId, versions]) => ({ incidentId, versions }))
  const body: StoredDone = {
    seq: facts.at(-1)?.seq ?? 0,
    ...(first ?? { incidentId: '', versions: [] }),
    ...(also.length === 0 ? {} : { also }),
  }
  return { actor, commandId, at, commandHash, status: 200, body }
}

export function refusedAnswer(
  actor: string,
  commandId: string,
  at: number,
  commandHash: string,
  error: UxbridgeError,
  incidentId: string,
): StoredAnswer {
  const body: StoredRefusal = { ...error.body(), incidentId }
  return { actor, commandId, at, commandHash, status: error.status, body }
}

export function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url')
}

/**
 * Rule C1: a command id acts once per actor, however often it arrives: while the first is under way, after it, and
 * after a restart. The same id for another command is refused.
 */
export class Answers {
  readonly #read: Reader
  readonly #running = new Map<string, { hash: string; answer: Promise<Answer> }>()
  constructor(read: Reader) {
    this.#read = read
  }

  /** The known answer to this id, or that of `act`, which runs at most once. @throws what the first answer was */
  once(actor: string, commandId: string, hash: string, act: () => Promise<Answer>): Promise<Answer> {
    const key = `${actor}\n${commandId}`
    const known = this.#running.get(key)
    if (known !== undefined) return known.hash === hash ? known.answer : Promise.reject(reused())
    const answer = this.#stored(actor, commandId, hash).then((stored) => stored ?? act())
    this.#running.set(key, { hash, answer })
    // A fault of ours is no definite answer: the same id may be tried again. And of what is not there nothing is remembered,
    // as it may be there later; where that was kept as an answer, it is found there.
    const isPassing = (error: unknown) =>
      !(error instanceof UxbridgeError) || error.status >= 500 || passing.has(error.code)
    answer.catch((error: unknown) => {
      if (isPassing(error)) this.#running.delete(key)
    })
    const [oldest] = this.#running.keys()
    if (this.#running.size > recentAnswers && oldest !== undefined) this.#running.delete(oldest)
    return answer
  }

  forget(): void {
    this.#running.clear()
  }

  async #stored(actor: string, commandId: string, hash: string): Promise<Answer | null> {
    const stored = await this.#read.answer(actor, commandId)
    if (stored === null) return null
    if (stored.commandHash !== hash) throw reused()
    if (stored.body === null)
      throw new CommandRefused('not-found', 'This command was answered; its answer was erased with its incident.')
    if (stored.status !== 200) {
      const { code, message, details } = stored.body as ErrorBody
      throw new CommandRefused(code, message, details)
    }
    const { seq, also = [], ...first } = stored.body as StoredDone
    const facts: RecordedFact[] = []
    for (const { incidentId, versions } of [first, ...also]) {
      const wanted = new Set(versions)
      const later = await this.#read.factsOf(incidentId, Math.min(...versions) - 1)
      facts.push(...later.filter((fact) => wanted.has(fact.version)))
    }
    return { seq, facts: facts.sort((a, b) => a.seq - b.seq) }
  }
}

function reused(): UxbridgeError {
  return new UxbridgeError(
    'command-id-reused',
    'This command id was used for another command. Give each command an id of its own.',
  )
}
