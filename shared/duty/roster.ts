import { z } from 'zod'
import { hourMs } from '../clocks.ts'
import { localTimeSchema, timeZoneSchema } from '../recurrence.ts'
import { targetSchema } from './rotation.ts'

/** What a policy says of who is on duty when: `rotations`, `holidays`, and who answers the phone of a team. */

export const weekdayNames = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
const dayMs = 24 * hourMs
const longestTurn = 366 * dayMs
/** Days that a calendar of the policy may have in all; a country has some 20 a year. */
const mostDays = 2000

const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'write a time of the day as 09:00, or 24:00 for its end')
const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

/** Numbers from Monday = 0. */
const weekdaySchema = z
  .string()
  .transform((text, context): number[] => {
    const [first = '', last = first, ...more] = text.toLowerCase().split(':')
    const [from, to] = [first, last].map((name) => (weekdayNames as readonly string[]).indexOf(name)) as [
      number,
      number,
    ]
    if (from === -1 || to === -1 || more.length > 0) {
      const message = `"${text}" is no weekday; write for example monday, or monday:friday`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
    // From Friday to Monday is four days: the week has no beginning here.
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, index) => (from + index) % 7)
  })
  .meta({ type: 'string', examples: ['monday:friday', 'sunday'] })

const isDate = (text: string): boolean => {
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}
export const localDateSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'write a date as 2026-12-25')
  .refine(isDate, { error: (issue) => `"${issue.input}" is no date` })
  .meta({ examples: ['2026-12-25'] })

/** When a layer is on: one of these is enough. */
const onSchema = z
  .strictObject({
    weekdays: z.array(weekdaySchema).min(1).max(7).optional().describe('In the rotation’s time zone; without: all'),
    times: z
      .array(
        z
          .strictObject({ from: timeOfDay, to: timeOfDay })
          .refine(({ from, to }) => from !== to, { error: 'begins when it ends; leave out `times` for the whole day' })
          .transform(({ from, to }) => ({ from: minuteOf(from), to: minuteOf(to) })),
      )
      .min(1)
      .max(20)
      .optional()
      .describe('Of those days, local time; one that ends before it begins lasts until that time of the next day'),
    intervals: z.array(z.string().min(1).max(256)).min(1).max(20).optional().describe('Names under `time_intervals`'),
    holidays: z.array(z.string()).min(1).max(20).optional().describe('On the days of these calendars, by id'),
  })
  .refine(
    ({ weekdays, times, intervals, holidays }) =>
      [weekdays !== undefined || times !== undefined, intervals !== undefined, holidays !== undefined].filter(Boolean)
        .length === 1,
    { error: 'say weekdays and times, or intervals, or holidays; another way is another entry of the list' },
  )

