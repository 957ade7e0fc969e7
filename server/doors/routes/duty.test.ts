import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { policySchema } from '#shared/policy.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { makeDuty } from '../../duty/index.ts'
import { makeCalendar } from '../../policy/index.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeHttpDoor } from '../http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from '../trial/index.ts'

const clock = trialClock(Date.UTC(2026, 0, 6, 12))
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const access = makeAccess(accessParts)
const room = trialCommandRoom(accessParts.record)
let members: string[] = []
const policy = () =>
  policySchema.parse({
    teams: [{ id: 'web', name: 'Web', members }],
    holidays: [{ id: 'hesse' }],
    rotations: [
      {
        ...{ id: 'web', team: 'web', time_zone: 'Europe/Berlin' },
        layers: [{ people: members, starts: '2026-01-05T09:00', turn: '1w' }],
      },
    ],
  })
let current: ReturnType<typeof policy> | null = null
const { rota, duty } = makeDuty({
  ...{ initial: [], access, clock, random: randomBytes, occurrences: makeCalendar() },
  record: accessParts.record,
  policy() {
    current ??= policy()
    return current
  },
  policySince: () => 0,
})
const api = { ...trialApi({ access, read: store.read, clock, commandRoom: room }), rota, duty }

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
const tokens: Record<string, string> = {}
beforeAll(async () => {
  ;({ call, close } = await listenOn(makeHttpDoor({ ...api, staticDir: '/nowhere', trustProxy: false })))
  const ops = { by: 'system:ops', address: null }
  for (const [name, role] of Object.entries({
    ana: 'responder',
    ben: 'responder',
    eve: 'commander',
    vic: 'viewer',
  } as const)) {
    const person = { name, email: `${name}@example.org`, roles: [role], password: 'a long sentence' }
    const { id } = await access.people.add(ops, person)
    if (role === 'responder') members = [...members, id]
    tokens[name] = (await access.tokens.create(ops, { name, personId: id, role: null, expiresAt: null })).token
  }
})
afterAll(() => close())
const as = (name: string, said: Said = {}): Said => ({ ...said, token: tokens[name] })

it('a shift goes from one to the other through the doors, and everybody may look', async () => {
  const [ana = '', ben = ''] = members
  const thursday = { from: '2026-01-08T09:00:00.000Z', to: '2026-01-09T09:00:00.000Z' }
  const offer = { rotation: 'web', layer: '1', ...thursday, offerTo: ben, reason: 'Dentist' }
  const offered = await call('/api/rota/swaps', as('ana', { method: 'POST', body: offer }))
  expect(offered.status, offered.text).toBe(201)
  expect((await call('/api/rota/now', as('ben'))).json.mine.asked).toHaveLength(1)
  expect(
    (await call(`/api/rota/swaps/${offered.json.id}/accept`, as('vic', { method: 'POST', body: {} }))).status,
  ).toBe(403)
  const accepted = await call(`/api/rota/swaps/${offered.json.id}/accept`, as('ben', { method: 'POST', body: {} }))
  expect([accepted.status, accepted.json.state]).toEqual([200, 'accepted'])
  const shown = await call('/api/rota?from=2026-01-08T00:00:00.000Z&to=2026-01-09T00:00:00.000Z', as('vic'))
  const people = shown.json.rotations[0].shifts.map((shift: { person: string; by: string }) => [shift.person, shift.by])
  expect(people).toEqual([
    [ana, 'rotation'],
    [ben, 'swap'],
  ])
  const again = await call(`/api/rota/swaps/${offered.json.id}/withdraw`, as('ana', { method: 'POST', body: {} }))
  expect([again.status, again.json.code]).toEqual([409, 'swap-settled'])
})

