import { z } from 'zod'
import { briefSchema } from '../incident/brief.ts'
import type { FactView } from '../wire.ts'
import { readBrief } from './differences.ts'

const instant = z.iso.datetime({ precision: 3 })
const person = z.strictObject({ id: z.string(), name: z.string() })

/** A brief that was kept: as it was written, or as it went with an offer, and who took it over with it. */
export const keptBriefSchema = z.strictObject({
  seq: z.number().describe('The fact that it was kept by'),
  at: instant,
  by: person,
  brief: briefSchema,
  how: z.enum(['revised', 'offered']),
  to: person.nullable().describe('Whom it was offered to: a person, or a team by `team:<id>`'),
  offer: z.number().nullable().describe('Revision of the offer that it was part of'),
  accepted: z
    .strictObject({
      by: person,
      at: instant,
      readBack: z.string(),
      hop: z.number().describe('Its place in the chain, from 0'),
    })
    .nullable(),
})
export type KeptBrief = z.output<typeof keptBriefSchema>

const began = new Set(['declared', 'claimed', 'accepted', 'taken-over', 'released', 'reopened', 'unmerged'])

/**
 * Every brief of an incident, oldest first, from its facts. An offer that is issued again with a revised brief is that brief,
 * offered; one that is issued again for another reason keeps the brief it had.
 */
export function keptBriefs(facts: readonly FactView[]): KeptBrief[] {
  const kept: KeptBrief[] = []
  let hops = -1
  /** The brief that is on offer, by its place in `kept`. */
  let open: number | null = null
  let to: KeptBrief['to'] = null
  for (const fact of facts) {
    if (began.has(fact.type)) hops++
    const { seq, at, by } = fact
    switch (fact.type) {
      case 'brief-revised':
        kept.push({ seq, at, by, brief: readBrief(fact.brief as { situation: string }), how: 'revised', ...none })
        break
      case 'offered':
        to = refOf(fact.to)
        open =
          kept.push({
            ...{ seq, at, by, brief: readBrief(fact.brief as { situation: string }), how: 'offered', to },
            ...{ offer: numberOf(fact.revision), accepted: null },
          }) - 1
        break
      case 'offer-reissued': {
        const brief = readBrief(fact.brief as { situation: string })
        const last = kept.at(-1)
        const offer = numberOf(fact.revision)
        if (last?.how === 'revised' && JSON.stringify(last.brief) === JSON.stringify(brief)) {
          kept[kept.length - 1] = { ...last, how: 'offered', to, offer }
          open = kept.length - 1
        } else if (open !== null && kept[open] !== undefined) kept[open] = { ...(kept[open] as KeptBrief), offer }
        break
      }
      case 'accepted': {
        const one = open === null ? undefined : kept[open]
        if (one !== undefined && open !== null)
          kept[open] = { ...one, accepted: { by, at, readBack: String(fact.readBack ?? ''), hop: hops } }
        open = null
        break
      }
      case 'offer-withdrawn':
      case 'offer-expired':
        open = null
        break
      case 'offer-declined':
        if (fact.closed === true) open = null
    }
  }
  return kept
}

const none = { to: null, offer: null, accepted: null }
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)
function refOf(value: unknown): KeptBrief['to'] {
  const parsed = person.safeParse(value)
  return parsed.success ? parsed.data : null
}
