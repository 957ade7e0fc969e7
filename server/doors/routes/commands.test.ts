import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeHttpDoor } from '../http.ts'
import { type Heard, listenOn, type Said, trialApi, trialCommandRoom } from '../trial/index.ts'

const clock = trialClock()
const store = makeMemoryStore()
const parts = trialParts(store, clock)
const access = makeAccess({ ...parts, kinds: [{ kind: 'generic', defaultGroup: 'source', keyFormat: 'bearer' }] })
const room = trialCommandRoom(parts.record)
room.sees = (_, id) => id !== 'INC-9'
const api = trialApi({ access, read: store.read, clock, commandRoom: room })
const app = makeHttpDoor({ ...api, staticDir: '/nowhere', trustProxy: false })

let call: (path: string, said?: Said) => Promise<Heard>
let close: () => Promise<void>
let cookie = ''
let ada = ''
beforeAll(async () => {
  ;({ call, close } = await listenOn(app))
  const link = await access.links.issueSetup()
  const set = await call('/api/setup', {
    method: 'POST',
    body: { token: link?.token, name: 'Ada', email: 'ada@example.org', password: 'a long enough sentence' },
  })
  cookie = String(set.headers['set-cookie']).split(';')[0] ?? ''
  ada = set.json.id
  const row = { at: clock.now(), commandHash: 'h' }
  const mine = `person:${ada}`
  await store.commit({
    answers: [
      { ...row, actor: mine, commandId: 'done', status: 200, body: { seq: 3, incidentId: 'INC-1', versions: [2] } },
      {
        ...row,
        actor: mine,
        commandId: 'refused',
        status: 409,
        body: { code: 'already-owned', message: 'Somebody owns INC-1.', details: { owner: ada, instead: ['assist'] } },
      },
      {
        ...{ ...row, actor: mine, commandId: 'hidden', status: 409 },
        body: { code: 'already-owned', message: 'Somebody owns it.', details: { owner: ada }, incidentId: 'INC-9' },
      },
      {
        ...{ ...row, actor: mine, commandId: 'older', status: 409 },
        body: { code: 'phase-forbids', message: 'INC-1 was itself merged into INC-9; merge into that one.' },
      },
      {
        ...row,
        actor: 'person:p_other',
        commandId: 'theirs',
        status: 200,
        body: { seq: 1, incidentId: '', versions: [] },
      },
    ],
  })
})
afterAll(() => close())

describe('what became of a command', () => {
  const ask = async (id: string) => (await call(`/api/commands/${id}`, { cookie })).json

  it('says that it was done, or why it was refused, with names', async () => {
    expect(await ask('done')).toEqual({ known: true, error: null })
    expect(await ask('refused')).toEqual({
      known: true,
      error: {
        code: 'already-owned',
        message: 'Somebody owns INC-1.',
        details: { owner: { id: ada, name: 'Ada' }, instead: ['assist'] },
      },
    })
  })

  it('RS1: of what is not there for them any more it says no more than that', async () => {
    expect((await ask('hidden')).error).toEqual({ code: 'not-found', message: 'There is no incident INC-9.' })
    expect((await ask('older')).error.message).toBe(
      'INC-1 was itself merged into another incident; merge into that one.',
    )
  })

  it('knows nothing of one that never came, nor of another person’s', async () => {
    for (const id of ['never', 'theirs']) expect(await ask(id)).toEqual({ known: false, error: null })
  })
})
