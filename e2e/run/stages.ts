import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What one stage adds to the sums of the last line. */
export interface Tally {
  passed: number
  failed: number
  skipped: number
  /** One line each: what was skipped, with its reason in the name. */
  skips?: string[]
  /** What failed: its name and the first lines of why, so that the end of a long log tells it. */
  fails?: string[]
  /** The same of what failed at first and passed when it was run again. */
  unsteady?: string[]
}

const one = (ok: boolean): Tally => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 })
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

export type Stage = [name: string, run: () => Promise<Tally>]

/** Runs the stages in order, all of them whatever fails, and ends with the one line that counts. */
export async function runStages(stages: Stage[]): Promise<never> {
  const began = performance.now()
  const sum: Required<Tally> = { passed: 0, failed: 0, skipped: 0, skips: [], fails: [], unsteady: [] }
  const table: string[] = []
  for (const [name, run] of stages) {
    const stageBegan = performance.now()
    say(`\n── ${name} ${'─'.repeat(Math.max(3, 90 - name.length))}`)
    const tally = await run().catch((error: unknown) => {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error))
      return { ...one(false), fails: [`${name}: ${error instanceof Error ? error.message : String(error)}`] }
    })
    sum.passed += tally.passed
    sum.failed += tally.failed
    sum.skipped += tally.skipped
    sum.skips.push(...(tally.skips ?? []))
    sum.fails.push(...(tally.fails ?? []))
    sum.unsteady.push(...(tally.unsteady ?? []))
    const mark = tally.failed > 0 ? '✗' : '✓'
    const counts = `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`
    table.push(`${mark} ${name.padEnd(14)} ${seconds(performance.now() - stageBegan).padStart(8)}   ${counts}`)
  }

  say(`\n── ${seconds(performance.now() - began)} in all ${'─'.repeat(76)}`)
  for (const line of table) say(line)
  for (const skip of sum.skips) say(`skipped: ${skip}`)
  for (const fail of sum.unsteady) say(`! failed at first, and was run again: ${fail}`)
  for (const fail of sum.fails) say(`failed: ${fail}`)
  const skipsFail = process.env.CI === 'true' && sum.skipped > 0
  if (skipsFail) say('With CI=true a skip fails the run: CI must have everything that the tests need.')
  const ok = sum.failed === 0 && sum.passed > 0 && !skipsFail
  await new Promise((done) =>
    process.stdout.write(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped\n`, done),
  )
  process.exit(ok ? 0 : 1)
}

/** @returns the exit status; a program killed by a signal has 1 */
function run(script: string, ...words: string[]): Promise<number> {
  // Started with the Node we are on and not through .bin, so that no other Node on PATH can step in.
  const child = spawn(process.execPath, [join(root, 'node_modules', script), ...words], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('exit', (code) => done(code ?? 1))
  })
}

export const types: Stage = ['types', async () => one((await run('typescript/bin/tsc', '--noEmit')) === 0)]

export const lint: Stage = [
  'lint',
  async () => one((await run('@biomejs/biome/bin/biome', 'check', '--max-diagnostics=200', '.')) === 0),
]

/** A stage that only has to work: it counts when it fails. */
export const mustWork = (name: string, work: () => Promise<unknown> | unknown): Stage => [
  name,
  async () => {
    await work()
    return { passed: 0, failed: 0, skipped: 0 }
  },
]

export const tests = (project: 'unit' | 'integration' | 'journeys'): Stage => [
  project,
  async () => {
    const { status, report } = await vitest(project)
    // What is pure must hold every time.
    const isPatient = project !== 'unit' && process.env.CI === 'true'
    const again = isPatient ? toTellAgain(report) : []
    if (again.length === 0) return tallyOf(status, report)
    say(`\n── ${project}, once more: ${again.map((file) => basename(file)).join(', ')}`)
    const second = await vitest(project, again)
    return tallyOfBoth({ status, report }, second)
  },
]

/** More than so many files that fail are no accident. */
const mostAgain = 4

/**
 * On a machine that is busy with something else, one of hundreds of processes, brokers and browsers is late now and then. Such
 * a file is run once more, whole, because its tests are chapters of one story; a test alone would find what the first
 * attempt left. What fails twice fails; what passed only then is named at the end, as a defect to be mended.
 * @returns files to run again; none where nothing failed, or too much
 */
export function toTellAgain(report: Report): string[] {
  const failed = report.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name)
  return failed.length <= mostAgain ? failed : []
}

/** What counts of two runs, of which the second ran the failed files of the first. */
export function tallyOfBoth(first: Ran, second: Ran): Tally {
  const again = new Set(second.report.testResults.map(({ name }) => name))
  const others = first.report.testResults.filter(({ name }) => !again.has(name))
  const tally = tallyOf(second.status, { testResults: [...others, ...second.report.testResults] })
  const told = tallyOf(first.status, first.report).fails ?? []
  return { ...tally, unsteady: told }
}

interface Ran {
  /** Vitest's own. */
  status: number
  report: Report
}

async function vitest(project: string, files: readonly string[] = []): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'uxbridge-test-'))
  const report = join(folder, 'report.json')
  try {
    const words = ['run', '--config', 'e2e/vitest.config.ts', '--project', project, '--passWithNoTests']
    const status = await run(
      'vitest/vitest.mjs',
      ...words,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...files,
    )
    return { status, report: JSON.parse(await readFile(report, 'utf8')) as Report }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The part we read of Vitest's JSON report (the shape is Jest's). */
export interface Report {
  testResults: {
    name: string
    status: string
    message?: string
    assertionResults: { status: string; fullName: string; failureMessages?: string[] | null }[]
  }[]
}

/**
 * @param status Vitest's own exit status: it also knows of what belongs to no test, such as a rejection nobody handled
 */
export function tallyOf(status: number, report: Report): Tally {
  const tally = { passed: 0, failed: 0, skipped: 0, skips: [] as string[], fails: [] as string[] }
  for (const file of report.testResults) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed') tally.passed++
      else if (test.status === 'failed') {
        tally.failed++
        tally.fails.push(`${basename(file.name)}: ${test.fullName}\n${gist((test.failureMessages ?? []).join('\n'))}`)
      } else {
        tally.skipped++
        tally.skips.push(test.fullName)
      }
    }
    // A file that could not be loaded, or whose set-up threw, fails without a failed test.
    const hasFailedTest = file.assertionResults.some((test) => test.status === 'failed')
    if (file.status === 'failed' && !hasFailedTest) {
      tally.failed++
      tally.fails.push(`${basename(file.name)}, outside of its tests\n${gist(file.message ?? '')}`)
    }
  }
  if (status !== 0 && tally.failed === 0) {
    tally.failed++
    tally.fails.push('something that belongs to no test: see the log of this stage')
  }
  return tally
}

const gistLines = 30

/** The first lines of a failure, indented. */
const gist = (message: string): string =>
  stripVTControlCharacters(message)
    .split('\n')
    .slice(0, gistLines)
    .map((line) => `    ${line}`)
    .join('\n')
