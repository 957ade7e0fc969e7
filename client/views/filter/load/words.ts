import {
  type AlarmLoad,
  floodBegins,
  type LoadSpan,
  loadSpans,
  type Metric,
  type MetricId,
  ratePerHour,
  ratePerTenMinutes,
} from '#shared/alarm-load.ts'
import { hourMs } from '#shared/clocks.ts'
import { figure, utcMinute } from '../../../state/time-words.ts'

/** Whose load, over which time: what stands in the address of the page. */
export interface LoadQuery {
  last: LoadSpan
  team: string | null
  person: string | null
}

export const spanWords: Readonly<Record<LoadSpan, string>> = { '8h': '8 hours', '24h': '24 hours', '7d': '7 days' }

/** @param search what stands behind the question mark of the page */
export function readQuery(search: string): LoadQuery {
  const params = new URLSearchParams(search)
  const last = params.get('last') ?? ''
  const team = params.get('team')
  return {
    last: last in loadSpans ? (last as LoadSpan) : '24h',
    team,
    person: team === null ? params.get('person') : null,
  }
}

/** The same for a page and for the server's door. */
export function writeQuery({ last, team, person }: LoadQuery): string {
  const params = new URLSearchParams({ last })
  if (team !== null) params.set('team', team)
  else if (person !== null) params.set('person', person)
  return params.toString()
}

export const metricNames: Readonly<Record<MetricId, string>> = {
  'per-10-min': 'Average in ten minutes',
  'per-hour': 'Average in an hour',
  'worst-10-min': 'Worst ten minutes',
  'periods-over-10': 'Ten-minute periods over 10',
  'in-flood': 'Time in flood',
  'top-10-share': 'Ten most frequent, of all',
  chattering: 'Chattering alerts',
  standing: 'Standing over 24 hours',
}

/** `0.4`, `12`, `3.5 %`; a dash where there is nothing to say. */
export function valueWords({ id, value }: Pick<Metric, 'id' | 'value'>): string {
  if (value === null) return '–'
  if (id === 'periods-over-10' || id === 'in-flood' || id === 'top-10-share') return `${digits(value * 100)}\u00a0%`
  return digits(value)
}

/** As many as tell something: never `0` for what is not none. */
function digits(value: number): string {
  if (value > 0 && value < 0.1) return '< 0.1'
  return figure(Number(value.toFixed(value < 10 ? 1 : 0)))
}

/** One bar of the chart. */
export interface Bar {
  /** Epoch ms of its start. */
  at: number
  count: number
  flood: boolean
  /** False before anything is known. */
  known: boolean
}

export interface Bars {
  ms: number
  bars: Bar[]
  /** Benchmark lines, lowest first. */
  lines: { at: number; says: string }[]
}

/** Ten minutes a bar; of a week, an hour. */
export function barsOf(load: Pick<AlarmLoad, 'span' | 'periods' | 'hours' | 'to'>): Bars {
  if (load.span === '7d') {
    const start = Date.parse(load.hours.start)
    const flooded = new Set(
      load.periods.flood.flatMap((flood, index) => {
        const at = Date.parse(load.periods.start) + index * load.periods.ms
        return flood ? [at - (at % hourMs)] : []
      }),
    )
    const bars = load.hours.counts.map((count, index) => {
      const at = start + index * hourMs
      return { at, count, flood: flooded.has(at), known: true }
    })
    const { acceptable, manageable } = ratePerHour
    return {
      ms: hourMs,
      bars: [...unknown(load, start, hourMs), ...bars],
      lines: [
        { at: acceptable, says: `${acceptable} acceptable` },
        { at: manageable, says: `${manageable} manageable` },
      ],
    }
  }
  const { counts, flood, ms } = load.periods
  const start = Date.parse(load.periods.start)
  const { acceptable, manageable } = ratePerTenMinutes
  return {
    ms,
    bars: [
      ...unknown(load, start, ms),
      ...counts.map((count, index) => ({ at: start + index * ms, count, flood: flood[index] ?? false, known: true })),
    ],
    lines: [
      { at: acceptable, says: `${acceptable} acceptable` },
      { at: manageable, says: `${manageable} manageable` },
      { at: floodBegins, says: `${floodBegins} flood` },
    ],
  }
}

