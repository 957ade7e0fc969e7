import { failureKinds } from '#server/demo/cascade/failures.ts'
import { graphs } from '#server/demo/cascade/graphs.ts'
import type { BenchOptions } from '../intake.ts'
import { type Row, say, spreadOf } from '../table.ts'
import { measureGrowth } from './growth.ts'
import { measureLoad } from './load.ts'
import { play, told } from './play.ts'
import { type Score, scoreOf } from './score.ts'

/** Nobody tunes on these: the tests of the generator and of the rules use others. */
const seeds = Array.from({ length: 10 }, (_, index) => 194_001 + index)
const bar = 0.9

interface Line {
  kind: string
  graph: string
  scores: Score[]
}

/**
 * How near the built-in policy comes to the truth of cascades (goal: an adjusted Rand index of 0.9), with the services of
 * the house and nothing else said. Its peer is grouping by `alertname` and `cluster`, of the same alerts.
 */
export async function benchFilter({ rounds }: BenchOptions): Promise<{ rows: Row[]; detail: unknown }> {
  say(
    `cascades of ${graphs.map(({ name }) => name).join(', ')}; seeds ${seeds[0]} to ${seeds.at(-1)}, used for no tuning`,
  )
  const lines: Line[] = []
  for (const kind of failureKinds)
    for (const graph of graphs)
      lines.push({ kind, graph: graph.name, scores: seeds.map((seed) => scoreOf(play(graph, kind, seed))) })
  const rows: Row[] = []
  say(['failure'.padEnd(20), 'graph'.padEnd(9), ...heads.map(([head]) => head.padStart(9))].join(' '))
  for (const { kind, graph, scores } of lines) {
    say([kind.padEnd(20), graph.padEnd(9), ...heads.map(([, cell]) => cell(scores).padStart(9))].join(' '))
  }
  for (const kind of failureKinds) {
    const scores = lines.filter((line) => line.kind === kind).flatMap((line) => line.scores)
    say([kind.padEnd(20), 'all'.padEnd(9), ...heads.map(([, cell]) => cell(scores).padStart(9))].join(' '))
    const own = mean(scores.map(({ index }) => index))
    const peer = mean(scores.map(({ byName }) => byName))
    rows.push({
      id: 'P9',
      work: `${kind}: agreement with the truth (adjusted Rand index, mean)`,
      self: own.toFixed(3),
      peer: `${peer.toFixed(3)} by name`,
      ceiling: '1',
      ratio: '–',
      bar: `≥ ${bar}`,
      met: own >= bar,
    })
  }
  rows.push(...withLess(lines))
  const load = measureLoad(rounds)
  const growth = measureGrowth(rounds)
  rows.push(...load.rows, ...growth.rows)
  return {
    rows,
    detail: {
      load: load.detail,
      growth: growth.detail,
      seeds,
      bar,
      lines: lines.map(({ kind, graph, scores }) => ({ kind, graph, ...summary(scores) })),
    },
  }
}

/** The same cascades where the house has told less of itself, or has louder days: no bar, for orientation. */
function withLess(lines: readonly Line[]): Row[] {
  const kinds = failureKinds.map((kind) => kind.padStart(19)).join(' ')
  say(`${'index by what is told'.padEnd(24)}${kinds}`)
  return told.map((known) => {
    const indexes = failureKinds.map((kind) => {
      const ofAll = lines.filter((line) => line.kind === kind).flatMap(({ scores }) => scores)
      const scores =
        known === 'everything'
          ? ofAll
          : graphs.flatMap((graph) => seeds.map((seed) => scoreOf(play(graph, kind, seed, known))))
      return mean(scores.map(({ index }) => index))
    })
    say(`${known.padEnd(24)}${indexes.map((index) => index.toFixed(3).padStart(19)).join(' ')}`)
    return {
      id: 'P9',
      work: `all kinds, told: ${known}`,
      self: mean(indexes).toFixed(3),
      peer: '–',
      ceiling: '1',
      ratio: '–',
      bar: '–',
      met: null,
    }
  })
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const sum = (scores: readonly Score[], of: (score: Score) => number): number =>
  scores.reduce((all, one) => all + of(one), 0)
const seconds = (ms: number): string => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(0)} s` : '–')
const median = (scores: readonly Score[], of: (score: Score) => readonly number[]): number =>
  spreadOf(scores.flatMap(of)).median

/** Over so many runs; times are medians. `added` = what the filter adds to the first. */
const heads: readonly (readonly [string, (scores: readonly Score[]) => string])[] = [
  ['index', (scores) => mean(scores.map(({ index }) => index)).toFixed(3)],
  ['worst', (scores) => Math.min(...scores.map(({ index }) => index)).toFixed(3)],
  ['by name', (scores) => mean(scores.map(({ byName }) => byName)).toFixed(3)],
  ['failures', (scores) => String(sum(scores, ({ failures }) => failures))],
  ['incidents', (scores) => String(sum(scores, ({ incidents }) => incidents))],
  ['split', (scores) => String(sum(scores, ({ split }) => split))],
  ['missed', (scores) => String(sum(scores, ({ missed }) => missed))],
  ['false', (scores) => String(sum(scores, ({ falseOnes }) => falseOnes))],
  [
    'events per',
    (scores) => (sum(scores, ({ events }) => events) / sum(scores, ({ incidents }) => incidents)).toFixed(0),
  ],
  ['first', (scores) => seconds(median(scores, ({ firstMs }) => firstMs))],
  ['added', (scores) => seconds(median(scores, ({ addedMs }) => addedMs))],
  ['right', (scores) => seconds(median(scores, ({ rightMs }) => rightMs))],
  ['never', (scores) => String(sum(scores, ({ failures, rightMs }) => failures - rightMs.length))],
]

function summary(scores: readonly Score[]) {
  return {
    index: spreadOf(scores.map(({ index }) => index)),
    meanIndex: mean(scores.map(({ index }) => index)),
    byName: mean(scores.map(({ byName }) => byName)),
    failures: sum(scores, ({ failures }) => failures),
    incidents: sum(scores, ({ incidents }) => incidents),
    events: sum(scores, ({ events }) => events),
    split: sum(scores, ({ split }) => split),
    missed: sum(scores, ({ missed }) => missed),
    falseOnes: sum(scores, ({ falseOnes }) => falseOnes),
    firstMs: median(scores, ({ firstMs }) => firstMs),
    addedMs: median(scores, ({ addedMs }) => addedMs),
    rightMs: median(scores, ({ rightMs }) => rightMs),
    neverRight: sum(scores, ({ failures, rightMs }) => failures - rightMs.length),
  }
}
