import { isUtf8 } from 'node:buffer'
import type { z } from 'zod'
import { UxbridgeError } from '#shared/errors.ts'
import { type Command, commandSchema, commandTypes } from '#shared/incident/commands.ts'

export interface BodyLimits {
  /** After decompression. */
  bytes: number
  /** How deep arrays and objects may lie in each other. */
  depth: number
}
export const usualLimits: BodyLimits = { bytes: 256 * 1024, depth: 64 }

/**
 * Bytes → JSON value. The depth is counted before anything is built.
 * @throws UxbridgeError `body-malformed`, `body-too-deep`
 */
export function readJson(bytes: Buffer, limits: BodyLimits): unknown {
  if (!isUtf8(bytes)) throw new UxbridgeError('body-malformed', 'The body is not UTF-8. Send JSON as UTF-8.')
  if (depthOf(bytes) > limits.depth)
    throw new UxbridgeError(
      'body-too-deep',
      `The body is nested deeper than ${limits.depth} levels. Send a flatter one.`,
    )
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw new UxbridgeError('body-malformed', `The body is no JSON: ${(error as SyntaxError).message.slice(0, 200)}.`)
  }
}

/** Depth of arrays and objects in a JSON text; brackets inside strings do not count. */
export function depthOf(bytes: Uint8Array): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (inString) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return deepest
}

/** @throws UxbridgeError `fields-invalid` with the path of each wrong field */
export function readFields<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.flatMap((issue) => {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [null]
    return keys.map((key) => ({
      path: [...issue.path, ...(key === null ? [] : [key])].join('.'),
      message: key === null ? issue.message : 'there is no such field here; leave it out',
    }))
  })
  const first = fields[0]
  const more = fields.length > 1 ? ` and ${fields.length - 1} more` : ''
  throw new UxbridgeError(
    'fields-invalid',
    `The ${where} is wrong at ${first?.path === '' || first === undefined ? 'its top' : first.path}: ${first?.message ?? 'unreadable'}${more}.`,
    { fields: fields.slice(0, 100) },
  )
}

/** @throws UxbridgeError `command-unknown` with the list of those there are, `fields-invalid` */
export function readCommand(value: unknown): Command {
  const type: unknown = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type === 'string' && !(commandTypes as readonly string[]).includes(type))
    throw new UxbridgeError(
      'command-unknown',
      `There is no command "${type.slice(0, 40)}". Known are ${commandTypes.join(', ')}.`,
      { known: commandTypes },
    )
  return readFields(commandSchema, value, 'command')
}
