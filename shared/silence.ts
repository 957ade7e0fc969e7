import { z } from 'zod'
import { isItsLabels } from './alert.ts'
import { hourMs } from './clocks.ts'
import { UxbridgeError } from './errors.ts'
import { type Labels, type Severity, severitySchema } from './event.ts'
import { phaseSchema, tierSchema } from './incident/state.ts'
import { type CompiledMatcher, compileMatcher, labelOf, type Matcher } from './matchers.ts'
import type { Recurrence } from './recurrence.ts'

/** What a silence holds back, and when. Instants are epoch ms; it holds back from `startsAt` until just before `endsAt`. */
export interface SilenceSpan {
  /** A UUID. */
  id: string
  /** All of them must match (rule Q1). */
  matchers: readonly Matcher[]
  startsAt: number
  endsAt: number
  /** It comes again: `startsAt` and `endsAt` are those of the time that is on or comes next (rule Q9). */
  recurs?: Recurrence & { until: number }
}

/** A silence as people see it: with its author and why. */
export interface Silence extends SilenceSpan {
  /** The author as they call themselves: free text, as in Alertmanager. */
  createdBy: string
  comment: string
  updatedAt: number
  /** Actor id of whoever last changed it. */
  by: string
}

/** What somebody wants to be silenced; with an `id`, in place of that silence. */
export type WantedSilence = Pick<Silence, 'matchers' | 'startsAt' | 'endsAt' | 'createdBy' | 'comment'> & {
  id?: string | undefined
  /** It comes once, also where the one before came again. Without: one that comes again is not changed into such a one. */
  once?: boolean | undefined
}

/** The same for one that comes again; when it begins and ends follows from its rule. */
export type WantedRecurring = Omit<WantedSilence, 'startsAt' | 'endsAt' | 'once'> & { recurs: Recurrence }

/** Whoever wants one that comes again is asked once a year whether they still do. */
export const longestRecurringMs = 366 * 24 * hourMs

const maintenance = 'maintenance/'
/** What alerts and summaries name a maintenance window of the policy by, where a silence has its id. */
export const maintenanceId = (name: string): string => `${maintenance}${name}`
/** The name of the window that such an id means; null for that of a silence. */
export const maintenanceNameOf = (id: string): string | null =>
  id.startsWith(maintenance) ? id.slice(maintenance.length) : null

export const silenceStates = ['pending', 'active', 'expired'] as const
export type SilenceState = (typeof silenceStates)[number]

/** Ended silences are remembered so long. Source: Alertmanager's default `--data.retention`. */
export const silenceKeptMs = 120 * hourMs

/** Source: prometheus/alertmanager types, CalcSilenceState: at its very end it has ended. */
export function silenceStateOf(
  { startsAt, endsAt }: Pick<SilenceSpan, 'startsAt' | 'endsAt'>,
  now: number,
): SilenceState {
  if (now < startsAt) return 'pending'
  return now < endsAt ? 'active' : 'expired'
}

export const matcherSchema = z.strictObject({
  name: z.string().min(1).max(1024),
  op: z.enum(['=', '!=', '=~', '!~']),
  value: z.string().max(4096),
})
const instant = z.number().int().min(0).max(8.64e15)

/** Shape and limits; what makes sense at a given time is `requireSilence`'s to say. */
export const wantedSilenceSchema = z.object({
  id: z.string().max(64).optional(),
  matchers: z.array(matcherSchema).max(100),
  startsAt: instant,
  endsAt: instant,
  createdBy: z.string().max(200),
  comment: z.string().max(4000),
})

interface Problem {
  path: string
  message: string
}

/**
 * Rule Q2: what Alertmanager takes, and no more: at least one matcher that does not accept an absent label, regular
 * expressions that can be read, an end after the start and not in the past. An empty author or comment is taken: who asks
 * for more is the door.
 * Source: prometheus/alertmanager silence/silence.go (validateSilence), api/v2/api.go (postSilencesHandler).
 * @param now epoch ms
 * @throws UxbridgeError `fields-invalid` with the path of each wrong field
 */
