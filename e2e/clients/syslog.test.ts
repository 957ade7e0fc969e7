import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import winston from 'winston'
import type { SourceView } from '#shared/wire.ts'
import { findProgram } from '../run/machine.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { freePort, launch, type Running } from '../world/process.ts'
import { newFolder } from '../world/server.ts'
import { until } from '../world/until.ts'
import { type Feed, type Snippet, useRoom } from './room.ts'

// It has no types of its own. A name that is not written out keeps the compiler from looking for them.
const winstonSyslog: string = 'winston-syslog'
const { Syslog } = (await import(winstonSyslog)) as { Syslog: new (options: object) => winston.transport }

/** A source with a port of its own. */
interface Ear extends Feed {
  port: number
  state(): Promise<NonNullable<SourceView['listening']>>
  /** What its page prints now that it has a port. */
  printed(words: string): Promise<string>
  set(settings: Record<string, unknown>): Promise<void>
}

function useEars() {
  const room = useRoom()
  /** @param settings besides the port */
  async function listen(settings: Record<string, unknown> = {}): Promise<Ear> {
    const feed = await room.add('syslog')
    const port = await freePort()
    const api = room.house.administrator
    const ear: Ear = {
      ...feed,
      port,
      async state() {
        const { sources } = await api.must<{ sources: SourceView[] }>('GET', '/api/sources')
        return sources.find(({ id }) => id === feed.id)?.listening ?? { ok: false, says: 'not in the list' }
      },
      async printed(words) {
        const { connect } = await api.must<{ connect: Snippet[] }>('GET', `/api/sources/${feed.id}`)
        const found = connect.find(({ title }) => title.includes(words))
        if (found === undefined) throw new Error(`the page prints nothing titled "${words}"`)
        return found.text
      },
      set: (settings) => api.must('PATCH', `/api/sources/${feed.id}`, { settings }),
    }
    expect(await ear.state()).toMatchObject({ ok: false, says: expect.stringContaining('set one') })
    await ear.set({ port, ...settings })
    await until('the port to be open', async () => (await ear.state()).ok)
    return ear
  }
  return { room, listen }
}

/** util-linux: `logger`, as a shell script would call it. */
function logger(port: number, ...words: string[]): void {
  const ran = spawnSync('logger', ['--server', '127.0.0.1', '--port', String(port), ...words], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`logger ${words.join(' ')}: ${ran.stderr}`)
}

