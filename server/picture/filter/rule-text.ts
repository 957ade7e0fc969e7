import { isMap, isScalar, LineCounter, parseDocument, stringify } from 'yaml'
import { type CompiledMatcher, formatMatcher } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'

/** The lists of a policy whose members decide, by the stage that reads them; in the order in which they are asked. */
const lists = {
  silence: [['filters', 'maintenance']],
  inhibit: [['inhibit_rules'], ['filters', 'inhibit']],
  damp: [['filters', 'damp']],
  shed: [['filters', 'shed']],
  define: [['definitions']],
  correlate: [['correlate']],
} as const satisfies Record<string, readonly (readonly string[])[]>

/** Names of the rules of a stage, in the order of the policy. */
export function policyRulesOf(policy: Policy, stage: string): string[] {
  switch (stage) {
    case 'silence':
      return policy.filters.maintenance.map(({ name }) => name)
    case 'inhibit':
      return [...policy.inhibit_rules, ...policy.filters.inhibit].map(({ name }) => name)
    case 'damp':
      return policy.filters.damp.map(({ name }) => name)
    case 'shed':
      return policy.filters.shed.map(({ name }) => name)
    case 'define':
      return policy.definitions.map(({ name }) => name)
    case 'correlate':
      return policy.correlate.map(({ name }) => name)
    default:
      return []
  }
}

/**
 * A rule as it stands in the text of its policy, and the line where; where the text leaves it to what is built in, as it would
 * be written.
 * @param text of the file that `policy` was read from
 * @returns null when the policy has no such rule
 */
export function ruleText(
  policy: Policy,
  text: string,
  stage: string,
  name: string,
): { text: string; line: number | null } | null {
  for (const path of lists[stage as keyof typeof lists] ?? []) {
    const members = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], policy) as {
      name: string
    }[]
    const place = members.findIndex((rule) => rule.name === name)
    if (place === -1) continue
    return written(text, [...path, place]) ?? { text: spelled(members[place] ?? {}), line: null }
  }
  return null
}

function written(text: string, path: readonly (string | number)[]): { text: string; line: number } | null {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: true })
  const node = document.getIn(path, true)
  if (!isMap(node) || node.range == null) return null
  const [from, to] = node.range
  const { line, col } = lines.linePos(from)
  const [first = '', ...rest] = text.slice(from, to).trimEnd().split('\n')
  const indent = col - 1
  // A member stands behind its dash: what follows is indented by as much.
  return {
    text: [first, ...rest.map((row) => (row.slice(0, indent).trim() === '' ? row.slice(indent) : row))].join('\n'),
    line,
  }
}

const durations = new Set(['window', 'cap', 'within', 'half_life', 'longest'])
const units: readonly [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
]

function spelled(rule: object): string {
  const document = parseDocument(stringify(plain(rule)), {})
  // Matchers read better in single quotes, as people write them.
  const dress = (node: unknown): void => {
    if (isScalar(node) && typeof node.value === 'string' && node.value.includes('"')) node.type = 'QUOTE_SINGLE'
    else if (typeof node === 'object' && node !== null && 'items' in node)
      for (const item of node.items as unknown[]) dress(item)
    else if (typeof node === 'object' && node !== null && 'value' in node) dress(node.value)
  }
  dress(document.contents)
  return document.toString({ lineWidth: 0 }).trimEnd()
}

function plain(value: unknown, field = ''): unknown {
  if (typeof value === 'number' && durations.has(field)) return durationText(value)
  if (Array.isArray(value)) return value.map((item) => plain(item))
  if (typeof value !== 'object' || value === null) return value
  if ('op' in value && 'test' in value) return formatMatcher(value as CompiledMatcher)
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, member]) =>
          member !== undefined &&
          key !== 'present' &&
          (key !== 'hops' || 'along' in value) &&
          !(Array.isArray(member) && member.length === 0),
      )
      .map(([key, member]) => [key, plain(member, key)]),
  )
}

function durationText(ms: number): string {
  const [unit, length] = units.find(([, length]) => ms >= length && ms % length === 0) ?? ['ms', 1]
  return `${ms / length}${unit}`
}
