import { z } from 'zod'
import { severitySchema } from './event.ts'
import { tierSchema } from './incident/state.ts'
import { outcomes } from './outcome.ts'

/** Rows of each list that are told; `counts` has all of them. */
export const trialRowsShown = 200
/** An incident that opened so much later is told; less is a matter of the clock's steps. Milliseconds. */
export const laterFromMs = 1000
/** Longest time that a policy can be tried on. */
export const longestTrialMs = 31 * 24 * 3_600_000

const instant = z.iso.datetime({ precision: 3 })
const count = z.number().int().min(0)

/** What decided about an alert: the stage, its rule, and why in words. */
export const trialJudgementSchema = z.strictObject({
  outcome: z.enum(outcomes),
  stage: z.string(),
  rule: z.string(),
  reason: z.string(),
})
export type TrialJudgement = z.infer<typeof trialJudgementSchema>

/** An incident of one of the two runs. */
export const trialIncidentSchema = z.strictObject({
  id: z.string().nullable().describe('As it is on record; null for one that there was not'),
  title: z.string(),
  service: z.string().nullable(),
  severity: severitySchema,
  tier: tierSchema.nullable(),
  openedAt: instant,
  alerts: count,
})
export type TrialIncident = z.infer<typeof trialIncidentSchema>

const judgedAlerts = z.array(trialJudgementSchema.extend({ alerts: count })).describe('Most alerts first')
const peopleDid = z
  .strictObject({ facts: count, kinds: z.array(z.string()) })
  .describe('What people did with it on record: a sign that it was needed')

export const trialAlertSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  severity: severitySchema,
  source: z.strictObject({ id: z.string(), name: z.string() }),
  incident: z.string().nullable().describe('That it was in, as it is on record'),
  at: instant,
  by: trialJudgementSchema.nullable().describe('Of the other run; null where it did not judge it in this time'),
})

const sideSchema = z.strictObject({
  opened: count,
  reopened: count,
  calls: z
    .strictObject({ all: count, tier1: count, tier2: count, tier3: count, unclassified: count })
    .describe('Times that somebody would be called: incidents opened, and opened again'),
  outcomes: z.partialRecord(z.enum(outcomes), count),
})
export type TrialSide = z.infer<typeof sideSchema>

/** The difference that a policy would have made: `live` is the policy of the day, `candidate` the one that is tried. */
export const trialResultSchema = z.strictObject({
  from: instant.describe('What is compared begins here'),
  until: instant,
  warmedSince: instant.nullable().describe('Both runs began here, so that they are at work by `from`; null: no log'),
  entries: count.describe('Entries of the log that were folded'),
  events: count.describe('Events since `from`'),
  live: sideSchema,
  candidate: sideSchema,
  counts: z.strictObject({
    same: count,
    hidden: count,
    shown: count,
    merged: count,
    split: count,
    regrouped: count,
    graded: count,
    later: count,
    alertsHidden: count,
    alertsShown: count,
    peopleHidden: count.describe('Incidents that would not have been, and that people worked on'),
  }),
  hidden: z.array(z.strictObject({ incident: trialIncidentSchema, by: judgedAlerts, people: peopleDid })),
  shown: z.array(z.strictObject({ incident: trialIncidentSchema, by: judgedAlerts, before: judgedAlerts })),
  grouped: z.array(
    z.strictObject({
      kind: z.enum(['merged', 'split', 'regrouped']),
      live: z.array(trialIncidentSchema),
      candidate: z.array(trialIncidentSchema),
      by: judgedAlerts.describe('What placed the alerts, under the candidate'),
    }),
  ),
  changed: z
    .array(
      z.strictObject({
        live: trialIncidentSchema,
        candidate: trialIncidentSchema,
        laterMs: z.number().describe('How much later it would have been opened; below 0: earlier'),
      }),
    )
    .describe('The same incident, with another tier or at another time'),
  alertsHidden: z.array(trialAlertSchema),
  alertsShown: z.array(trialAlertSchema),
  rules: z
    .array(z.strictObject({ stage: z.string(), rule: z.string(), live: count, candidate: count }))
    .describe('Decisions by rule since `from`; those that differ most first'),
})
export type TrialResult = z.infer<typeof trialResultSchema>

/**
 * The rows for somebody who may not see every incident on record: what is told of one that they do not see is left out, and
 * counted in no list that is told here. The sums of both sides stay (rule RS7).
 */
