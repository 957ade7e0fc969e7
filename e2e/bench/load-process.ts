import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadReport } from './load.ts'

export interface LoadMaker {
  /** One round at a time. */
  run(order: LoadOrder): Promise<LoadReport>
  close(): void
}

/** The load maker, in its own process. */
export function startLoadMaker(): LoadMaker {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)), { stdio: 'inherit' })
  process.once('exit', () => child.kill('SIGKILL'))
  return {
    run: (order) =>
      new Promise((done, fail) => {
        const ended = (code: number | null): void => fail(new Error(`the load maker ended with ${code}`))
        child.once('exit', ended)
        child.once('message', (answer: { report?: LoadReport; error?: string }) => {
          child.off('exit', ended)
          if (answer.report) done(answer.report)
          else fail(new Error(answer.error ?? 'the load maker said nothing'))
        })
        child.send(order)
      }),
    close: () => child.disconnect(),
  }
}
