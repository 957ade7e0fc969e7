import { describe, expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import type { Settings } from '#shared/source.ts'
import type { Source } from '../access/port.ts'
import { makeListeners } from './listeners.ts'
import type { Adapter, ListenAt, RawRequest, Reading, SourceKind } from './port.ts'
import { houseRefusal } from './sources/answers.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))
const empty: Reading = { events: [], unreadable: [], answer: { status: 200 }, keep: true }

/** Sources whose doors are told about here instead of opened. */
function desk() {
  const done: string[] = []
  const opened: ListenAt[] = []
  const timers: { ms: number; work: () => void }[] = []
  const received: RawRequest[] = []
  const known = new Map<string, { source: Source; live: boolean; secrets: Record<string, string> }>()
  const hearers = new Set<(sourceId: string) => void>()
  let fault: string | null = null
  let receiving: () => Promise<void> = () => Promise.resolve()
  let now = 1000
  const adapter: Adapter = {
    id: 'ear/listener',
    door: 'listener',
    maxBytes: 2048,
    mediaTypes: null,
    uses: ['alertFrom'],
    parse: (request) => ({ ...empty, keep: request.body.length > 0 }),
    refuse: houseRefusal,
  }
  const ear: SourceKind = {
    kind: 'ear',
    title: 'Ear',
    defaultGroup: 'source',
    keyFormat: 'bearer',
    adapters: [adapter],
    async listen(at) {
      done.push(`open ${at.sourceId} ${at.settings.port}`)
      if (fault !== null) throw new Error(fault)
      opened.push(at)
      return {
        state: () => ({ ok: true, says: `hears ${at.settings.port}` }),
        async close(next) {
          await settled()
          done.push(`close ${at.sourceId} for ${next === undefined ? 'now' : JSON.stringify(next?.port ?? null)}`)
        },
      }
    },
    connect: () => [],
  }
  const { listen: _, ...deaf } = { ...ear, kind: 'deaf' }
  const set = (
    id: string,
    settings: Settings,
    more: { kind?: string; live?: boolean; secrets?: Record<string, string> } = {},
  ) => {
    const { kind = 'ear', live = true, secrets = {} } = more
    const source = { id, kind, name: id, group: id, defaultSeverity: null, settings, createdAt: 0 }
    known.set(id, { source, live, secrets })
    for (const hear of hearers) hear(id)
  }
  const listeners = makeListeners({
    sources: {
      get: (id) => known.get(id)?.source,
      list: () => [...known.values()].map(({ source }) => source),
      live: (id) => known.get(id)?.live ?? false,
      secretsFor: (id) => known.get(id)?.secrets ?? {},
      onChange(hear) {
        hearers.add(hear)
        return () => hearers.delete(hear)
      },
    },
    kinds: [ear, deaf],
    async receive(_source, _adapter, raw) {
      await receiving()
      received.push(raw)
    },
    clock: { now: () => now },
    after(ms, work) {
      const timer = { ms, work }
      timers.push(timer)
      return () => void (timers.includes(timer) && timers.splice(timers.indexOf(timer), 1))
    },
    log: { info: () => undefined, error: () => undefined },
  })
  return {
    listeners,
    set,
    done,
    opened,
    timers,
    received,
    hearers,
    failWith: (reason: string | null) => {
      fault = reason
    },
    receiveWith: (next: () => Promise<void>) => {
      receiving = next
    },
    pass: (ms: number) => {
      now += ms
    },
    async ring() {
      const timer = timers.shift()
      timer?.work()
      await settled()
      return timer?.ms
    },
  }
}

describe('the doors of sources that are no HTTP', () => {
  it('Y7: all are opened at the start, and those of new sources as they come', async () => {
    const { listeners, set, done } = desk()
    set('s_1', { port: 1 })
    set('s_0', {}, { kind: 'deaf' })
    expect(listeners.state('s_1')).toEqual({ ok: false, says: 'It is being opened.' })
    listeners.start()
    await settled()
    set('s_2', { port: 2 })
    await settled()
    expect(done).toEqual(['open s_1 1', 'open s_2 2'])
    expect(listeners.state('s_1')).toEqual({ ok: true, says: 'hears 1' })
    expect([listeners.state('s_0'), listeners.state('s_9')]).toEqual([null, null])
  })

  it('Y7: settings that change open it again, after it was closed; those that do not concern it leave it open', async () => {
    const { listeners, set, done } = desk()
    set('s_1', { port: 1 })
    listeners.start()
    await settled()
    set('s_1', { port: 1, alertFrom: 'err', perSecond: 5, silentAfter: 60_000 })
    await settled()
    expect(done).toEqual(['open s_1 1'])
    set('s_1', { port: 2 })
    await settled()
    await settled()
    set('s_1', { port: 2 }, { secrets: { password: 'new' } })
    await settled()
    await settled()
    expect(done.slice(1)).toEqual(['close s_1 for 2', 'open s_1 2', 'close s_1 for 2', 'open s_1 2'])
  })

  it('Y7: without a valid key it is closed for good, and opened again with a new one', async () => {
    const { listeners, set, done } = desk()
    set('s_1', { port: 1 })
    listeners.start()
    await settled()
    set('s_1', { port: 1 }, { live: false })
    await settled()
    await settled()
    expect(listeners.state('s_1')).toEqual({
      ok: false,
      says: expect.stringContaining('no key of this source is valid'),
    })
    set('s_1', { port: 1 })
    await settled()
    expect(done).toEqual(['open s_1 1', 'close s_1 for null', 'open s_1 1'])
  })

  it('Y7: what cannot be opened says why, is tried ever less often, and keeps nobody else from it', async () => {
    const { listeners, set, timers, failWith, ring, done } = desk()
    failWith('port 1 is in use')
    set('s_1', { port: 1 })
    listeners.start()
    await settled()
    expect(listeners.state('s_1')).toEqual({ ok: false, says: 'port 1 is in use' })
    const waits: (number | undefined)[] = []
    for (let i = 0; i < 8; i++) waits.push(await ring())
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    failWith(null)
    set('s_2', { port: 2 })
    await settled()
    expect(listeners.state('s_2')?.ok).toBe(true)
    // Another setting is tried at once, and the wait for the old one is over.
    set('s_1', { port: 3 })
    await settled()
    expect(listeners.state('s_1')).toEqual({ ok: true, says: 'hears 3' })
    expect(timers).toEqual([])
    expect(done.at(-1)).toBe('open s_1 3')
  })

  it('the end closes all, waits for what is under way, and hears no change any more', async () => {
    const { listeners, set, done, hearers, failWith, timers } = desk()
    set('s_1', { port: 1 })
    listeners.start()
    await settled()
    failWith('away')
    set('s_2', { port: 2 })
    await settled()
    await listeners.close()
    expect(done).toEqual(['open s_1 1', 'open s_2 2', 'close s_1 for now'])
    expect([hearers.size, timers.length]).toEqual([0, 0])
  })

  it('takes in with what reading uses, at its time; what says nothing is not kept', async () => {
    const { listeners, set, opened, received, pass } = desk()
    set('s_1', { port: 1, alertFrom: 'err' })
    listeners.start()
    await settled()
    pass(500)
    await opened[0]?.take(Buffer.from('x'), { contentType: 'text/plain', headers: { topic: 'a' } })
    await opened[0]?.take(Buffer.from(''))
    expect(received).toEqual([
      {
        body: Buffer.from('x'),
        contentType: 'text/plain',
        method: 'POST',
        path: '',
        query: '',
        headers: { topic: 'a' },
        settings: { alertFrom: 'err' },
        receivedAt: 1500,
      },
    ])
    set('s_1', { port: 1, alertFrom: 'crit' })
    await opened[0]?.take(Buffer.from('y'))
    expect(received[1]?.settings).toEqual({ alertFrom: 'crit' })
  })

  it('refuses what is over the limits of the source, and what the room refuses', async () => {
    const { listeners, set, opened, receiveWith, pass } = desk()
    set('s_1', { port: 1, perSecond: 1, maxKilobytes: 1 })
    listeners.start()
    await settled()
    const refusal = (bytes: number) =>
      opened[0]?.take(Buffer.alloc(bytes, 'x')).then(
        () => 'taken',
        (error: UxbridgeError) => error.code,
      )
    expect(opened[0]?.maxBytes).toBe(1024)
    expect(await refusal(1025)).toBe('body-too-large')
    expect([await refusal(1), await refusal(1), await refusal(1)]).toEqual(['taken', 'taken', 'rate-exceeded'])
    pass(1000)
    receiveWith(() => Promise.reject(new UxbridgeError('store-full', 'full')))
    expect(await refusal(1)).toBe('store-full')
    set('s_1', { port: 1 })
    expect(opened[0]?.maxBytes).toBe(2048)
  })
})
