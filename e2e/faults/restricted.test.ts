import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'
import { bystanders, type Caller, canary, keepSecrets, type Secrets } from './canaries.ts'

let server: Server
let secrets: Secrets
let callers: Caller[]
let routes: Operation[]
beforeAll(async () => {
  server = await startServer({ policy: 'teams: []\n' })
  secrets = await keepSecrets(server)
  callers = await bystanders(secrets)
  routes = await operations()
})
afterAll(async () => {
  await server?.close()
})

interface Operation {
  method: string
  path: string
  params: { in: string; name: string }[]
}
async function operations(): Promise<Operation[]> {
  const response = await fetch(`${server.url}/api/openapi.json`)
  const { paths } = (await response.json()) as {
    paths: Record<string, Record<string, { parameters?: Operation['params'] }>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => ({ method, path, params: parameters })),
  )
}

interface Heard {
  status: number
  text: string
}
async function ask({ headers }: Pick<Caller, 'headers'>, path: string, method = 'get', body?: object): Promise<Heard> {
  const said = body === undefined ? {} : { body: JSON.stringify(body) }
  const asked = { origin: server.url, 'content-type': 'application/json', ...headers }
  // Whoever asks so fast is told to wait; that is no answer.
  return until(`an answer to ${path}`, async () => {
    const response = await fetch(server.url + path, { method: method.toUpperCase(), headers: asked, ...said })
    const text = await response.text()
    return response.status === 429 ? null : { status: response.status, text }
  })
}
const askCommander = async <T>(path: string): Promise<T> =>
  JSON.parse((await ask({ headers: { cookie: secrets.commander.api.cookie } }, path)).text) as T

/** What never was, where something else is named. */
const never = { incident: 'INC-9999999', alert: 'a'.repeat(16) }
const secretIds = () => Object.values(secrets.hidden)
/** What of it stands in a text that is no secret's: words and ids. */
function leaked(text: string): string[] {
  const ids = secretIds().filter((id) => new RegExp(`\\b${id}\\b`).test(text))
  return [...new Set([...(text.match(canary) ?? []), ...ids])]
}

/** Values that a parameter of an address can have here: real ones, and of what is secret. Without one the walk fails. */
async function valuesOf(): Promise<Record<string, (path: string) => string[]>> {
  const { id: sourceId } = secrets.sources[0] as { id: string }
  return {
    id(path) {
      const { alarm, born, gone } = secrets.hidden as Record<string, string>
      const { open, parted } = secrets.open as Record<string, string>
      if (path === '/api/incidents/{id}') return [...secretIds(), ...Object.values(secrets.open)]
      if (path.startsWith('/api/incidents/')) return [alarm, born, open, parted, gone].map(String)
      if (path.startsWith('/api/alerts/')) return [...secrets.alerts]
      if (path.startsWith('/api/silences/')) return [secrets.silence]
      if (path.startsWith('/api/sources/')) return [sourceId]
      // Of what is theirs alone, and of lost property, which is of requests and not of incidents.
      if (path.startsWith('/api/commands/')) return ['split-1']
      if (path.startsWith('/api/lost/')) return ['1.1']
      return path.startsWith('/api/policy/try/') ? ['none'] : []
    },
    silenceID: () => [secrets.silence],
    evidence: () => ['1', '2'],
    name: () => ['none.ics'],
  }
}
const rulesHere = async () => (await askCommander<{ rules: { stage: string; rule: string }[] }>('/api/filter')).rules
const fill = (path: string, { stage, rule }: { stage: string; rule: string }): string =>
  path.replace('{stage}', encodeURIComponent(stage)).replace('{rule}', encodeURIComponent(rule))
