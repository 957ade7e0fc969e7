import type { Alert } from '#shared/alert.ts'
import type { Fact, RecordedFact } from '#shared/incident/facts.ts'
import type { Decision } from '#shared/outcome.ts'
import type { AuditEntry, LogEntry, LostItem, StoredAnswer } from './port.ts'

/** An instant that tests count from: 2025-03-01 12:00 UTC. */
export const noon = Date.UTC(2025, 2, 1, 12)

export function logEntry(pos: number, text = `{"pos":${pos}}`, more: Partial<LogEntry> = {}): LogEntry {
  const body = new TextEncoder().encode(text)
  return { pos, at: noon + pos, kind: 'request', sourceId: 'src-1', adapter: 'generic/intake', body, ...more }
}

/** Puts a fact into its place. */
export function recorded(seq: number, incidentId: string, version: number, fact: Fact): RecordedFact {
  return { ...fact, seq, incidentId, version } as RecordedFact
}

export function declared(
  seq: number,
  incidentId: string,
  more: Partial<Extract<Fact, { type: 'declared' }>> = {},
): RecordedFact {
  return recorded(seq, incidentId, 1, {
    type: 'declared',
    at: noon + seq,
    by: 'system:filter',
    title: `Checkout is down for Ada (${incidentId})`,
    description: 'Customers see 500s',
    service: 'checkout',
    team: 'payments',
    severity: 'high',
    tier: null,
    tierRule: 'default',
    flags: [],
    drill: false,
    provisional: true,
    ...more,
  })
}

export function claimed(seq: number, incidentId: string, version: number, person = 'ada'): RecordedFact {
  return recorded(seq, incidentId, version, { type: 'claimed', at: noon + seq, by: `person:${person}` })
}

export function noted(seq: number, incidentId: string, version: number, text: string): RecordedFact {
  return recorded(seq, incidentId, version, { type: 'noted', at: noon + seq, by: 'person:ada', text })
}

export function auditEntry(seq: number, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    seq,
    at: noon + seq,
    by: 'person:ada',
    action: 'command.claim',
    subject: 'INC-1',
    outcome: 'done',
    detail: { seq },
    address: '192.0.2.7',
    ...more,
  }
}

export function decision(pos: number, index: number, more: Partial<Decision> = {}): Decision {
  return {
    pos,
    index,
    sourceId: 'src-1',
    outcome: 'opened',
    stage: 'correlate',
    rule: 'service',
    reason: 'no open incident of checkout',
    alertId: 'a000000000000001',
    incidentId: 'INC-1',
    ...more,
  }
}

export function answer(commandId: string, more: Partial<StoredAnswer> = {}): StoredAnswer {
  return { actor: 'person:ada', commandId, at: noon, commandHash: 'c0ffee', status: 200, body: { seq: 2 }, ...more }
}

export function lostItem(pos: number, index: number, more: Partial<LostItem> = {}): LostItem {
  return {
    pos,
    index,
    sourceId: 'src-1',
    at: noon + pos,
    reason: '"title" is missing or empty',
    count: 1,
    members: String(index),
    state: 'lost',
    changedAt: null,
    changedBy: null,
    tries: 0,
    foundPos: null,
    ...more,
  }
}

export function alert(id: string, more: Partial<Alert> = {}): Alert {
  return {
    id,
    key: `src-1\n${id}`,
    sourceId: 'src-1',
    status: 'firing',
    severity: 'high',
    severityRaw: 'page',
    title: 'HighLatency',
    description: '',
    service: 'checkout',
    labels: { alertname: 'HighLatency', user: 'ada@example.org' },
    annotations: {},
    links: [],
    startsAt: noon,
    endsAt: null,
    endAssumed: false,
    expiresAt: null,
    firstReceivedAt: noon,
    heardAt: noon,
    events: 1,
    refires: 0,
    acknowledgedAt: null,
    incidentId: 'INC-1',
    rule: 'service',
    ...more,
  }
}
