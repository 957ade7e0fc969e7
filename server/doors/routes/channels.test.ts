import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { channelListSchema } from '#shared/notify/channels.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { readPolicyText } from '../../policy/index.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { openChannels } from '../../tell/index.ts'
import { makeLocalApp } from '../http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from '../trial/index.ts'

const policy = readPolicyText(
  'version: 1\nescalation_policies:\n  - id: default\n    steps:\n      - { notify: [channel:chat, channel:nowhere], wait: 5m }\n',
)
let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>

beforeAll(async () => {
  const clock = trialClock()
  const store = makeMemoryStore()
  const parts = trialParts(store, clock)
  const channels = await openChannels({
    ...{ initial: [], clock, random: parts.random, smtp: null, publicUrl: null, baseUrl: () => 'http://localhost' },
    ...{ record: parts.record, keep: ({ put }: { put: readonly [] }) => parts.keep({ put, remove: [] }) },
  })
  const identity = {
    actor: { id: 'system:ops', personId: null, roles: ['administrator' as const] },
    ...{ credentialId: 'local', via: 'local' as const },
  }
  const api = trialApi({
    access: makeAccess(parts),
    read: store.read,
    clock,
    commandRoom: trialCommandRoom(parts.record),
  })
  const activePolicy = () => ({ policy: policy.policy, hash: '' })
  const app = makeLocalApp({ ...api, channels: channels.desk, activePolicy, checkAnswers: true }, identity)
  ;({ call, close } = await listenOn(app))
})
afterAll(() => close())

const post = (path: string, body: unknown) => call(path, { method: 'POST', body })
const listed = async () => channelListSchema.parse((await call('/api/channels')).json)

describe('/api/channels', () => {
  it('adds, shows, changes and removes; what the policy names and is not there is listed', async () => {
    expect((await listed()).unknown.map(({ id }) => id)).toEqual(['chat', 'nowhere'])
    const url = 'https://hooks.example.org/T/B/hunter2'
    const added = await post('/api/channels', { kind: 'slack', name: 'Ops', id: 'chat', settings: { url } })
    expect([added.status, added.json.secret]).toEqual([201, null])
    const { channels, unknown, kinds } = await listed()
    expect(unknown).toEqual([{ id: 'nowhere', namedBy: ['escalation default'] }])
    expect(channels).toMatchObject([
      { id: 'chat', namedBy: ['escalation default'], secretSettings: ['url'], settings: {} },
    ])
    expect(kinds.map(({ kind, ready }) => [kind, ready === null])).toEqual([
      ...[
        ['slack', true],
        ['webhook', true],
        ['email', false],
        ['ntfy', true],
      ],
    ])
    const paused = await call('/api/channels/chat', { method: 'PATCH', body: { paused: true, why: 'moved' } })
    expect(paused.json.paused).toMatchObject({ by: 'Command line', why: 'moved' })
    expect(JSON.stringify([added.json, paused.json, await listed()])).not.toContain('hunter2')
    expect((await call('/api/channels/chat', { method: 'DELETE' })).status).toBe(204)
    expect((await listed()).channels).toEqual([])
  })

  it('a signing secret is in the answers of add and rotate, and nowhere else', async () => {
    const settings = { url: 'http://127.0.0.1:1/' }
    const added = await post('/api/channels', { kind: 'webhook', name: 'Tickets', settings })
    const rotated = await post('/api/channels/tickets/rotate', {})
    const secrets = [added, rotated].map(({ json }) => json.secret as string)
    for (const secret of secrets) expect(secret).toMatch(/^whsec_/)
    expect(secrets[0]).not.toBe(secrets[1])
    expect(JSON.stringify(await listed())).not.toContain('whsec_')
    const tried = await post('/api/channels/tickets/test', {})
    expect(tried).toMatchObject({ status: 200, json: { ok: false, answered: null } })
  })

  it('what is wrong is refused with the path of it', async () => {
    const fields = async (body: unknown) => {
      const { status, json: said } = await post('/api/channels', body)
      return [status, ...(said as { details: { fields: { path: string }[] } }).details.fields.map(({ path }) => path)]
    }
    expect(await fields({ kind: 'pigeon', name: 'X' })).toEqual([422, 'kind'])
    expect(await fields({ kind: 'slack', name: 'X', id: 'Upper' })).toEqual([422, 'id'])
    expect(await fields({ kind: 'slack', name: 'X' })).toEqual([422, 'settings.url'])
    expect((await post('/api/channels/none/test', {})).status).toBe(404)
  })

  it('the form of an outgoing webhook can be read by anybody', async () => {
    const { json } = await call('/api/webhook.schema.json')
    expect(json).toMatchObject({ type: 'object', properties: { type: { enum: ['notification', 'test'] } } })
  })
})
