import { z } from 'zod'
import { severities } from '../event.ts'
import { type CompiledMatcher, parseMatcher } from '../matchers.ts'

/**
 * How JSON of any shape is read as events: a policy's `mappings`. The whole language is here: pointers, texts with
 * pointers in them, tables of values, conditions. It computes nothing, so a mapping cannot do anything but read.
 */

/** A JSON pointer, ready to walk. `/a/b` begins at the member, `#/a/b` at the top of the body. */
export interface Pointer {
  text: string
  from: 'member' | 'body'
  steps: readonly string[]
}

/**
 * Reads `/alert/name`, or `#/alert/name` from the top of the body; `~1` stands for `/` in a name, `~0` for `~`.
 * Source: RFC 6901, JSON Pointer
 * @throws SyntaxError that says what to write
 */
export function parsePointer(text: string): Pointer {
  const path = text.startsWith('#') ? text.slice(1) : text
  if (!path.startsWith('/')) throw new SyntaxError(`"${text}" is no JSON pointer; write for example /alert/name`)
  if (/~(?![01])/.test(path)) throw new SyntaxError(`"${text}": in a pointer write ~0 for ~, and ~1 for /`)
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return { text, from: text.startsWith('#') ? 'body' : 'member', steps }
}

/** What a field is made of: the first of `pointers` that finds something, or a text with pointers in it. */
export interface Expression {
  pointers: readonly Pointer[]
  text: readonly (string | Pointer)[]
  /** Value → what it means; `*` = any other. Null: the value itself. */
  map: Readonly<Record<string, string>> | null
  /** Where nothing is found, or what is found stands not in the map. */
  fallback: string | null
}

/** @throws SyntaxError */
function parseText(text: string): (string | Pointer)[] {
  const parts: (string | Pointer)[] = []
  let plain = ''
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('{', at)
    if (open === -1) {
      plain += text.slice(at)
      break
    }
    plain += text.slice(at, open)
    if (text[open + 1] === '{') {
      plain += '{'
      at = open + 2
      continue
    }
    const close = text.indexOf('}', open)
    if (close === -1) throw new SyntaxError(`"${text}": a { begins a pointer such as {/host}; write {{ for the sign`)
    if (plain !== '') parts.push(plain)
    plain = ''
    parts.push(parsePointer(text.slice(open + 1, close)))
    at = close + 1
  }
  if (plain !== '') parts.push(plain)
  return parts
}

const isPointer = (text: string): boolean => text.startsWith('/') || text.startsWith('#/')

const table = z.record(z.string().max(200), z.string().max(1000)).refine((map) => Object.keys(map).length > 0, {
  error: 'is empty; write for example { OK: resolved, "*": firing }',
})
const longExpression = z
  .strictObject({
    pointer: z.union([z.string().max(500), z.array(z.string().max(500)).min(1).max(10)]).optional(),
    text: z.string().max(2000).optional(),
    map: table.optional(),
    default: z.string().min(1).max(1000).optional(),
  })
  .refine(({ pointer, text }) => (pointer === undefined) !== (text === undefined), {
    error: 'write either pointer or text',
  })

const expressionShape = {
  anyOf: [
    { type: 'string', description: 'A JSON pointer such as /alert/name, or a text such as Disk of {/host} is full' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        pointer: {
          anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
          description: 'Of several, the first that finds something counts',
        },
        text: { type: 'string' },
        map: {
          type: 'object',
          additionalProperties: { type: 'string' },
          description: 'Value: meaning; "*" = any other',
        },
        default: { type: 'string' },
      },
    },
  ],
}

