import { request } from 'node:http'
import type { ErrorBody } from '#shared/errors.ts'

/** The server, or the data folder itself, refused. `message` says what to do. */
export class OpsRefused extends Error {
  override name = 'OpsRefused'
  readonly code: string
  readonly details: Record<string, unknown>
  constructor({
    code,
    message,
    details,
  }: { code: string; message: string; details?: Record<string, unknown> | undefined }) {
    super(message)
    this.code = code
    this.details = details ?? {}
  }
}

/** Nobody listens at the socket: the server does not run. */
export class NobodyListens extends Error {
  override name = 'NobodyListens'
}

/** How a command reaches the routes: the same whether a server runs or not. */
export type Call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => Promise<unknown>

/** @returns a call over the local socket. It throws OpsRefused, or NobodyListens when there is no server */
export function callAt(socketPath: string): Call {
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body)
      const headers =
        payload === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
      const outgoing = request({ socketPath, method, path, headers, agent: false }, (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const answer: unknown = text === '' ? null : JSON.parse(text)
          if ((incoming.statusCode ?? 500) >= 400) reject(new OpsRefused(answer as ErrorBody))
          else resolve(answer)
        })
      })
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') reject(new NobodyListens(socketPath))
        else if (error.code === 'EACCES' || error.code === 'EPERM')
          reject(
            new OpsRefused({
              code: 'not-allowed',
              message: `You may not open ${socketPath}. Run this as the user that runs the server.`,
            }),
          )
        else reject(error)
      })
      outgoing.end(payload)
    })
}
