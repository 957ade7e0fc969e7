import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { newFolder } from './server.ts'

/** What stands before a server where senders speak TLS only. */
export interface Front {
  /** `localhost:4443` */
  host: string
  /** PEM of the certificate, to be trusted by who is to believe it. */
  certificate: string
  close(): Promise<void>
}

/**
 * Ends TLS on a port of its own and hands the bytes on, as a proxy does. Its certificate is for `localhost`, made anew by
 * openssl and signed by itself.
 * @throws Error when openssl makes none
 */
export async function startFront(port: number): Promise<Front> {
  const { key, certificate } = makeCertificate()
  const open = new Set<Socket>()
  const server = createServer({ key, cert: certificate }, (outer) => {
    const inner = connect(port, '127.0.0.1')
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      open.add(one)
      one.pipe(other)
      // Whoever breaks off, the other side is told so.
      one.on('error', () => other.destroy())
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return {
    host: `localhost:${address.port}`,
    certificate,
    async close() {
      server.close()
      for (const socket of open) socket.destroy()
      await once(server, 'close')
    },
  }
}

function makeCertificate(): { key: string; certificate: string } {
  const folder = newFolder('certificate')
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const what = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '2']
  const forWhom = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  try {
    const made = spawnSync('openssl', ['req', ...what, ...forWhom, '-keyout', keyFile, '-out', certificateFile], {
      encoding: 'utf8',
    })
    if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`)
    return { key: readFileSync(keyFile, 'utf8'), certificate: readFileSync(certificateFile, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
