import { describe, expect, test } from 'vitest'
import { minuteMs } from '../clocks.ts'
import type { CommandRefused } from '../errors.ts'
import { type Command, commandSchema } from './commands.ts'
import { decide, decideDeclaration, type SingleCommand } from './decide.ts'
import { evolve } from './evolve.ts'
import { type Fact, factVersion, type RecordedFact, readFact, sealedFields } from './facts.ts'
import type { Incident } from './state.ts'
import { mostOpenTasks, mostTasks, nextTaskDueAt } from './tasks.ts'

const start = Date.UTC(2026, 0, 5, 3)

/** One incident and its clock; each act is decided and folded. */
class Room {
  now = start
  facts: RecordedFact[] = []
  incident!: Incident
  constructor() {
    const what = { title: 'Customers call', service: null, team: null, tier: null, description: '', flags: [] }
    this.#record(decideDeclaration({ type: 'declare', ...what }, this.#context('ana')))
  }
  does(who: string, act: object): Fact[] {
    const command = commandSchema.parse({ id: 'c', ...act }) as Command
    const facts = decide(command as SingleCommand, this.incident, this.#context(who))
    this.#record(facts)
    return facts
  }
  refuses(who: string, act: object): string {
    try {
      this.does(who, act)
    } catch (error) {
      return (error as CommandRefused).code
    }
    return 'done'
  }
  get tasks() {
    return this.incident.tasks ?? []
  }
  #context(who: string) {
    return {
      now: this.now,
      by: `person:${who}`,
      commander: who === 'carla',
      eligible: [],
      offerLimitMs: () => minuteMs,
      nextUpdateMs: () => null,
    }
  }
  #record(facts: readonly Fact[]) {
    for (const fact of facts) {
      const version = this.facts.length + 1
      const placed = { ...fact, seq: version, incidentId: 'INC-1', version } as RecordedFact
      this.facts.push(placed)
      this.incident = evolve(this.facts.length === 1 ? null : this.incident, placed)
    }
  }
}

describe('tasks of an incident', () => {
  test('T1 a task has a number, words, whoever does it and a time; whoever responds may add and change it', () => {
    const room = new Room()
    room.does('ana', { type: 'add-task', text: 'Check the replicas', person: 'ben', dueInMin: 20 })
    room.does('ben', { type: 'add-task', text: 'Call the provider' })
    expect(room.tasks).toMatchObject([
      { id: 1, text: 'Check the replicas', state: 'open', person: 'ben', dueAt: start + 20 * minuteMs },
      { id: 2, text: 'Call the provider', state: 'open', person: null, dueAt: null },
    ])
    room.now += minuteMs
    room.does('dan', { type: 'set-task', task: 2, state: 'open', person: 'dan' })
    room.does('ben', { type: 'set-task', task: 1, state: 'done' })
    expect(room.tasks).toMatchObject([
      { state: 'done', person: 'ben', changedAt: room.now },
      { state: 'open', person: 'dan', changedAt: start },
    ])
    expect(room.incident).toMatchObject({ owner: null, handovers: 0, revision: 5 })
  })

  test('what is not said stays; what is said to be nothing goes', () => {
    const room = new Room()
    room.does('ana', { type: 'add-task', text: 'Check the replicas', person: 'ben', dueInMin: 20 })
    expect(room.does('ana', { type: 'set-task', task: 1, state: 'open', dueInMin: 30 })).toMatchObject([
      { person: 'ben', dueAt: start + 30 * minuteMs, changed: ['due'] },
    ])
    expect(
      room.does('ana', { type: 'set-task', task: 1, state: 'dropped', person: null, dueInMin: null }),
    ).toMatchObject([{ person: null, dueAt: null, changed: ['state', 'person', 'due'] }])
  })

  test('the next that is due is the first of those that are open and have a time', () => {
    const room = new Room()
    expect(nextTaskDueAt(room.tasks)).toBeNull()
    for (const dueInMin of [30, 10, 20]) room.does('ana', { type: 'add-task', text: 'Look', dueInMin })
    expect(nextTaskDueAt(room.tasks)).toBe(start + 10 * minuteMs)
    room.does('ana', { type: 'set-task', task: 2, state: 'done' })
    expect(nextTaskDueAt(room.tasks)).toBe(start + 20 * minuteMs)
  })

  test('refusals are definite', () => {
    const room = new Room()
    expect(room.refuses('ana', { type: 'set-task', task: 1, state: 'done' })).toBe('not-found')
    room.does('ana', { type: 'add-task', text: 'Look' })
    expect(room.refuses('ana', { type: 'set-task', task: 1, state: 'open' })).toBe('nothing-to-change')
    expect(room.refuses('ana', { type: 'add-task', text: 'Look', revision: 1 })).toBe('revision-stale')
    room.does('carla', { type: 'dismiss', reason: 'A test.' })
    expect(room.refuses('ana', { type: 'set-task', task: 1, state: 'done' })).toBe('phase-forbids')
    expect(room.refuses('ana', { type: 'add-task', text: 'Look' })).toBe('phase-forbids')
  })

  test('T2 so many may be open at once, and so many there may ever be', () => {
    const room = new Room()
    const add = { type: 'add-task', text: 'Look' }
    for (let task = 1; task <= mostOpenTasks; task++) room.does('ana', add)
    expect(room.refuses('ana', add)).toBe('phase-forbids')
    for (let task = mostOpenTasks; task < mostTasks; task++) {
      room.does('ana', { type: 'set-task', task, state: task % 2 === 0 ? 'done' : 'dropped' })
      room.does('ana', add)
    }
    expect(room.refuses('ana', { type: 'set-task', task: mostOpenTasks, state: 'open' })).toBe('phase-forbids')
    room.does('ana', { type: 'set-task', task: 1, state: 'done' })
    expect(room.refuses('ana', add)).toBe('phase-forbids')
    expect(room.refuses('ana', { type: 'set-task', task: mostOpenTasks, state: 'open' })).toBe('done')
  })

  test('I1 the words are sealed, and the facts are read back as they were', () => {
    const room = new Room()
    room.does('ana', { type: 'add-task', text: 'Check the replicas', person: 'ben', dueInMin: 20 })
    room.does('ben', { type: 'set-task', task: 1, state: 'done' })
    expect(sealedFields('task-added')).toEqual(['text'])
    for (const { seq: _, incidentId: __, version: ___, ...fact } of room.facts) {
      const { type, at, by, ...data } = JSON.parse(JSON.stringify(fact)) as Fact
      expect(readFact(type, factVersion(type), at, by, data)).toEqual(fact)
    }
  })
})
