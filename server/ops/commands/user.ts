import { z } from 'zod'
import { personRoles } from '#shared/access.ts'
import { personViewSchema } from '#shared/wire.ts'
import { type Call, OpsRefused } from '../call.ts'
import { type Line, type OpsCommand, TypedWrong, table } from '../command.ts'

const peopleAnswer = z.object({ people: z.array(personViewSchema) })
const linkAnswer = z.object({ url: z.string(), expiresAt: z.string() })

/** A person by address or id. @throws OpsRefused `not-found` */
export async function personCalled(call: Call, named: string): Promise<z.output<typeof personViewSchema>> {
  const { people } = peopleAnswer.parse(await call('GET', '/api/people'))
  const found = people.find(({ id, email }) => id === named || email === named.trim().toLowerCase())
  if (found === undefined)
    throw new OpsRefused({
      code: 'not-found',
      message: `Nobody here has the address or id ${named}. See "ops user list".`,
    })
  return found
}

/** @throws TypedWrong for a role that is none */
export function rolesOf(line: Line): string[] {
  const roles = line.options('role').flatMap((given) => given.split(','))
  const wrong = roles.find((role) => !(personRoles as readonly string[]).includes(role))
  if (wrong !== undefined) throw new TypedWrong(`"${wrong}" is no role. Roles: ${personRoles.join(', ')}.`)
  return roles
}

const setDisabled = (name: string, disabled: boolean): OpsCommand => ({
  name,
  usage: '<email or id>',
  says: disabled
    ? 'Ends all sessions and tokens of a person; they cannot sign in again.'
    : 'Lets a disabled person sign in again.',
  args: { min: 1, max: 1 },
  needs: 'house',
  async run(line, call) {
    const { id, email } = await personCalled(call, line.args[0] ?? '')
    const json = await call('PATCH', `/api/people/${id}`, { disabled })
    return { json, text: `${email ?? id} is ${disabled ? 'disabled' : 'enabled'}.` }
  },
})

export const userCommands: OpsCommand[] = [
  {
    name: 'user add',
    usage: '<email> --name N --role R [--role R …] [--password-stdin]',
    says: 'Adds a person: prints an invitation link, or takes the password from standard input.',
    options: {
      name: { type: 'string' },
      role: { type: 'string', multiple: true },
      'password-stdin': { type: 'boolean' },
    },
    args: { min: 1, max: 1 },
    needs: 'house',
    founds: true,
    async run(line, call) {
      const email = line.args[0] ?? ''
      const name = line.option('name')
      const roles = rolesOf(line)
      if (name === undefined || roles.length === 0) throw new TypedWrong('Say --name and at least one --role.')
      if (line.flag('password-stdin')) {
        const password = (await line.stdin()).replace(/\r?\n$/, '')
        const json = await call('POST', '/api/people/with-password', { email, name, roles, password })
        const { id } = personViewSchema.parse(json)
        return { json: { person: json }, text: `${email} is added (${id}) and can sign in.` }
      }
      const json = await call('POST', '/api/people', { email, name, roles })
      const { person, link } = z.object({ person: personViewSchema, link: linkAnswer }).parse(json)
      return {
        json,
        text: `${email} is added (${person.id}). Pass on this link; it works once, until ${link.expiresAt}:\n  ${link.url}`,
      }
    },
  },
  {
    name: 'user list',
    usage: '',
    says: 'Lists everybody.',
    args: { min: 0, max: 0 },
    needs: 'house',
    async run(_line, call) {
      const json = await call('GET', '/api/people')
      const rows = peopleAnswer
        .parse(json)
        .people.map(({ id, email, name, roles, disabled, invited }) => [
          id,
          email ?? '',
          name,
          roles.join(','),
          disabled ? 'disabled' : invited ? 'invited' : 'active',
        ])
      return { json, text: table(['ID', 'EMAIL', 'NAME', 'ROLES', 'STATE'], rows) }
    },
  },
  setDisabled('user disable', true),
  setDisabled('user enable', false),
  {
    name: 'user link',
    usage: '<email or id>',
    says: 'Makes a one-time link with which the person chooses a new password.',
    args: { min: 1, max: 1 },
    needs: 'house',
    async run(line, call) {
      const { id } = await personCalled(call, line.args[0] ?? '')
      const json = await call('POST', `/api/people/${id}/link`, {})
      const { url, expiresAt } = linkAnswer.parse(json)
      return { json, text: `Pass on this link; it works once, until ${expiresAt}:\n  ${url}` }
    },
  },
]
