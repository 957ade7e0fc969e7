import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { findProgram } from '../run/machine.ts'
import { ops } from './ops.ts'
import type { Server } from './server.ts'

/** What amtool said, and with which exit status it ended. */
export interface AmtoolAnswer {
  code: number
  out: string
  /** Where it says what went wrong, and that its version is another than ours. */
  err: string
}
export type Amtool = (...words: string[]) => Promise<AmtoolAnswer>

/**
 * Debian's amtool against one address, unmodified, with no settings of its own.
 * @param home a folder for what it reads, removed by the caller
 * @param credential shown as a bearer token by a file with HTTP settings, or as the password in the address
 * @throws Error when this machine has none
 */
export function makeAmtool(url: string, home: string, credential?: { bearer: string } | { password: string }): Amtool {
  const program = findProgram('amtool')
  if (program === null) throw new Error('this machine has no amtool')
  mkdirSync(home, { recursive: true })
  const address = new URL(url)
  const words: string[] = []
  if (credential !== undefined && 'bearer' in credential) {
    const file = join(home, `http-${credential.bearer.slice(-6)}.yml`)
    writeFileSync(file, stringify({ authorization: { credentials: credential.bearer } }))
    words.push(`--http.config.file=${file}`)
  } else if (credential !== undefined) {
    address.username = 'amtool'
    address.password = credential.password
  }
  words.push(`--alertmanager.url=${address.href}`)
  const env = { PATH: process.env.PATH, HOME: home, USER: 'somebody', TZ: 'UTC' }
  return (...more) =>
    new Promise((done) =>
      execFile(program, [...words, ...more], { env, cwd: home }, (error, out, err) =>
        done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err }),
      ),
    )
}

/** A machine's token, made on the command line as an administrator would. @throws Error with what the command says */
export async function makeScopedToken(server: Server, ...scopes: ('alerts' | 'silences')[]): Promise<string> {
  const { code, output } = await ops(server.dir, 'token', 'create', ...scopes.flatMap((scope) => ['--scope', scope]))
  const token = /uxt_\w+/.exec(output)?.[0]
  if (code !== 0 || token === undefined) throw new Error(`no token was made: ${output}`)
  return token
}
