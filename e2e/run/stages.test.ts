import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tallyOf } from './stages.ts'

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
    })
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
  return [out.trimEnd().split('\n').at(-1), code]
}
