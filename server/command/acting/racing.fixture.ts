import { expect } from 'vitest'
import type { Actor } from '#shared/access.ts'
import type { UxbridgeError } from '#shared/errors.ts'
import type { Incident } from '#shared/incident/state.ts'
import { brief, House, here, person } from '../room.fixture.ts'
import { commander, type Move, ownersIn, people, type Who } from './race.fixture.ts'

const actors = Object.fromEntries(
  people.map((who) => [who, person(who, who === commander ? 'commander' : 'responder')]),
) as Record<Who, Actor>

/** The command of a move, as it is sent. */
function commandOf(move: Exclude<Move, { who: 'clock' }>): object {
  switch (move.does) {
    case 'offer':
      return { type: 'offer', to: move.to, brief }
    case 'accept':
      return { type: 'accept', revision: move.revision, readBack: 'Understood.' }
    case 'resolve':
      return { type: 'set-phase', phase: 'resolved' }
    case 'claim':
    case 'withdraw':
    case 'ask-relief':
    case 'grant-relief':
      return { type: move.does }
    default:
      return { type: move.does, reason: 'So it is.' }
  }
}

/** A refusal in the model's words: its code, and the owner and time that it names. */
function answerOf(error: UxbridgeError): string {
  const { owner, since } = error.details ?? {}
  if (error.code === 'already-owned') return `already-owned ${owner} ${Date.parse(String(since))}`
  return error.code === 'not-owner' ? `not-owner ${owner ?? 'nobody'}` : error.code
}

/** A room whose reads answer after so many turns, so that commands which were started together overlap in any order. */
export async function slowHouse(): Promise<House & { turns: (count: number) => void }> {
  const house = await House.open()
  let turns = 0
  const { read } = house.store
  const answer = read.answer.bind(read)
  read.answer = async (...asked) => {
    for (let left = turns; left > 0; left--) await null
    return answer(...asked)
  }
  return Object.assign(house, {
    turns: (count: number) => {
      turns = count
    },
  })
}
export type SlowHouse = Awaited<ReturnType<typeof slowHouse>>

export async function declared(house: House): Promise<string> {
  const what = { title: 'Customers call', service: null, tier: null, description: '', flags: [] }
  return (await house.room.declare(actors.dan, what, here)).incidentId
}

/** Starts all moves together, the n-th to reach the room after `turns[n]`. @returns their answers */
export async function raced(house: SlowHouse, id: string, moves: readonly Move[], turns: readonly number[]) {
  house.store.hold(true)
  const answers = moves.map(async (move, index) => {
    const wait = turns[index] ?? 0
    if (move.who === 'clock') {
      for (let left = wait; left > 0; left--) await null
      if (move.does === 'pass') house.later(move.ms)
      else house.room.tick()
      return 'done'
    }
    house.turns(wait)
    return house.does(actors[move.who], id, commandOf(move)).then(
      () => 'done',
      (error: UxbridgeError) => answerOf(error),
    )
  })
  // Commits wait until all have been decided, and are then answered in a burst.
  for (let left = Math.max(0, ...turns) + 10; left > 0; left--) await null
  house.store.hold(false)
  return Promise.all(answers)
}

export const held = (house: House, id: string) => house.room.incident(id) as Incident

/** What is shown while people race: each incident's versions in order, and its owner of that moment. */
export function watchShown(house: House): () => void {
  const versions = new Map<string, number>()
  const wrong: string[] = []
  house.onDurable = ({ incidents }) => {
    for (const [id, { version }] of incidents) {
      if (version <= (versions.get(id) ?? 0)) wrong.push(`${id} at ${version} after ${versions.get(id)}`)
      versions.set(id, version)
    }
  }
  return () => expect(wrong).toEqual([])
}

export async function expectOneOwner(house: House, id: string): Promise<void> {
  const moved = ownersIn(await house.store.read.factsOf(id)).map((move) => move.split(' > '))
  let owner = 'nobody'
  for (const [from, to] of moved) {
    expect(from).toBe(owner)
    owner = to ?? ''
  }
  expect(owner).toBe(held(house, id).owner ?? 'nobody')
}

/** Whether two essences are the same, whatever the order of their keys. */
export const isSame = (one: object, other: object) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
const sorted = (value: object) => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
