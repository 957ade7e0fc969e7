import { Worker } from 'node:worker_threads'
import type { Alert } from '#shared/alert.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Reader, Restored, Verification } from '../../port.ts'
import type { FromReader, ToReader } from '../wire.ts'
import { errorOf } from '../write/queue.ts'

/** The main thread's side of the reader. */
export interface ReadCalls {
  read: Reader
  /** To be called once the database is there. @throws UxbridgeError when it cannot be read */
  open(): Promise<void>
  /** Keys that were read may have been destroyed since. */
  forget(): Promise<void>
  close(): Promise<void>
}

/** Starts the thread; it loads while the writer does. */
export function startReader(dir: string): ReadCalls {
  const worker = new Worker(new URL('./reader.ts', import.meta.url), { workerData: { dir }, execArgv: [] })
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  /** Takes what comes ahead of a call's result. */
  const pieces = new Map<number, (piece: string) => void>()
  let ended: Error | null = null
  let nextId = 0
  const started = Promise.withResolvers<void>()

  function end(error: Error): void {
    ended ??= error
    started.reject(ended)
    for (const { reject } of waiting.values()) reject(ended)
    waiting.clear()
  }

  worker.on('message', (message: FromReader) => {
    if (message.kind === 'ready') started.resolve()
    else if (message.kind === 'failed') end(errorOf(message.trouble))
    else if (message.kind === 'alerts') pieces.get(message.id)?.(message.alerts)
    else {
      const call = waiting.get(message.id)
      waiting.delete(message.id)
      if (message.kind === 'result') call?.resolve(message.result)
      else call?.reject(errorOf(message.trouble))
    }
  })
  worker.on('error', (error) => end(new UxbridgeError('internal', `The reader broke down: ${error.message}`)))
  worker.on('exit', () => end(new UxbridgeError('not-ready', 'The store is closed.')))
  // Nobody waits for a reader whose writer could not open the database.
  started.promise.catch(() => undefined)

  type Method = Extract<ToReader, { kind: 'call' }>['method']
  function ask<T>(method: Method, ...args: unknown[]): { call: number; answer: Promise<T> } {
    const id = nextId++
    const answer = new Promise<T>((resolve, reject) => {
      if (ended !== null) {
        reject(ended)
        return
      }
      waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
      worker.postMessage({ kind: 'call', id, method, args } satisfies ToReader)
    })
    return { call: id, answer }
  }
  const call = <T>(method: Method, ...args: unknown[]): Promise<T> => ask<T>(method, ...args).answer

  return {
    read: {
      async restore(options) {
        const alerts: Alert[] = []
        const { call: id, answer } = ask<Omit<Restored, 'alerts'>>('restore', options)
        pieces.set(id, (piece) => alerts.push(...(JSON.parse(piece) as Alert[])))
        try {
          return { ...(await answer), alerts }
        } finally {
          pieces.delete(id)
        }
      },
      logAfter: (pos, limit) => call('logAfter', pos, limit),
      factsOf: (incidentId, afterVersion) => call('factsOf', incidentId, afterVersion),
      factsSince: (at, types, limit) => call('factsSince', at, types, limit),
      factsAfter: (seq, types, limit) => call('factsAfter', seq, types, limit),
      incident: (incidentId) => call('incident', incidentId),
      incidents: (filter) => call('incidents', filter),
      alertsOf: async (incidentId, limit) => JSON.parse(await call<string>('alertsOf', incidentId, limit)) as Alert[],
      decisionsOf: (incidentId, limit) => call('decisionsOf', incidentId, limit),
      decisions: (filter) => call('decisions', filter),
      ledger: (sinceMinute) => call('ledger', sinceMinute),
      answer: (actor, commandId) => call('answer', actor, commandId),
      settings: (kind) => call('settings', kind),
      audit: (afterSeq, limit) => call('audit', afterSeq, limit),
      lost: (filter) => call('lost', filter),
      verify: () => verifyApart(dir),
    },
    async open() {
      worker.postMessage({ kind: 'open' } satisfies ToReader)
      await started.promise
    },
    forget: () => call('forget'),
    async close() {
      if (ended !== null) return
      const exited = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage({ kind: 'close' } satisfies ToReader)
      await exited
    },
  }
}

/** Proves the record in a thread of its own, so that other reads need not wait. */
async function verifyApart(dir: string): Promise<Verification> {
  const worker = new Worker(new URL('../proof/verifier.ts', import.meta.url), { workerData: { dir }, execArgv: [] })
  return await new Promise<Verification>((resolve, reject) => {
    worker.once(
      'message',
      (message: { kind: 'verified'; verification: Verification } | Extract<FromReader, { kind: 'failed' }>) => {
        if (message.kind === 'verified') resolve(message.verification)
        else reject(errorOf(message.trouble))
      },
    )
    worker.once('error', reject)
    worker.once('exit', () => reject(new UxbridgeError('internal', 'The verifier ended without an answer.')))
  })
}
