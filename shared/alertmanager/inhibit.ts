import { z } from 'zod'
import { type CompiledMatcher, compileMatcher } from '../matchers.ts'
import { readMatchers } from './matcher-syntax.ts'
import { labelValues, pattern, readAs } from './routes.ts'

/** While an alert of the source side fires, those of the target side with the same values of `equal` are held back. */
export interface InhibitRule {
  name: string
  source: readonly CompiledMatcher[]
  target: readonly CompiledMatcher[]
  equal: readonly string[]
  /** Labels under `equal` must be there; otherwise, absent on both sides is equal too. */
  present: boolean
  /** Set: the target's service must depend on the source's, over at most so many dependencies in a row. */
  hops?: number | undefined
}

const patterns = z.record(z.string().min(1).max(256), pattern)
const matcherTexts = z
  .array(
    z
      .string()
      .max(10_000)
      .transform((text, context) => readAs(text, readMatchers, context)),
  )
  .max(1000)

/**
 * `inhibit_rules` in Alertmanager's syntax and meaning: a side without matchers is any alert, labels that are absent on both
 * sides are equal. Source: prometheus/alertmanager docs, "Inhibition-related settings"; inhibit/inhibit.go.
 */
export const inhibitRulesSchema = z
  .array(
    z.strictObject({
      name: z.string().min(1).max(80).optional(),
      source_match: labelValues.default({}),
      source_match_re: patterns.default({}),
      source_matchers: matcherTexts.default([]).describe('Alerts that hold others back while they fire'),
      target_match: labelValues.default({}),
      target_match_re: patterns.default({}),
      target_matchers: matcherTexts.default([]).describe('Alerts that are held back'),
      equal: z.array(z.string().min(1).max(256)).max(100).default([]).describe('Labels that both must have the same'),
    }),
  )
  .max(1000)
  .transform((rules) => rules.map(ruleOf))

function ruleOf(
  {
    name,
    equal,
    ...rule
  }: { name?: string | undefined; equal: string[] } & Record<
    `${'source' | 'target'}_match` | `${'source' | 'target'}_match_re`,
    Record<string, string>
  > &
    Record<`${'source' | 'target'}_matchers`, CompiledMatcher[][]>,
  index: number,
): InhibitRule {
  const side = (which: 'source' | 'target'): CompiledMatcher[] => [
    ...Object.entries(rule[`${which}_match`]).map(([label, value]) => compileMatcher({ name: label, op: '=', value })),
    ...Object.entries(rule[`${which}_match_re`]).map(([label, value]) =>
      compileMatcher({ name: label, op: '=~', value }),
    ),
    ...rule[`${which}_matchers`].flat(),
  ]
  return {
    name: name ?? `inhibit_rules ${index + 1}`,
    source: side('source'),
    target: side('target'),
    equal: [...new Set(equal)],
    present: false,
  }
}