export function withoutUnseen(result: TrialResult, sees: (incidentId: string) => boolean): TrialResult {
  const isSeen = ({ id }: Pick<TrialIncident, 'id'>) => id === null || sees(id)
  const isNamed = ({ incident }: TrialResult['alertsHidden'][number]) => incident === null || sees(incident)
  const hidden = result.hidden.filter(({ incident }) => isSeen(incident))
  const shown = result.shown.filter(({ incident }) => isSeen(incident))
  const grouped = result.grouped.filter(({ live, candidate }) => [...live, ...candidate].every(isSeen))
  const changed = result.changed.filter(({ live, candidate }) => isSeen(live) && isSeen(candidate))
  const alertsHidden = result.alertsHidden.filter(isNamed)
  const alertsShown = result.alertsShown.filter(isNamed)
  const left = <T>(all: number, before: readonly T[], after: readonly T[]) => all - (before.length - after.length)
  const { counts } = result
  const ofKind = (kind: TrialResult['grouped'][number]['kind']) => {
    const own = (rows: TrialResult['grouped']) => rows.filter((row) => row.kind === kind)
    return left(counts[kind], own(result.grouped), own(grouped))
  }
  const later = (rows: TrialResult['changed']) => rows.filter(({ laterMs }) => Math.abs(laterMs) >= laterFromMs)
  const graded = (rows: TrialResult['changed']) => rows.filter(({ live, candidate }) => live.tier !== candidate.tier)
  const worked = (rows: TrialResult['hidden']) => rows.filter(({ people }) => people.facts > 0)
  return {
    ...result,
    ...{ hidden, shown, grouped, changed, alertsHidden, alertsShown },
    counts: {
      ...counts,
      hidden: left(counts.hidden, result.hidden, hidden),
      shown: left(counts.shown, result.shown, shown),
      ...{ merged: ofKind('merged'), split: ofKind('split'), regrouped: ofKind('regrouped') },
      graded: left(counts.graded, graded(result.changed), graded(changed)),
      later: left(counts.later, later(result.changed), later(changed)),
      alertsHidden: left(counts.alertsHidden, result.alertsHidden, alertsHidden),
      alertsShown: left(counts.alertsShown, result.alertsShown, alertsShown),
      peopleHidden: left(counts.peopleHidden, worked(result.hidden), worked(hidden)),
    },
  }
}

export const trialStates = ['running', 'done', 'failed', 'cancelled'] as const
export const trialViewSchema = z.strictObject({
  id: z.string(),
  state: z.enum(trialStates),
  by: z.strictObject({ id: z.string(), name: z.string() }),
  hash: z.string().describe('Of the policy that is tried'),
  lastMs: z.number(),
  startedAt: instant,
  endedAt: instant.nullable(),
  progress: z.strictObject({
    done: count,
    all: count.describe('0: not known yet'),
    at: instant.nullable().describe('How far it has come in the log'),
  }),
  message: z.string().nullable().describe('Why it failed, or by whom it was cancelled'),
  result: trialResultSchema.nullable(),
})
export type TrialView = z.infer<typeof trialViewSchema>

/** Where the text of the policy stands, and whether it can be changed from here. */
export const policyTextSchema = z.strictObject({
  text: z.string(),
  hash: z.string().describe('Of this text: say it as `from` when you change it'),
  active: z.string().describe('Hash of the policy that is active; another one where the file is refused'),
  place: z.enum(['file', 'built-in']),
  file: z.string().nullable().describe('Its name, without the folder'),
  writable: z.boolean(),
  problems: z.array(z.strictObject({ line: z.number().nullable(), path: z.string(), message: z.string() })),
})
export type PolicyTextView = z.infer<typeof policyTextSchema>

/** The rules of one kind in the text of a policy. */
export const policySectionSchema = z.strictObject({
  key: z.string().describe('Where its list stands: `filters.damp`'),
  title: z.string(),
  meaning: z.string(),
  line: z.number().nullable().describe('Of its key; null where there is none'),
  rules: z.array(z.strictObject({ name: z.string(), line: z.number() })),
  insert: z
    .strictObject({ after: z.number().describe('So many lines stay before it'), text: z.string() })
    .nullable()
    .describe('What adds a new rule; null where the list is written in one line'),
})
export type PolicySection = z.infer<typeof policySectionSchema>

export const policyCheckSchema = z.strictObject({
  ok: z.boolean(),
  hash: z.string().nullable(),
  problems: policyTextSchema.shape.problems,
  sections: z.array(policySectionSchema).describe('Empty where the text is no YAML'),
  warnings: z
    .array(z.strictObject({ line: z.number(), message: z.string() }))
    .optional()
    .describe('What is no fault of the text and does nothing here'),
})
export type PolicyCheck = z.infer<typeof policyCheckSchema>
