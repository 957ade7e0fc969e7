import { z } from 'zod'
import { can, personRoles, roles, scopes } from '#shared/access.ts'
import { hourMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Access, TokenView } from '../../access/port.ts'
import { idParams, instant, iso, isoOrNull, type Route, route, signedIn } from './route.ts'

const tag = 'API tokens'
/** Roles a machine's token can have. */
const machineRoles = ['api', ...personRoles] as const
const tokenView = z.strictObject({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  personId: z.string().nullable(),
  role: z.enum(roles).nullable(),
  scopes: z.array(z.enum(scopes)),
  createdAt: instant,
  expiresAt: instant.nullable(),
  lastUsedAt: instant.nullable(),
  revokedAt: instant.nullable(),
})
const dayMs = 24 * hourMs

export function tokenRoutes(access: Access, now: () => number): Route[] {
  const view = (token: TokenView): z.output<typeof tokenView> => ({
    ...token,
    scopes: [...token.scopes],
    createdAt: iso(token.createdAt),
    expiresAt: isoOrNull(token.expiresAt),
    lastUsedAt: isoOrNull(token.lastUsedAt),
    revokedAt: isoOrNull(token.revokedAt),
  })

  return [
    route({
      method: 'get',
      path: '/api/tokens',
      action: 'token.manage',
      tag,
      summary: 'My API tokens; for administrators everybody’s',
      answer: z.strictObject({ tokens: z.array(tokenView) }),
      run: (call) => {
        const { actor } = signedIn(call)
        if (can(actor, 'person.manage')) return { tokens: access.tokens.list(null).map(view) }
        return { tokens: actor.personId === null ? [] : access.tokens.list(actor.personId).map(view) }
      },
    }),
    route({
      method: 'post',
      path: '/api/tokens',
      action: 'token.manage',
      tag,
      summary: 'Make an API token, shown once: for me, or by an administrator for a person or a machine',
      body: z.strictObject({
        name: z.string().trim().min(1).max(80),
        personId: z.string().min(1).max(64).optional(),
        role: z.enum(machineRoles).optional(),
        scopes: z
          .array(z.enum(scopes))
          .min(1)
          .max(scopes.length)
          .optional()
          .describe('For a machine: `alerts` reads Alertmanager’s API, `silences` also manages silences'),
        expiresInDays: z.number().int().min(1).max(3650).nullable().default(365).describe('null: never'),
      }),
      answer: z.strictObject({ token: z.string().describe('Shown once'), view: tokenView }),
      status: 201,
      run: async (call) => {
        const { actor, via } = signedIn(call)
        const { name, role, scopes, expiresInDays } = call.body
        const forMachine = role !== undefined || scopes !== undefined
        const personId = call.body.personId ?? (forMachine ? null : actor.personId)
        const isOwn = !forMachine && personId !== null && personId === actor.personId
        if (!isOwn && !can(actor, 'person.manage'))
          throw new UxbridgeError(
            'not-allowed',
            'You can make tokens for yourself only. Ask an administrator for another.',
          )
        // A stolen token must not be able to outlive its own end by making another.
        if (via === 'token')
          throw new UxbridgeError(
            'not-allowed',
            'A token cannot make tokens. Sign in, or use "npm run ops -- token create".',
          )
        const expiresAt = expiresInDays === null ? null : now() + expiresInDays * dayMs
        const made = await access.tokens.create(call.who, {
          name,
          personId,
          role: role ?? null,
          ...(scopes === undefined ? {} : { scopes }),
          expiresAt,
        })
        return { token: made.token, view: view(made.view) }
      },
    }),
    route({
      method: 'delete',
      path: '/api/tokens/:id',
      action: 'token.manage',
      tag,
      summary: 'End an API token at once',
      params: idParams,
      answer: null,
      run: async (call) => {
        const { actor } = signedIn(call)
        await access.tokens.revoke(
          call.who,
          call.params.id,
          can(actor, 'person.manage') ? null : (actor.personId ?? ''),
        )
        return undefined
      },
    }),
  ]
}
