import { hourMs, minuteMs } from '#shared/clocks.ts'
import { isOfDrill } from '#shared/drill.ts'
import { type Decision, type Outcome, outcomes } from '#shared/outcome.ts'
import type { Reader } from '../../store/port.ts'

const dayMs = 24 * hourMs
/** The last 24 hours are counted by so much. */
const partOfDayMs = 10 * minuteMs
/** Rows that are read at a time, and at most: beyond, the figures of the day begin later, and say so. */
const historyPage = 1000
const historyMost = 300_000

/** Counts in a ring of equal stretches of time; what is older falls out. */
class Ring {
  readonly #counts: Uint32Array
  readonly #stretchMs: number
  /** Number of the newest stretch since the epoch. */
  #newest = Number.NEGATIVE_INFINITY

  constructor(length: number, stretchMs: number) {
    this.#counts = new Uint32Array(length)
    this.#stretchMs = stretchMs
  }

  add(at: number): void {
    const { length } = this.#counts
    const stretch = Math.floor(at / this.#stretchMs)
    this.#turn(stretch)
    if (stretch <= this.#newest - length) return
    const place = stretch % length
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
  }

  /** By stretch, oldest first; the last is the one of `now`. */
  list(now: number): number[] {
    const { length } = this.#counts
    const counts: number[] = new Array(length).fill(0)
    const first = Math.floor(now / this.#stretchMs) - length + 1
    const from = Math.max(first, this.#newest - length + 1)
    const to = Math.min(first + length - 1, this.#newest)
    for (let stretch = from; stretch <= to; stretch++) counts[stretch - first] = this.#counts[stretch % length] ?? 0
    return counts
  }

  sum(now: number): number {
    const { length } = this.#counts
    const last = Math.floor(now / this.#stretchMs)
    const from = Math.max(last, this.#newest) - length + 1
    let sum = 0
    for (let stretch = from; stretch <= Math.min(last, this.#newest); stretch++)
      sum += this.#counts[stretch % length] ?? 0
    return sum
  }

  #turn(stretch: number): void {
    const { length } = this.#counts
    if (stretch <= this.#newest) return
    if (stretch - this.#newest >= length) this.#counts.fill(0)
    else for (let gone = this.#newest + 1; gone <= stretch; gone++) this.#counts[gone % length] = 0
    this.#newest = stretch
  }
}

/** What one rule of one stage did, as of a moment. */
export interface Done {
  outcomes: Partial<Record<Outcome, number>>
  /** By minute, oldest first, the last under way; empty when there was nothing. */
  minutes: number[]
  day: number
  /** Events that it took no decision about, and handed on. */
  passed: number
  again: number
  /** Epoch ms. */
  lastAt: number | null
}

class Account {
  readonly byOutcome = new Map<Outcome, Ring>()
  readonly day = new Ring(dayMs / partOfDayMs, partOfDayMs)
  again: Ring | null = null
  passed: Ring | null = null
  lastAt = Number.NEGATIVE_INFINITY
  /** As of this minute, and nothing came since: asked each second of every rule there is. */
  #known: { minute: number; done: Done } | null = null

  add(outcome: Outcome, isAgain: boolean, at: number): void {
    this.#known = null
    if (at > this.lastAt) this.lastAt = at
    if (isAgain) {
      this.again ??= new Ring(60, minuteMs)
      this.again.add(at)
      return
    }
    let ring = this.byOutcome.get(outcome)
    if (ring === undefined) {
      ring = new Ring(60, minuteMs)
      this.byOutcome.set(outcome, ring)
    }
    ring.add(at)
    this.day.add(at)
  }

  pass(at: number): void {
    this.#known = null
    if (at > this.lastAt) this.lastAt = at
    this.passed ??= new Ring(60, minuteMs)
    this.passed.add(at)
  }

  asOf(now: number): Done {
    const minute = Math.floor(now / minuteMs)
    if (this.#known?.minute !== minute) this.#known = { minute, done: this.#count(now) }
    return this.#known.done
  }

  #count(now: number): Done {
    const found: Done['outcomes'] = {}
    let minutes: number[] = []
    for (const outcome of outcomes) {
      const own = this.byOutcome.get(outcome)
      const sum = own?.sum(now) ?? 0
      if (own === undefined || sum === 0) continue
      found[outcome] = sum
      const list = own.list(now)
      minutes = minutes.length === 0 ? list : minutes.map((count, index) => count + (list[index] ?? 0))
    }
    const lastAt = now - this.lastAt < dayMs ? this.lastAt : null
    const [again, passed] = [this.again?.sum(now) ?? 0, this.passed?.sum(now) ?? 0]
    return { outcomes: found, minutes, day: this.day.sum(now), passed, again, lastAt }
  }
}

/**
 * What every rule decided, counted as decisions become durable: by outcome and minute for an hour, in all for a day. At a start
 * it reads the day back from the store, newest first, while what comes is counted on. Rule FR1: whatever comes meanwhile, each
 * decision is counted once, so the figures are those of the stored decisions.
 */
export class RuleBook {
  readonly #accounts = new Map<string, Map<string, Account>>()
  /** Log positions: the first that was counted as it came, and the newest that was read back. */
  #firstLive = Number.POSITIVE_INFINITY
  #newestRead = Number.NEGATIVE_INFINITY
  #since: number | null = null

  /** From when on the day's figures are whole, epoch ms; null while they are being read back. */
  get since(): number | null {
    return this.#since
  }

  /** As it becomes durable. @param at epoch ms */
  comes(decision: Decision, at: number): void {
    if (decision.pos <= this.#newestRead) return
    if (decision.pos < this.#firstLive) this.#firstLive = decision.pos
    this.#count(decision, at)
  }

  /** Reads the last day back from the store, a page at a time. @param now epoch ms */
  async readBack(read: Pick<Reader, 'decisions'>, now: number, most = historyMost): Promise<void> {
    const from = now - dayMs
    let before: number | undefined
    let rows = 0
    let oldest = now
    for (;;) {
      const page = await read.decisions({ limit: historyPage, ...(before === undefined ? {} : { before }) })
      for (const decision of page) {
        if (decision.pos >= this.#firstLive) continue
        if (decision.pos > this.#newestRead) this.#newestRead = decision.pos
        if (decision.at >= from) this.#count(decision, decision.at)
      }
      const last = page.at(-1)
      rows += page.length
      if (last !== undefined) oldest = Math.min(oldest, last.at)
      const isWhole = page.length < historyPage || last === undefined || last.at < from
      if (isWhole || rows >= most) {
        this.#since = isWhole ? from : oldest
        return
      }
      before = last.n
    }
  }

  of(stage: string, rule: string, now: number): Done | null {
    return this.#accounts.get(stage)?.get(rule)?.asOf(now) ?? null
  }

  /** Rules of a stage that did something in the last day. */
  rulesOf(stage: string): string[] {
    return [...(this.#accounts.get(stage)?.keys() ?? [])]
  }

  /** Forgets what did nothing for a day: silences come and go. */
  tidy(now: number): void {
    for (const accounts of this.#accounts.values())
      for (const [rule, { lastAt }] of accounts) if (now - lastAt >= dayMs) accounts.delete(rule)
  }

  #count({ sourceId, stage, rule, outcome, reason }: Decision, at: number): void {
    // What is exercised is no work of the rules.
    if (isOfDrill(sourceId)) return
    const isAgain = isJudgedAgain(reason)
    this.#accountOf(stage, rule).add(outcome, isAgain, at)
    const definition = stage === 'correlate' && !isAgain ? definitionIn(reason) : null
    if (definition !== null) this.#accountOf('define', definition).pass(at)
  }

  #accountOf(stage: string, rule: string): Account {
    let accounts = this.#accounts.get(stage)
    if (accounts === undefined) {
      accounts = new Map()
      this.#accounts.set(stage, accounts)
    }
    let account = accounts.get(rule)
    if (account === undefined) {
      account = new Account()
      accounts.set(rule, account)
    }
    return account
  }
}

/** The definition that made an incident of it, which stands in the reason of whatever joined or opened one. */
function definitionIn(reason: string): string | null {
  return /^definition '([^']+)' matched/.exec(reason)?.[1] ?? null
}

const againWords = [
  'no silence holds it back any more; ',
  'its cause fires no more; ',
  'it has calmed down; ',
  'the storm is over; ',
]

/** Whether a decision is about an alert that was judged again, so that no event led to it and no outcome counts it. */
export function isJudgedAgain(reason: string): boolean {
  return againWords.some((words) => reason.startsWith(words))
}
