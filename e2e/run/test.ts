// `npm test`: everything, on a machine that may have nothing yet. Its last line is `N passed, N failed, N skipped`.
import { buildBoard } from '#server/start/build.ts'
import { setUpMachine } from './machine.ts'
import { lint, mustWork, runStages, tests, types } from './stages.ts'

await runStages([
  mustWork('machine', () => setUpMachine((line) => void process.stdout.write(`${line}\n`))),
  types,
  lint,
  tests('unit'),
  mustWork('board', () => buildBoard()),
  tests('integration'),
  tests('journeys'),
])
