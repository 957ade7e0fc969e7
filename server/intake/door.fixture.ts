import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach } from 'vitest'
import type { KeyFinding, Source } from '../access/port.ts'
import { type IntakeParts, makeIntakeDoor } from './door.ts'
import type { RawRequest, Reading } from './port.ts'

interface Received {
  source: string
  adapter: string
  raw: RawRequest
  reading: Reading
}

/** One in the form that PagerDuty's clients insist on. */
export const routingKey = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
export const opsgenieKey = 'key-o'
/** The address of a job’s pings. */
export const pingKey = '5d2a7cf4-0f5c-4a9f-8f3e-1d4f4d1c2b3a'
export const source = (id: string, kind: string): Source => ({
  id,
  kind,
  name: id,
  group: id,
  defaultSeverity: null,
  settings: {},
  createdAt: 0,
})
const known: Readonly<Record<string, Source>> = {
  'key-p': source('s_p', 'prometheus'),
  'key-a': source('s_a', 'alertmanager'),
  'key-c': source('s_c', 'cloudevents'),
  'key-g': source('s_g', 'github'),
  [routingKey]: source('s_pd', 'pagerduty'),
  [pingKey]: source('s_job', 'healthchecks'),
  [opsgenieKey]: source('s_o', 'opsgenie'),
  'key-l': source('s_l', 'otlp'),
}

/** The key ring of the known sources. */
export function find(key: string | null, sourceId?: string): KeyFinding {
  if (key === 'key-revoked') return { ok: false, status: 403 }
  const found = known[key ?? '']
  if (found === undefined) return { ok: false, status: 401 }
  if (sourceId !== undefined && sourceId !== found.id) return { ok: false, status: 404 }
  return { ok: true, source: found }
}

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A door over real HTTP, with a fake clock, and what came through it. It is closed after the test. For tests. */
export async function open(parts: Partial<IntakeParts> = {}) {
  const received: Received[] = []
  const clock = { at: Date.UTC(2026, 10, 22, 0, 50, 30), now: () => clock.at }
  const errors: string[] = []
  const app = express()
  app.use(
    makeIntakeDoor({
      keys: { find, signer: () => null },
      receive: async (from, adapter, raw, reading) =>
        void received.push({ source: from.id, adapter: adapter.id, raw, reading }),
      clock,
      log: { error: (_, message) => void errors.push(message) },
      ...parts,
    }),
  )
  app.use((_request, response) => void response.status(299).send('not the intake'))
  const server = createServer(app)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const post = (path: string, body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
  return { url, post, received, clock, errors }
}

export const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
