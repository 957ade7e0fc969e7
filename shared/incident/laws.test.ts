import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { minuteMs } from '../clocks.ts'
import { CommandRefused } from '../errors.ts'
import { briefSchema } from './brief.ts'
import { type Command, commandSchema } from './commands.ts'
import type { Context } from './context.ts'
import { deadlinesOf } from './deadlines.ts'
import { decide, decideDeclaration } from './decide.ts'
import { evolve, fold } from './evolve.ts'
import { type Fact, factVersion, isHuman, type RecordedFact, readFact, sealedFields } from './facts.ts'
import { type Incident, isOpen, unownedMsAt } from './state.ts'

const people = ['ana', 'ben', 'carla'] as const
const commander = 'carla'
const offerMs = 2 * minuteMs
const brief = briefSchema.parse({ situation: 'It fails.' })

/** The ownership protocol in its plainest form: what `decide` and `evolve` together must agree with. */
interface Model {
  owner: string | null
  offer: { eligible: string[]; deadlineAt: number; revision: number } | null
  revision: number
  transfers: number
  open: boolean
}
function runModel(model: Model, person: string, act: Act, now: number): boolean {
  const mayCommand = person === commander || person === model.owner
  switch (act.type) {
    case 'claim':
      if (!model.open || model.owner !== null) return false
      Object.assign(model, { owner: person, offer: null })
      return true
    case 'offer':
      if (!model.open || !mayCommand || model.offer !== null || act.to === model.owner) return false
      model.revision++
      model.offer = { eligible: [act.to], deadlineAt: now + offerMs, revision: model.revision }
      return true
    case 'accept': {
      const { offer } = model
      if (
        offer === null ||
        !offer.eligible.includes(person) ||
        now >= offer.deadlineAt ||
        act.revision !== offer.revision
      )
        return false
      if (model.owner !== null) model.transfers++
      Object.assign(model, { owner: person, offer: null })
      return true
    }
    case 'decline':
      if (!model.offer?.eligible.includes(person)) return false
      model.offer = null
      return true
    case 'withdraw':
      if (model.offer === null || !mayCommand) return false
      model.offer = null
      return true
    case 'take-over':
      if (!model.open || person !== commander || model.owner === null || model.owner === person) return false
      Object.assign(model, { owner: person, offer: null })
      model.transfers++
      return true
    case 'release':
      if (!model.open || model.owner !== person) return false
      Object.assign(model, { owner: null, offer: null })
      return true
    case 'set-phase':
      if (!model.open || !mayCommand || model.owner === null) return false
      Object.assign(model, { open: false, offer: null })
      return true
    case 'reopen':
      if (model.open) return false
      Object.assign(model, { open: true, owner: null, offer: null })
      return true
  }
}

type Act = Extract<
  Command,
  { type: 'claim' | 'offer' | 'accept' | 'decline' | 'withdraw' | 'take-over' | 'release' | 'set-phase' | 'reopen' }
>
const person = fc.constantFrom(...people)
const anAct: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant({ type: 'claim' }),
  person.map((to) => ({ type: 'offer', to, brief })),
  fc.integer({ min: 1, max: 4 }).map((revision) => ({ type: 'accept', revision, readBack: 'understood' })),
  fc.constant({ type: 'decline', reason: 'busy' }),
  fc.constant({ type: 'withdraw' }),
  fc.constant({ type: 'take-over', reason: 'unreachable' }),
  fc.constant({ type: 'release', reason: 'not ours' }),
  fc.constant({ type: 'set-phase', phase: 'resolved' }),
  fc.constant({ type: 'reopen', reason: 'again' }),
)
const aStep = fc.record({ who: person, act: anAct, wait: fc.constantFrom(0, 1000, offerMs - 1, offerMs) })

function contextAt(now: number, by: string, to: string | null): Context {
  return {
    now,
    by,
    commander: by === `person:${commander}`,
    eligible: to === null ? [] : [to],
    offerLimitMs: () => offerMs,
    nextUpdateMs: () => null,
  }
}