/** Values of what may be asked for beside; each is asked for alone. */
const queries: Record<string, () => string[]> = {
  phase: () => ['merged,dismissed'],
  tier: () => ['2'],
  owner: () => [secrets.onCall[0]?.id ?? ''],
  service: () => ['vault'],
  open: () => ['false'],
  cursor: () => ['1000000'],
  limit: () => ['2'],
  after: () => ['0'],
  before: () => ['100000'],
  since: () => [new Date(Date.now() - 3_600_000).toISOString()],
  as: () => ['preview'],
  state: () => ['active'],
  source: () => secrets.sources.map(({ id }) => id),
  last: () => ['7d'],
  team: () => ['pay'],
  person: () => [secrets.onCall[0]?.id ?? ''],
  from: () => [new Date().toISOString()],
  to: () => [new Date(Date.now() + 86_400_000).toISOString()],
  active: () => ['false'],
  silenced: () => ['false'],
  inhibited: () => ['false'],
  unprocessed: () => ['true'],
  muted: () => ['true'],
  expired: () => ['true'],
  pending: () => ['true'],
  filter: () => ['service="vault"'],
  receiver: () => ['.*'],
  receiver_matchers: () => ['name=~".*"'],
}

/** Addresses of every route that reads, filled in. @throws Error for a parameter that nobody has thought of */
async function addresses(): Promise<Map<string, string[]>> {
  const values = await valuesOf()
  const found = new Map<string, string[]>()
  for (const { method, path, params } of routes) {
    if (method !== 'get') continue
    let filled = path.includes('{rule}') ? (await rulesHere()).map((rule) => fill(path, rule)) : [path]
    for (const { name } of filled[0]?.includes('{') === false
      ? []
      : params.filter(({ in: place }) => place === 'path')) {
      const known = values[name]?.(path) ?? []
      if (known.length === 0) throw new Error(`the walk has no value for {${name}} of ${path}: add one`)
      filled = filled.flatMap((each) => known.map((value) => each.replace(`{${name}}`, encodeURIComponent(value))))
    }
    const asked = params
      .filter(({ in: place }) => place === 'query')
      .flatMap(({ name }) => {
        const known = queries[name]
        if (known === undefined) throw new Error(`the walk has no value for ?${name}= of ${path}: add one`)
        return known().map((value) => `?${name}=${encodeURIComponent(value)}`)
      })
    found.set(
      path,
      filled.flatMap((each) => [each, ...asked.map((query) => each + query)]),
    )
  }
  return found
}

/** The same address of what never was; null where it names no secret. */
function ofNothing(address: string): string | null {
  const id = [...secretIds(), ...secrets.alerts].find((each) => new RegExp(`/${each}(?![\\w-])`).test(address))
  if (id === undefined) return null
  return address.replace(id, secrets.alerts.includes(id) ? never.alert : never.incident)
}
/** An answer without what it only repeats of the question. */
function plain({ status, text }: Heard, address: string): string {
  let said = text
  for (const part of address.split(/[/?]/)) if (part.length > 6) said = said.replaceAll(part, '*')
  return `${status} ${said}`
}

const asksForAll = new Set(['viewer', 'responder of another team'])

/** Walks all of it as everybody, and says what was let slip. */
async function walk(
  as: readonly Caller[],
): Promise<{ slips: string[]; seen: Map<string, Set<string>>; asked: number }> {
  const slips: string[] = []
  const seen = new Map<string, Set<string>>()
  let asked = 0
  const answers = new Map<string, Promise<Heard>>()
  const once = (caller: Caller, address: string): Promise<Heard> => {
    const key = `${caller.name} ${address}`
    const known = answers.get(key) ?? ask(caller, address)
    answers.set(key, known)
    return known
  }
  const everywhere = [...(await addresses())]
  const asOne = async (caller: Caller): Promise<void> => {
    for (const [path, each] of everywhere)
      await Promise.all(
        each.map(async (address) => {
          // What is asked for beside is the same for all; two of them ask for all of it.
          if (address.includes('?') && !asksForAll.has(caller.name)) return
          asked++
          const heard = await ask(caller, address)
          if (heard.status >= 500 && path !== '/readyz') slips.push(`${caller.name}: ${address} failed: ${heard.text}`)
          if (heard.text.includes('Ordinary')) seen.set(path, (seen.get(path) ?? new Set()).add(caller.name))
          const nothing = ofNothing(address)
          if (nothing === null) {
            const found = leaked(heard.text)
            if (found.length > 0) slips.push(`${caller.name}: ${address} (${heard.status}) says ${found.join(', ')}`)
            return
          }
          const [is, wouldBe] = [plain(heard, address), plain(await once(caller, nothing), nothing)]
          if (is !== wouldBe)
            slips.push(`${caller.name}: ${address} is ${is.slice(0, 200)}, of nothing ${wouldBe.slice(0, 200)}`)
        }),
      )
  }
  await Promise.all(as.map(asOne))
  return { slips, seen, asked }
}

