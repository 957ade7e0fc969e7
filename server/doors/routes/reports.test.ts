import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Policy, policySchema } from '#shared/policy.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import type { Received } from '../../command/port.ts'
import type { RawRequest } from '../../intake/port.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeHttpDoor } from '../http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from '../trial/index.ts'

const ops = { by: 'system:ops', address: null }
const clock = trialClock()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access = makeAccess(accessParts)
const audit = trialCommandRoom(accessParts.record)
let policy: Policy
let became: Received
const taken: RawRequest[] = []
const commandRoom = {
  ...audit,
  async receive(_source: unknown, _adapter: unknown, raw: RawRequest) {
    taken.push(raw)
    return became
  },
}
const api = trialApi({ access, read: store.read, clock, commandRoom })
api.picture.sees = (_, id) => id !== 'INC-SECRET'

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
let token = ''
beforeAll(async () => {
  const door = {
    ...api,
    activePolicy: () => ({ policy, hash: 'h' }),
    staticDir: '/nowhere',
    trustProxy: false as const,
  }
  ;({ call, close } = await listenOn(makeHttpDoor(door)))
  const made = await access.tokens.create(ops, { name: 'desk', personId: null, role: 'reporter', expiresAt: null })
  token = made.token
})
beforeEach(() => {
  policy = policySchema.parse({ services: [{ id: 'print' }] })
  const decision = {
    pos: 1,
    index: 0,
    sourceId: 'own:reports',
    stage: 'correlate',
    rule: 'r',
    reason: '',
    alertId: 'a',
  }
  became = { pos: 1, decisions: [{ ...decision, outcome: 'opened', incidentId: 'INC-1007' }], touched: new Set() }
  taken.length = 0
  audit.audit.length = 0
})
afterAll(() => close())

const whole = { id: 'report-1', title: 'Cannot print', affected: 'some', contact: 'Mo, 4711' }
const send = (body: object) => call('/api/reports', { method: 'POST', token, body })
const paths = ({ json }: Heard) => json.details.fields.map(({ path }: { path: string }) => path)

it('the answer leads to the incident; the audit says who, without a word of what was written', async () => {
  const { status, json } = await send(whole)
  expect([status, json]).toEqual([
    201,
    {
      id: 'report-1',
      incidentId: 'INC-1007',
      outcome: 'opened',
      says: 'INC-1007 was opened for it. You can follow it here.',
    },
  ])
  expect(audit.audit).toMatchObject([{ action: 'report.make', subject: 'INC-1007', outcome: 'done' }])
  expect(JSON.stringify(audit.audit)).not.toContain('4711')
})

it('a repeat leads to the incident that it was counted for', async () => {
  became = { pos: 2, decisions: [], touched: new Set(['INC-1007']) }
  expect((await send(whole)).json).toMatchObject({ outcome: 'repeated', incidentId: 'INC-1007' })
})

it('RS1: what it came to is not told where that is not shown: neither its number, nor whether it was there before', async () => {
  const [decision] = became.decisions
  const says = 'It was taken in, and those who answer for it have it. Nothing of it is shown here.'
  for (const outcome of ['opened', 'attached'] as const) {
    became = { ...became, decisions: [{ ...decision, outcome, incidentId: 'INC-SECRET' } as never] }
    expect((await send(whole)).json).toEqual({ id: 'report-1', incidentId: null, outcome: 'opened', says })
  }
  became = { pos: 2, decisions: [], touched: new Set(['INC-SECRET']) }
  expect((await send(whole)).json).toEqual({ id: 'report-1', incidentId: null, outcome: 'opened', says })
})

it('P1: what the policy requires is refused with the path of each and the reason, and nothing is taken in', async () => {
  const answer = await send({ id: 'report-1', title: 'Cannot print' })
  expect([answer.status, paths(answer)]).toEqual([422, ['affected', 'contact']])
  expect(answer.json.message).toContain('How many are affected is missing. It tells an outage from')
  policy = policySchema.parse({ reports: { required: ['since', 'service', 'evidence'] } })
  expect(paths(await send(whole))).toEqual(['since', 'service', 'evidence'])
  const given = { since: '2026-01-05T08:00:00Z', service: 'x', links: ['https://a.example'] }
  expect((await send({ ...whole, ...given })).status).toBe(201)
  expect(taken).toHaveLength(1)
})

it('the service is found whatever its case, in the catalogue and among open incidents; other words stay words', async () => {
  await send({ ...whole, service: 'PRINT' })
  await send({ ...whole, service: 'Checkout' })
  await send({ ...whole, service: 'My desk' })
  expect(taken.map(({ body }) => JSON.parse(Buffer.from(body).toString()).service)).toEqual(['print', 'checkout', null])
})

it('where only known services count, another is refused', async () => {
  policy = policySchema.parse({ services: [{ id: 'print' }], reports: { services_only: true } })
  expect(paths(await send({ ...whole, service: 'My desk' }))).toEqual(['service'])
  expect((await send({ ...whole, service: 'print' })).status).toBe(201)
})

it.each([
  [{ title: ' ' }, 'title'],
  [{ since: '2027-01-01T00:00:00Z' }, 'since'],
  [{ links: ['javascript:alert(1)'] }, 'links.0'],
  [{ felt: 'dreadful' }, 'felt'],
  [{ id: 'x' }, 'id'],
])('%j is refused at %s', async (wrong, path) => {
  const answer = await send({ ...whole, ...wrong })
  expect([answer.status, paths(answer)]).toEqual([422, [path]])
})

it('the form says beforehand what will be asked for', async () => {
  policy = policySchema.parse({ services: [{ id: 'print' }], reports: { required: ['since'], services_only: true } })
  expect((await call('/api/reports/form', { token })).json).toEqual({
    required: ['since'],
    servicesOnly: true,
    services: ['checkout', 'print'],
  })
})
