import type { ParseArgsOptionsConfig } from 'node:util'
import type { Call } from './call.ts'

/** What a command tells: for a machine, and for a person. */
export interface Told {
  json: unknown
  text: string
  /** False: it ran, and the answer is bad news. Exit status 1. */
  ok?: boolean
}

/** A command line after it was read. */
export interface Line {
  args: readonly string[]
  option(name: string): string | undefined
  options(name: string): readonly string[]
  flag(name: string): boolean
  /** All of standard input, as text. */
  stdin(): Promise<string>
}

interface Described {
  /** As it is typed, without its arguments: `user add`. */
  name: string
  /** What follows the name. */
  usage: string
  says: string
  options?: ParseArgsOptionsConfig
  /** How many words without dashes it takes. */
  args: { min: number; max: number }
}

export type OpsCommand =
  | (Described & {
      needs: 'house' /** May make a data folder that is not there. */
      founds?: boolean
      run(line: Line, call: Call): Promise<Told>
    })
  | (Described & { needs: 'record'; run(line: Line, verify: () => Promise<unknown>): Promise<Told> })
  | (Described & { needs: 'nothing'; run(line: Line): Promise<Told> })

/** The command was typed wrong. Exit status 2. */
export class TypedWrong extends Error {
  override name = 'TypedWrong'
}

/** Columns as wide as their widest cell, for people. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
