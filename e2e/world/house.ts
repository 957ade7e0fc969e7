import type { Api } from '#server/demo/client.ts'
import { addSource, invite, makeAdministrator, type NewSource, type Player } from '#server/demo/people.ts'
import type { Server } from './server.ts'

export type { Player } from '#server/demo/people.ts'

/** A server with people in it. Invented names; any likeness is chance. */
export interface House {
  administrator: Api
  commander: Player
  responders: Player[]
  addSource(kind: string, name: string): Promise<NewSource>
}

export const testPassword = 'a long test pass phrase'
const responderNames = [
  'Amara Okafor',
  'Tomasz Wilk',
  'Kenji Morita',
  'Leila Haddad',
  'Joaquín Reyes',
  'Priya Raman',
  'Sorcha Byrne',
  'Anders Lund',
  'Mei Tanaka',
  'Yusuf Demir',
]

/** Makes the administrator with the printed link, invites a commander and responders, and signs all of them in. */
export async function setUpHouse(server: Server, { responders = 2 } = {}): Promise<House> {
  const link = await server.firstLink()
  const person = { name: 'Noor Aziz', email: 'noor.aziz@test.example' }
  const { api } = await makeAdministrator(server.url, link, person, testPassword)
  const asResponder = (name: string, index: number): Promise<Player> =>
    invite(api, { name, email: `responder${index + 1}@test.example`, roles: ['responder'] }, testPassword)
  const commander = await invite(
    api,
    { name: 'Inês Carvalho', email: 'ines@test.example', roles: ['commander'] },
    testPassword,
  )
  return {
    administrator: api,
    commander,
    responders: await Promise.all(responderNames.slice(0, responders).map(asResponder)),
    addSource: (kind, name) => addSource(api, kind, name),
  }
}