/** The time asked for, before what is known of it: a young house must not look as busy as a whole day. */
function unknown({ span, to }: Pick<AlarmLoad, 'span' | 'to'>, start: number, ms: number): Bar[] {
  const asked = Date.parse(to) - loadSpans[span]
  const length = Math.max(0, Math.ceil((start - asked) / ms))
  return Array.from({ length }, (_, index) => ({
    at: start - (length - index) * ms,
    count: 0,
    flood: false,
    known: false,
  }))
}

/**
 * How far the words of each line stand below it, so that none are written over each other: where two lines are close, the
 * words of the lower one give way downwards.
 * @param most the highest value of the axis
 * @param roomPx height of the chart
 */
export function lineShifts(lines: Bars['lines'], most: number, roomPx: number): number[] {
  const between = 13
  let above = Number.NEGATIVE_INFINITY
  return lines
    .map(({ at }) => roomPx - (at / most) * roomPx)
    .reverse()
    .map((line) => {
      const words = Math.max(line, above + between)
      above = words
      return words - line
    })
    .reverse()
}

/** Round values for the axis, from 0 to the first that is not below `highest`: six at most. */
export function valuesOf(highest: number): number[] {
  let step = 1
  for (let next = 0; highest / step > 5; next++) step = ([1, 2, 5][next % 3] ?? 1) * 10 ** Math.floor(next / 3)
  return Array.from({ length: Math.ceil(highest / step) + 1 }, (_, index) => index * step)
}

/** `Mon 14:20`, or the time alone where a day is enough. All UTC. */
export function barWords(at: number, span: LoadSpan): string {
  if (span !== '7d') return utcMinute(at)
  return `${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date(at).getUTCDay()]} ${utcMinute(at)}`
}

/** Instants for the axis: round hours, or midnights. */
export function ticksOf(bars: readonly Bar[], span: LoadSpan): number[] {
  const every = span === '8h' ? hourMs : span === '24h' ? 3 * hourMs : 24 * hourMs
  return bars.map(({ at }) => at).filter((at) => at % every === 0)
}

/** The chart in one sentence, for those who do not see it. */
export function chartWords(load: Pick<AlarmLoad, 'all' | 'span' | 'periods' | 'of'>): string {
  const worst = Math.max(0, ...load.periods.counts)
  const floods = load.periods.flood.filter((flood, index) => flood && !load.periods.flood[index - 1]).length
  const whose = load.of.kind === 'everybody' ? 'in all' : `for ${load.of.name}`
  const rang = `${figure(load.all)} ${load.all === 1 ? 'alarm' : 'alarms'} ${whose} in ${spanWords[load.span]}`
  if (load.all === 0) return `${rang}.`
  return `${rang}; at most ${figure(worst)} in ten minutes; ${floods === 0 ? 'no flood' : floods === 1 ? 'one flood' : `${floods} floods`}.`
}

/** Hour by hour, for the table: the newest first. */
export function hoursOf(
  load: Pick<AlarmLoad, 'hours' | 'periods'>,
): { at: number; count: number; worst: number; flood: boolean }[] {
  const start = Date.parse(load.hours.start)
  const first = Date.parse(load.periods.start)
  return load.hours.counts
    .map((count, index) => {
      const at = start + index * hourMs
      const inside = load.periods.counts.flatMap((own, place) => {
        const from = first + place * load.periods.ms
        return from >= at && from < at + hourMs ? [{ own, flood: load.periods.flood[place] ?? false }] : []
      })
      return {
        at,
        count,
        worst: inside.reduce((most, { own }) => Math.max(most, own), 0),
        flood: inside.some(({ flood }) => flood),
      }
    })
    .reverse()
}
