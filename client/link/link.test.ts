import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { protocol, type Summary } from '#shared/wire.ts'
import { checkout } from '../stories/incidents.ts'
import { makeLink, staleAfterMs } from './link.ts'
import type { RoomPicture } from './picture.ts'
import { type Fate, makeFakeClock } from './restricted.fixture.ts'
import type { LinkClock, Transport, TransportEvents } from './transport.ts'

const iso = (at: number) => new Date(at).toISOString()
const ledger = { sinceMs: 3_600_000, accepted: 0, outcomes: {} }

/** A server with one board, and a line to it that may lose, repeat and delay what the server sends. */
function makeModel(clock: LinkClock, fate: () => Fate) {
  let seq = 100
  const board = new Map<string, Summary>()
  const changes: { seq: number; id: string }[] = []
  const answers = new Map<string, unknown>()
  let acted = 0
  let events: TransportEvents | null = null
  let up = false
  let opens = 0
  let reachable = true
  let watching = false

  const deliver = (then: () => void) => {
    const line = up
    const later = (ms: number) => clock.after(ms, () => line && up && then())
    switch (fate()) {
      case 'lost':
        return
      case 'twice':
        later(1)
        later(40)
        return
      case 'late':
        later(700)
        return
      default:
        later(1)
    }
  }
  const delta = (after: number) => {
    const ids = new Set(changes.filter((change) => change.seq > after).map(({ id }) => id))
    const upsert = [...ids].flatMap((id) => board.get(id) ?? [])
    const remove = [...ids].filter((id) => !board.has(id))
    return {
      room: 'board',
      kind: 'delta',
      after,
      seq,
      toldAt: iso(clock.now()),
      upsert,
      remove,
      notices: [],
      receivedAt: null,
    }
  }
  const snapshot = () => ({
    room: 'board',
    kind: 'snapshot',
    seq,
    toldAt: iso(clock.now()),
    incidents: [...board.values()],
    sources: [],
    ledger,
    heldBack: 0,
  })

  const transport: Transport = {
    listen(heard) {
      events = heard
    },
    connect() {
      if (up) return
      clock.after(5, () => {
        if (!reachable) return events?.closed({ kind: 'lost' })
        up = true
        opens++
        events?.open()
      })
    },
    close() {
      up = false
      watching = false
    },
    send(event, body, answered) {
      if (!up) return
      if (event === 'watch') {
        watching = true
        const { have } = body as { have?: number }
        const frame = have === undefined || have > seq || have < seq - 8 ? snapshot() : delta(have)
        deliver(() => events?.frame(frame))
        const at = seq
        deliver(() => answered({ ok: true, seq: at }))
      }
      if (event === 'command') {
        const { id } = body as { id: string }
        // What was asked may have been done although the answer never arrives: the id makes it once.
        deliver(() => {
          if (!answers.has(id)) {
            acted++
            answers.set(id, { seq: acted, facts: [] })
          }
          deliver(() => answered(answers.get(id)))
        })
      }
    },
  }
  return {
    transport,
    change(id: string, present: boolean) {
      const after = seq++
      if (present) board.set(id, { ...checkout, id, events: seq, seq })
      else board.delete(id)
      changes.push({ seq, id })
      if (!up || !watching) return
      const frame = delta(after)
      deliver(() => events?.frame(frame))
    },
    /** Anything at all, as another version of the server might send it. */
    raw(beat: unknown) {
      deliver(() => events?.beat(beat))
    },
    beat(version = protocol, trouble: string | null = null) {
      if (!up) return
      const beat = {
        at: iso(clock.now()),
        protocol: version,
        trouble,
        seq: watching ? { board: seq } : {},
        sources: [],
      }
      deliver(() => events?.beat(beat))
    },
    drop(for_: 'a moment' | 'good' = 'a moment') {
      reachable = for_ === 'a moment'
      if (!up) return
      up = false
      watching = false
      events?.closed({ kind: 'lost' })
    },
    back() {
      reachable = true
    },
    refuse: () => events?.closed({ kind: 'refused', code: 'not-signed-in', message: 'Sign in first.' }),
    board: () => board,
    seq: () => seq,
    acted: () => acted,
    opened: () => opens,
    events: () => events,
  }
}

function makeRig(fate: () => Fate = () => 'through') {
  const clock = makeFakeClock(1_000_000)
  const model = makeModel(clock, fate)
  let made = 0
  const link = makeLink({ transport: model.transport, clock, random: () => 0.5, newId: () => `c${++made}`, protocol })
  let picture: RoomPicture | null = null
  const seen: number[] = []
  link.watch('board', {
    changed(next) {
      if (!('incidents' in next)) return
      picture = next
      seen.push(next.seq)
    },
    refused: () => {},
  })
  link.start()
  const beats = (count: number) => {
    for (let i = 0; i < count; i++) {
      model.beat()
      clock.run(5_000)
    }
  }
  return { clock, model, link, beats, seen, picture: () => picture as RoomPicture | null }
}

