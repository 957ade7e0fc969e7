import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { Clock } from '#shared/clocks.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { CheckPolicy } from '../policy/check.ts'
import { makeTrialDesk, type TrialDesk, type TrialEvents, type TrialThread } from '../policy/trial/desk.ts'
import type { TrialJob } from '../policy/trial/replay.ts'
import type { FromTrial } from './trial-thread.ts'

/** Memory of a trial, in MB: what needs more fails, rather than taking it from what is live. */
const mostMemoryMb = 1024

/** The desk for trials, each in a thread of its own. */
export function openTrials(parts: {
  clock: Clock
  dir: string
  check: CheckPolicy
  silences: () => readonly SilenceSpan[]
}): TrialDesk {
  const { clock, dir, check, silences } = parts
  const job = () => ({ dir, silences: silences() })
  return makeTrialDesk({ clock, newId: randomUUID, check, job, start: startTrial })
}

function startTrial(job: TrialJob, on: TrialEvents): TrialThread {
  const worker = new Worker(new URL('./trial-thread.ts', import.meta.url), {
    workerData: job,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: mostMemoryMb },
  })
  worker.on('message', (message: FromTrial) => {
    if (message.kind === 'progress') on.progress(message.progress)
    else if (message.kind === 'done') on.done(message.result)
    else on.failed(message.message)
  })
  worker.on('error', (error: NodeJS.ErrnoException) =>
    on.failed(
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `It needs more than ${mostMemoryMb} MB of memory. Try it on a shorter time.`
        : `The trial broke down: ${error.message}`,
    ),
  )
  worker.on('exit', () => on.failed('The trial ended without a result. Try again.'))
  return { stop: () => worker.terminate() }
}
