import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type LaunchOptions } from 'playwright'

/** @returns the full path of the program on PATH (or in Debian's sbin, which is on root's PATH only), or null */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
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
}

/**
 * Installs what the tests drive, where that is ours to do: by apt as root on Debian, and Playwright's own browser
 * elsewhere. A test that still lacks something is skipped with its reason.
 */
export function setUpMachine(say: (line: string) => void): void {
  if (isDebian() && process.getuid?.() === 0) installByApt(say)
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

function aptGet(verb: 'install' | 'update', ...packages: string[]): boolean {
  const words = verb === 'install' ? ['install', '-y', '--no-install-recommends', ...packages] : ['update']
  const ran = spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...words], {
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
