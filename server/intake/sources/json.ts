/** Bodies nested deeper than this are refused before they are parsed. No vendor's format comes near it. */
export const maxDepth = 64
/**
 * Bodies of more values than this are refused before they are parsed: a few bytes each would hold up everybody else for
 * seconds. Unmodified senders, in batches of thousands of alerts or log records, stay below it.
 */
export const maxValues = 300_000

const quote = 0x22
const backslash = 0x5c
const letterU = 0x75
const colon = 0x3a
/** So many digits in a row may be an integer beyond 2^53. */
const longDigits = 16
/** No integer has so many; a plain parse makes infinity of it, at a fraction of the price of keeping every digit. */
const mostDigits = 1000

/** What one look at the bytes tells, before anything is parsed. */
interface Survey {
  /** Brackets outside strings nest deeper than `maxDepth`. */
  tooDeep: boolean
  /** There are more than `maxValues`. */
  tooMany: boolean
  /** Where integers stand, outside strings, that a plain parse may round: the byte each begins at, and the one after it. */
  longIntegers: number[]
  /** Strings hold escapes by number (backslash u): halves of surrogate pairs may be among them. */
  escapes: boolean
}

/** Counts only; whether it is JSON is the parser's business. One pass over the bytes: this runs for every request. */
function survey(body: Uint8Array): Survey {
  const found: Survey = { tooDeep: false, tooMany: false, longIntegers: [], escapes: false }
  let depth = 0
  let values = 0
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] as number
    if (byte === quote) {
      for (i++; i < body.length && body[i] !== quote; i++)
        if (body[i] === backslash && body[++i] === letterU) found.escapes = true
    } else if (byte >= 0x30 && byte <= 0x39) {
      const start = i
      while (isDigit(body[i + 1])) i++
      const digits = i - start + 1
      if (digits >= longDigits && digits <= mostDigits && isInteger(body, start, i + 1))
        found.longIntegers.push(start, i + 1)
    } else if (byte === 0x7b || byte === 0x5b) {
      values++
      if (++depth > maxDepth) {
        found.tooDeep = true
        return found
      }
    } else if (byte === 0x7d || byte === 0x5d) depth--
    else if (byte === 0x2c) values++
    if (values > maxValues) {
      found.tooMany = true
      return found
    }
  }
  return found
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** Digits that are a whole number where a value may stand: no fraction, no exponent, no name. The parser refuses the others. */
function isInteger(body: Uint8Array, start: number, end: number): boolean {
  const before = body[start - 1]
  const after = body[end]
  const isFraction = before === 0x2e || before === 0x2b || before === 0x65 || before === 0x45
  // `1e-12…` is an exponent too.
  const isExponent = before === 0x2d && (body[start - 2] === 0x65 || body[start - 2] === 0x45)
  const goesOn = after === 0x2e || after === 0x65 || after === 0x45
  if (body[start] === 0x30 || isFraction || isExponent || goesOn) return false
  while (isSpace(body[end])) end++
  return body[end] !== colon
}

/**
 * Reads a JSON body of at most `maxDepth` levels and `maxValues` values. Integers beyond 2^53 are kept digit for digit (as
 * raw JSON), where a plain parse would round them. Bytes that are no UTF-8, and halves of surrogate pairs, become U+FFFD, as
 * Go's decoder does: text must read the same after it was stored. A byte order mark is skipped.
 * @returns `reason` in words for the sender, when it cannot be read
 */
export function readJson(body: Uint8Array): { value: unknown } | { reason: string } {
  if (body.length === 0) return { reason: 'the body is empty' }
  const { tooDeep, tooMany, longIntegers, escapes } = survey(body)
  if (tooDeep) return { reason: `the body is nested deeper than ${maxDepth} levels` }
  if (tooMany) return { reason: `the body has more than ${maxValues} values` }
  const marks = longIntegers.length > 0
  let text = marks ? marked(body, longIntegers) : decoded(body, 0, body.length)
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
  try {
    const value: unknown = JSON.parse(text)
    return { value: marks || escapes ? mended(value, marks) : value }
  } catch (error) {
    return { reason: `the body is no JSON: ${withoutBody((error as Error).message)}` }
  }
}

/** V8 quotes the body in its message. The reason is kept in clear, and what senders write may be about people. */
function withoutBody(message: string): string {
  return message.replace(/, (?:\.\.\.)?".*$/s, '')
}

function decoded(body: Uint8Array, start: number, end: number): string {
  return Buffer.from(body.buffer, body.byteOffset + start, end - start).toString('utf8')
}

/** Half of a surrogate pair: decoded bytes never have one, so it tells a long integer from a text of the same digits. */
const mark = '\ud800'

/**
 * The body as text in which long integers are marked texts. A reviver with the source text of each number would say the
 * same, at ten times the price of the parse.
 */
function marked(body: Uint8Array, longIntegers: readonly number[]): string {
  let text = ''
  let at = 0
  for (let i = 0; i < longIntegers.length; i += 2) {
    const end = longIntegers[i + 1] as number
    let start = longIntegers[i] as number
    if (body[start - 1] === 0x2d) start--
    text += `${decoded(body, at, start)}"${mark}${decoded(body, start, end)}"`
    at = end
  }
  return text + decoded(body, at, body.length)
}

// ECMAScript "JSON.parse source text access", in V8 since 11.4; the typings do not have it yet.
const rawJson = JSON as unknown as {
  rawJSON(text: string): object
  isRawJSON(value: unknown): value is { rawJSON: string }
}

/**
 * The same value, changed in its place: marked texts become integers, halves of surrogate pairs U+FFFD. Recursion is safe
 * here: the depth was measured before parsing.
 */
function mended(value: unknown, marks: boolean): unknown {
  if (typeof value === 'string') {
    if (!marks || !value.startsWith(mark) || !/^-?[1-9]\d{15,}$/.test(value.slice(1))) return value.toWellFormed()
    const digits = value.slice(1)
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : rawJson.rawJSON(digits)
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const before: unknown = value[i]
      const after = mended(before, marks)
      if (after !== before) value[i] = after
    }
    return value
  }
  const record = value as Record<string, unknown>
  let isWellNamed = true
  for (const name in record) {
    const before = record[name]
    const after = mended(before, marks)
    if (after !== before) record[name] = after
    if (!name.isWellFormed()) isWellNamed = false
  }
  if (isWellNamed) return record
  return Object.fromEntries(Object.entries(record).map(([name, inner]) => [name.toWellFormed(), inner]))
}

/** At most so many UTF-16 units; never half a character. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}

/** A JSON value as text for a person: strings as they are, everything else as JSON, digits kept. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value) ?? ''
}

/** An integer that was kept digit for digit because a number would round it. */
export function isLongInteger(value: unknown): boolean {
  return rawJson.isRawJSON(value)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !rawJson.isRawJSON(value)
}
