import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { BlockList, createServer, isIP, isIPv6, type Server, type ServerOpts, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createServer as createTlsServer, type SecureContextOptions, type Server as TlsServer } from 'node:tls'
import { hourMs, minuteMs, secondMs } from '#shared/clocks.ts'
import type { Settings } from '#shared/source.ts'
import type { ListenAt, Listener } from '../port.ts'
import { framedDatagram, longestMessage, SyslogStream } from './syslog-framing.ts'
import { SyslogQueue } from './syslog-queue.ts'
import { kernelDrops } from './udp-drops.ts'

/** How messages may come. */
export const transports = {
  'udp+tcp': { label: 'UDP and TCP', udp: true, tcp: true, tls: false },
  udp: { label: 'UDP', udp: true, tcp: false, tls: false },
  tcp: { label: 'TCP', udp: false, tcp: true, tls: false },
  tls: { label: 'TLS', udp: false, tcp: true, tls: true },
} as const

const mostConnections = 500
/** A line whose end does not come in this time is taken as it is: some senders end none. */
const lineIdleMs = 2 * secondMs
/**
 * A sender that has nothing to say is not cut off: it would lose what it writes into the closed connection before it
 * learns of it. Keep-alive finds those that are gone.
 */
const idleMs = 24 * hourMs
const keepAliveMs = minuteMs
const handshakeMs = 10 * secondMs
const certificateLookMs = minuteMs
const dropsLookMs = 5 * secondMs
/** At the end: a sender that never pauses shall not keep us. */
const restTurns = 100
/** Datagrams of a burst wait in the kernel until they are read; it may grant less. */
const udpBufferBytes = 4 * 1024 * 1024

/** What a listener has counted since it was opened. */
interface Counts {
  /** Datagrams for which there was no room. */
  dropped: number
  /** Datagrams that the kernel could not keep until they were read. */
  unread: number
  /** Connections over the limit. */
  turnedAway: number
  /** Datagrams and connections from addresses that may not send. */
  strangers: number
  /** Handshakes that failed, and why the last one did. */
  handshakes: number
  handshake: string
}

/**
 * Opens the source's port. UDP and TCP acknowledge nothing: over TCP we stop reading while the inbox takes nothing in, so
 * that a sender's own queue fills; datagrams for which there is no room are counted, and shown.
 * @throws Error that says what to do when the port cannot be opened
 */
export async function listenSyslog(at: ListenAt): Promise<Listener> {
  const { settings } = at
  const port = Number(settings.port ?? 0)
  if (port === 0) throw new Error('No port is set, so it listens nowhere: set one.')
  const address = String(settings.address ?? '127.0.0.1')
  const transport = transports[(settings.transport ?? 'udp+tcp') as keyof typeof transports]
  const counts: Counts = { dropped: 0, unread: 0, turnedAway: 0, strangers: 0, handshakes: 0, handshake: '' }
  const mayCome = gateOf(settings)
  const streams = transport.tcp ? await openStreams(at, address, port, transport.tls, mayCome, counts) : null
  const datagrams = transport.udp
    ? await openDatagrams(at, address, port, mayCome, counts).catch(async (error: unknown) => {
        await streams?.close()
        throw error
      })
    : null
  let closed: Promise<void> | null = null
  const doors = [streams, datagrams].filter((door) => door !== null)
  return {
    state() {
      const broken = doors.map((door) => door.broken()).find((each) => each !== null)
      if (broken !== undefined) return { ok: false, says: `Stopped listening: ${broken}.` }
      const trouble = doors.map(({ queue }) => queue.trouble).find((each) => each !== null)
      const lost = doors.reduce((sum, { queue }) => sum + queue.lost, 0)
      const place = `${isIPv6(address) ? `[${address}]` : address}:${port}`
      const says = [
        `Listens on ${place}, ${transport.label}.`,
        ...(streams === null ? [] : [`${streams.connections()} connected.`]),
        ...(trouble === undefined ? [] : [`Takes nothing in at the moment: ${trouble}`]),
        ...counted(
          counts.dropped + counts.unread,
          'datagrams came faster than they could be taken in and were dropped',
        ),
        ...counted(lost, 'messages could not be taken in and were dropped; the log says why'),
        ...counted(counts.turnedAway, `connections were turned away: ${mostConnections} are the most`),
        ...counted(counts.strangers, 'times an address knocked that may not send'),
        ...counted(counts.handshakes, `TLS handshakes failed, the last with: ${counts.handshake}`),
      ]
      return { ok: trouble === undefined, says: says.join(' ') }
    },
    close() {
      closed ??= Promise.all(doors.map((door) => door.close())).then(() => undefined)
      return closed
    },
  }
}