/** @param words what the field may come to; without: anything */
function expression(words: readonly string[] | null = null) {
  const base = z.union([z.string().min(1).max(2000), z.looseObject({})], {
    error: 'write a pointer such as /alert/name, a text such as "Disk of {/host}", or { pointer, map, default }',
  })
  return base
    .transform((raw, context): Expression => {
      const long = longExpression.safeParse(
        typeof raw !== 'string' ? raw : isPointer(raw) ? { pointer: raw } : { text: raw },
      )
      if (!long.success) {
        for (const issue of long.error.issues) {
          const unknown = issue.code === 'unrecognized_keys' ? `there is no ${issue.keys.join(', ')} here; ` : null
          const message = unknown === null ? issue.message : `${unknown}there are pointer, text, map and default`
          context.addIssue({ code: 'custom', path: issue.path, message })
        }
        return z.NEVER
      }
      const { pointer = [], text = '', map = null, default: fallback = null } = long.data
      const means = [...Object.values(map ?? {}), ...(fallback === null ? [] : [fallback])]
      try {
        const pointers = [pointer].flat().map(parsePointer)
        const parts = parseText(text)
        const [only] = parts
        if (map === null && parts.length === 1 && typeof only === 'string') means.push(only)
        const wrong = words === null ? undefined : means.find((word) => !words.includes(word))
        if (wrong !== undefined) throw new SyntaxError(`"${wrong}" is none of ${words?.join(', ')}`)
        return { pointers, text: parts, map, fallback }
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error
        context.addIssue({ code: 'custom', message: error.message })
        return z.NEVER
      }
    })
    .meta(expressionShape)
}

const pointer = z
  .string()
  .max(500)
  .transform((text, context) => {
    try {
      return parsePointer(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })
  .meta({ type: 'string', examples: ['/alerts'] })

/** A matcher on what stands at a pointer: `/state="ok"`, `/check/name=~"disk.*"`. */
export interface Condition {
  pointer: Pointer
  matcher: CompiledMatcher
}

const condition = z
  .string()
  .max(1000)
  .transform((text, context): Condition => {
    const [, place, rest] = /^\s*(#?\/[^\s=!"]*)\s*((?:=~|!~|!=|=).*)$/s.exec(text) ?? []
    try {
      if (place === undefined) throw new SyntaxError(`"${text}" is no condition; write for example /state="ok"`)
      return { pointer: parsePointer(place), matcher: parseMatcher(`value${rest}`) }
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })
  .meta({ type: 'string', examples: ['/state="ok"', '/check/name=~"disk.*"'] })

export const statuses = ['firing', 'acknowledged', 'resolved'] as const
/** A report is made by a person, on the form for it. */
export const kinds = ['alert', 'change', 'heartbeat', 'log', 'test'] as const
const labelName = z.string().regex(/^(?:[a-zA-Z_][a-zA-Z0-9_.\-/]{0,200}|\*)$/)
const noLabelName = 'is no name for a label; use letters, digits and _ . - /, or * for all of an object'

/** @param duration reads a length of time as milliseconds; the policy's own */
export function mappingSchemaWith(duration: z.ZodType<number, string>) {
  return z.strictObject({
    members: pointer.optional().describe('Where the array of events stands; without: the body is one, or an array'),
    when: z
      .array(condition)
      .max(20)
      .default([])
      .describe('What this mapping is for: a member that does not fulfil all of them cannot be read, and is kept'),
    ignore: z
      .array(condition)
      .max(50)
      .default([])
      .describe('A member that fulfils one of them says nothing that is to be kept'),
    fields: z.strictObject({
      title: expression(),
      status: expression(statuses).optional().describe('Without: firing, so it never ends by the sender’s word'),
      severity: expression(severities).optional().describe('A word that stands not in the map is understood if known'),
      key: expression()
        .optional()
        .describe('Of the condition, the same from its beginning to its end; without: title, place and labels'),
      service: expression().optional(),
      environment: expression().optional(),
      description: expression().optional(),
      startsAt: expression().optional().describe('RFC 3339, or seconds, ms, µs or ns since 1970'),
      endsAt: expression().optional(),
      group: expression().optional().describe('The sender’s own group: members of one belong together'),
      kind: expression(kinds).optional().describe('Without: alert'),
    }),
    labels: z
      .record(labelName, expression(), { error: ({ code }) => (code === 'invalid_key' ? noLabelName : undefined) })
      .default({})
      .describe('By name; the name * takes every plain value of the object at its pointer'),
    links: z
      .array(z.union([expression(), z.strictObject({ href: expression(), text: expression().optional() })]))
      .max(10)
      .default([]),
    expires_after: duration
      .optional()
      .describe('For senders that tell of no end: resolved when nothing more was said for so long'),
  })
}
export type Mapping = z.output<ReturnType<typeof mappingSchemaWith>>
