import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One line of the table: what was done, by whom how fast, and the bar of performance.md. */
export interface Row {
  id: string
  work: string
  /** With its unit; median, and the range where there is one. */
  self: string
  peer: string
  ceiling: string
  ratio: string
  bar: string
  /** Null where it could not be judged. */
  met: boolean | null
}

const folder = fileURLToPath(new URL('results', import.meta.url))
const heads = ['id', 'work', 'this', 'peer', 'ceiling', 'ratio', 'bar', 'met?']

export function printTable(rows: readonly Row[]): void {
  const met = (row: Row): string => (row.met === null ? '–' : row.met ? 'yes' : 'NO')
  const lines = [
    heads,
    ...rows.map((row) => [row.id, row.work, row.self, row.peer, row.ceiling, row.ratio, row.bar, met(row)]),
  ]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  for (const line of lines) say(line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** @returns where the figures were written */
export function writeResult(name: string, rows: readonly Row[], detail: unknown): string {
  const machine = {
    processors: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    memoryMb: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
  }
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${name}.json`)
  writeFileSync(file, `${JSON.stringify({ name, at: new Date().toISOString(), machine, rows, detail }, null, 2)}\n`)
  return file
}

export interface Spread {
  median: number
  low: number
  high: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const median =
    sorted.length % 2 === 1
      ? (sorted[middle] ?? Number.NaN)
      : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2
  return { median, low: sorted[0] ?? Number.NaN, high: sorted.at(-1) ?? Number.NaN }
}

/** `12.3k (11.9–12.8k)` */
export function figure({ median, low, high }: Spread, unit = ''): string {
  const short = (value: number): string =>
    value >= 100_000
      ? `${Math.round(value / 1000)}k`
      : value >= 10_000
        ? `${(value / 1000).toFixed(1)}k`
        : value >= 100
          ? `${Math.round(value)}`
          : value.toFixed(value >= 10 ? 1 : 2)
  return `${short(median)}${unit} (${short(low)}–${short(high)})`
}
