import { z } from 'zod'
import { hourMs, minuteMs } from './clocks.ts'
import { UxbridgeError } from './errors.ts'

/**
 * How ready somebody is, as the tote shows it. The words are those of the sector boards of 1940.
 * Rule RD1: everybody is in exactly one of these at every moment.
 */
export const readinessStates = ['ready', 'on-call', 'available', 'engaged', 'recovering', 'released'] as const
export type ReadinessState = (typeof readinessStates)[number]
export const readinessWords: Readonly<Record<ReadinessState, { label: string; means: string }>> = {
  ready: { label: 'Ready', means: 'Answers first, and holds nothing' },
  'on-call': { label: 'On call', means: 'Answers after whoever is ready, and holds nothing' },
  available: { label: 'Available', means: 'Says to be here in some minutes' },
  engaged: { label: 'Engaged', means: 'Owns an open incident, or has a role in one' },
  recovering: { label: 'Recovering', means: 'Rests after a long or a night’s incident' },
  released: { label: 'Released', means: 'Is not on duty' },
}

/**
 * Rule RD9: a team is unready when somebody should answer for it now and nobody could be asked: of those who do, and of
 * its people who say that they are here, nobody is ready, on call or available.
 */
export function isUnready(
  { expected, onCall }: { expected: boolean; onCall: number },
  people: readonly { state: ReadinessState; said?: unknown }[],
): boolean {
  const isFree = (state: ReadinessState) => state === 'ready' || state === 'on-call' || state === 'available'
  return expected && !people.some(({ state, said }, place) => isFree(state) && (place < onCall || said !== undefined))
}

/** What is known of somebody besides what they say. Instants are epoch ms. */
export interface Duty {
  /** The shift that they are in, which ends later than is looked ahead where `endsAt` is null; `first`: of whoever answers for the rotation now, they are asked first. */
  shift: { since: number; endsAt: number | null; first: boolean } | null
  /** When the shift before ended, where that is known. */
  offSince: number | null
  /** Since when they own an open incident, or have a role in one. Rule RD2: an exercise engages nobody. */
  engagedSince: number | null
  /** When they last took one. */
  tookAt: number | null
  /** When they last let one go. */
  freeSince: number | null
  rest: { since: number; until: number } | null
}

/** What somebody said, or a commander said of them. Instants are epoch ms. */
export interface Said {
  state: ReadinessState
  at: number
  /** Actor id. */
  by: string
  /** Of `available`: when they are here, and ready from then on. */
  readyAt: number | null
  /** Rule RD5: what is said always ends. */
  until: number
}

/** A state with when it began and when it ends by itself, as far as that is known. */
export interface Spell {
  state: ReadinessState
  since: number | null
  until: number | null
}

/** Rules RD2 to RD4: what follows from incidents and rotations. Of several states the one that is written first here wins. */
export function derived({ shift, offSince, engagedSince, freeSince, rest }: Duty, now: number): Spell {
  if (engagedSince !== null) return { state: 'engaged', since: engagedSince, until: null }
  if (rest !== null && rest.since <= now && now < rest.until)
    return { state: 'recovering', since: rest.since, until: rest.until }
  const restedAt = rest !== null && rest.until <= now ? rest.until : null
  const freeAt = Math.max(freeSince ?? 0, restedAt ?? 0)
  // Rule RD4: on shift and free: whoever is asked first is ready, those behind are on call; off shift, released.
  if (shift !== null && shift.since <= now && (shift.endsAt === null || now < shift.endsAt))
    return { state: shift.first ? 'ready' : 'on-call', since: Math.max(shift.since, freeAt), until: shift.endsAt }
  const since = Math.max(offSince ?? 0, freeAt)
  return { state: 'released', since: since === 0 ? null : since, until: null }
}

export interface Readiness extends Spell {
  /** What was said, while it counts. */
  said: Said | null
  derived: Spell
  /** The next instant at which time alone changes it; null: none. */
  nextAt: number | null
}

