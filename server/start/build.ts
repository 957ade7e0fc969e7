import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'

const brotli = promisify(brotliCompress)
const checkout = fileURLToPath(new URL('../..', import.meta.url))

/** What the board is made from; a change in any of these makes a built board stale. */
const inputs = ['client', 'shared', 'package-lock.json', 'tsconfig.json']

export type BuildResult = 'built' | 'fresh' | 'no sources'

export class BoardBuildFailed extends Error {
  readonly code = 'board-build-failed'
}

/**
 * Builds the board into `client/dist` unless what is there was built from exactly these sources.
 *
 * The new board is built beside the old one and then takes its place, so a server that is running, or another build
 * at the same time, never sees half a board.
 * @param root the checkout
 * @throws BoardBuildFailed with Vite's words when it refuses the sources
 */
export async function buildBoard(root = checkout): Promise<BuildResult> {
  const client = join(root, 'client')
  // An image carries the built board without its sources.
  if (!existsSync(join(client, 'vite.config.ts'))) return 'no sources'

  const dist = join(client, 'dist')
  const hash = await hashOfInputs(root)
  if ((await readStamp(dist)) === hash) return 'fresh'

  await clearLeftovers(client)
  const fresh = await mkdtemp(join(client, `.dist-${process.pid}-`))
  const old = `${fresh}-old`
  try {
    await runVite(root, fresh)
    await compress(join(fresh, 'assets'))
    await writeFile(join(fresh, stampName), hash)
    await putInPlace(fresh, dist, old)
  } finally {
    await rm(fresh, { recursive: true, force: true })
    await rm(old, { recursive: true, force: true })
  }
  return 'built'
}

/** Smaller ones gain nothing. */
const worthCompressing = 1024

/** Puts a smaller copy beside each text that browsers load: made once here, so that no server spends time on it. */
async function compress(assets: string): Promise<void> {
  for (const name of await readdir(assets)) {
    if (!/\.(js|css|svg)$/.test(name)) continue
    const plain = await readFile(join(assets, name))
    if (plain.length >= worthCompressing) await writeFile(join(assets, `${name}.br`), await brotli(plain))
  }
}

/** What a build that was killed left behind. */
async function clearLeftovers(client: string): Promise<void> {
  for (const name of await readdir(client)) {
    const pid = Number(/^\.dist-(\d+)/.exec(name)?.[1] ?? 0)
    if (pid > 0 && !isRunning(pid)) await rm(join(client, name), { recursive: true, force: true })
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Beside the build, so that removing `dist` removes it too; express.static does not serve dotfiles. */
const stampName = '.built-from'

async function readStamp(dist: string): Promise<string | null> {
  if (!existsSync(join(dist, 'index.html'))) return null
  return readFile(join(dist, stampName), 'utf8').catch(() => null)
}

async function putInPlace(fresh: string, dist: string, old: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (existsSync(dist)) await rename(dist, old)
      await rename(fresh, dist)
      return
    } catch (error) {
      // Another build finished between the two lines; its board is as good, but ours may be of newer sources.
      if (attempt === 5) throw error
      await rm(old, { recursive: true, force: true })
    }
  }
}

/** By content, not by time: a checkout of another branch and back is not a change. */
export async function hashOfInputs(root: string): Promise<string> {
  const files: string[] = []
  for (const input of inputs) await collect(root, input, files)
  const hash = createHash('sha256')
  for (const file of files.sort()) {
    const content = createHash('sha256').update(await readFile(join(root, file)))
    hash.update(`${file.split(sep).join('/')} ${content.digest('hex')}\n`)
  }
  return hash.digest('hex')
}

async function collect(root: string, path: string, into: string[]): Promise<void> {
  const name = path.split(sep).at(-1) ?? path
  if (name === 'dist' || name === 'node_modules' || name.startsWith('.') || /\.test\.tsx?$/.test(name)) return
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') return null
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (entries === null) into.push(path)
  else for (const entry of entries) await collect(root, join(path, entry.name), into)
}

/** In a process of its own, so that a server that had to build first does not keep the bundler's memory. */
async function runVite(root: string, outDir: string): Promise<void> {
  const vite = fileURLToPath(new URL('../../bin/vite.js', import.meta.resolve('vite')))
  const words = ['build', '--config', 'vite.config.ts', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'warn']
  const build = spawn(process.execPath, [vite, ...words], {
    cwd: join(root, 'client'),
    // Whoever builds (tests say `test`), what is built is the real thing.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [build.stdout, build.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const code = await new Promise<number | null>((done, fail) => {
    build.once('error', fail)
    build.once('close', done)
  })
  if (code !== 0) throw new BoardBuildFailed(`The board could not be built:\n${said}`)
}