describe('syslog', () => {
  const { room, listen } = useEars()

  describeUnless(lacks('logger'), 'logger of util-linux', () => {
    it('over UDP and TCP, in both formats and both framings: everything is counted, and what is critical is one alert', async () => {
      const ear = await listen()
      logger(ear.port, '--udp', '--rfc3164', '--tag', 'job', '-p', 'user.info', 'old format')
      logger(ear.port, '--udp', '--rfc5424', '--tag', 'job', '-p', 'user.notice', 'new format')
      logger(ear.port, '--tcp', '--tag', 'job', '-p', 'user.warning', 'a line')
      logger(ear.port, '--tcp', '--octet-count', '--tag', 'job', '-p', 'user.err', 'counted')
      expect((await ear.accepted(4)).outcomes).toEqual({ recorded: 4 })
      logger(ear.port, '--tcp', '--octet-count', '--tag', 'job', '-p', 'user.crit', 'batch 17 of 40 failed')
      const alert = await ear.alert(/batch 17/, 'firing')
      expect(alert).toMatchObject({ title: 'job: batch 17 of 40 failed', severity: 'critical', labels: { app: 'job' } })
      logger(ear.port, '--udp', '--tag', 'job', '-p', 'user.emerg', 'batch 18 of 40 failed')
      expect((await ear.accepted(6)).outcomes).toEqual({ recorded: 4, opened: 1, repeated: 1 })
      expect(await ear.alerts()).toMatchObject([{ id: alert.id, title: 'job: batch 18 of 40 failed', events: 2 }])
    })

    it('the line that its page prints, run as it stands', async () => {
      const ear = await listen()
      const ran = spawnSync('sh', ['-e'], { input: await ear.printed('by hand'), encoding: 'utf8' })
      expect([ran.status, ran.stderr]).toEqual([0, ''])
      await ear.alert(/The first message/, 'firing')
    })

    it('only from addresses that may send', async () => {
      const ear = await listen({ allowed: ['192.0.2.0/24', '2001:db8::/32'] })
      logger(ear.port, '--udp', 'from a stranger')
      spawnSync('logger', ['--server', '127.0.0.1', '--port', String(ear.port), '--tcp', 'from a stranger'])
      await until('both to be counted', async () => (await ear.state()).says.includes('2 times an address knocked'))
      expect((await ear.ledger()).accepted).toBe(0)
    })
  })

  describeUnless(lacks('rsyslogd', 'logger'), 'Debian’s rsyslog, configured as the page prints it', () => {
    /** An rsyslog of its own that takes in at a port, and hands on by what the page prints. */
    async function start(printed: string): Promise<{ port: number; running: Running }> {
      const folder = newFolder('rsyslog')
      const port = await freePort()
      const file = join(folder, 'rsyslog.conf')
      writeFileSync(
        file,
        `global(workDirectory="${folder}")\nmodule(load="imtcp")\ninput(type="imtcp" port="${port}" address="127.0.0.1")\n${printed}`,
      )
      const running = launch({
        name: 'rsyslogd',
        program: findProgram('rsyslogd') ?? '',
        words: ['-n', '-f', file, '-i', join(folder, 'pid')],
      })
      room.later(async () => {
        await running.kill('SIGKILL')
        rmSync(folder, { recursive: true, force: true })
      })
      const answers = (): Promise<boolean> =>
        new Promise((resolve) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.destroy()
            resolve(true)
          })
          socket.once('error', () => resolve(false))
        })
      await until('rsyslog to take in', () => answers().then((yes) => yes || running.hasEnded()))
      if (running.hasEnded()) throw new Error(`rsyslogd ended instead of starting:\n${running.log()}`)
      return { port, running }
    }

    it('hands on by TCP; what it is told while we are dead waits on its side, and comes when we are back', async () => {
      const ear = await listen({ transport: 'tcp' })
      const printed = await ear.printed('rsyslog')
      expect(printed).toContain(`target="127.0.0.1" port="${ear.port}" protocol="tcp"`)
      const { port } = await start(printed)
      const say = (severity: string, text: string) =>
        logger(port, '--tcp', '--octet-count', '--tag', 'edge', '-p', `daemon.${severity}`, text)
      say('warning', 'before')
      say('info', 'not handed on: below warning')
      say('crit', 'fan 3 stands still')
      await ear.alert(/fan 3 stands still/, 'firing')
      // This machine had trouble in the tests before: it joins that.
      expect((await ear.accepted(2)).outcomes).toEqual({ recorded: 1, attached: 1 })

      await room.server.kill('SIGKILL')
      for (let i = 0; i < 20; i++) say('err', `while away ${i}`)
      say('crit', 'pump 9 leaks')
      await room.server.restart()
      await ear.alert(/pump 9 leaks/, 'firing')
      // Plain TCP acknowledges nothing: what rsyslog wrote before it learnt of the broken connection may be gone.
      const { accepted } = await until('what had waited', async () => {
        const ledger = await ear.ledger()
        return ledger.accepted >= 3 + 19 && ledger
      })
      expect(accepted).toBeLessThanOrEqual(3 + 20)
    })
  })

  describeUnless(lacks('openssl'), 'winston-syslog', () => {
    /** Logs with a logger of its own, which is closed when the file ends: it says nowhere that a message has left. */
    function log(options: object, ...messages: (readonly [level: string, text: string])[]): void {
      const transport = new Syslog({
        host: '127.0.0.1',
        localhost: 'web-1',
        app_name: 'shop',
        type: '5424',
        ...options,
      })
      const { levels } = winston.config.syslog
      const logger = winston.createLogger({ levels, level: 'debug', transports: [transport] })
      room.later(() => logger.close())
      for (const [level, text] of messages) logger.log(level, text)
    }

    it('over UDP in both formats, and over TCP without an end to its messages', async () => {
      const ear = await listen()
      log({ port: ear.port, protocol: 'udp4', type: 'BSD' }, ['warning', 'old'])
      log({ port: ear.port, protocol: 'udp4' }, ['crit', 'Payment 4711 failed'])
      await ear.accepted(2)
      // It closes nothing and ends nothing: the idle line is taken as it is.
      log({ port: ear.port, protocol: 'tcp4' }, ['crit', 'Payment 4712 failed'])
      await ear.accepted(3)
      log({ port: ear.port, protocol: 'tcp4', eol: '\n' }, ['info', 'one'], ['info', 'two'], ['info', 'three'])
      expect((await ear.accepted(6)).outcomes).toEqual({ opened: 1, repeated: 1, recorded: 4 })
      expect(await ear.alerts()).toMatchObject([
        { title: 'shop: Payment 4712 failed', labels: { host: 'web-1' }, events: 2 },
      ])
    })

    it('over TLS; plain bytes at a port for TLS, and TLS at one for plain bytes, are told so', async () => {
      const folder = newFolder('tls')
      room.later(() => rmSync(folder, { recursive: true, force: true }))
      const [certificateFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
      const made = spawnSync('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...[
          '-subj',
          '/CN=localhost',
          '-addext',
          'subjectAltName=DNS:localhost',
          '-keyout',
          keyFile,
          '-out',
          certificateFile,
        ],
      ])
      expect(made.status).toBe(0)
      const ear = await listen({ transport: 'tls', certificateFile, keyFile })
      log({ port: ear.port, protocol: 'tls4', eol: '\n' }, ['crit', 'over TLS'])
      await ear.alert(/over TLS/, 'firing')
      const plain = connect(ear.port, '127.0.0.1').on('error', () => undefined)
      plain.end('<10>not over TLS\n')
      await until('the failed handshake to be shown', async () =>
        (await ear.state()).says.includes('TLS handshakes failed'),
      )
      await ear.accepted(1)

      await ear.set({ transport: 'tcp' })
      await until('TCP', async () => (await ear.state()).says.includes(', TCP.'))
      const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${ear.port}`], { stdio: 'ignore' })
      room.later(() => child.kill('SIGKILL'))
      // TLS at a plain port: one thing in lost property that says so, not hundreds of broken lines.
      expect((await ear.accepted(2)).outcomes).toEqual({ attached: 1, rejected: 1 })

      await ear.set({ transport: 'tls', keyFile: join(folder, 'gone.pem') })
      await until('the missing file to be named', async () => /gone\.pem cannot be read/.test((await ear.state()).says))
    })
  })

  describe('a port of its own', () => {
    it('over TCP nothing is lost, however fast it comes, also when the server is told to stop in between', async () => {
      const ear = await listen({ transport: 'tcp' })
      const lines = 10_000
      const text = (from: number) =>
        Array.from({ length: lines }, (_, i) => `<14>Nov 22 00:51:40 vm app: line ${from + i}\n`).join('')
      const socket = connect(ear.port, '127.0.0.1')
      socket.end(text(0))
      expect((await ear.accepted(lines)).outcomes).toEqual({ recorded: lines })
      expect((await ear.state()).says).not.toContain('dropped')

      const other = connect(ear.port, '127.0.0.1')
      await new Promise((resolve) => other.write('<14>app: the last one\n', resolve))
      await until('it to be read', async () => (await ear.state()).says.includes('1 connected'))
      await room.server.kill('SIGTERM')
      await room.server.restart()
      await ear.accepted(lines + 1)
    })

    it('over UDP what comes too fast is counted, and what was taken in is in the ledger', async () => {
      const ear = await listen({ transport: 'udp' })
      const socket = createSocket('udp4')
      const send = (text: string) =>
        new Promise<void>((resolve) => socket.send(text, ear.port, '127.0.0.1', () => resolve()))
      for (let i = 0; i < 300; i++) await send(`<14>Nov 22 00:51:40 vm app: ${i}`)
      expect((await ear.accepted(300)).outcomes).toEqual({ recorded: 300 })
      socket.close()
    })

    it('one that is taken by another says so, and opens when the other goes; a source without a key has none', async () => {
      const first = await listen()
      const second = await room.add('syslog')
      const api = room.house.administrator
      const stateOf = async (id: string) => {
        const { sources } = await api.must<{ sources: SourceView[] }>('GET', '/api/sources')
        return sources.find((source) => source.id === id)?.listening
      }
      await api.must('PATCH', `/api/sources/${second.id}`, { settings: { port: first.port } })
      await until('the second to say why', async () =>
        (await stateOf(second.id))?.says.includes('is in use by another'),
      )
      await api.must('POST', `/api/sources/${first.id}/revoke`, {})
      await until('the second to open', async () => (await stateOf(second.id))?.ok)
      expect(await stateOf(first.id)).toMatchObject({ ok: false, says: expect.stringContaining('no key') })
    })
  })
})
