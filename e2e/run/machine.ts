import { spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type LaunchOptions } from 'playwright'

/** Where packages are unpacked that are not to be installed; it goes when the dependencies are installed anew. */
const unpackedFolder = fileURLToPath(new URL('../../node_modules/.cache/uxbridge-programs', import.meta.url))

/**
 * @returns the full path of the program on PATH (or in Debian's sbin, which is on root's PATH only, or unpacked for the
 * tests), or null
 */
export function findProgram(name: string): string | null {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/sbin',
    join(unpackedFolder, 'usr', 'sbin'),
  ]
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']
  for (const folder of folders) {
    for (const ending of endings) {
      const file = join(folder, name + ending)
      if (folder !== '' && isProgram(file)) return file
    }
  }
  return null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** @returns the path of a Chromium: the machine's own, else the one Playwright has downloaded, else null */
export function findBrowser(): string | null {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']) {
    const found = findProgram(name)
    if (found) return found
  }
  const downloaded = chromium.executablePath()
  return existsSync(downloaded) ? downloaded : null
}

/** Whatever would phone home, or wait for it: a test must not depend on the world outside. */
const quietArguments = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @throws Error when there is no browser; ask `lacks('browser')` of needs.ts first */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const executablePath = findBrowser()
  if (!executablePath) throw new Error('No Chromium was found. `npm test` installs one, or says why it cannot.')
  // Chromium refuses to sandbox itself for root.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, ...options, args: [...asRoot, ...quietArguments, ...(options.args ?? [])] })
}

// ── Set-up ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Debian's package for each program that tests drive; amtool comes with Alertmanager. */
const debianPackages: Record<string, string> = {
  chromium: 'chromium',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  curl: 'curl',
  openssl: 'openssl',
  monit: 'monit',
  rsyslogd: 'rsyslog',
  mosquitto: 'mosquitto',
  mosquitto_pub: 'mosquitto-clients',
}

/**
 * Packages that would bring along what no test may put on a machine: Nagios asks for a mail server. The program needs
 * nothing but the C library, so its package is fetched and unpacked, and nothing is installed.
 */
const unpackedPackages: Record<string, string> = {
  nagios4: 'nagios4-core',
}

/**
 * Installs what the tests drive, where that is ours to do: by apt as root on Debian, and Playwright's own browser
 * elsewhere. A test that still lacks something is skipped with its reason.
 */
export function setUpMachine(say: (line: string) => void): void {
  if (isDebian() && process.getuid?.() === 0) {
    installByApt(say)
    unpack(say)
  }
  if (findBrowser()) return
  say('no Chromium on this machine; asking Playwright for its own')
  const playwright = fileURLToPath(new URL('cli.js', import.meta.resolve('playwright/package.json')))
  const got = spawnSync(process.execPath, [playwright, 'install', 'chromium'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (got.status !== 0) say('Playwright could not fetch a browser; tests that need one will be skipped')
}

function isDebian(): boolean {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  // Not Ubuntu: its chromium package is a stub for a snap.
  return /^ID=debian$/m.test(release) && findProgram('apt-get') !== null
}

function installByApt(say: (line: string) => void): void {
  const missing = Object.entries(debianPackages).filter(([program]) => findProgram(program) === null)
  if (missing.length === 0) return
  const packages = missing.map(([, name]) => name)
  say(`installing ${packages.join(', ')} by apt …`)
  withoutStartingServices(() => {
    if (aptGet('install', ...packages)) return
    // The lists of a fresh machine are empty or old; fetching them costs seconds, so only when needed.
    if (!aptGet('update') || !aptGet('install', ...packages)) say('apt could not; tests that need them will be skipped')
  })
}

function unpack(say: (line: string) => void): void {
  const missing = Object.entries(unpackedPackages).filter(([program]) => findProgram(program) === null)
  if (missing.length === 0) return
  const packages = missing.map(([, name]) => name)
  say(`unpacking ${packages.join(', ')} …`)
  const folder = mkdtempSync(join(tmpdir(), 'uxbridge-packages-'))
  try {
    const fetched =
      aptGetIn(folder, 'download', ...packages) || (aptGet('update') && aptGetIn(folder, 'download', ...packages))
    mkdirSync(unpackedFolder, { recursive: true })
    const opened = (file: string): boolean =>
      spawnSync('dpkg-deb', ['--extract', join(folder, file), unpackedFolder]).status === 0
    if (!fetched || !readdirSync(folder).every(opened)) say('apt could not; tests that need them will be skipped')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const aptGet = (verb: 'install' | 'update', ...packages: string[]): boolean => aptGetIn(tmpdir(), verb, ...packages)

/** @param folder where `download` puts the packages */
function aptGetIn(folder: string, verb: 'install' | 'update' | 'download', ...packages: string[]): boolean {
  const more = verb === 'install' ? ['-y', '--no-install-recommends'] : []
  const ran = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', verb, ...more, ...packages], {
    cwd: folder,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const output = `${ran.stdout}${ran.stderr}`
  if (ran.status !== 0) process.stderr.write(`${output.split('\n').slice(-15).join('\n')}\n`)
  return ran.status === 0
}

const servicePolicy = '/usr/sbin/policy-rc.d'

/** Debian starts a server as soon as it is installed; ours are started by the tests, on ports of their own. */
function withoutStartingServices(install: () => void): void {
  const ours = !existsSync(servicePolicy)
  if (ours) writeFileSync(servicePolicy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const remove = (): void => {
    if (ours) rmSync(servicePolicy, { force: true })
  }
  process.once('exit', remove)
  try {
    install()
  } finally {
    remove()
    process.off('exit', remove)
  }
}
