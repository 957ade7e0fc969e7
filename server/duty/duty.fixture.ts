import type { PersonRole } from '#shared/access.ts'
import type { Policy } from '#shared/policy.ts'
import { trialRandom } from '../access/trial.ts'
import { makeCalendar } from '../policy/index.ts'
import { makeMemoryStore } from '../store/index.ts'
import type { AuditEntry, Store } from '../store/port.ts'
import { makeDuty } from './index.ts'
import type { Asker, DutyDesk, Rota } from './port.ts'
import { people, policyWith } from './reckoning/roster.fixture.ts'

/** Names that the people of `roster.fixture.ts` have. */
export const names: Readonly<Record<string, string>> = {
  ana: 'Ana Lima',
  ben: 'Ben Ode',
  cem: 'Cem Kaya',
  dov: 'Dov Levi',
  eve: 'Eve Moss',
}

/** A rota with its desks over a store, a clock that is set by hand, and a policy that can be changed. */
export async function openDuty(
  policy: Policy = weekly(),
  start = Date.parse('2026-01-06T12:00:00Z'),
  store: Store = makeMemoryStore(),
  named: Readonly<Record<string, string>> = names,
) {
  const audit: (Omit<AuditEntry, 'seq' | 'at'> & { reason?: string | null })[] = []
  const house = {
    now: start,
    policy,
    store,
    audit,
    /** People who are disabled. */
    gone: new Set<string>(),
    /** While set, nothing can be written. */
    full: false,
    rota: undefined as unknown as Rota,
    duty: undefined as unknown as DutyDesk,
    random: trialRandom('duty'),
    /** As after a restart: everything is read from the store. */
    async open() {
      const person = (id: string) => ({
        ...{ id, name: named[id] ?? id, email: `${id}@example.org`, invited: false, disabled: house.gone.has(id) },
        roles: ['responder'] satisfies PersonRole[],
      })
      const known = (id: string) => Object.hasOwn(named, id)
      const opened = makeDuty({
        initial: await store.read.settings(),
        async record({ put = [], remove = [], detail = {}, ...entry }) {
          if (house.full) throw new Error('full')
          await store.commit({ audit: [{ seq: audit.length + 1, at: house.now, detail, ...entry }], put, remove })
          audit.push({ detail, ...entry })
        },
        access: {
          nameOf: (id) => named[id] ?? 'Former person',
          actorName: (id) => named[id.replace(/^person:/, '')] ?? id,
          people: {
            get: (id) => (known(id) ? person(id) : undefined),
            byEmail: (email) => {
              const id = email.replace(/@example\.org$/, '')
              return known(id) ? person(id) : undefined
            },
            mayRespond: (id) => known(id) && !house.gone.has(id),
          },
        },
        clock: { now: () => house.now },
        random: house.random,
        policy: () => house.policy,
        policySince: () => 0,
        occurrences: makeCalendar(),
      })
      Object.assign(house, opened)
    },
  }
  await house.open()
  return house
}
export type House = Awaited<ReturnType<typeof openDuty>>

/** Ana and Ben by weeks from Monday 5 January, 09:00; Cem is behind them. */
export const weekly = (): Policy =>
  policyWith([
    {
      name: 'Payments',
      layers: [
        { name: 'first', people: ['ana', 'ben'] },
        { name: 'second', people: ['cem'] },
      ],
    },
    { name: 'Nights', layers: [{ people: [people[3] ?? ''], on: [{ times: [{ from: '22:00', to: '06:00' }] }] }] },
  ])

export const as = (personId: string): Asker => ({ by: `person:${personId}`, address: null, personId, mayManage: false })
export const commander: Asker = { by: 'person:eve', address: null, personId: 'eve', mayManage: true }
export const machine: Asker = { by: 'token:t', address: null, personId: null, mayManage: false }
