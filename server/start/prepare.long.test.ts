import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const script = fileURLToPath(new URL('prepare.mjs', import.meta.url))
const pinned = process.versions.node

let root: string
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'uxbridge-prepare-')))
  await writeFile(join(root, 'fake-npm.cjs'), fakeNpm)
  await lock({ 'node_modules/node': pinned, 'node_modules/left': '1.0.0' })
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('prepare', () => {
  it('installs into an empty checkout, and has nothing to do or say the second time', async () => {
    expect((await prepare()).code).toBe(0)
    expect(await versionOfRuntime()).toBe(`v${pinned}`)
    const again = await prepare()
    expect(again).toMatchObject({ code: 0, said: '' })
    expect(await npmCalls()).toEqual(['ci'])
  })

  it('runs no install script of any package through npm', async () => {
    await prepare()
    expect(await readFile(join(root, 'npm.log'), 'utf8')).toContain('--ignore-scripts')
  })

  it('installs again when the contents of the lockfile change, not when only its time does', async () => {
    await prepare()
    await writeFile(join(root, 'package-lock.json'), await readFile(join(root, 'package-lock.json')))
    await prepare()
    expect(await npmCalls()).toEqual(['ci'])
    await lock({ 'node_modules/node': pinned, 'node_modules/left': '1.0.1' })
    expect((await prepare()).code).toBe(0)
    expect(await npmCalls()).toEqual(['ci', 'ci'])
  })

  it('takes an npm install run by hand as it is, when it is what the lockfile asks for', async () => {
    await prepare()
    await rm(join(root, 'node_modules', '.prepared'))
    expect(await prepare()).toMatchObject({ code: 0, said: '' })
    expect(await npmCalls()).toEqual(['ci'])
  })

  it('installs again when a package was removed by hand', async () => {
    await prepare()
    await rm(join(root, 'node_modules', 'left'), { recursive: true })
    await prepare()
    expect(existsSync(join(root, 'node_modules', 'left'))).toBe(true)
    expect(await npmCalls()).toEqual(['ci', 'ci'])
  })

  it('lets two at once install only once', async () => {
    const both = await Promise.all([prepare(), prepare(), prepare()])
    expect(both.map((ran) => ran.code)).toEqual([0, 0, 0])
    expect(await npmCalls()).toEqual(['ci'])
    expect(existsSync(join(root, '.prepare.lock'))).toBe(false)
  })

  it('takes over the lock of a start that died', async () => {
    // No process has this id: it is above what any system gives out.
    await writeFile(join(root, '.prepare.lock'), JSON.stringify({ pid: 2 ** 30, at: Date.now() }))
    expect((await prepare()).code).toBe(0)
    expect(await npmCalls()).toEqual(['ci'])
  })

  it('says what to do when npm fails, and tries again next time', async () => {
    const failed = await prepare({ FAKE_NPM: 'fail' })
    expect(failed.code).toBe(1)
    expect(failed.said).toContain('No network')
    expect((await prepare()).code).toBe(0)
  })

  it('mends a runtime of another version', async () => {
    await prepare()
    await writeFile(join(root, 'node_modules/node/bin/node'), '#!/bin/sh\necho v1.2.3\n')
    expect((await prepare()).code).toBe(0)
    expect(await versionOfRuntime()).toBe(`v${pinned}`)
    expect(await npmCalls()).toEqual(['ci'])
  })

  it('mends a link that leads nowhere', async () => {
    await prepare()
    await rm(join(root, 'node_modules/.bin/node'))
    await symlink('../gone', join(root, 'node_modules/.bin/node'))
    expect((await prepare()).code).toBe(0)
    expect(await versionOfRuntime()).toBe(`v${pinned}`)
  })

  it("uses the machine's own Node where none is published for the platform, and remembers that", async () => {
    const first = await prepare({ FAKE_NPM: 'no-binary' })
    expect(first).toMatchObject({ code: 0, said: expect.stringContaining("this machine's") })
    expect(existsSync(join(root, 'node_modules/.bin/node'))).toBe(false)
    expect(await prepare({ FAKE_NPM: 'no-binary' })).toMatchObject({ code: 0, said: '' })
    expect(await npmCalls()).toEqual(['ci'])
  })

  it('stops and says what to do when there is no such Node at all', async () => {
    await lock({ 'node_modules/node': '99.0.0' })
    const ran = await prepare({ FAKE_NPM: 'no-binary' })
    expect(ran.code).toBe(1)
    expect(ran.said).toContain('install Node 99.0.0 itself')
  })

  it('does not run a binary that is not the one pinned', async () => {
    const ran = await prepare({ FAKE_NPM: 'other-binary' })
    expect(ran.said).toContain('not the one that package.json names')
    expect(existsSync(join(root, 'node_modules/node/bin/node'))).toBe(false)
  })

  it('looks at the binary of an npm install run by hand, too', async () => {
    await prepare()
    await rm(join(root, 'node_modules', '.prepared'))
    await rm(join(root, 'node_modules/node/node_modules'), { recursive: true })
    expect(await prepare()).toMatchObject({ code: 0, said: expect.stringContaining('fetching Node') })
    expect(await versionOfRuntime()).toBe(`v${pinned}`)
  })

  it('refuses a package.json that does not pin Node exactly', async () => {
    await writeFile(join(root, 'package.json'), JSON.stringify({ dependencies: { node: '^24.0.0' } }))
    expect(await prepare()).toMatchObject({ code: 1, said: expect.stringContaining('exact version') })
  })
})

