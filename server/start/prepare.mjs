// Makes the checkout ready to run: dependencies as locked, and the pinned Node beside them. Runs before every npm
// script (`prestart`, `pretest`, …) on whatever Node ≥ 20 the machine has, so it uses nothing but that Node: plain
// JavaScript, no dependencies.
//
// npm puts node_modules/.bin first on PATH before it looks there, so the script that follows in the same `npm start`
// already finds the pinned `node`, even in a clone that had no node_modules a minute ago.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const isWindows = process.platform === 'win32'
const oldestHostMajor = 20
/** How long to wait for another start that is installing; a slow line takes minutes, a hang must not last for ever. */
const lockPatienceMs = 15 * 60_000
const lockPollMs = 150

/** The package that the install script of `node` fetches here; it names them so. */
const platformPackage = [
  process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node',
  isWindows ? 'win' : process.platform,
  process.arch,
].join('-')

/** A reason to stop that the reader can act on; shown without a stack. */
class Stop extends Error {}

const say = (line) => process.stderr.write(`prepare: ${line}\n`)
const hashOf = (text) => createHash('sha256').update(text).digest('hex')
const readOr = (file, otherwise) => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return otherwise
    throw error
  }
}

function placesIn(root) {
  const modules = join(root, 'node_modules')
  return {
    root,
    modules,
    lockfile: join(root, 'package-lock.json'),
    /** npm's own record of what it installed. */
    installed: join(modules, '.package-lock.json'),
    /** Ours: the contents (not the times) of the two files above when they were last found to agree. */
    stamp: join(modules, '.prepared'),
    mutex: join(root, '.prepare.lock'),
    /** Says that the machine's own Node is used because the pinned one cannot be had for this platform. */
    hostMarker: join(modules, '.host-node'),
    runtimeHome: join(modules, 'node'),
    runtime: join(modules, 'node', 'bin', isWindows ? 'node.exe' : 'node'),
    runtimeLink: join(modules, '.bin', 'node'),
  }
}

/** What package.json fixes about the runtime: its version, and the hash of each platform's binary package. */
function readPin(places) {
  const manifest = JSON.parse(readFileSync(join(places.root, 'package.json'), 'utf8'))
  const version = manifest.dependencies?.node
  if (!/^\d+\.\d+\.\d+$/.test(version ?? '')) {
    throw new Stop(`package.json must pin "node" in its dependencies to one exact version; it says ${version}.`)
  }
  return { version, integrity: manifest.runtimeIntegrity?.[platformPackage] ?? null }
}

// ── Dependencies ────────────────────────────────────────────────────────────────────────────────────────────────────

const stampFor = (lockText, installedText) => hashOf(`${hashOf(lockText)} ${hashOf(installedText)}`)

/** Nothing has changed since the last time, and no package's folder has been removed by hand. */
function dependenciesReady(places) {
  const installedText = readOr(places.installed, null)
  if (installedText === null) return false
  if (readOr(places.stamp, '') !== stampFor(readOr(places.lockfile, ''), installedText)) return false
  return foldersPresent(places, JSON.parse(installedText))
}

const foldersPresent = (places, installed) =>
  Object.keys(installed.packages ?? {}).every((folder) => existsSync(join(places.root, folder)))

/**
 * Whether what npm installed is what the lockfile asks for: then an `npm install` run by hand is taken as it is
 * instead of being thrown away and fetched again.
 */
function installMatchesLock(places) {
  try {
    const wanted = JSON.parse(readFileSync(places.lockfile, 'utf8')).packages
    const installed = JSON.parse(readFileSync(places.installed, 'utf8'))
    for (const [folder, entry] of Object.entries(wanted)) {
      if (folder === '' || entry.link) continue
      const found = installed.packages[folder]
      // Optional packages are those of other platforms.
      if (!found && !entry.optional && !entry.devOptional) return false
      if (found && (found.version !== entry.version || found.integrity !== entry.integrity)) return false
    }
    return foldersPresent(places, installed)
  } catch {
    return false
  }
}

