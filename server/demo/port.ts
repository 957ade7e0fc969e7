import type { DrillView } from '#shared/drill.ts'
import type { Doer } from '../access/port.ts'
import { failureKinds } from './cascade/failures.ts'
import { graphs } from './cascade/graphs.ts'

/** What may be exercised, as it is typed: `dependency-down`. */
export const drillScenarios: readonly string[] = failureKinds.map((kind) => kind.replaceAll(' ', '-'))
/** Whose services it may happen to. */
export const drillGraphs: readonly string[] = graphs.map(({ name }) => name)

export interface WantedDrill {
  scenario: string
  graph: string
  /** The same seed plays the same; without, one is drawn. */
  seed?: number | undefined
  speed: number
  /** So much of the scenario is played, ms of its own time. */
  forMs: number
}

/**
 * Exercises through the real intake. One at a time; each ends by itself, and its incidents stay for people to end. Audited.
 */
export interface DrillDesk {
  /** @throws UxbridgeError `fields-invalid`, `drill-running`, `name-taken` (a source of people has the name of one of ours) */
  start(who: Doer, wanted: WantedDrill): Promise<DrillView>
  /** @throws UxbridgeError `not-found` when none is on */
  stop(who: Doer): Promise<DrillView>
  /** The newest first; those before the last 50 are forgotten. */
  list(): DrillView[]
}
