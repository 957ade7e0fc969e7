import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { makeAccess } from '../access/index.ts'
import { trialClock, trialParts } from '../access/trial.ts'
import { adminAddress, openAdminDoor } from '../doors/index.ts'
import { trialApi, trialCommandRoom } from '../doors/trial/index.ts'
import { sourceKinds } from '../intake/index.ts'
import { makeMemoryStore } from '../store/index.ts'
import { commands, run } from './run.ts'

const clock = trialClock()
const after: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const undo of after.splice(0).reverse()) await undo()
})

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'uxbridge-ops-'))
  after.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** One command line, as a terminal would see it. */
async function ops(dir: string, words: string | string[], stdin = '', env: NodeJS.ProcessEnv = {}) {
  const out: string[] = []
  const err: string[] = []
  const terminal = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    stdin: async () => stdin,
  }
  const line = typeof words === 'string' ? words.split(' ') : words
  const status = await run(line, { DATA_DIR: dir, ...env }, terminal, clock, '0.0.0')
  const text = out.join('\n')
  return { status, out: text, err: err.join('\n'), json: () => JSON.parse(text || err.join('\n')) }
}

/** A running server, as far as the command line can tell: the local door over rooms that stand in. */
async function runningServer() {
  const dir = newFolder()
  const store = makeMemoryStore()
  const parts = trialParts(store, clock)
  const access = makeAccess({ ...parts, kinds: sourceKinds })
  const api = {
    ...trialApi({ access, read: store.read, clock, commandRoom: trialCommandRoom(parts.record) }),
    kinds: sourceKinds,
  }
  const door = await openAdminDoor(api, dir)
  after.push(() => door.close())
  return { dir, access, store, api, audit: parts.audit }
}

