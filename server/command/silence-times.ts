import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import {
  noEnd,
  type Occurrence,
  type OccurrenceAfter,
  occurrencesAfter,
  type Recurrence,
  recurrenceProblem,
  recurrenceSchema,
} from '#shared/recurrence.ts'
import {
  longestRecurringMs,
  maintenanceId,
  maintenanceNameOf,
  type Silence,
  type SilenceSpan,
  silenceStateOf,
} from '#shared/silence.ts'
import { windowsOf } from '../filter/index.ts'
import type { Core } from './core.ts'
import type { MaintenanceWindow } from './port.ts'

/** A refusal of one field. @param path as the request names it */
export function refusedAt(path: string, message: string): UxbridgeError {
  return new UxbridgeError('fields-invalid', `The silence is wrong at ${path}: ${message}.`, {
    fields: [{ path, message }],
  })
}

/** Times shown after the one that is on or comes next. */
const laterShown = 4

/** When silences and maintenance windows come: what the fold does at its instants, said beforehand. */
export function makeTimes(core: Core, occurrences: OccurrenceAfter) {
  const { clock } = core.parts
  let ready: { policy: Policy; next: Map<string, OccurrenceAfterInstant> } | null = null
  /** By window: asked for by every screen that is open, and changed only when it opens and closes. */
  const later = new Map<string, { after: number; times: Occurrence[] }>()

  /** Of the windows of the policy that is active, by id. */
  function calendars(): Map<string, OccurrenceAfterInstant> {
    if (ready?.policy !== core.policy) {
      later.clear()
      ready = { policy: core.policy, next: new Map(windowsOf(core.policy, occurrences).map((w) => [w.id, w.next])) }
    }
    return ready.next
  }

  /** As it is now: the fold moves it with the next entry only. */
  function current(span: SilenceSpan): SilenceSpan {
    const now = clock.now()
    if (span.recurs === undefined || silenceStateOf(span, now) !== 'expired') return span
    return { ...span, ...occurrences(span.recurs, now) }
  }

  function windows(): MaintenanceWindow[] {
    const now = clock.now()
    const stands = new Map(core.world.filter.windows().map((each) => [each.id, each]))
    return core.policy.filters.maintenance.map(({ name, match, reason, intervals, recurs }) => {
      const id = maintenanceId(name)
      const next = calendars().get(id) ?? (() => null)
      const known = stands.get(id)
      const isKnown = known !== undefined && silenceStateOf(known, now) !== 'expired'
      const occurrence = isKnown ? { startsAt: known.startsAt, endsAt: known.endsAt } : next(now)
      return {
        id,
        name,
        matchers: match.map(({ name, op, value }) => ({ name, op, value })),
        reason,
        intervals: intervals ?? null,
        recurs: recurs ?? null,
        state: occurrence === null ? 'expired' : silenceStateOf(occurrence, now),
        occurrence,
        later: occurrence === null ? [] : laterThan(id, next, occurrence.endsAt),
      }
    })
  }

  function laterThan(id: string, next: OccurrenceAfterInstant, after: number): Occurrence[] {
    const known = later.get(id)
    if (known?.after === after) return known.times
    const times = following(next, after, laterShown)
    later.set(id, { after, times })
    return times
  }

  return {
    current,
    windows,

    /** What alerts that a window holds back are shown as its author and reason; undefined for a silence that somebody made. */
    asSilence(span: SilenceSpan): Silence | undefined {
      const name = maintenanceNameOf(span.id)
      if (name === null) return undefined
      const reason = core.policy.filters.maintenance.find((each) => each.name === name)?.reason ?? ''
      const createdBy = `the policy (maintenance window ‘${name}’)`
      return { ...span, createdBy, comment: reason, updatedAt: span.startsAt, by: 'system:policy' }
    },

    next({ startsAt, endsAt, recurs }: Pick<Silence, 'startsAt' | 'endsAt' | 'recurs'>, most: number): Occurrence[] {
      const own = { startsAt, endsAt }
      if (silenceStateOf(own, clock.now()) === 'expired') return []
      return recurs === undefined ? [own] : [own, ...occurrencesAfter(occurrences, recurs, endsAt, most - 1)]
    },

    /**
     * What is wanted, with its end. Rule RR2: refused where it never comes, or would never let go.
     * @throws UxbridgeError `fields-invalid`
     */
    required(wanted: Recurrence, now: number): Recurrence & { until: number } {
      const { until = now + longestRecurringMs, ...said } = wanted
      const read = recurrenceSchema.safeParse(said)
      if (!read.success) {
        const [issue] = read.error.issues
        throw refusedAt(['recurs', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'cannot be read')
      }
      if (until <= now) throw refusedAt('recurs.until', 'is over')
      if (until > now + longestRecurringMs)
        throw refusedAt('recurs.until', 'is more than a year ahead; make it again when that is over')
      const recurs = { ...read.data, until }
      const problem = recurrenceProblem(occurrences, recurs, now)
      if (problem !== null) throw refusedAt(`recurs.${problem.at}`, problem.message)
      return recurs
    },
  }
}

type OccurrenceAfterInstant = (after: number) => Occurrence | null

function following(next: OccurrenceAfterInstant, after: number, most: number): Occurrence[] {
  const found: Occurrence[] = []
  for (let at = after; found.length < most && at < noEnd; ) {
    const occurrence = next(at)
    if (occurrence === null) break
    found.push(occurrence)
    at = occurrence.endsAt
  }
  return found
}
