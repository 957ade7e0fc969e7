import { readInstant } from '../event.ts'
import { type Condition, type Expression, kinds, type Mapping, type Pointer, statuses } from './language.ts'

/** A member as our own simple shape says it. Null = nothing was said. */
export interface MappedMember {
  kind: (typeof kinds)[number]
  status: (typeof statuses)[number]
  title: string
  /** One of ours where the map says so, else the sender's word. */
  severity: string | null
  /** The sender's own word, before the map. */
  severityRaw: string | null
  key: string | null
  service: string | null
  environment: string | null
  description: string | null
  group: string | null
  /** Epoch ms. */
  startsAt: number | null
  endsAt: number | null
  expiresAt: number | null
  labels: Readonly<Record<string, string>>
  links: readonly { href: string; text: string }[]
}

/** Members as they stood in the body, and how many there were: beyond the limit they are not read. */
export interface MappedBody {
  members: readonly Mapped[]
  total: number
}

/** One member after mapping: read, unreadable with the reason, or nothing that is to be kept. */
export type Mapped = { member: MappedMember } | { reason: string } | { ignored: true }

/** So many members of one request are read. */
const mostMembers = 10_000
/** So much of a value is looked at by a condition: its expression may be a slow one, and senders may write anything. */
const conditionLength = 1000
/** So many labels are taken by the name `*`, and so much of each value. */
const spreadLabels = 60
const labelLength = 1000

/**
 * Rule M1: reads a body by a mapping. Pure: the same mapping, body and time always give the same. A member that cannot be
 * read takes none with it, and a reason names places, never what stands there: it is kept in clear.
 * @param body a JSON value
 * @param receivedAt epoch ms
 * @returns the members as they stood in the body; or why there are none
 */
export function applyMapping(mapping: Mapping, body: unknown, receivedAt: number): MappedBody | { reason: string } {
  const found = mapping.members === undefined ? body : walk(body, mapping.members.steps)
  if (typeof found !== 'object' || found === null)
    return {
      reason: `the mapping finds no events ${mapping.members === undefined ? 'in the body' : `at ${mapping.members.text}`}`,
    }
  const members: readonly unknown[] = Array.isArray(found) ? found : [found]
  const common: Place['common'] = new Map()
  const read = members.slice(0, mostMembers).map((member) => readMember(mapping, { member, body, common }, receivedAt))
  return { members: read, total: members.length }
}

interface Place {
  member: unknown
  body: unknown
  /** What was found from the top of the body: the same for all members, and perhaps as large as all of them. */
  common: Map<Pointer, string | null>
}

function readMember(mapping: Mapping, at: Place, receivedAt: number): Mapped {
  const holds = ({ pointer, matcher }: Condition) => matcher.test((wordAt(pointer, at) ?? '').slice(0, conditionLength))
  if (mapping.ignore.some(holds)) return { ignored: true }
  const foreign = mapping.when.find((each) => !holds(each))
  if (foreign !== undefined) return { reason: `what stands at ${foreign.pointer.text} is not what the mapping is for` }
  const { fields } = mapping
  const say = (name: keyof typeof fields) => (fields[name] === undefined ? null : evaluate(fields[name], at))
  const title = say('title')
  if (title === null) return { reason: `no title: nothing at ${placesOf(fields.title)}` }
  const status = worded(fields.status, statuses, 'firing', at)
  if (status === null) return { reason: unworded('status', fields.status) }
  const kind = worded(fields.kind, kinds, 'alert', at)
  if (kind === null) return { reason: unworded('kind', fields.kind) }
  const severityRaw = fields.severity === undefined ? null : found(fields.severity, at)
  const ended = status === 'resolved'
  return {
    member: {
      kind,
      status,
      title,
      severity: say('severity') ?? severityRaw,
      severityRaw,
      key: say('key'),
      service: say('service'),
      environment: say('environment'),
      description: say('description'),
      group: say('group'),
      startsAt: momentOf(say('startsAt')),
      endsAt: ended ? momentOf(say('endsAt')) : null,
      expiresAt: ended || mapping.expires_after === undefined ? null : receivedAt + mapping.expires_after,
      labels: labelsOf(mapping, at),
      links: mapping.links.flatMap((link) => {
        const { href, text } = 'href' in link ? link : { href: link, text: undefined }
        const address = evaluate(href, at)
        return address === null ? [] : [{ href: address, text: (text && evaluate(text, at)) ?? 'Link' }]
      }),
    },
  }
}

