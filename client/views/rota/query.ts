import { dateOf, dayStart, daysFrom, startOfDate } from './zone.ts'

export const spans = { week: 7, weeks: 28 } as const
export type SpanName = keyof typeof spans
export const opened = ['override', 'import', 'feeds'] as const
export type Opened = (typeof opened)[number]

/** What the address says of the rota: from which day, how long, as what, of which rotation, with which form open. */
export interface RotaQuery {
  /** Local date; null: today. */
  from: string | null
  span: SpanName
  asList: boolean
  rotation: string | null
  open: Opened | null
}

export function readQuery(search: string): RotaQuery {
  const said = new URLSearchParams(search)
  return {
    from: said.get('from'),
    span: said.get('span') === 'weeks' ? 'weeks' : 'week',
    asList: said.get('as') === 'list',
    rotation: said.get('rotation'),
    open: opened.find((one) => one === said.get('open')) ?? null,
  }
}

export function writeQuery({ from, span, asList, rotation, open }: RotaQuery): string {
  const said = new URLSearchParams()
  if (rotation !== null) said.set('rotation', rotation)
  if (from !== null) said.set('from', from)
  if (span !== 'week') said.set('span', span)
  if (asList) said.set('as', 'list')
  if (open !== null) said.set('open', open)
  const text = said.toString()
  return text === '' ? '/rota' : `/rota?${text}`
}

/** The time that is shown, by the viewer's days. A date that is none counts as today. */
export function windowOf(
  { from, span }: RotaQuery,
  now: number,
  zone: string,
): { from: number; to: number; days: number[] } {
  const start = (from === null ? null : startOfDate(from, zone)) ?? dayStart(now, zone)
  const days = daysFrom(start, spans[span], zone)
  return { from: start, to: days.at(-1) ?? start, days }
}

/** The stretch before or after; today has no date in the address. */
export function moved(query: RotaQuery, by: -1 | 1, now: number, zone: string): RotaQuery {
  const { from } = windowOf(query, now, zone)
  const next = dateOf(dayStart(from, zone, by * spans[query.span]), zone)
  return { ...query, from: next === dateOf(now, zone) ? null : next }
}
