import { stringify } from 'yaml'
import type { PersonRole } from '#shared/access.ts'
import { builtInCorrelation } from '#shared/correlation.ts'
import type { PolicyInput } from '#shared/policy.ts'
import { policyOf, serviceIn } from '../cascade/graph.ts'
import { shop } from '../cascade/graphs.ts'
import { commandTeam, demoRota, phones } from './rota.ts'

export interface Role {
  /** How the demo's own code calls this person. */
  key: string
  name: string
  email: string
  roles: readonly PersonRole[]
}

/** Who watches: the visitor is signed in as this person, and nobody else acts in their name. */
export const visitor: Role = {
  key: 'visitor',
  name: 'Robin Adeyemi',
  email: 'robin.adeyemi@demo.example',
  roles: ['commander'],
}

/** Invented people. Any likeness is chance. */
export const players: readonly Role[] = [
  { key: 'ines', name: 'Inês Carvalho', email: 'ines.carvalho@demo.example', roles: ['commander'] },
  { key: 'tomasz', name: 'Tomasz Wilk', email: 'tomasz.wilk@demo.example', roles: ['responder'] },
  { key: 'amara', name: 'Amara Okafor', email: 'amara.okafor@demo.example', roles: ['responder'] },
  { key: 'kenji', name: 'Kenji Morita', email: 'kenji.morita@demo.example', roles: ['responder'] },
  { key: 'leila', name: 'Leila Haddad', email: 'leila.haddad@demo.example', roles: ['responder'] },
  { key: 'joaquin', name: 'Joaquín Reyes', email: 'joaquin.reyes@demo.example', roles: ['responder'] },
  { key: 'priya', name: 'Priya Raman', email: 'priya.raman@demo.example', roles: ['responder'] },
]

export interface DemoService {
  id: string
  team: string
  tier: 1 | 2 | 3
}

export const teams: readonly { id: string; name: string; members: readonly string[] }[] = [
  { id: 'payments', name: 'Payments', members: ['tomasz', 'amara', 'priya'] },
  { id: 'platform', name: 'Platform', members: ['kenji', 'leila', 'joaquin'] },
  { id: 'shop', name: 'Shop front', members: ['priya', 'joaquin', 'amara'] },
]

/** Services of the small troubles, each by itself. */
const single: readonly DemoService[] = [
  { id: 'checkout', team: 'payments', tier: 1 },
  { id: 'card-gateway', team: 'payments', tier: 1 },
  { id: 'invoices', team: 'payments', tier: 3 },
  { id: 'sign-in', team: 'platform', tier: 1 },
  { id: 'orders-db', team: 'platform', tier: 1 },
  { id: 'message-bus', team: 'platform', tier: 2 },
  { id: 'edge-proxy', team: 'platform', tier: 2 },
  { id: 'search', team: 'shop', tier: 2 },
  { id: 'catalogue', team: 'shop', tier: 2 },
  { id: 'recommendations', team: 'shop', tier: 3 },
  { id: 'image-resizer', team: 'shop', tier: 3 },
  { id: 'newsletter', team: 'shop', tier: 3 },
]

/** What the demo calls a service of the shop that goes down as a whole: apart from those of the small troubles, which it does not lean on. */
export const leaningId = (id: string): string => (serviceIn(shop, id).door === 'pagerduty' ? id : `eu-${id}`)

/** Services of the big troubles, which lean on each other; their teams are those of the demo. */
const leaning: readonly DemoService[] = shop.services.map(({ id, team, tier }) => ({
  id: leaningId(id),
  team: team === 'web' ? 'shop' : team,
  tier,
}))

export const services: readonly DemoService[] = [...single, ...leaning]

/** How the big troubles' services are found, and what each needs; the small ones' are found by their name. */
const catalogue = new Map(
  policyOf(shop).services?.map(({ id, match, depends_on = [] }) => {
    const needs = { depends_on: depends_on.map(leaningId) }
    return [leaningId(id), match === undefined ? needs : { match, ...needs }]
  }),
)

/** The built-in rules, with windows that fit a world that goes faster. */
const correlate: PolicyInput['correlate'] = builtInCorrelation.map((rule) => ({ ...rule, window: '3m', cap: '30m' }))

/**
 * The demo's policy file. Deadlines are much shorter than a house would choose, so that an offer can be seen to expire.
 * @param idOf the person's id for a player's key; before people exist, teams are empty
 * @param now epoch ms, for the rotations, which there are once there are people
 */
export function demoPolicy(idOf: (key: string) => string | null, now: number): string {
  const { rotations = [], holidays = [] } = demoRota(now, idOf)
  const policy: PolicyInput = {
    version: 1,
    tiers: {
      unclassified: { offer_expires_after: '40s', owner_silent_after: '3m', update_every: '2m' },
      1: { offer_expires_after: '40s', owner_silent_after: '3m', update_every: '2m' },
      2: { offer_expires_after: '50s', owner_silent_after: '5m', update_every: '4m' },
      3: { offer_expires_after: '1m', update_every: '10m' },
    },
    services: services.map(({ id, team, tier }) => ({
      id,
      team,
      // Tier 1 is never given by a rule here: a person decides, and until then it ranks as Tier 1.
      ...(tier === 1 ? {} : { tier }),
      ...catalogue.get(id),
      runbook: `https://runbooks.example/${id}`,
    })),
    teams: [...teams, commandTeam].map(({ id, name, members }) => ({
      id,
      name,
      members: members.flatMap((key) => idOf(key) ?? []),
      ...(rotations.length === 0 || phones[id] === undefined ? {} : { phone: phones[id] }),
    })),
    ...(rotations.length === 0 ? {} : { rotations, holidays }),
    definitions: [
      { name: 'informational', match: ['severity=~"info|low"'], as: 'record' },
      { name: 'watchdog', match: ['alertname="Watchdog"'], as: 'record' },
      { name: 'critical is for a person to judge', match: ['severity="critical"'], as: 'triage' },
      { name: 'cosmetic', match: ['service=~"newsletter|image-resizer|recommendations|invoices"'], as: 3 },
      { name: 'everything else', match: ['severity!=""'], as: 2 },
    ],
    correlate,
    reopen_within: '30s',
    resolve_timeout: '2m',
  }
  return stringify(policy)
}
