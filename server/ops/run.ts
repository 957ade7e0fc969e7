import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Clock } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { type Config, ConfigInvalid, readConfig } from '../config.ts'
import { adminAddress, openAdminDoor } from '../doors/index.ts'
import { openSqliteStore } from '../store/index.ts'
import { type Call, callAt, NobodyListens, OpsRefused } from './call.ts'
import { type Line, type OpsCommand, type Told, TypedWrong } from './command.ts'
import { channelCommands } from './commands/channel.ts'
import { drillCommands } from './commands/drill.ts'
import { lostCommands } from './commands/lost.ts'
import { policyCommands } from './commands/policy.ts'
import { recordCommands } from './commands/record.ts'
import { sourceCommands } from './commands/source.ts'
import { tokenCommands } from './commands/token.ts'
import { userCommands } from './commands/user.ts'
import { openOffline } from './offline.ts'

/** THE list of what the command line can do. */
export const commands: readonly OpsCommand[] = [
  ...userCommands,
  ...sourceCommands,
  ...lostCommands,
  ...tokenCommands,
  ...policyCommands,
  ...recordCommands,
  ...drillCommands,
  ...channelCommands,
]

/** The terminal, handed in. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  stdin(): Promise<string>
}

const everywhere = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

/**
 * Runs one command line: through the server's local socket while it runs, else on the data folder itself, which is
 * locked meanwhile.
 * @returns exit status: 0 done, 1 refused or bad news, 2 typed wrong
 */
export async function run(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  terminal: Terminal,
  clock: Clock,
  version: string,
): Promise<0 | 1 | 2> {
  const json = words.includes('--json')
  const fail = (status: 1 | 2, error: { code: string; message: string; details?: unknown }) => {
    terminal.err(json ? JSON.stringify(error) : error.message)
    return status
  }
  try {
    const command = commandIn(words)
    if (command === null) {
      const asked = words.length === 0 || words.includes('--help') || words.includes('-h') || words[0] === 'help'
      if (!asked)
        throw new TypedWrong(
          `There is no command "${words
            .filter((word) => !word.startsWith('-'))
            .slice(0, 2)
            .join(' ')}".\n\n${helpText()}`,
        )
      terminal.out(helpText())
      return words.length === 0 ? 2 : 0
    }
    if (words.includes('--help') || words.includes('-h')) {
      terminal.out(helpOf(command))
      return 0
    }
    const told = await perform(command, lineOf(command, words, terminal), env, clock, version)
    terminal.out(json ? JSON.stringify(told.json) : told.text)
    return told.ok === false ? 1 : 0
  } catch (error) {
    if (error instanceof TypedWrong) return fail(2, { code: 'typed-wrong', message: error.message })
    if (error instanceof UxbridgeError || error instanceof OpsRefused)
      return fail(1, { code: error.code, message: messageOf(error), details: error.details })
    if (error instanceof ConfigInvalid)
      return fail(1, { code: 'environment-invalid', message: error.message, details: { problems: error.problems } })
    if (error instanceof Error && 'code' in error && 'path' in error)
      return fail(1, {
        code: 'file-unusable',
        message: `${String(error.path)} cannot be used (${String(error.code)}). Check the path and its permissions.`,
      })
    throw error
  }
}

/** The command a line begins with: the longest name that fits. */
function commandIn(words: readonly string[]): OpsCommand | null {
  const plain = words.filter((word) => word !== '--json')
  return commands.find(({ name }) => name === plain.slice(0, name.split(' ').length).join(' ')) ?? null
}

function lineOf(command: OpsCommand, words: readonly string[], { stdin }: Terminal): Line {
  const { values, positionals } = read(
    command,
    words.filter((word) => word !== '--json').slice(command.name.split(' ').length),
  )
  if (positionals.length < command.args.min || positionals.length > command.args.max)
    throw new TypedWrong(`Write: ${usageOf(command)}`)
  const all = (name: string): readonly string[] => [values[name]].flat().filter((value) => typeof value === 'string')
  return {
    args: positionals,
    option: (name) => all(name).at(-1),
    options: all,
    flag: (name) => values[name] === true,
    stdin,
  }
}

function read(
  command: OpsCommand,
  words: readonly string[],
): { values: Record<string, unknown>; positionals: string[] } {
  try {
    return parseArgs({ args: [...words], options: { ...everywhere, ...command.options }, allowPositionals: true })
  } catch (error) {
    throw new TypedWrong(`${(error as Error).message}\nWrite: ${usageOf(command)}`)
  }
}

async function perform(
  command: OpsCommand,
  line: Line,
  env: NodeJS.ProcessEnv,
  clock: Clock,
  version: string,
): Promise<Told> {
  if (command.needs === 'nothing') return command.run(line)
  const config = readConfig(env)
  const founds = command.needs === 'house' && command.founds === true
  const online = callAt(adminAddress(config.dataDir))
  if (await isThere(online)) {
    return command.needs === 'house'
      ? command.run(line, online)
      : command.run(line, () => online('GET', '/api/audit/verification'))
  }
  if (!founds && !existsSync(config.dataDir))
    throw new UxbridgeError(
      'not-found',
      `There is no data in ${config.dataDir}. Run this where the server runs, or set DATA_DIR.`,
    )
  return command.needs === 'house'
    ? onFolder(config, clock, version, (call) => command.run(line, call))
    : onRecord(config, (verify) => command.run(line, verify))
}

async function isThere(call: Call): Promise<boolean> {
  try {
    await call('GET', '/healthz')
    return true
  } catch (error) {
    if (error instanceof NobodyListens) return false
    throw error
  }
}

/** Without a server this process is one for a moment: same lock, same socket, same routes. */
async function onFolder(
  config: Config,
  clock: Clock,
  version: string,
  work: (call: Call) => Promise<Told>,
): Promise<Told> {
  const house = await openOffline(config, clock, version)
  try {
    const door = await openAdminDoor(house.api, config.dataDir)
    try {
      return await work(callAt(adminAddress(config.dataDir)))
    } finally {
      await door.close()
    }
  } finally {
    await house.close()
  }
}

/** The proof needs nothing but the rows: it must work where settings can no longer be read. */
async function onRecord(config: Config, work: (verify: () => Promise<unknown>) => Promise<Told>): Promise<Told> {
  const store = await openSqliteStore({ dir: config.dataDir })
  try {
    return await work(() => store.read.verify())
  } finally {
    await store.close()
  }
}

/** The message, and each wrong field on a line of its own. */
function messageOf(error: UxbridgeError | OpsRefused): string {
  const fields = error.details?.fields
  if (!Array.isArray(fields)) return error.message
  return [
    error.message,
    ...fields.map((field: { path: string; message: string }) => `  ${field.path}: ${field.message}`),
  ].join('\n')
}

const usageOf = ({ name, usage }: OpsCommand): string => `npm run -s ops -- ${name}${usage === '' ? '' : ` ${usage}`}`
const helpOf = (command: OpsCommand): string =>
  `${command.says}\n\n  ${usageOf(command)}\n\n--json prints JSON for machines.`
function helpText(): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  return [
    'Runs this installation: through the running server, or on the data folder when none runs.',
    '',
    'Write: npm run -s ops -- <command> [--json] [--help]',
    '',
    ...commands.map(({ name, says }) => `  ${name.padEnd(width)}  ${says}`),
  ].join('\n')
}
