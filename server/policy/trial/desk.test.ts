import { describe, expect, it } from 'vitest'
import { type TrialResult, trialViewSchema } from '#shared/trial.ts'
import { checkText } from '../check.ts'
import { makeTrialDesk, type TrialEvents } from './desk.ts'
import type { TrialJob } from './replay.ts'

const start = Date.UTC(2026, 0, 5, 9)
const ada = { id: 'person:ada', name: 'Ada' }
const day = { text: 'version: 1\n', lastMs: 24 * 3_600_000 }

function deskWith() {
  let now = start
  let ids = 0
  const jobs: { job: TrialJob; on: TrialEvents; stopped: boolean }[] = []
  const desk = makeTrialDesk({
    clock: { now: () => now },
    newId: () => `t${++ids}`,
    check: async (text) => checkText(text),
    job: () => ({ dir: '/data', silences: [] }),
    start: (job, on) => {
      const one = { job, on, stopped: false }
      jobs.push(one)
      return {
        stop: async () => {
          one.stopped = true
        },
      }
    },
  })
  const pass = (ms: number) => {
    now += ms
  }
  return { desk, jobs, pass }
}
const result = {} as TrialResult

describe('trials', () => {
  it('run, tell how far they are, and keep their result for an hour', async () => {
    const { desk, jobs, pass } = deskWith()
    const begun = await desk.begin(ada, day)
    expect(trialViewSchema.parse(begun)).toMatchObject({ id: 't1', state: 'running', by: ada })
    expect(jobs[0]?.job).toEqual({ dir: '/data', silences: [], text: day.text, from: start - day.lastMs, until: start })
    jobs[0]?.on.progress({ done: 500, all: 2000, at: start - 3_600_000 })
    expect(desk.running()?.progress).toEqual({ done: 500, all: 2000, at: '2026-01-05T08:00:00.000Z' })
    pass(4000)
    jobs[0]?.on.done(result)
    jobs[0]?.on.failed('the thread ended')
    expect(desk.get('t1')).toMatchObject({ state: 'done', result, endedAt: '2026-01-05T09:00:04.000Z', message: null })
    expect(desk.running()).toBeNull()
    pass(3_600_001)
    expect(() => desk.get('t1')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it('are one at a time: the second is told who runs one', async () => {
    const { desk, jobs } = deskWith()
    await desk.begin(ada, day)
    await expect(desk.begin({ id: 'person:bob', name: 'Bob' }, day)).rejects.toEqual(
      expect.objectContaining({
        code: 'trial-running',
        message: 'Ada tries a policy since 09:00:00 UTC. Wait for its end, or cancel it.',
        details: expect.objectContaining({ id: 't1', by: ada }),
      }),
    )
    jobs[0]?.on.failed('no memory')
    expect(desk.get('t1')).toMatchObject({ state: 'failed', message: 'no memory' })
    expect((await desk.begin(ada, day)).id).toBe('t2')
  })

  it('are ended by whoever says so, and what their thread says then is not heard', async () => {
    const { desk, jobs } = deskWith()
    await desk.begin(ada, day)
    expect(desk.cancel('t1', 'Bob')).toMatchObject({ state: 'cancelled', message: 'Cancelled by Bob.' })
    expect(jobs[0]?.stopped).toBe(true)
    jobs[0]?.on.progress({ done: 1, all: 2, at: null })
    jobs[0]?.on.done(result)
    expect(desk.get('t1')).toMatchObject({ state: 'cancelled', result: null, progress: { done: 0 } })
    expect(desk.cancel('t1', 'Eve').message).toBe('Cancelled by Bob.')
  })

  it('of a text that is none, or of a time that is none, do not begin', async () => {
    const { desk, jobs } = deskWith()
    await expect(desk.begin(ada, { ...day, text: 'a: [' })).rejects.toEqual(
      expect.objectContaining({ code: 'policy-invalid' }),
    )
    for (const lastMs of [0, 59_999, Number.NaN, 32 * 24 * 3_600_000])
      await expect(desk.begin(ada, { ...day, lastMs })).rejects.toEqual(
        expect.objectContaining({ code: 'fields-invalid' }),
      )
    expect(jobs).toEqual([])
  })

  it('are forgotten with all they hold when the house closes', async () => {
    const { desk, jobs } = deskWith()
    await desk.begin(ada, day)
    await desk.close()
    expect(jobs[0]?.stopped).toBe(true)
    expect(() => desk.get('t1')).toThrow(expect.objectContaining({ code: 'not-found' }))
  })
})
