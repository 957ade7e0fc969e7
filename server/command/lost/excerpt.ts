import { isUtf8 } from 'node:buffer'
import { wholeRequest } from './members.ts'

/** Larger requests are shown from their beginning only. */
const mostBytes = 4 * 1024 * 1024

/**
 * One member of a JSON request, as it stands there, to the letter: numbers too large for JavaScript are not touched. Looked
 * for where the senders of batches put their members: in the array that the body is, or in the first of its fields that
 * holds an array so long.
 * @param members as `writeMembers` names them; the first is looked for
 * @returns null where it cannot be told apart
 */
export function memberText(body: Uint8Array, members: string): string | null {
  const first = /^\d+/.exec(members)?.[0]
  if (members === wholeRequest || first === undefined || body.length > mostBytes || !isUtf8(body)) return null
  const text = new TextDecoder().decode(body)
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  const start = afterSpace(text, 0)
  const wanted = Number(first)
  if (text[start] === '[') return elementAt(text, start, wanted)
  if (text[start] !== '{') return null
  for (let at = afterSpace(text, start + 1); text[at] === '"'; ) {
    const value = afterSpace(text, afterSpace(text, endOf(text, at)) + 1)
    const found = text[value] === '[' ? elementAt(text, value, wanted) : null
    if (found !== null) return found
    at = afterSpace(text, endOf(text, value))
    if (text[at] === ',') at = afterSpace(text, at + 1)
  }
  return null
}

/** @param start of an array in valid JSON */
function elementAt(text: string, start: number, wanted: number): string | null {
  let at = afterSpace(text, start + 1)
  for (let index = 0; text[at] !== ']'; index++) {
    const end = endOf(text, at)
    if (index === wanted) return text.slice(at, end)
    at = afterSpace(text, end)
    if (text[at] === ',') at = afterSpace(text, at + 1)
  }
  return null
}

function afterSpace(text: string, at: number): number {
  let next = at
  while (next < text.length && ' \n\r\t'.includes(text[next] as string)) next++
  return next
}

/** Where the value ends that begins at `at`, in valid JSON. */
function endOf(text: string, at: number): number {
  let depth = 0
  for (let next = at; next < text.length; next++) {
    const character = text[next]
    if (character === '"') {
      next = endOfString(text, next)
      if (depth === 0) return next + 1
    } else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') {
      // The end of what a number or a word stands in.
      if (depth === 0) return next
      depth--
      if (depth === 0) return next + 1
    } else if (depth === 0 && (character === ',' || ' \n\r\t'.includes(character as string))) return next
  }
  return text.length
}

/** @returns the place of the closing quote */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
  }
  return text.length
}
