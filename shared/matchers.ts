import { RE2JS } from 're2js'
import type { Labels } from './event.ts'
import { neededText, readPlainPattern } from './patterns.ts'

/** One condition on a label, in Alertmanager's syntax. An absent label counts as the empty string, as there. */
export interface Matcher {
  name: string
  op: '=' | '!=' | '=~' | '!~'
  value: string
}
/** A matcher made ready to run. */
export interface CompiledMatcher extends Matcher {
  test(value: string): boolean
}

// A bare value begins and ends with something other than a space: were it free to, hostile runs of spaces would be tried
// in every division among their neighbours.
const shape =
  /^\s*([a-zA-Z_][a-zA-Z0-9_.\-/]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"{},\s](?:[^"{},]*[^"{},\s])?)?)\s*$/

/**
 * Reads `name="value"`, `!=`, `=~`, `!~`; quotes may be left out. Regular expressions are anchored, as in Alertmanager.
 * Source: prometheus/alertmanager docs, "Matcher". Rule RX1: they are RE2, as there, whose time grows with the text and never
 * with the pattern's cunning: whoever may silence must not be able to stop the filter room.
 * @throws SyntaxError that says what is wrong
 */
export function parseMatcher(text: string): CompiledMatcher {
  const found = shape.exec(text)
  if (!found)
    throw new SyntaxError(`"${text}" is no matcher; write for example service="checkout" or severity=~"critical|high"`)
  const [, name = '', op = '=', quoted, bare] = found
  const value = quoted === undefined ? (bare ?? '') : unquote(quoted)
  return compileMatcher({ name, op: op as Matcher['op'], value })
}

/** @throws SyntaxError for an invalid regular expression */
export function compileMatcher(matcher: Matcher): CompiledMatcher {
  const { op, value } = matcher
  if (op === '=') return { ...matcher, test: (given) => given === value }
  if (op === '!=') return { ...matcher, test: (given) => given !== value }
  let pattern: RE2JS
  try {
    pattern = RE2JS.compile(value, RE2JS.DOTALL)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new SyntaxError(`"${value}" is no regular expression: ${error.message.replace('error parsing regexp: ', '')}`)
  }
  const matches = readPlainPattern(value)?.test ?? byMachine(pattern, neededText(value))
  return { ...matcher, test: op === '=~' ? matches : (given) => !matches(given) }
}

/** @param needed what no text matches without */
function byMachine(pattern: RE2JS, needed: string | null): (text: string) => boolean {
  const matches = remembering((text) => pattern.matches(text))
  return needed === null ? matches : (text) => text.includes(needed) && matches(text)
}

const remembered = { texts: 128, characters: 32_768, pausedFor: 1000 } as const

/**
 * The same test, which is not made again for texts that it was made for lately: labels of many alerts have few values. Where
 * they have many, it does not try for a while.
 */
function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const known = new Map<string, boolean>()
  let characters = 0
  let found = 0
  let paused = 0
  return (text) => {
    if (paused > 0) {
      paused--
      return test(text)
    }
    const before = known.get(text)
    if (before !== undefined) {
      found++
      return before
    }
    const now = test(text)
    if (known.size >= remembered.texts || characters + text.length > remembered.characters) {
      if (found < known.size) paused = remembered.pausedFor
      known.clear()
      characters = 0
      found = 0
    }
    characters += text.length
    known.set(text, now)
    return now
  }
}

/** All the values that a matcher accepts, where it names them: `=` one, `=~"critical|high"` two. Null where it does not. */
export function acceptedValues({ op, value }: Matcher): readonly string[] | null {
  if (op === '=') return [value]
  return op === '=~' ? (readPlainPattern(value)?.literals ?? null) : null
}

/** A label's value; the empty string when it is absent. Names such as `constructor` are no labels unless they are there. */
export function labelOf(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : ''
}

/** True when every matcher accepts the label set. No matchers match everything. */
export function matchesAll(matchers: readonly CompiledMatcher[], labels: Labels): boolean {
  for (const matcher of matchers) if (!matcher.test(labelOf(labels, matcher.name))) return false
  return true
}

/** Writes a matcher so that `parseMatcher` reads it back. */
export function formatMatcher({ name, op, value }: Matcher): string {
  return `${name}${op}"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

function unquote(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, char: string) =>
    char === 'n' ? '\n' : char === '"' || char === '\\' ? char : `\\${char}`,
  )
}
