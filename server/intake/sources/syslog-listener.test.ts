import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import type { Settings } from '#shared/source.ts'
import type { Listener } from '../port.ts'
import { messagesIn } from './syslog-framing.ts'
import { listenSyslog } from './syslog-listener.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A listener whose time is moved by hand. */
async function desk(settings: Settings = {}) {
  const port = await freePort()
  const taken: { text: string; peer: string; cut: boolean }[] = []
  const timers = new Set<{ ms: number; work: () => void }>()
  let refusal: UxbridgeError | null = null
  let waiting = 0
  const listener = await listenSyslog({
    sourceId: 's_1',
    settings: { port, ...settings },
    secrets: {},
    clock: { now: () => 0 },
    maxBytes: 8 * 1024 * 1024,
    async take(body) {
      if (refusal !== null) throw refusal
      const { messages } = messagesIn(body)
      taken.push(...messages.map(({ bytes, peer, cut }) => ({ text: Buffer.from(bytes).toString(), peer, cut })))
    },
    after(ms, work) {
      const timer = { ms, work }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    log: { info: () => undefined, error: () => waiting++ },
  })
  closing.push(() => listener.close())
  const self = {
    port,
    listener,
    taken,
    timers,
    says: () => listener.state().says,
    refuseWith: (next: UxbridgeError | null) => {
      refusal = next
    },
    /** Lets all timers of this length ring. */
    ring(ms: number) {
      for (const timer of [...timers]) if (timer.ms === ms && timers.delete(timer)) timer.work()
    },
    /** Rings the batch's timer until so many messages were taken in. */
    async texts(count: number): Promise<string[]> {
      await expect
        .poll(() => {
          self.ring(50)
          return taken.length
        })
        .toBe(count)
      return taken.map(({ text }) => text)
    },
    async dial(): Promise<Socket> {
      const socket = connect(port, '127.0.0.1')
      closing.push(() => socket.destroy())
      // Else the end of a connection is not seen.
      socket.resume()
      await once(socket, 'connect')
      return socket
    },
    async datagram(text: string): Promise<void> {
      const socket = createSocket('udp4')
      await new Promise<void>((resolve) => socket.send(text, port, '127.0.0.1', () => resolve()))
      socket.close()
    },
  }
  return self
}
const refused = (settings: Settings) =>
  desk(settings).then(
    () => 'it opened',
    (error: Error) => error.message,
  )

describe('a syslog port', () => {
  it('takes in datagrams and streams, and knows where they came from', async () => {
    const { dial, datagram, texts, taken, says } = await desk()
    await datagram('<13>by UDP\n')
    const socket = await dial()
    socket.write('<13>a line\n10 <13>by TCP')
    expect((await texts(3)).sort()).toEqual(['<13>a line', '<13>by TCP', '<13>by UDP'])
    expect(new Set(taken.map(({ peer }) => peer))).toEqual(new Set(['127.0.0.1']))
    expect(says()).toMatch(/^Listens on 127\.0\.0\.1:\d+, UDP and TCP\. 1 connected\.$/)
  })

  it('a line that nobody ends is taken after two seconds of silence, or when its connection ends', async () => {
    const { dial, texts, timers, ring } = await desk({ transport: 'tcp' })
    const socket = await dial()
    socket.write('<13>one')
    await expect.poll(() => [...timers].some(({ ms }) => ms === 2000)).toBe(true)
    ring(2000)
    expect(await texts(1)).toEqual(['<13>one'])
    socket.end('<13>two')
    expect(await texts(2)).toEqual(['<13>one', '<13>two'])
    expect([...timers].filter(({ ms }) => ms === 2000)).toEqual([])
  })

  it('Y6: while the inbox takes nothing in, a stream is not read on; then all of it is there', async () => {
    const { dial, texts, refuseWith, ring, listener, taken } = await desk({ transport: 'tcp' })
    refuseWith(new UxbridgeError('store-full', 'The disk is full.'))
    const socket = await dial()
    const lines = 20_000
    socket.write(Array.from({ length: lines }, (_, i) => `<13>${'x'.repeat(400)} ${i}\n`).join(''))
    await expect.poll(() => listener.state().says).toContain('Takes nothing in at the moment: The disk is full.')
    expect(listener.state().ok).toBe(false)
    // More than what may wait here, and less than what was sent: the rest waits at the sender.
    await expect.poll(() => socket.bytesWritten > 0 && socket.writableLength > 0).toBe(true)
    refuseWith(null)
    await expect
      .poll(
        () => {
          ring(1000)
          ring(50)
          return taken.length
        },
        { timeout: 10_000 },
      )
      .toBe(lines)
    expect((await texts(lines)).at(-1)).toMatch(/ 19999$/)
    expect(listener.state()).toMatchObject({ ok: true, says: expect.not.stringContaining('dropped') })
  })

  it('TLS at a plain port is one message, and the end of the connection', async () => {
    const { dial, texts, taken } = await desk({ transport: 'tcp' })
    const socket = await dial()
    const closed = once(socket, 'close')
    socket.on('error', () => undefined)
    socket.write(Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), Buffer.from('\n\n\0\n'.repeat(50))]))
    await texts(1)
    await closed
    expect(taken).toHaveLength(1)
  })

  it('takes nothing from addresses that may not send, and says how often they knocked', async () => {
    const { dial, datagram, says, taken } = await desk({ allowed: ['192.0.2.0/24', '2001:db8::/32'] })
    await datagram('<13>x')
    const socket = await dial()
    await once(socket, 'close')
    await expect.poll(says).toContain('2 times an address knocked that may not send.')
    expect(taken).toEqual([])
  })

  it('turns away more connections than it can serve, and says so', async () => {
    const { dial, says, texts } = await desk({ transport: 'tcp' })
    const sockets: Socket[] = []
    for (let i = 0; i < 500; i++) sockets.push(await dial())
    const late = await dial()
    late.on('error', () => undefined)
    await once(late, 'close')
    await expect.poll(says).toContain('1 connections were turned away: 500 are the most.')
    sockets[499]?.write('<13>still served\n')
    expect(await texts(1)).toEqual(['<13>still served'])
  })

  it('the end takes in what has come, and closes its port', async () => {
    const { dial, listener, taken, port } = await desk({ transport: 'tcp' })
    const socket = await dial()
    socket.on('error', () => undefined)
    socket.write('<13>one\n<13>half')
    await expect.poll(() => listener.state().says).toContain('1 connected')
    await listener.close()
    expect(taken.map(({ text }) => text)).toEqual(['<13>one', '<13>half'])
    const again: Listener = await listenSyslog({
      ...{ sourceId: 's_2', settings: { port }, secrets: {}, clock: { now: () => 0 }, maxBytes: 1024 },
      ...{ take: () => Promise.resolve(), after: () => () => undefined },
      log: { info: () => undefined, error: () => undefined },
    })
    await again.close()
  })
})

describe('a port that cannot be opened says what to do', () => {
  it('without a port, at an address that is not here, or taken', async () => {
    expect(await refused({ port: 0 })).toMatch(/^No port is set/)
    expect(await refused({ address: '192.0.2.1' })).toMatch(/is no address of this machine: correct it/)
    const { port } = await desk()
    expect(await refused({ port })).toMatch(/is in use by another program or source/)
    expect(await refused({ port, transport: 'udp' })).toMatch(/\(UDP\) is in use/)
  })
  it('with networks that are none, and files that are missing', async () => {
    expect(await refused({ allowed: ['192.0.2.0/33'] })).toMatch(/"192\.0\.2\.0\/33" under Senders is no address/)
    expect(await refused({ transport: 'tls' })).toBe('TLS needs a certificate file and a key file: set both.')
    expect(await refused({ transport: 'tls', certificateFile: '/nowhere/a.pem', keyFile: '/nowhere/b.pem' })).toMatch(
      /^\/nowhere\/[ab]\.pem cannot be read: ENOENT\./,
    )
  })
})
