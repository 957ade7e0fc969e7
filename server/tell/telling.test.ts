import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { Frame, Summary } from '#shared/wire.ts'
import { ana, ben, brief, carla, refusal } from '../command/room.fixture.ts'
import { Studio } from './studio.fixture.ts'
import { frameEveryMs } from './telling.ts'

/** What a client makes of the frames: it never guesses. */
class Client {
  seq = -1
  cards = new Map<string, Summary>()
  gaps = 0
  take(frame: Frame): void {
    if (frame.kind === 'snapshot' && 'incidents' in frame) {
      this.seq = frame.seq
      this.cards = new Map(frame.incidents.map((summary) => [summary.id, summary]))
    } else if (frame.kind === 'delta' && 'upsert' in frame) {
      if (frame.after !== this.seq) {
        this.gaps++
        return
      }
      this.seq = frame.seq
      for (const summary of frame.upsert) this.cards.set(summary.id, summary)
      for (const id of frame.remove) this.cards.delete(id)
    }
  }
}
const byId = (summaries: Iterable<Summary>) => new Map([...summaries].map((summary) => [summary.id, summary]))

describe('the board', () => {
  test('T1 a newcomer gets a snapshot, then deltas that follow on from it without a gap', async () => {
    const studio = await Studio.open()
    const client = new Client()
    client.take(await studio.watch('board'))
    await studio.alert('checkout')
    studio.later(frameEveryMs)
    await studio.house.does(ana, 'INC-1001', { type: 'claim' })
    studio.later(frameEveryMs)
    for (const frame of studio.frames) client.take(frame)
    expect(client.gaps).toBe(0)
    expect(client.cards.get('INC-1001')).toMatchObject({ owner: { id: 'ana', name: 'ANA' }, phase: 'triage' })
  })

  test('T2 a storm coalesces to twenty frames a second, and its last change is always sent', async () => {
    const studio = await Studio.open()
    const client = new Client()
    client.take(await studio.watch('board'))
    for (let ms = 0; ms < 1000; ms += 5) {
      await studio.alert(`service-${ms % 50}`, `i${ms}`)
      studio.later(5)
    }
    studio.later(frameEveryMs)
    expect(studio.frames.length).toBeLessThanOrEqual(21)
    for (const frame of studio.frames) client.take(frame)
    expect([...client.cards.values()].reduce((sum, card) => sum + card.alerts.total, 0)).toBe(200)
    expect(client.gaps).toBe(0)
  })

  test('T3 repeats of known alerts change a card at most once a second', async () => {
    const studio = await Studio.open()
    await studio.watch('board')
    await studio.alert('checkout')
    studio.later(2000)
    studio.frames = []
    for (let count = 0; count < 40; count++) {
      await studio.alert('checkout')
      studio.later(100)
    }
    const cards = studio.frames.filter((frame) => 'upsert' in frame && frame.upsert.length > 0)
    expect(cards.length).toBeGreaterThanOrEqual(3)
    expect(cards.length).toBeLessThanOrEqual(5)
  })

  test('T4 a client that comes back gets what it missed; one that was away too long or under another server gets a snapshot', async () => {
    const studio = await Studio.open()
    const client = new Client()
    client.take(await studio.watch('board'))
    await studio.alert('checkout')
    await studio.alert('search')
    studio.later(frameEveryMs)
    const missed = await studio.watch('board', client.seq)
    expect(missed.kind).toBe('delta')
    client.take(missed)
    expect(client.cards.size).toBe(2)
    expect((await studio.watch('board', client.seq - 1_000_000_000)).kind).toBe('snapshot')
    expect((await studio.watch('board', client.seq + 1_000)).kind).toBe('snapshot')
  })

  test('T5 figures move on their own: the conservation line counts repeats', async () => {
    const studio = await Studio.open()
    await studio.watch('board')
    await studio.alert('checkout')
    studio.later(1000)
    for (let count = 0; count < 9; count++) await studio.alert('checkout')
    studio.later(1000)
    const last = studio.frames.findLast((frame) => 'ledger' in frame && frame.ledger !== undefined)
    expect(last).toMatchObject({ ledger: { accepted: 10, outcomes: { opened: 1, repeated: 9 } } })
  })

  test('commanders hear once of an offer that was not answered, and of relief that is asked for', async () => {
    const studio = await Studio.open()
    await studio.watch('board')
    await studio.alert('checkout')
    await studio.house.does(ana, 'INC-1001', { type: 'claim' })
    await studio.house.does(ben, 'INC-1001', { type: 'ask-relief' })
    await studio.house.does(ana, 'INC-1001', { type: 'grant-relief' })
    studio.later(2 * minuteMs)
    await Promise.resolve()
    studio.later(frameEveryMs).later(frameEveryMs)
    const notices = studio.frames.flatMap((frame) => ('notices' in frame ? frame.notices : []))
    expect(notices.map((notice) => notice.kind)).toEqual(['relief-asked', 'offer-expired'])
    expect(notices[1]?.text).toContain('It stays with ANA')
  })

  test('resolved incidents stay an hour, dismissed ones go at once', async () => {
    const studio = await Studio.open()
    const client = new Client()
    client.take(await studio.watch('board'))
    await studio.alert('checkout')
    await studio.alert('search')
    await studio.house.does(ana, 'INC-1001', { type: 'claim' })
    await studio.house.does(ana, 'INC-1001', { type: 'set-phase', phase: 'resolved' })
    await studio.house.does(carla, 'INC-1002', { type: 'dismiss', reason: 'a test' })
    studio.later(frameEveryMs)
    for (const frame of studio.frames.splice(0)) client.take(frame)
    expect([...client.cards.keys()]).toEqual(['INC-1001'])
    studio.later(hourMs).later(frameEveryMs)
    for (const frame of studio.frames.splice(0)) client.take(frame)
    expect(client.cards.size).toBe(0)
    await studio.house.does(ben, 'INC-1001', { type: 'reopen', reason: 'it is back' })
    studio.later(frameEveryMs)
    for (const frame of studio.frames) client.take(frame)
    expect([...client.cards.keys()]).toEqual(['INC-1001'])
  })

  test('T6 whatever happens, a client of the deltas has what a newcomer is given', async () => {
    const act = fc.oneof(
      fc.record({
        kind: fc.constant('alert' as const),
        service: fc.constantFrom('a', 'b', 'c'),
        instance: fc.constantFrom('1', '2', '3'),
      }),
      fc.record({
        kind: fc.constant('command' as const),
        who: fc.constantFrom(ana, ben, carla),
        incident: fc.integer({ min: 1001, max: 1004 }),
        act: fc.constantFrom(
          { type: 'claim' },
          { type: 'offer', to: 'ben', brief },
          { type: 'accept', revision: 1, readBack: 'ok' },
          { type: 'set-phase', phase: 'resolved' },
          { type: 'dismiss', reason: 'no' },
          { type: 'reopen', reason: 'yes' },
        ),
      }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(10, 60, 1000, 6 * minuteMs, hourMs) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
        const studio = await Studio.open()
        const client = new Client()
        client.take(await studio.watch('board'))
        for (const each of acts) {
          if (each.kind === 'alert') await studio.alert(each.service, each.instance)
          else if (each.kind === 'command') await refusal(studio.house.does(each.who, `INC-${each.incident}`, each.act))
          else studio.later(each.ms)
        }
        await new Promise((resolve) => setImmediate(resolve))
        studio.later(2000).later(frameEveryMs)
        for (const frame of studio.frames) client.take(frame)
        const newcomer = await studio.watch('board')
        expect(client.gaps).toBe(0)
        expect(client.cards).toEqual(byId('incidents' in newcomer ? newcomer.incidents : []))
      }),
      { numRuns: 60 },
    )
  })
})

