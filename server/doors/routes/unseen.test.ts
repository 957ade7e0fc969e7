import { describe, expect, it } from 'vitest'
import type { Actor } from '#shared/access.ts'
import { type Alarm, linesBy } from '#shared/alarm-load.ts'
import { hourMs } from '#shared/clocks.ts'
import { policySchema } from '#shared/policy.ts'
import type { HeldView } from '#shared/readiness.ts'
import { drillRoutes } from './drills.ts'
import type { Call, Route } from './route.ts'
import { toteRoutes } from './tote.ts'

const by = (actor: Partial<Actor>) =>
  ({ identity: { actor: { roles: [], personId: null, ...actor } } }) as unknown as Call
const carla = by({ id: 'person:carla', personId: 'carla', roles: ['commander'] })
const ana = by({ id: 'person:ana', personId: 'ana', roles: ['responder'] })
const adam = by({ id: 'person:adam', personId: 'adam', roles: ['administrator'] })
const route = (routes: readonly Route[], path: string) => {
  const found = routes.find((one) => one.method === 'get' && one.path === path)
  if (found === undefined) throw new Error(`there is no ${path}`)
  return found
}

describe('RS1: routes that name incidents', () => {
  it('an exercise names those of its incidents that are there for whoever asks', () => {
    const drill = { id: 'd', incidents: ['INC-1', 'INC-SECRET'] }
    const routes = drillRoutes({
      drills: { list: () => [drill] } as never,
      commandRoom: { sees: (actor, id) => id !== 'INC-SECRET' || actor?.roles.includes('commander') === true },
    })
    const of = (call: Call) => (route(routes, '/api/drills').run(call) as { drills: (typeof drill)[] }).drills
    expect([of(carla)[0]?.incidents, of(ana)[0]?.incidents]).toEqual([['INC-1', 'INC-SECRET'], ['INC-1']])
  })

  it('AL2 and RS1: beside the tote one’s own load is whole, that of others is of what is seen; and so is what they hold', async () => {
    const now = Date.UTC(2026, 0, 5, 12)
    const alarm = (incidentId: string): Alarm => ({
      ...{ at: now - 1, count: 1, kind: 'opened', incidentId, what: 'A', rule: 'r', team: 'crew', person: 'ana' },
    })
    const held: HeldView = { id: 'INC-SECRET', kind: 'owns' }
    const isWhole = (actor: Actor | null) => actor?.roles.includes('commander') === true
    const routes = toteRoutes({
      access: { people: { mayRespond: () => true } } as never,
      tote: {
        notes: () => new Map(),
        heldUnseen: (actor: Actor | null) => new Map(isWhole(actor) ? [['ana', [held]]] : []),
      } as never,
      alarmLoad: {
        load: async (_of: unknown, _span: unknown, actor: Actor | null) => {
          const alarms = [alarm('INC-1'), ...(isWhole(actor) ? [alarm('INC-SECRET')] : [])]
          const lines = (by: 'team' | 'person') => linesBy(alarms, by, now - hourMs, now)
          return { lines: { teams: lines('team'), people: lines('person') } }
        },
      } as never,
      activePolicy: () => ({ policy: policySchema.parse({ teams: [{ id: 'crew', members: ['ana', 'b', 'c'] }] }) }),
      now: () => now,
    })
    const beside = async (call: Call) => {
      const { holds, load } = (await route(routes, '/api/tote/beside').run(call)) as {
        holds: object
        load: { kind: string; lastHour: number }[]
      }
      return [holds, Object.fromEntries(load.map(({ kind, lastHour }) => [kind, lastHour]))]
    }
    expect(await beside(carla)).toEqual([{ ana: [held] }, { team: 2, person: 2 }])
    expect(await beside(ana)).toEqual([{}, { team: 1, person: 2 }])
    expect(await beside(adam)).toEqual([{}, { team: 1, person: 1 }])
  })
})
