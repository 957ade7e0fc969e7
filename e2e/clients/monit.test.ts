import { once } from 'node:events'
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { AlertView } from '#shared/wire.ts'
import { findProgram } from '../run/machine.ts'
import { describeUnless, lacks } from '../run/needs.ts'
import { freePort, launch, type Running } from '../world/process.ts'
import { newFolder } from '../world/server.ts'
import { until } from '../world/until.ts'
import { type Feed, useRoom } from './room.ts'

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.end()).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

describeUnless(lacks('monit'), 'Debian’s Monit, configured as the page prints it', () => {
  const room = useRoom()

  function folder(): string {
    const made = newFolder('monit')
    room.later(() => rmSync(made, { recursive: true, force: true }))
    return made
  }
  /** A Monit that looks every second; only the folder of its queue is not where Debian has it. */
  async function start(feed: Feed, at: string, checks: string): Promise<Running> {
    const printed = feed.snippet('as its collector')
    expect(printed).toContain('/var/lib/monit/events')
    const own = ['log', 'pidfile', 'idfile', 'statefile'].map((what) => `set ${what} ${join(at, what)}\n`)
    const control = join(at, 'monitrc')
    const text = ['set daemon 1\n', ...own, printed.replace('/var/lib/monit/events', join(at, 'events')), checks]
    // Monit refuses a control file that others may read.
    writeFileSync(control, text.join(''), { mode: 0o600 })
    const running = launch({ name: 'monit', program: findProgram('monit') ?? '', words: ['-I', '-c', control] })
    room.later(() => running.kill('SIGKILL'))
    // That it was started is a change, which is recorded.
    await until('Monit’s first report', async () => running.hasEnded() || (await feed.ledger()).outcomes.recorded)
    if (running.hasEnded()) throw new Error(`monit ended instead of starting:\n${running.log()}`)
    return running
  }

  it('a file, a size, a program and one of two ports fail and recover: each alert ends by itself', async () => {
    const feed = await room.add('monit')
    const at = folder()
    const [gone, size, program] = [join(at, 'gone'), join(at, 'size'), join(at, 'program')]
    // In place of the other at once: Monit may be about to run it.
    const say = (code: number): void => {
      writeFileSync(`${program}.new`, `#!/bin/sh\necho disk usage of 97% matches; exit ${code}\n`, { mode: 0o700 })
      renameSync(`${program}.new`, program)
    }
    writeFileSync(gone, 'here')
    writeFileSync(size, 'small')
    say(0)
    const [stays, goes] = [await freePort(), await freePort()]
    const steady = await listen(stays)
    let wavering = await listen(goes)
    room.later(() => void steady.close())
    await start(
      feed,
      at,
      `check file gone with path ${gone}
check file size with path ${size}
  if size > 1 kB then alert
check program program with path ${program}
  if status != 0 then alert
check host ports with address 127.0.0.1
  if failed port ${stays} then alert
  if failed port ${goes} then alert
`,
    )
    const titles = [
      /^gone on .*: file doesn't exist$/,
      /^size on .*: size test failed/,
      /^program on .*: status failed \(1\)/,
      new RegExp(`^ports on .*\\]:${goes} `),
    ]
    const all = async (status: AlertView['status']): Promise<AlertView[]> => {
      const found: AlertView[] = []
      for (const title of titles) found.push(await feed.alert(title, status))
      return found
    }

    rmSync(gone)
    writeFileSync(size, 'x'.repeat(4000))
    say(1)
    wavering.close()
    const firing = await all('firing')
    expect(firing.map(({ severity }) => severity)).toEqual(['medium', 'medium', 'medium', 'medium'])
    expect(firing[0]?.labels).toMatchObject({ alertname: 'Does not exist', check: 'gone', type: 'file' })

    writeFileSync(gone, 'here again')
    writeFileSync(size, 'small')
    say(0)
    wavering = await listen(goes)
    room.later(() => void wavering.close())
    const ended = await all('resolved')
    expect(ended.map(({ id, endAssumed }) => [id, endAssumed])).toEqual(firing.map(({ id }) => [id, false]))
    expect(await feed.alerts()).toHaveLength(4)
    expect((await feed.ledger()).outcomes).not.toHaveProperty('rejected')
  })

  it('what fails while Uxbridge is down waits in Monit’s queue and is told when it is back', async () => {
    const feed = await room.add('monit')
    const at = folder()
    const watched = join(at, 'watched')
    writeFileSync(watched, 'here')
    await start(feed, at, `check file watched with path ${watched}\n`)
    await room.server.kill('SIGKILL')
    rmSync(watched)
    await until('the event to be queued', () => readdirSync(join(at, 'events')).length > 0)
    await room.server.restart()
    await feed.alert(/^watched on .*: file doesn't exist$/, 'firing')
    await until('the queue to be empty', () => readdirSync(join(at, 'events')).length === 0)
  })
})
