// `npm run ops -- <command>`: the terminal, the environment and the clock of this process, handed to `run`.
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { run } from './run.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}
const line = (stream: NodeJS.WriteStream) => (words: string) => void stream.write(`${words}\n`)

process.exitCode = await run(
  process.argv.slice(2),
  process.env,
  { out: line(process.stdout), err: line(process.stderr), stdin: () => text(process.stdin) },
  { now: () => Date.now() },
  version,
)
