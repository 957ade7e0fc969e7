import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NotifyWorld } from './outbox.fixture.ts'
import type { Outbox } from './outbox.ts'

/** Two processes on one store. */
async function two() {
  const w = new NotifyWorld()
  for (const id of ['ada', 'ben', 'cleo']) w.person(id)
  const one = await w.join('one')
  const other = await w.join('other')
  /** Both poll for so long, a second apart, in this order; a process that is gone does nothing. */
  async function pass(seconds: number, nodes: readonly Outbox[] = [one, other]): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await Promise.all(nodes.map((node) => w.poll(node)))
      w.now += 1000
    }
  }
  return { w, one, other, pass }
}
const keys = (w: NotifyWorld) => w.taken.map(({ message }) => message.key)
const ends = async (w: NotifyWorld) =>
  (await w.notified()).filter(({ outcome }) => outcome !== 'failed').map(({ key }) => key)

describe('two processes on one store', () => {
  it('N12: each message is sent once and noted once, whoever comes first', async () => {
    for (const flip of [false, true]) {
      const { w, one, other, pass } = await two()
      const nodes = flip ? [other, one] : [one, other]
      for (let n = 0; n < 12; n++) {
        await w.declare(`INC-${n}`, { tier: 2 })
        await w.page(`INC-${n}`, n % 2 === 0 ? ['ada', 'ben'] : ['cleo'])
        w.swap(`s${n}`, { eligible: ['cleo'] })
        await pass(n * 7, nodes)
      }
      await pass(400, nodes)
      expect(new Set(keys(w)).size).toBe(keys(w).length)
      const told = w.taken.flatMap(({ lane, message }) =>
        message.incidents.map(({ id, link }) => `${lane} ${id} ${link}`),
      )
      expect(told.filter((each) => each.includes('INC-'))).toHaveLength(18)
      expect(new Set(await ends(w)).size).toBe(18)
      expect(await ends(w)).toHaveLength(18)
      for (const node of nodes) expect(node.figures(true)).toMatchObject({ sending: 0 })
    }
  })

  it('N12: what the first one had when it died is sent by the other, under its key, and not before the lease is over', async () => {
    const { w, one, other, pass } = await two()
    await w.declare('INC-1', { tier: 2 })
    await w.page('INC-1', ['ada'])
    // It dies with the message under way: nobody knows whether it arrived.
    w.answers = () => 'never'
    w.hold = new Promise(() => undefined)
    await w.poll(one)
    expect(w.tries).toBe(1)
    w.hold = null
    w.answers = () => 'take'
    await pass(25, [other])
    expect(keys(w)).toEqual([])
    await pass(15, [other])
    expect(w.taken.map(({ lane }) => lane)).toEqual(['ada/email'])
    await pass(120, [other])
    expect(keys(w)).toHaveLength(1)
    expect(await ends(w)).toEqual(keys(w))
  })

  it('N12: the other finds what waits for another try though nothing new happens', async () => {
    const { w, one, other, pass } = await two()
    w.answers = (attempt) => (attempt === 0 ? 'busy' : 'take')
    await w.declare('INC-1', { tier: 2 })
    await w.page('INC-1', ['ada'])
    await pass(2, [one])
    expect(await w.notified()).toMatchObject([{ outcome: 'failed' }])
    await pass(120, [other])
    expect(keys(w)).toHaveLength(1)
    expect(await ends(w)).toHaveLength(1)
  })

  it('N12: one that was held up while another took over writes nothing that is over', async () => {
    const { w, one, other, pass } = await two()
    await w.declare('INC-1', { tier: 2 })
    await w.page('INC-1', ['ada'])
    const held = Promise.withResolvers<void>()
    w.hold = held.promise
    await w.poll(one)
    w.hold = null
    await pass(60, [other])
    held.resolve()
    await pass(120, [one, other])
    // It may have arrived twice; it is one message to whoever knows it by its key, and one fact.
    expect(new Set(keys(w)).size).toBe(1)
    expect(await ends(w)).toHaveLength(1)
  })

  it('N12 law: whoever of three polls when, and whoever dies: told at least once, under one key, noted once', async () => {
    const step = fc.record({
      who: fc.nat(2),
      act: fc.constantFrom('poll', 'poll', 'poll', 'page', 'die'),
      ms: fc.constantFrom(100, 1000, 20_000, 40_000),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const w = new NotifyWorld()
        w.person('ada')
        const nodes = [await w.join('n0'), await w.join('n1'), await w.join('n2')]
        const expected: string[] = []
        let made = 0
        for (const { who, act, ms } of steps) {
          w.now += ms
          if (act === 'page') {
            await w.declare(`INC-${++made}`)
            const [paged] = await w.page(`INC-${made}`, ['ada'])
            expected.push(`${paged?.seq}.ada.email`)
          } else if (act === 'die') nodes[who] = await w.join(`n${who}`)
          else await w.poll(nodes[who])
        }
        for (let second = 0; second < 300; second++) {
          for (const node of nodes) await w.poll(node)
          w.now += 1000
        }
        expect((await ends(w)).sort()).toEqual(expected.sort())
        const told = new Map(w.taken.map(({ message }) => [message.key, message]))
        expect([...told.values()].flatMap(({ incidents }) => incidents.map(({ id }) => id))).toHaveLength(made)
      }),
      { numRuns: 40 },
    )
  })
})