export function requireSilence(wanted: WantedSilence, now: number): void {
  const problems: Problem[] = []
  const shaped = wantedSilenceSchema.safeParse(wanted)
  if (!shaped.success)
    for (const { path, message } of shaped.error.issues) problems.push({ path: path.join('.'), message })
  else problems.push(...faultsOf(wanted, now))
  const [first] = problems
  if (first === undefined) return
  const where = first.path === '' ? '' : ` at ${first.path}`
  throw new UxbridgeError('fields-invalid', `The silence is wrong${where}: ${first.message}.`, { fields: problems })
}

function faultsOf({ matchers, startsAt, endsAt }: WantedSilence, now: number): Problem[] {
  if (matchers.length === 0) return [{ path: 'matchers', message: 'at least one matcher required' }]
  const problems: Problem[] = []
  matchers.forEach((matcher, index) => {
    try {
      compileMatcher(matcher)
    } catch (error) {
      problems.push({ path: `matchers.${index}.value`, message: (error as SyntaxError).message })
    }
  })
  if (problems.length === 0 && matchers.every(takesAbsent))
    problems.push({ path: 'matchers', message: 'at least one matcher must not match the empty string' })
  if (startsAt >= endsAt) problems.push({ path: 'endsAt', message: 'start time must be before end time' })
  else if (endsAt < now) problems.push({ path: 'endsAt', message: "end time can't be in the past" })
  return problems
}

/** Alertmanager asks only those that name what must be there; `!=` and `!~` always count as saying something. */
function takesAbsent(matcher: Matcher): boolean {
  return (matcher.op === '=' || matcher.op === '=~') && compileMatcher(matcher).test('')
}

/**
 * Rule Q3: a silence may be changed in place while that does not change what it has done already: same matchers, and the
 * start of an active one, or any start of one to come that is not in the past. Else the old one ends and a new one takes its place.
 * Source: prometheus/alertmanager silence/silence.go (canUpdate); starts are compared to the second, as there.
 */
export function changesInPlace(old: SilenceSpan, wanted: WantedSilence, now: number): boolean {
  if (!sameMatchers(old.matchers, wanted.matchers)) return false
  switch (silenceStateOf(old, now)) {
    case 'active':
      return Math.floor(old.startsAt / 1000) === Math.floor(wanted.startsAt / 1000) && wanted.endsAt >= now
    case 'pending':
      return wanted.startsAt >= now
    case 'expired':
      return false
  }
}

/** The same ones in the same order. */
export function sameMatchers(a: readonly Matcher[], b: readonly Matcher[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, op, value }, index) => {
      const other = b[index]
      return name === other?.name && op === other.op && value === other.value
    })
  )
}

/** What silences look at: the part of an alert that its labels, and what stands in for absent ones, are taken from. */
export interface Silenceable {
  /** The alert's scoped key, which tells whether its labels are what it is. */
  key?: string
  labels: Labels
  title: string
  severity: Severity
  service: string | null
}

/**
 * A label as silences see it. Rule Q1: the alert's own labels, as in Alertmanager, so that a silence means the same here
 * and there; only where the sender names none, `alertname` is the title, `severity` ours, and `service` the one found by
 * policy, so that alerts of senders without labels can be silenced too. Absent is the empty string.
 */
export function silenceLabel(alert: Silenceable, name: string): string {
  const own = labelOf(alert.labels, name)
  if (own !== '') return own
  if (name === 'alertname') return alert.title
  if (name === 'severity') return alert.severity
  if (name === 'service') return alert.service ?? ''
  return ''
}

/**
 * Rule Q1a: of an alert that is its labels (Prometheus and its family) an absent label is absent for every matcher, as in
 * Alertmanager; only who names our severity or service outright, with `=`, means what stands in.
 */
function accepts(matcher: CompiledMatcher, alert: Silenceable): boolean {
  const { name, op } = matcher
  const value = silenceLabel(alert, name)
  if (value === '' || labelOf(alert.labels, name) !== '') return matcher.test(value)
  if (alert.key === undefined || !isItsLabels(alert.key, alert.labels)) return matcher.test(value)
  return matcher.test('') || (op === '=' && name !== 'alertname' && matcher.test(value))
}

