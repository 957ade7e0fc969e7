/** A fact about a clock, as a view of it has it. */
type ClockFactView = Readonly<Record<string, unknown>> & { type: string }

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** What the deadline of a fact is called, as far as the fact says: else by its id. */
function deadlineOf({ deadline }: ClockFactView): string {
  return text(deadline).replaceAll('-', ' ')
}

/**
 * What somebody did to a clock, after their name.
 * @param minute writes an ISO instant as people read it
 */
export function clockFactWords(fact: ClockFactView, minute: (iso: unknown) => string): string {
  const clock = text(fact.clock)
  switch (fact.type) {
    case 'clock-started':
      return `started the clock ${text(fact.name)}, running since ${minute(fact.startedAt)}`
    case 'clock-corrected':
      return `corrected the start of the clock ${clock}: ${minute(fact.startedAt)}, not ${minute(fact.wasAt)}`
    case 'clock-stopped':
      return fact.how === 'not-required'
        ? `found what is left of the clock ${clock} not to be required`
        : `recorded for the clock ${clock}: ${deadlineOf(fact)} submitted ${minute(fact.stoppedAt)}`
    case 'clock-resumed':
      return fact.deadline === null
        ? `corrected: the clock ${clock} is required after all, and runs again`
        : `corrected: ${deadlineOf(fact)} of the clock ${clock} was not submitted; it runs again`
    case 'clock-near':
      return `noted: the clock ${clock} is near; ${deadlineOf(fact)} is due ${minute(fact.dueAt)}`
    case 'clock-breached':
      return `noted: the clock ${clock} has passed; ${deadlineOf(fact)} was due ${minute(fact.dueAt)}`
    case 'clock-carried':
      return `brought the clock ${text(fact.name)} with it from ${text(fact.from)}, running since ${minute(fact.startedAt)}`
    case 'clock-gone':
      return `took the clock ${clock} to ${text(fact.into)}`
    default:
      return fact.type.replaceAll('-', ' ')
  }
}
