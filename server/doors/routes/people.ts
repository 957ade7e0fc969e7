import { z } from 'zod'
import { can, personRoles } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import { type PersonView, personViewSchema, teamViewSchema } from '#shared/wire.ts'
import type { Access, FreshLink, Person } from '../../access/port.ts'
import { idParams, instant, iso, type Route, route, signedIn } from './route.ts'

const tag = 'People'
const roleList = z.array(z.enum(personRoles)).min(1, 'give at least one role').max(personRoles.length)
const name = z.string().trim().min(1).max(80)
const email = z.email('write an e-mail address').max(254)
const linkSchema = z.strictObject({ url: z.string().describe('Shown once; pass it on'), expiresAt: instant })

export function peopleRoutes(access: Access, policy: () => Policy, baseUrl: () => string): Route[] {
  const view = (person: Person, withEmail: boolean): PersonView => ({
    ...person,
    email: withEmail ? person.email : null,
    roles: [...person.roles],
  })
  const linkView = ({ token, expiresAt }: FreshLink) => ({
    url: `${baseUrl()}/invitation#${token}`,
    expiresAt: iso(expiresAt),
  })

  return [
    route({
      method: 'get',
      path: '/api/people',
      action: 'person.names',
      tag,
      summary: 'Everybody’s names and roles, and the teams; e-mail addresses for administrators only',
      answer: z.strictObject({ people: z.array(personViewSchema), teams: z.array(teamViewSchema) }),
      run: (call) => {
        const withEmail = can(signedIn(call).actor, 'person.manage')
        const teams = policy().teams.map(({ id, name = id, members }) => ({ id, name, members: [...members] }))
        return { people: access.people.list().map((person) => view(person, withEmail)), teams }
      },
    }),
    route({
      method: 'post',
      path: '/api/people',
      action: 'person.manage',
      tag,
      summary: 'Invite somebody; the answer has the link to pass on',
      body: z.strictObject({ name, email, roles: roleList }),
      answer: z.strictObject({ person: personViewSchema, link: linkSchema }),
      status: 201,
      run: async ({ who, body }) => {
        const { person, link } = await access.people.invite(who, body)
        return { person: view(person, true), link: linkView(link) }
      },
    }),
    route({
      method: 'patch',
      path: '/api/people/:id',
      action: 'person.manage',
      tag,
      summary: 'Change a name, address or roles; disable or enable',
      params: idParams,
      body: z
        .strictObject({
          name: name.optional(),
          email: email.optional(),
          roles: roleList.optional(),
          disabled: z.boolean().optional(),
        })
        .refine((change) => Object.keys(change).length > 0, 'say what to change'),
      answer: personViewSchema,
      run: async ({ who, params, body }) => view(await access.people.change(who, params.id, body), true),
    }),
    route({
      method: 'post',
      path: '/api/people/:id/link',
      action: 'person.manage',
      tag,
      summary: 'A new link to choose a password; older links of the person end',
      params: idParams,
      answer: linkSchema,
      status: 201,
      run: async ({ who, params }) => linkView(await access.people.resetLink(who, params.id)),
    }),
    route({
      method: 'post',
      path: '/api/people/:id/end-sessions',
      action: 'person.manage',
      tag,
      summary: 'End all sessions of somebody, and the links of messages that act for them',
      params: idParams,
      answer: null,
      run: async ({ who, params }) => {
        await access.people.endSessions(who, params.id)
        return undefined
      },
    }),
    route({
      method: 'post',
      path: '/api/people/with-password',
      action: 'person.manage',
      tag,
      summary: 'Add somebody who can sign in at once; only from the server’s own machine',
      body: z.strictObject({ name, email, roles: roleList, password: z.string().min(1).max(1024) }),
      answer: personViewSchema,
      status: 201,
      run: async (call) => {
        // Over the network nobody chooses another person's password: the link exists for that.
        if (signedIn(call).via !== 'local')
          throw new UxbridgeError(
            'not-allowed',
            'Invite the person instead: they choose their own password. On the server, "npm run ops -- user add" can set one.',
          )
        return view(await access.people.add(call.who, call.body), true)
      },
    }),
  ]
}
