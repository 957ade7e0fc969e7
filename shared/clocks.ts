/** Minutes and hours, in milliseconds: durations carry their unit. */
export const secondMs = 1000
export const minuteMs = 60 * secondMs
export const hourMs = 60 * minuteMs

/** Time handed in. `now()` is epoch ms. */
export interface Clock {
  now(): number
}

/**
 * A deadline that stands in an incident's own state: stored with its facts, so that it survives a restart,
 * and due exactly once, because handling it changes that state.
 */
export interface Deadline {
  kind:
    | 'offer-expires'
    | 'role-offer-expires'
    | 'owner-silent-ask'
    | 'owner-silent-tell'
    | 'page'
    | 'relief-prepares'
    | 'shift-ends'
    | 'update-late'
    | 'clock'
  incidentId: string
  /** Epoch ms. At this instant it is due. */
  at: number
}

/** How old information is, in four steps (product.md: information age). */
export type AgeStep = 'fresh' | 'ageing' | 'old' | 'lost'
export interface AgeSteps {
  ageingAfterMs: number
  oldAfterMs: number
  lostAfterMs: number
}
export const defaultAgeSteps: AgeSteps = {
  ageingAfterMs: 5 * minuteMs,
  oldAfterMs: 10 * minuteMs,
  lostAfterMs: 15 * minuteMs,
}

/** @param ageMs now − last information received; a clock that runs behind counts as fresh */
export function ageStep(ageMs: number, steps: AgeSteps = defaultAgeSteps): AgeStep {
  if (ageMs >= steps.lostAfterMs) return 'lost'
  if (ageMs >= steps.oldAfterMs) return 'old'
  if (ageMs >= steps.ageingAfterMs) return 'ageing'
  return 'fresh'
}
