import { z } from 'zod'
import { hourMs, minuteMs, secondMs } from './clocks.ts'
import { severities } from './event.ts'

/** What a setting of a source may be. Durations are milliseconds. */
const settingValueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])
export type SettingValue = z.output<typeof settingValueSchema>
/** Values by the names of their fields; a field without a value is absent. */
export const settingsSchema = z.record(z.string(), settingValueSchema)
export type Settings = z.output<typeof settingsSchema>

const base = {
  /** Name in the settings; `[a-z][A-Za-z0-9]*`. */
  name: z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/),
  label: z.string(),
  /** One sentence: what it does, and what it is without. */
  help: z.string(),
  required: z.boolean().optional(),
}

/** One setting that a kind of source declares: what the form shows and what the door accepts follow from it. */
export const settingFieldSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...base,
    type: z.literal('text'),
    example: z.string().optional(),
    /** Regular expression the whole text must match, and what to say when it does not. */
    pattern: z.string().optional(),
    patternSays: z.string().optional(),
    maxLength: z.number().int().optional(),
    lines: z.number().int().optional().describe('Height of the field; more than one: a text of several lines'),
    default: z.string().optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('number'),
    min: z.number(),
    max: z.number(),
    unit: z.string().optional(),
    default: z.number().optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('duration').describe('Milliseconds; people write 90s, 5m, 1h30m'),
    min: z.number(),
    max: z.number(),
    default: z.number().optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('choice'),
    options: z.array(z.strictObject({ value: z.string(), label: z.string() })),
    default: z.string().optional(),
  }),
  z.strictObject({
    ...base,
    type: z.literal('list').describe('Several texts, one a line'),
    example: z.string().optional(),
    pattern: z.string().optional(),
    patternSays: z.string().optional(),
    max: z.number().int(),
    default: z.array(z.string()).optional(),
  }),
  z.strictObject({ ...base, type: z.literal('flag'), default: z.boolean().optional() }),
  z.strictObject({ ...base, type: z.literal('secret').describe('Encrypted at rest and never shown again') }),
])
export type SettingField = z.output<typeof settingFieldSchema>

/** Settings that every source has, whatever its kind. */
export const commonSettings: readonly SettingField[] = [
  {
    name: 'silentAfter',
    label: 'Tell when silent for',
    help: 'Raises an alert when nothing was heard from this source for so long; the next word resolves it. Without: silence only shows as age.',
    type: 'duration',
    min: 30 * secondMs,
    max: 31 * 24 * hourMs,
  },
  {
    name: 'silentSeverity',
    label: 'Severity of that alert',
    help: 'What the silence of this source counts as.',
    type: 'choice',
    options: severities.map((value) => ({ value, label: value })),
    default: 'high',
  },
  {
    name: 'perSecond',
    label: 'Requests per second',
    help: 'More are answered with 429 and a time to come back. Without: 25,000.',
    type: 'number',
    min: 1,
    max: 100_000,
    unit: 'per second',
  },
  {
    name: 'maxKilobytes',
    label: 'Largest request',
    help: 'Larger ones are answered with 413, before and after decompression. Without: the limit of its kind.',
    type: 'number',
    min: 1,
    max: 16_384,
    unit: 'KiB',
  },
]

/** What is wrong with one setting. */
export interface SettingFault {
  path: string
  message: string
}

/**
 * Reads given values against the declared fields. `null` and the empty text mean: no value.
 * @returns the values, with defaults where none was given; or every fault
 */
export function readSettings(
  fields: readonly SettingField[],
  given: Readonly<Record<string, unknown>>,
): { settings: Settings } | { faults: SettingFault[] } {
  const faults: SettingFault[] = []
  const settings: Record<string, SettingValue> = {}
  for (const name of Object.keys(given))
    if (!fields.some((field) => field.name === name))
      faults.push({
        path: name,
        message: `there is no setting "${name}"; there are ${fields.map((field) => field.name).join(', ')}`,
      })
  for (const field of fields) {
    const raw = Object.hasOwn(given, field.name) ? given[field.name] : undefined
    if (raw === undefined || raw === null || raw === '' || (Array.isArray(raw) && raw.length === 0)) {
      if ('default' in field && field.default !== undefined) settings[field.name] = field.default
      else if (field.required === true) faults.push({ path: field.name, message: `${field.label} is missing` })
      continue
    }
    const read = readSetting(field, raw)
    if ('message' in read) faults.push({ path: field.name, message: read.message })
    else settings[field.name] = read.value
  }
  return faults.length > 0 ? { faults } : { settings }
}

function readSetting(field: SettingField, raw: unknown): { value: SettingValue } | { message: string } {
  switch (field.type) {
    case 'text':
      return readText(field, raw, field.maxLength ?? 1000)
    case 'secret':
      return readText({}, raw, 4096)
    case 'number':
    case 'duration':
      if (typeof raw !== 'number' || !Number.isInteger(raw) || raw < field.min || raw > field.max)
        return { message: `must be a whole number from ${limit(field, field.min)} to ${limit(field, field.max)}` }
      return { value: raw }
    case 'choice':
      return typeof raw === 'string' && field.options.some(({ value }) => value === raw)
        ? { value: raw }
        : { message: `must be one of ${field.options.map(({ value }) => value).join(', ')}` }
    case 'flag':
      return typeof raw === 'boolean' ? { value: raw } : { message: 'must be true or false' }
    case 'list': {
      if (!Array.isArray(raw) || raw.length > field.max) return { message: `must be a list of at most ${field.max}` }
      const values: string[] = []
      for (const [index, each] of raw.entries()) {
        const read = readText(field, each, 1000)
        if ('message' in read) return { message: `line ${index + 1}: ${read.message}` }
        values.push(read.value)
      }
      return { value: values }
    }
  }
}

function readText(
  { pattern, patternSays }: { pattern?: string | undefined; patternSays?: string | undefined },
  raw: unknown,
  maxLength: number,
): { value: string } | { message: string } {
  if (typeof raw !== 'string') return { message: 'must be a text' }
  if (raw.length > maxLength) return { message: `must be at most ${maxLength} characters` }
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`, 's').test(raw))
    return { message: patternSays ?? `must match ${pattern}` }
  return { value: raw }
}

function limit(field: Extract<SettingField, { type: 'number' | 'duration' }>, value: number): string {
  return field.type === 'number' ? String(value) : durationText(value)
}

/** A duration as people write it: `90s`, `5m`, `1h30m`, `7d`. @param ms whole seconds count */
export function durationText(ms: number): string {
  const units = [
    ['d', 24 * hourMs],
    ['h', hourMs],
    ['m', minuteMs],
    ['s', secondMs],
  ] as const
  let left = ms
  let text = ''
  for (const [unit, size] of units) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) text += `${count}${unit}`
  }
  return text === '' ? '0s' : text
}

/** The settings without those that are secret, which are kept elsewhere and never shown. */
export function withoutSecrets(fields: readonly SettingField[], settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => fields.find((field) => field.name === name)?.type !== 'secret'),
  )
}