function counted(count: number, words: string): string[] {
  return count === 0 ? [] : [`${count} ${words}.`]
}

/** One opened port. */
interface Door {
  queue: SyslogQueue
  /** Why it does not work any more; null while it does. */
  broken(): string | null
  /** Resolves when everything that came was taken in, or refused. */
  close(): Promise<void>
}

async function openDatagrams(
  at: ListenAt,
  address: string,
  port: number,
  mayCome: (address: string) => boolean,
  counts: Counts,
): Promise<Door> {
  const queue = new SyslogQueue(at, () => undefined)
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: udpBufferBytes })
  let broken: string | null = null
  socket.on('message', (bytes: Buffer, { address }: RemoteInfo) => {
    const peer = plainAddress(address)
    if (!mayCome(peer)) {
      counts.strangers++
      return
    }
    const framed = framedDatagram(bytes)
    if (framed !== null && !queue.put({ ...framed, peer })) counts.dropped++
  })
  await opened(socket, () => socket.bind({ port, address, exclusive: true }), `${address}:${port} (UDP)`)
  socket.on('error', (error) => {
    broken = error.message
    at.log.error({ err: error, source: at.sourceId }, 'a syslog port failed')
  })
  let callOff = at.after(dropsLookMs, look)
  function look(): void {
    kernelDrops(address, port)
      .then((drops) => {
        counts.unread = drops ?? 0
      })
      .catch((err: unknown) => at.log.error({ err, source: at.sourceId }, 'dropped datagrams cannot be counted'))
    callOff = at.after(dropsLookMs, look)
  }
  return {
    queue,
    broken: () => broken,
    async close() {
      callOff()
      const closed = once(socket, 'close')
      socket.close()
      await closed
      await queue.close()
    },
  }
}

async function openStreams(
  at: ListenAt,
  address: string,
  port: number,
  secure: boolean,
  mayCome: (address: string) => boolean,
  counts: Counts,
): Promise<Door & { connections(): number }> {
  const sockets = new Map<Socket, () => void>()
  let closing = false
  let reads = 0
  const queue = new SyslogQueue(at, () => {
    for (const socket of sockets.keys()) socket.resume()
  })

  function welcome(socket: Socket): void {
    const peer = plainAddress(socket.remoteAddress ?? '')
    if (!mayCome(peer)) {
      counts.strangers++
      socket.destroy()
      return
    }
    const stream = new SyslogStream()
    let callOff: (() => void) | null = null
    let first = true
    const put = (framed: ReturnType<SyslogStream['push']>) => {
      for (const message of framed) if (!queue.put({ ...message, peer })) counts.dropped++
      // Read on later: the sender's own queue fills meanwhile, and nothing of it is lost.
      if (queue.busy && !closing) for (const other of sockets.keys()) other.pause()
    }
    const idle = () => {
      // While we do not read, the rest of the line may be on its way.
      if (socket.isPaused()) callOff = at.after(lineIdleMs, idle)
      else put(stream.flushLine())
    }
    const finish = () => {
      if (!sockets.delete(socket)) return
      callOff?.()
      put(stream.flush())
    }
    sockets.set(socket, finish)
    socket.on('data', (bytes: Buffer) => {
      if (first && looksLikeTls(bytes)) {
        // What it is goes to lost property, once; its bytes cut into lines would be hundreds of items there.
        put([{ bytes: bytes.subarray(0, longestMessage), cut: bytes.length > longestMessage }])
        socket.destroy()
        return
      }
      first = false
      reads++
      put(stream.push(bytes))
      callOff?.()
      callOff = stream.unfinished ? at.after(lineIdleMs, idle) : null
    })
    socket.setTimeout(idleMs, () => socket.destroy())
    // A connection that breaks is everyday; `close` follows, and what had come is kept.
    socket.on('error', () => finish())
    socket.on('close', finish)
  }

  const options: ServerOpts = { keepAlive: true, keepAliveInitialDelay: keepAliveMs, noDelay: true }
  const tls = secure ? await readCertificates(at.settings) : null
  const server: Server | TlsServer =
    tls === null
      ? createServer(options, welcome)
      : createTlsServer({ ...options, ...tls.options, handshakeTimeout: handshakeMs }, welcome)
  server.maxConnections = mostConnections
  server.on('drop', () => counts.turnedAway++)
  // With those whose handshake is not done: they would keep a server that closes.
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('tlsClientError', (error: Error) => {
    counts.handshakes++
    counts.handshake = error.message
  })
  let broken: string | null = null
  await opened(server, () => server.listen({ port, host: address, exclusive: true }), `${address}:${port} (TCP)`)
  server.on('error', (error) => {
    broken = error.message
    at.log.error({ err: error, source: at.sourceId }, 'a syslog port failed')
  })
  /** What has come to this machine is read: its senders think that we have it. */
  async function readRest(): Promise<void> {
    for (let turn = 0, before = -1; turn < restTurns && before !== reads; turn++) {
      before = reads
      for (const socket of sockets.keys()) socket.resume()
      // Each turn of the event loop reads what there is of every connection.
      await nextTurn()
      await nextTurn()
    }
  }
  const stopLooking = tls === null ? () => undefined : renew(at, server as TlsServer, tls.changedAt)
  return {
    queue,
    connections: () => sockets.size,
    broken: () => broken,
    async close() {
      closing = true
      stopLooking()
      const closed = once(server, 'close')
      server.close()
      await readRest()
      for (const finish of [...sockets.values()]) finish()
      for (const socket of open) socket.destroy()
      await closed
      await queue.close()
    },
  }
}

