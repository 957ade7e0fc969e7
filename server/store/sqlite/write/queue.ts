import { Worker } from 'node:worker_threads'
import { UxbridgeError } from '#shared/errors.ts'
import { type Heads, headsAfter } from '../../order.ts'
import type { Intention, Lease, LeaseAsked, Store } from '../../port.ts'
import type { Erase, FromWriter, ToWriter, Trouble, WriterOptions } from '../wire.ts'
import { type Gathering, makeGathering } from './gather.ts'

/** A group is closed at this size, so that one commit never takes long. */
const maxGroupBytes = 8 << 20
const maxGroupIntentions = 2048

type Waiter = { resolve: (leases: Lease[]) => void; reject: (error: Error) => void }
interface Batch {
  /** Null for a batch that is no group: an erasure, or a question for leases. */
  gathering: Gathering | null
  message: (() => { message: ToWriter; transfer: ArrayBuffer[] }) | null
  /** Nothing more joins it. */
  isFull: boolean
  waiters: Waiter[]
}

/** The main thread's side of the writer: while one group is on its way to the disk, the next one gathers. */
export interface WriteQueue extends Pick<Store, 'commit' | 'backlog' | 'failure' | 'mend'> {
  erase(what: Erase): Promise<void>
  lease(asked: LeaseAsked): Promise<Lease[]>
  close(): Promise<void>
}

