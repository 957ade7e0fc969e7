import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { UxbridgeError } from '#shared/errors.ts'
import { type PolicyProblem, readPolicyFile, readPolicyText, watchPolicyFile } from './index.ts'

function problemsOf(text: string): PolicyProblem[] {
  try {
    readPolicyText(text)
  } catch (error) {
    expect(error).toBeInstanceOf(UxbridgeError)
    return (error as UxbridgeError).details?.problems as PolicyProblem[]
  }
  throw new Error('the policy was accepted')
}

describe('a policy is read whole or refused whole', () => {
  test('nothing written means the built-in policy', () => {
    expect(readPolicyText('').policy.tiers[1].offer_expires_after).toBe(120_000)
  })

  test('every problem is told at once, each with its line', () => {
    const problems = problemsOf(
      [
        'version: 1',
        'services:',
        '  - id: checkout',
        '    team: payments',
        'definitions:',
        '  - name: odd',
        '    match: ["severity=~\\"(\\""]',
        '    as: 7',
        'tiers:',
        '  1:',
        '    offer_expires_after: soon',
      ].join('\n'),
    )
    expect(problems.map((problem) => [problem.line, problem.path])).toEqual(
      expect.arrayContaining([
        [7, 'definitions.0.match.0'],
        [8, 'definitions.0.as'],
        [11, 'tiers.1.offer_expires_after'],
      ]),
    )
  })

  test('of a choice that is none, what there is to choose from is told', () => {
    const [problem] = problemsOf('definitions:\n  - name: odd\n    match: [\'a="b"\']\n    as: nothing\n')
    expect(problem).toMatchObject({ line: 4, message: 'must be one of 1, 2, 3, triage, record' })
  })

  test('RS8: what restricts is said by yes or no, and a word for it is refused with its line', () => {
    const { policy } = readPolicyText(
      'services:\n  - { id: vault, restricted: true }\ndefinitions:\n  - { name: s, match: [\'a="b"\'], as: 2, restricted: true }\n',
    )
    expect([policy.services[0]?.restricted, policy.definitions[0]?.restricted]).toEqual([true, true])
    const problems = problemsOf(
      'services:\n  - id: vault\n    restricted: mostly\ndefinitions:\n  - name: s\n    match: [\'a="b"\']\n    as: 2\n    restricted: 1\n',
    )
    expect(problems.map(({ line, path }) => [line, path])).toEqual([
      [3, 'services.0.restricted'],
      [8, 'definitions.0.restricted'],
    ])
  })

  test('a team that is not there is named with the line that names it', () => {
    const [problem] = problemsOf('services:\n  - id: checkout\n    team: payments\n')
    expect(problem).toMatchObject({ line: 3, path: 'services.0.team' })
    expect(problem?.message).toContain('"payments"')
  })

  test('a key of a later version is refused rather than ignored', () => {
    const [problem] = problemsOf('version: 1\nrehearsals:\n  - id: x\n')
    expect(problem).toMatchObject({ line: 3 })
    expect(problem?.message).toContain('"rehearsals"')
  })

  test('broken YAML names its line', () => {
    expect(problemsOf('version: 1\nteams: [\n')[0]?.line).toBeGreaterThanOrEqual(2)
  })

  test('aliases cannot unfold without bound', () => {
    const bomb = [
      'a: &a ["x","x","x","x","x","x","x","x","x"]',
      ...'bcdefgh'
        .split('')
        .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`),
    ].join('\n')
    expect(() => readPolicyText(bomb)).toThrow()
  })

  test('the same text has the same hash, and only it', () => {
    expect(readPolicyText('version: 1').hash).toBe(readPolicyText('version: 1').hash)
    expect(readPolicyText('version: 1').hash).not.toBe(readPolicyText('version: 1\n').hash)
  })
})

describe('hot reload', () => {
  const dirs: string[] = []
  /** A busy machine tells late of what changed. */
  const patience = { timeout: 20_000 }
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true })
  })

  test('reload: read at once and active when it resolves; whoever asked is told what is wrong', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'policy-'))
    dirs.push(dir)
    const file = join(dir, 'policy.yaml')
    writeFileSync(file, 'version: 1\n')
    const first = await readPolicyFile(file)
    const activated: string[] = []
    const watching = watchPolicyFile(file, first.hash, {
      activate: async ({ hash }) => {
        await Promise.resolve()
        activated.push(hash)
      },
      refuse: () => undefined,
    })
    writeFileSync(file, 'version: 1\nreopen_within: 20m\n')
    const next = await readPolicyFile(file)
    await watching.reload()
    expect(activated).toEqual([next.hash])
    await watching.reload()
    expect(activated).toHaveLength(1)
    writeFileSync(file, 'version: 1\nroute: { receiver: nix }\n')
    await expect(watching.reload()).rejects.toThrow(/policy:2 route\.receiver: undefined receiver "nix"/)
    watching.close()
    expect(activated).toHaveLength(1)
  })

  test('a valid new file is activated, an invalid one is refused and the old stays', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'policy-'))
    dirs.push(dir)
    const file = join(dir, 'policy.yaml')
    writeFileSync(file, 'version: 1\n')
    const first = await readPolicyFile(file)
    const activated: string[] = []
    const refused: string[] = []
    const watching = watchPolicyFile(file, first.hash, {
      activate: (next) => activated.push(next.hash),
      refuse: (error) => refused.push(error.code),
    })
    writeFileSync(`${file}.tmp`, 'version: 1\nreopen_within: 5m\n')
    renameSync(`${file}.tmp`, file)
    await vi.waitFor(() => expect(activated).toHaveLength(1), patience)
    writeFileSync(file, 'version: 9\n')
    await vi.waitFor(() => expect(refused).toContain('policy-invalid'), patience)
    expect(activated).toHaveLength(1)
    watching.close()
  })

  test('a folder that is swapped by a link, as Kubernetes mounts a ConfigMap, is read again', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'policy-'))
    dirs.push(dir)
    const version = (name: string, text: string) => {
      mkdirSync(join(dir, name))
      writeFileSync(join(dir, name, 'policy.yaml'), text)
    }
    version('..1', 'version: 1\n')
    symlinkSync('..1', join(dir, '..data'))
    const file = join(dir, 'policy.yaml')
    symlinkSync('..data/policy.yaml', file)
    const activated: string[] = []
    const watching = watchPolicyFile(file, (await readPolicyFile(file)).hash, {
      activate: (next) => activated.push(next.text),
      refuse: (error) => activated.push(error.message),
    })
    version('..2', 'version: 1\nreopen_within: 5m\n')
    symlinkSync('..2', join(dir, '..data_tmp'))
    renameSync(join(dir, '..data_tmp'), join(dir, '..data'))
    await vi.waitFor(() => expect(activated).toEqual(['version: 1\nreopen_within: 5m\n']), patience)
    watching.close()
  })

  test('a file written in pieces is read once, when it is whole', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'policy-'))
    dirs.push(dir)
    const file = join(dir, 'policy.yaml')
    writeFileSync(file, 'version: 1\n')
    const first = await readPolicyFile(file)
    const activated: string[] = []
    const refused: string[] = []
    const watching = watchPolicyFile(file, first.hash, {
      activate: (next) => activated.push(next.text),
      refuse: (error) => refused.push(error.message),
    })
    // Truncated, begun, and done: each of these alone would be read as something else.
    writeFileSync(file, '')
    writeFileSync(file, 'version: 1\nteams: []\n')
    writeFileSync(file, 'version: 1\nteams:\n  - id: payments\n')
    await vi.waitFor(() => expect(activated).toEqual(['version: 1\nteams:\n  - id: payments\n']), patience)
    expect(refused).toEqual([])
    watching.close()
  })

  test('an empty file is not the built-in policy', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'policy-'))
    dirs.push(dir)
    writeFileSync(join(dir, 'policy.yaml'), '\n')
    await expect(readPolicyFile(join(dir, 'policy.yaml'))).rejects.toThrow(/is empty/)
  })

  test('a file that is missing at start says which and what to do', async () => {
    await expect(readPolicyFile('/nowhere/policy.yaml')).rejects.toThrow(/POLICY_FILE/)
  })
})

test('of another shape than is read it says which it must have, and of one slip in YAML one thing a line', () => {
  const said = (text: string) => problemsOf(text).map(({ line, path, message }) => `${line} ${path} ${message}`)
  expect(said('version: 1\ncorrelate:\n  - name: a\n    by: service\n')).toEqual([
    '4 correlate.0.by must be a list: [a, b], or one line each that begins with “- ”',
  ])
  expect(said('version: 1\ncorrelate:\n  - by: [service]\n')).toEqual(['3 correlate.0.name is missing'])
  const slip = problemsOf("version: 1\ncorrelate:\n  - name: a\n    by: [ ['service']\n    within: 1h\n")
  expect(slip.length).toBeGreaterThan(0)
  expect(new Set(slip.map(({ line }) => line)).size).toBe(slip.length)
})
