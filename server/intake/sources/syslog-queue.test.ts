import { describe, expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import { messagesIn, type Received } from './syslog-framing.ts'
import { SyslogQueue } from './syslog-queue.ts'

const message = (text: string): Received => ({ peer: '192.0.2.1', cut: false, bytes: Buffer.from(text) })
const settled = () => new Promise((resolve) => setImmediate(resolve))

function desk({ maxBytes = 8 * 1024 * 1024 } = {}) {
  const batches: string[][] = []
  const timers: { ms: number; work: () => void }[] = []
  const errors: object[] = []
  let calm = 0
  let answer: () => Promise<void> = () => Promise.resolve()
  const queue = new SyslogQueue(
    {
      sourceId: 's_1',
      maxBytes,
      async take(body) {
        await answer()
        expect(body.length).toBeLessThanOrEqual(maxBytes)
        batches.push(messagesIn(body).messages.map(({ bytes }) => Buffer.from(bytes).toString()))
      },
      after(ms, work) {
        const timer = { ms, work }
        timers.push(timer)
        return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
      },
      log: { info: () => undefined, error: (fields) => void errors.push(fields) },
    },
    () => void calm++,
  )
  return {
    queue,
    batches,
    errors,
    timers,
    calm: () => calm,
    answerWith: (next: () => Promise<void>) => {
      answer = next
    },
    /** Lets the next timer ring. @returns after how long it was to ring */
    async ring() {
      const timer = timers.shift()
      timer?.work()
      await settled()
      return timer?.ms
    },
  }
}
const refuse = (code: 'store-full' | 'rate-exceeded' | 'body-too-large') => () =>
  Promise.reject(new UxbridgeError(code, `because of ${code}`))

describe('the queue of a syslog port', () => {
  it('takes messages in together, 50 ms after the first, in order', async () => {
    const { queue, batches, timers, ring } = desk()
    for (const text of ['a', 'b', 'c']) expect(queue.put(message(text))).toBe(true)
    expect([batches, timers.length]).toEqual([[], 1])
    expect(await ring()).toBe(50)
    expect(batches).toEqual([['a', 'b', 'c']])
    expect(queue.waiting).toBe(0)
  })

  it('500 at once need no wait, and no batch is larger', async () => {
    const { queue, batches, timers } = desk()
    for (let i = 0; i < 1200; i++) queue.put(message(String(i)))
    await settled()
    expect(batches.map(({ length }) => length)).toEqual([500, 500, 200])
    expect(batches.flat()).toEqual(Array.from({ length: 1200 }, (_, i) => String(i)))
    expect(timers).toEqual([])
  })

  it('what comes while a batch is on its way goes with the next one', async () => {
    const { queue, batches, ring, answerWith } = desk()
    const gate = Promise.withResolvers<void>()
    answerWith(() => gate.promise)
    queue.put(message('a'))
    await ring()
    queue.put(message('b'))
    queue.put(message('c'))
    expect(batches).toEqual([])
    gate.resolve()
    await settled()
    expect(batches).toEqual([['a'], ['b', 'c']])
  })

  it('Y6: what is refused for now is tried again each second until it is taken in', async () => {
    const { queue, batches, ring, answerWith } = desk()
    answerWith(refuse('store-full'))
    queue.put(message('a'))
    await ring()
    expect([queue.trouble, batches]).toEqual(['because of store-full', []])
    answerWith(refuse('rate-exceeded'))
    expect(await ring()).toBe(1000)
    expect(queue.trouble).toBe('because of rate-exceeded')
    answerWith(() => Promise.resolve())
    queue.put(message('b'))
    await ring()
    expect([queue.trouble, batches, queue.lost]).toEqual([null, [['a', 'b']], 0])
  })

  it('Y6: what can never be taken in is counted, said in the log, and keeps nothing else from it', async () => {
    const { queue, batches, errors, ring, answerWith } = desk()
    answerWith(refuse('body-too-large'))
    queue.put(message('a'))
    await ring()
    answerWith(() => Promise.resolve())
    queue.put(message('b'))
    await ring()
    expect([batches, queue.lost, errors.length]).toEqual([[['b']], 1, 1])
  })

  it('is busy from 2,000 on, calm again below, and full at 50,000', async () => {
    const { queue, calm, answerWith, ring } = desk()
    answerWith(refuse('store-full'))
    for (let i = 0; i < 2000; i++) expect([queue.busy, queue.put(message('x'))]).toEqual([false, true])
    expect(queue.busy).toBe(true)
    let put = 2000
    while (put < 50_000 && queue.put(message('x'))) put++
    expect(put).toBe(50_000)
    expect(queue.put(message('x'))).toBe(false)
    await settled()
    expect(calm()).toBe(0)
    answerWith(() => Promise.resolve())
    await ring()
    expect([calm(), queue.waiting, queue.busy]).toEqual([1, 0, false])
  })

  it('is calm again also after it became busy while a batch was on its way', async () => {
    const { queue, calm, answerWith } = desk()
    const gate = Promise.withResolvers<void>()
    answerWith(() => gate.promise)
    for (let i = 0; i < 1999; i++) queue.put(message('x'))
    await settled()
    queue.put(message('x'))
    expect([queue.busy, calm()]).toEqual([true, 0])
    gate.resolve()
    await settled()
    expect([queue.busy, calm(), queue.waiting]).toEqual([false, 1, 0])
  })

  it('the end takes in what waits, at once; what is refused even then is counted and logged', async () => {
    const { queue, batches, errors, answerWith, ring } = desk()
    queue.put(message('a'))
    await queue.close()
    expect(batches).toEqual([['a']])
    answerWith(refuse('store-full'))
    queue.put(message('b'))
    await ring()
    await queue.close()
    expect([batches, queue.lost, queue.waiting]).toEqual([[['a']], 1, 0])
    expect(errors).toEqual([{ source: 's_1', messages: 1 }])
  })

  it('no body is larger than the source may send: longer messages are cut, and marked', async () => {
    const { queue, batches, ring } = desk({ maxBytes: 1000 })
    for (const text of ['x'.repeat(2000), 'y'.repeat(500), 'z'.repeat(500)]) queue.put(message(text))
    await ring()
    expect(batches.map((batch) => batch.map(({ length }) => length))).toEqual([[920], [500], [500]])
  })
})