/** @throws UxbridgeError when the database cannot be opened */
export async function startWriter(options: WriterOptions): Promise<WriteQueue> {
  let heads: Heads = { pos: 0, seq: 0, auditSeq: 0, parts: 0 }
  let failure: UxbridgeError | null = null
  let worker: Worker | null = null
  let inFlight: Batch | null = null
  const queue: Batch[] = []
  let scheduled = false
  let idle: (() => void) | null = null
  const waiting = { intentions: 0, bytes: 0 }

  function refuse(batch: Batch, error: UxbridgeError): void {
    settle(batch)
    for (const waiter of batch.waiters) waiter.reject(error)
  }

  function settle(batch: Batch): void {
    if (batch.gathering === null) return
    waiting.intentions -= batch.gathering.intentions
    waiting.bytes -= batch.gathering.bytes
  }

  function fail(error: UxbridgeError): void {
    failure = error
    const refused = inFlight === null ? queue.splice(0) : [inFlight, ...queue.splice(0)]
    inFlight = null
    for (const batch of refused) refuse(batch, error)
    idle?.()
  }

  function flush(): void {
    scheduled = false
    if (inFlight !== null) return
    const batch = queue.shift()
    if (batch === undefined) {
      idle?.()
      return
    }
    inFlight = batch
    const { message, transfer } =
      batch.gathering === null ? (batch.message as NonNullable<Batch['message']>)() : groupMessage(batch.gathering)
    worker?.postMessage(message, transfer)
  }

  function onMessage(message: FromWriter): void {
    if (message.kind === 'done') {
      const batch = inFlight
      inFlight = null
      if (batch === null) return
      settle(batch)
      flush()
      for (const waiter of batch.waiters) waiter.resolve(message.leases ?? [])
    } else if (message.kind === 'failed') {
      if (message.kept && inFlight !== null) {
        const batch = inFlight
        inFlight = null
        settle(batch)
        for (const waiter of batch.waiters) waiter.resolve([])
      }
      fail(errorOf(message.trouble))
    }
  }

  /** A new thread with a new connection: whatever the old one had half done is gone with it. */
  async function start(probe: boolean): Promise<void> {
    const next = new Worker(new URL('./writer.ts', import.meta.url), {
      workerData: { ...options, probe },
      execArgv: [],
    })
    const started = Promise.withResolvers<Extract<FromWriter, { kind: 'ready' }>>()
    let isReady = false
    // Listeners stay for the life of the thread: one that stops listening for messages is taken to have none to wait for.
    next.on('message', (message: FromWriter) => {
      if (next !== worker && isReady) return
      if (message.kind === 'ready') started.resolve(message)
      else if (isReady) onMessage(message)
      else if (message.kind === 'failed') started.reject(errorOf(message.trouble))
    })
    next.on('error', (error) => {
      const broken = new UxbridgeError('internal', `The writer broke down: ${error.message}`)
      started.reject(broken)
      if (isReady && next === worker) fail(broken)
    })
    next.on('exit', () => started.reject(new UxbridgeError('internal', 'The writer ended before it was ready.')))
    const ready = await started.promise
    isReady = true
    worker = next
    heads = ready.heads
    failure = ready.trouble === null ? null : errorOf(ready.trouble)
  }

  await start(false)

  function enqueue(batch: Batch): void {
    queue.push(batch)
    if (inFlight !== null || scheduled) return
    // Everything that arrives in this turn of the event loop joins the same group.
    scheduled = true
    setImmediate(flush)
  }

  return {
    commit(intention: Intention) {
      if (failure !== null) return Promise.reject(failure)
      try {
        const next = headsAfter(heads, intention)
        // A piece of a checkpoint is a group by itself, or it and a large group would add up for those behind.
        const isAlone = intention.checkpointPart !== undefined || intention.checkpoint !== undefined
        let batch = queue.at(-1)
        if (batch === undefined || batch.isFull || isAlone) {
          batch = { gathering: makeGathering(), message: null, isFull: isAlone, waiters: [] }
          enqueue(batch)
        }
        const { gathering, waiters } = batch
        const before = gathering?.bytes ?? 0
        gathering?.add(intention)
        if (gathering !== null && (gathering.bytes >= maxGroupBytes || gathering.intentions >= maxGroupIntentions))
          batch.isFull = true
        heads = next
        waiting.intentions++
        waiting.bytes += (gathering?.bytes ?? 0) - before
        return new Promise<void>((resolve, reject) => {
          waiters.push({ resolve: () => resolve(), reject })
        })
      } catch (error) {
        return Promise.reject(error as Error)
      }
    },
    erase(what) {
      if (failure !== null) return Promise.reject(failure)
      return new Promise<void>((resolve, reject) => {
        const message = () => ({ message: { kind: 'erase' as const, what }, transfer: [] })
        enqueue({ gathering: null, message, isFull: true, waiters: [{ resolve: () => resolve(), reject }] })
      })
    },
    lease(asked) {
      if (failure !== null) return Promise.reject(failure)
      return new Promise<Lease[]>((resolve, reject) => {
        const message = () => ({ message: { kind: 'lease' as const, asked }, transfer: [] })
        enqueue({ gathering: null, message, isFull: true, waiters: [{ resolve, reject }] })
      })
    },
    backlog: () => ({ ...waiting }),
    failure: () => failure,
    async mend() {
      if (failure === null) return
      if (failure.code === 'not-ready') throw failure
      const broken = worker
      worker = null
      await broken?.terminate()
      await start(true)
      if (failure !== null) throw failure
    },
    async close() {
      if (failure?.code === 'not-ready') return
      if (failure === null && (inFlight !== null || queue.length > 0))
        await new Promise<void>((resolve) => {
          idle = resolve
        })
      idle = null
      failure = new UxbridgeError('not-ready', 'The store is closed.')
      const ending = worker
      worker = null
      if (ending === null) return
      const exited = new Promise((resolve) => ending.once('exit', resolve))
      ending.postMessage({ kind: 'close' } satisfies ToWriter)
      await exited
    },
  }
}

function groupMessage(gathering: Gathering): { message: ToWriter; transfer: ArrayBuffer[] } {
  const { group, transfer } = gathering.take()
  return { message: { kind: 'group', group }, transfer }
}

export function errorOf({ code, message, details }: Trouble): UxbridgeError {
  return new UxbridgeError(code, message, details)
}
