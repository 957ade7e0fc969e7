import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'

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

/** Reads `+ pid` and `- pid`, and kills what is left when nobody is there any more to say so. */
const reaping = `trap '' INT TERM HUP
left=
while read -r sign pid; do
  others=
  for each in $left; do [ "$each" = "$pid" ] || others="$others $each"; done
  left=$others
  [ "$sign" = - ] || left="$left $pid"
done
[ -z "$left" ] || kill -9 $left 2>/dev/null`

let reaper: ChildProcess | null = null

/** Vitest ends its workers by a signal, so that nothing of theirs is told of the end: another process has to watch for it. */
function tellReaper(sign: '+' | '-', pid: number): void {
  if (reaper === null) {
    reaper = spawn('sh', ['-c', reaping], { stdio: ['pipe', 'ignore', 'ignore'] })
    reaper.unref()
    ;(reaper.stdin as Socket).unref()
  }
  reaper.stdin?.write(`${sign} ${pid}\n`)
}

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
  if (child.pid !== undefined) tellReaper('+', child.pid)
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
      if (child.pid !== undefined) tellReaper('-', child.pid)
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

const given = new Set<number>()

/**
 * A port of 127.0.0.1 that nobody uses at this moment, by TCP or UDP, and that this process was not given before. It lies below
 * those that a system hands out by itself, so that nobody gets it by chance while its server is being restarted.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_768)
    if (given.has(port)) continue
    given.add(port)
    if ((await isFree(port)).every((each) => each)) return port
  }
}

function isFree(port: number): Promise<boolean[]> {
  const stream = createServer()
  const datagrams = createSocket('udp4')
  const opens = (door: typeof stream | typeof datagrams, open: () => void) =>
    new Promise<boolean>((done) => {
      door.once('error', () => done(false))
      door.once('listening', () => door.close(() => done(true)))
      open()
    })
  return Promise.all([
    opens(stream, () => stream.listen({ port, host: '127.0.0.1', exclusive: true })),
    opens(datagrams, () => datagrams.bind({ port, address: '127.0.0.1', exclusive: true })),
  ])
}
