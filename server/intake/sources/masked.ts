import { isRecord, readJson } from './json.ts'
import { wordOf } from './keyed.ts'

/** Beyond this, two texts that begin alike are the same message. */
const comparedLength = 400

/**
 * What a line of a log says apart from what it says it about: numbers, hexadecimal names, addresses and quoted names are
 * masked, so that the same message about another thing is the same condition.
 */
export function masked(text: string): string {
  return text
    .slice(0, comparedLength)
    .replace(/(["'`])[^"'`\s]{1,200}\1/g, '$1…$1')
    .replace(/\b0x[0-9a-f]+\b/gi, '#')
    .replace(/\b(?=[a-f:-]{0,20}\d)[0-9a-f]{2,}(?:[:-]{1,2}[0-9a-f]{2,}){2,}\b/gi, '#')
    .replace(/\b(?=[a-f]{0,20}\d)[0-9a-f]{6,}\b/gi, '#')
    .replace(/\d+(?:[.,:]\d+)*/g, '#')
    .toWellFormed()
}

/** The words of a message that is a JSON object, as programs log it; the message itself where it is none. */
export function wordsIn(text: string): string {
  if (!text.startsWith('{') || !text.endsWith('}')) return text
  const json = readJson(Buffer.from(text))
  if (!('value' in json) || !isRecord(json.value)) return text
  const { message, msg, event, error } = json.value
  return wordOf(message) ?? wordOf(msg) ?? wordOf(event) ?? wordOf(error) ?? text
}