function installDependencies(places) {
  if (!existsSync(places.lockfile)) throw new Stop('package-lock.json is missing; restore it from version control.')
  rmSync(places.stamp, { force: true })
  rmSync(places.hostMarker, { force: true })
  say(existsSync(places.modules) ? 'dependencies are older than the lockfile; installing …' : 'installing …')
  // No package's scripts run here, on any version of npm: older ones run all of them, newer ones those listed under
  // allowScripts. The one script that is needed is run by name, by installRuntime.
  // --include=dev: the board is built on the machine that serves it, also where NODE_ENV=production.
  const npm = runNpm(places, ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (npm.status !== 0) {
    throw new Stop(
      'npm could not install the dependencies; its own words are above.\n' +
        '  No network: npm must reach its registry once. `npm config get registry` shows which one it asks.\n' +
        '  "package.json and package-lock.json are not in sync": run `npm install`, then this again.\n' +
        '  Permission denied: this folder must be writable by the user who runs npm.',
    )
  }
}

function stampDependencies(places) {
  writeFileSync(places.stamp, stampFor(readOr(places.lockfile, ''), readOr(places.installed, '')))
}

// ── The pinned Node ─────────────────────────────────────────────────────────────────────────────────────────────────

/** @returns what the Node at `file` calls itself, such as `v24.21.0`, or null if it cannot be run */
function versionOf(file) {
  const ran = spawnSync(file, ['-v'], { encoding: 'utf8', windowsHide: true })
  return ran.status === 0 ? ran.stdout.trim() : null
}

function runtimeReady(places, { version: pinned }) {
  if (readOr(places.hostMarker, null) === pinned) return !existsSync(places.runtimeLink) && isRecentEnough(pinned)
  if (!existsSync(places.runtimeLink) || !existsSync(places.runtime)) return false
  // Usually npm has already found it, and we are running on it: no need to start it again to ask.
  if (isOurs(places, process.execPath)) return process.version === `v${pinned}`
  return versionOf(places.runtime) === `v${pinned}`
}

const isOurs = (places, file) => resolve(realpathSync(file)).startsWith(realpathSync(places.modules) + sep)

/** Whether the Node we run on is of the pinned major version and not older. */
function isRecentEnough(pinned) {
  const [major, minor, patch] = process.versions.node.split('.').map(Number)
  const [wantedMajor, wantedMinor, wantedPatch] = pinned.split('.').map(Number)
  return major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch))
}

/**
 * Whether the binary came from exactly the package we pinned. The lockfile does not reach it, because a script fetches
 * it; but npm checked what it fetched against this hash, and wrote it down.
 */
function runtimeGenuine(places, pin) {
  const record = readOr(join(places.runtimeHome, 'node_modules', '.package-lock.json'), '{}')
  const fetched = JSON.parse(record).packages?.[`node_modules/${platformPackage}`]
  return pin.integrity !== null && fetched?.integrity === pin.integrity
}

/**
 * Runs the one install script this project allows: that of the npm package `node`, which fetches the package with
 * this platform's binary and links it. Run by name, it works whatever npm thinks of install scripts.
 */
function installRuntime(places, pin) {
  const script = join(places.runtimeHome, 'installArchSpecificPackage.js')
  if (!existsSync(script)) return
  say(`fetching Node ${pin.version} …`)
  const environment = childEnvironment(places)
  // The host's Node on PATH, too: the script calls `npm`, which calls `node`.
  spawnSync(hostNode(places), [script], { cwd: places.runtimeHome, env: environment, stdio: ['ignore', 2, 2] })
  if (!existsSync(places.runtime)) return
  if (!runtimeGenuine(places, pin)) {
    rmSync(places.runtime)
    say(`the binary in ${platformPackage} is not the one that package.json names under runtimeIntegrity; removed`)
    return
  }
  if (isWindows) return
  chmodSync(places.runtime, 0o755)
  mkdirSync(dirname(places.runtimeLink), { recursive: true })
  rmSync(places.runtimeLink, { force: true })
  symlinkSync(join('..', 'node', 'bin', 'node'), places.runtimeLink)
}

/**
 * Where no binary is published for this platform, a Node of the machine's own will do if it is recent enough; then
 * nothing in node_modules may stand before it on PATH. That is remembered, so the next start does not ask again.
 */
function hostWillDo(places, { version: pinned }) {
  if (isOurs(places, process.execPath) || !isRecentEnough(pinned)) return false
  for (const ending of ['', '.cmd', '.ps1']) rmSync(places.runtimeLink + ending, { force: true })
  writeFileSync(places.hostMarker, pinned)
  say(`no Node ${pinned} for ${process.platform}-${process.arch} to fetch; this machine's ${process.version} is used.`)
  return true
}

const noRuntime = (places, { version: pinned }) =>
  new Stop(
    `Node ${pinned} could not be put into node_modules for ${process.platform}-${process.arch}` +
      ` (found: ${existsSync(places.runtime) ? (versionOf(places.runtime) ?? 'one that does not start') : 'none'}).\n` +
      '  No network: run this once where npm reaches its registry.\n' +
      `  No binary for this platform (Alpine, some Macs): install Node ${pinned} itself and run this again;\n` +
      '  it is then used as it is.\n' +
      '  node_modules copied from another machine: delete node_modules and run this again.',
  )

