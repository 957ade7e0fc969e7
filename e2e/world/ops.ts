import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const program = fileURLToPath(new URL('../../server/ops/ops.ts', import.meta.url))

export interface OpsAnswer {
  code: number | null
  output: string
}

/** Runs the command line on a data folder, as an administrator at the machine would. */
export function ops(dir: string, ...words: string[]): Promise<OpsAnswer> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [program, ...words], {
    env: { PATH, HOME, DATA_DIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => done({ code, output }))
  })
}