/** `rotations` and `holidays` of a policy, made with the policy's own words for names and lengths of time. */
export function rosterSchemasWith(name: z.ZodType<string, string>, duration: z.ZodType<number, string>) {
  const turn = duration.superRefine((turnMs, context) => {
    const message =
      turnMs < hourMs || turnMs % hourMs !== 0
        ? 'must be at least 1h, in whole hours: for example 12h, 1d or 1w'
        : turnMs > longestTurn
          ? 'must be at most 366d'
          : null
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
  const layer = z.strictObject({
    name: name.optional().describe('Without: its number, from 1'),
    people: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(100)
      .describe('By id, in the order in which they take turns; members of the team'),
    starts: localTimeSchema.describe('Local date and time at which the first turn begins'),
    turn: turn.describe('How long each one’s turn lasts, by the local clock: 12h, 1d, 1w'),
    on: z.array(onSchema).min(1).max(20).optional().describe('When it is on within the turns; without: always'),
    ends: localTimeSchema.optional().describe('Local date and time from which on it is no more'),
    holidays: z
      .strictObject({
        calendars: z.array(z.string()).min(1).max(20).describe('By id, under `holidays`'),
        people: z
          .array(z.string().min(1).max(64))
          .min(1)
          .max(100)
          .optional()
          .describe('Who answers on these days in place of whose turn it is; without: the layer is off'),
      })
      .optional()
      .describe('Local days, from midnight to midnight, that are not as other days'),
  })
  const rotations = z
    .array(
      z.strictObject({
        id: name,
        name: z.string().min(1).max(80).optional(),
        team: name,
        time_zone: timeZoneSchema.describe('Of the IANA time zone database: hand-overs keep its local hour'),
        layers: z
          .array(layer)
          .min(1)
          .max(10)
          .describe('Of those that are on at once, the one written first is asked first'),
        covers: z
          .array(onSchema)
          .min(1)
          .max(20)
          .optional()
          .describe('When somebody should answer: what nobody answers beyond it is no gap. Without: always'),
      }),
    )
    .max(500)
  const holidays = z
    .array(
      z.strictObject({
        id: name,
        name: z.string().min(1).max(80).optional(),
        days: z
          .array(
            z
              .strictObject({
                date: localDateSchema,
                until: localDateSchema.optional().describe('Its last day, of several in a row'),
                name: z.string().min(1).max(80).optional(),
              })
              .refine(({ date, until = date }) => until >= date, { error: 'ends before it begins', path: ['until'] })
              .refine(({ date, until = date }) => Date.parse(until) - Date.parse(date) <= 60 * dayMs, {
                error: 'is longer than 61 days; a layer that pauses for so long has `ends`',
                path: ['until'],
              }),
          )
          .max(mostDays)
          .default([])
          .describe('More can be imported from an iCalendar file'),
      }),
    )
    .max(100)
  return { rotations, holidays }
}
type Schemas = ReturnType<typeof rosterSchemasWith>
export type Rotation = z.output<Schemas['rotations']>[number]
export type Layer = Rotation['layers'][number]
export type LayerHours = NonNullable<Layer['on']>[number]
export type HolidayCalendar = z.output<Schemas['holidays']>[number]

/** `phone` of a team: who answers it now, and how they are reached. */
export const phoneSchema = z.strictObject({
  answered_by: targetSchema.describe('rotation:<id>, or a person’s id'),
  reach: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('How: the number of the desk or its line. A person’s own number does not belong into this file'),
})

/** A layer as it is called where it has no name. */
export const layerName = (layer: Pick<Layer, 'name'>, index: number): string => layer.name ?? `${index + 1}`

type Path = (string | number)[]
type Roster = {
  teams: readonly { id: string; members: readonly string[]; phone?: z.output<typeof phoneSchema> | undefined }[]
  rotations: readonly Rotation[]
  holidays: readonly HolidayCalendar[]
}

/**
 * Rule RO1: whatever a roster names is there, and says what is wanted: teams, members, calendars, intervals; each once.
 * @param intervals names under `time_intervals`
 * @returns what is wrong, by its path in the policy
 */
export function rosterProblems(
  { teams, rotations, holidays }: Roster,
  intervals: ReadonlySet<string>,
): { path: Path; message: string }[] {
  const problems: { path: Path; message: string }[] = []
  const calendars = new Set(holidays.map(({ id }) => id))
  const membersOf = new Map(teams.map(({ id, members }) => [id, new Set(members)]))
  const once = (list: readonly string[], pathOf: (index: number) => Path) => {
    const seen = new Set<string>()
    list.forEach((value, index) => {
      if (seen.has(value)) problems.push({ path: pathOf(index), message: `"${value}" is there twice` })
      seen.add(value)
    })
  }
  const known = (list: readonly string[] | undefined, all: ReadonlySet<string>, under: string, path: Path) => {
    list?.forEach((value, index) => {
      if (!all.has(value)) problems.push({ path: [...path, index], message: `there is no "${value}" under ${under}` })
    })
  }
  const ids = rotations.map(({ id }) => id)
  once(ids, (index) => ['rotations', index, 'id'])
  once([...holidays.map(({ id }) => id)], (index) => ['holidays', index, 'id'])
  teams.forEach(({ phone }, index) => {
    const path = ['teams', index, 'phone', 'answered_by']
    const { answered_by: target = '' } = phone ?? {}
    if (target.startsWith('rotation:') && !ids.includes(target.slice('rotation:'.length)))
      problems.push({ path, message: `there is no rotation "${target.slice('rotation:'.length)}" under rotations` })
    else if (/^(team|channel):/.test(target))
      problems.push({ path, message: 'write rotation:<id> or a person’s id: one person answers a phone' })
  })
  const hoursKnown = (entries: readonly LayerHours[] | undefined, path: Path) =>
    entries?.forEach((hours, nth) => {
      known(hours.intervals, intervals, 'time_intervals', [...path, nth, 'intervals'])
      known(hours.holidays, calendars, 'holidays', [...path, nth, 'holidays'])
    })
  rotations.forEach(({ team, layers, covers }, at) => {
    hoursKnown(covers, ['rotations', at, 'covers'])
    const members = membersOf.get(team)
    if (members === undefined)
      problems.push({ path: ['rotations', at, 'team'], message: `there is no team "${team}" under teams` })
    const inTeam = (people: readonly string[], path: Path) => {
      once(people, (index) => [...path, index])
      people.forEach((person, index) => {
        if (members !== undefined && !members.has(person))
          problems.push({ path: [...path, index], message: `"${person}" is no member of the team "${team}"` })
      })
    }
    once(layers.map(layerName), (index) => ['rotations', at, 'layers', index, 'name'])
    layers.forEach((layer, index) => {
      const path = ['rotations', at, 'layers', index]
      inTeam(layer.people, [...path, 'people'])
      if (layer.ends !== undefined && layer.ends <= layer.starts)
        problems.push({ path: [...path, 'ends'], message: 'is not after starts; nobody would ever answer' })
      known(layer.holidays?.calendars, calendars, 'holidays', [...path, 'holidays', 'calendars'])
      if (layer.holidays?.people !== undefined) inTeam(layer.holidays.people, [...path, 'holidays', 'people'])
      hoursKnown(layer.on, [...path, 'on'])
    })
  })
  return problems
}
