import { describe, expect, test } from 'vitest'
import { hourMs, minuteMs, secondMs } from '#shared/clocks.ts'
import type { RotaTrouble, Shift } from '#shared/duty/rotation.ts'
import { type Policy, policySchema } from '#shared/policy.ts'
import { ana, ben, carla, House } from '../../command/room.fixture.ts'
import type { Rota } from '../../duty/port.ts'
import { makeMemoryStore } from '../../store/index.ts'
import { askedEveryMs, type LiveTote, makeTote, rosterEveryMs } from './tote.ts'

const noon = Date.UTC(2026, 0, 5, 12)
const by = (id: string) => ({ by: `person:${id}`, address: null })
const names: Record<string, string> = { ana: 'Ana', ben: 'Ben', carla: 'Carla' }

/** Shifts as they are written here. */
function rotaOf(shifts: readonly Omit<Shift, 'layer' | 'by'>[], troubles: readonly RotaTrouble[] = []): Rota {
  const all = shifts.map((shift): Shift => ({ layer: '1', by: 'rotation', ...shift }))
  const at = (rotation: string, now: number) =>
    all
      .filter((shift) => shift.rotation === rotation && shift.from <= now && now < shift.to)
      .map(({ person }) => person)
  return {
    onCall: at,
    onCallOfTeam: (team, now) => at(team, now),
    shifts: (_, from, to) => all.filter((shift) => shift.from < to && shift.to > from),
    shiftOf: () => null,
    troubles: () => troubles,
  }
}
const night = { rotation: 'pay', from: noon - 4 * hourMs, to: noon + 4 * hourMs }
const usual = rotaOf([
  { ...night, person: 'ana' },
  { ...night, person: 'ben' },
  { ...night, person: 'carla', from: night.to, to: night.to + 8 * hourMs },
])
const policy = policySchema.parse({
  teams: [
    { id: 'pay', name: 'Payments', members: ['ana', 'ben', 'carla'] },
    { id: 'web', members: ['carla'] },
  ],
  rotations: [
    { id: 'pay', team: 'pay', time_zone: 'UTC', layers: [{ people: ['ana'], starts: '2026-01-01T00:00', turn: '1d' }] },
  ],
})

/** A house with a tote, at noon; `rota` and `policy` can be exchanged. */
class Room {
  house!: House
  tote!: LiveTote
  rota: Rota = usual
  policy: Policy = policy
  failing = false

  static async open(house?: House, rota = usual): Promise<Room> {
    const room = new Room()
    room.rota = rota
    room.house = house ?? (await House.open(makeMemoryStore(), noon))
    const { store } = room.house
    room.tote = makeTote({
      ...{ initial: await store.read.settings(), clock: { now: () => room.house.now } },
      ...{ policy: () => room.policy, rota: () => room.rota, nameOf: (id) => names[id] ?? id },
      sees: (...asked) => room.house.room.sees(...asked),
      people: {
        list: () => ['ana', 'ben', 'carla'].map((id) => ({ id })),
        exists: (id) => id in names,
        mayRespond: (id) => id in names,
      },
      record: (change) => (room.failing ? Promise.reject(new Error('full')) : room.house.room.record(change)),
      keep: (change) => (room.failing ? Promise.reject(new Error('full')) : store.commit(change)),
      log: { error: () => undefined },
    })
    room.tote.reset(room.house.room.world().incidents.values())
    room.house.onDurable = (durable) => room.tote.apply(durable)
    return room
  }
  /** As a new process finds it. */
  async restart(): Promise<Room> {
    return Room.open(await this.house.restart(), this.rota)
  }
  async incident(service: string, tier?: 1 | 2 | 3): Promise<string> {
    await this.house.alert({ alertname: 'Down', service, instance: 'a', severity: 'critical' })
    const id = [...this.house.room.world().incidents.keys()].at(-1) ?? ''
    if (tier !== undefined) await this.house.does(carla, id, { type: 'classify', tier, reason: 'as it is' })
    return id
  }
  of(id: string) {
    const row = this.tote.readiness(id)
    if (row === null) throw new Error(`${id} is not on the tote`)
    return row
  }
  kept = () => this.house.store.read.settings('readiness')
}
const iso = (at: number) => new Date(at).toISOString()

