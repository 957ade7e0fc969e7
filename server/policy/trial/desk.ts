import { type Clock, hourMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { longestTrialMs, type TrialResult, type TrialView } from '#shared/trial.ts'
import { type CheckPolicy, requireValid } from '../check.ts'
import type { TrialJob, TrialProgress } from './replay.ts'

/** Where a trial works, apart from everything that is live. */
export interface TrialThread {
  /** Ends it at once, whatever it does. */
  stop(): Promise<unknown>
}

export interface TrialEvents {
  progress(progress: TrialProgress): void
  done(result: TrialResult): void
  /** Also when the thread ended without a word. Called after `done` it means nothing. */
  failed(message: string): void
}

export interface TrialDeskParts {
  clock: Clock
  newId: () => string
  check: CheckPolicy
  /** Everything of the job that the desk does not know. */
  job: () => Pick<TrialJob, 'dir' | 'silences'>
  start: (job: TrialJob, on: TrialEvents) => TrialThread
}

/** Trials of policies on the past: one at a time, so that no more than one core is ever busy with what is not live. */
export interface TrialDesk {
  /**
   * Begins one.
   * @throws UxbridgeError `policy-invalid`, `fields-invalid` for a time that is none, `trial-running` with who runs one
   */
  begin(who: TrialView['by'], wanted: { text: string; lastMs: number }): Promise<TrialView>
  /** For an hour after its end. @throws UxbridgeError `not-found` */
  get(id: string): TrialView
  /** The one that runs. */
  running(): TrialView | null
  /** Ends one that runs; any other stays as it is. @param name who says so @throws UxbridgeError `not-found` */
  cancel(id: string, name: string): TrialView
  /** Ends what runs, and forgets all results: they hold words of alerts. */
  close(): Promise<void>
}

/** Results are kept so long, and no more of them than this. */
const keptMs = hourMs
const mostKept = 10

export function makeTrialDesk({ clock, newId, check, job, start }: TrialDeskParts): TrialDesk {
  const trials = new Map<string, TrialView>()
  let busy: { id: string; thread: TrialThread } | null = null

  const iso = (at: number): string => new Date(at).toISOString()
  const known = (id: string): TrialView => {
    forget()
    const trial = trials.get(id)
    if (trial !== undefined) return trial
    throw new UxbridgeError('not-found', 'There is no such trial; results are kept for an hour. Try again.')
  }
  function forget(): void {
    const oldest = clock.now() - keptMs
    for (const [id, { endedAt }] of trials)
      if (endedAt !== null && (Date.parse(endedAt) < oldest || trials.size > mostKept)) trials.delete(id)
  }
  /** A trial ends once; what is said of it later is not heard. */
  function end(id: string, how: Partial<TrialView>): void {
    const trial = trials.get(id)
    if (trial === undefined || trial.state !== 'running') return
    trials.set(id, { ...trial, ...how, endedAt: iso(clock.now()) })
    if (busy?.id === id) busy = null
  }

  return {
    async begin(by, { text, lastMs }) {
      if (!(lastMs >= 60_000 && lastMs <= longestTrialMs)) {
        const message = 'must be at least 1m and at most 31d'
        throw new UxbridgeError('fields-invalid', `The time to try it on ${message}.`, {
          fields: [{ path: 'last', message }],
        })
      }
      const hash = requireValid(await check(text))
      forget()
      const other = busy === null ? undefined : trials.get(busy.id)
      if (other !== undefined)
        throw new UxbridgeError(
          'trial-running',
          `${other.by.name} tries a policy since ${other.startedAt.slice(11, 19)} UTC. Wait for its end, or cancel it.`,
          { id: other.id, by: other.by, startedAt: other.startedAt },
        )
      const now = clock.now()
      const id = newId()
      const progress = { done: 0, all: 0, at: null }
      trials.set(id, {
        ...{ id, state: 'running', by, hash, lastMs, startedAt: iso(now), endedAt: null },
        ...{ progress, message: null, result: null },
      })
      const thread = start(
        { ...job(), text, from: now - lastMs, until: now },
        {
          progress({ done, all, at }) {
            const trial = trials.get(id)
            if (trial?.state === 'running')
              trials.set(id, { ...trial, progress: { done, all, at: at === null ? null : iso(at) } })
          },
          done: (result) => end(id, { state: 'done', result }),
          failed: (message) => end(id, { state: 'failed', message }),
        },
      )
      busy = { id, thread }
      return known(id)
    },
    get: known,
    running: () => (busy === null ? null : (trials.get(busy.id) ?? null)),
    cancel(id, name) {
      known(id)
      if (busy?.id === id) {
        void busy.thread.stop()
        end(id, { state: 'cancelled', message: `Cancelled by ${name}.` })
      }
      return known(id)
    },
    async close() {
      const thread = busy?.thread
      busy = null
      trials.clear()
      await thread?.stop()
    },
  }
}
