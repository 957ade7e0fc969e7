import { z } from 'zod'

const line = (max: number) => z.string().trim().min(1).max(max)
const confidence = z.enum(['unsure', 'fairly sure', 'sure'])

/**
 * What the giver tells the receiver. Limits keep it to one screen.
 * Basis: I-PASS and ICS transfer of command (domain.md). A Tier 3 hand-off may be `situation` and one action.
 */
export const briefSchema = z.strictObject({
  trend: z.enum(['worse', 'steady', 'better', 'unknown']).default('unknown'),
  confidence: confidence.default('unsure'),
  situation: line(280).describe('Situation and impact now'),
  done: z.array(line(200)).max(5).default([]).describe('Known and done'),
  ruledOut: z.array(line(200)).max(3).default([]),
  hypotheses: z
    .array(z.strictObject({ text: line(200), confidence }))
    .max(3)
    .default([]),
  actions: z
    .array(
      z.strictObject({
        text: line(200),
        owner: z.string().max(64).nullable().default(null).describe("A person's id"),
        dueAt: z.iso.datetime().nullable().default(null),
        state: z.enum(['open', 'in flight', 'done']).default('open'),
        irreversible: z.boolean().default(false),
      }),
    )
    .max(7)
    .default([]),
  contingencies: z
    .array(z.strictObject({ if: line(140), do: line(140) }))
    .max(3)
    .default([]),
  noContingencyBecause: z.string().trim().max(140).default(''),
  promises: z.array(line(200)).max(5).default([]).describe('Next update, to whom, running clocks'),
  constraints: z.string().trim().max(280).default('').describe('Constraints and do-not-touch'),
})
export type Brief = z.output<typeof briefSchema>
export type BriefInput = z.input<typeof briefSchema>

/** What a brief of this tier still lacks, in words for its author. Empty = complete. */
export function briefGaps(brief: Brief, tier: 1 | 2 | 3 | null): string[] {
  const gaps: string[] = []
  if (brief.actions.length === 0) gaps.push('name the next action')
  if (tier !== 3 && brief.contingencies.length === 0 && brief.noContingencyBecause === '')
    gaps.push('add an if-then, or say why there is none')
  return gaps
}
