import { randomUUID } from 'node:crypto'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Api } from '#server/demo/client.ts'
import { critical, raise } from '../world/events.ts'
import { type House, setUpHouse } from '../world/house.ts'
import { ops } from '../world/ops.ts'
import { type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

const policy = (
  secret: string,
) => `services: [{ id: vault, restricted: ${secret} }, { id: checkout, depends_on: [vault] }]
definitions:
  - { name: sign-ins, match: ['category="sign-in"'], as: record, restricted: ${secret} }
  - { name: security, match: ['category="security"'], as: 2, restricted: ${secret} }
  - { name: the rest, match: ['severity!=""'], as: triage }
`

let server: Server
let house: House
beforeAll(async () => {
  server = await startServer({ policy: policy('true') })
  house = await setUpHouse(server)
})
afterAll(async () => {
  await server?.close()
})

interface Seen {
  id: string
  title: string
  flags: string[]
  alerts: { firing: number; total: number }
}
const seenBy = async (api: Api) => (await api.must<{ incidents: Seen[] }>('GET', '/api/incidents')).incidents
/** A board that is open, and all that it is told. */
async function openBoard(api: Api) {
  const socket = io(server.url, {
    ...{ transports: ['websocket'], reconnection: false, forceNew: true },
    extraHeaders: { cookie: api.cookie, origin: server.url },
  })
  const told: { event: string; text: string; room: string }[] = []
  socket.onAny((event: string, body: { room?: string }) => {
    told.push({ event, room: body.room ?? '', text: JSON.stringify(body) })
  })
  await socket.timeout(45_000).emitWithAck('watch', { room: 'board' })
  return { told, close: () => void socket.disconnect() }
}
const ownId = /^INC-[A-HJKMNP-TV-Z][0-9A-HJKMNP-TV-Z]{7}$/

it('RS8, RS9: what the policy or a person restricts is not there for others from its first moment, moves no number, and is itself again after kill -9', async () => {
  const { commander, responders } = house
  const [declarer, other] = responders.map(({ api }) => api) as [Api, Api]
  const source = await house.addSource('prometheus', 'main')
  const say = (service: string, labels: Record<string, string> = {}) =>
    raise(server.url, source.key, [critical(service, labels)])
  const declare = (title: string, flags: string[]) =>
    declarer.must<{ id: string }>('POST', '/api/incidents', { id: randomUUID(), title, flags })

  const [commanders, others] = await Promise.all([openBoard(commander.api), openBoard(other)])
  await say('search')
  // One request, of one moment: what fires at the vault, what leans on it, and what somebody does there.
  await raise(server.url, source.key, [
    critical('vault'),
    critical('checkout'),
    critical('checkout', { alertname: 'SecretsRead', category: 'security' }),
  ])
  await say('billing')
  const declared = await declare('A word from the police', ['restricted'])
  const plain = await declare('The lift is stuck', [])

  const all = await until('all to be there', async () => {
    const seen = await seenBy(commander.api)
    return seen.length === 6 && seen
  })
  const hidden = all.filter(({ flags }) => flags.includes('restricted'))
  const shown = all.filter(({ flags }) => !flags.includes('restricted'))
  // The theft at checkout is explained by the vault: both are one, and restricted.
  expect(hidden).toHaveLength(2)
  for (const { id } of hidden) expect(id).toMatch(ownId)
  expect(hidden.map(({ id }) => id)).toContain(declared.id)
  expect(shown.map(({ id }) => id).toSorted()).toEqual(['INC-1001', 'INC-1002', 'INC-1003', 'INC-1004'])
  expect(plain.id).toBe('INC-1004')
  expect(shown.map(({ alerts }) => alerts.total).toSorted()).toEqual([0, 1, 1, 1])
  expect((await seenBy(other)).map(({ id }) => id).toSorted()).toEqual(shown.map(({ id }) => id).toSorted())
  const ofVault = hidden.find(({ id }) => id !== declared.id) as Seen
  expect(ofVault.alerts.total).toBe(2)
  expect((await other.ask('GET', `/api/incidents/${ofVault.id}`)).status).toBe(404)
  expect((await declarer.ask('GET', `/api/incidents/${declared.id}`)).status).toBe(200)
  // Whoever may see them is brought in, and nobody else hears a word.
  await until('the commander to be brought in', () =>
    hidden.every(({ id }) => commanders.told.some(({ event, room }) => event === 'frame' && room === `incident:${id}`)),
  )
  await until('the others to hear of the last', () => others.told.some(({ text }) => text.includes(plain.id)))
  const heard = others.told.map(({ text }) => text).join('\n')
  for (const word of [...hidden.map(({ id }) => id), 'vault', 'SecretsRead', 'police'])
    expect([word, heard.includes(word)]).toEqual([word, false])
  expect(others.told.filter(({ room }) => room.startsWith('incident:'))).toEqual([])
  for (const board of [commanders, others]) board.close()
  // Whoever may see it follows its address as that of any other.
  expect((await commander.api.alerts(ofVault.id)).length).toBe(2)
  expect((await commander.api.command(ofVault.id, { type: 'claim' })).status).toBe(200)

  await server.kill('SIGKILL')
  await server.restart()
  const again = await seenBy(commander.api)
  const names = (of: readonly Seen[]) => of.map(({ id, title, flags }) => ({ id, title, flags }))
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  expect(names(again).toSorted(byId)).toEqual(names(all).toSorted(byId))
  // The filter knows them too: what comes next goes where it belongs, and the next number is the next.
  await say('vault', { alertname: 'Sealed' })
  await say('parcels')
  await until('both to be there', async () => {
    const seen = await seenBy(commander.api)
    return (
      seen.length === 7 &&
      seen.some(({ id }) => id === 'INC-1005') &&
      seen.find(({ id }) => id === ofVault.id)?.alerts.total === 3
    )
  })

  // A word that is no yes or no is refused, and what stood stands: nothing is opened by a slip of the pen.
  server.writePolicy(policy('mostly'))
  await until('the refusal', () => /services\.0\.restricted/.test(server.log()))
  await say('vault', { alertname: 'KeyGone' })
  await until('it to be joined there', async () => {
    const seen = await seenBy(commander.api)
    return seen.find(({ id }) => id === ofVault.id)?.alerts.total === 4
  })
  expect((await seenBy(other)).every(({ flags }) => !flags.includes('restricted'))).toBe(true)

  expect((await ops(server.dir, 'audit', 'verify')).code).toBe(0)
})

it('RS8: what is restricted and in no incident, because it is silenced or below one, is there for who sees all that is restricted', async () => {
  const { commander, responders } = house
  const source = await house.addSource('prometheus', 'quiet')
  const from = new Date(Date.now() - 1000).toISOString()
  const to = new Date(Date.now() + 3_600_000).toISOString()
  const silence = await commander.api.must<{ id: string }>('POST', '/api/silences', {
    matchers: [{ name: 'quiet', op: '=', value: 'yes' }],
    startsAt: from,
    endsAt: to,
    comment: 'works on the line',
  })
  const secret = { quiet: 'yes', category: 'security', alertname: 'CanaryHeld' }
  await raise(server.url, source.key, [
    critical('canary-store', secret),
    critical('canary-door', { category: 'sign-in', alertname: 'CanaryBelow' }),
    critical('canary-open', { quiet: 'yes', alertname: 'PlainlyHeld' }),
  ])
  const pages = [
    ...['/api/v2/alerts', '/api/v2/alerts/groups', '/api/filter', '/api/silences', '/api/picture', '/api/alarm-load'],
    ...[`/api/filter/rules/silence/${silence.id}`, '/api/filter/rules/define/sign-ins', `/api/sources/${source.id}`],
  ]
  const wordsFor = async (api: Api) => {
    const found = await Promise.all(
      pages.map(async (path) => {
        const text = JSON.stringify((await api.ask('GET', path)).body)
        return (text.match(/CanaryHeld|CanaryBelow|canary-(?:store|door)|PlainlyHeld/g) ?? []).map((word) => [
          word,
          path,
        ])
      }),
    )
    return found.flat()
  }
  const all = ['CanaryBelow', 'CanaryHeld', 'PlainlyHeld', 'canary-door', 'canary-store']
  await until('the commander to find them', async () => {
    const words = new Set((await wordsFor(commander.api)).map(([word]) => word))
    return all.every((word) => words.has(word))
  })
  for (const { name, api } of responders)
    expect([name, (await wordsFor(api)).filter(([word]) => word !== 'PlainlyHeld')]).toEqual([name, []])
})
