import { type LegalClock, runningDeadlines } from '#shared/incident/legal-clocks.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { ClockDefinition, DeadlineDefinition } from '#shared/legal/definition.ts'
import { limitWords } from '#shared/legal/reckoning.ts'
import type { ClockDefinitionView, ClockSum, ClockView } from '#shared/legal/view.ts'
import { authorOf, iso, mayName, type Names } from '../views.ts'

const nextShown = 3
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

/** What a list says of the clocks of an incident: the nearest of them. @returns undefined where none runs */
export function clockSumOf(incident: Pick<Incident, 'clocks'>): ClockSum | undefined {
  if (incident.clocks === undefined) return undefined
  const running = runningDeadlines(incident)
  if (running.length === 0) return undefined
  const timed = running.flatMap(({ clock, deadline }) =>
    deadline.dueAt === null ? [] : [{ clock, deadline, dueAt: deadline.dueAt }],
  )
  return {
    running: running.length,
    next: timed
      .toSorted((a, b) => a.dueAt - b.dueAt)
      .slice(0, nextShown)
      .map(({ clock, deadline, dueAt }) => ({
        clock: clock.id,
        name: clock.name,
        deadline: deadline.name,
        dueAt: iso(dueAt),
        nearAt: iso(deadline.nearAt ?? dueAt),
        breached: deadline.noted === 'breached',
      })),
  }
}

/** How many deadlines run, and how many of them have passed, of many incidents. */
export function clockFigures(incidents: Iterable<Incident>): { running: number; breached: number } {
  let running = 0
  let breached = 0
  for (const incident of incidents) {
    if (incident.clocks === undefined) continue
    for (const { deadline } of runningDeadlines(incident)) {
      running++
      if (deadline.noted === 'breached') breached++
    }
  }
  return { running, breached }
}

function limitView({ id, name, basis, within }: DeadlineDefinition, all: readonly DeadlineDefinition[]) {
  const nameOf = (wanted: string): string => all.find((one) => one.id === wanted)?.name ?? wanted
  return { id, name, basis, rule: limitWords(within, nameOf) }
}

/** @param of the incident that it is a clock of: what is public names no restricted one */
export function clockView(clock: LegalClock, of: string, names: Names): ClockView {
  const named = (other: string | undefined | null): string | null =>
    other === undefined || other === null || !mayName(names, of)(other) ? null : other
  const { id, definition, edition, name, source, says, reason, corrections, cameFrom, goneTo, ended } = clock
  const said = ({ at, by, reason }: { at: number; by: string; reason: string }) => ({
    at: iso(at),
    by: authorOf(by, names),
    reason,
  })
  return {
    ...{ id, definition, edition, name, source, says, reason, corrections },
    startedAt: iso(clock.startedAt),
    awareAt: isoOrNull(clock.awareAt),
    notedAt: iso(clock.notedAt),
    by: authorOf(clock.by, names),
    cameFrom: named(cameFrom?.incident),
    goneTo: named(goneTo),
    ended: ended && said(ended),
    deadlines: clock.deadlines.map((deadline) => ({
      ...limitView(deadline, clock.deadlines),
      dueAt: isoOrNull(deadline.dueAt),
      nearAt: isoOrNull(deadline.nearAt),
      met: deadline.met && said(deadline.met),
    })),
  }
}

export function clockDefinitionView(definition: ClockDefinition): ClockDefinitionView {
  const { id, effective, name, title, source, says, startsWhen, awareWhen, binds, flags, deadlines } = definition
  return {
    ...{ id, edition: effective, name, title, source, says, startsWhen, awareWhen, binds, flags: [...flags] },
    deadlines: deadlines.map((deadline) => limitView(deadline, deadlines)),
  }
}
