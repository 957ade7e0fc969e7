import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, stringify, type YAMLMap } from 'yaml'
import { z } from 'zod'
import { policySchema } from '#shared/policy.ts'
import type { PolicySection } from '#shared/trial.ts'
import { type RuleKind, ruleKinds } from './rule-kinds.ts'

/**
 * Where the rules of a policy stand in its text, by section, and what to insert for a new one. Lines count from 1.
 * Comments and everything else stay as they are: a new rule is lines between lines.
 * @returns nothing where the text is no YAML
 */
export function outlineOf(text: string): PolicySection[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  if (document.errors.length > 0) return []
  const top = document.contents
  if (top !== null && !isMap(top)) return []
  const place = (node: unknown): { line: number; col: number } => lines.linePos((node as Node).range?.[0] ?? 0)
  const end = text === '' ? 0 : text.replace(/\n+$/, '').split('\n').length

  return ruleKinds.map((kind): PolicySection => {
    const { key, title, meaning } = kind
    const [outer, inner] = key.split('.') as [string, string | undefined]
    const above = top === null ? undefined : pairIn(top, outer)
    const pair = inner === undefined ? above : isMap(above?.value) ? pairIn(above.value, inner) : undefined
    const list = pair?.value
    const rules = isSeq(list)
      ? list.items.flatMap((item) => {
          const name = isMap(item) ? (item.get('name') ?? item.get('id')) : undefined
          return [{ name: typeof name === 'string' ? name : 'without a name', line: place(item).line }]
        })
      : []
    const section = { key, title, meaning, rules, line: pair === undefined ? null : place(pair.key).line }
    const name = freeName(kind, rules)

    const isBlank = list === null || list === undefined || (isScalar(list) && list.value === null)
    if (pair !== undefined && isSeq(list) && !list.flow && list.items.length > 0) {
      const item = itemText(kind, name, place(list).col - 1)
      return { ...section, insert: { after: place(pair.key).line, text: item } }
    }
    if (pair !== undefined && !isBlank) return { ...section, insert: null }
    if (pair !== undefined) {
      const indent = place(pair.key).col + 1
      return { ...section, insert: { after: place(pair.key).line, text: newList(kind, name, indent) } }
    }
    if (inner === undefined || above === undefined) {
      const head = inner === undefined ? `${outer}:\n` : `${outer}:\n  ${inner}:\n`
      const body = newList(kind, name, inner === undefined ? 2 : 4)
      return { ...section, insert: { after: end, text: `${end === 0 ? '' : '\n'}${head}${body}` } }
    }
    if (!isMap(above.value) || above.value.flow || above.value.items.length === 0) return { ...section, insert: null }
    const indent = place(above.value.items[0]?.key).col - 1
    const head = `${' '.repeat(indent)}${inner}:\n`
    return { ...section, insert: { after: place(above.key).line, text: head + newList(kind, name, indent + 2) } }
  })
}

function pairIn(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key)
}

function freeName({ name }: RuleKind, rules: readonly { name: string }[]): string {
  const taken = new Set(rules.map((rule) => rule.name))
  for (let count = 1; ; count++) {
    const wanted = count === 1 ? name : `${name} ${count}`
    if (!taken.has(wanted)) return wanted
  }
}

function itemText({ template }: RuleKind, name: string, indent: number): string {
  return indented(template.replace('NAME', name), indent)
}

/** A list of one's own takes the place of the built-in one where there is one, so that one comes with it. */
function newList(kind: RuleKind, name: string, indent: number): string {
  const item = itemText(kind, name, indent)
  const builtIn = builtInOf(kind.key)
  if (builtIn.length === 0) return item
  const why = '# The built-in ones follow, which a list of your own takes the place of.\n'
  return item + indented(why + stringify(builtIn, { lineWidth: 0 }), indent)
}

function indented(text: string, indent: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(indent))
}

interface Described {
  default?: unknown
  properties?: Record<string, Described>
}

/** Making the schema takes long, and it never changes. */
const defaults: { schema: Described | null } = { schema: null }

function builtInOf(key: string): readonly unknown[] {
  defaults.schema ??= z.toJSONSchema(policySchema, { io: 'input', unrepresentable: 'any' }) as Described
  let at: Described | undefined = defaults.schema
  for (const step of key.split('.')) at = at?.properties?.[step]
  return Array.isArray(at?.default) ? at.default : []
}
