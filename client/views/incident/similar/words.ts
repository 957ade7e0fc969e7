import type { SimilarView, TraitKind } from '#shared/similar.ts'
import { ageWords } from '../../../state/time-words.ts'

const most = 3

/** Why they are alike: `same alert “HighLatency”; same service checkout; words: orders, hang` */
export function whyWords(why: SimilarView['why']): string {
  return why.flatMap(({ kind, values }) => (values.length === 0 ? [] : [reason(kind, values)])).join('; ')
}

function reason(kind: TraitKind, values: readonly string[]): string {
  const some = values.slice(0, most)
  switch (kind) {
    case 'alert':
      return `same ${some.length === 1 ? 'alert' : 'alerts'} ${some.map((name) => `“${name}”`).join(', ')}`
    case 'service':
      return `same service ${some.join(', ')}`
    case 'team':
      return `same team ${some.join(', ')}`
    case 'label':
      return `same ${some.join(', ')}`
    case 'word':
      return `title says ${some.map((word) => `“${word}”`).join(', ')}`
  }
}

/** How it ended: `Tier 2, resolved after 1 h 12 min by Ana, 2 hand-overs` */
export function endWords({ tier, phase, lastedMs, owner, handovers }: SimilarView): string {
  const by = owner === null ? '' : ` by ${owner.name}`
  const how =
    phase === 'dismissed'
      ? `dismissed as no incident after ${ageWords(lastedMs)}`
      : `resolved after ${ageWords(lastedMs)}${by}`
  const hands = handovers === 0 ? [] : [handovers === 1 ? '1 hand-over' : `${handovers} hand-overs`]
  return [tier === null ? 'never classified' : `Tier ${tier}`, how, ...hands].join(', ')
}
