import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '#shared/alert.ts'
import { isOfDrill } from '#shared/drill.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { makeFilter } from './index.ts'
import { entriesOf, fresh, occurrences, steps } from './laws.fixture.ts'
import type { DrillCatalogue } from './partition.ts'
import { isDrillEntry } from './partition.ts'
import type { Filter, FilterEntry, Folded } from './port.ts'
import { eventOf, storyStart } from './story.fixture.ts'

const catalogue: DrillCatalogue = {
  teams: [{ id: 'exercised' }],
  services: [
    { id: 'checkout', team: 'exercised', depends_on: ['store'], match: ['alertname="A"'] },
    { id: 'store', match: ['alertname="B"'] },
  ],
}

/** Of each entry of a random log: whether it is of an exercise, and whether one begins or ends after it. */
const turns = fc.infiniteStream(
  fc.record({ drill: fc.boolean(), after: fc.constantFrom('nothing', 'nothing', 'nothing', 'begins', 'ends') }),
)
type Turns = Iterator<{ drill: boolean; after: string }>

/**
 * A random log as it can be in a house: an incident that was not heard of is declared, with the next number, and one stays
 * what it is; nothing is moved between what is real and what is not.
 */
class House {
  readonly filter = fresh()
  /** Incidents of exercises, and real ones. */
  readonly drills = new Map<string, boolean>()
  #pos = 0;

  *fold(plan: readonly FilterEntry[], dice: Turns): Generator<{ entry: FilterEntry; folded: Folded }> {
    for (const drawn of plan) {
      const { drill, after } = dice.next().value as { drill: boolean; after: string }
      yield this.#fold(this.#meant(drawn, drill))
      if (after === 'nothing') continue
      yield this.#fold({ kind: 'drill', pos: 0, at: drawn.at, catalogue: after === 'begins' ? catalogue : null })
    }
  }

  #fold(meant: FilterEntry) {
    const entry = { ...meant, pos: ++this.#pos }
    const folded = this.filter.fold(entry)
    for (const effect of folded.effects)
      if (effect.type === 'open') this.drills.set(effect.incidentId, effect.drill === true)
    return { entry, folded }
  }

  #meant(drawn: FilterEntry, drill: boolean): FilterEntry {
    if (drawn.kind === 'request') return drill ? { ...drawn, sourceId: 'drill_s' } : drawn
    if (drawn.kind !== 'incident') return drawn
    const { mergedInto, parted, ...told } = drawn
    const declared = !this.drills.has(drawn.incidentId)
    const incidentId = declared ? `INC-${this.filter.nextIncidentNumber()}` : drawn.incidentId
    if (declared) this.drills.set(incidentId, drill)
    const isDrill = this.drills.get(incidentId) === true
    const here = (id: string | undefined) => id !== undefined && this.drills.get(id) === isDrill
    return {
      ...{ ...told, incidentId, declared },
      ...(isDrill ? { drill: true as const } : {}),
      ...(here(mergedInto) ? { mergedInto: mergedInto as string } : {}),
      ...(parted !== undefined && here(parted.to) ? { parted } : {}),
    }
  }
}

