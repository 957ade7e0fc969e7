import { type ErrorBody, type ErrorCode, errorTable } from '#shared/errors.ts'
import type { CommandInput } from '../command-input.ts'
import type { CommandOutcome } from '../commands.ts'
import type { LinkClock } from '../transport.ts'
import type { Keep } from './keep.ts'
import {
  commandOf,
  isLate,
  keyOf,
  lateAfterMs,
  type QueueAnswer,
  type Queued,
  queuedSchema,
  readQueued,
} from './queued.ts'

/** After something that brought no answer. */
const restMs = 2_000
/** What another page of this browser has just done something about is left to it for so long. */
const othersMs = 10_000
/** Answers that nobody came back to read. */
const forgottenAfterMs = 7 * 24 * 3_600_000

/** What the queue needs of the link. */
export interface Line {
  open(): boolean
  /** How long a person is held in front of what they pressed; then it waits where they can see it. Milliseconds. */
  patienceMs(): number
  /** Rule L2 until `until` (epoch ms of this machine); from then on it is not sent again, and `not-ready` says so. */
  command(incident: string, command: CommandInput, how: { id: string; until: number }): Promise<CommandOutcome>
}

/** What the server knows of a command of mine: null = it never had it; undefined = it could not be asked. */
export type Inquiry = (id: string) => Promise<{ error: ErrorBody | null } | null | undefined>

export interface QueueItem extends Queued {
  /** `asks`: its moment has passed, and it is not sent before the person says so. */
  state: 'waits' | 'sent' | 'asks' | 'answered'
}

/**
 * Commands that outlive the line and the page.
 *
 * Rule Q1: every command ends in exactly one answer: done, refused, taken back by the person, or never sent; it is shown until it was read.
 * Rule Q2: it is sent with its own id, so that the server acts on it once, however often it goes out.
 * Rule Q3: nobody else's session sends it.
 * Rule Q4: what is too old asks again before it is sent (`lateAfterMs`).
 * Rule Q5: what was never sent can be taken back; then it is never sent.
 */
export interface Queue {
  /** Somebody has signed in: takes up what they left here. What others left loses its words. */
  begin(person: string): Promise<void>
  /** Nobody is signed in any more: nothing is sent. */
  end(): void
  /** Resolves with the server's answer, or with `waits` where that takes too long. Never rejects. */
  command(incident: string, command: CommandInput): Promise<CommandOutcome>
  /** @returns false when it was too late for that */
  takeBack(id: string): Promise<boolean>
  /** Sends it although its moment has passed. */
  agree(id: string): Promise<void>
  /** The answer was read. */
  read(id: string): Promise<void>
  /** The line opened: sends what can be sent. */
  look(): void
  /** Time has passed: what was young is old now. */
  tick(): void
  /** The line closed: whoever waits in front of a command is let go. */
  closed(): void
  items(): readonly QueueItem[]
  subscribe(listener: () => void): () => void
}

