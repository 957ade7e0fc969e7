import { z } from 'zod'
import { hourMs, minuteMs } from './clocks.ts'

/**
 * Alarm load: how often a responder is asked for something, beside what the process industry holds an operator can bear.
 *
 * Sources: ANSI/ISA-18.2-2016 and IEC 62682, clause 16, table of alarm performance metrics (targets per operating
 * position, from 30 days of data); EEMUA publication 191, which they took the rates from. A benchmark for operators of
 * plants, who sit in front of it the whole shift; nobody has measured one for people who run software. So it is named
 * wherever it is shown, and never a target of ours.
 */
export const benchmarkName = 'process-industry benchmark (ISA-18.2 / EEMUA 191)'

/** The benchmark's own unit of time. */
export const tenMinutesMs = 10 * minuteMs
const dayMs = 24 * hourMs

/**
 * What counts as an alarm here. Rule AL1: what asked a person for something: an incident opened (by alerts, by a report or
 * by hand), one that had ended opened again, and each alert that joined an incident of Tier 1. Whatever else joins an
 * incident, repeats, ends, is recorded or held back asks nobody. An incident that was split off another, and what
 * happens in a drill, is none. An offer is between people, and none.
 */
export const alarmKinds = ['opened', 'reopened', 'joined'] as const
export type AlarmKind = (typeof alarmKinds)[number]
export const alarmKindMeaning: Readonly<Record<AlarmKind, string>> = {
  opened: 'an incident opened',
  reopened: 'an incident that had ended opened again',
  joined: 'an alert joined a Tier 1 incident',
}

/** One thing, or several of the same instant, that asked for something. */
export interface Alarm {
  /** Epoch ms. */
  at: number
  count: number
  kind: AlarmKind
  incidentId: string
  /** Team of the incident; null: of no team, so everybody's. */
  team: string | null
  /**
   * Who it fell to: who owned the incident then, else who was the first to own it after. Null: nobody has so far.
   */
  person: string | null
  /** The sender's name for it (its `alertname`, or title), or how else it came. */
  what: string
  /** The rule of ours that made it an alarm. */
  rule: string
}

/** Of a rate: up to `acceptable` very likely acceptable, up to `manageable` the most that can be managed. */
export interface Limits {
  acceptable: number
  manageable: number
}

/** ISA-18.2: alarms per operating position. EEMUA 191: one in ten minutes is very likely acceptable, two manageable. */
export const ratePerTenMinutes: Limits = { acceptable: 1, manageable: 2 }
/** ISA-18.2: the same per hour. */
export const ratePerHour: Limits = { acceptable: 6, manageable: 12 }
/** ISA-18.2: a flood begins with more alarms than this in ten minutes … */
export const floodBegins = 10
/** … and is over with fewer than this. */
export const floodEnds = 5
/** ISA-18.2: time in flood, and share of ten-minute periods with more than ten alarms: below this share. */
const rareShare = 0.01
/** ISA-18.2: share of the ten most frequent alarms in all: 1 % is good, 5 % the most, with a plan for each. */
const topShare: Limits = { acceptable: 0.01, manageable: 0.05 }
/** ISA-18.2: stale alarms on any day: fewer than this. */
const staleFewerThan = 5
/**
 * ISA-18.2 asks for no chattering alarms and gives no number; three times within a minute is the usual criterion
 * (Hollifield and Habibi, *Alarm Management: A Comprehensive Guide*; ISA-TR18.2.5).
 */
export const chatterTimes = 3
export const chatterWithinMs = minuteMs
/** ISA-18.2: stale (here: standing) is what has been on for longer than a day. */
export const standingAfterMs = dayMs
/** With fewer alarms, or fewer kinds of them, the ten most frequent are most of them whatever one does. */
const topNeeds = { alarms: 100, kinds: 11 }
const topShown = 10

export const verdicts = ['within', 'at most', 'beyond', 'too little'] as const
export type Verdict = (typeof verdicts)[number]
export const verdictWords: Readonly<Record<Verdict, string>> = {
  within: 'within',
  'at most': 'manageable at most',
  beyond: 'beyond',
  'too little': 'too little to judge',
}

