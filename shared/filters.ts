import { RE2JS } from 're2js'
import { z } from 'zod'
import { severitySchema } from './event.ts'
import { maintenanceSchemaWith } from './maintenance.ts'
import type { CompiledMatcher } from './matchers.ts'

/** What redaction can find by itself. */
export const redactionKinds = ['email', 'ip', 'secret', 'card'] as const
export type RedactionKind = (typeof redactionKinds)[number]

const pattern = z
  .string()
  .min(1)
  .max(1000)
  .superRefine((text, context) => {
    try {
      // Such a pattern would put its mask between any two characters.
      if (RE2JS.compile(text).matcher('').matches())
        context.addIssue({ code: 'custom', message: `"${text}" matches the empty text; say what must be there` })
    } catch (error) {
      if (!(error instanceof Error)) throw error
      const why = error.message.replace('error parsing regexp: ', '')
      context.addIssue({ code: 'custom', message: `"${text}" is no regular expression: ${why}` })
    }
  })

/** The `filters` of a policy: what the filter room does besides what definitions and correlation say. */
export function filtersSchemaWith(
  name: z.ZodType<string, string>,
  matcher: z.ZodType<CompiledMatcher, string>,
  duration: z.ZodType<number, string>,
) {
  const redaction = z
    .strictObject({
      name,
      kind: z
        .enum(redactionKinds)
        .optional()
        .describe(
          '`email` addresses (not in reports by people), `ip` addresses, `secret`: keys, tokens and passwords, `card` numbers with a right check digit',
        ),
      pattern: pattern.optional().describe('Or what a regular expression (RE2) finds'),
      replace: z
        .string()
        .max(80)
        .optional()
        .describe('What is put in its place, as it stands; else a word in brackets'),
      labels: z
        .array(z.string().min(1).max(1024))
        .max(100)
        .default([])
        .describe(
          'Labels in which it is looked for too. A value in which it is found is replaced by a token, always the same',
        ),
    })
    .refine(({ kind, pattern }) => (kind === undefined) !== (pattern === undefined), {
      error: 'say either kind or pattern',
    })
  const inhibition = z
    .strictObject({
      name,
      source: z.array(matcher).min(1).max(100).describe('Alerts that hold others back while they fire'),
      target: z.array(matcher).min(1).max(100).describe('Alerts that are held back meanwhile'),
      equal: z
        .array(z.string().min(1).max(1024))
        .max(20)
        .default([])
        .describe('Labels that both must have, with the same value; `service` is the resolved one'),
      along: z
        .literal('depends_on')
        .optional()
        .describe('The target’s service must depend on the source’s: symptoms are held back while the cause fires'),
      hops: z.int().min(1).max(10).optional().describe('`along`: over so many dependencies in a row; else 3'),
    })
    .refine(({ equal, along }) => equal.length > 0 || along !== undefined, {
      error: 'say which labels both must have the same, or `along: depends_on`',
      path: ['equal'],
    })
    .refine(({ hops, along }) => hops === undefined || along !== undefined, {
      error: 'is for rules with `along`',
      path: ['hops'],
    })
    .transform(({ along, hops, ...rule }) => ({
      ...rule,
      equal: [...new Set(rule.equal)],
      present: true,
      ...(along === undefined ? {} : { hops: hops ?? 3 }),
    }))
  const damping = z
    .strictObject({
      name,
      match: z.array(matcher).min(1).max(100),
      half_life: duration
        .prefault('15m')
        .describe('After so long without firing again, half of what counts against it is forgotten'),
      suppress: z
        .number()
        .min(1)
        .max(1000)
        .default(3)
        .describe('Held back when so much counts against it; each time it fires again counts 1'),
      reuse: z.number().min(0.01).max(1000).default(1).describe('Let go when no more than so much is left'),
      longest: duration
        .prefault('1h')
        .describe('However often it fires, it is let go when it has been calm for so long'),
    })
    .superRefine(({ half_life, suppress, reuse, longest }, context) => {
      const wrong = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
      if (half_life < 1000) wrong('half_life', 'must be at least 1s')
      else if (reuse >= suppress)
        wrong('reuse', `must be less than suppress (${suppress}), or it would be held back and let go at once`)
      else if (reuse * 2 ** (longest / half_life) < suppress) {
        const least = Math.ceil((half_life * Math.log2(suppress / reuse)) / 60_000)
        wrong(
          'longest',
          `is too short for anything to be held back by this rule; at least ${least}m with this half_life`,
        )
      }
    })
  const shedding = z
    .strictObject({
      name,
      match: z.array(matcher).min(1).max(100),
      more_than: z
        .number()
        .int()
        .min(2)
        .max(1_000_000)
        .default(100)
        .describe('So many new alerts of one source are no storm yet'),
      within: duration.prefault('1m').describe('…within this; over when no more than half as many are'),
      per: z
        .enum(['source', 'rule'])
        .default('source')
        .describe('Whether each source is counted by itself, or all that the rule matches together'),
      severity: severitySchema.default('high').describe('Of the alert about the storm'),
    })
    .refine(({ within }) => within >= 10_000 && within <= 24 * 3_600_000, {
      error: 'must be at least 10s and at most 1d',
      path: ['within'],
    })
  return z.strictObject({
    maintenance: z
      .array(maintenanceSchemaWith(name, matcher, duration))
      .max(1000)
      .default([])
      .describe(
        'What is held back at times that are known beforehand: as by a silence, which begins and ends by itself again and again',
      ),
    inhibit: z
      .array(inhibition)
      .max(1000)
      .default([])
      .describe(
        'What is held back as the effect of a cause that fires; `inhibit_rules` are the same as Alertmanager reads them',
      ),
    damp: z
      .array(damping)
      .max(200)
      .default([])
      .describe(
        'What is held back while it fires and ends over and over: the first that matches decides; without any, nothing is',
      ),
    shed: z
      .array(shedding)
      .max(200)
      .default([])
      .describe(
        'When more new alerts come than anybody can read: the first that matches decides; without any, all are heard',
      ),
    redact: z
      .array(redaction)
      .max(100)
      .prefault([
        { name: 'e-mail addresses', kind: 'email' },
        { name: 'keys and passwords', kind: 'secret' },
        { name: 'card numbers', kind: 'card' },
      ])
      .describe(
        'What is masked in titles, descriptions, annotations and the texts of links before anything of it is kept; a list of your own takes the place of the built-in one',
      ),
  })
}
export type Filters = z.output<ReturnType<typeof filtersSchemaWith>>