describe('the live link', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('change' as const), id: fc.integer({ min: 1, max: 12 }), present: fc.boolean() }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 4_000 }) }),
    fc.constant({ do: 'beat' as const }),
    fc.constant({ do: 'drop' as const }),
    fc.constant({ do: 'command' as const }),
  )
  const fates = fc.array(fc.constantFrom<Fate>('through', 'through', 'lost', 'twice', 'late'), {
    minLength: 1,
    maxLength: 40,
  })

  it('L1: whatever the line loses, repeats and delays, the picture ends as the server’s', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fates, (steps, line) => {
        let at = 0
        let honest = false
        const rig = makeRig(() => (honest ? 'through' : (line[at++ % line.length] ?? 'through')))
        for (const one of steps) {
          if (one.do === 'change') rig.model.change(`INC-${one.id}`, one.present)
          if (one.do === 'wait') rig.clock.run(one.ms)
          if (one.do === 'beat') rig.model.beat()
          if (one.do === 'drop') rig.model.drop()
          if (one.do === 'command') void rig.link.command('INC-1', { type: 'claim' })
        }
        honest = true
        rig.clock.run(30_000)
        rig.beats(6)
        expect(rig.link.report().state.kind).toBe('live')
        expect(rig.link.report().waiting).toEqual([])
        expect(rig.picture()?.seq).toBe(rig.model.seq())
        expect(new Map(rig.picture()?.incidents)).toEqual(rig.model.board())
      }),
      { numRuns: 300 },
    )
  })

  it('L2: a command whose answer is lost goes out again with its id, acts once and ends in the server’s answer', async () => {
    let fate: Fate = 'through'
    const rig = makeRig(() => fate)
    rig.clock.run(1_000)
    fate = 'lost'
    const outcome = rig.link.command('INC-1', { type: 'claim' })
    rig.clock.run(7_000)
    expect(rig.link.report().waiting).toHaveLength(1)
    fate = 'twice'
    rig.model.drop()
    rig.clock.run(10_000)
    expect(await outcome).toEqual({ ok: true, seq: 1, facts: [] })
    expect(rig.model.acted()).toBe(1)
  })

  it('L2: a session that ends gives waiting commands a definite answer', async () => {
    const rig = makeRig()
    rig.clock.run(1_000)
    rig.model.drop('good')
    const outcome = rig.link.command('INC-1', { type: 'claim' })
    rig.model.refuse()
    expect(await outcome).toMatchObject({ ok: false, error: { code: 'not-signed-in' } })
    expect(rig.link.report().state).toEqual({ kind: 'signed-out' })
  })

  it('L3: says stale, and since when, by the data and not by the socket', () => {
    const rig = makeRig()
    rig.clock.run(100)
    rig.beats(1)
    expect(rig.link.report().state).toEqual({ kind: 'live' })
    const heardAt = rig.clock.now() - 5_000
    rig.clock.run(staleAfterMs - 5_000 + 1_000)
    const { state } = rig.link.report()
    expect(state.kind).toBe('stale')
    expect(state.kind === 'stale' && Math.abs((state.since ?? 0) - heardAt)).toBeLessThan(50)
  })

  it('L3: comes back by itself after an outage of any length, and is live again within five seconds', () => {
    const rig = makeRig()
    rig.clock.run(1_000)
    rig.model.change('INC-1', true)
    rig.model.drop('good')
    rig.clock.run(3_600_000)
    expect(rig.link.report().state.kind).toBe('stale')
    rig.model.back()
    rig.clock.run(10_000)
    expect(rig.link.report().state).toEqual({ kind: 'live' })
    expect(rig.picture()?.incidents.has('INC-1')).toBe(true)
  })

  it('L3: drops a line that is open and silent, and makes it anew', () => {
    let silent = false
    const rig = makeRig(() => (silent ? 'lost' : 'through'))
    rig.clock.run(100)
    rig.beats(1)
    silent = true
    const { opened } = rig.model
    const before = opened()
    rig.model.change('INC-7', true)
    rig.clock.run(staleAfterMs * 2 + 5_000)
    expect(opened()).toBeGreaterThan(before)
    silent = false
    rig.beats(4)
    expect(rig.link.report().state.kind).toBe('live')
    expect(rig.picture()?.incidents.has('INC-7')).toBe(true)
  })

  it('L4: a beat of another version says that the server is newer', () => {
    const rig = makeRig()
    rig.clock.run(100)
    rig.model.beat('other')
    rig.clock.run(10)
    expect(rig.link.report().newer).toBe(true)
  })

  it('L4: a beat of another version that cannot be read says so too', () => {
    const rig = makeRig()
    rig.clock.run(100)
    rig.model.raw({ protocol: 'other', at: 'now' })
    rig.clock.run(10)
    expect(rig.link.report().newer).toBe(true)
  })

  it('what keeps the server from writing is told while it lasts', () => {
    const rig = makeRig()
    rig.clock.run(100)
    rig.model.beat(undefined, 'The disk is full.')
    rig.clock.run(10)
    expect(rig.link.report().trouble).toBe('The disk is full.')
    rig.model.beat()
    rig.clock.run(10)
    expect(rig.link.report().trouble).toBeNull()
  })

  it('L5: a frame that cannot be read is never guessed at: the whole picture is asked for', () => {
    const rig = makeRig()
    rig.clock.run(1_000)
    rig.model.change('INC-3', true)
    rig.model.events()?.frame({ room: 'board', kind: 'delta', nonsense: true })
    rig.clock.run(1_000)
    expect(new Map(rig.picture()?.incidents)).toEqual(rig.model.board())
    expect(rig.link.report().state.kind).toBe('live')
  })
})
