// `npm run demo [-- --seed N --port N]`: a living board on this machine only, with people who work on what a seeded
// feed makes up. Its data are its own, made anew at each start and removed at the end.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { demoPolicy } from '../demo/cast/cast.ts'
import { arrangeRota } from '../demo/cast/rota.ts'
import { seeded } from '../demo/random.ts'
import { setStage } from '../demo/stage.ts'
import { BoardBuildFailed, buildBoard } from './build.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1940' }, port: { type: 'string', default: '4010' } },
})
const port = Number(values.port)
const seed = Number(values.seed)
if (!Number.isInteger(port) || port < 1 || port > 65534 || !Number.isInteger(seed)) {
  say('Usage: npm run demo -- [--seed <whole number>] [--port <1 to 65534>]')
  process.exit(2)
}

try {
  await buildBoard()
} catch (error) {
  if (!(error instanceof BoardBuildFailed)) throw error
  say(`demo: ${error.message}`)
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'uxbridge-demo-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const policyFile = join(folder, 'policy.yaml')
writeFileSync(
  policyFile,
  demoPolicy(() => null, Date.now()),
)

const url = `http://localhost:${port}`
const server = spawn(process.execPath, [fileURLToPath(new URL('serve.ts', import.meta.url))], {
  stdio: ['ignore', 'pipe', 'inherit'],
  // Of the environment only what a program needs to run: the settings of a real server are not the demo's.
  env: {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    TZ: process.env.TZ,
    PORT: String(port),
    // Its people are invented and its keys are in the memory of this process: nobody else has business here.
    HOST: '127.0.0.1',
    DATA_DIR: join(folder, 'data'),
    POLICY_FILE: policyFile,
    // The demo brings sources that speak; one that nobody feeds would look silent.
    FIRST_SOURCE: 'false',
    LOG_LEVEL: 'warn',
  },
})
const serverEnded = once(server, 'exit')
let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping = true
    // Ctrl-C at a terminal reaches the server as well; told twice, it would not end in order.
    if (signal === 'SIGTERM' || !process.stdin.isTTY) server.kill('SIGTERM')
  })
}
void serverEnded.then(() => process.exit(stopping ? 0 : 1))

const setupLink = await printed()
const stage = await setStage({
  url,
  setupLink,
  random: seeded(seed),
  newPassword: () => randomBytes(15).toString('base64url'),
  now: () => Date.now(),
  warn: (message) => say(`demo: ${message}`),
})
// Now that people have ids, the teams can name them; the server reads the file again by itself.
writeFileSync(policyFile, demoPolicy(stage.idOf, Date.now()))
await arrangeRota({
  idOf: stage.idOf,
  apiOf: stage.apiOf,
  now: () => Date.now(),
  pause: (ms) => pause(ms),
}).catch((error: unknown) => say(`demo: ${error instanceof Error ? error.message : String(error)}`))

const { visitor } = stage
const signIn = await signInLink(visitor.api.cookie)
say(`
The demo runs: ${url}   (seed ${seed}; this machine only; ends with Ctrl-C and leaves nothing behind)

You are the incident commander ${visitor.name}. Signed in, once, with this link:
  ${signIn}
or with
  e-mail    ${visitor.email}
  password  ${visitor.password}

Incidents appear within seconds; seven other people claim them, hand them over, decline, and sometimes do not look.
What you claim is yours: they leave it alone, and answer when you offer it to them.
Send an event of your own:
  ${stage.curl}
`)

while (!stopping) {
  const began = Date.now()
  try {
    await stage.moment()
  } catch (error) {
    if (stopping) break
    say(`demo: ${error instanceof Error ? error.message : String(error)}`)
  }
  await pause(Math.max(100, 1000 - (Date.now() - began)))
}

/** The link for the first administrator, from the server's own output. */
function printed(): Promise<string> {
  let said = ''
  return new Promise((done, fail) => {
    server.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk
      const setupLink = /https?:\/\/\S+\/setup#\S+(?=\s)/.exec(said)?.[0]
      if (setupLink !== undefined) done(setupLink)
    })
    server.stdout.once('end', () => fail(new Error(`the server ended without a link:\n${said}`)))
  })
}

/**
 * An address that signs the browser in, once. Cookies belong to a host and not to a port, so a small server beside the
 * real one can hand over a session that there is already, and send the browser on.
 */
async function signInLink(cookie: string): Promise<string> {
  const secret = randomBytes(20).toString('base64url')
  const door = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== `/${secret}`) {
      response.writeHead(404).end('This link is not, or no longer, valid.')
      return
    }
    door.close()
    response
      .writeHead(303, {
        'Set-Cookie': `${cookie}; Path=/; HttpOnly; SameSite=Lax`,
        Location: `${url}/`,
        'Cache-Control': 'no-store',
        'Referrer-Policy': 'no-referrer',
        Connection: 'close',
      })
      .end()
  })
  door.listen(port + 1, '127.0.0.1')
  await once(door, 'listening')
  return `http://localhost:${port + 1}/${secret}`
}
