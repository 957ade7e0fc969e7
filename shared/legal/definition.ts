import { z } from 'zod'
import type { Flag } from '../incident/state.ts'

/** A length of time: milliseconds, or calendar months, which have no length of their own. */
export const spanSchema = z.strictObject({ unit: z.enum(['ms', 'month']), count: z.number().int().positive() })
export type Span = z.output<typeof spanSchema>

/** So long after `start`, after `aware`, or after another deadline of the same clock was met, by its id. */
export const limitSchema = spanSchema.extend({ after: z.string() })
export type Limit = z.output<typeof limitSchema>

/** `law`: the source names the time. `house`: the source says only "without undue delay", and the house says how long that is. */
export const bases = ['law', 'house'] as const
export type Basis = (typeof bases)[number]

/** Something that must have been submitted in time. */
export interface DeadlineDefinition {
  id: string
  name: string
  basis: Basis
  /** The earliest of them counts (rule CK2). */
  within: readonly Limit[]
}

/**
 * A legal or agreed clock as it is defined from a day on: data, not code, and never legal advice. Which of them binds a
 * house, and whether an incident starts one, people determine.
 */
export interface ClockDefinition {
  id: string
  /** Short, as a card shows it. */
  name: string
  title: string
  /** Where it stands. */
  source: string
  /** What the source asks for, in its words or close to them. */
  says: string
  /** What starts it, to be read after "when": `we became aware of the breach`. */
  startsWhen: string
  /** Where awareness is another moment than the start; null: the start is all there is. */
  awareWhen: string | null
  /** Whom it binds. */
  binds: string
  /** From this day on (UTC, `2018-05-25`); until the same id has a later one. Names this edition of it. */
  effective: string
  /** An incident with one of these may be a case for it. */
  flags: readonly Flag[]
  deadlines: readonly DeadlineDefinition[]
}

const hours = (count: number, after = 'start'): Limit => ({ unit: 'ms', count: count * 3_600_000, after })
const months = (count: number, after: string): Limit => ({ unit: 'month', count, after })

/** What is known without a word in the policy file. The house's own figures are marked as such, and are there to be changed. */
export const builtInClocks: readonly ClockDefinition[] = [
  {
    id: 'gdpr-33-1',
    name: 'GDPR 33(1)',
    title: 'Tell the supervisory authority of a personal-data breach',
    source: 'Regulation (EU) 2016/679, Article 33(1) and (4)',
    says: 'The controller notifies the breach without undue delay and, where feasible, not later than 72 hours after having become aware of it, unless it is unlikely to result in a risk to people. Later needs reasons; information may follow in phases.',
    startsWhen: 'the controller became aware of the breach',
    awareWhen: null,
    binds: 'Controllers of personal data',
    effective: '2018-05-25',
    flags: ['personal-data'],
    deadlines: [{ id: 'authority', name: 'Notification to the authority', basis: 'law', within: [hours(72)] }],
  },
  {
    id: 'gdpr-33-2',
    name: 'GDPR 33(2)',
    title: 'Tell the controller of a personal-data breach',
    source: 'Regulation (EU) 2016/679, Article 33(2)',
    says: 'The processor notifies the controller without undue delay after becoming aware of a personal-data breach.',
    startsWhen: 'the processor became aware of the breach',
    awareWhen: null,
    binds: 'Processors of personal data',
    effective: '2018-05-25',
    flags: ['personal-data'],
    deadlines: [{ id: 'controller', name: 'Notification to the controller', basis: 'house', within: [hours(24)] }],
  },
  {
    id: 'gdpr-34',
    name: 'GDPR 34',
    title: 'Tell the people whose data it is',
    source: 'Regulation (EU) 2016/679, Article 34(1)',
    says: 'Where the breach is likely to result in a high risk to people, the controller communicates it to them without undue delay.',
    startsWhen: 'a high risk to people was determined',
    awareWhen: null,
    binds: 'Controllers of personal data',
    effective: '2018-05-25',
    flags: ['personal-data'],
    deadlines: [{ id: 'subjects', name: 'Communication to data subjects', basis: 'house', within: [hours(72)] }],
  },
  {
    id: 'nis2-23-4',
    name: 'NIS2 23(4)',
    title: 'Report a significant incident to the CSIRT or authority',
    source: 'Directive (EU) 2022/2555, Article 23(4)',
    says: 'An early warning within 24 hours of becoming aware of the significant incident, an incident notification within 72 hours of it, and a final report not later than one month after the submission of the notification.',
    startsWhen: 'we became aware of the significant incident',
    awareWhen: null,
    binds: 'Essential and important entities, by the law of their member state',
    effective: '2024-10-18',
    flags: ['security'],
    deadlines: [
      { id: 'early-warning', name: 'Early warning', basis: 'law', within: [hours(24)] },
      { id: 'notification', name: 'Incident notification', basis: 'law', within: [hours(72)] },
      { id: 'final', name: 'Final report', basis: 'law', within: [months(1, 'notification')] },
    ],
  },
  {
    id: 'dora-19',
    name: 'DORA 19',
    title: 'Report a major ICT-related incident to the authority',
    source: 'Regulation (EU) 2022/2554, Article 19(4); Delegated Regulation (EU) 2025/301, Article 5',
    says: 'An initial notification within 4 hours of classification as major and not later than 24 hours after becoming aware, an intermediate report within 72 hours of the initial notification, and a final report not later than one month after the intermediate report.',
    startsWhen: 'it was classified as major',
    awareWhen: 'we became aware of the incident',
    binds: 'Financial entities',
    effective: '2025-01-17',
    flags: ['security', 'customers'],
    deadlines: [
      { id: 'initial', name: 'Initial notification', basis: 'law', within: [hours(4), hours(24, 'aware')] },
      { id: 'intermediate', name: 'Intermediate report', basis: 'law', within: [hours(72, 'initial')] },
      { id: 'final', name: 'Final report', basis: 'law', within: [months(1, 'intermediate')] },
    ],
  },
  {
    id: 'fix-sla',
    name: 'Fix SLA',
    title: 'Fix a critical vulnerability',
    source: 'Agreed by this house in its policy',
    says: 'A vulnerability that was declared critical is fixed within the agreed time.',
    startsWhen: 'the vulnerability was declared critical',
    awareWhen: null,
    binds: 'Whoever agreed to it',
    effective: '2000-01-01',
    flags: ['security'],
    deadlines: [{ id: 'fix', name: 'Fix in place', basis: 'house', within: [hours(24)] }],
  },
]
