import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { parseDuration } from '#shared/policy.ts'
import { durationText, type SettingField, type SettingValue } from '#shared/source.ts'

/** A setting as it is being typed. A secret is kept (null), taken away (the empty text), or replaced. */
export type Typed = string | boolean | null | { readonly replace: string }
export type Draft = Readonly<Record<string, Typed>>

/** What stands in the field before anything was typed. @param value undefined: it has none, so its default counts */
export function draftOf(field: SettingField, value: SettingValue | undefined): Typed {
  switch (field.type) {
    case 'secret':
      return null
    case 'flag':
      return typeof value === 'boolean' ? value : (field.default ?? false)
    case 'duration': {
      const ms = value ?? field.default
      return typeof ms === 'number' ? durationText(ms) : ''
    }
    case 'list': {
      const lines = value ?? field.default
      return Array.isArray(lines) ? lines.join('\n') : ''
    }
    default:
      return String(value ?? field.default ?? '')
  }
}

/**
 * What was typed, as the server takes it: null for what has no value. Secrets that are kept are left out.
 * @returns the values, and by name what cannot be read
 */
export function readDraft(
  fields: readonly SettingField[],
  draft: Draft,
): { values: Record<string, SettingValue | null>; faults: Record<string, string> } {
  const values: Record<string, SettingValue | null> = {}
  const faults: Record<string, string> = {}
  for (const field of fields) {
    const typed = draft[field.name]
    if (typed === undefined || typed === null) continue
    if (typeof typed === 'object') {
      if (typed.replace === '') faults[field.name] = 'is empty: type the new one, or keep the one before'
      else values[field.name] = typed.replace
      continue
    }
    const read = readTyped(field, typed)
    if (read instanceof RangeError) faults[field.name] = read.message
    else values[field.name] = read
  }
  return { values, faults }
}

function readTyped(field: SettingField, typed: string | boolean): SettingValue | null | RangeError {
  if (typeof typed === 'boolean') return typed
  const text = field.type === 'text' && (field.lines ?? 1) > 1 ? typed : typed.trim()
  if (text.trim() === '') return null
  switch (field.type) {
    case 'number':
      return Number.isFinite(Number(text)) ? Number(text) : new RangeError('must be a number')
    case 'duration':
      try {
        return parseDuration(text.replaceAll(/\s+/g, ''))
      } catch (error) {
        return error as RangeError
      }
    case 'list': {
      const lines = text.split('\n').map((line) => line.trim())
      return lines.filter((line) => line !== '')
    }
    default:
      return text
  }
}

const faultsSchema = z.looseObject({ fields: z.array(z.looseObject({ path: z.string(), message: z.string() })) })

/** Which settings the server refused, by name, and why. */
export function faultsIn({ details }: ErrorBody): Record<string, string> {
  const read = faultsSchema.safeParse(details)
  if (!read.success) return {}
  return Object.fromEntries(
    read.data.fields.map(({ path, message }) => [path.replace(/^settings\./, '').split('.')[0] ?? '', message]),
  )
}