/**
 * How ready somebody is. Rule RD6: what is said goes before what is derived, from when it is said until it ends. Rule RD7: who
 * takes an incident after saying something has shown otherwise, and what was said counts no more.
 */
export function readinessAt(duty: Duty, said: Said | null, now: number): Readiness {
  const own = derived(duty, now)
  const counts = said !== null && sayingCounts(said, duty.tookAt, now)
  const spell = counts ? spellOf(said, now) : own
  const turns = [
    ...(counts ? [said.readyAt, said.until] : []),
    ...[duty.rest?.until, duty.rest?.since, duty.shift?.since, duty.shift?.endsAt],
  ].filter((at) => typeof at === 'number' && at > now) as number[]
  return { ...spell, said: counts ? said : null, derived: own, nextAt: turns.length === 0 ? null : Math.min(...turns) }
}

/** Rules RD5 and RD7. */
export function sayingCounts({ at, until }: Said, tookAt: number | null, now: number): boolean {
  return now < until && (tookAt === null || tookAt <= at)
}

function spellOf({ state, at, readyAt, until }: Said, now: number): Spell {
  if (readyAt === null) return { state, since: at, until }
  return now < readyAt ? { state, since: at, until: readyAt } : { state: 'ready', since: readyAt, until }
}

/** Nobody's word counts for longer than this: who is away for days is taken out of the rotation. */
export const longestSaidMs = 24 * hourMs
const longestWayMs = 12 * hourMs
/** Where nothing is said of the end. Of `available`: after they are here. */
export const saidForMs: Readonly<Record<ReadinessState, number>> = {
  ready: 4 * hourMs,
  'on-call': 8 * hourMs,
  available: hourMs,
  engaged: hourMs,
  recovering: 30 * minuteMs,
  released: 8 * hourMs,
}

const instant = z.iso.datetime({ precision: 3 })

/** What `POST /api/tote/me` takes. */
export const sayingSchema = z.strictObject({
  state: z.enum(readinessStates),
  inMin: z
    .number()
    .int()
    .min(1)
    .max(longestWayMs / minuteMs)
    .optional()
    .describe('Of `available`: in how many minutes'),
  untilMin: z
    .number()
    .int()
    .min(1)
    .max(longestSaidMs / minuteMs)
    .optional()
    .describe('For how many minutes it counts'),
  until: z.iso.datetime({ offset: true }).optional().describe('In place of `untilMin`'),
  note: z.string().trim().max(140).optional().describe('For those who respond and command'),
})
export type Saying = z.output<typeof sayingSchema>

/**
 * What is meant by it at `now`. @throws UxbridgeError `fields-invalid` that names the field and says what to write
 */
export function saidOf({ state, inMin, untilMin, until }: Saying, by: string, now: number): Said {
  if (state === 'available' && inMin === undefined) throw wrong('inMin', 'say in how many minutes you are here')
  if (state !== 'available' && inMin !== undefined) throw wrong('inMin', `goes with "available" only`)
  if (untilMin !== undefined && until !== undefined) throw wrong('until', 'say either until or untilMin')
  const readyAt = inMin === undefined ? null : now + inMin * minuteMs
  const begins = readyAt ?? now
  const ends =
    until !== undefined
      ? Date.parse(until)
      : untilMin !== undefined
        ? now + untilMin * minuteMs
        : Math.min(begins + saidForMs[state], now + longestSaidMs)
  const field = until === undefined ? 'untilMin' : 'until'
  if (ends <= begins) throw wrong(field, readyAt === null ? 'is over already' : 'ends before you are here')
  if (ends > now + longestSaidMs)
    throw wrong(field, 'is more than 24 hours away; who is away for longer is replaced in the rotation')
  return { state, at: now, by, readyAt, until: ends }
}

function wrong(path: string, message: string): UxbridgeError {
  return new UxbridgeError('fields-invalid', `Your state is wrong at ${path}: ${message}.`, {
    fields: [{ path, message }],
  })
}