describe('the wall', () => {
  test('shows names and states, and nobody’s words', async () => {
    const studio = await Studio.open()
    await studio.alert('checkout')
    await studio.house.does(ana, 'INC-1001', { type: 'claim' })
    await studio.house.does(ana, 'INC-1001', { type: 'release', reason: 'Ben called in sick' })
    expect(JSON.stringify(await studio.watch('wall'))).not.toContain('sick')
    expect(JSON.stringify(await studio.watch('board'))).toContain('sick')
  })
})

describe('an incident page', () => {
  test('is whole at first, then grows by the facts and the changed alerts', async () => {
    const studio = await Studio.open()
    await studio.alert('checkout', 'a')
    const first = await studio.watch('incident:INC-1001')
    expect(first).toMatchObject({
      kind: 'snapshot',
      incident: { facts: [{ type: 'declared' }, { type: 'alerts-attached' }], alerts: [{ status: 'firing' }] },
    })
    await studio.alert('checkout', 'b')
    await studio.house.does(ana, 'INC-1001', { type: 'note', text: 'looking' })
    studio.later(frameEveryMs)
    const delta = studio.frames.find((frame) => frame.room === 'incident:INC-1001')
    expect(delta).toMatchObject({
      kind: 'delta',
      after: first.seq,
      facts: [{ type: 'alerts-attached' }, { type: 'noted', text: 'looking', by: { id: 'ana' } }],
    })
    expect(delta !== undefined && 'alerts' in delta && delta.alerts).toHaveLength(1)
  })

  test('there is none for an incident that does not exist', async () => {
    const studio = await Studio.open()
    expect(await studio.telling.open('incident:INC-7', undefined, () => expect.unreachable())).toBe(false)
  })
})

