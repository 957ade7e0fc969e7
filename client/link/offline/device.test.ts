import { describe, expect, it } from 'vitest'
import type { Me, Summary } from '#shared/wire.ts'
import { checkout, incidents } from '../../stories/incidents.ts'
import type { Api } from '../api.ts'
import type { Link, LinkReport } from '../link.ts'
import { makeDevice } from './device.ts'
import { keepInMemory } from './keep.ts'
import { worthKeeping } from './picture.ts'

const me: Me = { id: 'p_novak', name: 'Petra Novak', roles: ['responder'], actions: [], teams: ['payments'] }
const other: Me = { ...me, id: 'p_ito', name: 'Kenji Ito' }
const picture = new Map(incidents.map((one) => [one.id, one]))

/** One browser whose page is opened anew with each `open`; the server may be away. */
function rig() {
  const entries = new Map<string, unknown>()
  const server = { away: true, deleted: 0 }
  const api: Api = {
    async ask(method) {
      if (server.away) return { ok: false, error: { code: 'not-ready', message: 'The server cannot be reached.' } }
      if (method === 'DELETE') server.deleted++
      return { ok: true, value: null as never }
    },
  }
  const report: LinkReport = { state: { kind: 'connecting' }, newer: false, trouble: null, waiting: [], open: false }
  const link = { report: () => report, subscribe: () => () => {}, serverNow: () => 5_000, command: async () => ({}) }
  const open = () =>
    makeDevice({
      keep: keepInMemory(entries),
      link: link as unknown as Link,
      api,
      clock: { now: () => 1_000_000, after: () => () => {} },
      newId: () => 'c1',
      online: false,
      answered: () => {},
    })
  return { entries, server, open }
}

async function used(open: ReturnType<typeof rig>['open'], who: Me) {
  const device = open()
  await device.entered(who)
  device.seen(who, picture)
  return device
}

describe('what a device keeps', () => {
  it('D1: the last picture and its time, for the person who saw it', async () => {
    const { open } = rig()
    await used(open, me)
    const next = open()
    expect(await next.remembered()).toEqual(me)
    const { picture: kept, trueAt } = next.store.getState()
    expect(trueAt).toBe(5_000)
    expect(kept?.incidents.map(({ id }) => id)).toContain('INC-1039')
  })

  it('D2: another person who signs in never sees it', async () => {
    const { open, entries } = rig()
    await used(open, me)
    const next = open()
    await next.remembered()
    await next.entered(other)
    expect(next.store.getState().picture).toBeNull()
    expect(JSON.stringify([...entries])).not.toContain('INC-')
  })

  it('D3: a session that the server has ended leaves no picture', async () => {
    const { open } = rig()
    const device = await used(open, me)
    await device.ended()
    expect(await open().remembered()).toBeNull()
  })

  it('D4: who signs out without a network leaves nothing, is not remembered, and the server hears of it as soon as it can', async () => {
    const { open, server, entries } = rig()
    const device = await used(open, me)
    await device.queue.command('INC-1051', { type: 'claim' })
    await device.left(false)
    device.seen(me, picture)
    expect(JSON.stringify([...entries])).not.toContain('INC-')
    const next = open()
    expect([await next.finishLeaving(), await next.remembered()]).toEqual([false, null])
    server.away = false
    expect([await next.finishLeaving(), server.deleted]).toEqual([true, 1])
    expect([await open().finishLeaving(), server.deleted]).toEqual([true, 1])
  })

  it('D5: it is small: what concerns the person first, and no more than a screen can use', () => {
    const free: Summary = { ...checkout, owner: null, offer: null, assistants: [], team: 'payments' }
    const many = Array.from({ length: 500 }, (_, index) => ({ ...free, id: `INC-${index}` }))
    const own = { ...checkout, id: 'INC-own', owner: { id: me.id, name: me.name } }
    const kept = worthKeeping([...many, { ...free, id: 'theirs', team: 'platform' }, own], me)
    expect(kept).toHaveLength(60)
    expect(kept[0]?.id).toBe('INC-own')
    expect(kept.some(({ id }) => id === 'theirs')).toBe(false)
  })

  it('D6: what is not there for the person any more is not kept either: at once, and what was kept before the page opened', async () => {
    const { open, entries } = rig()
    const device = await used(open, me)
    device.beside('brief/INC-1051', { situation: 'a secret' })
    const kept = () => JSON.stringify([...entries])
    expect(kept()).toContain('INC-1051')
    device.gone(['INC-1051'])
    await device.queue.command('INC-1039', { type: 'confirm' })
    expect([kept().includes('INC-1051'), kept().includes('INC-1039')]).toEqual([false, true])
    const next = open()
    await next.remembered()
    await next.entered(me)
    next.seen(me, new Map([...picture].filter(([id]) => id !== 'INC-1039')))
    const { picture: left } = next.store.getState()
    expect(left?.incidents.map(({ id }) => id)).toEqual(expect.not.arrayContaining(['INC-1039']))
    expect(JSON.stringify(entries.get('picture'))).not.toContain('INC-1039')
  })
})