export const metricIds = [
  'per-10-min',
  'per-hour',
  'worst-10-min',
  'periods-over-10',
  'in-flood',
  'top-10-share',
  'chattering',
  'standing',
] as const
export type MetricId = (typeof metricIds)[number]

export const metricSchema = z.strictObject({
  id: z.enum(metricIds),
  value: z.number().nullable().describe('Shares from 0 to 1; null: nothing to make it from'),
  benchmark: z.string().describe('What it is held against, in words'),
  verdict: z.enum(verdicts),
})
export type Metric = z.output<typeof metricSchema>

function judged(id: MetricId, value: number, { acceptable, manageable }: Limits, benchmark: string): Metric {
  const verdict = value <= acceptable ? 'within' : value <= manageable ? 'at most' : 'beyond'
  return { id, value, benchmark, verdict }
}

/**
 * Sums of alarms in equal stretches of time.
 * @param from start of the first, epoch ms
 * @param to end of the time, exclusive; the last stretch may be under way
 * @throws RangeError when that would be more than 100,000 stretches
 */
export function countsIn(
  alarms: Iterable<Pick<Alarm, 'at' | 'count'>>,
  from: number,
  to: number,
  ms: number,
): number[] {
  const length = Math.max(0, Math.ceil((to - from) / ms))
  if (!(length <= 100_000)) throw new RangeError(`${length} stretches of ${ms} ms are too many`)
  const counts: number[] = new Array(length).fill(0)
  for (const { at, count } of alarms) {
    const index = Math.floor((at - from) / ms)
    if (index >= 0 && index < length) counts[index] = (counts[index] ?? 0) + count
  }
  return counts
}

/**
 * Which ten-minute periods lie in a flood: from one with more than `floodBegins` alarms, up to the next with fewer than
 * `floodEnds`, which is not in it any more.
 * @param counts alarms in each period, in order
 */
export function floodPeriods(counts: readonly number[]): boolean[] {
  let flood = false
  return counts.map((count) => {
    flood = flood ? count >= floodEnds : count > floodBegins
    return flood
  })
}

/** Remembers when something began to fire, to tell what chatters: `chatterTimes` within `chatterWithinMs`. */
export class ChatterWatch {
  #times = new Map<string, number[]>()
  #sinceTidied = 0

