import { type CompiledMatcher, compileMatcher, type Matcher } from '../matchers.ts'

/**
 * Reads one matcher as Alertmanager's API does: by the old rule (names of letters, digits, `_` and `:`; any value, quoted or
 * not) and, where that fails, by today's (names of any characters, quoted where they need it). Where both read it, the
 * old one counts. Source: prometheus/alertmanager matcher/compat (fallback mode).
 * @throws SyntaxError in Alertmanager's words
 */
export function readMatcher(text: string): CompiledMatcher {
  if (text.startsWith('{') || text.endsWith('}')) throw new SyntaxError(`unexpected open or close brace: ${text}`)
  const old = byOldRule(text)
  if (typeof old !== 'string') return compileMatcher(old)
  const read = byNewRule(text)
  if (read === null || read.length !== 1) throw new SyntaxError(old)
  return compileMatcher(read[0] as Matcher)
}

/**
 * Reads a list of matchers as it stands in one text, in braces or not: `{service="checkout", severity=~"critical|high"}`.
 * @throws SyntaxError in Alertmanager's words
 */
export function readMatchers(text: string): CompiledMatcher[] {
  const read: Matcher[] = []
  let fault: string | null = null
  for (const part of partsOf(text)) {
    const matcher = byOldRule(part)
    if (typeof matcher === 'string') fault ??= matcher
    else read.push(matcher)
  }
  const found = fault === null ? read : byNewRule(text)
  if (found === null) throw new SyntaxError(fault ?? `bad matcher format: ${text}`)
  return found.map(compileMatcher)
}

const oldShape = /[\t\n\f\r ]*([a-zA-Z_:][a-zA-Z0-9_:]*)[\t\n\f\r ]*(=~|!=|!~|=)/y

/** @returns the matcher, or why it is none */
function byOldRule(text: string): Matcher | string {
  oldShape.lastIndex = 0
  const [head, name = '', op = '='] = oldShape.exec(text) ?? []
  if (head === undefined) return `bad matcher format: ${text}`
  const raw = trim(text.slice(head.length))
  const quoted = raw.startsWith('"')
  const unescapedQuote = `matcher value contains unescaped double quote: ${raw}`
  let value = ''
  for (let at = quoted ? 1 : 0; at < raw.length; at++) {
    const char = raw[at] as string
    const isLast = at === raw.length - 1
    if (char === '\\' && !isLast) {
      const next = raw[++at] as string
      value += next === 'n' ? '\n' : next === '"' || next === '\\' ? next : `\\${next}`
      if (at === raw.length - 1 && quoted) return unescapedQuote
    } else if (char === '"') {
      if (!quoted || !isLast) return unescapedQuote
      return { name, op: op as Matcher['op'], value }
    } else value += char
  }
  return quoted ? unescapedQuote : { name, op: op as Matcher['op'], value }
}

/** The parts between commas that are not in quotes, without the braces around all of them. */
function partsOf(text: string): string[] {
  const inner = text.slice(text.startsWith('{') ? 1 : 0, text.endsWith('}') ? -1 : undefined)
  const parts: string[] = []
  let from = 0
  let inQuotes = false
  for (let at = 0; at < inner.length; at++) {
    const char = inner[at]
    if (char === '\\') at++
    else if (char === '"') inQuotes = !inQuotes
    else if (char === ',' && !inQuotes) {
      parts.push(inner.slice(from, at))
      from = at + 1
    }
  }
  const last = inner.slice(from)
  return trim(last) === '' ? parts : [...parts, last]
}

const tokenShape = /\s*(?:([{},])|(=~|!=|!~|=)|("(?:[^"\\]|\\[\s\S])*")|([^\s{}!=~,\\"'`]+))/y

/** @returns null for what is no list of matchers */
function byNewRule(text: string): Matcher[] | null {
  const tokens: { mark?: string; op?: string; word?: string }[] = []
  let end = text.length
  while (end > 0 && /\s/.test(text[end - 1] as string)) end--
  for (tokenShape.lastIndex = 0; tokenShape.lastIndex < end; ) {
    const [whole, mark, op, quoted, bare] = tokenShape.exec(text) ?? []
    if (whole === undefined) return null
    const word = quoted === undefined ? bare : unquote(quoted)
    if (word === null) return null
    tokens.push(mark !== undefined ? { mark } : op !== undefined ? { op } : { word: word ?? '' })
  }
  const opened = tokens[0]?.mark === '{'
  if (opened !== (tokens.at(-1)?.mark === '}')) return null
  const inner = opened ? tokens.slice(1, -1) : tokens
  const found: Matcher[] = []
  for (let at = 0; at < inner.length; at += 4) {
    const [name, op, value, comma] = inner.slice(at, at + 4)
    if (name?.word === undefined || op?.op === undefined || value?.word === undefined) return null
    if (comma !== undefined && comma.mark !== ',') return null
    found.push({ name: name.word, op: op.op as Matcher['op'], value: value.word })
  }
  return found
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  ...{ '\\': '\\', '"': '"' },
}

/** Go's string literal in double quotes; null for one that Go refuses. Bytes above ASCII by number are not read. */
function unquote(literal: string): string | null {
  let value = ''
  for (let at = 1; at < literal.length - 1; at++) {
    const char = literal[at] as string
    if (char === '\n') return null
    if (char !== '\\') {
      value += char
      continue
    }
    const kind = literal[++at] as string
    const [digits, base] = numbered(literal, at, kind)
    if (digits === '') {
      const plain = escapes[kind]
      if (plain === undefined) return null
      value += plain
      continue
    }
    const code = Number.parseInt(digits, base)
    const isBytes = kind !== 'u' && kind !== 'U'
    if (code > (isBytes ? 0x7f : 0x10ffff) || (code >= 0xd800 && code < 0xe000)) return null
    value += String.fromCodePoint(code)
    at += isBytes && kind !== 'x' ? 2 : digits.length
  }
  return value
}

function numbered(literal: string, at: number, kind: string): [digits: string, base: number] {
  const length = { x: 2, u: 4, U: 8 }[kind]
  if (length === undefined) return [/^[0-7]{3}$/.test(literal.slice(at, at + 3)) ? literal.slice(at, at + 3) : '', 8]
  const digits = literal.slice(at + 1, at + 1 + length)
  return [new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits) ? digits : '', 16]
}

/** Without the space around it that Go's `\s` means. No pattern: hostile runs of spaces would be tried in every division. */
function trim(text: string): string {
  const isSpace = (at: number) => '\t\n\f\r '.includes(text[at] as string)
  let from = 0
  let to = text.length
  while (from < to && isSpace(from)) from++
  while (to > from && isSpace(to - 1)) to--
  return text.slice(from, to)
}
