import { readdirSync, readFileSync } from 'node:fs'
import { adapterById } from '../adapters.ts'
import type { RawRequest, Reading } from '../port.ts'

/** 2026-11-22T00:50:30Z: a moment after the captured alerts began. */
export const capturedAt = Date.UTC(2026, 10, 22, 0, 50, 30)

/** The exact bytes that a client sends; JSON where the name has no ending of its own. For tests. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/${name.includes('.') ? name : `${name}.json`}`, import.meta.url))
}

/** Names of all bodies kept as fixtures. For tests. */
export function fixtureNames(): string[] {
  return readdirSync(new URL('../fixtures/', import.meta.url)).sort()
}

/** A plain POST of these bytes, as the door hands it on. For tests. */
export function requestOf(body: Uint8Array, more: Partial<RawRequest> = {}): RawRequest {
  const plain = { contentType: 'application/json', method: 'POST', path: '', query: '', headers: {}, settings: {} }
  return { ...plain, receivedAt: capturedAt, body, ...more }
}

/** Reads a body as the adapter of this id does. For tests. */
export function reading(
  adapterId: string,
  body: unknown,
  receivedAt = capturedAt,
  more: Partial<RawRequest> = {},
): Reading {
  const adapter = adapterById(adapterId)
  if (adapter === undefined) throw new TypeError(`there is no adapter ${adapterId}`)
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return adapter.parse(requestOf(bytes, { receivedAt, ...more }))
}
