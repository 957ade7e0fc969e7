import { afterAll, beforeAll, expect, it } from 'vitest'
import { minuteMs } from '#shared/clocks.ts'
import { makeAccess } from '../../access/index.ts'
import { trialClock, trialParts } from '../../access/trial.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { makeLocalApp } from '../http.ts'
import { type Heard, listenOn, trialApi, trialCommandRoom } from '../trial/index.ts'

const clock = trialClock()
const store = makeMemoryStore()
const accessParts = trialParts(store, clock)
const api = trialApi({
  access: makeAccess(accessParts),
  read: store.read,
  clock,
  commandRoom: trialCommandRoom(accessParts.record),
})
const minute = clock.now() - (clock.now() % minuteMs)
const rows = [
  { minute, sourceId: 's', accepted: 3, counts: { opened: 1, rejected: 2 } },
  { minute, sourceId: 't', accepted: 3, counts: { opened: 1 } },
  { minute: minute + minuteMs, sourceId: 't', accepted: 1, counts: { opened: 2 } },
]
const parts = { ...api, picture: { ...api.picture, ledger: async () => rows } }
const actor = { id: 'token:t', personId: null, roles: ['viewer' as const] }

let call: (path: string) => Promise<Heard>
let close: () => Promise<void>
beforeAll(async () => {
  ;({ call, close } = await listenOn(makeLocalApp(parts, { actor, credentialId: 'l', via: 'local' })))
})
afterAll(() => close())

it('F1: the ledger checks itself: a row where something vanished or was counted twice is named, and the two do not make up for each other', async () => {
  const { conservation } = (await call('/api/ledger')).json
  expect(conservation).toMatchObject({ holds: false, accepted: 7, unaccounted: 3 })
  expect(conservation.broken).toEqual([
    { minute: new Date(minute).toISOString(), sourceId: 't', unaccounted: 2 },
    { minute: new Date(minute + minuteMs).toISOString(), sourceId: 't', unaccounted: -1 },
  ])
})
