import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { listenMqtt } from '#server/intake/sources/mqtt-listener.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { SourceView } from '#shared/wire.ts'
import { findProgram } from '../run/machine.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { freePort, launch, type Running } from '../world/process.ts'
import { newFolder } from '../world/server.ts'
import { until } from '../world/until.ts'
import { type Feed, type Snippet, useRoom } from './room.ts'

/** A source that is subscribed at a broker. */
interface Subscriber extends Feed {
  state(): Promise<NonNullable<SourceView['listening']>>
  /** Waits until its page says so. */
  says(words: RegExp): Promise<void>
  printed(words: string): Promise<string>
  set(settings: Record<string, unknown>): Promise<void>
}

/** A real broker on a port of its own, with what it keeps in a folder of its own. */
interface Broker {
  port: number
  folder: string
  running(): Running
  restart(): Promise<void>
  /** @returns what `mosquitto_pub` said, when it failed */
  publish(topic: string, message: string, ...words: string[]): string
}

describeUnless(lacks('mosquitto', 'mosquitto_pub', 'openssl'), 'a subscription at Debian’s Mosquitto', () => {
  const room = useRoom()
  const adminOf = () => room.house.administrator

  async function subscriber(settings: Record<string, unknown>): Promise<Subscriber> {
    const feed = await room.add('mqtt')
    const self: Subscriber = {
      ...feed,
      async state() {
        const { sources } = await adminOf().must<{ sources: SourceView[] }>('GET', '/api/sources')
        return sources.find(({ id }) => id === feed.id)?.listening ?? { ok: false, says: 'not in the list' }
      },
      async says(words) {
        await until(`the page to say ${words}`, async () => words.test((await self.state()).says))
      },
      async printed(words) {
        const { connect } = await adminOf().must<{ connect: Snippet[] }>('GET', `/api/sources/${feed.id}`)
        const found = connect.find(({ title }) => title.includes(words))
        if (found === undefined) throw new Error(`the page prints nothing titled "${words}"`)
        return found.text
      },
      set: (settings) => adminOf().must('PATCH', `/api/sources/${feed.id}`, { settings }),
    }
    await self.says(/set both/)
    await self.set(settings)
    return self
  }

  /** @param more lines of its configuration, made with its folder */
  async function startBroker(more: (folder: string) => string = () => 'allow_anonymous true\n'): Promise<Broker> {
    const folder = newFolder('mosquitto')
    const port = await freePort()
    const file = join(folder, 'mosquitto.conf')
    const kept = `persistence true\npersistence_location ${folder}/\nautosave_interval 1\n`
    writeFileSync(
      file,
      `listener ${port} 127.0.0.1\n${kept}${process.getuid?.() === 0 ? 'user root\n' : ''}${more(folder)}`,
    )
    let running: Running | null = null
    const start = async () => {
      const started = launch({ name: 'mosquitto', program: findProgram('mosquitto') ?? '', words: ['-c', file] })
      running = started
      await until('the broker to listen', () => / running\n/.test(started.log()) || started.hasEnded())
      if (started.hasEnded()) throw new Error(`mosquitto ended instead of starting:\n${started.log()}`)
    }
    const now = (): Running => {
      if (running === null) throw new Error('the broker was not started')
      return running
    }
    await start()
    room.later(async () => {
      await now().kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    })
    return {
      port,
      folder,
      running: now,
      async restart() {
        await now().kill('SIGTERM')
        await start()
      },
      publish(topic, message, ...words) {
        const all = ['-h', 'localhost', '-p', String(port), '-q', '1', '-t', topic, '-m', message, ...words]
        const ran = spawnSync('mosquitto_pub', all, { encoding: 'utf8', timeout: 30_000 })
        return ran.status === 0 ? '' : `${ran.status} ${ran.stderr}`
      },
    }
  }
  const at = ({ port }: Broker) => `mqtt://127.0.0.1:${port}`

  it('the lines that its page prints: an alert begins and ends; text is an alert about its topic', async () => {
    const broker = await startBroker()
    const source = await subscriber({ broker: at(broker), topics: ['alerts/#', 'tele/+/LWT'] })
    await source.says(/^Connected to .* subscribed to 2 of 2 topics/)
    const [, firing = '', resolved = ''] = (await source.printed('by hand')).trimEnd().split('\n')
    const paste = (line: string) => expect(spawnSync('sh', ['-e'], { input: line, encoding: 'utf8' }).stderr).toBe('')
    paste(firing)
    const alert = await source.alert(/Checkout answers with errors/, 'firing')
    expect(alert).toMatchObject({ severity: 'critical', labels: { topic: 'alerts/checkout', service: 'checkout' } })
    paste(resolved)
    await source.alert(/Checkout answers with errors/, 'resolved')

    // Tasmota's last will, and its return.
    expect(broker.publish('tele/boiler/LWT', 'Offline', '-r')).toBe('')
    await source.alert(/^tele\/boiler\/LWT: Offline$/, 'firing')
    expect(broker.publish('tele/boiler/LWT', 'Online', '-r')).toBe('')
    await source.alert(/tele\/boiler\/LWT/, 'resolved')
    expect((await source.accepted(4)).outcomes).toMatchObject({ resolved: 2 })
  })

  it('what cannot be read is lost property, and holds up nothing that comes after it', async () => {
    const broker = await startBroker()
    const source = await subscriber({ broker: at(broker), topics: ['plant/#'] })
    await source.says(/^Connected/)
    for (const message of ['{"temperature": 21.5}', '{"title": ', '{"title":"Door open"}'])
      expect(broker.publish('plant/door', message)).toBe('')
    await source.alert(/Door open/, 'firing')
    expect((await source.accepted(3)).outcomes).toMatchObject({ rejected: 2 })
  })

  it('B2: what is published while we are dead, or the broker restarts, comes; what was durable comes once', async () => {
    const broker = await startBroker()
    const source = await subscriber({ broker: at(broker), topics: ['jobs/#'] })
    await source.says(/^Connected/)
    expect(broker.publish('jobs/1', '{"title":"Job 1 failed"}')).toBe('')
    await source.alert(/Job 1/, 'firing')
    // Acknowledged, too: what is not comes again.
    await source.says(/ 1 messages taken in since/)
    await room.server.kill('SIGKILL')
    for (let i = 2; i <= 30; i++) expect(broker.publish(`jobs/${i}`, `{"title":"Job ${i} failed"}`)).toBe('')
    await broker.restart()
    await room.server.restart()
    await source.accepted(30)
    await source.says(/ 29 messages taken in since/)
    await broker.running().kill('SIGTERM')
    await source.says(/^Not connected to .* It is tried again\.$/)
    await broker.restart()
    await source.says(/^Connected/)
    expect(broker.publish('jobs/1', '{"title":"Job 1 failed","status":"resolved"}')).toBe('')
    await source.alert(/Job 1 failed/, 'resolved')
    await source.accepted(31)
  })

  it('B2: a message that cannot be taken in is not acknowledged: it is tried again, and comes to who subscribes next', async () => {
    const broker = await startBroker()
    const settings = { broker: at(broker), topics: ['#'], qos: '1' }
    const timers = new Set<() => void>()
    let refusal: UxbridgeError | null = new UxbridgeError('store-full', 'The disk is full.')
    const taken: string[] = []
    let asked = 0
    const listen = () =>
      listenMqtt({
        ...{ sourceId: 's_1', settings, secrets: {}, clock: { now: () => 0 }, maxBytes: 20 },
        after(_, work) {
          timers.add(work)
          return () => timers.delete(work)
        },
        async take(body, { headers = {} } = {}) {
          asked++
          if (refusal !== null) throw refusal
          taken.push(`${headers['mqtt-topic']} ${Buffer.from(body)}${headers['mqtt-cut'] ?? ''}`)
        },
        log: { info: () => undefined, error: () => undefined },
      })
    const first = await listen()
    await until('the subscription', () => first.state().ok)
    for (const text of ['one', 'two', 'a message that is too long']) expect(broker.publish('t', text)).toBe('')
    await until('a refusal', () => asked === 1)
    expect(first.state()).toEqual({ ok: false, says: expect.stringContaining('at the moment: The disk is full.') })
    for (const ring of [...timers]) if (timers.delete(ring)) ring()
    await until('another try', () => asked === 2)
    await first.close()
    expect(taken).toEqual([])

    refusal = null
    const second = await listen()
    await until('all of them', () => taken.length === 3)
    expect(taken).toEqual(['t one', 't two', 't a message that is to26'])
    await second.close()
    const third = await listen()
    expect(broker.publish('t', 'three')).toBe('')
    await until('the next one alone', () => taken.length === 4)
    expect(taken.at(-1)).toBe('t three')
    await third.close()
  })

  it('a topic that is taken from the settings is not subscribed to any more, nor is anything once the key is revoked', async () => {
    const broker = await startBroker()
    const source = await subscriber({ broker: at(broker), topics: ['a/#', 'b/#'] })
    await source.says(/subscribed to 2 of 2/)
    await source.set({ topics: ['b/#'] })
    await source.says(/^Connected .* subscribed to 1 of 1/)
    expect(broker.publish('a/x', '{"title":"Nobody hears it"}')).toBe('')
    expect(broker.publish('b/x', '{"title":"Heard"}')).toBe('')
    await source.alert(/Heard/, 'firing')
    await adminOf().must('POST', `/api/sources/${source.id}/revoke`, {})
    await source.says(/no key of this source is valid/)
    expect(broker.publish('b/y', '{"title":"Too late"}')).toBe('')
    await adminOf().must('POST', `/api/sources/${source.id}/rotate`, {})
    await source.says(/^Connected/)
    expect(broker.publish('b/z', '{"title":"Heard again"}')).toBe('')
    await source.alert(/Heard again/, 'firing')
    await source.accepted(2)
  })

  it('over TLS with a name and a password, which nothing shows; a wrong one, and a certificate nobody trusts, are told', async () => {
    const password = 'not-to-be-seen-4711'
    const broker = await startBroker((folder) => {
      const made = spawnSync('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
        ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
      ])
      const named = spawnSync('mosquitto_passwd', ['-b', '-c', join(folder, 'people'), 'ux', password])
      expect([made.status, named.status]).toEqual([0, 0])
      return `allow_anonymous false\npassword_file ${folder}/people\ncertfile ${folder}/cert.pem\nkeyfile ${folder}/key.pem\n`
    })
    const trusted = join(broker.folder, 'cert.pem')
    const source = await subscriber({ broker: `mqtts://localhost:${broker.port}`, topics: ['t'], username: 'ux' })
    await source.says(/certificate is not trusted/)
    await source.set({ authorityFile: trusted, password: 'wrong' })
    await source.says(/refuses our user name or password|does not let us in/)
    await source.set({ password })
    await source.says(/^Connected/)
    expect(broker.publish('t', '{"title":"Behind TLS"}', '--cafile', trusted, '-u', 'ux', '-P', password)).toBe('')
    await source.alert(/Behind TLS/, 'firing')
    const shown = JSON.stringify(await adminOf().must('GET', `/api/sources/${source.id}`))
    expect(shown).toContain('"secretSettings":["password"]')
    expect([shown.includes(password), room.server.log().includes(password)]).toEqual([false, false])
    expect((await source.printed('by hand')).includes("-u 'ux' -P '<password>'")).toBe(true)
  })
})
