import { z } from 'zod'
import { severitySchema } from './event.ts'
import { outcomes } from './outcome.ts'

/** What each stage of the filter room does, for people. The order is that of the server, which sends it. */
export const stageMeaning: Readonly<Record<string, string>> = {
  redeliver: 'counts once what is delivered twice',
  parse: 'reads the event; what cannot be read is lost property',
  redact: 'masks personal data; decides nothing',
  amend: 'adds what a sender says later of an alert',
  deduplicate: 'gives each condition its one alert',
  restrict: 'keeps apart what is not for everybody; decides nothing',
  silence: 'holds back what people do not want to hear of now',
  inhibit: 'holds back the effects of a known cause',
  damp: 'holds back what fires and ends over and over',
  shed: 'holds back all but the first of each kind in a storm',
  enrich: 'finds service and team; decides nothing',
  define: 'says what is an incident',
  correlate: 'joins what belongs together',
}

/** Rows that one answer lists at most. */
export const alertsBehindShown = 200
export const decisionsPerPage = 50
/** Rules with figures that are sent at most; those that act, and those that hold something back, first. */
export const mostRules = 3000

const instant = z.iso.datetime({ precision: 3 })
const count = z.number().int()
const counts = z.partialRecord(z.enum(outcomes), count)

/** Where a rule comes from. `former`: it is in no policy and no silence any more, but acted in the last 24 hours. */
export const ruleOrigins = ['policy', 'silence', 'built-in', 'former'] as const
export type RuleOrigin = (typeof ruleOrigins)[number]

/** What one rule of one stage did. Silences are rules of the stage `silence`, by their id. */
export const ruleFiguresSchema = z.strictObject({
  stage: z.string(),
  rule: z.string(),
  name: z.string().describe('As people call it; of a silence who made it and why'),
  origin: z.enum(ruleOrigins),
  outcomes: counts.describe('Events that it decided in the last hour'),
  minutes: z.array(count).describe('The same by minute, oldest first, the last under way; empty when there were none'),
  day: count.nullable().describe('In the last 24 hours; null where only the hour is counted'),
  passed: count.describe('Of a definition: events of the last hour that it called an incident, and handed on'),
  again: count.describe(
    'Alerts that it placed in the last hour when they were judged again; they are in no other count',
  ),
  holds: count.describe('Firing alerts that it holds back now'),
  marks: count.describe('Firing alerts that are in an incident and that it would hold back'),
  lastAt: instant.nullable().describe('When it decided last; null: not in the last 24 hours'),
})
export type RuleFigures = z.output<typeof ruleFiguresSchema>

const sourceFlowSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  heardAt: instant.nullable(),
  cadenceMs: z.number().nullable(),
  perMinute: count,
  accepted: count.describe('Events in the last hour'),
  rejected: count.describe('Of these, could not be read'),
  minutes: z.array(count).describe('Events by minute, as of a rule'),
})
export type SourceFlow = z.output<typeof sourceFlowSchema>

const flow = {
  at: instant,
  since: instant.nullable().describe('From when on the figures of 24 hours count; null while they are being read'),
  sources: z.array(sourceFlowSchema),
  others: z
    .strictObject({ accepted: count, rejected: count })
    .describe(
      'Of the last hour, from no source of the list: reports by people, what Uxbridge finds itself, former sources',
    ),
  stages: z.array(z.strictObject({ name: z.string(), outcomes: counts, again: count })).describe('In their order'),
  sum: z.strictObject({
    sinceMs: z.number(),
    accepted: count.describe('As the doors counted them'),
    outcomes: counts,
    unplaced: count
      .nullable()
      .describe('Outcomes that no rule accounts for, or rules’ decisions without an outcome; null while they are read'),
  }),
  held: z
    .strictObject({ silenced: count, inhibited: count, damped: count, shed: count })
    .describe('Firing alerts, now'),
  incidents: z.strictObject({ open: count, unowned: count }),
  lost: count.describe('Members of requests that wait in lost property'),
  policy: z.strictObject({ hash: z.string(), since: instant.nullable() }),
}

/** The filter room: sources, stages, rules, sums. Rules are in the order of the stages, and of the policy within each. */
export const filterViewSchema = z.strictObject({
  ...flow,
  rules: z.array(ruleFiguresSchema),
  rulesInAll: count.describe(`More than ${mostRules} are not sent`),
})
export type FilterView = z.output<typeof filterViewSchema>

/** What moved in it. Rules are the changed ones; when others appear or go, the whole is sent. */
export const filterChangeSchema = z.strictObject({ ...flow, rules: z.array(ruleFiguresSchema) })
export type FilterChange = z.output<typeof filterChangeSchema>