it('somebody is put in and taken out', async () => {
  const body = {
    rotation: 'web',
    person: members[1],
    from: '2026-01-10T09:00:00.000Z',
    to: '2026-01-10T12:00:00.000Z',
    reason: 'Ill',
  }
  const refused = await call('/api/rota/overrides', as('ana', { method: 'POST', body }))
  expect([refused.status, refused.json.code]).toEqual([403, 'not-allowed'])
  const made = await call('/api/rota/overrides', as('eve', { method: 'POST', body }))
  expect([made.status, made.json.by]).toEqual([201, 'eve'])
  const gone = await call(`/api/rota/overrides/${made.json.id}?reason=Well`, as('eve', { method: 'DELETE' }))
  expect(gone.status).toBe(204)
  expect((await call('/api/rota?from=2026-01-10T00:00:00.000Z', as('vic'))).json.overrides).toEqual([])
})

it('a calendar is had by its address alone, and not sent again to who has it', async () => {
  const { json, status } = await call('/api/rota/feeds', as('vic', { method: 'POST', body: { of: 'team:web' } }))
  expect(status).toBe(201)
  const path = json.url.replace('http://board.test', '')
  const got = await call(path)
  expect([got.status, got.headers['content-type'], got.headers['cache-control']]).toEqual([
    200,
    'text/calendar; charset=utf-8',
    'private, no-cache',
  ])
  expect(got.text).toMatch(/^BEGIN:VCALENDAR\r\n/)
  const etag = String(got.headers.etag)
  const again = await call(path, { headers: { 'if-none-match': etag } })
  expect([again.status, again.text]).toEqual([304, ''])
  expect((await call(path, { method: 'HEAD' })).status).toBe(200)
  const renewed = await call(`/api/rota/feeds/${json.feed.id}/renew`, as('vic', { method: 'POST' }))
  expect(renewed.status).toBe(200)
  expect((await call(path)).json.code).toBe('not-found')
  expect((await call(`/api/rota/feeds/${json.feed.id}`, as('eve', { method: 'DELETE' }))).status).toBe(404)
  expect((await call(`/api/rota/feeds/${json.feed.id}`, as('vic', { method: 'DELETE' }))).status).toBe(204)
  expect((await call('/api/rota/feeds', as('vic'))).json).toEqual({ feeds: [] })
  expect(api.logged.join()).not.toContain(path.split('/')[2])
})

it('a file of a million characters is taken in, by who may', async () => {
  const filler = `X-NOTE:${'ä'.repeat(60)}\r\n`.repeat(14_000)
  const ics = `BEGIN:VCALENDAR\r\n${filler}BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260106\r\nSUMMARY:Epiphany\r\nEND:VEVENT\r\nEND:VCALENDAR`
  const body = { ics, as: { kind: 'holidays', calendar: 'hesse' }, reason: 'This year' }
  expect((await call('/api/rota/import', as('ana', { method: 'POST', body }))).status).toBe(403)
  const done = await call('/api/rota/import', as('eve', { method: 'POST', body }))
  expect([done.status, done.json.holidays]).toEqual([
    200,
    [{ calendar: 'hesse', name: 'Epiphany', date: '2026-01-06', until: '2026-01-06', imported: true }],
  ])
})

it('what somebody wrote is gone with them; what they changed stays', async () => {
  const [ana = ''] = members
  const body = {
    rotation: 'web',
    person: ana,
    from: '2026-01-20T09:00:00.000Z',
    to: '2026-01-20T12:00:00.000Z',
    reason: 'My turn',
  }
  const made = await call('/api/rota/overrides', as('ana', { method: 'POST', body }))
  expect(made.json).toMatchObject({ by: 'ana', reason: 'My turn', mayRemove: true })
  await store.erase({ personId: ana })
  const after = makeDuty({
    ...{ initial: await store.read.settings(), access, clock, random: randomBytes, occurrences: makeCalendar() },
    ...{ record: accessParts.record, policy, policySince: () => 0 },
  })
  const asker = { by: 'x', address: null, personId: null, mayManage: false }
  const { overrides } = after.duty.view(asker, Date.UTC(2026, 0, 20), Date.UTC(2026, 0, 21))
  expect(overrides).toMatchObject([{ person: ana, reason: null }])
})
