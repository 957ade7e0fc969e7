import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../run/machine.ts'
import { startAlertmanager } from '../world/alertmanager.ts'
import { setUpHouse } from '../world/house.ts'
import { freePort, launch } from '../world/process.ts'
import { newFolder, startServer } from '../world/server.ts'
import { until } from '../world/until.ts'
import { limitWords, usageOf } from './limits.ts'
import type { LoadReport } from './load.ts'
import { startLoadMaker } from './load-process.ts'
import { printProfiles, profileEnvironment } from './profile.ts'
import { figure, type Row, type Spread, say, spreadOf } from './table.ts'

export interface BenchOptions {
  rounds: number
  seconds: number
  profile: boolean
  /** Of the intake bench one work alone, by its id; null: all of them. */
  only: string | null
}

const distinct = 10_000

/** One of those who are measured, side by side. */
interface Contender {
  name: 'this' | 'peer' | 'ceiling'
  url: string
  authorization?: string
  pid: number
}

interface Work {
  id: string
  title: string
  batch: number
  connections: number
}
const works: Work[] = [
  { id: 'P1', title: 'batches of 100, 8 connections', batch: 100, connections: 8 },
  { id: 'P2', title: 'single alerts, 32 connections', batch: 1, connections: 32 },
]

/** Resident memory of a process, MB, as Linux counts it; null elsewhere. */
function residentMb(pid: number): number | null {
  try {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return found ? Number(found[1]) / 1024 : null
  } catch {
    return null
  }
}

/**
 * P1 and P2: intake, durable before answered, beside Debian's Alertmanager (which keeps alerts in memory only) and
 * beside an Express route that drops what it parsed. In each round each is loaded in turn while the others rest.
 */
