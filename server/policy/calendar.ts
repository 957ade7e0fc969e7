import { RRuleTemporal } from 'rrule-temporal'
import type { Policy } from '#shared/policy.ts'
import { type Occurrence, type OccurrenceAfter, type Recurrence, recurrenceProblem } from '#shared/recurrence.ts'

/** A recurrence made ready to be asked. */
interface Known {
  /** Null: this version cannot read it. What another one logged must not keep it from starting. */
  rule: RRuleTemporal | null
  /** Of a rule that counts, all beginnings at once: the library counts from the first one each time that it is asked. */
  starts: readonly number[] | null
}

/** Recurrences that are kept ready: more than anybody has in force; the oldest makes room. */
const mostKnown = 500
/** Beginnings that are tried before the library gives up: enough for a 29 February by days, and a tenth of a second at most. */
const mostLooks = 3000

/**
 * Reads recurrences by the rules of iCalendar. It remembers nothing but what it has worked out: the same question has the same
 * answer. A rule whose next beginning would have to be looked for without end never comes.
 */
export function makeCalendar(): OccurrenceAfter {
  const known = new Map<string, Known>()

  function ready({ rrule, starts, timeZone }: Recurrence): Known {
    const key = `${timeZone} ${starts} ${rrule}`
    let found = known.get(key)
    if (found === undefined) {
      const rule = readRule(`DTSTART;TZID=${timeZone}:${starts.replaceAll(/[-:]/g, '')}00\nRRULE:${rrule}`)
      found = { rule, starts: rule !== null && rrule.includes('COUNT=') ? allOf(rule) : null }
      const oldest = known.keys().next().value
      if (known.size >= mostKnown && oldest !== undefined) known.delete(oldest)
      known.set(key, found)
    }
    return found
  }

  return (recurrence, after): Occurrence | null => {
    const { lastsMs, until = Number.POSITIVE_INFINITY } = recurrence
    const { rule, starts } = ready(recurrence)
    const from = after - lastsMs
    const startsAt = starts === null ? rule && nextOf(rule, from) : (starts.find((at) => at > from) ?? null)
    return startsAt === null || startsAt >= until ? null : { startsAt, endsAt: startsAt + lastsMs }
  }
}

/** Rule RR2, for every maintenance window of a policy that comes by a rule. @returns what is wrong, by its path */
export function recurrenceProblems(
  { filters }: Pick<Policy, 'filters'>,
  calendar: OccurrenceAfter,
): { path: (string | number)[]; message: string }[] {
  return filters.maintenance.flatMap(({ recurs }, index) => {
    const problem = recurs === undefined ? null : recurrenceProblem(calendar, recurs, 0)
    if (problem === null) return []
    const field = problem.at === 'lastsMs' ? 'lasts' : problem.at
    return [{ path: ['filters', 'maintenance', index, 'recurs', field], message: problem.message }]
  })
}

function readRule(rruleString: string): RRuleTemporal | null {
  try {
    return new RRuleTemporal({ rruleString, maxIterations: mostLooks })
  } catch (error) {
    // Such errors have no class of their own either.
    if (error instanceof Error) return null
    throw error
  }
}

/** The library gives up by an error that has no class of its own. */
const givesUp = (error: unknown): boolean => error instanceof Error && error.message.startsWith('Maximum iterations')

function nextOf(rule: RRuleTemporal, after: number): number | null {
  try {
    return rule.next(new Date(after))?.epochMilliseconds ?? null
  } catch (error) {
    if (givesUp(error)) return null
    throw error
  }
}

function allOf(rule: RRuleTemporal): number[] {
  try {
    return rule.all().map(({ epochMilliseconds }) => epochMilliseconds)
  } catch (error) {
    if (givesUp(error)) return []
    throw error
  }
}
