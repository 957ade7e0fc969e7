import { briefSchema } from '#shared/incident/brief.ts'
import type { AlertView, FactView, IncidentView, Summary } from '#shared/wire.ts'
import { storyNow } from './incidents.ts'
import { person } from './people.ts'

const brief = briefSchema.parse({
  trend: 'worse',
  confidence: 'fairly sure',
  situation:
    'Payment gateway rejects 21 % of cards since the 00:31 deploy of pay-gw 8.4. Roll-back runs in eu-west; us-east waits for it.',
  done: ['Deploy of 00:31 found by diff', 'Roll-back of eu-west started 01:22'],
  ruledOut: ['Bank outage', 'TLS certificates'],
  hypotheses: [{ text: 'New card validator refuses cards without CVV2 result', confidence: 'fairly sure' }],
  actions: [
    {
      text: 'Roll back us-east',
      owner: person('Silva').id,
      dueAt: '2026-11-22T01:40:00.000Z',
      state: 'in flight',
      irreversible: false,
    },
    { text: 'Re-try refused payments of 00:31 to 01:40', state: 'open', irreversible: true },
  ],
  contingencies: [{ if: 'errors stay above 5 % at 01:45', do: 'switch to provider B' }],
  promises: ['Update to client partners at 01:38'],
  constraints: 'Do not restart the ledger: reconciliation runs until 03:00.',
})

const at = (clock: string) => `2026-11-22T${clock}:00.000Z`
function fact(seq: number, clock: string, by: string, type: string, data: Record<string, unknown>): FactView {
  const system = by === 'Filter room' || by === 'Clock'
  return {
    seq,
    incidentId: 'INC-1042',
    version: seq,
    type,
    at: at(clock),
    by: system ? { id: 'system:filter', name: by } : person(by),
    ...data,
  }
}

/** The same merge, as both incidents tell it. */
const merging = {
  why: 'merge',
  firing: 2,
  total: 3,
  rule: 'effect of a dependency',
  reason: 'refunds depends on checkout, which failed 4 min before',
}
const mergedFacts: FactView[] = [
  fact(1, '01:19', 'Filter room', 'declared', { title: 'Refunds pile up', description: '', provisional: true }),
  fact(2, '01:19', 'Filter room', 'alerts-attached', { alerts: ['r1', 'r2', 'r3'], rule: 'same service' }),
  fact(3, '01:23', 'Filter room', 'merged', { ...merging, into: 'INC-1042', phase: 'triage', owner: null }),
  fact(4, '01:23', 'Filter room', 'alerts-moved-out', { ...merging, to: 'INC-1042', alerts: ['r1', 'r2', 'r3'] }),
]

