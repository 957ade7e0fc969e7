import { z } from 'zod'
import { parseDuration } from '#shared/policy.ts'
import { sourceViewSchema } from '#shared/wire.ts'
import { type Call, OpsRefused } from '../call.ts'
import { type OpsCommand, type Told, TypedWrong, table } from '../command.ts'

const listAnswer = z.object({ sources: z.array(sourceViewSchema) })
const keyAnswer = z.object({
  source: sourceViewSchema,
  key: z.string(),
  url: z.string(),
  connect: z.array(z.object({ title: z.string(), text: z.string() })),
})

async function sourceCalled(call: Call, named: string): Promise<z.output<typeof sourceViewSchema>> {
  const { sources } = listAnswer.parse(await call('GET', '/api/sources'))
  const found = sources.find(({ id, name }) => id === named || name.toLowerCase() === named.toLowerCase())
  if (found === undefined)
    throw new OpsRefused({
      code: 'not-found',
      message: `No source has the name or id ${named}. See "ops source list".`,
    })
  return found
}

function toldKey(json: unknown, first: string): Told {
  const { source, key, url, connect } = keyAnswer.parse(json)
  const snippets = connect.map(({ title, text }) => `\n${title}:\n${text.replace(/^/gm, '  ')}`)
  return {
    json,
    text: `${first} ${source.name} (${source.id}).\nKey, shown only now:\n  ${key}\nSends to:\n  ${url}\n${snippets.join('\n')}`.trimEnd(),
  }
}

/** @throws TypedWrong for text that is no duration */
function durationOf(text: string): number {
  try {
    return parseDuration(text)
  } catch (error) {
    throw new TypedWrong((error as RangeError).message)
  }
}

export const sourceCommands: OpsCommand[] = [
  {
    name: 'source add',
    usage: '<kind> <name> [--severity S]',
    says: 'Adds a source; prints its key and address, once.',
    options: { severity: { type: 'string' } },
    args: { min: 2, max: 2 },
    needs: 'house',
    founds: true,
    async run(line, call) {
      const [kind, name] = line.args
      const defaultSeverity = line.option('severity')
      return toldKey(
        await call('POST', '/api/sources', {
          kind,
          name,
          ...(defaultSeverity === undefined ? {} : { defaultSeverity }),
        }),
        'Added',
      )
    },
  },
  {
    name: 'source list',
    usage: '',
    says: 'Lists the sources and the beginnings of their keys.',
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(_line, call) {
      const json = await call('GET', '/api/sources')
      const rows = listAnswer.parse(json).sources.map(({ id, kind, name, keys }) => {
        const living = keys.filter(({ revokedAt }) => revokedAt === null)
        const used = living
          .flatMap(({ lastUsedAt }) => lastUsedAt ?? [])
          .sort()
          .at(-1)
        return [id, kind, name, living.map(({ prefix }) => `${prefix}…`).join(' ') || 'none', used ?? 'never']
      })
      return { json, text: table(['ID', 'KIND', 'NAME', 'KEYS', 'LAST USED'], rows) }
    },
  },
  {
    name: 'source rotate',
    usage: '<name or id> [--old-ends-in 24h]',
    says: 'Makes a second key; the one before works a while longer.',
    options: { 'old-ends-in': { type: 'string', default: '24h' } },
    args: { min: 1, max: 1 },
    needs: 'house',
    async run(line, call) {
      const oldEndsInMs = durationOf(line.option('old-ends-in') ?? '24h')
      const { id } = await sourceCalled(call, line.args[0] ?? '')
      return toldKey(await call('POST', `/api/sources/${id}/rotate`, { oldEndsInMs }), 'A new key for')
    },
  },
  {
    name: 'source revoke',
    usage: '<name or id> [--key K]',
    says: 'Ends one key of a source at once, or all of them.',
    options: { key: { type: 'string' } },
    args: { min: 1, max: 1 },
    needs: 'house',
    async run(line, call) {
      const { id, name } = await sourceCalled(call, line.args[0] ?? '')
      const key = line.option('key')
      const json = await call('POST', `/api/sources/${id}/revoke`, key === undefined ? {} : { key })
      return { json, text: key === undefined ? `All keys of ${name} have ended.` : `Key ${key} of ${name} has ended.` }
    },
  },
]