  /** @returns whether it chatters now: it fired at `at`, the third time within the minute */
  fired(id: string, at: number): boolean {
    const recent = [...(this.#times.get(id) ?? []).filter((time) => at - time < chatterWithinMs), at]
    this.#times.set(id, recent.slice(-chatterTimes))
    if (++this.#sinceTidied >= 4096) {
      this.#sinceTidied = 0
      for (const [each, times] of this.#times) if (at - (times.at(-1) ?? 0) >= chatterWithinMs) this.#times.delete(each)
    }
    return recent.length >= chatterTimes
  }
}

export interface TopAlarm {
  what: string
  rule: string
  count: number
  /** Of all alarms, 0 to 1. */
  share: number
}

/** The most frequent alarms, most first; those of one name are one. */
export function topAlarms(alarms: readonly Alarm[], limit = topShown): { top: TopAlarm[]; kinds: number } {
  const byName = new Map<string, TopAlarm>()
  let all = 0
  for (const { what, rule, count } of alarms) {
    all += count
    const known = byName.get(what)
    if (known === undefined) byName.set(what, { what, rule, count, share: 0 })
    else known.count += count
  }
  const sorted = [...byName.values()].sort((a, b) => b.count - a.count || (a.what < b.what ? -1 : 1))
  return { top: sorted.slice(0, limit).map((each) => ({ ...each, share: each.count / all })), kinds: byName.size }
}

/** What `loadOf` makes its figures of. Instants are epoch ms. */
export interface LoadSeen {
  alarms: readonly Alarm[]
  /** What is known begins here … */
  from: number
  /** … and ends here, inclusive: it is now. */
  to: number
  /** Alerts that chattered in that time, and that stand now. */
  chattering: number
  standing: number
}

/**
 * The figures of one operating position, here a team, a person or everybody. They are never divided by the people of a
 * team: each of them is asked, as each operator at one console hears its alarms.
 *
 * Periods of ten minutes are those of the clock. The first and the last of them may be in part outside of what is known.
 * Averages and shares of less than an hour are not judged (rule AL3); an hour that has had too much already is. Nothing is
 * drawn out into the future.
 */
export function loadOf({ alarms, from, to, chattering, standing }: LoadSeen): {
  /** Start of the first period, epoch ms. */
  start: number
  periods: number[]
  metrics: Metric[]
  top: TopAlarm[]
  kinds: number
  all: number
} {
  const start = from - (from % tenMinutesMs)
  const inside = alarms.filter(({ at }) => at >= from && at <= to)
  const periods = countsIn(inside, start, to + 1, tenMinutesMs)
  const all = inside.reduce((sum, { count }) => sum + count, 0)
  const { top, kinds } = topAlarms(inside)
  const knownMs = Math.max(0, to - from)
  // Nothing is made up: of less than ten minutes, or an hour, what came in it stands for the whole.
  const perMs = (ms: number) => (knownMs === 0 ? null : (all * ms) / Math.max(knownMs, ms))
  const share = (of: number) => (periods.length === 0 ? null : of / periods.length)
  // What an hour may have is used up already, however little of the hour is known; averages and shares may still fall.
  const certain = ({ id, verdict }: Metric): boolean => id === 'per-hour' && verdict === 'beyond'
  const early = (metric: Metric): Metric =>
    knownMs < hourMs && !certain(metric) ? { ...metric, verdict: 'too little' } : metric
  const rate = (id: MetricId, value: number | null, limits: Limits, benchmark: string): Metric =>
    value === null ? { id, value, benchmark, verdict: 'too little' } : early(judged(id, value, limits, benchmark))
  const rare: Limits = { acceptable: rareShare, manageable: rareShare }
  const worst = periods.reduce((most, count) => Math.max(most, count), 0)
  const topSum = top.reduce((sum, { count }) => sum + count, 0)
  const enough = all >= topNeeds.alarms && kinds >= topNeeds.kinds
  const topMetric = judged('top-10-share', all === 0 ? 0 : topSum / all, topShare, '1 % is good, 5 % the most')
  const metrics: Metric[] = [
    rate('per-10-min', perMs(tenMinutesMs), ratePerTenMinutes, '1 is very likely acceptable, 2 the most manageable'),
    rate('per-hour', perMs(hourMs), ratePerHour, '6 is very likely acceptable, 12 the most manageable'),
    judged('worst-10-min', worst, { acceptable: floodBegins, manageable: floodBegins }, '10 at most; more is a flood'),
    rate('periods-over-10', share(periods.filter((count) => count > floodBegins).length), rare, 'less than 1 %'),
    rate('in-flood', share(floodPeriods(periods).filter(Boolean).length), rare, 'less than 1 % of the time'),
    enough
      ? topMetric
      : {
          ...topMetric,
          value: all === 0 ? null : topMetric.value,
          verdict: 'too little',
        },
    judged('chattering', chattering, { acceptable: 0, manageable: 0 }, 'none'),
    judged('standing', standing, { acceptable: staleFewerThan - 1, manageable: staleFewerThan - 1 }, 'fewer than 5'),
  ]
  return { start, periods, metrics, top, kinds, all }
}

/** How one team or person fares, in a line beside the others. */
export interface LoadLine {
  lastTenMinutes: number
  lastHour: number
  /** Average in ten minutes; null: nothing is known yet. */
  average: number | null
  worst: number
  all: number
  /** Of the average; more than ten in ten minutes is beyond whatever the average says. */
  verdict: Verdict
}

/**
 * The lines of all teams and people who had an alarm; `null` has what is of no team, or fell to nobody so far.
 * @param from what is known begins here, epoch ms
 * @param to now
 */
export function linesBy(
  alarms: readonly Alarm[],
  by: 'team' | 'person',
  from: number,
  to: number,
): Map<string | null, LoadLine> {
  const inside = alarms.filter(({ at }) => at >= from && at <= to)
  return new Map([...Map.groupBy(inside, (alarm) => alarm[by])].map(([id, own]) => [id, lineOf(own, from, to)]))
}

/** @param alarms of one team or person, all between `from` and `to` */
export function lineOf(alarms: readonly Alarm[], from: number, to: number): LoadLine {
  const since = (ms: number) => alarms.reduce((sum, { at, count }) => sum + (at > to - ms ? count : 0), 0)
  const { metrics, all } = loadOf({ alarms, from, to, chattering: 0, standing: 0 })
  const [rate] = metrics
  const worst = metrics.find(({ id }) => id === 'worst-10-min')?.value ?? 0
  return {
    lastTenMinutes: since(tenMinutesMs),
    lastHour: since(hourMs),
    average: rate?.value ?? null,
    worst,
    all,
    verdict: worst > floodBegins ? 'beyond' : (rate?.verdict ?? 'too little'),
  }
}

/** How far back a load may be asked for. */
export const loadSpans = { '8h': 8 * hourMs, '24h': dayMs, '7d': 7 * dayMs } as const
export type LoadSpan = keyof typeof loadSpans

/**
 * Rule AL2: load is data about people at work. The figures of one person are for that person, and for who must see that
 * nobody drowns: commanders and administrators. A team of fewer than this many people is as good as a person: its
 * figures are for its members and the same two.
 */
export const teamIsPersonalBelow = 3

const instant = z.iso.datetime({ precision: 3 })
const choice = z.strictObject({ id: z.string(), name: z.string() })
const alertRef = z.strictObject({ alertId: z.string(), title: z.string(), incidentId: z.string().nullable() })

/** What `/api/alarm-load` answers. */
export const alarmLoadSchema = z.strictObject({
  benchmark: z.string().describe('What the figures are held against, by name'),
  of: z.strictObject({
    kind: z.enum(['everybody', 'team', 'person']),
    id: z.string().nullable(),
    name: z.string(),
    people: z.number().nullable().describe('Members of the team who respond'),
  }),
  span: z.enum(['8h', '24h', '7d']),
  from: instant.describe('What is known of the time asked for begins here'),
  to: instant,
  all: z.number().describe('Alarms in that time'),
  byKind: z.record(z.enum(alarmKinds), z.number()),
  periods: z.strictObject({
    start: instant,
    ms: z.number(),
    counts: z.array(z.number()).describe('Alarms in each ten minutes; the last are under way'),
    flood: z.array(z.boolean()).describe('Whether each lies in a flood'),
  }),
  hours: z.strictObject({ start: instant, counts: z.array(z.number()) }),
  metrics: z.array(metricSchema),
  top: z.array(z.strictObject({ what: z.string(), rule: z.string(), count: z.number(), share: z.number() })),
  kinds: z.number().describe('Different alarms in that time'),
  chattering: z
    .array(
      alertRef.extend({
        at: instant,
        times: z.number().describe('How often it began to fire for the third time within a minute'),
        damped: z.boolean().describe('Held back now because it flaps'),
      }),
    )
    .describe('The newest 50'),
  standing: z.array(alertRef.extend({ since: instant })).describe('The oldest 50'),
  standingInAll: z.number(),
  chatteringInAll: z.number(),
  lines: z
    .array(
      z.strictObject({
        kind: z.enum(['team', 'person', 'nobody']),
        id: z.string().nullable(),
        name: z.string(),
        lastTenMinutes: z.number(),
        lastHour: z.number(),
        average: z.number().nullable().describe('In ten minutes'),
        worst: z.number().describe('In ten minutes'),
        all: z.number(),
        verdict: z.enum(verdicts),
      }),
    )
    .describe('Of everybody: each team and person whose load you may see, and what nobody has taken; most first'),
  choices: z.strictObject({ teams: z.array(choice), people: z.array(choice) }).describe('Whose load you may see'),
})
export type AlarmLoad = z.output<typeof alarmLoadSchema>
