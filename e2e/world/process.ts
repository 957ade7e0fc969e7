import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** A real program that a test drives. It ends with the test process, whatever happens to that. */
export interface Running {
  name: string
  child: ChildProcess
  pid: number
  /** Everything it has written so far, both streams. */
  log(): string
  /** Exit status and signal, once it has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  hasEnded(): boolean
  /** Sends the signal and waits for the end. An ended one is left in peace. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

const alive = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export interface Launch {
  name: string
  program: string
  words: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Hears each piece of output as it comes. */
  onOutput?: (text: string) => void
}

/** Starts a program and keeps what it says. */
export function launch({ name, program, words, env, cwd, onOutput }: Launch): Running {
  const child = spawn(program, [...words], { env: env ?? process.env, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  alive.add(child)
  let said = ''
  let over = false
  const hear = (chunk: string): void => {
    said += chunk
    // Enough to explain a failure; a server that talks all day must not fill the memory of a test.
    if (said.length > 2_000_000) said = said.slice(-1_000_000)
    onOutput?.(chunk)
  }
  child.stdout?.setEncoding('utf8').on('data', hear)
  child.stderr?.setEncoding('utf8').on('data', hear)
  child.on('error', (error) => hear(`${name}: ${error.message}\n`))
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once('close', (code, signal) => {
      over = true
      alive.delete(child)
      done({ code, signal })
    })
  })
  return {
    name,
    child,
    pid: child.pid ?? 0,
    log: () => said,
    ended,
    hasEnded: () => over,
    async kill(signal = 'SIGTERM') {
      if (!over) child.kill(signal)
      await ended
    },
  }
}

/** A TCP port of 127.0.0.1 that nobody uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return address.port
}
