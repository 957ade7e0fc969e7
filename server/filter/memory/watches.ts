import type { Beat, WatchFinding as Finding, NextOf, Watch } from '#shared/watch.ts'
import { DueQueue } from './due.ts'

/** How one watch stands. */
interface Watched {
  sourceId: string
  watch: Watch
  /** Since when it is watched. */
  since: number
  /** Last sign of life. */
  lastAt: number | null
  /** When it is missed; null while it is not expected. */
  dueAt: number | null
  /** Runs under way, by name: when each began. */
  runs: Map<string, number>
  /** What was found out and not refuted since. */
  told: 'silent' | 'overrun' | 'failed' | null
  /** Its earliest instant in the queue; Infinity when it has none there. */
  queuedAt: number
}

export interface SavedWatch {
  sourceId: string
  watch: Watch
  since: number
  lastAt: number | null
  dueAt: number | null
  runs: [run: string, startedAt: number][]
  told: Watched['told']
}

/** Runs of one job that may be under way at once; a job that starts more without ending any loses the oldest. */
const mostRuns = 100

/**
 * Who is expected to speak, and when silence means something. Part of the fold: it hears every request, finds things out
 * when their instant comes, and each only once.
 * Rule W1: a silence is found out once, when its instant comes, and again only after a sign of life.
 * Rule W2: the same entries give the same findings, also when it is made again from what was saved.
 */
export class Watches {
  readonly #bySource = new Map<string, Watched[]>()
  readonly #queue = new DueQueue<Watched>()
  readonly #nextOf: NextOf

  constructor(nextOf: NextOf, saved: readonly SavedWatch[] = []) {
    this.#nextOf = nextOf
    for (const { runs, ...rest } of saved) {
      const watched: Watched = { ...rest, runs: new Map(runs), queuedAt: Number.POSITIVE_INFINITY }
      this.#put(watched)
      this.#queueUp(watched)
    }
  }