const facts: FactView[] = [
  fact(1, '00:48', 'Filter room', 'declared', { title: '', description: '', provisional: true }),
  fact(2, '00:48', 'Filter room', 'alerts-attached', { alerts: ['a1', 'a2', 'a3'], rule: 'same service' }),
  fact(3, '00:49', 'Okafor', 'claimed', {}),
  fact(4, '00:50', 'Okafor', 'classified', { tier: 1, from: null, reason: 'Card payments fail in all regions' }),
  fact(5, '00:52', 'Filter room', 'alerts-attached', {
    alerts: Array.from({ length: 187 }, (_, i) => `b${i}`),
    rule: 'same service',
  }),
  fact(6, '00:58', 'Okafor', 'offered', { to: person('Ito'), deadlineAt: at('01:00'), brief }),
  fact(7, '00:58', 'Ito', 'accepted', {
    from: person('Okafor'),
    readBack: 'Gateway rejects cards since the deploy; I look at the validator',
  }),
  fact(8, '01:03', 'Lindqvist', 'accepted', {
    from: person('Ito'),
    readBack: 'Validator is the suspect, roll back eu first',
  }),
  fact(9, '01:05', 'Lindqvist', 'phase-set', { from: 'investigating', phase: 'fixing', reason: '' }),
  fact(10, '01:20', 'Moreau', 'flagged', { flag: 'personal-data', on: true }),
  fact(11, '01:20', 'Moreau', 'noted', {
    text: 'Receipts of some customers were shown to others between 00:40 and 00:44.\nScreenshots are with the privacy officer.',
  }),
  fact(12, '01:22', 'Filter room', 'alerts-attached', {
    alerts: Array.from({ length: 12 }, (_, i) => `c${i}`),
    rule: 'same service',
  }),
  fact(16, '01:23', 'Filter room', 'alerts-moved-in', { ...merging, from: 'INC-1043' }),
  fact(13, '01:24', 'Lindqvist', 'updated', {
    text: 'We know what broke card payments and are undoing it. Europe recovers first, the Americas about ten minutes later.',
    nextDueAt: at('01:38'),
  }),
  fact(17, '01:24', 'Lindqvist', 'alerts-moved-out', {
    to: 'INC-1048',
    why: 'split',
    alerts: ['b7', 'b8'],
    firing: 1,
    total: 2,
    reason: 'The ledger has a disk of its own',
  }),
  fact(18, '01:24', 'Okafor', 'alerts-moved-in', { ...merging, from: 'INC-1045', rule: null, reason: 'Same deploy' }),
  fact(19, '01:25', 'Okafor', 'alerts-moved-out', {
    to: 'INC-1045',
    why: 'undo',
    alerts: ['c1', 'c2', 'c3'],
    firing: 2,
    total: 3,
    reason: 'Another deploy after all',
  }),
  fact(14, '01:25', 'Tanaka', 'accepted', {
    from: person('Lindqvist'),
    readBack: 'Roll back both regions, watch refunds',
  }),
  fact(15, '01:32', 'Tanaka', 'offered', {
    to: person('Brandt'),
    deadlineAt: new Date(storyNow + 101_000).toISOString(),
    brief,
  }),
]

function alert(id: string, title: string, minutesAgo: number, more: Partial<AlertView> = {}): AlertView {
  const startsAt = new Date(storyNow - minutesAgo * 60_000).toISOString()
  return {
    id,
    source: { id: 's1', name: 'prometheus eu' },
    status: 'firing',
    severity: 'critical',
    severityRaw: 'critical',
    title,
    description: 'More than 5 % of card payments were refused during the last 5 minutes.',
    labels: { alertname: 'PaymentErrors', service: 'checkout', region: 'eu-west', severity: 'critical' },
    annotations: {},
    links: [{ href: 'https://prometheus.example.org/graph?g0.expr=payment_errors', text: 'Graph of payment_errors' }],
    startsAt,
    endsAt: null,
    endAssumed: false,
    heardAt: new Date(storyNow - 70_000).toISOString(),
    events: 92,
    acknowledgedAt: null,
    why: 'rule “same service”: service=checkout',
    silence: null,
    inhibited: null,
    damped: null,
    shed: null,
    ...more,
  }
}

export function fullView(summary: Summary): IncidentView {
  const rich = summary.id === 'INC-1042'
  return {
    summary,
    description: '',
    brief: rich ? brief : null,
    offerBrief: summary.offer === null ? null : brief,
    offerChanged: [],
    tasks: [],
    evidence: [],
    lastUpdate: rich
      ? { text: String(facts.find(({ type }) => type === 'updated')?.text), at: at('01:24'), by: person('Lindqvist') }
      : null,
    runbook: rich ? 'https://runbooks.example.org/checkout' : null,
    facts: rich
      ? facts
      : summary.phase === 'merged'
        ? mergedFacts
        : [fact(1, '01:20', 'Filter room', 'declared', { title: summary.title, description: '', provisional: true })],
    alerts: [
      alert('a1', 'Card payments refused in eu-west', 46),
      alert('a2', 'Card payments refused in us-east', 45),
      alert('a3', 'Refund queue grows', 12),
      alert('a4', 'Checkout latency p99 above 4 s', 44, {
        status: 'resolved',
        endsAt: new Date(storyNow - 900_000).toISOString(),
      }),
    ],
  }
}
