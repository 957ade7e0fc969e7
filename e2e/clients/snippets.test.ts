import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sourceKinds } from '#server/intake/adapters.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { type Snippet, useRoom } from './room.ts'

/** Kinds whose page prints no shell line. */
const withoutShell = ['grafana', 'sentry', 'uptime-kuma', 'pingdom', 'falco']

/** Shell for another machine, by kind and the beginning of its title: what it needs there. */
const elsewhere: Readonly<Record<string, string>> = {
  'github: The same with the gh command line': 'gh api',
  'cloudevents: Senders that can set no header': 'az eventgrid',
  'wazuh: On the Wazuh manager': '/var/ossec',
  'azure-monitor: An action group': 'az monitor',
  'gcp: A notification channel': 'gcloud',
  'datadog: The webhook, by Datadog’s API': 'api.datadoghq.com',
  'nagios: Notification commands and a contact': '/etc/nagios4',
  'icinga: Notification commands and rules': '/etc/icinga2',
  'monit: /etc/monit/conf.d/uxbridge': 'set mmonit',
  'sns: A subscription': 'aws sns',
  'healthchecks: In the crontab': '/usr/local/bin/backup',
  'syslog: A first message': 'logger --tcp',
  'mqtt: Firing and over': 'mosquitto_pub',
}

const isElsewhere = (kind: string, title: string): boolean =>
  Object.keys(elsewhere).some((begins) => `${kind}: ${title}`.startsWith(begins))
const shellOf = (connect: readonly Snippet[]): Snippet[] => connect.filter(({ language }) => language === 'shell')
const printed = sourceKinds.map(({ kind, connect }) => ({
  kind,
  shell: shellOf(
    connect({ baseUrl: 'http://localhost:4000', key: 'KEY', sourceId: 's_1', secret: 'whsec_AAAA', settings: {} }),
  ),
}))

describe('the lists of what is not run here', () => {
  it('name exactly the kinds that print no shell line', () => {
    const none = printed.filter(({ shell }) => shell.length === 0).map(({ kind }) => kind)
    expect(none.sort()).toEqual([...withoutShell].sort())
  })

  it.each(Object.entries(elsewhere))('"%s" needs %s', (begins, needs) => {
    const found = printed.flatMap(({ kind, shell }) =>
      shell.filter(({ title }) => `${kind}: ${title}`.startsWith(begins)).map(({ text }) => text),
    )
    expect(found).toEqual([expect.stringContaining(needs)])
    // Not run, but a shell understands it.
    const { status, stderr } = spawnSync('sh', ['-n'], { input: found[0], encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})

const runnable = printed
  .filter(({ kind, shell }) => shell.some(({ title }) => !isElsewhere(kind, title)))
  .map(({ kind }) => kind)

describeUnless(lacks('curl', 'openssl', 'sh'), 'shell lines as the page of the source prints them', () => {
  const room = useRoom()

  it.each(runnable)('%s: each one, run by sh as it is, is taken and stands in the ledger', async (kind) => {
    const feed = await room.add(kind)
    let requests = 0
    for (const { title, text } of shellOf(feed.connect)) {
      if (isElsewhere(kind, title)) continue
      const { code, statuses, said } = await runAsPasted(text)
      expect({ title, code, statuses, said }).toMatchObject({ title, code: 0 })
      expect(statuses.length, `requests of "${title}"`).toBeGreaterThan(0)
      for (const status of statuses) expect(status, `${title}\n${said}`).toMatch(/^2\d\d$/)
      requests += statuses.length
    }
    const { outcomes } = await feed.accepted(requests)
    expect(outcomes).not.toHaveProperty('rejected')
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(requests)
  })
})

/** Runs it as somebody who pastes it into a shell of Debian's; curl says by its own settings what was answered. */
async function runAsPasted(text: string): Promise<{ code: number | null; statuses: string[]; said: string }> {
  const home = mkdtempSync(join(tmpdir(), 'uxbridge-pasted-'))
  // Nothing of it may leave this machine, whatever a new kind prints.
  const nowhere = 'http://127.0.0.1:9'
  writeFileSync(join(home, '.curlrc'), 'write-out = "%{stderr}\\nanswered %{http_code}\\n"\nmax-time = 20\n')
  try {
    const child = spawn('sh', ['-e'], {
      cwd: home,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        http_proxy: nowhere,
        https_proxy: nowhere,
        no_proxy: 'localhost,127.0.0.1',
      },
    })
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
    child.stdin.end(text)
    const code = await new Promise<number | null>((done, fail) => {
      child.once('error', fail)
      child.once('close', (status) => done(status))
    })
    return { code, said, statuses: [...said.matchAll(/^answered (\d+)$/gm)].map(([, status = '']) => status) }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
