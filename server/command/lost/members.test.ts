import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Event } from '#shared/event.ts'
import type { Reading } from '../../intake/port.ts'
import { placesOf, readMembers, takeOnly, writeMembers } from './members.ts'

const event = (title: string) => ({ title }) as Event
const delivered = (title: string) => ({ title, deliveryId: 'd' }) as Event
const answer = { status: 200 }
const numbers = fc.uniqueArray(fc.nat(3000), { maxLength: 400 }).map((all) => all.sort((a, b) => a - b))

describe('members of a request by their numbers', () => {
  test('are written as ranges', () => {
    expect(writeMembers([3])).toEqual({ members: '3', named: 1 })
    expect(writeMembers([20, 21, 22, 57])).toEqual({ members: '20-22,57', named: 4 })
    expect(readMembers('20-22,57')).toEqual([20, 21, 22, 57])
    expect(readMembers('*')).toEqual([])
    expect(readMembers('')).toEqual([])
  })
  test('read as they were written; a list that is too long says how many it names, and names the first', () => {
    fc.assert(
      fc.property(numbers, (all) => {
        const { members, named } = writeMembers(all)
        expect(members.length).toBeLessThanOrEqual(2000)
        expect(readMembers(members)).toEqual(all.slice(0, named))
        const whole = writeMembers(all, Number.POSITIVE_INFINITY)
        expect([readMembers(whole.members), whole.named]).toEqual([all, all.length])
      }),
    )
  })
})

describe('rule LP3: which events are of which members', () => {
  /** A request of so many members; each gives an event, is unreadable, or says nothing. */
  const request = fc.array(fc.constantFrom('event', 'bad', 'nothing'), { maxLength: 40 })
  const readingOf = (members: readonly string[], withPlaces: boolean): Reading => {
    const at = (what: string) => members.flatMap((each, index) => (each === what ? [index] : []))
    const places = at('event')
    return {
      events: places.map((index) => event(String(index))),
      unreadable: at('bad').map((index) => ({ index, reason: 'no title' })),
      ...(withPlaces ? { places } : {}),
      answer,
      keep: true,
    }
  }
  test('the adapter says, or they fill the numbers that the unreadable ones leave', () => {
    fc.assert(
      fc.property(request, (members) => {
        const titles = ({ events }: Pick<Reading, 'events'>) => events.map(({ title }) => Number(title))
        const said = readingOf(members, true)
        expect(placesOf(said)).toEqual(titles(said))
        const full = members.filter((each) => each !== 'nothing')
        const filled = readingOf(full, false)
        expect(placesOf(filled)).toEqual(titles(filled))
      }),
    )
  })
  test('what is taken has no name of its delivery any more, so that it never counts as delivered twice', () => {
    const reading = { events: [delivered('a'), delivered('b')], unreadable: [], answer, keep: true }
    expect(takeOnly(reading, '1').events).toEqual([event('b')])
    expect(takeOnly(reading, '*').events).toEqual([event('a'), event('b')])
  })
  test('only the named ones are taken, each once; of a whole request everything', () => {
    fc.assert(
      fc.property(request, numbers, (members, wanted) => {
        const reading = readingOf(members, true)
        const { members: named } = writeMembers(wanted, Number.POSITIVE_INFINITY)
        const taken = takeOnly(reading, named)
        expect(taken.events.map(({ title }) => Number(title))).toEqual(
          wanted.filter((index) => members[index] === 'event'),
        )
        expect(taken.unreadable).toEqual([])
        const { events, unreadable } = reading
        expect(takeOnly(reading, '*')).toEqual({ events, unreadable })
      }),
    )
  })
})
