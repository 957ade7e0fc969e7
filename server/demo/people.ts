import type { PersonRole } from '#shared/access.ts'
import type { PersonView, SourceView } from '#shared/wire.ts'
import { type Api, makeApi } from './client.ts'

export interface NewPerson {
  name: string
  email: string
  roles: readonly PersonRole[]
}

/** Somebody who is signed in and can act. */
export interface Player {
  id: string
  name: string
  email: string
  password: string
  api: Api
}

export interface NewSource {
  id: string
  key: string
  /** Where it sends to, as the server says. */
  url: string
}

/** What follows the `#` of a one-time link. */
export function tokenIn(link: string): string {
  return link.slice(link.indexOf('#') + 1)
}

/** Makes the first administrator with the link that the server printed. */
export async function makeAdministrator(
  url: string,
  setupLink: string,
  { name, email }: Omit<NewPerson, 'roles'>,
  password: string,
): Promise<Player> {
  const api = makeApi(url)
  const me = await api.must<{ id: string }>('POST', '/api/setup', { token: tokenIn(setupLink), name, email, password })
  return { id: me.id, name, email, password, api }
}

/** Invites somebody and accepts the invitation in their name. */
export async function invite(administrator: Api, person: NewPerson, password: string): Promise<Player> {
  const { name, email, roles } = person
  const invited = await administrator.must<{ person: PersonView; link: { url: string } }>('POST', '/api/people', {
    name,
    email,
    roles,
  })
  const api = makeApi(administrator.url)
  await api.must('POST', '/api/invitations/accept', { token: tokenIn(invited.link.url), password })
  return { id: invited.person.id, name, email, password, api }
}

export async function addSource(administrator: Api, kind: string, name: string): Promise<NewSource> {
  const { source, key, url } = await administrator.must<{ source: SourceView; key: string; url: string }>(
    'POST',
    '/api/sources',
    { kind, name },
  )
  return { id: source.id, key, url }
}
