import type { FactView, IncidentView } from '../wire.ts'

const day = '2026-11-22'
export const at = (clock: string): string => `${day}T${clock}:00.000Z`
export const atMs = (clock: string): number => Date.parse(at(clock))
export const amara = { id: 'p_amara', name: 'Amara Okafor' }
export const tomasz = { id: 'p_tomasz', name: 'Tomasz Wilk' }

let seq = 0
/** A fact as it leaves the server, by Amara unless it says otherwise. */
export function fact(clock: string, type: string, data: Record<string, unknown> = {}): FactView {
  seq++
  return { seq, incidentId: 'INC-1001', version: seq, type, at: at(clock), by: amara, ...data }
}

/** An incident of checkout since 12:00, in `fixing`, Tier 1, with two of three alerts firing. */
export function viewOf(
  more: Partial<Omit<IncidentView, 'summary'>> = {},
  summary: Partial<IncidentView['summary']> = {},
): IncidentView {
  return {
    summary: {
      ...{ id: 'INC-1001', title: 'Checkout is slow', phase: 'fixing', tier: 1, severity: 'high' },
      ...{ owner: amara, offer: null, service: 'checkout', team: null, openedAt: at('12:00'), heardAt: at('12:30') },
      ...{ resolvedAt: null, alerts: { firing: 2, total: 3 }, events: 3, activity: [], activityUntil: null, chain: [] },
      ...{
        handovers: 0,
        unownedMs: 0,
        unownedSince: null,
        reliefAskedBy: null,
        assistants: [],
        ownerSilentSince: null,
      },
      ...{ nextUpdateDueAt: null, flags: [], drill: false, provisional: false, silenced: null, suggestResolve: false },
      ...{ revision: 1, seq: 1 },
      ...summary,
    },
    ...{ description: '', brief: null, offerBrief: null, offerChanged: [], lastUpdate: null, runbook: null },
    ...{ tasks: [], facts: [], alerts: [] },
    ...more,
  } as IncidentView
}