describe('beside a running server', () => {
  it('adds, lists, disables and links people; the audit says who', async () => {
    const { dir, access, audit } = await runningServer()
    const added = await ops(
      dir,
      [
        'user',
        'add',
        'Ada@example.org',
        '--name',
        'Ada L',
        '--role',
        'administrator',
        '--role',
        'commander',
        '--password-stdin',
      ],
      'a long sentence\n',
    )
    expect([added.status, added.err]).toEqual([0, ''])
    expect(access.people.byEmail('ada@example.org')).toMatchObject({
      name: 'Ada L',
      invited: false,
      roles: ['administrator', 'commander'],
    })
    const invited = await ops(dir, 'user add bob@example.org --name Bob --role responder,viewer --json')
    const token = new URL(invited.json().link.url).hash.slice(1)
    expect(access.links.look(token).email).toBe('bob@example.org')
    expect((await ops(dir, 'user list')).out).toMatch(/bob@example\.org +Bob +responder,viewer +invited/)
    expect((await ops(dir, 'user disable bob@example.org')).out).toBe('bob@example.org is disabled.')
    expect((await ops(dir, 'user link bob@example.org')).err).toMatch(/Enable them first/)
    expect((await ops(dir, 'user enable bob@example.org')).status).toBe(0)
    expect((await ops(dir, 'user link bob@example.org')).out).toContain('http://board.test/invitation#')
    expect(audit.map(({ by, action }) => `${by} ${action}`)).toEqual(
      ['person.add', 'person.invite', 'person.change', 'person.change', 'link.issue'].map(
        (action) => `system:ops ${action}`,
      ),
    )
    const last = await ops(dir, 'user disable ada@example.org')
    expect([last.status, last.err]).toEqual([
      1,
      'Nobody else can administer Uxbridge. Make another administrator first.',
    ])
  })

  it('adds, rotates and revokes sources; keys are shown once and say where they lead', async () => {
    const { dir, access } = await runningServer()
    const urls: Record<string, string> = {}
    for (const { kind } of sourceKinds)
      urls[kind] = (await ops(dir, ['source', 'add', kind, `My ${kind}`, '--json'])).json().url
    const id = access.sources.list().find(({ kind }) => kind === 'alertmanager')?.id
    expect(urls).toMatchObject({
      prometheus: 'http://board.test/api/v2/alerts',
      alertmanager: `http://board.test/intake/${id}`,
      pagerduty: 'http://board.test/v2/enqueue',
    })
    const rotated = await ops(dir, ['source', 'rotate', 'my prometheus', '--old-ends-in', '1h', '--json'])
    expect(access.keys.find(rotated.json().key).ok).toBe(true)
    const keys: { id: string; endsAt: string | null }[] = rotated.json().source.keys
    expect(keys.map(({ endsAt }) => endsAt).filter(Boolean)).toEqual([new Date(clock.now() + 3_600_000).toISOString()])
    expect((await ops(dir, 'source list')).out).not.toContain(rotated.json().key)
    expect((await ops(dir, ['source', 'revoke', 'my prometheus'])).status).toBe(0)
    expect(access.keys.find(rotated.json().key)).toMatchObject({ ok: false, status: 403 })
    expect((await ops(dir, 'source rotate nobody')).err).toMatch(/ops source list/)
  })

  it('makes tokens for a person and for a machine, lists and revokes them', async () => {
    const { dir, access } = await runningServer()
    await ops(dir, 'user add ada@example.org --name Ada --role responder --password-stdin', 'a long sentence')
    const { token, view } = (await ops(dir, 'token create --for ada@example.org --json')).json()
    expect(access.identify({ authorization: `Bearer ${token}` })?.actor.roles).toEqual(['responder'])
    // The name is kept in clear: no address may be in it.
    expect(view.name).toBe('ops')
    expect((await ops(dir, 'token create --role api --days never')).out).toMatch(
      /never expires.*\n {2}uxt_[a-z2-7]{40}$/,
    )
    expect((await ops(dir, `token revoke ${view.id}`)).status).toBe(0)
    expect(access.identify({ authorization: `Bearer ${token}` })).toBeNull()
    expect((await ops(dir, 'token list')).out).toMatch(/revoked/)
    expect((await ops(dir, 'token create')).status).toBe(2)
  })

  it('the socket is the owner’s alone, and one left by a dead process is replaced', async () => {
    const { dir, api } = await runningServer()
    expect(statSync(adminAddress(dir)).mode & 0o777).toBe(0o600)
    const other = newFolder()
    writeFileSync(adminAddress(other), 'left behind')
    const door = await openAdminDoor(api, other)
    expect((await ops(other, 'user list')).status).toBe(0)
    await door.close()
    expect(adminAddress(`/${'long/'.repeat(40)}`).length).toBeLessThan(100)
    expect(adminAddress('/data', 'win32')).toMatch(/^\\\\\.\\pipe\\uxbridge-[0-9a-f]{16}$/)
  })

  it('a record that is not whole: every row, exit status 1', async () => {
    const { dir, store } = await runningServer()
    const verified = await store.read.verify()
    store.read.verify = async () => ({
      ...verified,
      ok: false,
      problems: [{ row: 'fact 17 (claimed, INC-1003)', what: 'its hash differs' }],
    })
    const answer = await ops(dir, 'audit verify')
    expect(answer.status).toBe(1)
    expect(answer.out).toContain('NOT whole: 1 problem.\n  fact 17 (claimed, INC-1003): its hash differs')
    expect((await ops(dir, 'audit verify --json')).json().problems).toHaveLength(1)
  })
})