/** A decision that was kept, with its labels filled in. */
export const decisionViewSchema = z.strictObject({
  n: count.describe('Counts decisions; the cursor of a page'),
  at: instant,
  source: z.strictObject({ id: z.string(), name: z.string() }),
  outcome: z.enum(outcomes),
  stage: z.string(),
  rule: z.string(),
  reason: z.string(),
  again: z.boolean().describe('No event led to it: the alert was judged again'),
  alert: z.strictObject({ id: z.string(), title: z.string().nullable().describe('Null: forgotten since') }).nullable(),
  incident: z.strictObject({ id: z.string(), title: z.string().nullable() }).nullable(),
})
export type DecisionView = z.output<typeof decisionViewSchema>

/** A firing alert behind a rule. */
export const heldAlertSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  severity: severitySchema,
  source: z.strictObject({ id: z.string(), name: z.string() }),
  service: z.string().nullable(),
  startsAt: instant,
  heardAt: instant,
  events: count,
  incidentId: z.string().nullable(),
  held: z.boolean().describe('Held back; else it is in an incident, and only marked'),
  until: instant.nullable().describe('When it is let go at the earliest, where that is known'),
})
export type HeldAlert = z.output<typeof heldAlertSchema>

export const ruleViewSchema = z.strictObject({
  figures: ruleFiguresSchema,
  author: z.strictObject({
    kind: z.enum(ruleOrigins),
    by: z.string().nullable().describe('Who made it, where that was a person'),
    since: instant.nullable().describe('Since when it is in force, as far as that is known'),
    until: instant.nullable().describe('When it ends by itself'),
    policy: z.string().nullable().describe('Hash of the version of the policy that it stands in'),
  }),
  text: z.string().nullable().describe('As it stands in the policy, or the matchers of the silence'),
  line: count.nullable().describe('Where it stands in the policy file, from 1'),
  holds: count,
  marks: count,
  alerts: z.array(heldAlertSchema).describe(`Firing alerts behind it, the newest ${alertsBehindShown}`),
  decisions: z.array(decisionViewSchema).describe('What it decided, newest first'),
  next: count.nullable().describe('`before` of the next page'),
})
export type RuleView = z.output<typeof ruleViewSchema>

/** A stage on the way of one event. `skipped`: judged again, an alert begins with the stages that can hold it back. */
export const stepSchema = z.strictObject({
  stage: z.string(),
  state: z.enum(['passed', 'decided', 'not reached', 'skipped']),
})
export type Step = z.output<typeof stepSchema>

/**
 * The way that led to a decision.
 * @param order names of all stages, in their order
 * @param decision with `again`, the alert was judged again, from the first stage that holds back on
 */
export function pathOf(order: readonly string[], decision: Pick<DecisionView, 'stage' | 'again'>): Step[] {
  const decided = order.indexOf(decision.stage)
  const from = decision.again ? order.indexOf('silence') : 0
  return order.map((stage, place) => ({
    stage,
    state: place < from ? 'skipped' : place < decided ? 'passed' : place === decided ? 'decided' : 'not reached',
  }))
}

/** What marks a firing alert now, and until when. */
export const marksSchema = z.strictObject({
  held: z.enum(['silenced', 'inhibited', 'damped', 'shed']).nullable().describe('Held back; null: people can see it'),
  silences: z.array(z.strictObject({ id: z.string(), createdBy: z.string(), comment: z.string(), endsAt: instant })),
  windows: z.array(z.string()).describe('Maintenance windows of the policy, by name'),
  inhibited: z
    .strictObject({
      rule: z.string(),
      by: z.string().describe('Id of the alert that is its cause; empty: of one that is not shown'),
      title: z.string().nullable(),
      incidentId: z.string().nullable(),
    })
    .nullable(),
  flaps: z
    .strictObject({
      rule: z.string(),
      refires: count,
      penalty: z.number().describe('What counts against it now; it halves by and by'),
      until: instant.nullable().describe('Damped until then at least; null: not damped'),
    })
    .nullable(),
  storm: z.strictObject({ rule: z.string(), since: instant, shed: count, kinds: count }).nullable(),
})
export type Marks = z.output<typeof marksSchema>

/** Why an alert is where it is. */
export const alertWhySchema = z.strictObject({
  alert: z
    .strictObject({
      id: z.string(),
      title: z.string(),
      status: z.enum(['firing', 'resolved']),
      severity: severitySchema,
      source: z.strictObject({ id: z.string(), name: z.string() }),
      service: z.string().nullable(),
      incidentId: z.string().nullable(),
      startsAt: instant,
    })
    .nullable()
    .describe('Null: forgotten since'),
  marks: marksSchema.nullable().describe('Null while it does not fire'),
  decisions: z.array(decisionViewSchema).describe('All that are kept, oldest first; at most the newest 500'),
  stages: z.array(z.string()).describe('All stages, in their order'),
  path: z.array(stepSchema).describe('The stages as the last of these decisions passed them'),
  older: z.boolean().describe('There are older decisions'),
})
export type AlertWhy = z.output<typeof alertWhySchema>
