import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ErrorBody } from '#shared/errors.ts'
import type { CommandOutcome } from '../commands.ts'
import { makeOutbox } from '../commands.ts'
import type { LinkClock } from '../transport.ts'
import { keepInMemory } from './keep.ts'
import { makeQueue, type Queue } from './queue.ts'
import { lateAfterMs, type Queued } from './queued.ts'

const minute = 60_000
const winner: ErrorBody = { code: 'already-owned', message: 'Tomasz Wilk owns INC-2 since 02:14.' }

/** Time that moves when it is told to; between two things that are due, promises have their turn. */
function makeClock() {
  let now = 1_000_000
  let made = 0
  const due: { at: number; order: number; then: () => void }[] = []
  const clock: LinkClock = {
    now: () => now,
    after(ms, then) {
      const one = { at: now + ms, order: made++, then }
      due.push(one)
      return () => {
        const place = due.indexOf(one)
        if (place !== -1) due.splice(place, 1)
      }
    },
  }
  const settle = async () => {
    for (let turn = 0; turn < 40; turn++) await Promise.resolve()
  }
  return {
    ...clock,
    settle,
    async run(ms: number) {
      const end = now + ms
      await settle()
      for (;;) {
        due.sort((a, b) => a.at - b.at || a.order - b.order)
        const next = due[0]
        if (next === undefined || next.at > end) break
        due.shift()
        now = next.at
        next.then()
        await settle()
      }
      now = end
    },
  }
}

type Fate = 'through' | 'lost' | 'answer lost' | 'twice'

/** One server, the store of one browser, and pages of it that come and go. */
function makeRig(fate: () => Fate = () => 'through') {
  const clock = makeClock()
  const entries = new Map<string, unknown>()
  const server = {
    acted: new Map<string, number>(),
    answers: new Map<string, unknown>(),
    by: new Map<string, string>(),
  }
  const told = new Map<string, Queued[]>()
  let up = false
  let made = 0
  let session = 'p_one'
  let taken = false

  function page(person: string) {
    const alive = { yes: true }
    const act = (body: { id: string; incident: string }) => {
      if (!server.answers.has(body.id)) {
        const refused = taken && body.incident === 'INC-2'
        server.acted.set(body.id, (server.acted.get(body.id) ?? 0) + (refused ? 0 : 1))
        server.by.set(body.id, session)
        server.answers.set(body.id, refused ? winner : { seq: 1, facts: [] })
      }
      return server.answers.get(body.id)
    }
    const outbox = makeOutbox({
      clock,
      newId: () => `c${++made}`,
      moved: () => {},
      send(raw, answered) {
        const body = raw as { id: string; incident: string }
        const how = fate()
        if (how === 'lost') return
        for (let time = 0; time < (how === 'twice' ? 2 : 1); time++)
          clock.after(5 + time * 40, () => {
            if (!up) return
            const answer = act(body)
            if (how !== 'answer lost') clock.after(5, () => up && alive.yes && answered(answer))
          })
      },
    })
    const queue: Queue = makeQueue({
      keep: keepInMemory(entries),
      line: {
        open: () => up,
        patienceMs: () => (up ? 8_000 : 0),
        command: (incident, command, how) => outbox.send(incident, command, how),
      },
      clock,
      newId: () => `c${++made}`,
      async inquire(id) {
        if (!up) return undefined
        const answer = server.answers.get(id)
        if (answer === undefined || server.by.get(id) !== person) return null
        return { error: answer === winner ? winner : null }
      },
      answered: (item) => alive.yes && told.set(item.id, [...(told.get(item.id) ?? []), item]),
    })
    if (up) outbox.opened()
    void queue.begin(person)
    const tick = () => {
      if (!alive.yes) return
      queue.tick()
      clock.after(1_000, tick)
    }
    tick()
    return {
      queue,
      line() {
        if (up) outbox.opened()
        else outbox.closed()
        if (up) queue.look()
        else queue.closed()
      },
      end() {
        alive.yes = false
        outbox.closed()
        queue.end()
      },
    }
  }
  let current = page(session)
  return {
    clock,
    server,
    told,
    entries,
    queue: () => current.queue,
    line(open: boolean) {
      if (up === open) return
      up = open
      current.line()
    },
    reload(person = session) {
      current.end()
      session = person
      current = page(person)
    },
    /** A second page of the same browser and person. */
    second: () => page(session),
    theyTakeIt() {
      taken = true
    },
  }
}