describe('a clock that jumps', () => {
  test('T9 set back an hour, the board and the incident page go on being told', async () => {
    const studio = await Studio.open()
    await studio.alert('checkout')
    studio.later(2000)
    await studio.watch('board')
    await studio.watch('incident:INC-1001')
    await studio.alert('checkout', 'b')
    studio.later(2000)
    studio.frames = []
    studio.house.now -= hourMs
    await studio.alert('checkout', 'c')
    studio.later(frameEveryMs)
    expect(studio.frames.map(({ room, kind }) => `${room} ${kind}`).sort()).toEqual([
      'board delta',
      'incident:INC-1001 delta',
    ])
    studio.frames = []
    await studio.alert('checkout', 'c')
    studio.later(2000).later(frameEveryMs)
    expect(studio.frames.length).toBeGreaterThan(0)
  })
})

describe('an incident page', () => {
  test('T10 whoever opens it while the last one leaves is told of what follows', async () => {
    const studio = await Studio.open()
    await studio.alert('checkout')
    studio.later(2000)
    await studio.watch('incident:INC-1001')
    const opening = studio.watch('incident:INC-1001')
    studio.telling.close('incident:INC-1001')
    await opening
    studio.frames = []
    await studio.alert('checkout', 'b')
    studio.later(2000)
    expect(studio.frames.filter(({ room }) => room === 'incident:INC-1001')).not.toHaveLength(0)
  })

  test('T11 one that could not be read is read again when it is opened again', async () => {
    const studio = await Studio.open()
    await studio.alert('checkout')
    studio.later(2000)
    const read = studio.house.store.read.factsOf
    studio.house.store.read.factsOf = () => Promise.reject(new Error('the disk stutters'))
    await expect(studio.watch('incident:INC-1001')).rejects.toThrow('the disk stutters')
    studio.house.store.read.factsOf = read
    expect((await studio.watch('incident:INC-1001')).kind).toBe('snapshot')
  })

  test('T12 of very many alerts it shows the newest, firing first, and is told only what changed among them', async () => {
    const studio = await Studio.open()
    for (let i = 0; i < 600; i++) {
      await studio.alert('checkout', `i${i}`)
      studio.house.now += 10
    }
    studio.later(2000)
    const first = await studio.watch('incident:INC-1001')
    const shown = 'incident' in first && 'alerts' in first.incident ? first.incident.alerts : []
    expect(shown).toHaveLength(500)
    expect(shown[0]?.labels.instance).toBe('i599')
    expect(shown.at(-1)?.labels.instance).toBe('i100')
    studio.frames = []
    await studio.alert('checkout', 'i0')
    await studio.alert('checkout', 'i300')
    await studio.alert('checkout', 'newest')
    studio.later(2000).later(2000)
    const told = studio.frames.flatMap((frame) => ('alerts' in frame ? frame.alerts : []))
    expect(told.map(({ labels }) => labels.instance).sort()).toEqual(['i300', 'newest'])
  })

  test('T14 alerts that went to another incident leave the page, and are told again when they come back', async () => {
    const studio = await Studio.open()
    await studio.alert('checkout')
    await studio.alert('search')
    await studio.alert('search', 'b')
    studio.later(2000)
    const ids = ['INC-1001', 'INC-1002'] as const
    const pages = new Map<string, Set<string>>()
    for (const id of ids) {
      const first = await studio.watch(`incident:${id}`)
      const alerts = 'incident' in first && 'alerts' in first.incident ? first.incident.alerts : []
      pages.set(id, new Set(alerts.map((alert) => alert.id)))
    }
    const counts = (): (number | undefined)[] => {
      studio.later(2000)
      for (const frame of studio.frames) {
        if (frame.kind !== 'delta' || !('facts' in frame)) continue
        const page = pages.get(frame.incident.summary.id)
        for (const id of frame.gone ?? []) page?.delete(id)
        for (const { id } of frame.alerts) page?.add(id)
      }
      studio.frames = []
      return ids.map((id) => pages.get(id)?.size)
    }
    expect(counts()).toEqual([1, 2])
    const { facts } = await studio.house.does(carla, 'INC-1002', { type: 'merge', into: 'INC-1001' })
    expect(counts()).toEqual([3, 0])
    // Also where it is written down as it was before.
    await studio.house.room.checkpoint()
    await studio.house.does(carla, 'INC-1002', { type: 'undo', seq: facts[0]?.seq })
    expect(counts()).toEqual([1, 2])
    expect((await studio.picture.alerts('INC-1001'))?.map(({ labels }) => labels.service)).toEqual(['checkout'])
    expect(await studio.picture.alerts('INC-1002')).toHaveLength(2)
  })
})

test('F9 why an alert is here is told with its labels, which the stored reason only names', async () => {
  const studio = await Studio.open()
  await studio.alert('checkout')
  const [why] = (await studio.picture.why('INC-1001')) ?? []
  expect(why?.decisions[0]?.reason).toContain('for rule \'same service\' (service="checkout")')
  const [stored] = await studio.house.store.read.decisionsOf('INC-1001', 1)
  expect(stored?.reason).not.toContain('checkout')
})