/** The value at a pointer's end; undefined where there is none. Only own members are walked. */
function walk(from: unknown, steps: readonly string[]): unknown {
  let at = from
  for (const step of steps) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
    if (Array.isArray(at) && !/^(?:0|[1-9]\d{0,9})$/.test(step)) return undefined
    at = (at as Record<string, unknown>)[step]
  }
  return at
}

/** As a text: what is no text, number or truth value as JSON; null for what is absent, null or empty. */
function wordOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function wordAt(pointer: Pointer, { member, body, common }: Place): string | null {
  const { from, steps } = pointer
  if (from === 'member') return wordOf(walk(member, steps))
  let word = common.get(pointer)
  if (word === undefined) {
    word = wordOf(walk(body, steps))
    common.set(pointer, word)
  }
  return word
}

/** What stands where the expression looks, before its map. */
function found({ pointers, text }: Expression, at: Place): string | null {
  for (const each of pointers) {
    const word = wordAt(each, at)
    if (word !== null) return word
  }
  if (text.length === 0) return null
  const words = text.map((part) => (typeof part === 'string' ? part : wordAt(part, at)))
  // A text is nothing where none of its pointers finds anything.
  const isNothing =
    text.some((part) => typeof part !== 'string') &&
    text.every((part, i) => typeof part === 'string' || words[i] === null)
  return isNothing ? null : words.join('')
}

function evaluate(expression: Expression, at: Place): string | null {
  const { map, fallback } = expression
  const word = found(expression, at)
  if (word === null || map === null) return word ?? fallback
  if (Object.hasOwn(map, word)) return map[word] ?? fallback
  return Object.hasOwn(map, '*') ? (map['*'] ?? fallback) : fallback
}

/** One of the words; null where the expression comes to none of them. */
function worded<W extends string>(
  expression: Expression | undefined,
  words: readonly W[],
  without: W,
  at: Place,
): W | null {
  if (expression === undefined) return without
  const word = evaluate(expression, at)
  return words.find((each) => each === word) ?? null
}

function unworded(field: string, expression: Expression | undefined): string {
  const places = expression === undefined ? '' : placesOf(expression)
  return `no ${field}: what stands at ${places} is not in its map; add it, or "*" for any other`
}

function placesOf({ pointers, text }: Expression): string {
  return [...pointers, ...text.filter((part) => typeof part !== 'string')].map((each) => each.text).join(', ')
}

function labelsOf({ labels }: Mapping, at: Place): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [name, each] of Object.entries(labels)) {
    if (name !== '*') {
      const word = evaluate(each, at)
      if (word !== null) kept[name] = word.slice(0, labelLength).toWellFormed()
      continue
    }
    const [place] = each.pointers
    const all = place === undefined ? undefined : walk(at[place.from], place.steps)
    if (typeof all !== 'object' || all === null || Array.isArray(all)) continue
    const plain = Object.entries(all).filter(
      ([inner, value]) => typeof value !== 'object' && inner !== '' && inner !== '__proto__' && inner.length <= 200,
    )
    for (const [inner, value] of plain.slice(0, spreadLabels)) {
      const word = wordOf(value)
      // What has a place of its own in the mapping counts more.
      if (word !== null && !Object.hasOwn(labels, inner)) kept[inner] = word.slice(0, labelLength).toWellFormed()
    }
  }
  return kept
}

/**
 * An instant as senders write it: RFC 3339, or a number since 1970 whose size tells its unit (up to 10^11 seconds, to
 * 10^14 milliseconds, to 10^17 microseconds, else nanoseconds). One that cannot be read is no reason to lose an alert.
 * @returns epoch ms, or null
 */
function momentOf(word: string | null): number | null {
  if (word === null) return null
  if (/^\d{1,20}(?:\.\d+)?$/.test(word)) {
    const count = Number(word)
    const ms = count < 1e11 ? count * 1000 : count < 1e14 ? count : count < 1e17 ? count / 1000 : count / 1e6
    return count > 0 && ms <= 8.64e15 ? Math.round(ms) : null
  }
  try {
    return readInstant(word)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