/** Where a commander is told of what is restricted: what of these says nothing any more walks past its canaries. */
const tellsCommanders = [
  ...[
    '/api/alarm-load',
    '/api/alerts/{id}/why',
    '/api/catalogue',
    '/api/filter/rules/{stage}/{rule}',
    '/api/incidents',
  ],
  ...['/api/incidents/{id}', '/api/incidents/{id}/alerts', '/api/incidents/{id}/briefs', '/api/incidents/{id}/facts'],
  ...['/api/incidents/{id}/similar', '/api/incidents/{id}/why', '/api/notify/reach', '/api/picture', '/api/tote'],
  ...['/api/sources/{id}', '/api/v2/alerts', '/api/v2/alerts/groups'],
]

describe('RS4 what is restricted, to everybody who has no part in it', () => {
  it('the walk sees what it looks for: a commander finds it wherever it can stand', async () => {
    const commander: Caller = { name: 'commander', headers: { cookie: secrets.commander.api.cookie }, auth: {} }
    const found = new Set<string>()
    for (const [path, each] of await addresses()) {
      const heard = await Promise.all(each.map((address) => ask(commander, address)))
      expect(heard.filter(({ status }) => status >= 500)).toEqual([])
      if (heard.some(({ text, status }) => status < 300 && leaked(text).length > 0)) found.add(path)
    }
    for (const path of tellsCommanders) expect(found).toContain(path)
  })

  it('stands in no answer of any route, and its own addresses are those of nothing, before and after a restart', async () => {
    for (let life = 0; life < 2; life++) {
      const { slips, seen, asked } = await walk(
        life === 0 ? callers : callers.filter(({ name }) => asksForAll.has(name)),
      )
      expect(slips).toEqual([])
      expect(asked).toBeGreaterThan(300)
      expect([...(seen.get('/api/picture') ?? [])]).toContain('viewer')
      if (life === 0) await server.restart()
    }
  }, 360_000)

  it('is no figure of what is counted: metrics, silences, the tote', async () => {
    const [administrator, viewer] = [callerOf('administrator'), callerOf('viewer')]
    const { text } = await ask(administrator, '/metrics')
    const figure = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
    const { incidents } = JSON.parse((await ask(viewer, '/api/picture')).text) as { incidents: { phase: string }[] }
    const working = incidents.filter(({ phase }) => phase !== 'resolved')
    expect(figure('uxbridge_incidents_open')).toBe(working.length)
    const alerts = JSON.parse((await ask(viewer, '/api/v2/alerts')).text) as object[]
    expect(figure('uxbridge_alerts_firing')).toBe(alerts.length)
    const firing = async (caller: Pick<Caller, 'headers'>) =>
      (JSON.parse((await ask(caller, `/api/silences/${secrets.silence}`)).text) as { firing: number }).firing
    expect(await firing(viewer)).toBe(alerts.length)
    expect(await firing({ headers: { cookie: secrets.commander.api.cookie } })).toBeGreaterThan(alerts.length)
  })

  it('is in no trial of a policy and no preview of a silence, where a commander has it', async () => {
    const commander: Caller = { name: 'commander', headers: { cookie: secrets.commander.api.cookie }, auth: {} }
    const nothing = `definitions:\n  - { name: none, match: ['severity=~".+"'], as: record }\n`
    const tried = async (caller: Caller): Promise<string> => {
      const begun = await ask(caller, '/api/policy/try', 'post', { text: nothing, last: '1h' })
      const { id } = JSON.parse(begun.text) as { id: string }
      const { text } = await until('the trial to end', async () => {
        const heard = await ask(caller, `/api/policy/try/${id}`)
        return heard.text.includes('"state":"running"') ? null : heard
      })
      return text
    }
    const matchers = [{ name: 'severity', op: '=', value: 'critical' }]
    const preview = async (caller: Caller) => (await ask(caller, '/api/silences/preview', 'post', { matchers })).text
    for (const asked of [tried, preview]) {
      const [all, some] = [await asked(commander), await asked(callerOf('administrator'))]
      expect(leaked(all)).not.toEqual([])
      expect(leaked(some)).toEqual([])
      expect(some).toContain('Ordinary')
    }
  }, 60_000)

  it('answers every write as what never was, to each of them', async () => {
    const bodies: Record<string, object> = { commands: { id: 'walk', type: 'note', text: 'there?' } }
    const slips: string[] = []
    for (const { method, path } of routes.filter(
      (one) => one.method !== 'get' && one.path.startsWith('/api/incidents/{'),
    ))
      for (const caller of callers) {
        const to = (id: string) =>
          ask(
            caller,
            path.replace('{id}', id).replace(/\{\w+\}/, '1'),
            method,
            bodies[path.split('/').at(-1) ?? ''] ?? {},
          )
        const [is, wouldBe] = await Promise.all([to(secrets.hidden.alarm ?? ''), to(never.incident)])
        if (
          is.text.replaceAll(secrets.hidden.alarm ?? '', never.incident) !== wouldBe.text ||
          is.status !== wouldBe.status
        )
          slips.push(
            `${caller.name}: ${method} ${path}: ${is.status} ${is.text}, of nothing ${wouldBe.status} ${wouldBe.text}`,
          )
      }
    expect(slips).toEqual([])
  })

  it('is heard in no room of the socket, while it goes on', async () => {
    const { alarm = '', born = '' } = secrets.hidden
    const pages = callers.filter(({ name }) => name !== 'stranger').map((caller) => listenIn(caller))
    try {
      for (const page of pages) for (const room of ['board', 'wall', 'filter', 'tote']) await page.watch(room)
      for (const page of pages)
        for (const id of [alarm, born, never.incident])
          expect(await page.watch(`incident:${id}`)).toMatch(/not-found|not-allowed/)
      const { api } = secrets.onCall[0] ?? secrets.commander
      const command = async (id: string, fields: object) =>
        expect((await api.command(id, fields as never)).status).toBe(200)
      await command(alarm, { type: 'note', text: 'canaryLive' })
      await command(alarm, { type: 'add-task', text: 'canaryLive' })
      await command(born, { type: 'claim' })
      await command(born, { type: 'flag', flag: 'customers', on: true })
      const kitchen = { title: 'OrdinaryKitchen', service: null, flags: [] }
      await secrets.commander.api.must('POST', '/api/incidents', kitchen)
      for (const page of pages)
        await until(
          `${page.name} to hear what everybody hears`,
          () => page.rooms.size === 0 || page.hears('OrdinaryKitchen'),
        )
      // And the figures that come with the next proof of life.
      for (const page of pages) await until('a beat', () => page.beats() > 0)
      expect(pages.flatMap(({ name, said }) => leaked(said.join('\n')).map((what) => `${name}: ${what}`))).toEqual([])
      expect(pages.filter(({ rooms }) => rooms.size > 0).length).toBeGreaterThan(5)
    } finally {
      for (const page of pages) page.close()
    }
  })
})

const callerOf = (name: string): Caller => callers.find((caller) => caller.name === name) as Caller

/** A page that keeps everything it is told. */
function listenIn({ name, headers, auth }: Caller) {
  const socket: Socket = io(server.url, {
    ...{ transports: ['websocket'], reconnection: false, forceNew: true, auth },
    extraHeaders: { ...headers, origin: server.url },
  })
  const said: string[] = []
  const rooms = new Set<string>()
  let beats = 0
  socket.on('beat', () => beats++)
  socket.onAny((event, ...told) => void said.push(JSON.stringify([event, ...told])))
  return {
    ...{ name, said, rooms, beats: () => beats },
    hears: (text: string) => said.some((one) => one.includes(text)),
    async watch(room: string): Promise<string> {
      const answer: unknown = await socket.timeout(45_000).emitWithAck('watch', { room })
      const text = JSON.stringify(answer)
      // The tote and the figures of the filter room do not name what is new.
      if (text.includes('"ok":true') && (room === 'board' || room === 'wall')) rooms.add(room)
      return text
    },
    close: () => void socket.disconnect(),
  }
}
