import { isUtf8 } from 'node:buffer'

/** Masks what must not be kept in clear in one text, by the policy's rules. */
export type Mask = (text: string) => string

/** What stands in place of a value whose own name says that it is secret. */
const secretWord = '[secret]'
const secretName =
  /(?:^|[_-])(?:password|passwd|pwd|secret|token|authorization)$|(?:api|access|private|routing|integration)[_-]?key$/i

/**
 * The body of a request with everything masked that the rules find. JSON keeps its layout and its numbers to the letter;
 * a form keeps its fields. Rule EV8: what is no text cannot be masked, and is not kept so.
 * @returns null where it is no text
 */
export function maskRequest(body: Uint8Array, contentType: string, mask: Mask): Uint8Array | null {
  if (!isUtf8(body) || body.includes(0)) return null
  const text = Buffer.from(body).toString('utf8')
  return Buffer.from(
    /^application\/x-www-form-urlencoded\b/i.test(contentType) ? maskForm(text, mask) : maskText(text, mask),
  )
}

function maskText(text: string, mask: Mask): string {
  return isJson(text) ? maskJson(text, mask) : mask(text)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}

/** @param text valid JSON: only its strings are touched */
function maskJson(text: string, mask: Mask): string {
  let name = ''
  return text.replaceAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g, (literal, colon: string | undefined) => {
    const own = colon === undefined ? literal : literal.slice(0, literal.length - colon.length)
    const value = JSON.parse(own) as string
    // JSON in JSON: what CloudWatch puts into a notification.
    const inner = /^\s*[[{]/.test(value) && isJson(value)
    const masked = inner ? maskJson(value, mask) : mask(value)
    const isSecret = colon === undefined && value !== '' && secretName.test(name)
    name = colon === undefined ? name : value
    if (isSecret) return JSON.stringify(secretWord)
    return masked === value ? literal : JSON.stringify(masked) + (colon ?? '')
  })
}

function maskForm(text: string, mask: Mask): string {
  const fields = new URLSearchParams(text)
  const masked = new URLSearchParams()
  for (const [name, value] of fields)
    masked.append(mask(name), value !== '' && secretName.test(name) ? secretWord : maskText(value, mask))
  return masked.toString()
}