export function makeQueue(doors: {
  keep: Keep
  line: Line
  clock: LinkClock
  newId: () => string
  inquire: Inquiry
  /** An answer came to something that nobody waits in front of any more. */
  answered: (item: Queued) => void
}): Queue {
  const { keep, line, clock } = doors
  const listeners = new Set<() => void>()
  const waiters = new Map<string, (outcome: CommandOutcome) => void>()
  const busy = new Set<string>()
  /** Begun or taken up by this page. */
  const own = new Set<string>()
  const restsUntil = new Map<string, number>()
  let person: string | null = null
  let all: Queued[] = []
  let shown: readonly QueueItem[] = []

  function moved(): void {
    const now = clock.now()
    shown = all.map((one) => ({ ...one, state: stateOf(one, now) }))
    for (const listener of listeners) listener()
  }

  function stateOf(one: Queued, now: number): QueueItem['state'] {
    if (one.answer !== null) return 'answered'
    if (isLate(one, now) && !busy.has(one.id)) return 'asks'
    return busy.has(one.id) && one.sentAt !== null ? 'sent' : 'waits'
  }

  /** Changes it in the store first: another page of this browser may have been quicker. */
  async function change(id: string, next: (before: Queued) => Queued | undefined): Promise<Queued | undefined> {
    const after = await keep.change(keyOf(id), (raw) => {
      const before = queuedSchema.safeParse(raw)
      return before.success ? next(before.data) : undefined
    })
    const parsed = queuedSchema.safeParse(after)
    const one = parsed.success ? parsed.data : undefined
    all = one === undefined ? all.filter((each) => each.id !== id) : all.map((each) => (each.id === id ? one : each))
    return one
  }

  async function finish(id: string, outcome: CommandOutcome): Promise<void> {
    const waiter = waiters.get(id)
    if (waiter !== undefined) {
      // Whoever pressed it is still there, and is told by the screen they pressed it on.
      waiters.delete(id)
      waiter(outcome)
      await change(id, () => undefined)
      return
    }
    const answer: QueueAnswer = {
      how: outcome.ok ? 'done' : 'refused',
      at: clock.now(),
      error: outcome.ok ? null : outcome.error,
    }
    let first = false
    const one = await change(id, (before) => {
      first = before.answer === null
      return first ? { ...before, command: null, answer } : before
    })
    if (first && one !== undefined) doors.answered(one)
  }

  function release(id: string, outcome: CommandOutcome): void {
    const waiter = waiters.get(id)
    waiters.delete(id)
    waiter?.(outcome)
  }

  function letGo(): void {
    for (const id of [...waiters.keys()]) release(id, waits)
  }

  function hold(id: string): void {
    const patienceMs = line.patienceMs()
    if (patienceMs <= 0) release(id, waits)
    else clock.after(patienceMs, () => release(id, waits))
  }

  /** One command on its way, as far as it comes. */
  async function go(id: string): Promise<void> {
    const mine = person
    const asked = all.find((one) => one.id === id)
    if (asked === undefined || asked.answer !== null || asked.person !== mine || busy.has(id) || !line.open()) return
    busy.add(id)
    try {
      const command = commandOf(asked)
      if (command === null || (isLate(asked, clock.now()) && asked.sentAt !== null)) return await settle(asked)
      if (isLate(asked, clock.now())) return
      const sent = await change(id, (before) =>
        before.answer !== null ? before : { ...before, sentAt: before.sentAt ?? clock.now() },
      )
      if (sent === undefined || sent.answer !== null) return release(id, waits)
      // Meanwhile somebody else may have signed in.
      if (person !== mine) return
      moved()
      const until = (sent.agreedAt ?? sent.askedAt) + lateAfterMs(sent.type)
      const outcome = await line.command(sent.incident, command, { id, until })
      if (!outcome.ok && noAnswer.has(outcome.error.code)) return rest(id)
      await finish(id, outcome)
    } finally {
      busy.delete(id)
      moved()
      look()
    }
  }

  /** It went out once and no answer came: asks what became of it, without doing it. */
  async function settle({ id, sentAt, command }: Queued): Promise<void> {
    const known = sentAt === null ? null : await doors.inquire(id)
    if (known === undefined) return rest(id)
    if (known !== null)
      return finish(id, known.error === null ? { ok: true, seq: 0, facts: [] } : { ok: false, error: known.error })
    if (command !== null) {
      await change(id, (before) => ({ ...before, sentAt: null }))
      return
    }
    const answer: QueueAnswer = { how: 'not-sent', at: clock.now(), error: null }
    const one = await change(id, (before) => ({ ...before, answer }))
    if (one !== undefined) doors.answered(one)
  }

  function rest(id: string): void {
    restsUntil.set(id, clock.now() + restMs)
    clock.after(restMs, look)
  }

  function look(): void {
    const now = clock.now()
    const held = new Set<string>()
    for (const one of all) {
      if (one.answer !== null || one.person !== person) continue
      // In the order in which they were asked for, incident by incident; what asks again holds nobody up.
      if (!held.has(one.incident) && needsLine(one, now)) void go(one.id)
      if (!isLate(one, now)) held.add(one.incident)
    }
  }

  const needsLine = (one: Queued, now: number) =>
    !busy.has(one.id) &&
    now >= (restsUntil.get(one.id) ?? 0) &&
    (own.has(one.id) || now - Math.max(one.askedAt, one.sentAt ?? 0, one.agreedAt ?? 0) >= othersMs) &&
    (!isLate(one, now) || one.sentAt !== null || one.command === null)

  async function reread(): Promise<void> {
    const mine = person
    if (mine === null) return
    const kept = readQueued(await keep.read())
    if (person !== mine) return
    const known = new Set(kept.map(({ id }) => id))
    // What this page has just begun is perhaps not written yet.
    const fresh = all.filter(({ id }) => !known.has(id) && waiters.has(id))
    all = [...kept.filter((one) => one.person === mine), ...fresh]
    moved()
    look()
  }
  keep.onOthers(() => void reread())

  return {
    async begin(who) {
      if (person === who) return look()
      person = who
      all = []
      const now = clock.now()
      for (const { id, person: whose, answer } of readQueued(await keep.read())) {
        if (whose !== who) await keep.change(keyOf(id), (raw) => withoutWords(raw))
        else if (answer !== null && now - answer.at > forgottenAfterMs) await keep.change(keyOf(id), () => undefined)
      }
      await reread()
    },
    end() {
      person = null
      all = []
      letGo()
      moved()
    },
    async command(incident, command) {
      if (person === null) return { ok: false, error: nobody }
      const now = clock.now()
      const id = doors.newId()
      const one: Queued = {
        id,
        person,
        incident,
        type: command.type,
        command: { ...command },
        askedAt: now,
        sentAt: null,
        agreedAt: null,
        answer: null,
      }
      all = [...all, one]
      own.add(id)
      const outcome = new Promise<CommandOutcome>((resolve) => waiters.set(id, resolve))
      moved()
      await keep.change(keyOf(id), () => one)
      hold(id)
      look()
      return outcome
    },
    async takeBack(id) {
      let taken = false
      await change(id, (before) => {
        taken = before.sentAt === null && before.answer === null
        return taken ? undefined : before
      })
      moved()
      return taken
    },
    async agree(id) {
      own.add(id)
      await change(id, (before) => (before.answer === null ? { ...before, agreedAt: clock.now() } : before))
      moved()
      look()
    },
    async read(id) {
      await change(id, (before) => (before.answer === null ? before : undefined))
      moved()
    },
    look() {
      restsUntil.clear()
      moved()
      look()
    },
    tick() {
      if (all.every(({ answer }) => answer !== null)) return
      moved()
      look()
    },
    closed() {
      for (const id of waiters.keys()) hold(id)
      moved()
    },
    items: () => shown,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function withoutWords(raw: unknown): unknown {
  const parsed = queuedSchema.safeParse(raw)
  return parsed.success ? { ...parsed.data, command: null } : undefined
}

/** These say that there is no answer yet, not what it is. */
const noAnswer: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['not-ready', 'not-signed-in', 'overloaded'])

const waits: CommandOutcome = { ok: true, seq: 0, facts: [], waits: true }

const nobody: ErrorBody = { code: 'not-signed-in', message: 'You are signed out. Sign in, then do it again.' }

/** Reads an error as it was kept: an unknown code (of another version) is kept with its message. */
export function keptError({ answer }: Pick<Queued, 'answer'>): ErrorBody | null {
  if (answer === null || answer.error === null) return null
  const { code, message, details } = answer.error
  const known: ErrorCode = code in errorTable ? (code as ErrorCode) : 'internal'
  return details === undefined ? { code: known, message } : { code: known, message, details }
}
