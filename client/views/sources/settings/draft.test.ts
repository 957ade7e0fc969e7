import fc from 'fast-check'
import { expect, it } from 'vitest'
import { commonSettings, durationText, readSettings, type SettingField, type SettingValue } from '#shared/source.ts'
import { type Draft, draftOf, faultsIn, readDraft } from './draft.ts'

const text: SettingField = { name: 'text', label: 'T', help: '', type: 'text', lines: 3 }
const list: SettingField = { name: 'list', label: 'L', help: '', type: 'list', max: 9 }
const flag: SettingField = { name: 'flag', label: 'F', help: '', type: 'flag' }
const secret: SettingField = { name: 'secret', label: 'S', help: '', type: 'secret' }
const fields = [...commonSettings, text, list, flag, secret]

it('what a form shows of any settings and reads again are the same settings', () => {
  const settings = fc.record({
    silentAfter: fc.integer({ min: 30, max: 31 * 24 * 3600 }).map((s) => s * 1000),
    silentSeverity: fc.constantFrom('critical', 'high', 'low'),
    perSecond: fc.integer({ min: 1, max: 100_000 }),
    maxKilobytes: fc.integer({ min: 1, max: 16_384 }),
    text: fc.string({ minLength: 1 }).filter((value) => value.trim() !== ''),
    list: fc.array(fc.stringMatching(/^[a-z/#+]{1,9}$/), { minLength: 1, maxLength: 9 }),
    flag: fc.boolean(),
  })
  fc.assert(
    fc.property(settings, (given) => {
      const kept: Record<string, SettingValue> = given
      const draft: Draft = Object.fromEntries(fields.map((field) => [field.name, draftOf(field, kept[field.name])]))
      const { values, faults } = readDraft(fields, draft)
      expect(faults).toEqual({})
      expect(readSettings(fields, values)).toEqual({ settings: given })
    }),
  )
})

it('an emptied field takes its value away, a secret that nobody touched is left out, an emptied one goes', () => {
  expect(readDraft(fields, { silentAfter: ' ', list: '\n', secret: null }).values).toEqual({
    silentAfter: null,
    list: null,
  })
  expect(readDraft(fields, { secret: '' }).values).toEqual({ secret: null })
  expect(readDraft(fields, { secret: { replace: ' as it is ' } }).values).toEqual({ secret: ' as it is ' })
  expect(readDraft(fields, { secret: { replace: '' } })).toMatchObject({
    values: {},
    faults: { secret: expect.stringContaining('empty') },
  })
})

it('what cannot be read is told at its field, and the rest is read', () => {
  const { values, faults } = readDraft(fields, { silentAfter: 'soon', perSecond: 'many', maxKilobytes: '64' })
  expect(Object.keys(faults)).toEqual(['silentAfter', 'perSecond'])
  expect(faults.silentAfter).toContain('write for example 90s, 5m or 1h30m')
  expect(values).toEqual({ maxKilobytes: 64 })
  expect(readDraft(fields, { silentAfter: '1 h 30 m' }).values).toEqual({ silentAfter: 5_400_000 })
})

it('what the server refuses is found by the name of the setting', () => {
  const details = {
    fields: [
      { path: 'settings.perSecond', message: 'too many' },
      { path: 'name', message: 'taken' },
    ],
  }
  expect(faultsIn({ code: 'fields-invalid', message: '', details })).toEqual({ perSecond: 'too many', name: 'taken' })
  expect(faultsIn({ code: 'internal', message: '' })).toEqual({})
})

it('a duration is shown as people write it', () => {
  expect(draftOf(commonSettings[0]!, 5_400_000)).toBe(durationText(5_400_000))
  expect(draftOf(commonSettings[0]!, undefined)).toBe('')
})
