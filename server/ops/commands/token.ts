import { z } from 'zod'
import { scopes as knownScopes } from '#shared/access.ts'
import { type Line, type OpsCommand, TypedWrong, table } from '../command.ts'
import { personCalled } from './user.ts'

const tokenView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  personId: z.string().nullable(),
  role: z.string().nullable(),
  scopes: z.array(z.string()).default([]),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
})

/** @throws TypedWrong for a scope that is none */
function scopesOf(line: Line): string[] {
  const scopes = line.options('scope').flatMap((given) => given.split(','))
  const wrong = scopes.find((scope) => !(knownScopes as readonly string[]).includes(scope))
  if (wrong !== undefined) throw new TypedWrong(`"${wrong}" is no scope. Scopes: ${knownScopes.join(', ')}.`)
  return scopes
}

export const tokenCommands: OpsCommand[] = [
  {
    name: 'token create',
    usage: '--for <email or id> | --role R | --scope alerts | --scope silences  [--name N] [--days 365 | --days never]',
    says: 'Makes an API token that acts as a person, or for a machine with a role or scopes; prints it once.',
    options: {
      for: { type: 'string' },
      role: { type: 'string' },
      scope: { type: 'string', multiple: true },
      name: { type: 'string' },
      days: { type: 'string', default: '365' },
    },
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(line, call) {
      const person = line.option('for')
      const role = line.option('role')
      const scopes = scopesOf(line)
      if ((person === undefined) === (role === undefined && scopes.length === 0))
        throw new TypedWrong('Say either --for a person, or --role or --scope for a machine.')
      const days = line.option('days') ?? '365'
      if (days !== 'never' && !/^\d+$/.test(days)) throw new TypedWrong('--days is a number of days, or never.')
      const owner =
        person === undefined
          ? { ...(role === undefined ? {} : { role }), ...(scopes.length === 0 ? {} : { scopes }) }
          : { personId: (await personCalled(call, person)).id }
      // The person stands beside the name by id; an address must not stand in it.
      const name = line.option('name') ?? 'ops'
      const json = await call('POST', '/api/tokens', {
        ...owner,
        name: name.slice(0, 80),
        expiresInDays: days === 'never' ? null : Number(days),
      })
      const { token, view } = z.object({ token: z.string(), view: tokenView }).parse(json)
      return {
        json,
        text: `Token, shown only now (${view.expiresAt === null ? 'it never expires' : `until ${view.expiresAt}`}):\n  ${token}`,
      }
    },
  },
  {
    name: 'token list',
    usage: '',
    says: 'Lists all API tokens.',
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(_line, call) {
      const json = await call('GET', '/api/tokens')
      const rows = z
        .object({ tokens: z.array(tokenView) })
        .parse(json)
        .tokens.map((token) => [
          token.id,
          `${token.prefix}…`,
          token.name,
          [token.personId ?? token.role ?? '', ...token.scopes].filter(Boolean).join(' '),
          token.revokedAt === null ? `until ${token.expiresAt ?? 'revoked'}` : 'revoked',
          token.lastUsedAt ?? 'never',
        ])
      return { json, text: table(['ID', 'TOKEN', 'NAME', 'FOR', 'STATE', 'LAST USED'], rows) }
    },
  },
  {
    name: 'token revoke',
    usage: '<id>',
    says: 'Ends an API token at once.',
    args: { min: 1, max: 1 },
    needs: 'house',
    async run(line, call) {
      const id = line.args[0] ?? ''
      await call('DELETE', `/api/tokens/${encodeURIComponent(id)}`)
      return { json: { revoked: id }, text: `Token ${id} has ended.` }
    },
  },
]
