import type { Labels } from '#shared/event.ts'
import { labelMention } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import { byLabels, FirstMatch } from '../lookup/first-match.ts'
import type { Case, Stage } from '../stage.ts'

type Definition = Policy['definitions'][number]

/** Made once for each policy. */
const indexes = new WeakMap<readonly Definition[], FirstMatch<Definition>>()

/** The definition that decides about these labels, as `describe` fills them in. */
export function definitionOf(definitions: readonly Definition[], labels: Labels): Definition | undefined {
  return indexOf(definitions).find(labels)
}

function indexOf(definitions: readonly Definition[]): FirstMatch<Definition> {
  let index = indexes.get(definitions)
  if (index === undefined) {
    index = new FirstMatch(definitions, ({ match }) => match, byLabels)
    indexes.set(definitions, index)
  }
  return index
}

/**
 * What is an incident: the first definition that matches decides. Nothing that matches none is hidden: a person
 * decides about it (triage).
 */
export const define: Stage = {
  name: 'define',
  judge(at, state) {
    const found = definitionOf(state.policy.definitions, at.labels)
    at.definition =
      found === undefined
        ? { name: 'no definition', tier: null, reason: 'no definition matched, so a person decides' }
        : { name: found.name, tier: found.as, reason: `definition '${found.name}' matched ${matched(found, at)}` }
    if (found?.as !== 'record') return null
    if (at.tracked?.alert.endsWithIncident) state.endNow(at.tracked, at.entry.at)
    return { outcome: 'recorded', rule: found.name, reason: `${at.definition.reason}: recorded, no incident` }
  },
}

/** What the definition looked at. `severity` is one of ours, so its value says nothing about anybody. */
function matched(definition: Definition, at: Case): string {
  return definition.match
    .map(({ name }) => (name === 'severity' ? `severity="${at.severity}"` : labelMention(name)))
    .join(', ')
}
