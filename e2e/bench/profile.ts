import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { say } from './table.ts'

/** The part we read of a V8 profile: a tree of calls, and which of them was seen at each sample. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[]
  samples: number[]
  /** Microseconds since the sample before. */
  timeDeltas: number[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Hot {
  name: string
  at: string
  ms: number
}

/** Time spent in each function itself, without what it calls, most first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): Hot[] {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]))
  const sums = new Map<string, Hot>()
  samples.forEach((id, index) => {
    const frame = byId.get(id)
    if (!frame) return
    const file = frame.url.replace(`file://${root}`, '').replace(/^.*node_modules\//, '')
    const at = file === '' ? '' : `${file}:${frame.lineNumber + 1}`
    const name = frame.functionName || '(anonymous)'
    const hot = sums.get(name + at) ?? { name, at, ms: 0 }
    hot.ms += (timeDeltas[index] ?? 0) / 1000
    sums.set(name + at, hot)
  })
  return [...sums.values()].sort((a, b) => b.ms - a.ms)
}

/** Environment with which Node writes a profile of each thread into `folder` when it ends; words would miss the workers. */
export const profileEnvironment = (folder: string | null): NodeJS.ProcessEnv =>
  folder === null ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` }

/** Prints where the time of each thread went. */
export function printProfiles(folder: string): void {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.cpuprofile')) : []
  for (const name of files) {
    const file = join(folder, name)
    const hot = selfTimes(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile)
    const busy = hot.filter(({ name }) => name !== '(idle)').reduce((sum, { ms }) => sum + ms, 0)
    say(`\nprofile ${file}: busy ${Math.round(busy)} ms; by self time:`)
    for (const { name, at, ms } of hot.filter(({ name }) => name !== '(idle)').slice(0, 20)) {
      say(`  ${((100 * ms) / busy).toFixed(1).padStart(5)} %  ${name}  ${at}`)
    }
  }
  if (files.length === 0) say(`no profile was written to ${folder}`)
}