  #put(watched: Watched): void {
    const others = this.#bySource.get(watched.sourceId)
    if (others === undefined) this.#bySource.set(watched.sourceId, [watched])
    else others.push(watched)
  }

  /**
   * From now on this is expected of the source. What it was heard to say stays known; a silence that was told is told again
   * only after it spoke. What is not watched any more, and was found silent, is taken as heard.
   */
  set(sourceId: string, watches: readonly Watch[], at: number): readonly Finding[] {
    const before = this.#bySource.get(sourceId) ?? []
    this.#bySource.delete(sourceId)
    for (const old of before) old.queuedAt = Number.NaN
    for (const watch of watches) {
      const old = before.find((each) => each.watch.id === watch.id)
      const watched: Watched = {
        sourceId,
        watch,
        since: old?.since ?? at,
        lastAt: old?.lastAt ?? null,
        dueAt: null,
        runs: old?.runs ?? new Map(),
        told: old?.told ?? null,
        queuedAt: Number.POSITIVE_INFINITY,
      }
      if (watched.told === null) this.#expect(watched, at)
      this.#put(watched)
      this.#queueUp(watched)
    }
    return before
      .filter(({ watch, told }) => told !== null && !watches.some(({ id }) => id === watch.id))
      .map((old) => ({ sourceId, watch: old.watch, what: 'heard', since: old.lastAt, at }))
  }

  /** The source has sent something. @returns what that refutes */
  heard(sourceId: string, at: number): readonly Finding[] {
    const watched = this.#bySource.get(sourceId)
    return watched === undefined ? none : watched.flatMap((each) => this.#hear(each, at))
  }

  #hear(watched: Watched, at: number): readonly Finding[] {
    const { watch, sourceId, told, lastAt } = watched
    if (watch.hears !== 'anything') return none
    this.#alive(watched, at)
    return told === null ? none : [{ sourceId, watch, what: 'heard', since: lastAt, at }]
  }

  /** A ping of the source says this of a run. Whether the job is well again, its own event says. */
  beat(sourceId: string, { signal, run }: Beat, at: number): void {
    for (const watched of this.#bySource.get(sourceId) ?? none) {
      if (watched.watch.hears !== 'success' || signal === 'log') continue
      const name = run ?? ''
      watched.runs.delete(name)
      if (signal === 'start') {
        const oldest = watched.runs.keys().next().value
        if (watched.runs.size >= mostRuns && oldest !== undefined) watched.runs.delete(oldest)
        watched.runs.set(name, at)
      } else if (signal === 'success') this.#alive(watched, at)
      else {
        watched.lastAt = at
        watched.told = 'failed'
        watched.dueAt = null
      }
      this.#queueUp(watched)
    }
  }

  #alive(watched: Watched, at: number): void {
    watched.lastAt = at
    watched.told = null
    this.#expect(watched, at)
    this.#queueUp(watched)
  }

  /** Works out when it is missed next. */
  #expect(watched: Watched, at: number): void {
    const { watch, lastAt, since } = watched
    const from = lastAt ?? (watch.afterFirst ? null : since)
    if (from === null) {
      watched.dueAt = null
      return
    }
    const { expected, graceMs } = watch
    const next = 'everyMs' in expected ? from + expected.everyMs : this.#nextOf(expected.cron, expected.timeZone, from)
    // What is late by a new schedule and was in time by the old one is given its grace from now on.
    watched.dueAt = next === null ? null : Math.max(next, at) + graceMs
  }

  /** Earliest instant at which something of it is due. */
  #dueAt({ dueAt, runs, watch, told }: Watched): number {
    let earliest = dueAt ?? Number.POSITIVE_INFINITY
    // A job that is known to be down cannot be found down again.
    if (watch.runMs !== null && told === null)
      for (const startedAt of runs.values()) earliest = Math.min(earliest, startedAt + watch.runMs)
    return earliest
  }

  #queueUp(watched: Watched): void {
    const at = this.#dueAt(watched)
    if (at >= watched.queuedAt || at === Number.POSITIVE_INFINITY) return
    watched.queuedAt = at
    this.#queue.push(at, watched)
  }

  /** The one that is due first; those that were moved since they were queued are moved in the queue. */
  #first(): Watched | null {
    for (let watched = this.#queue.peek(); watched !== undefined; watched = this.#queue.peek()) {
      const at = this.#queue.peekAt()
      if (watched.queuedAt === at && this.#dueAt(watched) === at) return watched
      this.#queue.pop()
      if (watched.queuedAt !== at) continue
      watched.queuedAt = Number.POSITIVE_INFINITY
      this.#queueUp(watched)
    }
    return null
  }

  /** Epoch ms; null when nothing is expected of anybody. */
  nextDueAt(): number | null {
    return this.#first() === null ? null : this.#queue.peekAt()
  }

  /** What is found out at this instant, in an order that depends on nothing else. */
  takeDue(at: number): Finding[] {
    const findings: Finding[] = []
    for (let watched = this.#first(); watched !== null && watched.queuedAt <= at; watched = this.#first()) {
      const dueAt = watched.queuedAt
      this.#queue.pop()
      watched.queuedAt = Number.POSITIVE_INFINITY
      const { sourceId, watch } = watched
      const silent = watched.dueAt !== null && watched.dueAt <= dueAt
      if (silent) findings.push({ sourceId, watch, what: 'silent', since: watched.lastAt, at })
      else {
        const [run, startedAt] = [...watched.runs].reduce((a, b) => (b[1] < a[1] ? b : a))
        watched.runs.delete(run)
        findings.push({ sourceId, watch, what: 'overrun', since: startedAt, at })
      }
      watched.told = silent ? 'silent' : 'overrun'
      watched.dueAt = null
      this.#queueUp(watched)
    }
    return findings.sort((a, b) => compare(a.sourceId, b.sourceId) || compare(a.watch.id, b.watch.id))
  }

  /** Since when the source is silent, as found out; null when it is not. For its page. */
  silentSince(sourceId: string): number | null {
    const silent = this.#bySource.get(sourceId)?.find(({ told }) => told === 'silent')
    return silent === undefined ? null : (silent.lastAt ?? silent.since)
  }

  /** What is expected of the source now. */
  of(sourceId: string): readonly Watch[] {
    return (this.#bySource.get(sourceId) ?? none).map(({ watch }) => watch)
  }

  /** When the source is missed next; null when it is not expected. */
  expectedBy(sourceId: string): number | null {
    const due = (this.#bySource.get(sourceId) ?? none).flatMap(({ dueAt }) => dueAt ?? [])
    return due.length === 0 ? null : Math.min(...due)
  }

  save(): SavedWatch[] {
    return [...this.#bySource.values()]
      .flat()
      .map(({ queuedAt: _, runs, ...rest }) => ({ ...rest, runs: [...runs] }) satisfies SavedWatch)
  }
}

const none: readonly never[] = []
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