const spellSchema = {
  state: z.enum(readinessStates),
  since: instant.nullable().describe('Null: nobody knows'),
  until: instant.nullable().describe('When it ends by itself'),
}
const heldSchema = z.strictObject({
  id: z.string().describe('Of the incident'),
  kind: z.enum(['owns', 'role', 'offer', 'assists']),
  role: z.string().optional().describe('Which role is held, or offered'),
  since: instant.optional(),
  due: instant.optional().describe('When the offer ends'),
  drill: z.literal(true).optional(),
})
export type HeldView = z.output<typeof heldSchema>

/** How ready one person is, as everybody may see it who may see a wall: display names, and no words of anybody. */
export const readinessSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  ...spellSchema,
  said: z
    .strictObject({
      by: z
        .strictObject({ id: z.string(), name: z.string() })
        .optional()
        .describe('A commander; absent: they themselves'),
      at: instant,
      until: instant,
      noted: z.literal(true).optional().describe('With a note, for those who may read it'),
    })
    .optional()
    .describe('Set while what was said counts'),
  derived: z
    .strictObject(spellSchema)
    .optional()
    .describe('Beside what was said: what follows from rotations and incidents'),
  holds: z.array(heldSchema).optional().describe('Most pressing first; absent: nothing'),
  shift: z
    .strictObject({ rotation: z.string(), endsAt: instant.nullable().describe('Null: in more than a week') })
    .optional(),
})
export type ReadinessView = z.output<typeof readinessSchema>

export const toteTeamSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  people: z.array(z.string()).describe('Ids: who is on call first, in the order in which they are asked'),
  answers: z.string().nullable().describe('Who answers the phone: the first on call'),
  onCall: z.number().describe('So many of the first answer for it now'),
  rota: z.boolean().describe('Whether a rotation answers for it'),
  expected: z.boolean().describe('Whether somebody should answer for it now'),
  next: z
    .strictObject({ at: instant, to: z.array(z.string()).describe('Who is on call then') })
    .nullable()
    .describe('The next change of who is on call'),
  gap: z
    .strictObject({ rotation: z.string(), from: instant, to: instant })
    .nullable()
    .describe('For this time nobody answers for one of its rotations: the first within a day'),
})
export type ToteTeam = z.output<typeof toteTeamSchema>

/** The tote: who could be asked now. */
export const toteViewSchema = z.strictObject({
  teams: z.array(toteTeamSchema).describe('In the order of the policy'),
  people: z.array(readinessSchema),
})
export type ToteView = z.output<typeof toteViewSchema>

/** What moved. */
export const toteChangeSchema = z.strictObject({
  teams: z.array(toteTeamSchema).describe('Those that changed'),
  people: z.array(readinessSchema).describe('Those that changed or came'),
  gone: z.array(z.string()).describe('People who are not on it any more'),
})
export type ToteChange = z.output<typeof toteChangeSchema>

/** What is told beside the tote, to whom it concerns. */
export const besideToteSchema = z.strictObject({
  notes: z.record(z.string(), z.string()).describe('By person; for those who respond or command, and one’s own'),
  holds: z
    .record(z.string(), z.array(heldSchema))
    .describe('By person: what they hold in restricted incidents that you may see; it is not in the tote itself'),
  phones: z.record(z.string(), z.string()).describe('By team: how to reach whoever answers'),
  benchmark: z.string().describe('What load is held against, by name'),
  load: z
    .array(
      z.strictObject({
        kind: z.enum(['team', 'person']),
        id: z.string(),
        lastTenMinutes: z.number(),
        lastHour: z.number(),
      }),
    )
    .describe('Alarms, where there were any; of a person for that person, commanders and administrators only'),
})
export type BesideTote = z.output<typeof besideToteSchema>

/** What `GET /api/tote` answers. */
export const toteSchema = toteViewSchema.extend({ seq: z.number(), at: instant, ...besideToteSchema.shape })