export async function benchIntake(options: BenchOptions): Promise<{ rows: Row[]; detail: unknown }> {
  const closing: (() => Promise<unknown> | unknown)[] = []
  try {
    return await measure(options, closing)
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

async function measure(
  { rounds, seconds, profile, only }: BenchOptions,
  closing: (() => Promise<unknown> | unknown)[],
): Promise<{ rows: Row[]; detail: unknown }> {
  const chosen = works.filter(({ id }) => only === null || id === only)
  const load = startLoadMaker()
  closing.push(() => load.close())

  const profileFolder = profile ? newFolder('profile') : null
  const server = await startServer({
    env: { LOG_LEVEL: 'warn', ...profileEnvironment(profileFolder) },
  })
  closing.push(() => server.close())
  const house = await setUpHouse(server)
  const source = await house.addSource('alertmanager', 'bench')
  const self: Contender = {
    name: 'this',
    url: server.url,
    authorization: `Bearer ${source.key}`,
    pid: server.process().pid,
  }
  const contenders = [self]

  const hasPeer = findProgram('prometheus-alertmanager') !== null
  if (hasPeer) {
    const peer = await startAlertmanager()
    closing.push(() => peer.close())
    contenders.push({ name: 'peer', url: peer.url, pid: peer.running.pid })
  } else say('prometheus-alertmanager is not on PATH: there is no peer to compare with')

  const port = await freePort()
  const program = fileURLToPath(new URL('ceiling.ts', import.meta.url))
  const ceiling = launch({ name: 'ceiling', program: process.execPath, words: [program, String(port)] })
  closing.push(() => ceiling.kill())
  const ceilingUrl = `http://127.0.0.1:${port}`
  await until('the ceiling to listen', async () => (await fetch(`${ceilingUrl}/-/ready`)).ok)
  contenders.push({ name: 'ceiling', url: ceilingUrl, pid: ceiling.pid })

  const order = (who: Contender, work: Work, forMs: number) => ({
    url: `${who.url}/api/v2/alerts`,
    batch: work.batch,
    connections: work.connections,
    distinct,
    forMs,
    ...(who.authorization === undefined ? {} : { authorization: who.authorization }),
  })

  let sent = 0
  const reports = new Map<string, LoadReport[]>()
  const limits: Record<string, string> = {}
  for (const work of chosen) {
    for (let round = -1; round < rounds; round++) {
      for (const who of contenders) {
        const before = who === self ? usageOf(server.dir, self.pid) : null
        const report = await load.run(order(who, work, (round < 0 ? 2 : seconds) * 1000))
        if (report.refused > 0) say(`${who.name} refused ${report.refused} requests: ${report.refusal}`)
        if (who === self) sent += report.alerts
        // Round -1 warms up: code is compiled and the alerts are known.
        if (round < 0) continue
        const key = `${work.id} ${who.name}`
        reports.set(key, [...(reports.get(key) ?? []), report])
        say(
          `${work.id} round ${round + 1} ${who.name.padEnd(8)} ${String(Math.round(perSecond(report))).padStart(7)} alerts/s, ` +
            `p50 ${report.p50Ms.toFixed(2)} ms, p99 ${report.p99Ms.toFixed(2)} ms, load maker ${Math.round((100 * report.loadCpuMs) / report.tookMs)} % of a processor`,
        )
        if (before !== null && round === rounds - 1) {
          limits[work.id] = limitWords(before, usageOf(server.dir, self.pid), report.requests, report.tookMs)
          say(`${work.id} limits of this: ${limits[work.id]}`)
        }
      }
    }
  }

  const ledger = await house.administrator.ledger(Date.now() - 3_600_000)
  const outcomes: Record<string, number> = {}
  for (const row of ledger) {
    for (const [outcome, count] of Object.entries(row.outcomes)) outcomes[outcome] = (outcomes[outcome] ?? 0) + count
  }
  const accepted = ledger.reduce((sum, row) => sum + row.accepted, 0)
  const fresh = accepted - (outcomes.repeated ?? 0)
  const whole = accepted === sent && fresh === distinct
  const memory = Object.fromEntries(contenders.map(({ name, pid }) => [name, residentMb(pid)]))
  say(`memory: ${contenders.map(({ name, pid }) => `${name} ${residentMb(pid)?.toFixed(0) ?? '?'} MB`).join(', ')}`)
  say(
    `acknowledged ${sent} alerts, accepted ${accepted}, of them ${fresh} of ${distinct} as new: ${whole ? 'equal' : 'NOT EQUAL'}`,
  )

  await server.kill()
  if (profileFolder !== null) printProfiles(profileFolder)
  const rows = chosen.flatMap((work) => rowsOf(work, reports))
  rows.push({
    id: 'P1/P2',
    work: 'every acknowledged alert is in the ledger',
    self: `${accepted}`,
    peer: '–',
    ceiling: '–',
    ratio: '–',
    bar: `= ${sent}`,
    met: whole,
  })
  return {
    rows,
    detail: {
      rounds,
      seconds,
      distinct,
      memory,
      sent,
      accepted,
      outcomes,
      limits,
      reports: Object.fromEntries(reports),
    },
  }
}

const perSecond = (report: LoadReport): number => (report.alerts / report.tookMs) * 1000

function rowsOf(work: Work, reports: Map<string, LoadReport[]>): Row[] {
  const of = (name: string, what: (report: LoadReport) => number): Spread | null => {
    const list = reports.get(`${work.id} ${name}`)
    return list ? spreadOf(list.map(what)) : null
  }
  const show = (spread: Spread | null, unit = ''): string => (spread ? figure(spread, unit) : 'absent')
  // The ratio of each round, so that a slow minute of the machine does not count for one side only.
  const ratio = (name: string, what: (report: LoadReport) => number): number | null => {
    const theirs = reports.get(`${work.id} ${name}`)
    const ours = reports.get(`${work.id} this`) ?? []
    return theirs ? spreadOf(ours.map((report, round) => what(report) / what(theirs[round]!))).median : null
  }
  const speed = { self: of('this', perSecond), peer: of('peer', perSecond), ceiling: of('ceiling', perSecond) }
  const overPeer = ratio('peer', perSecond)
  const overCeiling = ratio('ceiling', perSecond)
  const [peerBar, ceilingBar] = work.id === 'P1' ? [2, 0.3] : [0.8, 0.4]
  const p99 = (report: LoadReport): number => report.p99Ms
  const p99Ratio = ratio('peer', p99)
  const shared = {
    self: show(speed.self, '/s'),
    peer: show(speed.peer, '/s'),
    ceiling: show(speed.ceiling, '/s'),
  }
  const times = (value: number | null): string => (value === null ? '–' : `${value.toFixed(2)} ×`)
  return [
    {
      id: work.id,
      work: `intake, ${work.title}: against Alertmanager`,
      ...shared,
      ratio: times(overPeer),
      bar: `≥ ${peerBar} ×`,
      met: overPeer === null ? null : overPeer >= peerBar,
    },
    {
      id: work.id,
      work: `intake, ${work.title}: against the ceiling`,
      ...shared,
      ratio: times(overCeiling),
      bar: `≥ ${ceilingBar} ×`,
      met: overCeiling === null ? null : overCeiling >= ceilingBar,
    },
    {
      id: work.id,
      work: `latency p99, ${work.title}`,
      self: show(of('this', p99), ' ms'),
      peer: show(of('peer', p99), ' ms'),
      ceiling: show(of('ceiling', p99), ' ms'),
      ratio: times(p99Ratio),
      bar: work.id === 'P1' ? '≤ 1 ×' : '–',
      met: work.id !== 'P1' || p99Ratio === null ? null : p99Ratio <= 1,
    },
  ]
}
