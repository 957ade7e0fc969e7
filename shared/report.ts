import { z } from 'zod'
import type { Severity } from './event.ts'
import { type Outcome, outcomes } from './outcome.ts'

/** How bad it feels to those who cannot work, and what that counts as. */
export const felt = [
  { value: 'stopped', label: 'Cannot work at all', severity: 'critical' },
  { value: 'blocked', label: 'An important part does not work', severity: 'high' },
  { value: 'slower', label: 'Much slower, or only with effort', severity: 'medium' },
  { value: 'nuisance', label: 'Annoying, but work goes on', severity: 'low' },
] as const satisfies readonly { value: string; label: string; severity: Severity }[]

/** How many are affected, as somebody on the telephone can tell. */
export const extents = [
  { value: 'one', label: 'One person' },
  { value: 'some', label: 'A few, or one team' },
  { value: 'many', label: 'Many' },
  { value: 'everybody', label: 'Everybody' },
] as const

/** What a policy may require of a report besides its title, with the reason that the form gives. */
export const reportFields = {
  details: { label: 'What exactly happens', why: 'Whoever takes it need not ask back.' },
  felt: { label: 'How bad it is', why: 'It decides how fast somebody is asked.' },
  affected: { label: 'How many are affected', why: 'It tells an outage from one broken computer.' },
  who: { label: 'Who is affected', why: 'Customers, a team, an office: they must hear when it is over.' },
  since: { label: 'Since when', why: 'What changed just before is often the cause.' },
  service: { label: 'Which service', why: 'It finds the team that can mend it.' },
  environment: { label: 'Environment', why: 'Production and a test system are not equally urgent.' },
  place: { label: 'Where', why: 'An office, a country, a network: it narrows the cause.' },
  evidence: { label: 'Evidence', why: 'An error message or a link saves the first ten minutes.' },
  contact: { label: 'How to reach you', why: 'Somebody may have a question, and you will want to hear the end.' },
} as const
export type ReportField = keyof typeof reportFields
export const reportFieldNames = Object.keys(reportFields) as [ReportField, ...ReportField[]]

const values = <T extends string>(list: readonly { value: T }[]) =>
  z.enum(list.map(({ value }) => value) as [T, ...T[]])
const words = (length: number) => z.string().trim().max(length).default('')

/** What a person reports. The text is theirs: it goes where erasable text goes, never into labels or decisions. */
export const reportSchema = z.strictObject({
  id: z.string().min(8).max(64).describe('Made by the sender: the same report sent twice is one'),
  title: z.string().trim().min(1, 'Say what is felt, in one line.').max(200),
  details: words(4000),
  felt: values(felt).nullable().default(null),
  affected: values(extents).nullable().default(null),
  who: words(300),
  since: z.iso.datetime({ offset: true }).nullable().default(null),
  service: z.string().trim().max(80).nullable().default(null).describe('Of the catalogue, or in own words'),
  environment: words(40),
  place: words(200),
  evidence: words(4000).describe('An error message, an excerpt'),
  links: z
    .array(
      z
        .string()
        .max(2000)
        .regex(/^https?:\/\/\S+$/i, 'A link begins with http:// or https://, one a line.'),
    )
    .max(10)
    .default([]),
  contact: words(300),
})
export type Report = z.output<typeof reportSchema>

/** What the policy says of reports. */
export interface ReportRules {
  required: readonly ReportField[]
  services_only: boolean
}

/**
 * Rule P1: what a report lacks by policy, each with the path of its field and the reason.
 * @param services ids of the catalogue
 * @param now epoch ms; a report of what has not happened yet is a slip of the pen
 */
export function reportFaults(
  report: Report,
  rules: ReportRules,
  services: readonly string[],
  now: number,
): { path: string; message: string }[] {
  const faults: { path: string; message: string }[] = []
  for (const name of rules.required) {
    const value = report[name]
    const isThere = (value !== null && value !== '') || (name === 'evidence' && report.links.length > 0)
    const { label, why } = reportFields[name]
    if (!isThere) faults.push({ path: name, message: `${label} is missing. ${why}` })
  }
  if (rules.services_only && report.service !== null && serviceOf(report, services) === null)
    faults.push({ path: 'service', message: 'There is no such service. Choose one from the list, or leave it empty.' })
  if (report.since !== null && Date.parse(report.since) > now + 60_000)
    faults.push({ path: 'since', message: 'That is in the future. Look at the date and the time.' })
  return faults
}

/** The service of the catalogue that a report means, whatever its case; null where it is none. */
export function serviceOf({ service }: Pick<Report, 'service'>, services: readonly string[]): string | null {
  const plain = service?.toLowerCase() ?? ''
  return services.find((id) => id.toLowerCase() === plain) ?? null
}

/** What became of a report. */
export const reportAnswerSchema = z.strictObject({
  id: z.string(),
  incidentId: z.string().nullable(),
  outcome: z.enum(outcomes),
  says: z.string().describe('What that means, for the person who reported it'),
})
export type ReportAnswer = z.output<typeof reportAnswerSchema>

/** What the form must know before it is filled in. */
export const reportFormSchema = z.strictObject({
  required: z.array(z.enum(reportFieldNames)),
  servicesOnly: z.boolean(),
  services: z.array(z.string()),
})
export type ReportForm = z.output<typeof reportFormSchema>

/**
 * What became of a report, for the person who made it.
 * @param incidentId null: none, or none that this person may see
 */
export function reportSays(outcome: Outcome, incidentId: string | null): string {
  switch (outcome) {
    case 'opened':
      if (incidentId === null)
        return 'It was taken in, and those who answer for it have it. Nothing of it is shown here.'
      return `${incidentId} was opened for it. You can follow it here.`
    case 'attached':
      return `This is known already: your report joined ${incidentId}. You can follow it here.`
    case 'repeated':
      return incidentId === null
        ? 'It was received before, and counts once.'
        : `It was received before, and counts once: ${incidentId}. You can follow it here.`
    case 'silenced':
    case 'inhibited':
    case 'damped':
    case 'shed':
      return 'It was kept, and held back by a rule: somebody knows of this already. Nobody is called out for it now.'
    default:
      return 'It was kept. By the rules of this house it opens no incident.'
  }
}
