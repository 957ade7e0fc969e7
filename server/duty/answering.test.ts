import { describe, expect, it } from 'vitest'
import { type PolicyInput, policySchema } from '#shared/policy.ts'
import { answeringAt, escalationOf } from './answering.ts'

const at = Date.UTC(2026, 0, 5, 3)
const rotation = (id: string) => ({
  ...{ id, team: 'pay', time_zone: 'Etc/UTC' },
  layers: [{ people: ['ada'], starts: '2026-01-05T00:00', turn: '1d' }],
})
const house = {
  teams: [
    { id: 'pay', members: ['ada', 'ben', 'gone'] },
    { id: 'leads', members: ['dan', 'eve'] },
  ],
  rotations: [rotation('command'), rotation('empty'), rotation('night')],
} satisfies PolicyInput
function answering(policy: PolicyInput, onCall: Record<string, string[]> = {}) {
  return answeringAt({
    policy: policySchema.parse({ ...house, ...policy }),
    rota: { onCall: (id) => onCall[id] ?? [], onCallOfTeam: (id) => onCall[id] ?? [] },
    mayRespond: (person) => person !== 'gone',
    commanders: () => ['cleo', 'fay', 'gone'],
    at,
  })
}

describe('whom a target means', () => {
  it('E5 commanders are whoever the policy means now, and all who may where it names nobody, or only them', () => {
    expect(answering({}).commandersOn()).toEqual(['cleo', 'fay'])
    expect(answering({ commanders: ['commanders'] }).commandersOn()).toEqual(['cleo', 'fay'])
    const named = { commanders: ['rotation:command', 'cleo', 'team:leads'] }
    expect(answering(named, { command: ['cleo'] }).commandersOn()).toEqual(['cleo', 'dan', 'eve'])
  })

  it('E5 in a gap of their turns no commander is on, and all of them are told', () => {
    const gap = answering({ commanders: ['rotation:empty'] })
    expect(gap.commandersOn()).toEqual([])
    expect(gap.commanders()).toEqual(['cleo', 'fay'])
    expect(gap.peopleOf('commanders', null)).toEqual(['cleo', 'fay'])
  })

  it('E6 a team is whoever is on call in it, and where nobody is, all of it who may respond', () => {
    expect(answering({}, { pay: ['ben'] }).peopleOf('team:pay', null)).toEqual(['ben'])
    expect(answering({}, { pay: ['gone'] }).peopleOf('team:pay', null)).toEqual(['ada', 'ben'])
    expect(answering({}).peopleOf('on-call', 'pay')).toEqual(['ada', 'ben'])
    expect(answering({}).peopleOf('on-call', null)).toEqual(['cleo', 'fay'])
    expect(answering({}, { night: ['eve', 'eve'] }).peopleOf('rotation:night', 'pay')).toEqual(['eve'])
    expect(answering({}).peopleOf('channel:ops', 'pay')).toEqual([])
    expect(answering({}).peopleOf('gone', 'pay')).toEqual([])
  })

  it('the policy of an incident is that of its service, else of its team, else the first', () => {
    const steps = [{ notify: ['on-call'] }]
    const policy = policySchema.parse({
      escalation_policies: ['first', 'teams', 'services'].map((id) => ({ id, steps })),
      teams: [{ id: 'pay', escalation: 'teams' }, { id: 'ops' }],
      services: [
        { id: 'checkout', team: 'pay', escalation: 'services' },
        { id: 'search', team: 'pay' },
      ],
    })
    const of = (service: string | null, team: string | null) => escalationOf(policy, { service, team })?.id
    expect([of('checkout', 'pay'), of('search', 'pay'), of(null, 'ops'), of(null, null)]).toEqual([
      ...['services', 'teams', 'first', 'first'],
    ])
  })
})