// ── Running npm ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** PATH without any node_modules/.bin: what we call must be the machine's, not what is being replaced. */
function hostPath() {
  const parts = (process.env.PATH ?? process.env.Path ?? '').split(delimiter)
  return parts.filter((part) => !part.endsWith(join('node_modules', '.bin')) && !part.includes('node-gyp-bin'))
}

function hostNode(places) {
  const ours = places.modules + sep
  const name = isWindows ? 'node.exe' : 'node'
  const candidates = [process.env.npm_node_execpath, ...hostPath().map((part) => join(part, name)), process.execPath]
  return candidates.find((file) => file && !resolve(file).startsWith(ours) && existsSync(file)) ?? process.execPath
}

function childEnvironment(places) {
  const environment = { ...process.env, PATH: [dirname(hostNode(places)), ...hostPath()].join(delimiter) }
  delete environment.Path
  // Flags meant for our own Node may be unknown to the host's.
  delete environment.NODE_OPTIONS
  return environment
}

function runNpm(places, words) {
  const npm = process.env.npm_execpath
  const options = { cwd: places.root, env: childEnvironment(places), stdio: ['ignore', 2, 2] }
  if (npm && /\.c?js$/.test(npm) && existsSync(npm)) return spawnSync(hostNode(places), [npm, ...words], options)
  return spawnSync('npm', words, { ...options, shell: isWindows })
}

// ── One at a time ───────────────────────────────────────────────────────────────────────────────────────────────────

const pause = (ms) => new Promise((done) => setTimeout(done, ms))

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** Runs `work` while no other prepare of this checkout does. The lock of a process that died is taken over. */
async function alone(places, work) {
  const mine = JSON.stringify({ pid: process.pid, at: Date.now() })
  const giveUpAt = Date.now() + lockPatienceMs
  let told = false
  for (;;) {
    try {
      writeFileSync(places.mutex, mine, { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const theirs = readOr(places.mutex, null)
    if (theirs === null) continue
    let holder = null
    try {
      holder = JSON.parse(theirs)
    } catch {
      // Between its creation and its first byte the file is empty; only one that stays so was left by a crash.
    }
    const ageMs = Date.now() - (holder?.at ?? lstatSync(places.mutex, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    const abandoned = holder ? !isRunning(holder.pid) || ageMs > lockPatienceMs : ageMs > 5_000
    if (abandoned) {
      breakLock(places, theirs)
      continue
    }
    if (Date.now() > giveUpAt) {
      throw new Stop(`another start (process ${holder?.pid}) has been installing for too long; end it and try again.`)
    }
    if (!told) say('another start is installing; waiting for it …')
    told = true
    await pause(lockPollMs)
  }
  // The file of a killed process is found abandoned; a plain Ctrl-C need not leave one.
  const leave = () => {
    if (readOr(places.mutex, '') === mine) unlinkSync(places.mutex)
  }
  process.on('exit', leave)
  try {
    return await work()
  } finally {
    leave()
  }
}

/** Renaming is atomic, so of two who find the same abandoned lock only one takes it away. */
function breakLock(places, expected) {
  const aside = `${places.mutex}.${process.pid}`
  try {
    renameSync(places.mutex, aside)
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw error
  }
  // Someone was faster and this is their new lock: give it back, unless a third has one by now.
  if (readOr(aside, '') !== expected && !existsSync(places.mutex)) renameSync(aside, places.mutex)
  else rmSync(aside, { force: true })
}

// ── All of it ───────────────────────────────────────────────────────────────────────────────────────────────────────

async function prepare(root) {
  if (Number(process.versions.node.split('.')[0]) < oldestHostMajor) {
    throw new Stop(`Node ${process.versions.node} is too old to set this up; install Node ${oldestHostMajor} or newer.`)
  }
  const places = placesIn(root)
  const pin = readPin(places)
  const ready = () => dependenciesReady(places) && runtimeReady(places, pin)
  // A lock that is held means node_modules may be half there, whatever it looks like.
  if (!existsSync(places.mutex) && ready()) return

  await alone(places, () => {
    if (ready()) return
    if (!dependenciesReady(places) && !installMatchesLock(places)) installDependencies(places)
    if (!runtimeReady(places, pin) || !(runtimeGenuine(places, pin) || existsSync(places.hostMarker))) {
      installRuntime(places, pin)
      if (!runtimeReady(places, pin) && !hostWillDo(places, pin)) throw noRuntime(places, pin)
    }
    // Last: until all of it is in place, the next start looks again.
    stampDependencies(places)
  })
}

try {
  // An argument names another checkout to prepare; the tests use it.
  await prepare(resolve(process.argv[2] ?? fileURLToPath(new URL('../..', import.meta.url))))
} catch (error) {
  if (!(error instanceof Stop)) throw error
  say(error.message)
  process.exitCode = 1
}
