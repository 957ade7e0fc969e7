import type { IncomingMessage } from 'node:http'
import express, { type Express } from 'express'

/** Whose X-Forwarded-For is believed: `true` for one proxy in front of us, a number of them, or their addresses. */
export type TrustProxy = boolean | number | string

/** Tells an Express app whom to believe. */
export function trustProxies(app: Express, trust: TrustProxy): void {
  // `true` would believe whatever address the sender writes into X-Forwarded-For; one proxy is what people mean.
  app.set('trust proxy', trust === true ? 1 : trust)
}

/** Where a request comes from, for doors that Express does not stand at, by the same rules as its `request.ip`. */
export function makeAddressOf(trust: TrustProxy): (request: IncomingMessage) => string | null {
  const app = express()
  trustProxies(app, trust)
  const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean
  return ({ socket, headers }) => {
    const said = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
    const hops = [socket.remoteAddress ?? '', ...said.map((address) => address.trim()).reverse()].filter(Boolean)
    const sender = hops.find((address, hop) => hop === hops.length - 1 || !trusts(address, hop))
    return sender ?? null
  }
}
