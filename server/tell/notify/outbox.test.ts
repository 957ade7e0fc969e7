import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { usualPreferences } from '#shared/notify/preferences.ts'
import { NotifyWorld } from './outbox.fixture.ts'

async function world(): Promise<NotifyWorld> {
  const made = new NotifyWorld()
  made.person('ada')
  made.person('ben', ['email', 'ntfy'])
  await made.start()
  return made
}

describe('the outbox', () => {
  test('tells whom the page names, on each of their ways, and notes it as facts', async () => {
    const w = await world()
    await w.declare('INC-1', { tier: 2 })
    await w.page('INC-1', ['ada', 'ben'])
    await w.quieten()
    expect(w.taken.map(({ lane }) => lane).sort()).toEqual(['ada/email', 'ben/email', 'ben/ntfy'])
    const [{ message } = { message: null }] = w.taken
    expect(message).toMatchObject({
      title: 'INC-1 needs an owner: Tier 2, Trouble of INC-1',
      link: 'http://board/incident/INC-1',
      incidents: [{ reason: 'first', actions: [{ label: 'Claim' }, { label: 'Acknowledge' }] }],
    })
    const facts = await w.notified()
    expect(facts).toHaveLength(3)
    for (const fact of facts) expect(fact).toMatchObject({ outcome: 'delivered', by: 'system:notify', attempt: 1 })
  })

  test('rule N3: what is over when its turn comes is not sent, and it is said why', async () => {
    const w = await world()
    await w.declare('INC-1')
    await w.page('INC-1', ['ada'])
    await w.poll()
    await w.declare('INC-2')
    await w.page('INC-2', ['ada'])
    await w.poll()
    await w.claim('INC-2', 'ben')
    await w.quieten()
    expect(w.taken).toHaveLength(1)
    expect(w.outbox.recent().find(({ outcome }) => outcome === 'dropped')).toMatchObject({
      incidentId: 'INC-2',
      detail: 'it is owned meanwhile',
    })
  })

  test('rule N8: an exercise reaches nobody and is counted', async () => {
    const w = await world()
    w.shared.add('ops')
    await w.declare('INC-1', { drill: true })
    await w.page('INC-1', ['ada', 'ben'], 'first', ['ops'])
    await w.quieten()
    expect(w.taken).toEqual([])
    expect(w.outbox.figures()).toMatchObject({ waiting: 0, sending: 0, heldBack: 3 })
  })

  test('a first failure and the end of trying are noted, not each try; the commanders hear of it, by a way that works', async () => {
    const w = await world()
    w.commanders = ['ada', 'cleo']
    w.person('cleo', ['ntfy'])
    w.answers = (attempt) => (attempt >= 12 ? 'take' : 'busy')
    await w.declare('INC-1', { tier: 1 })
    await w.page('INC-1', ['ada'])
    await w.quieten()
    const facts = await w.notified()
    expect(facts.map(({ person, outcome, attempt }) => [person, outcome, attempt])).toEqual([
      ['ada', 'failed', 1],
      ['ada', 'given-up', 12],
      ['cleo', 'delivered', 1],
    ])
    expect(w.taken[0]?.message.incidents[0]?.text).toBe('ADA could not be reached (by e-mail). Please find somebody.')
  })

  test('a way that failed leaves nobody untold where another took it', async () => {
    const w = await world()
    w.commanders = ['ada']
    w.answers = (attempt) => (attempt === 0 ? 'never' : 'take')
    await w.declare('INC-1')
    await w.page('INC-1', ['ben'])
    await w.quieten()
    expect((await w.notified()).map(({ outcome, channel }) => [channel, outcome])).toEqual([
      ['email', 'given-up'],
      ['ntfy', 'delivered'],
    ])
    expect(w.taken.map(({ lane }) => lane)).toEqual(['ben/ntfy'])
  })

  test('rule N7: who has no way at all is named once; in a house where nobody has one, nothing is noted', async () => {
    const w = await world()
    w.person('dan', [])
    w.person('eve', [])
    await w.declare('INC-1')
    await w.page('INC-1', ['dan', 'eve'])
    await w.quieten()
    const [fact, ...more] = await w.notified()
    expect(fact).toMatchObject({ channel: 'none', outcome: 'given-up', person: null })
    expect(fact?.detail).toBe('DAN, EVE: no way to reach them is set up')
    expect(more).toEqual([])

    const bare = new NotifyWorld()
    bare.person('dan', [])
    await bare.start()
    await bare.declare('INC-1')
    await bare.page('INC-1', ['dan'])
    await bare.quieten()
    expect(await bare.notified()).toEqual([])
    expect(bare.outbox.recent()).toMatchObject([{ person: 'dan', channel: 'none', outcome: 'dropped' }])
  })

  test('rule N2: nobody is told of what they did themselves', async () => {
    const w = await world()
    await w.declare('INC-1')
    await w.claim('INC-1', 'ada')
    await w.happen(
      'INC-1',
      { type: 'task-added', at: w.now, by: 'person:ada', task: 1, text: 'Call the bank', person: 'ada', dueAt: null },
      { type: 'task-added', at: w.now, by: 'person:ada', task: 2, text: 'Look at the log', person: 'ben', dueAt: null },
    )
    await w.quieten()
    expect(w.taken.map(({ lane }) => lane).sort()).toEqual(['ben/email', 'ben/ntfy'])
    expect(w.taken[0]?.message.incidents[0]?.text).toBe('person:ada gave you a task: Look at the log')
  })

  test('rule N5: a storm of 1,000 incidents is a handful of messages, and the first goes at once', async () => {
    const w = await world()
    const began = w.now
    for (let n = 0; n < 1000; n++) {
      await w.declare(`INC-${n}`, { tier: 2 })
      await w.page(`INC-${n}`, ['ada'])
      if (n % 10 === 0) {
        w.now += 1000
        await w.poll()
      }
    }
    await w.quieten()
    expect(w.taken.length).toBeLessThanOrEqual(5)
    expect((w.taken[0]?.message.at ?? 0) - began).toBeLessThanOrEqual(2000)
    const told = w.taken.reduce((sum, { message }) => sum + message.incidents.length + message.more, 0)
    expect(told).toBe(1000)
    expect(await w.notified()).toHaveLength(1000)
  })

  test('rule N5: what is urgent never waits longer than the first window, whatever storm is on', async () => {
    const w = await world()
    for (let n = 0; n < 300; n++) {
      const tier = n % 100 === 99 ? 1 : 3
      await w.declare(`INC-${n}`, { tier })
      await w.page(`INC-${n}`, ['ada'])
      const since = w.now
      if (tier === 1) {
        const told = () => w.taken.some(({ message }) => message.incidents.some(({ id }) => id === `INC-${n}`))
        while (!told()) {
          await w.poll()
          w.now += 1000
        }
        expect(w.now - since).toBeLessThanOrEqual(31_000)
      } else {
        await w.poll()
        w.now += 500
      }
    }
  })

  test('rule N4: quiet hours let it wait until they end; Tier 1 does not', async () => {
    const w = new NotifyWorld()
    const quiet = [{ days: [1, 2, 3, 4, 5, 6, 7], from: '11:00', to: '13:00' }]
    w.person('ada', ['email'], { ...usualPreferences, quiet })
    await w.start()
    await w.declare('INC-1', { tier: 2 })
    await w.page('INC-1', ['ada'])
    await w.declare('INC-2', { tier: 1 })
    await w.page('INC-2', ['ada'])
    await w.quieten()
    expect(w.taken.map(({ message }) => [message.incidents[0]?.id, new Date(message.at).toISOString()])).toEqual([
      ['INC-2', '2026-11-22T12:00:00.000Z'],
      ['INC-1', '2026-11-22T13:00:00.000Z'],
    ])
  })

  test('rules N6, N9: whatever crashes where, each is told at least once under one key, and ends in exactly one outcome', async () => {
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('page' as const), who: fc.subarray(['ada', 'ben', 'dan']) }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('claim' as const), nth: fc.nat(5) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(40_000) }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('crash' as const), inCommits: fc.nat(4), after: fc.boolean() }),
      },
    )
    const answers = fc.array(fc.constantFrom('take', 'take', 'busy', 'never', 'take-and-die'), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), answers, async (steps, script) => {
        const w = await world()
        w.notesAtOnce = 2
        await w.start()
        w.person('dan', ['email', 'ntfy'])
        w.answers = (attempt) => (script[attempt] ?? 'take') as ReturnType<typeof w.answers>
        const expected: string[] = []
        let made = 0
        for (const one of steps) {
          if (one.do === 'page') {
            await w.declare(`INC-${++made}`)
            const [paged] = await w.page(`INC-${made}`, one.who)
            for (const who of one.who)
              for (const kind of w.people.get(who)?.kinds ?? []) expected.push(`${paged?.seq}.${who}.${kind}`)
          } else if (one.do === 'claim') {
            const incident = w.incidents.get(`INC-${one.nth}`)
            if (incident?.owner === null) await w.claim(incident.id, 'eve')
          } else if (one.do === 'wait') w.now += one.ms
          else w.crashAt = { commit: w.commits + one.inCommits, after: one.after }
          if (!(await w.poll())) await w.start()
        }
        await w.quieten()

        const ends = (await w.notified()).filter(({ outcome }) => outcome !== 'failed').map(({ key }) => key)
        expect(new Set(ends).size).toBe(ends.length)
        const dropped = w.outbox.recent().filter(({ outcome }) => outcome === 'dropped')
        expect(ends.length + dropped.length).toBe(expected.length)
        expect(expected).toEqual(expect.arrayContaining(ends))
        expect(w.outbox.figures()).toMatchObject({ waiting: 0, sending: 0 })
        // What the other side took is one effect for each key, and no delivery has come under two keys.
        const keys = new Map(w.taken.map(({ message }) => [message.key, message]))
        const told = [...keys.values()].flatMap(({ key, incidents }) =>
          incidents.map(({ id }) => `${key.split('.').slice(1).join('.')} ${id}`),
        )
        expect(new Set(told).size).toBe(told.length)
      }),
      { numRuns: 150 },
    )
  })
})
