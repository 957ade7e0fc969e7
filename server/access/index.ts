import type { Clock } from '#shared/clocks.ts'
import type { Policy } from '#shared/policy.ts'
import { Books, type BooksParts, type Office } from './books.ts'
import { makeLinks } from './links.ts'
import { makePasswords } from './passwords.ts'
import { makePeople, nameOf } from './people.ts'
import type { Access, Identity, RightsListener } from './port.ts'
import { type Random, shownKey } from './secrets.ts'
import { makeCookies, makeSessions } from './sessions.ts'
import { type KnownKind, makeSources } from './sources.ts'
import { makeThrottle } from './throttle.ts'
import { isTokenText, makeTokens } from './tokens.ts'

export { type OriginHeaders, originAllowed } from './origin.ts'
export type * from './port.ts'
export { type Random, shownKey } from './secrets.ts'

export interface AccessParts extends BooksParts {
  clock: Clock
  /** So many unpredictable bytes: `randomBytes`, or a seeded stand-in in tests. */
  random: Random
  policy(): Policy
  /** The kinds of source there are. */
  kinds: readonly KnownKind[]
  /** Where the board is reached from outside; https makes cookies Secure. Null: plain http on `host:port`. */
  publicUrl: string | null
}

/** Names of those who act without being a person, a token or a source. */
const systemNames: Readonly<Record<string, string>> = {
  'system:filter': 'Filter room',
  'system:clock': 'Clock',
  'system:notify': 'Notifications',
  'system:ops': 'Command line',
  'system:start': 'Server',
  'system:policy': 'Policy file',
  anonymous: 'Somebody unknown',
}

/** Reads the settings into memory. @throws UxbridgeError `store-corrupt` that names a setting that cannot be read */
export function makeAccess(parts: AccessParts): Access {
  const { clock, random } = parts
  const listeners = new Set<RightsListener>()
  const publish: RightsListener = (change) => {
    for (const listener of listeners) listener(change)
  }
  const books = new Books(parts)
  const office: Office = { books, clock, random, publish }
  const passwords = makePasswords(random)
  const cookies = makeCookies(office, parts.publicUrl?.startsWith('https:') ?? false)
  const sources = makeSources(office, parts.kinds)
  const tokens = makeTokens(office)

  function byToken(text: string): Identity | null {
    const record = tokens.find(text)
    const identity = record === null ? null : tokens.identity(record)
    if (identity !== null) tokens.touch(identity.credentialId)
    return identity
  }
  function bySession(header: string | undefined): Identity | null {
    const record = cookies.find(header)
    const identity = record === null ? null : cookies.identity(record)
    if (identity !== null) cookies.touch(identity.credentialId)
    return identity
  }

  return {
    identify({ authorization, cookie }) {
      const shown = shownKey(authorization)
      // A request that shows a token means the token: were it wrong, the cookie must not answer in its place. A password
      // that is none of ours is for a proxy before us that asks for one.
      const isMeant = shown !== null && (shown.scheme === 'bearer' || isTokenText(shown.key))
      return isMeant ? byToken(shown.key) : bySession(cookie)
    },
    identifySocket: ({ token, cookie }) =>
      typeof token === 'string' && token !== '' ? byToken(token) : bySession(cookie),
    renew(identity, seen = false) {
      if (identity.via === 'local') return identity
      if (identity.via === 'token') {
        const fresh = tokens.identity(books.tokens.get(identity.credentialId))
        if (fresh !== null && seen) tokens.touch(identity.credentialId)
        return fresh
      }
      const record = books.sessions.get(identity.credentialId)
      const fresh = cookies.live(record) ? cookies.identity(record) : null
      if (fresh !== null && seen) cookies.touch(identity.credentialId)
      return fresh
    },
    nameOf: (personId) => nameOf(books, personId),
    actorName(actorId) {
      const [kind = '', id = ''] = actorId.split(':', 2)
      if (kind === 'person') return nameOf(books, id)
      if (kind === 'token') return books.tokens.get(id)?.doc.name ?? 'Former token'
      if (kind === 'source') return books.sources.get(id)?.doc.name ?? 'Former source'
      return systemNames[actorId] ?? actorId
    },
    people: makePeople(office, passwords, parts.policy),
    sessions: makeSessions(office, { passwords, throttle: makeThrottle(clock), cookies }),
    links: makeLinks(office, passwords, cookies),
    sources: sources.desk,
    tokens: tokens.desk,
    keys: sources.ring,
    onRights(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async flush() {
      let over: { personId: string; credentialId: string }[] = []
      await books.keep(() => {
        const { used, ended } = cookies.settle()
        const now = clock.now()
        const spent = [...books.links.all()].filter(({ doc }) => now >= doc.expiresAt)
        over = ended.map(({ id, doc }) => ({ personId: doc.personId, credentialId: id }))
        return {
          put: [...used, ...sources.settle(), ...tokens.settle()],
          remove: [
            ...ended.map(({ id }) => ({ kind: 'session' as const, id })),
            ...spent.map(({ id }) => ({ kind: 'link' as const, id })),
          ],
        }
      })
      for (const change of over) publish(change)
    },
  }
}
