import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { findProgram } from '../run/machine.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { launch } from '../world/process.ts'
import { newFolder } from '../world/server.ts'
import { until } from '../world/until.ts'
import { type Feed, useRoom } from './room.ts'

/** A Nagios that watches one host and, every second, one service of it. */
interface Nagios {
  /** What the check of each says from now on: a plugin's exit status and line. */
  say(check: 'host' | 'service', code: number, line: string): void
  /** An external command, as its web interface gives them. */
  command(text: string): void
  /** Left to itself it looks at a host at leisure. */
  checkHost(): void
}

describeUnless(lacks('nagios4', 'curl'), 'Debian’s Nagios, with the commands that the page prints', () => {
  const room = useRoom()

  async function start(feed: Feed): Promise<{ nagios: Nagios; folder: string }> {
    const folder = newFolder('nagios')
    room.later(() => rmSync(folder, { recursive: true, force: true }))
    for (const each of ['conf.d', 'results', 'bin']) mkdirSync(join(folder, each))
    const program = findProgram('nagios4') ?? ''
    const config = join(folder, 'nagios.cfg')
    const say: Nagios['say'] = (check, code, line) => {
      const file = join(folder, check)
      writeFileSync(`${file}.new`, `#!/bin/sh\ncat <<'EOF'\n${line}\nEOF\nexit ${code}\n`, { mode: 0o700 })
      renameSync(`${file}.new`, file)
    }
    say('host', 0, 'PING OK')
    say('service', 0, 'HTTP OK')
    writeFileSync(config, mainConfig(folder))
    writeFileSync(join(folder, 'conf.d', 'watched.cfg'), watched(folder))
    paste(feed, folder, program)
    const running = launch({ name: 'nagios', program, words: [config] })
    // Asked to, it ends its workers too.
    room.later(() => running.kill('SIGTERM'))
    const commands = join(folder, 'commands')
    await until('Nagios to take commands', () => running.hasEnded() || existsSync(commands))
    if (running.hasEnded()) throw new Error(`nagios ended instead of starting:\n${running.log()}`)
    const now = (): number => Math.floor(Date.now() / 1000)
    const command = (text: string): void => writeFileSync(commands, `[${now()}] ${text}\n`, { flag: 'a' })
    const checkHost = (): void => command(`SCHEDULE_FORCED_HOST_CHECK;web-1;${now()}`)
    return { nagios: { say, command, checkHost }, folder }
  }

  /**
   * Runs what the page prints, to its last line, in which Nagios itself reads it. Only Debian's folder, group and service
   * manager are not this machine's.
   */
  function paste(feed: Feed, folder: string, program: string): void {
    const text = feed.snippet('Notification commands').replaceAll('/etc/nagios4', folder)
    const group = String(process.getgid?.() ?? '')
    const asHere = text.replace('-g nagios ', `-g ${group} `)
    expect(asHere).not.toBe(text)
    symlinkSync(program, join(folder, 'bin', 'nagios4'))
    writeFileSync(join(folder, 'bin', 'systemctl'), '#!/bin/sh\necho "$@"\n', { mode: 0o700 })
    const PATH = `${join(folder, 'bin')}:${process.env.PATH}`
    const { status, stdout, stderr } = spawnSync('sh', ['-e'], { input: asHere, encoding: 'utf8', env: { PATH } })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Total Warnings: 0')
    expect(stdout).toContain('reload nagios4')
  }

  it('a service fails, is acknowledged and recovers; what a plugin prints cannot run anything', async () => {
    const feed = await room.add('nagios')
    const { nagios, folder } = await start(feed)
    const stolen = join(folder, 'stolen')
    nagios.say(
      'service',
      2,
      `HTTP CRITICAL – it's "down" & 100% 'bad'; touch ${stolen}; \`touch ${stolen}\` $(touch ${stolen})`,
    )
    const firing = await feed.alert(/^HTTP on Web 1 is CRITICAL$/, 'firing')
    expect(firing).toMatchObject({ severity: 'critical', severityRaw: 'CRITICAL', acknowledgedAt: null })
    expect(firing.labels).toMatchObject({ host: 'web-1', check: 'HTTP', address: '127.0.0.1', state: 'CRITICAL' })
    expect(firing.description).toMatch(/^HTTP CRITICAL – its down {2}100% bad: touch/)

    nagios.command('ACKNOWLEDGE_SVC_PROBLEM;web-1;HTTP;1;1;0;Amara;Looking at it')
    await until('the acknowledgement', async () => (await feed.alerts())[0]?.acknowledgedAt, { every: 100 })
    nagios.say('service', 0, 'HTTP OK - 12 ms')
    expect(await feed.alert(/^HTTP on Web 1/, 'resolved')).toMatchObject({ id: firing.id, endAssumed: false })
    expect((await feed.ledger()).outcomes).not.toHaveProperty('rejected')
    expect(existsSync(stolen)).toBe(false)
  })

  it('a host goes down and comes up again', async () => {
    const feed = await room.add('nagios')
    const { nagios } = await start(feed)
    nagios.say('host', 2, 'PING CRITICAL - Packet loss = 100%')
    nagios.checkHost()
    const firing = await feed.alert(/^Web 1 is DOWN$/, 'firing')
    expect(firing).toMatchObject({ severity: 'critical', labels: { host: 'web-1', state: 'DOWN' } })
    nagios.say('host', 0, 'PING OK')
    nagios.checkHost()
    expect(await feed.alert(/^Web 1 is/, 'resolved')).toMatchObject({ id: firing.id })
  })
})

