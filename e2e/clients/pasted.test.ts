import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sign } from '@octokit/webhooks-methods'
import { CloudEvent } from 'cloudevents'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { describeUnless, lacks } from '../run/needs.ts'
import { newFolder } from '../world/server.ts'
import { useRoom } from './room.ts'

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../server/intake/fixtures/${name}`, import.meta.url))
const bodyOf = (name: string): string => readFileSync(fixture(name), 'utf8')

/** Posts as a vendor would that was configured so. @returns the status */
async function send(url: string, body: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  await response.arrayBuffer()
  return response.status
}

interface Pasted {
  folder: string
  /** How each program that is not here was called: its name and its words. */
  calls: string[][]
  /** The file that it was given, as it stood then. */
  given(name: string): unknown
  /** The word after this one, in the only call. */
  after(word: string): string
}

/**
 * The pages print configuration for programs and services that no test can have. Each is pasted, with programs of that
 * name that write down how they were called; what they were told is then what the vendor sends to, and it must get in.
 */
describeUnless(lacks('sh', 'curl'), 'what is pasted for a vendor is what it then sends with', () => {
  const room = useRoom()

  /**
   * @param programs names of those that stand in for the vendor's
   * @param places Debian's folders, and what stands for them here
   */
  function paste(text: string, programs: readonly string[], places: Record<string, string> = {}): Pasted {
    const folder = newFolder('pasted')
    room.later(() => rmSync(folder, { recursive: true, force: true }))
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    const record = `#!/bin/sh
for word in "$(basename "$0")" "$@"; do printf '%s\\0' "$word"; done >> ${folder}/calls
printf '\\n\\0' >> ${folder}/calls
for file in *.json; do cp "$file" ${folder}/bin/ 2>/dev/null; done
true
`
    for (const program of programs) writeFileSync(join(bin, program), record, { mode: 0o700 })
    let here = text.replaceAll(/<([a-z]+) ([a-zA-Z]+)>/g, '$1-$2')
    for (const [place, name] of Object.entries(places)) {
      mkdirSync(join(folder, name), { recursive: true })
      here = here.replaceAll(place, join(folder, name))
    }
    const env = { PATH: `${bin}:${process.env.PATH}`, DD_API_KEY: 'a', DD_APP_KEY: 'b', TOPIC_ID: 't' }
    const { status, stderr } = spawnSync('sh', ['-e'], { input: here, encoding: 'utf8', env, cwd: folder })
    expect([status, stderr]).toEqual([0, ''])
    const calls = existsSync(join(folder, 'calls'))
      ? readFileSync(join(folder, 'calls'), 'utf8')
          .split('\n\0')
          .slice(0, -1)
          .map((call) => call.split('\0').slice(0, -1))
      : []
    return {
      folder,
      calls,
      given: (name) => JSON.parse(readFileSync(join(bin, name), 'utf8')),
      after(word) {
        expect(calls).toHaveLength(1)
        const [call = []] = calls
        expect(call).toContain(word)
        return call[call.indexOf(word) + 1] ?? ''
      },
    }
  }

  it('azure-monitor: the action group of the az command line', async () => {
    const feed = await room.add('azure-monitor')
    const { calls } = paste(feed.snippet('action group'), ['az'])
    expect(calls[0]?.slice(0, 4)).toEqual(['az', 'monitor', 'action-group', 'create'])
    const url = calls[0]?.find((word) => word.startsWith('http')) ?? ''
    expect(await send(url, bodyOf('azure-monitor-fired.json'))).toBe(200)
    expect(await send(url, bodyOf('azure-monitor-resolved.json'))).toBe(200)
    expect(await feed.accepted(2)).toMatchObject({ outcomes: { resolved: 1 } })
  })

  it('cloudevents: the subscription of Azure Event Grid, which first asks whether it may send', async () => {
    const feed = await room.add('cloudevents')
    const url = paste(feed.snippet('Azure Event Grid'), ['az']).after('--endpoint')
    const asked = await fetch(url, { method: 'OPTIONS', headers: { 'webhook-request-origin': 'eventgrid.azure.net' } })
    expect([asked.status, asked.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net'])
    const event = new CloudEvent({
      type: 'Microsoft.Storage.BlobCreated',
      source: '/topics/x',
      data: { api: 'PutBlob' },
    })
    expect(await send(url, JSON.stringify([event]), { 'content-type': 'application/cloudevents-batch+json' })).toBe(204)
    expect(await feed.accepted(1)).toEqual({ accepted: 1, outcomes: { recorded: 1 } })
  })

  it('gcp: the notification channel of gcloud, with a password', async () => {
    const feed = await room.add('gcp')
    const pasted = paste(feed.snippet('gcloud'), ['gcloud'])
    expect(pasted.calls[0]).toContain('--channel-content-from-file=uxbridge-channel.json')
    const { labels, sensitiveLabels } = pasted.given('uxbridge-channel.json') as {
      labels: { url: string; username: string }
      sensitiveLabels: { password: string }
    }
    const pair = Buffer.from(`${labels.username}:${sensitiveLabels.password}`).toString('base64')
    for (const name of ['gcp-open.json', 'gcp-closed.json'])
      expect(await send(labels.url, bodyOf(name), { authorization: `Basic ${pair}` })).toBe(200)
    expect(await feed.accepted(2)).toMatchObject({ outcomes: { resolved: 1 } })
    expect(existsSync(join(pasted.folder, 'uxbridge-channel.json')), 'the password is left lying about').toBe(false)
  })

  it('datadog: the webhook that its API is asked for', async () => {
    const feed = await room.add('datadog')
    const pasted = paste(feed.snippet('Datadog’s API'), ['curl'])
    expect(pasted.calls[0]).toContain('https://api.datadoghq.com/api/v1/integration/webhooks/configuration/webhooks')
    const hook = pasted.given('uxbridge-webhook.json') as { url: string; custom_headers: string; payload: string }
    expect(Object.keys(JSON.parse(hook.payload) as object)).toContain('alert_cycle_key')
    const headers = JSON.parse(hook.custom_headers) as Record<string, string>
    for (const name of ['datadog-triggered.json', 'datadog-recovered.json'])
      expect(await send(hook.url, bodyOf(name), headers)).toBe(200)
    expect(await feed.accepted(2)).toMatchObject({ outcomes: { resolved: 1 } })
    expect(existsSync(join(pasted.folder, 'uxbridge-webhook.json')), 'the key is left lying about').toBe(false)
  })

  it('github: the webhook of the gh command line, with its secret', async () => {
    const feed = await room.add('github')
    const { calls } = paste(feed.snippet('gh command line'), ['gh'])
    const fields = Object.fromEntries(
      (calls[0] ?? [])
        .filter((word) => /^config\[/.test(word))
        .map((word) => /^config\[(\w+)\]=(.*)$/.exec(word)?.slice(1) ?? []),
    ) as { url: string; secret: string; content_type: string }
    expect(fields.content_type).toBe('json')
    const body = bodyOf('github-workflow-failed.json')
    const headers = {
      'x-github-event': 'workflow_run',
      'x-github-delivery': 'b4f1',
      'x-hub-signature-256': await sign(fields.secret, body),
    }
    expect(await send(fields.url, body, headers)).toBe(200)
    expect((await feed.accepted(1)).outcomes).not.toHaveProperty('rejected')
  })

  it('sns: the endpoint of the subscription; what is not signed by AWS is refused there', async () => {
    const feed = await room.add('sns')
    const { calls } = paste(feed.snippet('AWS CLI'), ['aws'])
    expect(calls.map((call) => call.slice(0, 3).join(' '))).toEqual([
      'aws sns subscribe',
      'aws sns set-topic-attributes',
    ])
    const url = calls[0]?.[calls[0].indexOf('--notification-endpoint') + 1] ?? ''
    const unsigned = {
      ...(JSON.parse(bodyOf('sns-alarm.json')) as object),
      Signature: '',
      SigningCertURL: 'https://sns.evil.example/x.pem',
    }
    expect(await send(url, JSON.stringify(unsigned), { 'content-type': 'text/plain' })).toBe(401)
    expect((await feed.ledger()).accepted).toBe(0)
  })

  it('wazuh: the integration, called as its manager calls it', async () => {
    const feed = await room.add('wazuh')
    const text = feed.snippet('Wazuh manager')
    const { folder } = paste(text, ['chown', 'systemctl'], { '/var/ossec/integrations': 'integrations' })
    const told = (name: string): string => new RegExp(`<${name}>(.*)</${name}>`).exec(text)?.[1] ?? ''
    const alert = join(folder, 'alert.json')
    copyFileSync(fixture('wazuh-alert.json'), alert)
    const words = [alert, told('api_key'), told('hook_url')]
    const ran = spawnSync(join(folder, 'integrations', told('name')), words, { encoding: 'utf8' })
    expect([ran.status, ran.stderr]).toEqual([0, ''])
    expect((await feed.accepted(1)).outcomes).not.toHaveProperty('rejected')
  })

  it('icinga: the notification commands, with their macros filled in, run as Icinga does without a shell', async () => {
    const feed = await room.add('icinga')
    const text = feed.snippet('Notification commands').replace('-g nagios ', `-g ${String(process.getgid?.() ?? 0)} `)
    const places = { '/etc/icinga2': 'icinga2', '/etc/icinga2/conf.d': 'icinga2/conf.d' }
    const { folder } = paste(text, ['icinga2', 'systemctl'], places)
    const written = readFileSync(join(folder, 'icinga2', 'conf.d', 'uxbridge.conf'), 'utf8')
    const macros: Record<string, string> = {
      'host.name': 'db-1',
      'host.display_name': 'Database 1',
      'host.address': '192.0.2.10',
      'service.name': 'disk',
      'icinga.timet': '1795309200',
    }
    const notify = (command: string, now: Record<string, string>): void => {
      const list =
        new RegExp(`NotificationCommand "${command}" \\{\\s+command = (\\[[^\\]]*\\])`).exec(written)?.[1] ?? ''
      const filled = { ...macros, ...now }
      const [program = '', ...words] = (JSON.parse(list) as string[]).map((word) =>
        word.replaceAll(/\$([\w.]+)\$/g, (_, name: string) => filled[name] ?? ''),
      )
      const ran = spawnSync(program, words, { encoding: 'utf8' })
      expect([ran.status, ran.stderr]).toEqual([0, ''])
    }
    const output = `it's "97%" used & $(true)`
    const bad = {
      'notification.type': 'PROBLEM',
      'service.state': 'CRITICAL',
      'service.last_state_change': '1795309100',
    }
    notify('uxbridge-service', { ...bad, 'service.output': output })
    const firing = await feed.alert(/^disk on Database 1 is CRITICAL$/, 'firing')
    expect(firing).toMatchObject({ description: output, severity: 'critical', startsAt: '2026-11-22T00:58:20.000Z' })
    notify('uxbridge-service', { ...bad, 'notification.type': 'RECOVERY', 'service.state': 'OK' })
    expect(await feed.alert(/^disk on/, 'resolved')).toMatchObject({ id: firing.id })
    notify('uxbridge-host', { 'notification.type': 'PROBLEM', 'host.state': 'DOWN' })
    await feed.alert(/^Database 1 is DOWN$/, 'firing')
  })

  it('falco and falcosidekick: their YAML', async () => {
    const feed = await room.add('falco')
    const { http_output } = parse(feed.snippet('falco.yaml')) as { http_output: { enabled: boolean; url: string } }
    expect(http_output.enabled).toBe(true)
    expect(await send(http_output.url, bodyOf('falco-write.json'))).toBe(200)
    const { webhook } = parse(feed.snippet('falcosidekick')) as {
      webhook: { address: string; customHeaders: Record<string, string> }
    }
    expect(await send(webhook.address, bodyOf('falco-write.json'), webhook.customHeaders)).toBe(200)
    expect((await feed.accepted(2)).outcomes).not.toHaveProperty('rejected')
  })

  it('grafana: the contact point as a file', async () => {
    const feed = await room.add('grafana')
    const { contactPoints } = parse(feed.snippet('Contact point as a file')) as {
      contactPoints: { receivers: { type: string; settings: Record<string, string> }[] }[]
    }
    const settings = contactPoints[0]?.receivers[0]?.settings ?? {}
    const authorization = `${settings.authorization_scheme} ${settings.authorization_credentials}`
    for (const name of ['grafana-firing.json', 'grafana-resolved.json'])
      expect(await send(settings.url ?? '', bodyOf(name), { authorization })).toBe(200)
    expect((await feed.accepted(2)).outcomes).toMatchObject({ resolved: 1 })
  })
})
