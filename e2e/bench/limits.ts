import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** What our server has used so far: tells whether a processor, the disk, or waiting for each other is the limit. */
export interface Usage {
  /** Group commits in the chain. */
  commits: number
  /** Processor time by thread name, ms; empty where the system does not tell. */
  threads: Record<string, number>
  /** Bytes given to the disk; null where the system does not tell. */
  written: number | null
}

export function usageOf(dir: string, pid: number): Usage {
  const database = new DatabaseSync(join(dir, 'uxbridge.sqlite'), { readOnly: true })
  const row = database.prepare('SELECT max(n) AS commits FROM chain').get()
  database.close()
  const threads: Record<string, number> = {}
  const tasks = `/proc/${pid}/task`
  for (const task of existsSync(tasks) ? readdirSync(tasks) : []) {
    const stat = readFileSync(join(tasks, task, 'stat'), 'utf8')
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
    // Fields 14 and 15, in ticks of 10 ms. Source: proc_pid_stat(5).
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
    threads[name] = (threads[name] ?? 0) + (Number(user) + Number(system)) * 10
  }
  const io = `/proc/${pid}/io`
  const written = existsSync(io) ? /^write_bytes: (\d+)/m.exec(readFileSync(io, 'utf8')) : null
  return { commits: Number(row?.commits ?? 0), threads, written: written ? Number(written[1]) : null }
}

/** One line: how the work was grouped, and who was busy how much of the time. */
export function limitWords(before: Usage, after: Usage, requests: number, tookMs: number): string {
  const commits = Math.max(1, after.commits - before.commits)
  const kib =
    after.written === null || before.written === null ? null : (after.written - before.written) / 1024 / commits
  const busy = Object.entries(after.threads)
    .map(([name, ms]): [string, number] => [name, Math.round((100 * (ms - (before.threads[name] ?? 0))) / tookMs)])
    .filter(([, share]) => share >= 5)
    .map(([name, share]) => `${name} ${share} %`)
  return (
    `${(requests / commits).toFixed(1)} requests a commit, ${(tookMs / commits).toFixed(2)} ms a commit` +
    `${kib === null ? '' : `, ${kib.toFixed(0)} KiB to disk each`}; busy: ${busy.join(', ')}`
  )
}
