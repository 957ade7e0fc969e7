import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Said {
  method?: string
  body?: unknown
  /** Sent as they are; `body` is then left alone. */
  bytes?: Uint8Array | string
  headers?: Record<string, string>
  cookie?: string | undefined
  token?: string | undefined
}
export interface Heard {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** Null when it is no JSON. */
  json: ReturnType<JSON['parse']>
}

/** Real HTTP on a free port, with headers that fetch would not let a test send (Host, Origin, Cookie). */
export async function listenOn(app: (request: never, response: never) => void) {
  const server = createServer(app as Parameters<typeof createServer>[1] & object)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const call = (
    path: string,
    { method = 'GET', body, bytes, headers = {}, cookie, token }: Said = {},
  ): Promise<Heard> =>
    new Promise((resolve, reject) => {
      const payload = bytes ?? (body === undefined ? undefined : JSON.stringify(body))
      const outgoing = httpRequest(
        {
          port,
          host: '127.0.0.1',
          path,
          method,
          agent: false,
          headers: {
            ...(payload === undefined
              ? {}
              : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            ...(cookie === undefined ? {} : { cookie }),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...headers,
          },
        },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            const isJson = /json/.test(incoming.headers['content-type'] ?? '')
            resolve({
              status: incoming.statusCode ?? 0,
              headers: incoming.headers,
              text,
              json: isJson && text !== '' ? JSON.parse(text) : null,
            })
          })
        },
      )
      outgoing.on('error', reject)
      outgoing.end(payload)
    })
  const close = () =>
    new Promise<void>((closed) => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return { port, call, close }
}
