import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readConfig } from '#server/config.ts'
import { type Api, makeApi } from '#server/demo/client.ts'
import { makeAdministrator } from '#server/demo/people.ts'
import { type House, openHouse } from '#server/main.ts'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { testPassword } from '../world/house.ts'
import { until } from '../world/until.ts'

interface Added {
  source: { id: string }
  key: string
  connect: readonly { title: string; text: string }[]
}

describeUnless(lacks('curl'), 'jobs that ping, and sources that fall silent', () => {
  const dir = mkdtempSync(join(tmpdir(), 'uxbridge-pings-'))
  // Days pass in these stories: the server is given a clock that is moved by hand.
  const clock = { at: Date.now(), now: () => clock.at }
  const person = { name: 'Noor Aziz', email: 'noor.aziz@test.example' }
  let house: House
  let api: Api
  const open = () => openHouse(readConfig({ DATA_DIR: dir, PORT: '0' }), pino({ level: 'silent' }), clock)

  beforeAll(async () => {
    house = await open()
    api = (await makeAdministrator(house.url, house.welcome.setup ?? '', person, testPassword)).api
  })
  afterAll(async () => {
    await house?.close()
    rmSync(dir, { recursive: true, force: true })
  })

  /** Runs the line of a crontab as the page prints it, without its five fields. */
  async function runs({ connect }: Added, job: string, words: RegExp): Promise<void> {
    const text = connect.find(({ title }) => words.test(title))?.text ?? ''
    const script = text
      .replaceAll(/^\S+ \S+ \* \* \*\s+\S+ &&/gm, `${job} &&`)
      .replaceAll("echo 'what the job does'", job)
    // Throws unless the whole script ends well.
    await promisify(execFile)('sh', ['-c', script.replaceAll('localhost', '127.0.0.1')])
  }
  const add = (kind: string, name: string) => api.must<Added>('POST', '/api/sources', { kind, name })
  /** Time passes; so long away, a session ends. */
  async function passes(ms: number): Promise<void> {
    clock.at += ms
    api = makeApi(house.url)
    await api.must('POST', '/api/session', { email: person.email, password: testPassword })
  }
  const incidentTitled = (title: string) =>
    until(title, async () => (await api.picture()).incidents.find((incident) => incident.title === title))
  const resolved = (id: string) =>
    until('the alert to end', async () => ((await api.incident(id)).summary.alerts.firing === 0 ? true : undefined))

  it('a nightly job is missed when it does not ping, and is well again with its next success', async () => {
    const source = await add('healthchecks', 'Nightly backup')
    await runs(source, 'true', /crontab/)
    await passes(24 * hourMs + 30 * minuteMs)
    expect((await api.picture()).incidents.map(({ title }) => title)).not.toContain(
      'Nightly backup did not report in time',
    )
    await passes(31 * minuteMs)
    const { id } = await incidentTitled('Nightly backup did not report in time')
    await runs(source, 'true', /crontab/)
    await resolved(id)
  })

  it('a job that fails says with which exit status, and what it printed last', async () => {
    const source = await add('healthchecks', 'Import')
    await runs(source, '{ echo no space left; exit 28; }', /script/)
    const { id } = await incidentTitled('Import failed with exit status 28')
    const [alert] = await api.alerts(id)
    expect(alert?.description).toBe('no space left')
    await runs(source, 'echo done', /script/)
    await resolved(id)
  })

  it('W1: a source that must not fall silent is told of, also across a restart of the server, and once', async () => {
    const source = await add('webhook', 'Sensors')
    await api.must('PATCH', `/api/sources/${source.source.id}`, { settings: { silentAfter: 10 * minuteMs } })
    await passes(9 * minuteMs)
    await house.close()
    house = await open()
    // Nobody could be heard while nobody listened: it is given two minutes to speak.
    await passes(3 * minuteMs)
    const { id } = await incidentTitled('Sensors is silent')
    await passes(hourMs)
    const body = JSON.stringify({ title: 'still here', kind: 'heartbeat' })
    await fetch(`${house.url}/intake/${source.source.id}`, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${source.key}`, 'content-type': 'application/json' },
    })
    await resolved(id)
    expect((await api.picture()).incidents.filter(({ title }) => title === 'Sensors is silent')).toHaveLength(1)
  })
})
