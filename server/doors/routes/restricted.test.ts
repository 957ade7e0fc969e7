import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Role } from '#shared/access.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { carla, here } from '../../command/room.fixture.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { Studio } from '../../tell/studio.fixture.ts'
import { makeHttpDoor } from '../http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from '../trial/index.ts'

const ops = { by: 'system:ops', address: null }
const restrict = { type: 'flag', flag: 'restricted', on: true }
const clock = trialClock()
const access = makeAccess(trialParts(makeMemoryStore(), clock))
let studio: Studio
let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
const tokens = new Map<Role, string>()
/** Runs between a page being read and its answer. */
let meanwhile: (() => Promise<unknown>) | null = null

beforeAll(async () => {
  studio = await Studio.open()
  const { house, picture } = studio
  const commandRoom = { ...trialCommandRoom(house.room.record), ...house.room }
  const api = trialApi({ access, read: house.store.read, clock, commandRoom })
  const read = async <T>(view: Promise<T>): Promise<T> => {
    const whole = await view
    await meanwhile?.()
    return whole
  }
  const slow = { ...picture, incident: (id: string) => read(picture.incident(id)) }
  ;({ call, close } = await listenOn(makeHttpDoor({ ...api, picture: slow, staticDir: '/nowhere', trustProxy: false })))
  for (const role of ['commander', 'viewer', 'auditor'] as const)
    tokens.set(role, (await access.tokens.create(ops, { name: role, personId: null, role, expiresAt: null })).token)
})
afterAll(() => close())

const declared = async (): Promise<string> => {
  const what = { title: 'It leaks', service: null, tier: null, description: '', flags: [] }
  return (await studio.house.room.declare(carla, what, here)).incidentId
}
const ask = (role: Role, path: string, said: Said = {}) => call(path, { token: tokens.get(role), ...said })
const looks = async (id: string) =>
  (await studio.house.store.read.audit(0, 1000))
    .filter(({ action, subject }) => action === 'restricted.read' && subject === id)
    .map(({ outcome }) => outcome)

test('RS1: what is restricted while its page is being read is not answered, and a look that may be is noted', async () => {
  const id = await declared()
  meanwhile = () => studio.house.does(carla, id, restrict)
  const refused = await ask('viewer', `/api/incidents/${id}`)
  meanwhile = null
  expect([refused.status, refused.text]).toEqual([404, (await ask('viewer', `/api/incidents/${id}`)).text])
  expect(refused.text).not.toContain('leaks')

  const other = await declared()
  meanwhile = () => studio.house.does(carla, other, restrict)
  expect((await ask('commander', `/api/incidents/${other}`)).status).toBe(200)
  meanwhile = null
  expect(await looks(other)).toEqual(['done'])
})

test('RS6: who looks at it is in the audit, and so is who tried and saw nothing, which a full disk does not tell them', async () => {
  const id = await declared()
  await studio.house.does(carla, id, restrict)
  expect((await ask('commander', `/api/incidents/${id}/facts`)).status).toBe(200)
  const refused = await ask('viewer', `/api/incidents/${id}/facts`)
  expect(refused.status).toBe(404)
  await expect.poll(() => looks(id)).toEqual(['done', 'refused'])
  studio.house.store.fillUp()
  expect((await ask('viewer', `/api/incidents/${id}/facts`)).text).toBe(refused.text)
  expect((await ask('commander', `/api/incidents/${id}/facts`)).json).toMatchObject({ code: 'store-full' })
  await studio.house.room.mend()
})

test('RS11: the export of another incident does not name it to whoever may not see it', async () => {
  for (const instance of ['a', 'b']) await studio.alert('checkout', instance)
  const { room } = studio.house
  const open = [...room.world().incidents.values()].find(({ alerts }) => alerts.total === 2)?.id ?? ''
  const [alert] = room.world().filter.alertsOf(open)
  const split = { type: 'split', alerts: [alert?.id], reason: 'another' }
  const { facts } = await studio.house.does(carla, open, split)
  const hidden = facts.find(({ incidentId }) => incidentId !== open)?.incidentId ?? ''
  await studio.house.does(carla, hidden, restrict)
  const exported = async (role: Role) => (await ask(role, `/api/incidents/${open}/export`)).text
  // What was decided of the alert while it was here is told to who sees where it is now.
  const decided = async (role: Role) =>
    (await ask(role, `/api/incidents/${open}/why`)).json.why.flatMap(
      ({ decisions }: { decisions: { alertId: string }[] }) => decisions.map(({ alertId }) => alertId),
    )
  expect(await decided('commander')).toContain(alert?.id)
  expect(await decided('viewer')).toHaveLength(1)
  expect(await decided('viewer')).not.toContain(alert?.id)
  const { alerts, decisions } = JSON.parse(await exported('auditor'))
  expect(JSON.stringify([alerts, decisions])).not.toContain(alert?.id)
  expect(decisions).toHaveLength(1)
  expect(await exported('auditor')).toContain('"to":"another incident"')
  expect(await exported('auditor')).not.toContain(hidden)
})
