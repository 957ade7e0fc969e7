/** A fact about a clock, as a view of it has it. */
type ClockFactView = Readonly<Record<string, unknown>> & { type: string }

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/**
 * What somebody did to a clock, after their name.
 * @param minute writes an ISO instant as people read it
 */
export function clockFactWords(fact: ClockFactView, minute: (iso: unknown) => string): string {
  const clock = text(fact.name)
  const what = `“${text(fact.deadlineName)}”`
  switch (fact.type) {
    case 'clock-started':
      return `started the clock ${clock}, running since ${minute(fact.startedAt)}`
    case 'clock-corrected':
      return `corrected the start of the clock ${clock}: ${minute(fact.startedAt)}, not ${minute(fact.wasAt)}`
    case 'clock-stopped':
      return fact.how === 'not-required'
        ? `found what is left of the clock ${clock} not to be required`
        : `recorded for the clock ${clock}: ${what} submitted ${minute(fact.stoppedAt)}`
    case 'clock-resumed':
      return fact.deadline === null
        ? `corrected: the clock ${clock} is required after all, and runs again`
        : `corrected: ${what} of the clock ${clock} was not submitted; it runs again`
    case 'clock-near':
      return `noted: the clock ${clock} is near; ${what} is due ${minute(fact.dueAt)}`
    case 'clock-breached':
      return `noted: the clock ${clock} has passed; ${what} was due ${minute(fact.dueAt)}`
    case 'clock-carried':
      return `brought the clock ${clock} with it from ${text(fact.from)}, running since ${minute(fact.startedAt)}`
    case 'clock-gone':
      return `took the clock ${clock} to ${text(fact.into)}`
    default:
      return fact.type.replaceAll('-', ' ')
  }
}
