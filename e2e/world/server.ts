import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, launch, type Running } from './process.ts'
import { until } from './until.ts'

const serve = fileURLToPath(new URL('../../server/start/serve.ts', import.meta.url))

export interface ServerOptions {
  /** Data folder. Default: a new one, removed when the tests end. */
  dir?: string
  env?: NodeJS.ProcessEnv
  /** Text of the policy file; without it there is none. */
  policy?: string
  port?: number
}

/** A real Uxbridge in a process of its own. */
export interface Server {
  url: string
  port: number
  dir: string
  policyFile: string | null
  /** Changes with each restart. */
  process(): Running
  /** Output of all its lives so far. */
  log(): string
  /** The link for the first administrator; printed when it is ready, which a probe may see a moment earlier. */
  firstLink(): Promise<string>
  writePolicy(text: string): void
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same data and port, and waits until it is ready. */
  restart(): Promise<void>
  /** Ends it at once (stopping in order has a test of its own), and removes its data if they were made here. */
  close(): Promise<void>
}

/** A new folder for the data of one test. It is the caller's to remove. */
export function newFolder(what: string): string {
  return mkdtempSync(join(tmpdir(), `uxbridge-${what}-`))
}

/** The environment of this process without what would change how a server starts. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TZ, LANG } = process.env
  return { PATH, HOME, TMPDIR, TZ, LANG }
}

/** Starts a server without waiting for it: for those that must refuse to start. */
export function launchServer(options: ServerOptions & { dir: string; port: number; policyFile?: string }): Running {
  return launch({
    name: 'uxbridge',
    program: process.execPath,
    words: [serve],
    env: {
      ...plainEnvironment(),
      PORT: String(options.port),
      HOST: '127.0.0.1',
      DATA_DIR: options.dir,
      LOG_LEVEL: 'info',
      ...(options.policyFile === undefined ? {} : { POLICY_FILE: options.policyFile }),
      ...options.env,
    },
  })
}

/**
 * Starts a server and waits until it is ready.
 * @throws Error with its output when it ends instead
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const made = options.dir === undefined
  const dir = options.dir ?? newFolder('data')
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const policyFile = options.policy === undefined ? null : join(dir, 'policy.yaml')
  if (policyFile !== null && options.policy !== undefined) writeFileSync(policyFile, options.policy)

  const start = (): Running => launchServer({ ...options, dir, port, ...(policyFile === null ? {} : { policyFile }) })
  let earlier = ''
  let running = start()
  await untilReady(url, running)

  return {
    url,
    port,
    dir,
    policyFile,
    process: () => running,
    log: () => earlier + running.log(),
    firstLink: () => until('the link for the first administrator', () => linkIn(earlier + running.log())),
    writePolicy(text) {
      if (policyFile === null) throw new Error('this server was started without a policy file')
      // As editors do: a file that is written in place is empty for a moment.
      writeFileSync(`${policyFile}.new`, text)
      renameSync(`${policyFile}.new`, policyFile)
    },
    kill: (signal) => running.kill(signal),
    async restart() {
      await running.kill('SIGKILL')
      earlier += running.log()
      running = start()
      await untilReady(url, running)
    },
    async close() {
      await running.kill('SIGKILL')
      if (made) rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function untilReady(url: string, running: Running): Promise<void> {
  const ready = async (): Promise<boolean> => {
    if (running.hasEnded()) return true
    const response = await fetch(`${url}/readyz`)
    await response.arrayBuffer()
    return response.ok
  }
  await until(`${url} to be ready`, ready, { within: 110_000 }).catch((error: unknown) => {
    throw new Error(`the server is not ready:\n${running.log()}`, { cause: error })
  })
  if (running.hasEnded()) throw new Error(`the server ended instead of starting:\n${running.log()}`)
}

/** One-time links carry their secret after the `#`, which no server log and no proxy sees. */
function linkIn(log: string): string | null {
  return log.match(/https?:\/\/\S+#\S+/)?.[0] ?? null
}
