import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { Message, Named } from '../port.ts'

/** 2026-03-02T03:00:12.480Z */
export const at = Date.UTC(2026, 2, 2, 3, 0, 12, 480)

export const incident = (change: Partial<Named> = {}): Named => ({
  id: 'INC-1042',
  title: 'Payments fail in eu-west',
  service: 'payments',
  tier: 1,
  reason: 'escalated',
  text: 'Nobody has claimed it for 5 min.',
  link: 'https://ux.example.org/incident/INC-1042',
  openedAt: at - 5 * 60_000,
  owner: null,
  actions: [{ label: 'Claim', url: 'https://ux.example.org/act#secret-token' }],
  ...change,
})

export const message = (change: Partial<Message> = {}): Message => ({
  key: 'n_abc',
  at,
  title: 'Escalated to you: INC-1042 Payments fail in eu-west',
  incidents: [incident()],
  more: 0,
  drill: false,
  link: 'https://ux.example.org/',
  ...change,
})

/** Thirty incidents in one message, some of them restricted. */
export const storm = (): Message =>
  message({
    key: 'n_storm',
    title: '42 incidents want an owner',
    more: 12,
    incidents: Array.from({ length: 30 }, (_, n) =>
      incident({ id: `INC-${n}`, tier: n % 3 === 0 ? null : 2, actions: [], ...(n % 7 === 3 ? { title: null } : {}) }),
    ),
  })

/** A signal that never fires. */
export const patient = (): AbortSignal => new AbortController().signal

export interface Got {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Buffer
  /** What TLS was asked for (SNI). */
  servername: string | null
}

export interface Receiver {
  url: string
  port: number
  got: Got[]
  close(): Promise<void>
}

/** A real HTTP(S) server on loopback that keeps what it is sent; `answer` says what it does. */
export async function receiver(
  answer: (response: ServerResponse, got: Got) => void = (response) => void response.end('ok'),
  tls: { key: string; cert: string } | null = null,
): Promise<Receiver> {
  const got: Got[] = []
  const on = (server: Server) =>
    server.on('request', (request, response) => {
      void buffer(request).then((body) => {
        const { servername } = request.socket as { servername?: string }
        const one = {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body,
          servername: servername ?? null,
        }
        got.push(one)
        answer(response, one)
      })
    })
  const server = on(tls === null ? createServer() : createTlsServer(tls))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `${tls === null ? 'http' : 'https'}://${tls === null ? '127.0.0.1' : 'localhost'}:${port}`,
    port,
    got,
    close() {
      const ended = new Promise<void>((done) => server.close(() => done()))
      server.closeAllConnections()
      return ended
    },
  }
}

/** A certificate for `localhost`, signed by itself, made by openssl. @throws Error when openssl makes none */
export function certificate(name = 'localhost'): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'uxbridge-cert-'))
  const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') }
  const what = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2']
  const whom = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name},IP:127.0.0.1`]
  try {
    const made = spawnSync('openssl', ['req', ...what, ...whom, '-keyout', files.key, '-out', files.cert])
    if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`)
    return { key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
