import { isOpen, type Phase } from './incident/state.ts'
import type { IncidentView } from './wire.ts'

/** Something that a phase asks for. Rule PD1: a list to look at; it never keeps anybody from moving on. */
export interface Demand {
  /** Short, so that it can be read at a glance. */
  says: string
  /** As the incident shows it; null: only a person can say. */
  met: boolean | null
}

/** What an incident shows of what its phases ask for. */
export type ShownOf = Pick<IncidentView, 'summary' | 'brief' | 'tasks' | 'lastUpdate' | 'facts' | 'clocks'>

/** What each phase means, in one line. */
export const phaseMeanings: Readonly<Record<Phase, string>> = {
  triage: 'What is it, how bad, and whose?',
  investigating: 'Looking for what causes it.',
  containing: 'Stopping the harm from growing.',
  fixing: 'Removing the cause.',
  restoring: 'Bringing back what was lost.',
  resolved: 'Over, unless it fires again soon.',
  review: 'Learning from it.',
  closed: 'Done with.',
  dismissed: 'Not an incident; ordinary work.',
  merged: 'Part of another incident.',
}

/** Epoch ms at which the incident came into its phase. */
function phaseSince({ summary, facts }: ShownOf): number {
  const last = facts.findLast((fact) => fact.type === 'phase-set' || fact.type === 'reopened')
  return Date.parse(last?.at ?? summary.openedAt)
}

const rowsOf = (brief: ShownOf['brief'], name: string): readonly Record<string, unknown>[] => {
  const rows = brief?.[name]
  return Array.isArray(rows) ? rows : []
}

/**
 * What `phase` asks for, with what the incident satisfies already.
 * @param now epoch ms: a promised update that is past is none
 */
export function demandsOf(phase: Phase, shown: ShownOf, now: number): Demand[] {
  const { summary, brief, tasks, lastUpdate, facts, clocks = [] } = shown
  const here = summary.phase === phase
  const open = tasks.filter(({ state }) => state === 'open')
  const wroteSince = (types: readonly string[]) =>
    here && facts.some(({ type, at }) => types.includes(type) && Date.parse(at) >= phaseSince(shown))
  const dueAt = summary.nextUpdateDueAt === null ? null : Date.parse(summary.nextUpdateDueAt)

  const owner: Demand = { says: 'Somebody owns it', met: summary.owner !== null }
  const tier: Demand = { says: 'It has a tier', met: summary.tier !== null }
  const promised: Demand = { says: 'A next update is promised, and not overdue', met: dueAt !== null && dueAt > now }
  const noFire: Demand[] =
    summary.alerts.total === 0 ? [] : [{ says: 'No alert of it fires any more', met: summary.alerts.firing === 0 }]
  const customers: Demand[] = summary.flags.includes('customers')
    ? [
        {
          says: 'Somebody tells the customers',
          met: summary.roles?.some(({ role, holder }) => role === 'communications' && holder !== null) ?? false,
        },
      ]
    : []

  const clock: Demand[] = summary.flags.includes('personal-data')
    ? [
        {
          says: 'Personal data is affected: a clock was started, or a note says why none runs',
          met: clocks.length > 0 || null,
        },
      ]
    : []

  switch (phase) {
    case 'triage':
      return [owner, tier, { says: 'The service is known', met: summary.service !== null }, ...clock]
    case 'investigating':
      return [
        owner,
        tier,
        { says: 'A first update was given', met: lastUpdate !== null },
        { says: 'The brief names a suspected cause', met: rowsOf(brief, 'hypotheses').length > 0 },
        ...clock,
      ]
    case 'containing': {
      const trend = brief?.trend
      return [
        owner,
        {
          says: 'The harm has stopped growing: the brief says steady or better',
          met: trend === undefined || trend === 'unknown' ? null : trend !== 'worse',
        },
        {
          says: 'What was contained is written down: a note, an update or the brief',
          met: wroteSince(['noted', 'updated', 'brief-revised', 'offered']),
        },
        promised,
      ]
    }
    case 'fixing':
      return [
        owner,
        { says: 'The cause is known or suspected, in the brief', met: rowsOf(brief, 'hypotheses').length > 0 },
        { says: 'A task for the fix has somebody who does it', met: open.some(({ person }) => person !== null) },
        promised,
      ]
    case 'restoring':
      return [
        owner,
        ...noFire,
        {
          says: 'It is said how one sees that it is back',
          met: wroteSince(['noted', 'updated', 'brief-revised']) || null,
        },
        ...customers,
        promised,
      ]
    case 'resolved':
      return [
        owner,
        ...noFire,
        { says: 'No task is open', met: open.length === 0 },
        {
          says: 'A last update tells that it is over',
          met: isOpen(summary.phase) ? null : wroteSince(['updated']),
        },
        ...customers,
      ]
    case 'review':
      return [
        {
          says: 'A brief or a note tells what happened',
          met: brief !== null || facts.some(({ type }) => type === 'noted'),
        },
        { says: 'No task is open', met: open.length === 0 },
      ]
    default:
      return []
  }
}

const order: readonly Phase[] = [
  'triage',
  'investigating',
  'containing',
  'fixing',
  'restoring',
  'resolved',
  'review',
  'closed',
]

/** Phases that moving from one to the other leaves out, in their order. It is allowed, and in the timeline. */
export function skipped(from: Phase, to: Phase): Phase[] {
  const [a, b] = [order.indexOf(from), order.indexOf(to)]
  return a === -1 || b === -1 || b <= a ? [] : order.slice(a + 1, b)
}
