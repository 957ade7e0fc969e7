// `npm start`: the board, if it is stale, and then the server in this same process, so that signals reach it.
import { BoardBuildFailed, buildBoard } from './build.ts'

try {
  const began = performance.now()
  const result = await buildBoard()
  if (result === 'built') process.stderr.write(`start: board built in ${Math.round(performance.now() - began)} ms\n`)
} catch (error) {
  if (!(error instanceof BoardBuildFailed)) throw error
  process.stderr.write(`start: ${error.message}\n`)
  process.exit(1)
}

await import('./serve.ts')
