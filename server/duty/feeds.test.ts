import { describe, expect, it } from 'vitest'
import { hourMs } from '#shared/clocks.ts'
import { feedsSchema, freshFeedSchema } from '#shared/duty/view.ts'
import { as, commander, machine, openDuty } from './duty.fixture.ts'
import { policyWith } from './reckoning/roster.fixture.ts'

const base = 'https://board.test'
const tokenIn = (url: string) => /^https:\/\/board\.test\/calendar\/([\w-]{43})\.ics$/.exec(url)?.[1] ?? url
const summaries = (text = '') => [...text.matchAll(/^SUMMARY:(.*)\r$/gm)].map(([, said]) => said)
const uids = (text = '') => [...text.matchAll(/^UID:(.*)\r$/gm)].map(([, uid]) => uid)
const refused = (code: string) => expect.objectContaining({ code })

describe('RO8: calendars to subscribe to', () => {
  it('one’s own has one’s shifts; its address is shown once and kept as a digest', async () => {
    const house = await openDuty()
    const { feed, url } = freshFeedSchema.parse(await house.duty.addFeed(as('ana'), 'me', base))
    expect(feed).toMatchObject({ of: 'person:ana', name: 'Ana Lima' })
    const token = tokenIn(url)
    const shown = house.duty.calendar(token)
    expect(new Set(summaries(shown?.text))).toEqual(new Set(['On call: Payments (first)']))
    expect(JSON.stringify([await house.store.read.settings(), house.audit])).not.toContain(token)
    expect(house.duty.calendar(`${token}x`)).toBeNull()
    expect(feedsSchema.parse({ feeds: house.duty.feeds(as('ana')) }).feeds).toEqual([feed])
    expect(house.duty.feeds(as('ben'))).toEqual([])
    await house.open()
    expect(house.duty.calendar(token)).toEqual(shown)
  })

  it('is the same text with the same tag for a day, another when a shift changes hands; ids stay', async () => {
    const house = await openDuty()
    const { url } = await house.duty.addFeed(as('eve'), 'team:team', base)
    const read = () => house.duty.calendar(tokenIn(url))
    const first = read()
    house.now += 11 * hourMs
    expect(read()).toEqual(first)
    const week = { from: '2026-01-12T09:00:00.000Z', to: '2026-01-19T09:00:00.000Z' }
    await house.duty.override(commander, { rotation: 'r1', layer: 'first', person: 'dov', ...week, reason: 'x' })
    const second = read()
    expect(second?.tag).not.toBe(first?.tag)
    expect(uids(second?.text)).toEqual(uids(first?.text))
    const changed = summaries(first?.text).flatMap((said, index) => {
      const now = summaries(second?.text)[index]
      return said === now ? [] : [[said, now]]
    })
    expect(changed).toEqual([['Ben Ode: Payments (first)', 'Dov Levi: Payments (first)']])
  })

  it('renewed, the old address shows nothing; revoked, none does; others cannot touch it', async () => {
    const house = await openDuty()
    const old = await house.duty.addFeed(as('ana'), 'me', base)
    for (const who of ['ben', 'eve'])
      await expect(house.duty.renewFeed(as(who), old.feed.id, base)).rejects.toEqual(refused('not-found'))
    const renewed = await house.duty.renewFeed(as('ana'), old.feed.id, base)
    expect(house.duty.calendar(tokenIn(old.url))).toBeNull()
    expect(house.duty.calendar(tokenIn(renewed.url))).not.toBeNull()
    await expect(house.duty.revokeFeed(as('ben'), old.feed.id)).rejects.toEqual(refused('not-found'))
    await house.duty.revokeFeed(as('ana'), old.feed.id)
    expect(house.duty.calendar(tokenIn(renewed.url))).toBeNull()
    expect(house.audit.map(({ action }) => action)).toEqual(['rota.feed-create', 'rota.feed-renew', 'rota.feed-revoke'])
  })

  it('ends with the person who has it', async () => {
    const house = await openDuty()
    const { url } = await house.duty.addFeed(as('ana'), 'me', base)
    house.gone.add('ana')
    expect(house.duty.calendar(tokenIn(url))).toBeNull()
  })

  it('is refused to machines, for teams that are none, and to who has twenty', async () => {
    const house = await openDuty(policyWith([{ layers: [{}] }]))
    await expect(house.duty.addFeed(machine, 'me', base)).rejects.toEqual(refused('not-allowed'))
    await expect(house.duty.addFeed(as('ana'), 'team:none', base)).rejects.toEqual(refused('not-found'))
    for (let each = 0; each < 20; each++) await house.duty.addFeed(as('ana'), 'me', base)
    await expect(house.duty.addFeed(as('ana'), 'me', base)).rejects.toEqual(refused('fields-invalid'))
  })
})
