import { isIPv6 } from 'node:net'
import type { CascadeRequest } from '../cascade/delivery.ts'

/** Where this machine reaches a server that listens at `host`; listening everywhere, it listens on loopback too. */
export function reachable(host: string, port: number): string {
  const at = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return `http://${isIPv6(at) ? `[${at}]` : at}:${port}`
}

/** Sends as a sender in the network would, through the doors themselves. @param base asked for each: known after listening */
export function sendTo(base: () => string): (request: CascadeRequest) => Promise<number> {
  return async ({ path, headers, body }) => {
    const response = await fetch(`${base()}${path}`, { method: 'POST', headers, body })
    await response.arrayBuffer()
    return response.status
  }
}
