import type { RuleOrigin } from '#shared/filter-room.ts'
import type { Policy } from '#shared/policy.ts'
import type { Silence } from '#shared/silence.ts'
import { policyRulesOf } from './rule-text.ts'

/** A rule that can decide, in its place. */
export interface ListedRule {
  stage: string
  rule: string
  name: string
  origin: RuleOrigin
}

/** So ordinary that only its count is kept: figures come from the ledger. */
export const countedRules = {
  repeated: { stage: 'deduplicate', rule: 'repeat' },
  recorded: { stage: 'parse', rule: 'counted' },
} as const

/** What stages decide by themselves, in the order in which they ask; of `correlate` what stands before and after the policy. */
const before: Readonly<Record<string, readonly string[]>> = {
  redeliver: ['delivered before'],
  parse: ['unreadable', countedRules.recorded.rule, 'change', 'test'],
  amend: ['note', 'no open alert'],
  deduplicate: [countedRules.repeated.rule, 'ended by the sender', 'acknowledged', 'no open alert', 'late'],
  correlate: ['fires again'],
}
const after: Readonly<Record<string, readonly string[]>> = { correlate: ['alone'] }
const names: Readonly<Record<string, string>> = {
  [countedRules.recorded.rule]: 'plain logs and pings',
  [countedRules.repeated.rule]: 'says the same again',
  unreadable: 'could not be read',
  change: 'a change',
  test: 'a test',
  note: 'a note by the sender',
  alone: 'no rule has all its labels',
}

/**
 * Every rule that can decide, in the order of the stages and of the policy; then what is in no policy any more but did
 * something of late. The order does not depend on figures, so that nothing on a screen jumps.
 * @param lately rules of a stage that did something
 */
export function listRules(
  stages: readonly string[],
  policy: Policy,
  silences: readonly Silence[],
  lately: (stage: string) => readonly string[],
): ListedRule[] {
  const list: ListedRule[] = []
  for (const stage of stages) {
    const known = new Set<string>()
    const add = (rule: string, name: string, origin: RuleOrigin) => {
      if (known.has(rule)) return
      known.add(rule)
      list.push({ stage, rule, name, origin })
    }
    for (const rule of before[stage] ?? []) add(rule, names[rule] ?? rule, 'built-in')
    for (const rule of policyRulesOf(policy, stage)) add(rule, rule, 'policy')
    if (stage === 'silence') for (const silence of silences) add(silence.id, silenceName(silence), 'silence')
    for (const rule of after[stage] ?? []) add(rule, names[rule] ?? rule, 'built-in')
    const isHouse = stage === 'silence' || policyStages.has(stage)
    for (const rule of [...lately(stage)].sort())
      add(rule, stage === 'silence' ? 'a silence of before' : rule, isHouse ? 'former' : 'built-in')
  }
  return list
}

const policyStages = new Set(['inhibit', 'damp', 'shed', 'define', 'correlate'])

function silenceName({ createdBy, comment }: Silence): string {
  const by = createdBy === '' ? 'somebody' : createdBy
  return comment === '' ? by : `${by}: ${comment.slice(0, 120)}`
}
