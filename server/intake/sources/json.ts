/** Bodies nested deeper than this are refused before they are parsed. No vendor's format comes near it. */
export const maxDepth = 64

const quote = 0x22
const backslash = 0x5c
const letterU = 0x75
/** So many digits in a row may be an integer beyond 2^53. */
const longDigits = 16

/** What one look at the bytes tells, before anything is parsed. */
interface Survey {
  /** Brackets outside strings nest deeper than `maxDepth`. */
  tooDeep: boolean
  /** Outside strings there may be an integer that a plain parse would round. */
  longNumbers: boolean
  /** Strings hold escapes by number (backslash u): halves of surrogate pairs may be among them. */
  escapes: boolean
}

/** Counts only; whether it is JSON is the parser's business. One pass over the bytes: this runs for every request. */
function survey(body: Uint8Array): Survey {
  const found: Survey = { tooDeep: false, longNumbers: false, escapes: false }
  let depth = 0
  let digits = 0
  for (let i = 0; i < body.length; i++) {
    const byte = body[i] as number
    if (byte === quote) {
      for (i++; i < body.length && body[i] !== quote; i++)
        if (body[i] === backslash && body[++i] === letterU) found.escapes = true
    } else if (byte >= 0x30 && byte <= 0x39) {
      if (++digits >= longDigits) found.longNumbers = true
      continue
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) {
        found.tooDeep = true
        return found
      }
    } else if (byte === 0x7d || byte === 0x5d) depth--
    digits = 0
  }
  return found
}

/**
 * Reads a JSON body of at most `maxDepth` levels. Integers beyond 2^53 are kept digit for digit (as raw JSON), where a
 * plain parse would round them. Bytes that are no UTF-8, and halves of surrogate pairs, become U+FFFD, as Go's decoder
 * does: text must read the same after it was stored. A byte order mark is skipped.
 * @returns `reason` in words for the sender, when it cannot be read
 */
export function readJson(body: Uint8Array): { value: unknown } | { reason: string } {
  if (body.length === 0) return { reason: 'the body is empty' }
  const { tooDeep, longNumbers, escapes } = survey(body)
  if (tooDeep) return { reason: `the body is nested deeper than ${maxDepth} levels` }
  let text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
  try {
    const value: unknown = longNumbers ? JSON.parse(text, keepDigits) : JSON.parse(text)
    return { value: escapes ? wellFormed(value) : value }
  } catch (error) {
    return { reason: `the body is no JSON: ${withoutBody((error as Error).message)}` }
  }
}

/** V8 quotes the body in its message. The reason is kept in clear, and what senders write may be about people. */
function withoutBody(message: string): string {
  return message.replace(/, (?:\.\.\.)?".*$/s, '')
}

// ECMAScript "JSON.parse source text access", in V8 since 11.4; the typings do not have it yet.
const rawJson = JSON as unknown as {
  rawJSON(text: string): object
  isRawJSON(value: unknown): value is { rawJSON: string }
}

function keepDigits(this: unknown, _key: string, value: unknown, context?: { source: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value) || context === undefined) return value
  return /^-?\d+$/.test(context.source) ? rawJson.rawJSON(context.source) : value
}

/** Recursion is safe here: the depth was measured before parsing. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name.toWellFormed(), wellFormed(inner)]))
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