/** Runs the steps; returns everything that was recorded, and what the model says at the end. */
function run(steps: readonly { who: string; act: unknown; wait: number }[]) {
  let now = Date.UTC(2026, 0, 1)
  const facts: RecordedFact[] = []
  let incident: Incident | null = null
  const record = (fresh: readonly Fact[]) => {
    for (const fact of fresh) {
      const placed = { ...fact, seq: facts.length + 1, incidentId: 'INC-1', version: facts.length + 1 } as RecordedFact
      facts.push(placed)
      incident = evolve(incident, placed)
    }
  }
  const opening = {
    type: 'open',
    title: 't',
    description: '',
    service: null,
    team: null,
    severity: 'high',
    tier: null,
    tierRule: null,
    flags: [],
    drill: false,
  } as const
  record(decideDeclaration(opening, contextAt(now, 'system:filter', null)))
  const model: Model = { owner: null, offer: null, revision: 0, transfers: 0, open: true }
  const disagreements: string[] = []
  steps.forEach(({ who, act, wait }, index) => {
    now += wait
    const command = commandSchema.parse({ id: `c${index}`, ...(act as object) }) as Act
    const allowed = runModel(model, who, command, now)
    let done = true
    try {
      record(
        decide(
          command,
          incident as unknown as Incident,
          contextAt(now, `person:${who}`, 'to' in command ? command.to : null),
        ),
      )
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error
      done = false
    }
    if (done !== allowed)
      disagreements.push(`${index}: ${who} ${command.type} was ${done ? 'done' : 'refused'}, the model says otherwise`)
  })
  return { facts, incident: incident as unknown as Incident, model, disagreements, now }
}

describe('laws of the incident', () => {
  test('O1-O7 any sequence of ownership commands agrees with the plain model', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 30 }), (steps) => {
        const { incident, model, disagreements } = run(steps)
        expect(disagreements).toEqual([])
        expect(incident.owner).toBe(model.owner)
        expect(incident.offer === null).toBe(model.offer === null)
        expect(incident.handovers).toBe(model.transfers)
      }),
      { numRuns: 400 },
    )
  })

  test('I1 folding the stored facts again gives the same incident', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => {
        const { facts, incident } = run(steps)
        const stored = JSON.parse(JSON.stringify(facts)) as RecordedFact[]
        const read = stored.map(
          ({ seq, incidentId, version, type, at, by, ...data }) =>
            ({ ...readFact(type, factVersion(type), at, by, data), seq, incidentId, version }) as RecordedFact,
        )
        expect(fold(read)).toEqual(incident)
      }),
    )
  })

  test('I4 the chain has no gap and no overlap, one stretch runs at most, and it names the owner', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => {
        const { incident } = run(steps)
        incident.chain.forEach((hop, index) => {
          const next = incident.chain[index + 1]
          if (next === undefined) return
          expect(hop.to).not.toBeNull()
          // Between a resolution and a reopening nothing is held and nothing counts.
          if (next.began === 'reopened') expect(hop.to).toBeLessThanOrEqual(next.from)
          else expect(hop.to).toBe(next.from)
        })
        if (isOpen(incident.phase)) expect(incident.chain.at(-1)).toMatchObject({ holder: incident.owner, to: null })
      }),
    )
  })

  test('I5 unowned time is the sum of the unowned stretches', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => {
        const { incident, now } = run(steps)
        const sum = incident.chain
          .filter((hop) => hop.holder === null)
          .reduce((total, hop) => total + ((hop.to ?? now) - hop.from), 0)
        expect(unownedMsAt(incident, now)).toBe(sum)
      }),
    )
  })

  test('I6 the revision counts facts by people only', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => {
        const { facts, incident } = run(steps)
        expect(incident.revision).toBe(facts.filter(isHuman).length)
      }),
    )
  })

  test('D1 an offer has one deadline, which is gone when it is answered or expired', () => {
    fc.assert(
      fc.property(fc.array(aStep, { maxLength: 25 }), (steps) => {
        const { incident, model } = run(steps)
        const due = deadlinesOf(incident, { askAfterMs: () => null, tellAfterMs: 0 })
        expect(due.filter(({ kind }) => kind === 'offer-expires').map(({ at }) => at)).toEqual(
          model.offer === null ? [] : [model.offer.deadlineAt],
        )
      }),
    )
  })

  test('a sealed field is text or a brief, never an id, a time or a number', () => {
    const { facts } = run([
      { who: 'ana', act: { type: 'claim' }, wait: 0 },
      { who: 'ana', act: { type: 'offer', to: 'ben', brief }, wait: 0 },
    ])
    for (const fact of facts)
      for (const field of sealedFields(fact.type))
        expect(['string', 'object']).toContain(typeof fact[field as keyof RecordedFact])
  })
})
