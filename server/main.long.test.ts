import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { type House, openHouse } from './main.ts'

const serve = fileURLToPath(new URL('start/serve.ts', import.meta.url))
const folders: string[] = []
const freshFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'uxbridge-main-'))
  folders.push(folder)
  return folder
}
/** As its own process, which does not outlive the test. */
const children: ChildProcess[] = []
function spawnServer(env: Record<string, string>) {
  const child = spawn(process.execPath, [serve], { env: { ...process.env, LOG_LEVEL: 'warn', ...env } })
  children.push(child)
  return child
}
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

async function open(env: Record<string, string> = {}): Promise<{ house: House; key: string; dir: string }> {
  const dir = freshFolder()
  const house = await openHouse(readConfig({ DATA_DIR: dir, PORT: '0', ...env }), pino({ level: 'silent' }))
  return { house, dir, key: /Bearer (\S+)'/.exec(house.welcome.curl ?? '')?.[1] ?? '' }
}

/** Runs the server as its own process until it ends by itself. */
async function ends(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const child = spawnServer(env)
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

test('a start that a person can mend says how, and ends the process', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const address = holder.address()
  const port = typeof address === 'object' && address !== null ? String(address.port) : ''
  const taken = await ends({ DATA_DIR: freshFolder(), PORT: port })
  holder.close()
  expect(taken).toEqual({
    code: 1,
    said: `Uxbridge cannot start.\nPort ${port} on 127.0.0.1 is in use. Stop what uses it, or set PORT to another one.\n`,
  })
  // TEST-NET-1 of RFC 5737: no machine has it.
  const elsewhere = await ends({ DATA_DIR: freshFolder(), PORT: '0', HOST: '192.0.2.1', PUBLIC_URL: 'https://x.test' })
  expect(elsewhere).toEqual({
    code: 1,
    said: 'Uxbridge cannot start.\nThis machine has no address 192.0.2.1 (EADDRNOTAVAIL). Set HOST to one of its own, or to 127.0.0.1.\n',
  })
})

test('what the server writes is for its own user only, in a folder that others may look into too', async () => {
  const dir = join(freshFolder(), 'data')
  mkdirSync(dir, { mode: 0o755 })
  const child = spawnServer({ DATA_DIR: dir, PORT: '0' })
  await once(child.stdout, 'data')
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory())
  const open = files.filter((file) => (statSync(join(file.parentPath, file.name)).mode & 0o077) !== 0)
  child.kill('SIGTERM')
  await once(child, 'close')
  expect(files.length).toBeGreaterThan(5)
  expect(open.map(({ name }) => name)).toEqual([])
})

const alertOf = (name: string) => JSON.stringify([{ labels: { alertname: name, severity: 'critical' } }])

test('stopping does not wait for a sender that never ends its request', { timeout: 40_000 }, async () => {
  const { house, key } = await open()
  const slow = connect(house.port)
  slow.on('error', () => undefined)
  slow.write(
    `POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[`,
  )
  await once(slow, 'connect')
  // One that is answered after it on another connection: by now the slow one is being read.
  expect(await post(house.port, key, new Agent(), 'Before')).toBe(200)
  await house.close()
  if (!slow.closed) await once(slow, 'close')
})

test('stopping under load ends; every request gets an answer, and what was accepted is kept', async () => {
  const { house, key, dir } = await open()
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const accepted = new Set<string>()
  const answers: (number | string)[] = []
  let number = 0
  const sender = async () => {
    for (let answer: number | string = 200; answer === 200; ) {
      const name = `Load${number++}`
      answer = await post(house.port, key, agent, name)
      answers.push(answer)
      if (answer === 200) accepted.add(name)
      if (accepted.size === 200) void house.close()
    }
  }
  await Promise.all(Array.from({ length: 8 }, sender))
  await house.close()
  agent.destroy()
  // Each had one more on its way when the server was told to stop, and waits now for as long as the refusal said.
  expect(answers.filter((answer) => answer !== 200)).toEqual(Array(8).fill(503))

  const again = await openHouse(readConfig({ DATA_DIR: dir, PORT: '0' }), pino({ level: 'silent' }))
  const metrics = await (await fetch(`http://localhost:${again.port}/metrics`)).text()
  await again.close()
  expect(metrics).toContain(`uxbridge_alerts_known ${accepted.size}\n`)
})

/** @returns the status, or the code of the error */
function post(port: number, key: string, agent: Agent, name: string): Promise<number | string> {
  return new Promise((resolve) => {
    const outgoing = request(
      {
        port,
        agent,
        method: 'POST',
        path: '/api/v2/alerts',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    outgoing.end(alertOf(name))
  })
}

test('the time of commits is measured', async () => {
  const { house, key } = await open()
  await post(house.port, key, new Agent(), 'Once')
  const metrics = await (await fetch(`http://localhost:${house.port}/metrics`)).text()
  await house.close()
  expect(Number(/uxbridge_commit_seconds_count (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(0)
})