describe('the tote', () => {
  test('RD4: teams with who answers first, who else is on call, the next change, and who is released', async () => {
    const { tote, of } = await Room.open().then((room) => ({ tote: room.tote, of: room.of.bind(room) }))
    const { teams, people } = tote.view()
    expect(teams[0]).toEqual({
      ...{ id: 'pay', name: 'Payments', people: ['ana', 'ben', 'carla'], answers: 'ana', onCall: 2 },
      ...{ rota: true, expected: true, next: { at: iso(night.to), to: ['carla'] }, gap: null },
    })
    expect(teams[1]).toMatchObject({ id: 'web', answers: null, rota: false, expected: false, next: null })
    expect(people.map(({ id, state }) => [id, state])).toEqual([
      ['ana', 'ready'],
      ['ben', 'on-call'],
      ['carla', 'released'],
    ])
    expect(of('ana')).toMatchObject({ since: iso(night.from), until: iso(night.to), shift: { rotation: 'pay' } })
  })

  test('RD2: a claim engages the one who claims, and moves no other row', async () => {
    const room = await Room.open()
    const before = room.tote.view() && room.tote.seq()
    const id = await room.incident('checkout')
    expect(room.tote.seq()).toBe(before)
    await room.house.does(ana, id, { type: 'claim' })
    const change = room.tote.since(before)
    expect(change?.people.map((row) => row.id)).toEqual(['ana'])
    expect(change?.teams).toEqual([])
    expect(room.of('ana')).toMatchObject({ state: 'engaged', since: iso(noon), until: null })
    expect(room.of('ana').holds).toEqual([{ id, kind: 'owns', since: iso(noon) }])
  })

  test('offers that wait, and whom somebody assists, stand in their rows', async () => {
    const room = await Room.open()
    const id = await room.incident('checkout')
    await room.house.does(ana, id, { type: 'claim' })
    await room.house.does(ana, id, { type: 'assist', person: 'carla' })
    await room.house.does(ana, id, { type: 'offer', to: 'ben', brief: { situation: 'It fails' } })
    expect(room.of('ben')).toMatchObject({ state: 'on-call', holds: [{ id, kind: 'offer', due: expect.any(String) }] })
    expect(room.of('carla').holds).toEqual([{ id, kind: 'assists' }])
    await room.house.does(ben, id, { type: 'accept', revision: 1, readBack: 'I have it' })
    expect(room.of('ben').state).toBe('engaged')
    expect(room.of('ana')).toMatchObject({ state: 'ready', since: iso(noon) })
    expect(room.of('ana').holds).toBeUndefined()
  })

  test('RD2: a role engages too, until it is left', async () => {
    const room = await Room.open()
    const id = await room.incident('checkout')
    await room.house.does(ben, id, { type: 'assign-role', role: 'scribe', person: 'ben' })
    expect(room.of('ben')).toMatchObject({ state: 'engaged', holds: [{ id, kind: 'role', role: 'scribe' }] })
    await room.house.does(ben, id, { type: 'release', role: 'scribe', reason: 'done' })
    expect(room.of('ben').state).toBe('on-call')
  })

  test('RD3: after a long Tier 1 somebody recovers, also over a restart, and is ready again by the clock', async () => {
    const room = await Room.open()
    const id = await room.incident('checkout', 1)
    await room.house.does(ana, id, { type: 'claim' })
    room.house.later(61 * minuteMs)
    await room.house.does(ana, id, { type: 'release', reason: 'tired' })
    const until = iso(noon + 91 * minuteMs)
    expect(room.of('ana')).toMatchObject({ state: 'recovering', until })
    const again = await room.restart()
    expect(again.of('ana')).toMatchObject({ state: 'recovering', until })
    again.house.later(30 * minuteMs)
    const before = again.tote.seq()
    again.tote.move()
    expect(again.tote.seq()).toBeGreaterThan(before)
    expect(again.of('ana').state).toBe('ready')
  })

  test('RD6 and RD8: what is said outlives a restart, ends by the clock, and its row goes; the note is personal data', async () => {
    const room = await Room.open()
    await room.tote.say(by('carla'), 'carla', { state: 'available', inMin: 20, untilMin: 50, note: 'On the train' })
    expect(room.of('carla')).toMatchObject({
      ...{ state: 'available', until: iso(noon + 20 * minuteMs) },
      ...{ said: { noted: true, until: iso(noon + 50 * minuteMs) }, derived: { state: 'released' } },
    })
    expect(JSON.stringify(room.tote.view())).not.toContain('train')
    const [row] = await room.kept()
    expect(JSON.stringify(row?.doc)).not.toContain('train')
    expect(row).toMatchObject({ id: 'carla', personal: { note: 'On the train' } })
    const audit = await room.house.store.read.audit(0, 100)
    expect(audit.find(({ action }) => action === 'readiness.say')).toMatchObject({
      ...{ by: 'person:carla', subject: 'carla' },
      detail: { state: 'available' },
    })

    const again = await room.restart()
    expect(again.of('carla').state).toBe('available')
    expect(again.tote.notes().get('carla')).toBe('On the train')
    again.house.later(20 * minuteMs)
    expect(again.of('carla')).toMatchObject({ state: 'ready', until: iso(noon + 50 * minuteMs) })
    again.house.later(30 * minuteMs)
    expect(again.of('carla')).toMatchObject({ state: 'released' })
    expect(again.of('carla').said).toBeUndefined()
    expect(again.tote.notes().size).toBe(0)
    again.tote.tidy()
    await again.house.settled()
    expect(await again.kept()).toEqual([])
  })

  test('RD7: who claims after saying otherwise is engaged, and what was said is gone for good', async () => {
    const room = await Room.open()
    await room.tote.say(by('ana'), 'ana', { state: 'released', note: 'lunch' })
    expect(room.of('ana').state).toBe('released')
    room.house.later(secondMs)
    const id = await room.incident('checkout', 3)
    await room.house.does(ana, id, { type: 'claim' })
    expect(room.of('ana')).toMatchObject({ state: 'engaged' })
    expect(room.tote.notes().size).toBe(0)
    await room.house.does(ana, id, { type: 'release', reason: 'not mine' })
    expect(room.of('ana').state).toBe('ready')
    await room.house.settled()
    expect(await room.kept()).toEqual([])
  })

  test('RD7: also where the server died before the words could be removed', async () => {
    const room = await Room.open()
    await room.tote.say(by('ana'), 'ana', { state: 'released' })
    room.house.later(secondMs)
    const id = await room.incident('checkout', 3)
    room.failing = true
    await room.house.does(ana, id, { type: 'claim' })
    await room.house.does(ana, id, { type: 'release', reason: 'not mine' })
    expect(await room.kept()).toHaveLength(1)
    const again = await room.restart()
    expect(again.of('ana')).toMatchObject({ state: 'ready' })
    await again.house.settled()
    expect(await again.kept()).toEqual([])
  })

  test('RD8: a commander corrects somebody by name, and they may take it back', async () => {
    const room = await Room.open()
    await room.tote.say(by('carla'), 'ana', { state: 'released', untilMin: 60, note: 'sent home' })
    expect(room.of('ana').said).toMatchObject({ by: { id: 'carla', name: 'Carla' }, noted: true })
    await room.tote.unsay(by('ana'), 'ana')
    expect(room.of('ana')).toMatchObject({ state: 'ready' })
    expect(await room.kept()).toEqual([])
    await expect(room.tote.say(by('carla'), 'zoe', { state: 'ready' })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('what could not be written was not said', async () => {
    const room = await Room.open()
    room.failing = true
    await expect(room.tote.say(by('ana'), 'ana', { state: 'released' })).rejects.toThrow('full')
    expect(room.of('ana').state).toBe('ready')
    room.failing = false
    await room.tote.say(by('ana'), 'ana', { state: 'released' })
    expect(room.of('ana').state).toBe('released')
  })

  test('a shift that turns, another policy and a clock set back are shown at once; an override within ten seconds', async () => {
    const room = await Room.open()
    room.tote.view()
    room.house.later(4 * hourMs)
    room.tote.move()
    expect([room.of('ana').state, room.of('carla').state]).toEqual(['released', 'ready'])
    expect(room.tote.view().teams[0]).toMatchObject({ answers: 'carla', people: ['carla', 'ana', 'ben'] })
    const before = room.tote.seq()
    room.policy = { ...policy, teams: policy.teams.slice(1) }
    expect(room.tote.view().teams.map(({ id }) => id)).toEqual(['web'])
    expect(room.tote.since(before), 'only the whole says it').toBeNull()
    room.policy = policy
    room.tote.move()
    room.rota = rotaOf([{ ...night, person: 'ben', to: noon + 9 * hourMs }])
    room.house.later(askedEveryMs)
    expect(room.of('ben').state).toBe('ready')
    room.house.later(-5 * hourMs)
    room.rota = usual
    expect(room.of('ana').state).toBe('ready')
  })

  test('turns that follow each other are one shift, and what ends later than is looked ahead is not said to end', async () => {
    const week = (n: number) => noon + n * 7 * 24 * hourMs
    const turns = (weeks: number) =>
      Array.from({ length: weeks }, (_, n) => ({ rotation: 'pay', person: 'ana', from: week(n - 1), to: week(n) }))
    const room = await Room.open(undefined, rotaOf(turns(4)))
    expect(room.of('ana')).toMatchObject({ state: 'ready', until: null, shift: { rotation: 'pay', endsAt: null } })
    const other = await Room.open(undefined, rotaOf([...turns(1), { ...night, person: 'ana', from: noon }]))
    expect(other.of('ana')).toMatchObject({ since: iso(week(-1)), until: iso(night.to) })
  })

  test('RD9: a gap is told, and the team without anybody is expected to have one', async () => {
    const gap = {
      rotation: 'pay',
      from: noon - hourMs,
      to: noon + hourMs,
      kind: 'gap',
      people: [],
      other: null,
    } as const
    const room = await Room.open(undefined, rotaOf([], [gap]))
    const [team] = room.tote.view().teams
    expect(team).toMatchObject({ onCall: 0, rota: true, expected: true })
    expect(team?.gap).toEqual({ rotation: 'pay', from: iso(gap.from), to: iso(gap.to) })
  })

  test('the phone is answered by whom the policy names, else by who is asked first', async () => {
    const room = await Room.open()
    const phone = (answered_by: string) => ({
      ...policy,
      teams: policy.teams.map((team) => ({ ...team, phone: { answered_by } })),
    })
    for (const [target, answers] of [
      ['rotation:pay', 'ana'],
      ['team:pay', 'ana'],
      ['carla', 'carla'],
      ['rotation:none', null],
    ] as const) {
      room.policy = phone(target)
      expect(room.tote.view().teams[1]?.answers).toBe(answers)
    }
  })

  test('who is no responder comes on the tote with what they hold, and goes with it', async () => {
    const room = await Room.open()
    room.tote.view()
    const id = await room.incident('checkout')
    const before = room.tote.seq()
    const facts = [{ type: 'assisted', person: 'zoe' }] as never
    const incident = room.house.room.world().incidents.get(id)
    if (incident === undefined) throw new Error('no incident')
    const held = { ...incident, assistants: ['zoe'], version: incident.version + 1 }
    room.tote.apply({ facts, incidents: new Map([[id, held]]) })
    expect(room.tote.since(before)?.people.map((row) => row.id)).toEqual(['zoe'])
    const with1 = room.tote.seq()
    room.tote.apply({ facts, incidents: new Map([[id, { ...held, assistants: [], version: held.version + 1 }]]) })
    room.house.later(rosterEveryMs)
    room.tote.move()
    expect(room.tote.since(with1)).toMatchObject({ gone: ['zoe'], people: [] })
  })
})
