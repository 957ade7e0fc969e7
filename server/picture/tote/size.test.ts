import { expect, test } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import type { Shift } from '#shared/duty/rotation.ts'
import type { Incident } from '#shared/incident/state.ts'
import { policySchema } from '#shared/policy.ts'
import { noRota, type Rota } from '../../duty/port.ts'
import { makeTote } from './tote.ts'

const now = Date.UTC(2026, 0, 5, 12)
const ids = Array.from({ length: 500 }, (_, n) => `p_${String(n).padStart(12, '0')}`)
const teams = Array.from({ length: 50 }, (_, n) => ({
  ...{ id: `team-${n}`, name: `Team number ${n}`, members: ids.slice(n * 10, n * 10 + 10) },
}))
const layers = [{ people: ids.slice(0, 1), starts: '2026-01-01T00:00', turn: '12h' }]
const policy = policySchema.parse({ teams })
policy.rotations.push(
  ...teams.map(({ id }) => ({ ...{ id, team: id, time_zone: 'UTC', covers: undefined, layers: layers as never } })),
)
const shifts = teams.flatMap(({ id, members }) =>
  members.slice(0, 2).map(
    (person): Shift => ({
      ...{ rotation: id, layer: '1', person, from: now - hourMs, to: now + hourMs, by: 'rotation' },
    }),
  ),
)
const onCall = (rotation: string) => shifts.filter((shift) => shift.rotation === rotation).map(({ person }) => person)
const rota: Rota = { ...noRota, onCall, onCallOfTeam: onCall, shifts: () => shifts }
const bytes = (frame: object) => Buffer.byteLength(JSON.stringify(frame))

test('RD12: 500 people in 50 teams are told in 100 KB, and a claim in half of one', () => {
  const tote = makeTote({
    ...{ initial: [], clock: { now: () => now }, policy: () => policy, rota: () => rota },
    ...{
      sees: () => true,
      nameOf: (id) => `Person ${ids.indexOf(id)} of the house`,
      record: async () => undefined,
      keep: async () => undefined,
    },
    people: { list: () => ids.map((id) => ({ id })), exists: () => true, mayRespond: () => true },
    log: { error: () => undefined },
  })
  tote.reset([])
  const view = tote.view()
  expect([view.people.length, view.teams.length]).toEqual([500, 50])
  expect(bytes(view)).toBeLessThan(100_000)
  const before = tote.seq()
  const owner = ids[3] ?? ''
  const incident = {
    ...{
      id: 'INC-1001',
      version: 1,
      phase: 'triage',
      drill: false,
      tier: 1,
      owner,
      offer: null,
      assistants: [],
      flags: [],
    },
    ...{ declaredAt: now, resolvedAt: null, chain: [{ holder: owner, from: now, to: null }] },
  } as unknown as Incident
  tote.apply({ facts: [{} as never], incidents: new Map([[incident.id, incident]]) })
  const change = tote.since(before)
  expect(change?.people.map(({ id }) => id)).toEqual([owner])
  expect(bytes(change ?? {})).toBeLessThan(500)
})
