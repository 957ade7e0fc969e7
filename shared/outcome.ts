/**
 * What the filter room did with an event. Rule F1 (conservation): every accepted event has exactly one,
 * so accepted = the sum of these, per source and per minute, always.
 */
export const outcomes = [
  'opened',
  'attached',
  'repeated',
  'resolved',
  'silenced',
  'inhibited',
  'damped',
  'shed',
  'recorded',
  'rejected',
] as const
export type Outcome = (typeof outcomes)[number]

/** What each outcome means, for people. */
export const outcomeMeaning: Readonly<Record<Outcome, string>> = {
  opened: 'opened an incident',
  attached: 'joined an open incident',
  repeated: 'same state of a known alert; counted',
  resolved: 'ended an alert',
  silenced: 'held back by a silence',
  inhibited: 'held back as the effect of a known cause',
  damped: 'held back because it flaps',
  shed: 'summarised in a storm',
  recorded: 'known, below the definition of an incident',
  rejected: 'could not be read',
}

/** Why one event got its outcome: the stage and rule that decided, in words a person can check. */
export interface Decision {
  /** Position of the log entry and index of the event in it. */
  pos: number
  index: number
  sourceId: string
  outcome: Outcome
  stage: string
  rule: string
  /** Rule F9: labels stand in it as `labelMention`s: it is kept in clear, and what senders write may be about people. */
  reason: string
  alertId: string | null
  incidentId: string | null
}

/**
 * What one source brought in one minute, and what became of it. `minute` is epoch ms at its start. `accepted` is what the
 * door counted before the filter saw anything of it, and kept apart, so that rule F1 (it is the sum of `counts`) can be checked.
 */
export interface LedgerRow {
  minute: number
  sourceId: string
  accepted: number
  counts: Partial<Record<Outcome, number>>
}

/** Rule F1: what was accepted and is in no count. 0 when all is well; less than 0 where something was counted twice. */
export function unaccounted({ accepted, counts }: Pick<LedgerRow, 'accepted' | 'counts'>): number {
  return Object.values(counts).reduce((left, count) => left - count, accepted)
}

/** A label in a reason: its value is filled in where the reason is read, from the alert, which is encrypted at rest. */
export function labelMention(name: string): string {
  return `⟦${name}⟧`
}

/** Replaces each mention of a label by its name and value; by its name alone where the value is not known any more. */
export function withLabels(reason: string, valueFor: (name: string) => string | undefined): string {
  return reason.replaceAll(/⟦([^⟧]*)⟧/g, (_, name: string) => {
    const value = valueFor(name)
    return value === undefined ? name : `${name}=${JSON.stringify(value)}`
  })
}
