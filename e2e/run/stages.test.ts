import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tallyOf, tallyOfBoth, toTellAgain } from './stages.ts'

const report = (status: string, ...tests: string[]) => ({
  testResults: [
    {
      name: 'a.test.ts',
      status,
      assertionResults: tests.map((found, i) => ({ status: found, fullName: `test ${i}` })),
    },
  ],
})

describe('tallyOf', () => {
  it('counts what passed, failed and was skipped, and names the skipped', () => {
    expect(tallyOf(1, report('failed', 'passed', 'failed', 'pending', 'todo'))).toEqual({
      ...{ passed: 1, failed: 1, skipped: 2 },
      skips: ['test 2', 'test 3'],
      fails: [expect.stringContaining('a.test.ts: test 1')],
    })
  })

  it('says of each failure what it was and how it began, so that the end of a log is enough', () => {
    const [failed] = report('failed', 'failed').testResults
    if (failed?.assertionResults[0] === undefined) throw new Error('no test in the report')
    const failureMessages = [['\u001b[31mexpected 1 to be 2\u001b[39m', ...Array(99).fill('at …')].join('\n')]
    failed.assertionResults[0] = { ...failed.assertionResults[0], failureMessages } as never
    const [line] = tallyOf(1, { testResults: [failed] }).fails ?? []
    expect(line).toMatch(/^a\.test\.ts: test 0\n {4}expected 1 to be 2\n/)
    expect(line?.split('\n')).toHaveLength(31)
    expect(tallyOf(1, report('failed')).fails).toEqual([expect.stringContaining('a.test.ts')])
    expect(tallyOf(1, report('passed', 'passed')).fails).toHaveLength(1)
  })

  it('counts a file that could not be loaded', () => {
    expect(tallyOf(1, report('failed'))).toMatchObject({ passed: 0, failed: 1 })
    expect(tallyOf(1, report('failed', 'passed'))).toMatchObject({ passed: 1, failed: 1 })
  })

  it('counts a failure that belongs to no test', () => {
    expect(tallyOf(1, report('passed', 'passed'))).toMatchObject({ passed: 1, failed: 1 })
  })

  it('finds nothing wrong with what is right', () => {
    expect(tallyOf(0, report('passed', 'passed'))).toMatchObject({ passed: 1, failed: 0, skipped: 0 })
  })
})

describe('a file that failed', () => {
  const files = (...found: [name: string, status: string][]) => ({
    testResults: found.map(([name, status]) => ({
      ...{ name, status },
      assertionResults: [{ status, fullName: `${name} holds` }],
    })),
  })
  const first = { status: 1, report: files(['a', 'passed'], ['b', 'failed']) }

  it('is run again, whole; when more than four failed, none is', () => {
    expect(toTellAgain(first.report)).toEqual(['b'])
    expect(toTellAgain(files(['a', 'passed']))).toEqual([])
    expect(toTellAgain(files(...[...'abcde'].map((name): [string, string] => [name, 'failed'])))).toEqual([])
  })

  it('counts by its second run, and is named', () => {
    const steady = tallyOfBoth(first, { status: 0, report: files(['b', 'passed']) })
    expect(steady).toMatchObject({ passed: 2, failed: 0, fails: [], unsteady: [expect.stringContaining('b holds')] })
    const failed = tallyOfBoth(first, { status: 1, report: files(['b', 'failed']) })
    expect(failed).toMatchObject({ passed: 1, failed: 1, fails: [expect.stringContaining('b holds')] })
  })

  it('that does not come back at all is a failure', () => {
    expect(tallyOfBoth(first, { status: 1, report: { testResults: [] } })).toMatchObject({ passed: 1, failed: 1 })
  })
})

describe('runStages', () => {
  it('ends with the sums as its last line, and with a status that says whether all is well', async () => {
    expect(await lastLine("[['a', async () => ({ passed: 2, failed: 0, skipped: 0 })]]")).toEqual([
      '2 passed, 0 failed, 0 skipped',
      0,
    ])
  })

  it('goes on after a stage that crashes, and counts it', async () => {
    const stages =
      "[['a', async () => { throw new Error('x') }], ['b', async () => ({ passed: 1, failed: 0, skipped: 0 })]]"
    expect(await lastLine(stages)).toEqual(['1 passed, 1 failed, 0 skipped', 1])
  })

  it('names what failed below the table', async () => {
    const { out } = await ran(
      "[['a', async () => ({ passed: 0, failed: 1, skipped: 0, fails: ['x.test.ts: it holds'] })]]",
    )
    expect(out).toContain('failed: x.test.ts: it holds\n0 passed, 1 failed, 0 skipped')
  })

  it('fails on a skip in CI only', async () => {
    const stages = "[['a', async () => ({ passed: 1, failed: 0, skipped: 1, skips: ['x'] })]]"
    expect(await lastLine(stages)).toEqual(['1 passed, 0 failed, 1 skipped', 0])
    expect(await lastLine(stages, { CI: 'true' })).toEqual(['1 passed, 0 failed, 1 skipped', 1])
  })

  it('fails when nothing ran at all', async () => {
    expect(await lastLine('[]')).toEqual(['0 passed, 0 failed, 0 skipped', 1])
  })
})

async function lastLine(
  stages: string,
  env: Record<string, string> = {},
): Promise<[string | undefined, number | null]> {
  const { out, code } = await ran(stages, env)
  return [out.split('\n').at(-1), code]
}

async function ran(stages: string, env: Record<string, string> = {}): Promise<{ out: string; code: number | null }> {
  const module = new URL('stages.ts', import.meta.url).href
  const program = `import { runStages } from ${JSON.stringify(module)}; await runStages(${stages})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { out: out.trimEnd(), code }
}
