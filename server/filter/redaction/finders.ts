import type { RedactionKind } from '#shared/filters.ts'

/** Gives the text with everything found in it replaced; the very same text when nothing was. Time grows with the text alone. */
export type Finder = (text: string, mask: string) => string

// Each pattern begins only where a run of its own characters begins, or has a bounded length: so no stretch of text is
// read from more than a bounded number of places, whatever a sender writes.
const email =
  /(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?=[A-Za-z0-9-]{1,63}\.)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![A-Za-z0-9-])/g

const secrets: readonly (readonly [RegExp, string])[] = [
  // PEM blocks, cut off or not.
  [/-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g, ''],
  // `Authorization: Bearer …`, as a header, in a curl line, in JSON.
  [
    /((?<![A-Za-z])authorization["']?[ \t]{0,4}[:=][ \t]{0,4}["']?(?:(?:basic|bearer|digest|token|apikey) {1,4})?)(?!(?:basic|bearer|digest|token|apikey)(?: |$))[^\s"',;[]+/gi,
    '$1',
  ],
  [/((?<![A-Za-z])bearer {1,4})(?=[A-Za-z._~+/=-]{0,200}[0-9])[A-Za-z0-9._~+/=-]{12,}/gi, '$1'],
  // Ours, GitHub, GitLab, Slack, Stripe, AWS, Google.
  [/(?<![A-Za-z0-9])(?:ux[st]_|gh[opusr]_|github_pat_|glpat-|xox[abeoprs]-|[rs]k_live_)[A-Za-z0-9_-]{16,}/g, ''],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g, ''],
  [/(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/g, ''],
  // JSON web tokens.
  [/(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]{0,4096})?/g, ''],
  // `https://user:password@host`, `password=…`.
  [/(:\/\/[^\s/:@]{1,64}:)[^\s/@]{1,256}(?=@)/g, '$1'],
  [
    /((?<![A-Za-z])(?:password|passwd|pwd|api[_-]?key|secret|access[_-]?token|client[_-]?secret)["']?[:=]["']?)[^\s"',;&[]{4,}/gi,
    '$1',
  ],
]
/** Nearly every text has none of these, and is done with at one look. */
const secretHint =
  /-----BEGIN|authorization|bearer|ux[st]_|gh[opusr]_|github_pat_|glpat-|xox[abeoprs]-|k_live_|AKIA|ASIA|AIza|eyJ|:\/\/[^\s/:@]{1,64}:|password|passwd|pwd|api[_-]?key|secret|token/i

const cardRun = /(?<![\d.])(?:\d{13,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -])\d{6}\2\d{4,5})(?!\d)/g
const address4 = /(?<![\d.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\d]|\.\d)/g
const address6 = /(?<![\w:.])[0-9a-fA-F:]{2,39}(?:(?:\.\d{1,3}){3})?(?![\w:])/g

/** Where to look for each kind. */
export const finders: Readonly<Record<RedactionKind, Finder>> = {
  email: (text, mask) => (text.includes('@') ? text.replaceAll(email, () => mask) : text),
  secret: (text, mask) => {
    if (!secretHint.test(text)) return text
    let masked = text
    for (const [pattern, kept] of secrets)
      masked = masked.replaceAll(pattern, (_, before: unknown) => (kept === '' ? mask : `${before}${mask}`))
    return masked
  },
  card: (text, mask) => text.replaceAll(cardRun, (found) => (isCard(found.replaceAll(/[ -]/g, '')) ? mask : found)),
  ip: (text, mask) => {
    const masked = text.includes('.') ? text.replaceAll(address4, () => mask) : text
    return masked.includes(':') ? masked.replaceAll(address6, (found) => (isAddress6(found) ? mask : found)) : masked
  },
}

/**
 * A card's number: a length and first digits that are given out, and Luhn's check digit. Instants in milliseconds and
 * nanoseconds begin with 1, so they are none. Source: ISO/IEC 7812-1.
 */
function isCard(digits: string): boolean {
  const { length } = digits
  const given =
    (length === 15 && /^3[47]/.test(digits)) ||
    (length === 14 && /^3[0689]/.test(digits)) ||
    (length === 13 && digits.startsWith('4')) ||
    (length >= 16 && /^(?:[456]|3[05]|2[2-7])/.test(digits))
  if (!given) return false
  let sum = 0
  for (let place = 0; place < length; place++) {
    const digit = digits.charCodeAt(length - 1 - place) - 48
    const doubled = place % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** RFC 4291, 2.2: eight groups, or fewer around one `::`. A time of day such as 10:20:30 is none. */
function isAddress6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1)
  const size = groups.length + (last?.includes('.') ? 1 : 0)
  if (
    !groups.every(
      (group, index) => /^[0-9a-fA-F]{1,4}$/.test(group) || (index === groups.length - 1 && group.includes('.')),
    )
  )
    return false
  return halves.length === 2 ? size < 8 && groups.length > 0 : size === 8
}
