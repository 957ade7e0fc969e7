import { linesBy, loadOf } from '#shared/alarm-load.ts'
import type { RuleFigures } from '#shared/filter-room.ts'
import type { LeadTimeView } from '#shared/lead-time.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import type { FilterPicture, Picture } from '../../picture/port.ts'
import type { ApiParts } from '../http.ts'
import { at } from './at.ts'

const trialSummary: Summary = {
  id: 'INC-1001',
  title: 'Checkout is slow',
  phase: 'triage',
  tier: null,
  severity: 'high',
  owner: null,
  offer: null,
  service: 'checkout',
  team: null,
  openedAt: at,
  heardAt: at,
  resolvedAt: null,
  alerts: { firing: 1, total: 1 },
  events: 1,
  activity: [1],
  activityUntil: '2026-01-05T03:00:00.000Z',
  chain: [],
  handovers: 0,
  unownedMs: 0,
  unownedSince: at,
  reliefAskedBy: null,
  assistants: [],
  ownerSilentSince: null,
  nextUpdateDueAt: null,
  flags: [],
  drill: false,
  provisional: true,
  silenced: null,
  suggestResolve: false,
  revision: 0,
  seq: 1,
}
const trialIncident: IncidentView = {
  summary: trialSummary,
  description: '',
  brief: null,
  offerBrief: null,
  offerChanged: [],
  lastUpdate: null,
  tasks: [],
  evidence: [],
  runbook: null,
  facts: [],
  alerts: [],
}

const trialLeadTime: LeadTimeView = {
  at,
  open: true,
  openMs: 60_000,
  handovers: { count: 0, hops: [] },
  classification: { as: null, by: null, ms: 60_000 },
  information: { known: ['title'], missing: ['service', 'description', 'tier', 'team'] },
  ownership: { unownedMs: 60_000, firstOwner: null, toFirstOwnerMs: 60_000 },
  updates: [],
}

/** A picture of one incident, which remembers the filter it was last asked with. */
export function trialPicture(nameOf: (id: string) => string): Picture & { asked: unknown[] } {
  const asked: unknown[] = []
  const only = <T>(id: string, value: T): Promise<T | null> => Promise.resolve(id === trialSummary.id ? value : null)
  const figures = { sources: [], ledger: { sinceMs: 3_600_000, accepted: 1, outcomes: { opened: 1 } }, heldBack: 0 }
  return {
    asked,
    seq: () => 1,
    figures: () => figures,
    board: () => ({ seq: 1, incidents: [trialSummary], ...figures }),
    sees: () => true,
    restrictedFor: () => [],
    summary: () => trialSummary,
    head: () => undefined,
    liveAlerts: () => [],
    homeOf: () => undefined,
    incident: (id) => only(id, trialIncident),
    async list(filter) {
      asked.push(filter)
      return { incidents: [trialSummary], next: null }
    },
    facts: (id) => only(id, []),
    alerts: (id) => only(id, []),
    leadTime: (id) => only(id, trialLeadTime),
    why: (id) => only(id, []),
    async ledger(since) {
      asked.push(since)
      return [{ minute: since, sourceId: 's_one', accepted: 2, counts: { opened: 1, repeated: 1 } }]
    },
    vitals: () => undefined,
    lastHour: () => ({ accepted: 0, outcomes: {} }),
    minutes: () => new Array(60).fill(0),
    expected: () => ({ silentSince: null, by: null }),
    firingOf: () => ({ alerts: 0, incidents: [] }),
    nameOf,
    factView: (fact) => ({ ...fact, at: new Date(fact.at).toISOString(), by: { id: fact.by, name: fact.by } }),
    retold: (fact) => fact,
    since: () => null,
    onChange: () => () => undefined,
  }
}

const trialRule: RuleFigures = {
  ...{ stage: 'define', rule: 'everything else', name: 'everything else', origin: 'policy' },
  ...{ outcomes: {}, minutes: [], day: 0, passed: 0, again: 0, holds: 0, marks: 0, lastAt: null },
}

/** A filter room of one rule and one alert. */
export const trialFilterRoom: FilterPicture = {
  view: () => ({
    at,
    since: at,
    sources: [],
    others: { accepted: 0, rejected: 0 },
    stages: [],
    sum: { sinceMs: 3_600_000, accepted: 1, outcomes: { opened: 1 }, unplaced: 0 },
    held: { silenced: 0, inhibited: 0, damped: 0, shed: 0 },
    incidents: { open: 1, unowned: 1 },
    lost: 0,
    policy: { hash: 'abc', since: null },
    rules: [trialRule],
    rulesInAll: 1,
  }),
  rule: async (stage, rule) =>
    stage === trialRule.stage && rule === trialRule.rule
      ? {
          figures: trialRule,
          author: { kind: 'policy', by: null, since: null, until: null, policy: 'abc' },
          ...{ text: null, line: null, holds: 0, marks: 0, alerts: [], decisions: [], next: null },
        }
      : null,
  alertWhy: async (id) =>
    id === 'a1' ? { alert: null, marks: null, decisions: [], stages: [], path: [], older: false } : null,
  placed: () => ({ marks: null, path: [] }),
  origin: async () => ({
    definition: null,
    by: { id: 'system:filter', name: 'Filter' },
    at,
    joined: [],
    corrections: [],
  }),
}

/** A load of one alarm, whoever it is of. */
export const trialLoad: ApiParts['alarmLoad'] = {
  async load(of) {
    const to = Date.parse(at)
    const from = to - 3_600_000
    const plain = { at: to - 1, count: 1, kind: 'opened' as const, incidentId: 'INC-1', team: null, person: null }
    const load = loadOf({ alarms: [{ ...plain, what: 'A', rule: 'r' }], from, to, chattering: 1, standing: 1 })
    const alert = { alertId: 'a', title: 'A', incidentId: null }
    return {
      ...load,
      ...{ from, to, byKind: { opened: 1, reopened: 0, joined: 0 }, periodMs: 600_000 },
      flood: load.periods.map(() => false),
      hours: { start: from, counts: [1] },
      chattering: [{ ...alert, at: from, times: 1, damped: false }],
      standing: [{ ...alert, since: 0 }],
      ...{ chatteringInAll: 1, standingInAll: 1 },
      lines: of.kind === 'everybody' ? { teams: new Map(), people: linesBy([], 'person', from, to) } : null,
    }
  },
}