/** Installs what the lockfile lists as empty folders, and a `node` package whose script makes a shell script. */
const fakeNpm = `
const { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n')
if (process.env.FAKE_NPM === 'fail') process.exit(1)
rmSync('node_modules', { recursive: true, force: true })
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
delete packages['']
for (const folder of Object.keys(packages)) mkdirSync(folder, { recursive: true })
const version = packages['node_modules/node'].version
const binary = JSON.stringify('#!/bin/sh\\necho v' + version + '\\n')
const integrity = process.env.FAKE_NPM === 'other-binary' ? 'sha512-other' : 'sha512-pinned'
const record = { packages: { ['node_modules/' + process.env.FAKE_PLATFORM]: { integrity } } }
const install = "const fs = require('fs'); for (const d of ['bin', 'node_modules']) fs.mkdirSync(d, { recursive: true });" +
  "fs.writeFileSync('bin/node', " + binary + ');' +
  "fs.writeFileSync('node_modules/.package-lock.json', " + JSON.stringify(JSON.stringify(record)) + ')'
const none = 'process.exit(1)'
writeFileSync(join('node_modules/node', 'installArchSpecificPackage.js'), process.env.FAKE_NPM === 'no-binary' ? none : install)
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages }))
`

const macPrefix = process.platform === 'darwin' && process.arch === 'arm64' ? '-bin' : ''
const platformPackage = `node${macPrefix}-${process.platform}-${process.arch}`
const runtimeIntegrity = { [platformPackage]: 'sha512-pinned' }

async function lock(versions: Record<string, string>): Promise<void> {
  const node = versions['node_modules/node']
  await writeFile(join(root, 'package.json'), JSON.stringify({ dependencies: { node }, runtimeIntegrity }))
  const packages = Object.fromEntries(Object.entries(versions).map(([folder, version]) => [folder, { version }]))
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }))
}

async function prepare(env: Record<string, string> = {}): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [script, root], {
    cwd: root,
    env: {
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      npm_execpath: join(root, 'fake-npm.cjs'),
      npm_node_execpath: process.execPath,
      FAKE_PLATFORM: platformPackage,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const code = await new Promise<number | null>((done) => child.once('close', done))
  return { code, said }
}

async function npmCalls(): Promise<string[]> {
  const log = await readFile(join(root, 'npm.log'), 'utf8')
  return log
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
}

async function versionOfRuntime(): Promise<string> {
  const link = join(root, 'node_modules', '.bin', 'node')
  const child = spawn(link, ['-v'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  await new Promise((done) => child.once('close', done))
  return out.trim()
}
