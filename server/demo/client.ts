import { randomUUID } from 'node:crypto'
import type { Command } from '#shared/incident/commands.ts'
import type { Outcome } from '#shared/outcome.ts'
import type {
  AlertView,
  CommandAnswer,
  FactView,
  IncidentView,
  LedgerSum,
  SourceVitals,
  Summary,
} from '#shared/wire.ts'

export interface Answer<T = unknown> {
  status: number
  headers: Headers
  body: T
}

export interface LedgerRowBody {
  minute: string
  sourceId: string
  accepted: number
  outcomes: Partial<Record<Outcome, number>>
}

export interface PictureBody {
  seq: number
  incidents: Summary[]
  sources: SourceVitals[]
  ledger: LedgerSum
}

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never
export type CommandBody = WithoutId<Command> & { id?: string }

/** The HTTP API as one signed-in person (or nobody) uses it. */
export interface Api {
  url: string
  /** The session, as a Cookie header; empty when signed out. */
  cookie: string
  ask<T = unknown>(method: string, path: string, body?: unknown): Promise<Answer<T>>
  /** @throws Error with the answer when it is not 2xx */
  must<T = unknown>(method: string, path: string, body?: unknown): Promise<T>
  picture(): Promise<PictureBody>
  incident(id: string): Promise<IncidentView>
  facts(id: string): Promise<FactView[]>
  alerts(id: string): Promise<AlertView[]>
  /** @param since epoch ms */
  ledger(since: number): Promise<LedgerRowBody[]>
  command(incident: string, command: CommandBody): Promise<Answer<CommandAnswer | { code: string; message: string }>>
}

/** @param cookie of a session that there is already */
export function makeApi(url: string, cookie = ''): Api {
  const api: Api = {
    url,
    cookie,
    async ask<T>(method: string, path: string, body?: unknown) {
      const response = await fetch(url + path, {
        method,
        headers: {
          origin: url,
          ...(api.cookie === '' ? {} : { cookie: api.cookie }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const set = response.headers.getSetCookie()[0]
      if (set !== undefined) api.cookie = set.split(';')[0] ?? ''
      const isJson = response.headers.get('content-type')?.includes('json') ?? false
      return { status: response.status, headers: response.headers, body: (isJson ? JSON.parse(text) : text) as T }
    },
    async must<T>(method: string, path: string, body?: unknown) {
      const answer = await api.ask<T>(method, path, body)
      if (answer.status >= 300) {
        throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
      }
      return answer.body
    },
    picture: () => api.must('GET', '/api/picture'),
    incident: (id) => api.must('GET', `/api/incidents/${id}`),
    facts: async (id) => (await api.must<{ facts: FactView[] }>('GET', `/api/incidents/${id}/facts`)).facts,
    alerts: async (id) => (await api.must<{ alerts: AlertView[] }>('GET', `/api/incidents/${id}/alerts`)).alerts,
    ledger: async (since) => {
      const path = `/api/ledger?since=${encodeURIComponent(new Date(since).toISOString())}`
      return (await api.must<{ rows: LedgerRowBody[] }>('GET', path)).rows
    },
    command: (incident, command) =>
      api.ask('POST', `/api/incidents/${incident}/commands`, {
        id: randomUUID(),
        ...command,
      }),
  }
  return api
}
