import { z } from 'zod'
import { inhibitRulesSchema } from './alertmanager/inhibit.ts'
import { receiversSchema, routeProblems, routeSchema } from './alertmanager/routes.ts'
import { timeIntervalsSchema } from './alertmanager/time-intervals.ts'
import { hourMs, minuteMs, secondMs } from './clocks.ts'
import { builtInCorrelation, correlationSchemaWith } from './correlation.ts'
import { builtInEscalation, escalationProblems, escalationSchemaWith } from './duty/escalation.ts'
import { phoneSchema, rosterProblems, rosterSchemasWith } from './duty/roster.ts'
import { targetSchema } from './duty/rotation.ts'
import { filtersSchemaWith } from './filters.ts'
import { type Tier, tierSchema } from './incident/state.ts'
import { clocksPolicyWith } from './legal/policy.ts'
import { timeNames, timeProblems } from './maintenance.ts'
import { mappingSchemaWith } from './mapping/language.ts'
import { parseMatcher } from './matchers.ts'
import { notifySchemaWith } from './notify/policy.ts'
import { reportFieldNames } from './report.ts'
import { readinessPolicyWith } from './rest.ts'

const name = z
  .string()
  .min(1)
  .max(80)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.\-/ ]*$/,
    'use letters, digits, and . _ - / or space, starting with a letter or digit',
  )

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: secondMs,
  m: minuteMs,
  h: hourMs,
  d: 24 * hourMs,
  w: 7 * 24 * hourMs,
}

/** @returns milliseconds @throws RangeError for text that is no duration such as `90s`, `2m`, `1h30m` */
export function parseDuration(text: string): number {
  if (!/^(\d+(ms|[smhdw]))+$/.test(text))
    throw new RangeError(`"${text}" is no duration; write for example 90s, 5m or 1h30m`)
  let sum = 0
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|[smhdw])/g))
    sum += Number(digits) * (units[unit ?? ''] ?? Number.NaN)
  return sum
}