/** Incidents by the order in which a run came to know them, so that two runs can be compared. */
class Order {
  readonly #names = new Map<string, string>()
  give(id: string): void {
    if (!this.#names.has(id)) this.#names.set(id, `incident ${this.#names.size + 1}`)
  }
  has = (id: string) => this.#names.has(id)
  /** The same words with these names in place of numbers. */
  words = (value: unknown) => JSON.stringify(value).replaceAll(/INC-\w+/g, (id) => this.#names.get(id) ?? id)
  /** Its number in the other run. */
  to(other: Order, id: string): string {
    const name = this.#names.get(id)
    return [...other.#names].find(([, each]) => each === name)?.[0] ?? 'nobody knows'
  }
}

/** What of an entry's result is about what is real. */
function realOf(folded: Folded, order: Order, filter: Filter): string {
  for (const effect of folded.effects)
    if (effect.type === 'open' && effect.drill !== true) order.give(effect.incidentId)
  const mine = ({ sourceId }: { sourceId: string }) => !isOfDrill(sourceId)
  return order.words({
    counts: folded.counts,
    decisions: folded.decisions.filter(mine),
    judgedAgain: folded.judgedAgain.filter(mine),
    effects: folded.effects.filter(({ incidentId }) => order.has(incidentId)),
    touched: [...folded.touched].filter(order.has),
    findings: folded.findings.filter(mine),
    alerts: [...filter.alerts()],
    size: filter.size().held,
    storms: filter.storms(),
    silences: filter.silences(),
    windows: filter.windows(),
  })
}

describe('exercises', () => {
  it('DR1: what is real comes to the same, save the numbers of incidents, whatever is exercised meanwhile', () => {
    fc.assert(
      fc.property(steps, turns, (plan, dice) => {
        const house = new House()
        const alone = fresh()
        const [order, orderAlone] = [new Order(), new Order()]
        for (const { entry, folded } of house.fold(entriesOf(plan), dice)) {
          if (isDrillEntry(entry)) {
            expect([...folded.decisions, ...folded.judgedAgain].every(({ sourceId }) => isOfDrill(sourceId))).toBe(true)
            expect(folded.effects.some(({ incidentId }) => order.has(incidentId))).toBe(false)
            continue
          }
          const there = alone.fold(sameAlone(entry, alone, order, orderAlone))
          expect(realOf(folded, order, house.filter)).toBe(realOf(there, orderAlone, alone))
        }
        expect([...alone.drillAlerts()]).toEqual([])
      }),
      { numRuns: 10 },
    )
  })

  it('DR2, F3: what is exercised is made again from a checkpoint with the rest, and ends when the exercise does', () => {
    fc.assert(
      fc.property(steps, turns, fc.nat(40), (plan, dice, cutAt) => {
        const house = new House()
        let policy = builtInPolicy
        let again: Filter | null = null
        let at = storyStart
        for (const { entry, folded } of house.fold(entriesOf(plan), dice)) {
          if (again !== null) expect(again.fold(entry)).toEqual(folded)
          if (entry.kind === 'policy') policy = entry.policy
          at = entry.at
          if (entry.pos !== cutAt) continue
          const { next, filter } = house.filter.beginCheckpoint()
          const alerts = next(Number.POSITIVE_INFINITY).flatMap(({ alert, live }) => (live ? [alert] : []))
          const saved = JSON.parse(JSON.stringify({ filter, alerts }))
          again = makeFilter({ policy, policyHash: '', ...saved, occurrences })
          expect(shown(again)).toEqual(shown(house.filter))
        }
        house.filter.fold({ kind: 'drill', pos: 1000, at, catalogue: null })
        expect([...house.filter.drillAlerts()].filter(({ status }) => status === 'firing')).toEqual([])
      }),
      { numRuns: 10 },
    )
  })

  it('gives out all changed alerts of both parts in slices, each once', () => {
    const filter = fresh()
    const say = (sourceId: string, pos: number) =>
      filter.fold({
        ...{ kind: 'request', pos, at: storyStart, sourceId, keyScope: 'g', defaultSeverity: null, unreadable: [] },
        events: ['a', 'b', 'c'].map((alertname) => eventOf({ alertname })),
      })
    say('s', 1)
    say('drill_s', 2)
    const { next } = filter.beginCheckpoint()
    const slices = [next(2), next(2), next(2), next(2)]
    expect(slices.map(({ length }) => length)).toEqual([2, 2, 2, 0])
    const keys = slices.flat().map(({ alert }) => alert.key)
    expect(new Set(keys).size).toBe(6)
    expect(keys.filter(isOfDrill)).toHaveLength(3)
  })

  it('knows the services of the exercise, and marks its incidents', () => {
    const filter = fresh()
    filter.fold({ kind: 'drill', pos: 1, at: storyStart, catalogue })
    const say = (sourceId: string, pos: number) =>
      filter.fold({
        ...{ kind: 'request', pos, at: storyStart, sourceId, keyScope: 'g', defaultSeverity: null, unreadable: [] },
        events: [eventOf({ alertname: 'A' })],
      }).effects[0]
    const real = say('s', 2)
    expect(real).toMatchObject({ type: 'open', incidentId: 'INC-1001', service: null })
    expect(real).not.toHaveProperty('drill')
    expect(say('drill_s', 3)).toMatchObject({ incidentId: 'INC-1002', service: 'checkout', team: null, drill: true })
    expect(filter.size().alerts).toBe(1)
  })
})

/** The entry as it would be had there been no exercise: other numbers. */
function sameAlone(entry: FilterEntry, alone: Filter, order: Order, orderAlone: Order): FilterEntry {
  if (entry.kind !== 'incident') return entry
  const { incidentId, mergedInto, parted } = entry
  if (entry.declared) {
    order.give(incidentId)
    orderAlone.give(`INC-${alone.nextIncidentNumber()}`)
  }
  const name = (id: string) => order.to(orderAlone, id)
  return {
    ...entry,
    incidentId: name(incidentId),
    ...(mergedInto === undefined ? {} : { mergedInto: name(mergedInto) }),
    ...(parted === undefined ? {} : { parted: { ...parted, to: name(parted.to) } }),
  }
}

function shown(filter: Filter) {
  const incidents = Array.from({ length: 20 }, (_, index) => `INC-${1001 + index}`)
  const byId = (alerts: Iterable<Alert>) => structuredClone([...alerts].sort((a, b) => (a.id < b.id ? -1 : 1)))
  return {
    alerts: byId(filter.alerts()),
    drills: byId(filter.drillAlerts()),
    vitals: incidents.map((id) => filter.vitalsOf(id)),
    due: filter.nextDueAt(),
    number: filter.nextIncidentNumber(),
    size: filter.size(),
  }
}
