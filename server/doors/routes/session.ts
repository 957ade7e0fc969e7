import { z } from 'zod'
import { actionsOf, personRoles } from '#shared/access.ts'
import { type Me, meSchema } from '#shared/wire.ts'
import type { Access, Identity } from '../../access/port.ts'
import { idParams, instant, iso, personOf, type Route, route, signedIn } from './route.ts'

const tag = 'Signing in'
const email = z.email('write an e-mail address').max(254)
const name = z.string().trim().min(1, 'say who you are').max(80)
const password = z.string().min(1).max(1024)
const token = z.string().min(1).max(200)

export function meOf(access: Access, identity: Identity): Me {
  const { actor } = identity
  const roles = personRoles.filter((role) => actor.roles.includes(role))
  return {
    id: actor.personId ?? actor.id,
    name: actor.personId === null ? access.actorName(actor.id) : access.nameOf(actor.personId),
    roles,
    actions: actionsOf(actor),
    teams: actor.personId === null ? [] : access.people.teamsOf(actor.personId),
  }
}

export function sessionRoutes(access: Access): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/session',
      action: 'token.manage',
      tag,
      summary: 'Who I am and what I may do',
      answer: meSchema,
      run: (call) => meOf(access, signedIn(call)),
    }),
    route({
      method: 'post',
      path: '/api/session',
      action: 'public',
      tag,
      summary: 'Sign in; sets the session cookie',
      body: z.strictObject({ email: z.string().min(1).max(254), password }),
      answer: meSchema,
      run: async ({ body, browser, reply }) => {
        const { cookie, identity } = await access.sessions.signIn(body.email, body.password, browser)
        reply.setCookie(cookie)
        return meOf(access, identity)
      },
    }),
    route({
      method: 'delete',
      path: '/api/session',
      action: 'token.manage',
      tag,
      summary: 'Sign out',
      answer: null,
      run: async (call) => {
        call.reply.setCookie(await access.sessions.signOut(call.who, signedIn(call)))
        return undefined
      },
    }),
    route({
      method: 'put',
      path: '/api/session/password',
      action: 'token.manage',
      tag,
      summary: 'Change my password; ends my other sessions',
      body: z.strictObject({ current: password, next: password }),
      answer: null,
      run: async (call) => {
        personOf(call)
        await access.sessions.changePassword(call.who, signedIn(call), call.body)
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/api/sessions',
      action: 'token.manage',
      tag,
      summary: 'Where I am signed in',
      answer: z.strictObject({
        sessions: z.array(
          z.strictObject({
            id: z.string(),
            current: z.boolean(),
            createdAt: instant,
            lastSeenAt: instant,
            expiresAt: instant,
            address: z.string().nullable(),
            agent: z.string(),
          }),
        ),
      }),
      run: (call) => ({
        sessions: access.sessions.list(personOf(call)).map(({ createdAt, lastSeenAt, expiresAt, ...rest }) => ({
          ...rest,
          current: rest.id === signedIn(call).credentialId,
          createdAt: iso(createdAt),
          lastSeenAt: iso(lastSeenAt),
          expiresAt: iso(expiresAt),
        })),
      }),
    }),
    route({
      method: 'delete',
      path: '/api/sessions/:id',
      action: 'token.manage',
      tag,
      summary: 'End one of my sessions',
      params: idParams,
      answer: null,
      run: async (call) => {
        await access.sessions.end(call.who, personOf(call), call.params.id)
        return undefined
      },
    }),
    route({
      method: 'get',
      path: '/api/setup',
      action: 'public',
      tag,
      summary: 'Whether the first administrator is still to be made',
      answer: z.strictObject({ needed: z.boolean() }),
      run: () => ({ needed: access.links.setupNeeded() }),
    }),
    route({
      method: 'post',
      path: '/api/setup',
      action: 'public',
      tag,
      summary: 'Make the first administrator with the one-time link, and sign in',
      body: z.strictObject({ token, name, email, password }),
      answer: meSchema,
      status: 201,
      run: async ({ body, browser, reply }) => {
        const { token: link, ...person } = body
        const { cookie, identity } = await access.links.acceptSetup(link, person, browser)
        reply.setCookie(cookie)
        return meOf(access, identity)
      },
    }),
    route({
      method: 'post',
      path: '/api/invitations/look',
      action: 'public',
      tag,
      summary: 'Whom an invitation or password link is for; does not use it up',
      body: z.strictObject({ token }),
      answer: z.strictObject({
        purpose: z.enum(['invitation', 'reset']),
        name: z.string(),
        email: z.string(),
        expiresAt: instant,
      }),
      run: ({ body }) => {
        const view = access.links.look(body.token)
        return { ...view, expiresAt: iso(view.expiresAt) }
      },
    }),
    route({
      method: 'post',
      path: '/api/invitations/accept',
      action: 'public',
      tag,
      summary: 'Use an invitation or password link: choose a password, and sign in',
      body: z.strictObject({ token, name: name.optional(), password }),
      answer: meSchema,
      run: async ({ body, browser, reply }) => {
        const { token: link, ...choice } = body
        const { cookie, identity } = await access.links.accept(link, choice, browser)
        reply.setCookie(cookie)
        return meOf(access, identity)
      },
    }),
  ]
}