/** Debian's settings where they matter, with everything in this folder. */
function mainConfig(folder: string): string {
  const { username } = userInfo()
  const group = String(process.getgid?.() ?? '')
  const settings = {
    cfg_dir: join(folder, 'conf.d'),
    log_file: join(folder, 'nagios.log'),
    object_cache_file: join(folder, 'objects.cache'),
    status_file: join(folder, 'status.dat'),
    state_retention_file: join(folder, 'retention.dat'),
    temp_file: join(folder, 'nagios.tmp'),
    temp_path: folder,
    check_result_path: join(folder, 'results'),
    command_file: join(folder, 'commands'),
    query_socket: join(folder, 'query'),
    lock_file: join(folder, 'nagios.pid'),
    nagios_user: username,
    nagios_group: group,
    check_external_commands: 1,
    check_for_updates: 0,
    use_syslog: 0,
    interval_length: 1,
    // Every check begins at once, and not spread over half an hour.
    host_inter_check_delay_method: 'n',
    service_inter_check_delay_method: 'n',
    check_result_reaper_frequency: 1,
    enable_environment_macros: 0,
    illegal_macro_output_chars: '`~$&|\'"<>',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

function watched(folder: string): string {
  const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
  const everything = { max_check_attempts: 1, check_interval: 1, retry_interval: 1, check_period: '24x7' }
  const telling = { notification_period: '24x7', notification_interval: 0, contacts: 'uxbridge' }
  return [
    define('timeperiod', {
      timeperiod_name: '24x7',
      alias: 'Always',
      ...Object.fromEntries(days.map((day) => [day, '00:00-24:00'])),
    }),
    define('command', { command_name: 'check-host', command_line: join(folder, 'host') }),
    define('command', { command_name: 'check-service', command_line: join(folder, 'service') }),
    define('host', {
      host_name: 'web-1',
      alias: 'Web 1',
      address: '127.0.0.1',
      check_command: 'check-host',
      ...everything,
      ...telling,
    }),
    define('service', {
      host_name: 'web-1',
      service_description: 'HTTP',
      check_command: 'check-service',
      ...everything,
      ...telling,
    }),
  ].join('')
}

function define(what: string, fields: Record<string, string | number>): string {
  const lines = Object.entries(fields).map(([name, value]) => `  ${name}  ${value}\n`)
  return `define ${what} {\n${lines.join('')}}\n`
}
