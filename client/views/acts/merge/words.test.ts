import { describe, expect, it } from 'vitest'
import { checkout, incidents } from '../../../stories/incidents.ts'
import { person } from '../../../stories/people.ts'
import { mergeFollows, splitFollows, splitTitle, undoFollows } from './words.ts'

const byId = (id: string) => incidents.find((one) => one.id === id) ?? checkout
const quiet = { ...byId('INC-1049'), flags: [] }

describe('what a merge will do is said before it is done', () => {
  it('M1: the alerts go over, the owner of what goes on stays, the other assists, tier and flags are taken over', () => {
    const ends = { ...byId('INC-1044'), flags: ['security' as const] }
    const stays = { ...byId('INC-1036'), flags: [] }
    expect(mergeFollows(ends, stays)).toEqual([
      'INC-1044 leaves the board as merged. Its 1 alert, firing, and later ones too, go to INC-1036.',
      'Kenji Ito stays the owner of INC-1036. Camille Moreau assists there from then on.',
      'INC-1036 becomes Tier 2, as INC-1044 is.',
      'INC-1036 is flagged too: security.',
      'It can be undone, in the timeline of either.',
    ])
  })

  it('O7: offers: of what ends it is withdrawn, of what goes on it is issued again', () => {
    expect(mergeFollows(checkout, quiet)).toContain('The offer of INC-1042 to Jonas Brandt is withdrawn.')
    expect(mergeFollows(quiet, checkout)).toContain(
      'The offer of INC-1042 to Jonas Brandt is issued again: what was read has changed.',
    )
  })

  it('RS3: two that are one are restricted when one of them was, and who loses sight of what is said', () => {
    const shut = { ...byId('INC-1036'), flags: ['restricted' as const] }
    const sightOf = (lines: string[]) => lines.filter((line) => /restricted|sees/.test(line))
    const part = (ends: string, stays: string) =>
      `Whoever has a part in ${ends} alone sees that one, and not ${stays}, where it goes on.`
    const closes = (open: string, as: string) =>
      `${open} becomes restricted, as ${as} is: whoever has no part in it and is not on call for it loses sight of it at once.`
    expect(sightOf(mergeFollows(quiet, shut))).toEqual([closes('INC-1049', 'INC-1036'), part('INC-1049', 'INC-1036')])
    expect(sightOf(mergeFollows(shut, quiet))).toEqual([closes('INC-1049', 'INC-1036'), part('INC-1036', 'INC-1049')])
    expect(sightOf(mergeFollows(shut, { ...shut, id: 'INC-1' }))).toEqual([part('INC-1036', 'INC-1')])
    expect(sightOf(splitFollows(shut, { firing: 1, total: 1 }))).toHaveLength(2)
    expect(sightOf(undoFollows({ what: 'merge', from: 'INC-1', to: shut.id }, shut))).toEqual([
      'Both stay restricted, until a commander lifts that.',
    ])
  })

  it('nobody is made an owner by it', () => {
    expect(mergeFollows(quiet, { ...quiet, id: 'INC-1' })[1]).toBe('Nobody owns either: INC-1 waits to be claimed.')
    expect(mergeFollows(byId('INC-1044'), quiet)[1]).toBe(
      'Nobody owns INC-1049, and that stays so: it waits to be claimed. Camille Moreau assists there from then on.',
    )
    const same = { ...quiet, id: 'INC-1', owner: person('Ito') }
    expect(mergeFollows(byId('INC-1036'), same)[1]).toBe('Kenji Ito stays the owner of INC-1.')
  })

  it('M1: an unclassified one gives nobody its tier, and one without alerts says so', () => {
    const bare = { ...byId('INC-1051'), flags: [], alerts: { firing: 0, total: 0 } }
    expect(mergeFollows(bare, quiet)).toEqual([
      'INC-1051 leaves the board as merged. Alerts that come to it later go to INC-1049.',
      'Nobody owns either: INC-1049 waits to be claimed.',
      'It can be undone, in the timeline of either.',
    ])
  })
})

describe('what a split will do', () => {
  it('M3: the new incident is owned by nobody, and of the same tier', () => {
    expect(splitFollows(byId('INC-1044'), { firing: 1, total: 3 })).toEqual([
      'A new incident opens with 3 alerts, 1 of them firing. Nobody owns it: Camille Moreau has not said that they will do both.',
      'It begins as Tier 2, like INC-1044. What comes of these alerts later goes there.',
      'It can be undone, in the timeline of either.',
    ])
    expect(splitFollows(byId('INC-1051'), { firing: 0, total: 1 })[0]).toBe(
      'A new incident opens with 1 alert, none firing. Nobody owns it: it waits to be claimed.',
    )
  })

  it('is called like its first alert until somebody says otherwise', () => {
    expect(splitTitle([{ title: 'Refund queue grows' }, { title: 'other' }])).toBe('Refund queue grows')
    expect(splitTitle([{ title: 'x'.repeat(400) }])).toHaveLength(200)
    expect(splitTitle([])).toBe('')
  })
})

it('M4: what undoing will do, and what it leaves', () => {
  const merge = undoFollows({ what: 'merge', from: 'INC-1043', to: 'INC-1042' }, checkout)
  expect(merge[0]).toBe('INC-1043 opens again, in the phase and with the owner it had.')
  expect(merge.at(-1)).toMatch(/offer of INC-1042 to Jonas Brandt is issued again/)
  expect(undoFollows({ what: 'merge', from: 'INC-1043', to: 'INC-1042' }, undefined)).toHaveLength(3)
  expect(undoFollows({ what: 'split', from: 'INC-1042', to: 'INC-1060' }, undefined)[0]).toBe(
    'INC-1060 ends as merged into INC-1042, and its alerts come back.',
  )
})
