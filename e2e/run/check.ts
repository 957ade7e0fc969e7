// `npm run check`: what to run before every commit; under a minute.
import { lint, runStages, tests, types } from './stages.ts'

await runStages([types, lint, tests('unit')])
