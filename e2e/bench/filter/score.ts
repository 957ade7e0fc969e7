import type { Failure } from '#server/demo/cascade/plan.ts'
import type { Played } from './play.ts'
import { adjustedRandIndex } from './rand.ts'

/** How near the incidents came to what truly happened, in one run. */
export interface Score {
  /** Adjusted Rand index of incidents and failures over what should be, or was, in an incident. */
  index: number
  /** The same where alerts are grouped by name and cluster for ever, as Alertmanager's documentation has it (`group_by`). */
  byName: number
  failures: number
  incidents: number
  events: number
  /** Failures for which no incident speaks: none holds more signs of it than of anything else. */
  missed: number
  /** Incidents with no sign of any failure. */
  falseOnes: number
  /** Incidents beyond one for each failure that has one. */
  split: number
  /** Of each failure: from its beginning until an incident has a sign of it, ms. */
  firstMs: readonly number[]
  /** Of each failure: from when its first sign was heard until an incident has it, ms. What the filter itself adds. */
  addedMs: readonly number[]
  /** From its beginning until its incident has 9 of 10 of its signs so far, is its own for 9 of 10, and stays so; absent for those that never are. */
  rightMs: readonly number[]
}

const enough = 0.9

/** Only what was heard counts: what was lost on the way nobody can group. */
export function scoreOf({ cascade, placements, heard, events, incidents }: Played): Score {
  const expected = new Map(
    cascade.failures.filter(({ expected }) => expected === 'incident').map((one) => [one.id, one]),
  )
  const truth = new Map(cascade.alerts.map((alert) => [alert.id, alert]))
  const failureOf = (alert: string): Failure | undefined => expected.get(truth.get(alert)?.failure ?? '')
  const placed = new Map<string, { alert: string; incident: string }>()
  for (const { alert, incident, instead } of placements) {
    placed.delete(`${alert} ${instead}`)
    placed.set(`${alert} ${incident}`, { alert, incident })
  }
  const items = [...placed.values()]
  const known = new Set(items.map(({ alert }) => alert))
  // A sign that is in no incident stands alone.
  for (const alert of heard.keys())
    if (!known.has(alert) && failureOf(alert) !== undefined) items.push({ alert, incident: `none: ${alert}` })
  const own = items.map(({ alert }) => failureOf(alert)?.id ?? `nothing: ${alert}`)
  const named = items.map(({ alert }) => {
    const { alertname = '', cluster = '' } = truth.get(alert)?.labels ?? {}
    return `${alertname} ${cluster}`
  })

  const signs = new Map<string, Map<string, number>>()
  for (const { alert, incident } of placed.values()) {
    const of = signs.get(incident) ?? new Map<string, number>()
    signs.set(incident, of)
    const id = failureOf(alert)?.id ?? ''
    of.set(id, (of.get(id) ?? 0) + 1)
  }
  const spoken = new Set([...signs.values()].map((of) => [...of].reduce((a, b) => (b[1] > a[1] ? b : a))[0]))
  spoken.delete('')
  const told = [...expected.values()].filter(({ id }) => [...heard.keys()].some((alert) => failureOf(alert)?.id === id))
  const falseOnes = [...signs.values()].filter((of) => [...of.keys()].every((id) => id === '')).length
  const firstMs: number[] = []
  const addedMs: number[] = []
  const rightMs: number[] = []
  for (const failure of told) {
    const first = placements.find(({ alert }) => failureOf(alert)?.id === failure.id)
    if (first === undefined) continue
    firstMs.push(first.at - failure.beganAt)
    const heardAt = Math.min(...[...heard].filter(([alert]) => failureOf(alert)?.id === failure.id).map(([, at]) => at))
    addedMs.push(first.at - heardAt)
    const right = rightSince(failure.id, placements, (alert) => failureOf(alert)?.id)
    if (right !== null) rightMs.push(right - failure.beganAt)
  }
  return {
    index: adjustedRandIndex(
      own,
      items.map(({ incident }) => incident),
    ),
    byName: adjustedRandIndex(own, named),
    failures: told.length,
    incidents,
    events,
    missed: told.filter(({ id }) => !spoken.has(id)).length,
    falseOnes,
    split: signs.size - falseOnes - spoken.size,
    firstMs,
    addedMs,
    rightMs,
  }
}

/** The instant (epoch ms) from which on one incident has enough of the failure and is its own enough; null when none is. */
export function rightSince(
  failure: string,
  placements: Played['placements'],
  failureOf: (alert: string) => string | undefined,
): number | null {
  const own = new Map<string, number>()
  const all = new Map<string, number>()
  const seen = new Set<string>()
  let signs = 0
  let since: number | null = null
  const add = (counts: Map<string, number>, incident: string, by: number) =>
    counts.set(incident, (counts.get(incident) ?? 0) + by)
  for (const { at, alert, incident, instead } of placements) {
    const isOwn = failureOf(alert) === failure
    if (instead !== null && seen.delete(`${alert} ${instead}`)) {
      add(all, instead, -1)
      if (isOwn) {
        add(own, instead, -1)
        signs--
      }
    }
    const pair = `${alert} ${incident}`
    if (seen.has(pair)) continue
    seen.add(pair)
    add(all, incident, 1)
    if (isOwn) {
      add(own, incident, 1)
      signs++
    }
    const right = [...own].some(([id, count]) => count >= enough * signs && count >= enough * (all.get(id) ?? 0))
    if (!right) since = null
    else since ??= at
  }
  return since
}
