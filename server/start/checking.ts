import { Worker } from 'node:worker_threads'
import { UxbridgeError } from '#shared/errors.ts'
import type { PolicyCheck } from '#shared/trial.ts'
import type { CheckPolicy } from '../policy/check.ts'
import type { FromCheck, ToCheck } from './check-thread.ts'

/** The thread ends when nobody has asked for so long, in milliseconds. */
const idleMs = 60_000

interface Running {
  worker: Worker
  waiting: Map<number, { resolve: (check: PolicyCheck) => void; reject: (error: Error) => void }>
}

/** Checks texts of policies in a thread, which is there only while somebody writes one. */
export function openChecking(): { check: CheckPolicy; close(): Promise<void> } {
  let running: Running | null = null
  let idle: NodeJS.Timeout | undefined
  let nextId = 0

  function start(): Running {
    const worker = new Worker(new URL('./check-thread.ts', import.meta.url), { execArgv: [] })
    const one: Running = { worker, waiting: new Map() }
    worker.on('message', ({ id, check }: FromCheck) => {
      one.waiting.get(id)?.resolve(check)
      one.waiting.delete(id)
    })
    const end = (message: string) => {
      if (running === one) running = null
      for (const { reject } of one.waiting.values()) reject(new UxbridgeError('internal', message))
      one.waiting.clear()
    }
    worker.on('error', (error) => end(`The check of the policy broke down: ${error.message}`))
    worker.on('exit', () => end('The check of the policy ended without an answer. Try again.'))
    running = one
    return one
  }
  const stop = async () => {
    clearTimeout(idle)
    await running?.worker.terminate()
  }

  return {
    check: (text) =>
      new Promise((resolve, reject) => {
        const { worker, waiting } = running ?? start()
        const id = nextId++
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, text } satisfies ToCheck)
        clearTimeout(idle)
        idle = setTimeout(() => void stop(), idleMs).unref()
      }),
    close: stop,
  }
}
