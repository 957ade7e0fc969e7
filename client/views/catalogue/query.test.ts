import { expect, it } from 'vitest'
import type { Catalogue, ServiceView } from '#shared/catalogue.ts'
import { readQuery, shownServices, teamFits, writeQuery } from './query.ts'

const ada = { person: { id: 'p1', name: 'Ada Byron' }, rotation: null, until: null }
const service = (id: string, more: Partial<ServiceView> = {}): ServiceView => ({
  ...{ id, team: null, tier: null, runbook: null, links: [], match: [], dependsOn: [], dependants: [] },
  ...{ answers: [], incidents: [], escalation: null, ...more },
})
const incident = (tier: 1 | 2 | 3 | null, drill = false) => ({
  ...{ id: 'INC-1', title: 'x', tier, owner: null, openedAt: '2026-11-22T10:00:00.000Z', drill },
})
const catalogue: Catalogue = {
  at: '2026-11-22T10:00:00.000Z',
  services: [
    service('search', { team: 'web' }),
    service('checkout', { team: 'pay', answers: [ada] }),
    service('invoices', { incidents: [incident(3)] }),
    service('db', { incidents: [incident(null)] }),
    service('api', { incidents: [incident(1, true)] }),
  ],
  teams: [
    {
      id: 'pay',
      name: 'Payments',
      members: [{ id: 'p1', name: 'Ada Byron', responds: true }],
      answers: [ada],
      phone: null,
      rotations: [],
      services: [],
    },
  ],
  escalations: [],
}
const found = (search: string) => shownServices(catalogue, readQuery(search)).map(({ id }) => id)

it('what is in trouble comes first, the gravest on top; an exercise is no trouble', () => {
  expect(found('')).toEqual(['db', 'invoices', 'api', 'checkout', 'search'])
})

it('finds by service, team and who answers; and what nobody answers for', () => {
  expect(found('?q=payments')).toEqual(['checkout'])
  expect(found('?q=byron+check')).toEqual(['checkout'])
  expect(found('?team=web')).toEqual(['search'])
  expect(found('?only=incidents')).toEqual(['db', 'invoices', 'api'])
  expect(found('?only=nobody')).not.toContain('checkout')
  const [team] = catalogue.teams
  expect(team && teamFits(team, readQuery('?show=teams&q=ada'))).toBe(true)
  expect(team && teamFits(team, readQuery('?show=teams&only=nobody'))).toBe(false)
})

it('what the address says is written as it was read', () => {
  for (const search of ['', '?show=teams&at=pay', '?only=nobody&team=web&q=a+b&at=search']) {
    expect(writeQuery(readQuery(search))).toBe(`/services${search}`)
  }
  expect(readQuery('?only=everything&show=nothing')).toEqual(readQuery(''))
})