/** RFC 8446, 5.1: a record of type handshake, version 3.x. */
function looksLikeTls(bytes: Uint8Array): boolean {
  return bytes[0] === 0x16 && bytes[1] === 0x03
}

/** Waits until it listens. @throws Error in words for people */
async function opened(door: UdpSocket | Server, open: () => void, place: string): Promise<void> {
  const listening = once(door, 'listening')
  open()
  try {
    await listening
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(whyClosed[code ?? '']?.(place) ?? `${place} cannot be opened: ${message}.`, { cause: error })
  }
}

const whyClosed: Readonly<Record<string, (place: string) => string>> = {
  EADDRINUSE: (place) => `${place} is in use by another program or source: choose another port, or stop the other.`,
  EACCES: (place) => `${place} needs rights that this server has not: choose a port above 1023.`,
  EADDRNOTAVAIL: (place) => `${place} is no address of this machine: correct it.`,
}

/** @returns whether an address may send */
function gateOf({ allowed }: Settings): (address: string) => boolean {
  if (!Array.isArray(allowed) || allowed.length === 0) return () => true
  const list = new BlockList()
  for (const each of allowed as readonly string[]) {
    const [network = '', bits] = each.split('/')
    const most = isIPv6(network) ? 128 : 32
    if (isIP(network) === 0 || Number(bits ?? 0) > most)
      throw new Error(`"${each}" under Senders is no address or network: write it as 192.0.2.7 or 192.0.2.0/24.`)
    list.addSubnet(network, Number(bits ?? most), isIPv6(network) ? 'ipv6' : 'ipv4')
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** IPv4 as such, where a socket of both kinds says `::ffff:192.0.2.7`. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

const certificateFiles = ['certificateFile', 'keyFile', 'clientAuthorityFile'] as const

/** @throws Error in words for people */
async function readCertificates(settings: Settings): Promise<{
  options: SecureContextOptions & { requestCert: boolean; rejectUnauthorized: boolean }
  changedAt: number
}> {
  const [cert, key, ca] = await Promise.all(
    certificateFiles.map(async (name) => {
      const path = settings[name]
      if (typeof path !== 'string') {
        if (name === 'clientAuthorityFile') return null
        throw new Error('TLS needs a certificate file and a key file: set both.')
      }
      try {
        return { bytes: await readFile(path), at: (await stat(path)).mtimeMs }
      } catch (error) {
        throw new Error(
          `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}. Correct the path or its rights.`,
          {
            cause: error,
          },
        )
      }
    }),
  )
  const asked = ca != null
  return {
    options: {
      minVersion: 'TLSv1.2',
      ...(cert == null ? {} : { cert: cert.bytes }),
      ...(key == null ? {} : { key: key.bytes }),
      ...(ca == null ? {} : { ca: ca.bytes }),
      requestCert: asked,
      rejectUnauthorized: asked,
    },
    changedAt: Math.max(...[cert, key, ca].map((file) => file?.at ?? 0)),
  }
}

/** Looks now and then whether the files were renewed; connections that are open keep theirs. @returns a function that stops it */
function renew(at: ListenAt, server: TlsServer, firstAt: number): () => void {
  let changedAt = firstAt
  let callOff = at.after(certificateLookMs, look)
  function look(): void {
    readCertificates(at.settings)
      .then((next) => {
        if (next.changedAt === changedAt) return
        server.setSecureContext(next.options)
        changedAt = next.changedAt
        at.log.info({ source: at.sourceId }, 'the certificate of a syslog port was read again')
      })
      .catch((err: unknown) =>
        at.log.error({ err, source: at.sourceId }, 'the renewed certificate of a syslog port cannot be used'),
      )
    callOff = at.after(certificateLookMs, look)
  }
  return () => callOff()
}
