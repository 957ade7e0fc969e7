import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from './clocks.ts'
import { parseDuration } from './policy.ts'
import {
  commonSettings,
  durationText,
  readSettings,
  type SettingField,
  settingFieldSchema,
  withoutSecrets,
} from './source.ts'

const fields: readonly SettingField[] = [
  { name: 'port', label: 'Port', help: 'Where it listens.', type: 'number', min: 1, max: 65_535, required: true },
  {
    name: 'topics',
    label: 'Topics',
    help: 'What it takes.',
    type: 'list',
    max: 3,
    pattern: '[a-z]+',
    patternSays: 'small letters only',
  },
  {
    name: 'grace',
    label: 'Grace',
    help: 'How late it may be.',
    type: 'duration',
    min: 0,
    max: hourMs,
    default: minuteMs,
  },
  {
    name: 'framing',
    label: 'Framing',
    help: 'How it is cut.',
    type: 'choice',
    options: [{ value: 'lf', label: 'LF' }],
  },
  { name: 'password', label: 'Password', help: 'For the broker.', type: 'secret' },
  { name: 'tls', label: 'TLS', help: 'Encrypted.', type: 'flag' },
]

describe('settings of a source', () => {
  it('are read with their defaults; null and nothing mean: no value', () => {
    expect(readSettings(fields, { port: 514, topics: [], framing: null, password: '' })).toEqual({
      settings: { port: 514, grace: minuteMs },
    })
  })

  it('names every fault by its path, and says what would be right', () => {
    const given = { port: 70_000, topics: ['ok', 'NO'], grace: 2 * hourMs, framing: 'crlf', tls: 'yes', prot: 1 }
    expect(readSettings(fields, given)).toEqual({
      faults: [
        { path: 'prot', message: 'there is no setting "prot"; there are port, topics, grace, framing, password, tls' },
        { path: 'port', message: 'must be a whole number from 1 to 65535' },
        { path: 'topics', message: 'line 2: small letters only' },
        { path: 'grace', message: 'must be a whole number from 0s to 1h' },
        { path: 'framing', message: 'must be one of lf' },
        { path: 'tls', message: 'must be true or false' },
      ],
    })
    expect(readSettings(fields, {})).toEqual({ faults: [{ path: 'port', message: 'Port is missing' }] })
  })

  it('keeps secret ones apart', () => {
    const read = readSettings(fields, { port: 1, password: 'hunter2' })
    if (!('settings' in read)) throw new TypeError('these settings are right')
    expect(withoutSecrets(fields, read.settings)).toEqual({ port: 1, grace: minuteMs })
  })

  it('what was read reads the same again, whatever was given', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...fields.map(({ name }) => name), '__proto__', 'toString'), fc.jsonValue()),
        (given) => {
          const read = readSettings(fields, given)
          if ('settings' in read) expect(readSettings(fields, read.settings)).toEqual(read)
          else expect(read.faults.length).toBeGreaterThan(0)
        },
      ),
    )
  })

  it('every common one is a valid field', () => {
    for (const field of commonSettings) expect(settingFieldSchema.parse(field)).toEqual(field)
  })
})

it('a duration is written as it is read', () => {
  expect(durationText(90_000)).toBe('1m30s')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e7 }), (seconds) => {
      expect(parseDuration(durationText(seconds * 1000))).toBe(seconds * 1000)
    }),
  )
})
