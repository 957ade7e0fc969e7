// `npm run bench [-- intake|telling|groups|filter] [--rounds N] [--seconds N] [--only P1|P2] [--profile]`: the bars of the project, side by side.
import { parseArgs } from 'node:util'
import { benchFilter } from './filter/bench.ts'
import { benchGroups } from './groups.ts'
import { type BenchOptions, benchIntake } from './intake.ts'
import { printTable, type Row, say, writeResult } from './table.ts'
import { benchTelling } from './telling.ts'

const benches: Record<string, (options: BenchOptions) => Promise<{ rows: Row[]; detail: unknown }>> = {
  intake: benchIntake,
  telling: benchTelling,
  groups: benchGroups,
  filter: benchFilter,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    profile: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
})
const options: BenchOptions = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  profile: values.profile,
  only: values.only ?? null,
}
const chosen = positionals.length > 0 ? positionals : Object.keys(benches)
const unknown = chosen.filter((name) => !(name in benches))
if (unknown.length > 0 || !(options.rounds > 0) || !(options.seconds > 0)) {
  say(
    `There is no bench ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}; --rounds N --seconds N --only P1|P2 --profile`,
  )
  process.exit(2)
}

const all: Row[] = []
for (const name of chosen) {
  say(`\n── ${name}`)
  const { rows, detail } = (await benches[name]?.(options)) ?? { rows: [], detail: null }
  say(`figures in ${writeResult(name, rows, detail)}`)
  all.push(...rows)
}
say('')
printTable(all)
process.exit(0)