/** A length of time as people write it; read as milliseconds. */
const duration = z
  .string()
  .transform((text, context) => {
    try {
      return parseDuration(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })
  .meta({ type: 'string', pattern: '^([0-9]+(ms|[smhdw]))+$', examples: ['5m', '1h30m'] })

const matcher = z
  .string()
  .max(1000)
  .transform((text, context) => {
    try {
      return parseMatcher(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })
  .meta({ type: 'string', examples: ['service="checkout"', 'severity=~"critical|high"'] })

const tierPolicy = (offer: string, silent: string | null, update: string) =>
  z
    .strictObject({
      label: z.string().min(1).max(40).optional().describe('What people call this tier'),
      offer_expires_after: duration.prefault(offer).describe('How long a hand-off offer stands'),
      owner_silent_after: duration
        .nullable()
        .prefault(silent)
        .describe('An owner who gives no command for so long is asked for a sign of life'),
      update_every: duration.nullable().prefault(update).describe('When the next situation update is promised'),
    })
    .prefault({})

const roster = rosterSchemasWith(name, duration)

/** One of `mappings`: also read by itself, to be tried before it stands in a policy. */
export const mappingSchema = mappingSchemaWith(duration)

/**
 * The policy file: what is an incident, what belongs together, how long things may take. People are named by
 * opaque id only, so that the file can be shared and kept in a repository.
 */
export const policySchema = z
  .strictObject({
    version: z.literal(1).default(1).describe('Version of this file’s format'),
    tiers: z
      .strictObject({
        unclassified: tierPolicy('2m', '15m', '15m'),
        1: tierPolicy('2m', '15m', '15m'),
        2: tierPolicy('5m', '1h', '30m'),
        3: tierPolicy('15m', null, '4h'),
      })
      .prefault({}),
    services: z
      .array(
        z.strictObject({
          id: name,
          team: name.optional(),
          escalation: name.optional().describe('Its policy under `escalation_policies`; without, its team’s'),
          tier: tierSchema.optional().describe('Tier of its incidents where no definition says otherwise'),
          runbook: z.url({ protocol: /^https?$/ }).optional(),
          links: z
            .array(
              z.strictObject({
                text: z.string().min(1).max(80),
                url: z
                  .string()
                  .max(2000)
                  .regex(
                    /^https?:\/\/[^\s/{}?#]+([/?#]\S*)?$/,
                    'write an address that begins with http:// or https://, with {label} only after the host',
                  ),
              }),
            )
            .max(20)
            .default([])
            .describe('Graphs, logs, dashboards: `{label}` stands for that label of the alert'),
          depends_on: z
            .array(name)
            .max(200)
            .default([])
            .describe('Services, by id, without which it cannot work: their trouble explains its own'),
          match: z
            .array(matcher)
            .min(1)
            .optional()
            .describe('Alerts with these labels belong to the service; without: the label service=<id>'),
          restricted: z
            .boolean()
            .optional()
            .describe('Its incidents are there only for commanders, its on-call and whoever has a part in them'),
        }),
      )
      .max(5000)
      .default([]),
    teams: z
      .array(
        z.strictObject({
          id: name,
          name: z.string().min(1).max(80).optional(),
          members: z.array(z.string().min(1).max(64)).max(500).default([]).describe('People, by id'),
          escalation: name.optional().describe('Of services of the team that name none; without, the first'),
          phone: phoneSchema.optional().describe('Who answers the team’s phone'),
        }),
      )
      .max(1000)
      .default([]),
    rotations: roster.rotations.default([]).describe('Who answers when, by turns'),
    holidays: roster.holidays.default([]).describe('Calendars by name, for the layers of rotations'),
    commanders: z
      .array(targetSchema)
      .max(20)
      .default([])
      .describe('Who commands now, for example rotation:command; without, everybody with the role commander'),
    notify: notifySchemaWith(name, duration)
      .prefault({})
      .describe('What shared channels are told, and how messages are grouped, tried again and given up'),
    escalation_policies: z
      .array(escalationSchemaWith(name, duration))
      .max(1000)
      .prefault(builtInEscalation)
      .describe('Whom to tell of what nobody owns, and after how long whom else; the first is for all that name none'),
    definitions: z
      .array(
        z.strictObject({
          name,
          match: z.array(matcher).min(1),
          as: z
            .union([tierSchema, z.literal('triage'), z.literal('record')])
            .describe('A tier, `triage` (a person decides), or `record` (no incident)'),
          restricted: z
            .boolean()
            .optional()
            .describe('What it opens is there only for commanders, its on-call and whoever has a part in it, at once'),
        }),
      )
      .max(2000)
      .prefault([
        { name: 'report by a person', match: ['kind="report"'], as: 'triage' },
        { name: 'informational', match: ['severity=~"info|none|low"'], as: 'record' },
        { name: 'watchdog', match: ['alertname=~"Watchdog|DeadMansSwitch|InfoInhibitor"'], as: 'record' },
        { name: 'everything else', match: ['severity!=""'], as: 'triage' },
      ])
      .describe(
        'What is an incident: the first that matches decides. `severity` is ours: critical, high, medium, low, info',
      ),
    correlate: z
      .array(correlationSchemaWith(name, matcher, duration))
      .max(200)
      .prefault(builtInCorrelation)
      .describe(
        'What belongs together: rules are tried in order; the first that finds an open incident decides, and the first with `by` whose labels are all present ends the search',
      ),
    filters: filtersSchemaWith(name, matcher, duration)
      .prefault({})
      .describe('What is masked before it is kept, and what is held back'),
    reopen_within: duration
      .prefault('15m')
      .describe('An alert that fires again so soon after its incident was resolved reopens it'),
    resolve_timeout: duration
      .prefault('5m')
      .describe('For senders that say no end: silence for so long means resolved'),
    readiness: readinessPolicyWith(duration).describe('When somebody recovers, for the tote'),
    retention: z
      .strictObject({
        lost_property: duration
          .prefault('14d')
          .describe('What could not be read is listed, can be looked at and tried again for so long'),
        withdrawn_evidence: duration
          .prefault('30d')
          .describe('Files that were withdrawn can be read by commanders, privacy officers and auditors for so long'),
      })
      .prefault({})
      .describe('How long things are kept'),
    route: routeSchema
      .prefault({ receiver: 'uxbridge', group_by: ['alertname'] })
      .describe('How alerts are grouped for clients of Alertmanager’s API, in its syntax'),
    inhibit_rules: inhibitRulesSchema
      .prefault([])
      .describe('Alertmanager’s, as they are; `filters.inhibit` asks for labels'),
    time_intervals: timeIntervalsSchema
      .default([])
      .describe('Times by name, in Alertmanager’s syntax, for `filters.maintenance` and for routes'),
    mute_time_intervals: timeIntervalsSchema.default([]).describe('The same, as older configurations call it'),
    receivers: receiversSchema.prefault([{ name: 'uxbridge' }]).describe('The receivers that `route` names'),
    mappings: z
      .record(name, mappingSchema)
      .refine((all) => Object.keys(all).length <= 200, {
        error: 'are more than 200; remove those that no source names',
      })
      .default({})
      .describe('How sources of kind `webhook` that name one are read: JSON of any shape'),
    clocks: clocksPolicyWith(duration).describe('Legal and agreed deadlines that people start and stop'),
    reports: z
      .strictObject({
        required: z
          .array(z.enum(reportFieldNames))
          .default(['affected', 'contact'])
          .describe('What a person who reports must say besides a title'),
        services_only: z.boolean().default(false).describe('Only services that are known, no other words'),
      })
      .prefault({})
      .describe('The form on which people report what they feel'),
  })
  .superRefine((policy, context) => {
    const teams = new Set(policy.teams.map((team) => team.id))
    const services = new Set(policy.services.map((service) => service.id))
    const named = (list: readonly { name: string }[]) => list.map(({ name }) => name)
    const identified = (list: readonly { id: string }[]) => list.map(({ id }) => id)
    duplicates(identified(policy.teams), 'teams', 'id', context)
    duplicates(identified(policy.services), 'services', 'id', context)
    // Reasons and grouping keys name a rule; two of one name would be one.
    duplicates(named(policy.definitions), 'definitions', 'name', context)
    duplicates(named(policy.correlate), 'correlate', 'name', context)
    const inhibitions = named(policy.inhibit_rules)
    duplicates(inhibitions, 'inhibit_rules', 'name', context)
    duplicates(named(policy.filters.inhibit), ['filters', 'inhibit'], 'name', context)
    policy.filters.inhibit.forEach(({ name }, index) => {
      if (inhibitions.includes(name))
        context.addIssue({
          code: 'custom',
          path: ['filters', 'inhibit', index, 'name'],
          message: `"${name}" is there under inhibit_rules too`,
        })
    })
    duplicates(named(policy.filters.maintenance), ['filters', 'maintenance'], 'name', context)
    for (const issue of timeProblems(policy, policy.filters.maintenance)) context.addIssue({ code: 'custom', ...issue })
    duplicates(named(policy.filters.shed), ['filters', 'shed'], 'name', context)
    duplicates(named(policy.filters.damp), ['filters', 'damp'], 'name', context)
    duplicates(named(policy.filters.redact), ['filters', 'redact'], 'name', context)
    for (const issue of rosterProblems(policy, timeNames(policy))) context.addIssue({ code: 'custom', ...issue })
    for (const { path, message } of routeProblems(policy.route, policy.receivers, timeNames(policy)))
      context.addIssue({ code: 'custom', path, message })
    duplicates(identified(policy.escalation_policies), 'escalation_policies', 'id', context)
    const rotations = new Set(identified(policy.rotations))
    for (const issue of escalationProblems(policy, { rotations, times: timeNames(policy) }))
      context.addIssue({ code: 'custom', ...issue })
    policy.services.forEach((service, index) => {
      if (service.team !== undefined && !teams.has(service.team))
        context.addIssue({
          code: 'custom',
          path: ['services', index, 'team'],
          message: `there is no team "${service.team}" under teams`,
        })
      service.depends_on.forEach((needed, at) => {
        const path = ['services', index, 'depends_on', at]
        if (needed === service.id)
          context.addIssue({ code: 'custom', path, message: `"${needed}" cannot depend on itself` })
        else if (!services.has(needed))
          context.addIssue({ code: 'custom', path, message: `there is no service "${needed}" under services` })
      })
    })
  })
export type Policy = z.output<typeof policySchema>
export type PolicyInput = z.input<typeof policySchema>

function duplicates(
  values: readonly string[],
  list: string | readonly string[],
  field: 'id' | 'name',
  context: z.core.$RefinementCtx,
): void {
  const seen = new Set<string>()
  values.forEach((value, index) => {
    if (seen.has(value))
      context.addIssue({ code: 'custom', path: [list, index, field].flat(), message: `"${value}" is there twice` })
    seen.add(value)
  })
}

/** What Uxbridge does with no policy file. */
export const builtInPolicy: Policy = policySchema.parse({})

export function tierPolicyOf(policy: Policy, tier: Tier | null): Policy['tiers'][1] {
  return tier === null ? policy.tiers.unclassified : policy.tiers[tier]
}