describe('commands that outlive the line', () => {
  it('Q1: asked for offline, waits in sight, is sent when the line is back, and its answer stays until it is read', async () => {
    const rig = makeRig()
    const outcome = await rig.queue().command('INC-1', { type: 'claim' })
    expect(outcome).toMatchObject({ ok: true, waits: true })
    expect(rig.queue().items()).toMatchObject([{ incident: 'INC-1', type: 'claim', state: 'waits' }])
    rig.line(true)
    await rig.clock.run(1_000)
    expect(rig.queue().items()).toMatchObject([{ state: 'answered', answer: { how: 'done' }, command: null }])
    rig.reload()
    await rig.clock.run(10)
    const [item] = rig.queue().items()
    expect(item).toMatchObject({ state: 'answered' })
    await rig.queue().read(item?.id ?? '')
    expect([rig.queue().items(), rig.entries.size]).toEqual([[], 0])
  })

  it('Q1: who waits in front of it gets the answer there, and nothing is left behind', async () => {
    const rig = makeRig()
    rig.line(true)
    const outcome = rig.queue().command('INC-1', { type: 'claim' })
    await rig.clock.run(100)
    expect(await outcome).toEqual({ ok: true, seq: 1, facts: [] })
    expect([rig.queue().items(), rig.entries.size, rig.told.size]).toEqual([[], 0, 0])
  })

  it('Q1: a claim that somebody else has won meanwhile is answered with their name', async () => {
    const rig = makeRig()
    await rig.queue().command('INC-2', { type: 'claim' })
    rig.theyTakeIt()
    rig.line(true)
    await rig.clock.run(100)
    expect(rig.queue().items()).toMatchObject([{ state: 'answered', answer: { how: 'refused', error: winner } }])
  })

  it('Q2: sent, and the page was closed before the answer: the next page asks with the same id, and it acts once', async () => {
    let lost = true
    const rig = makeRig(() => (lost ? 'answer lost' : 'through'))
    rig.line(true)
    void rig.queue().command('INC-1', { type: 'note', text: 'seen' })
    await rig.clock.run(100)
    expect(rig.server.acted.size).toBe(1)
    lost = false
    rig.reload()
    await rig.clock.run(15_000)
    expect(rig.queue().items()).toMatchObject([{ state: 'answered', answer: { how: 'done' } }])
    expect([...rig.server.acted.values()]).toEqual([1])
  })

  it('Q2: two pages of one browser send it once between them, and tell it once', async () => {
    const rig = makeRig()
    await rig.queue().command('INC-1', { type: 'claim' })
    const other = rig.second()
    await rig.clock.run(20_000)
    rig.line(true)
    other.line()
    await rig.clock.run(15_000)
    expect([...rig.server.acted.values()]).toEqual([1])
    expect([...rig.told.values()].map((list) => list.length)).toEqual([1])
  })

  it('Q3: another person who signs in sends nothing of it; its words are gone, and its author is told that it was never sent', async () => {
    const rig = makeRig()
    await rig.queue().command('INC-1', { type: 'note', text: 'the password is in the drawer' })
    rig.reload('p_two')
    rig.line(true)
    await rig.clock.run(60_000)
    expect(rig.server.acted.size).toBe(0)
    expect(rig.queue().items()).toEqual([])
    expect(JSON.stringify([...rig.entries])).not.toContain('drawer')
    rig.reload('p_one')
    await rig.clock.run(60_000)
    expect(rig.queue().items()).toMatchObject([{ state: 'answered', answer: { how: 'not-sent' } }])
    expect(rig.server.acted.size).toBe(0)
  })

  it('Q4: a claim whose moment has passed asks first; agreed to, it is sent', async () => {
    const rig = makeRig()
    await rig.queue().command('INC-1', { type: 'claim' })
    await rig.clock.run(lateAfterMs('claim'))
    rig.line(true)
    await rig.clock.run(minute)
    expect(rig.server.acted.size).toBe(0)
    const [item] = rig.queue().items()
    expect(item?.state).toBe('asks')
    await rig.queue().agree(item?.id ?? '')
    await rig.clock.run(100)
    expect(rig.queue().items()).toMatchObject([{ state: 'answered', answer: { how: 'done' } }])
  })

  it('Q4: sent into a line that was dead: after its moment the server is asked what it knows, and not to act', async () => {
    let how: Fate = 'lost'
    const rig = makeRig(() => how)
    rig.line(true)
    await Promise.race([rig.queue().command('INC-1', { type: 'claim' }), rig.clock.run(9_000)])
    rig.line(false)
    await rig.clock.run(10 * minute)
    how = 'through'
    rig.line(true)
    await rig.clock.run(20_000)
    expect(rig.server.acted.size).toBe(0)
    // It is known now that it never arrived: it can be taken back.
    expect(rig.queue().items()).toMatchObject([{ state: 'asks', sentAt: null }])
    expect(await rig.queue().takeBack(rig.queue().items()[0]?.id ?? '')).toBe(true)
    expect(rig.queue().items()).toEqual([])
  })

  it('Q5: what was not sent can be taken back, and is never sent; what was sent cannot', async () => {
    let how: Fate = 'through'
    const rig = makeRig(() => how)
    await rig.queue().command('INC-1', { type: 'claim' })
    const id = rig.queue().items()[0]?.id ?? ''
    expect(await rig.queue().takeBack(id)).toBe(true)
    rig.line(true)
    await rig.clock.run(minute)
    expect(rig.server.acted.size).toBe(0)
    how = 'answer lost'
    void rig.queue().command('INC-1', { type: 'claim' })
    await rig.clock.run(9_000)
    expect(await rig.queue().takeBack(rig.queue().items()[0]?.id ?? '')).toBe(false)
  })

  const step = fc.oneof(
    fc.record({
      do: fc.constant('ask' as const),
      incident: fc.constantFrom('INC-1', 'INC-2'),
      type: fc.constantFrom('claim' as const, 'note' as const),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(3, 20, 700, 9_000, 4 * minute) }),
    fc.record({ do: fc.constant('line' as const), open: fc.boolean() }),
    fc.constant({ do: 'reload' as const }),
    fc.record({ do: fc.constant('take back' as const), which: fc.nat({ max: 5 }) }),
    fc.record({ do: fc.constant('agree' as const), which: fc.nat({ max: 5 }) }),
    fc.constant({ do: 'lost to another' as const }),
  )
  const fates = fc.array(fc.constantFrom<Fate>('through', 'through', 'lost', 'answer lost', 'twice'), {
    minLength: 1,
    maxLength: 20,
  })

  it('Q1, Q2, Q5: under any order of drops, reloads, repeats and second thoughts each ends in one answer, and that answer is true', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fates, async (steps, line) => {
        let at = 0
        let honest = false
        const rig = makeRig(() => (honest ? 'through' : (line[at++ % line.length] ?? 'through')))
        const asked: Promise<CommandOutcome>[] = []
        const here: CommandOutcome[] = []
        const takenBack = new Set<string>()
        for (const one of steps) {
          const items = rig.queue().items()
          if (one.do === 'ask') {
            const words = one.type === 'note' ? { type: one.type, text: 'x' } : { type: one.type }
            const outcome = rig.queue().command(one.incident, words)
            asked.push(outcome)
            void outcome.then((what) => here.push(what))
          }
          if (one.do === 'wait') await rig.clock.run(one.ms)
          if (one.do === 'line') rig.line(one.open)
          if (one.do === 'reload') rig.reload()
          if (one.do === 'lost to another') rig.theyTakeIt()
          const { id } = items['which' in one ? one.which % Math.max(1, items.length) : 0] ?? { id: '' }
          if (one.do === 'take back' && (await rig.queue().takeBack(id))) takenBack.add(id)
          if (one.do === 'agree') await rig.queue().agree(id)
          await rig.clock.settle()
        }
        honest = true
        rig.line(true)
        for (let round = 0; round < 3; round++) {
          await rig.clock.run(40_000)
          for (const { id, state } of rig.queue().items()) if (state === 'asks') await rig.queue().agree(id)
        }
        const left = rig.queue().items()
        expect(left.filter(({ state }) => state !== 'answered')).toEqual([])
        // Told on the spot, kept to be read, or taken back: each of them once, and none is missing.
        const onTheSpot = here.filter((what) => !('waits' in what)).length
        expect(asked.length).toBe(here.length)
        expect(onTheSpot + left.length + takenBack.size).toBe(asked.length)
        for (const times of rig.server.acted.values()) expect(times).toBeLessThanOrEqual(1)
        for (const id of takenBack) expect(rig.server.answers.has(id)).toBe(false)
        for (const { id, answer } of left) expect(answer?.how).toBe(rig.server.acted.get(id) === 1 ? 'done' : 'refused')
        for (const list of rig.told.values()) expect(list).toHaveLength(1)
      }),
      { numRuns: 120 },
    )
  })
})
