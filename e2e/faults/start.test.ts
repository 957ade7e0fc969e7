import { once } from 'node:events'
import { closeSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { prometheusBody } from '#server/demo/bodies.ts'
import { critical, raise } from '../world/events.ts'
import { setUpHouse } from '../world/house.ts'
import { freePort } from '../world/process.ts'
import { launchServer, newFolder, type Server, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'

const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
async function open(options: Parameters<typeof startServer>[0] = {}): Promise<Server> {
  const server = await startServer(options)
  closing.push(() => server.close())
  return server
}
function folder(): string {
  const made = newFolder('fault')
  closing.push(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A server that cannot start: its exit status and what it said. */
async function refusal(options: Parameters<typeof launchServer>[0]): Promise<{ code: number | null; said: string }> {
  const running = launchServer(options)
  closing.push(() => running.kill('SIGKILL'))
  const { code } = await running.ended
  return { code, said: running.log() }
}

describe('a server that cannot start says why, what to do, and ends with a failure', () => {
  it('the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    closing.push(() => other.close())
    const { port } = other.address() as { port: number }
    const { code, said } = await refusal({ dir: folder(), port })
    expect(code).toBe(1)
    expect(said).toContain(`Port ${port}`)
    expect(said).toMatch(/set PORT/)
    expect(said).not.toMatch(/\n\s+at /)
  })

  it('another process works in the data folder, and the first is not disturbed', async () => {
    const server = await open()
    const { code, said } = await refusal({ dir: server.dir, port: await freePort() })
    expect(code).toBe(1)
    expect(said).toContain(server.dir)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
  })

  it('the policy file is invalid: it names the line, and what to write instead', async () => {
    const dir = folder()
    const policyFile = join(dir, 'policy.yaml')
    writeFileSync(policyFile, 'version: 1\nteams:\n  - id: web\ntiers:\n  1:\n    offer_expires_after: soon\n')
    const { code, said } = await refusal({ dir, port: await freePort(), policyFile })
    expect(code).toBe(1)
    expect(said).toMatch(/line 6|:6/)
    expect(said).toMatch(/90s, 5m/)
  })

  it('the database is corrupt: nothing is written to it, and the backup is named as the way out', async () => {
    const server = await open()
    const house = await setUpHouse(server)
    const { key } = await house.addSource('prometheus', 'p')
    await raise(
      server.url,
      key,
      Array.from({ length: 50 }, (_, index) => critical(`service-${index}`)),
    )
    await server.kill()
    const database = join(server.dir, 'uxbridge.sqlite')
    const file = openSync(database, 'r+')
    // The first page holds the schema: without it nothing can be read.
    writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 0)
    closeSync(file)
    const before = statSync(database)
    const { code, said } = await refusal({ dir: server.dir, port: server.port })
    expect(code).toBe(1)
    expect(said).toMatch(/damaged|corrupt/)
    expect(said).toMatch(/backup/)
    expect(statSync(database).size).toBe(before.size)
  })

  it('the environment is wrong: all of it is said at once', async () => {
    const { code, said } = await refusal({ dir: folder(), port: 70_000, env: { LOG_LEVEL: 'loud' } })
    expect(code).toBe(1)
    expect(said).toContain('PORT')
    expect(said).toContain('LOG_LEVEL')
  })
})

describe('a policy file that is changed while the server runs', () => {
  it('is refused whole when it is invalid: the policy before stays, and the log names the line', async () => {
    const server = await open({ policy: 'definitions:\n  - name: first\n    match: [severity!=""]\n    as: 2\n' })
    const house = await setUpHouse(server)
    const { key } = await house.addSource('prometheus', 'p')
    server.writePolicy('definitions:\n  - name: second\n    match: [severity!=""]\n    as: urgent\n')
    await until('the refusal to be logged', () => /stays active/.test(server.log()))
    await raise(server.url, key, [critical('one')])
    const one = await until('the incident', async () => (await house.administrator.picture()).incidents[0])
    expect(one.tier).toBe(2)
    server.writePolicy('definitions:\n  - name: third\n    match: [severity!=""]\n    as: 3\n')
    await until('the new policy to be active', () => /new policy is active/.test(server.log()))
    await raise(server.url, key, [critical('two')])
    const two = await until('the second incident', async () =>
      (await house.administrator.picture()).incidents.find(({ service }) => service === 'two'),
    )
    expect(two.tier).toBe(3)
  })
})

describe('SIGTERM', () => {
  it('answers what is under way, refuses what is new, keeps what it acknowledged, and ends with success', async () => {
    const server = await open()
    const house = await setUpHouse(server)
    const { key } = await house.addSource('prometheus', 'p')
    const body = Buffer.from(prometheusBody([critical('late')], Date.now() + 600_000))
    const sending = request(`${server.url}/api/v2/alerts`, {
      method: 'POST',
      headers: {
        ...{ authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length },
        expect: '100-continue',
      },
    })
    const answered = once(sending, 'response') as Promise<[import('node:http').IncomingMessage]>
    // The server has its head when the signal comes: the request is under way.
    sending.flushHeaders()
    await once(sending, 'continue')
    sending.write(body.subarray(0, 20))
    await raise(server.url, key, [critical('early')])
    const ended = server.kill('SIGTERM')
    sending.end(body.subarray(20))
    const [response] = await answered
    response.resume()
    await ended
    expect((await server.process().ended).code).toBe(0)
    await server.restart()
    const services = (await house.administrator.picture()).incidents.map(({ service }) => service)
    expect(services).toContain('early')
    // Accepted or refused with a time to come back: never silence, never half.
    expect(services.includes('late')).toBe(response.statusCode === 200)
    if (response.statusCode !== 200) {
      expect(response.statusCode).toBe(503)
      expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
    }
  })

  it('ends although senders go on sending on connections that they keep open', async () => {
    const server = await open()
    const house = await setUpHouse(server)
    const { key } = await house.addSource('prometheus', 'p')
    const agent = new Agent({ keepAlive: true })
    let answered = 0
    let sending = true
    const sender = async (): Promise<void> => {
      while (sending) {
        const status = await new Promise<number>((done) => {
          const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
          const asked = request(`${server.url}/api/v2/alerts`, { agent, method: 'POST', headers }, (response) => {
            response.resume().once('close', () => done(response.statusCode ?? 0))
          })
          asked.once('error', () => done(0))
          asked.end(prometheusBody([critical('busy')], Date.now() + 600_000))
        })
        if (status === 0) return
        answered++
      }
    }
    const senders = Array.from({ length: 8 }, sender)
    await until('the senders to be at work', () => answered > 50)
    const ended = server.kill('SIGTERM').then(() => true)
    await until('the server to end', () => Promise.race([ended, Promise.resolve(false)]))
    sending = false
    await Promise.all(senders)
    agent.destroy()
    expect((await server.process().ended).code).toBe(0)
  })
})