/** Rule Q1: whether all of them accept the alert. No matchers match nothing. */
export function silences(matchers: readonly CompiledMatcher[], alert: Silenceable): boolean {
  for (const matcher of matchers) if (!accepts(matcher, alert)) return false
  return matchers.length > 0
}

/** ISO 8601 UTC with milliseconds. */
const shown = z.iso.datetime({ precision: 3 })

const occurrenceSchema = z.strictObject({ startsAt: shown, endsAt: shown })
export type OccurrenceView = z.output<typeof occurrenceSchema>
/** What a recurrence is shown as, wherever it stands. */
const recursView = z.strictObject({
  rrule: z.string().describe('iCalendar RRULE'),
  starts: z.string().describe('Local date and time of the first'),
  lastsMs: z.number(),
  timeZone: z.string(),
})

/** A silence as a person sees it. */
export const silenceViewSchema = z.strictObject({
  id: z.uuid(),
  state: z.enum(silenceStates),
  matchers: z.array(matcherSchema),
  startsAt: shown,
  endsAt: shown,
  createdBy: z.string().describe('As the author calls themselves'),
  comment: z.string(),
  updatedAt: shown,
  by: z.strictObject({ id: z.string(), name: z.string() }).describe('Who changed it last'),
  firing: z.number().describe('Firing alerts that it holds back or marks now'),
  recurs: recursView
    .extend({
      until: shown.describe('What would begin then or later does not come'),
      next: z.array(occurrenceSchema).describe('The time that is on or comes next, and those after it; at most 5'),
    })
    .nullable()
    .describe('It comes again: `startsAt` and `endsAt` are those of the time that is on or comes next'),
})
export type SilenceView = z.output<typeof silenceViewSchema>

/** A maintenance window of the policy as a person sees it: nothing of it is changed but in the policy file. */
export const maintenanceViewSchema = z.strictObject({
  id: z.string().describe('As alerts name what holds them back'),
  name: z.string(),
  state: z.enum(silenceStates).describe('`expired`: it never opens again'),
  matchers: z.array(matcherSchema),
  reason: z.string(),
  place: z.string().describe('Where it stands in the policy file'),
  startsAt: shown.nullable().describe('Of the time that it is open or opens next; null: it does not'),
  endsAt: shown.nullable(),
  intervals: z.array(z.string()).nullable().describe('Names under `time_intervals`'),
  recurs: recursView.nullable(),
  next: z.array(occurrenceSchema).describe('The time that it is open or opens next, and those after it; at most 5'),
  firing: z.number().describe('Firing alerts that it holds back or marks now'),
})
export type MaintenanceView = z.output<typeof maintenanceViewSchema>

export const silenceListSchema = z.strictObject({
  silences: z.array(silenceViewSchema),
  maintenance: z.array(maintenanceViewSchema).describe('Maintenance windows of the policy, in its order'),
})

/** What became of the silences that were to be ended together. */
export const endedSilencesSchema = z.strictObject({
  results: z.array(
    z.strictObject({
      id: z.string(),
      ended: z.boolean(),
      message: z.string().nullable().describe('Why not'),
    }),
  ),
})

/** What matchers would hold back if they were a silence now. */
export const silencePreviewSchema = z.strictObject({
  occurrences: z.array(occurrenceSchema).describe('The next five times, where a recurrence was sent'),
  firing: z.number().describe('Firing alerts that match'),
  silenced: z.number().describe('Those of them that a silence matches already'),
  incidents: z
    .array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        phase: phaseSchema,
        tier: tierSchema.nullable(),
        firing: z.number().describe('Firing alerts of it that match'),
      }),
    )
    .describe('At most 50, those with most first'),
  incidentsInAll: z.number(),
  alerts: z
    .array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        severity: severitySchema,
        source: z.strictObject({ id: z.string(), name: z.string() }),
        startsAt: shown,
        incidentId: z.string().nullable().describe('null: it is in no incident, or is held back'),
      }),
    )
    .describe('The newest 50'),
})
export type SilencePreviewView = z.output<typeof silencePreviewSchema>