describe('without a server', () => {
  it('works on the folder itself, and what it did is there the next time', async () => {
    const dir = newFolder()
    expect(
      (await ops(dir, 'user add ada@example.org --name Ada --role administrator --password-stdin', 'a long sentence'))
        .status,
    ).toBe(0)
    expect(
      (await ops(dir, 'source add pagerduty Pager', '', { PUBLIC_URL: 'https://board.example.org/' })).out,
    ).toContain('https://board.example.org/v2/enqueue')
    expect((await ops(dir, 'user list')).out).toContain('ada@example.org')
    expect((await ops(dir, 'source list --json')).json().sources[0]).toMatchObject({ name: 'Pager', kind: 'pagerduty' })
    const whole = await ops(dir, 'audit verify')
    expect([whole.status, whole.out.split('\n')[0]]).toEqual([0, 'The record is whole.'])
    expect((await ops(dir, 'export incident INC-1')).err).toBe('There is no incident INC-1.')
    expect(readdirSync(dir)).not.toContain('admin.sock')
  })

  it('does not make a folder by a slip of DATA_DIR', async () => {
    const dir = join(newFolder(), 'nowhere')
    const answer = await ops(dir, 'user list')
    expect([answer.status, answer.err]).toEqual([
      1,
      `There is no data in ${dir}. Run this where the server runs, or set DATA_DIR.`,
    ])
  })

  it('says so when another process has the folder and cannot be asked', async () => {
    const dir = newFolder()
    const { openSqliteStore } = await import('../store/index.ts')
    const store = await openSqliteStore({ dir })
    after.push(() => store.close())
    const answer = await ops(dir, 'user list')
    expect([answer.status, answer.err]).toEqual([1, expect.stringContaining('Another Uxbridge process is using')])
  })
})

describe('a policy file', () => {
  it('is checked by line, without a folder or a server', async () => {
    const file = join(newFolder(), 'policy.yaml')
    writeFileSync(file, 'services:\n  - id: checkout\n    team: ghosts\n    tears: 1\n')
    const wrong = await ops('/nowhere', ['policy', 'check', file])
    expect([wrong.status, wrong.out]).toEqual([1, expect.stringContaining(`${file}:4`)])
    expect((await ops('/nowhere', 'policy check - --json', 'services: []')).json()).toMatchObject({
      ok: true,
      problems: [],
    })
    expect((await ops('/nowhere', 'policy check /nowhere/policy.yaml')).err).toMatch(/ENOENT/)
  })
})

describe('what was typed wrong', () => {
  it.each([
    ['frobnicate', 'There is no command "frobnicate"'],
    ['user', 'There is no command "user"'],
    ['user add', 'Write: npm run -s ops -- user add <email>'],
    ['user add a@example.org --name A', 'at least one --role'],
    ['user add a@example.org --name A --role king', '"king" is no role'],
    ['user list --colour', "Unknown option '--colour'"],
    ['source rotate x --old-ends-in soon', '"soon" is no duration'],
    ['token create --role api --days some', '--days is a number of days'],
  ])('%s', async (words, said) => {
    const { dir } = await runningServer()
    const answer = await ops(dir, words)
    expect(answer.status).toBe(2)
    expect(answer.err).toContain(said)
    expect((await ops(dir, `${words} --json`)).json().code).toBe('typed-wrong')
  })

  it('fields that the server refuses are listed; the environment is read whole', async () => {
    const { dir } = await runningServer()
    const short = await ops(dir, 'user add a@example.org --name A --role viewer --password-stdin', 'short')
    expect([short.status, short.err]).toEqual([
      1,
      expect.stringMatching(/Choose another password[\s\S]*password: use at least 8/),
    ])
    const env = await ops(dir, 'user list', '', { PORT: 'x', LOG_LEVEL: 'loud' })
    expect([env.status, env.err]).toEqual([1, expect.stringMatching(/PORT[\s\S]*LOG_LEVEL/)])
  })

  it('every command has help', async () => {
    expect((await ops('/nowhere', [])).status).toBe(2)
    const all = await ops('/nowhere', '--help')
    expect(all.status).toBe(0)
    for (const { name, says } of commands) {
      expect(all.out).toContain(name)
      expect((await ops('/nowhere', `${name} --help`)).out).toContain(says)
    }
  })
})
