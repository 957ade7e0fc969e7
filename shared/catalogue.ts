import { z } from 'zod'
import type { Labels, Link } from './event.ts'
import { tierSchema } from './incident/state.ts'
import { labelOf } from './matchers.ts'

/** A place where more can be seen: `{label}` in its address stands for that label of the alert. */
export interface LinkTemplate {
  text: string
  url: string
}

/**
 * Where more about an alert can be seen, by the templates of its service. Values are encoded, so that what a sender writes
 * can lead nowhere else; a link whose labels the alert does not have is left out.
 */
export function linksFor(templates: readonly LinkTemplate[], labels: Labels): Link[] {
  return templates.flatMap(({ text, url }) => {
    let whole = true
    const href = url.replaceAll(placeholder, (_, name: string) => {
      const value = labelOf(labels, name)
      whole &&= value !== ''
      return encodeURIComponent(value.toWellFormed())
    })
    return whole ? [{ text, href }] : []
  })
}

const placeholder = /\{([a-zA-Z_][a-zA-Z0-9_.-]*)\}/g

/**
 * The machine that an alert is about: by the label that says so, else the address that was asked for metrics, without its
 * port. A URL is no machine.
 * @returns the empty string where nothing says
 */
export function hostOf(labels: Labels): string {
  const named = labelOf(labels, 'host') || labelOf(labels, 'node') || labelOf(labels, 'hostname')
  if (named !== '') return named
  return /^(\[[0-9a-fA-F:]+\]|[^:/\s]+)(:\d+)?$/.exec(labelOf(labels, 'instance'))?.[1] ?? ''
}

const instant = z.iso.datetime({ precision: 3 })
const personRef = z.strictObject({ id: z.string(), name: z.string() })

/** Somebody who answers for a team now, and until when. */
export const answererSchema = z.strictObject({
  person: personRef,
  rotation: z.strictObject({ id: z.string(), name: z.string() }).nullable().describe('Null: not by a rotation'),
  until: instant.nullable(),
})
export type Answerer = z.output<typeof answererSchema>

/** Whom a step tells, with who that is at the moment of the answer. */
export const targetViewSchema = z.strictObject({
  target: z.string().describe('As the policy has it'),
  kind: z.enum(['on-call', 'commanders', 'rotation', 'team', 'channel', 'person']),
  name: z.string().describe('Empty where the kind says it all'),
  people: z.array(personRef).describe('Who would be told now; of a channel nobody in person'),
})
export type TargetView = z.output<typeof targetViewSchema>

/** An escalation policy as it is for what one team has: whom `on-call` means depends on it. */
export const escalationViewSchema = z.strictObject({
  id: z.string(),
  team: z.string().nullable().describe('Null: for services of no team'),
  steps: z.array(
    z.strictObject({
      afterMs: z
        .number()
        .nullable()
        .describe('From the moment that somebody is wanted; null: it means nobody now and is passed over'),
      notify: z.array(targetViewSchema),
    }),
  ),
  beginsAgainAfterMs: z.number().describe('When it would begin again, if it does'),
  repeat: z.number().describe('How often it begins again'),
  quiet: z.array(z.strictObject({ tiers: z.array(tierSchema), intervals: z.array(z.string()) })),
})
export type EscalationView = z.output<typeof escalationViewSchema>

export const serviceViewSchema = z.strictObject({
  id: z.string(),
  team: z.string().nullable(),
  tier: tierSchema.nullable(),
  runbook: z.string().nullable(),
  links: z.array(z.strictObject({ text: z.string(), url: z.string().describe('With {label} where an alert says it') })),
  match: z.array(z.string()).describe('Which alerts are of it'),
  dependsOn: z.array(z.string()),
  dependants: z.array(z.string()),
  answers: z.array(answererSchema).describe('The first is asked first; nobody: see its escalation'),
  incidents: z
    .array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        tier: tierSchema.nullable(),
        owner: personRef.nullable(),
        openedAt: instant,
        drill: z.boolean(),
      }),
    )
    .describe('Open ones that are there for whoever asks, the oldest first'),
  escalation: z.string().nullable().describe('Policy that says whom to tell of what nobody owns; null: there is none'),
})
export type ServiceView = z.output<typeof serviceViewSchema>

export const teamCardSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  members: z.array(z.strictObject({ ...personRef.shape, responds: z.boolean().describe('May respond now') })),
  answers: z.array(answererSchema).describe('On call, the first to be asked first'),
  phone: z
    .strictObject({
      person: personRef.nullable().describe('Who answers it now; null: nobody'),
      reach: z.string().nullable().describe('How: a number or a line of the desk'),
    })
    .nullable()
    .describe('Null: the policy names none'),
  rotations: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  services: z.array(z.string()),
})
export type TeamCard = z.output<typeof teamCardSchema>

/** What runs here, who has it, and who answers for it at `at`. */
export const catalogueSchema = z.strictObject({
  at: instant,
  services: z.array(serviceViewSchema),
  teams: z.array(teamCardSchema),
  escalations: z.array(escalationViewSchema),
})
export type Catalogue = z.output<typeof catalogueSchema>

/** For each service those that need it, in the order of the list; a need of what is not listed is left out. */
export function dependantsOf(services: readonly { id: string; dependsOn: readonly string[] }[]): Map<string, string[]> {
  const dependants = new Map<string, string[]>(services.map(({ id }) => [id, []]))
  for (const { id, dependsOn } of services) for (const needed of new Set(dependsOn)) dependants.get(needed)?.push(id)
  return dependants
}
