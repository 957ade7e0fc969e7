import { parseCookie, stringifySetCookie } from 'cookie'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Office } from './books.ts'
import { type Passwords, requireGoodPassword } from './passwords.ts'
import { findByEmail, normalEmail, withNextEpoch } from './people.ts'
import type { Browser, FreshSession, Identity, SessionDesk } from './port.ts'
import type { AccessRecord, AnyRecord } from './records.ts'
import { digestOf, newId, newToken } from './secrets.ts'
import { networkOf, type Throttle } from './throttle.ts'

const idleMs = 12 * hourMs
const absoluteMs = 7 * 24 * hourMs
/** The oldest session ends when one person has more. */
const mostSessions = 50

/** Sessions as the doors meet them: a cookie in, an identity out. */
export interface Cookies {
  name: string
  /** A new session, as it is stored and as it is given out. */
  begin(person: AccessRecord<'person'>, browser: Browser): { row: AnyRecord; fresh: FreshSession }
  /** The live session a Cookie header names. */
  find(header: string | undefined): AccessRecord<'session'> | null
  live(record: AccessRecord<'session'> | undefined): record is AccessRecord<'session'>
  identity(record: AccessRecord<'session'>): Identity | null
  /** Notes that the session was used now. */
  touch(sessionId: string): void
  /** Sessions used since the last call, and those that have ended. */
  settle(): { used: AnyRecord[]; ended: AccessRecord<'session'>[] }
  clear(): string
}

/** @param secure whether the board is reached over https: then the cookie is Secure and bound to this host by its name */
export function makeCookies({ books, clock, random }: Office, secure: boolean): Cookies {
  const name = secure ? '__Host-uxbridge' : 'uxbridge'
  const attributes = { httpOnly: true, sameSite: 'lax', path: '/', secure } as const
  const seenAt = new Map<string, number>()

  const lastSeen = (record: AccessRecord<'session'>) => Math.max(record.doc.lastSeenAt, seenAt.get(record.id) ?? 0)
  const live = (record: AccessRecord<'session'> | undefined): record is AccessRecord<'session'> => {
    if (record === undefined) return false
    const now = clock.now()
    return now < record.doc.expiresAt && now - lastSeen(record) < idleMs
  }
  function identityOf(person: Pick<AccessRecord<'person'>, 'id' | 'doc'>, sessionId: string): Identity {
    return {
      actor: { id: `person:${person.id}`, personId: person.id, roles: person.doc.roles },
      credentialId: sessionId,
      via: 'session',
    }
  }

  return {
    name,
    live,
    begin(person, browser) {
      const secret = newToken(random)
      const now = clock.now()
      const row: AnyRecord = {
        kind: 'session',
        id: newId('ss_', random),
        doc: {
          personId: person.id,
          digest: secret.digest,
          createdAt: now,
          lastSeenAt: now,
          expiresAt: now + absoluteMs,
        },
        personal: { address: browser.address, agent: browser.agent.slice(0, 200) },
      }
      const cookie = stringifySetCookie({ name, value: secret.text, ...attributes, maxAge: absoluteMs / 1000 })
      return { row, fresh: { cookie, identity: identityOf(person, row.id) } }
    },
    find(header) {
      const token = header === undefined ? undefined : parseCookie(header)[name]
      const record = token === undefined || token === '' ? undefined : books.sessions.byDigest(digestOf(token))
      return live(record) ? record : null
    },
    identity(record) {
      const person = books.people.get(record.doc.personId)
      return person === undefined || person.doc.disabled || person.personal === null
        ? null
        : identityOf(person, record.id)
    },
    touch(sessionId) {
      seenAt.set(sessionId, clock.now())
    },
    settle() {
      const used: AnyRecord[] = []
      const ended: AccessRecord<'session'>[] = []
      for (const record of books.sessions.all()) {
        if (!live(record)) ended.push(record)
        else if (lastSeen(record) - record.doc.lastSeenAt >= minuteMs)
          used.push({ kind: 'session', ...record, doc: { ...record.doc, lastSeenAt: lastSeen(record) } })
      }
      for (const id of seenAt.keys()) if (books.sessions.get(id) === undefined) seenAt.delete(id)
      return { used, ended }
    },
    clear: () => stringifySetCookie({ name, value: '', ...attributes, maxAge: 0 }),
  }
}

export function makeSessions(
  office: Office,
  parts: { passwords: Passwords; throttle: Throttle; cookies: Cookies },
): SessionDesk {
  const { books, clock, publish } = office
  const { passwords, throttle, cookies } = parts
  /** Networks a person has signed in from, besides those of their sessions. */
  const signedInFrom = new Map<string, Set<string>>()

  const sessionsOf = (personId: string) =>
    [...books.sessions.all()].filter((record) => record.doc.personId === personId)
  const isKnown = (personId: string, address: string | null) =>
    (signedInFrom.get(personId)?.has(networkOf(address)) ?? false) ||
    sessionsOf(personId).some(({ personal }) => personal !== null && networkOf(personal.address) === networkOf(address))

  async function verify(
    email: string,
    password: string,
    address: string | null,
  ): Promise<AccessRecord<'person'> | null> {
    const account = normalEmail(email)
    const person = findByEmail(books, account)
    const attempt = throttle.begin(account, address, person !== undefined && isKnown(person.id, address))
    const stored =
      person === undefined || person.doc.disabled ? null : (books.credentials.get(person.id)?.personal ?? null)
    const right = await passwords.verify(password, stored)
    if (person === undefined || !right) return null
    attempt.succeeded()
    return person
  }

  const wrong = () =>
    new UxbridgeError(
      'credentials-wrong',
      'The e-mail address and password do not belong together. Check both; an administrator can make you a link to choose a new password.',
    )

  return {
    async signIn(email, password, browser) {
      const { address } = browser
      const person = await verify(email, password, address)
      if (person === null) {
        const subject = findByEmail(books, email)?.id ?? 'unknown'
        await books.refused({ by: 'anonymous', address }, 'session.create', subject, { code: 'credentials-wrong' })
        throw wrong()
      }
      const fresh = await books.change({ by: `person:${person.id}`, address }, () => {
        // Disabled while the password was being checked.
        const now = books.people.get(person.id)
        if (now === undefined || now.doc.disabled) throw wrong()
        const { row, fresh } = cookies.begin(now, browser)
        const crowded = sessionsOf(person.id)
          .sort((a, b) => b.doc.lastSeenAt - a.doc.lastSeenAt)
          .slice(mostSessions - 1)
        return {
          action: 'session.create',
          subject: person.id,
          put: [row],
          remove: crowded.map(({ id }) => ({ kind: 'session', id })),
          result: fresh,
        }
      })
      const networks = signedInFrom.get(person.id) ?? new Set()
      if (networks.size < 20) signedInFrom.set(person.id, networks.add(networkOf(address)))
      return fresh
    },

    async signOut(who, identity) {
      if (identity.via === 'session') {
        await books.change(who, () => ({
          action: 'session.end',
          subject: identity.actor.personId ?? '',
          remove: [{ kind: 'session', id: identity.credentialId }],
          result: undefined,
        }))
        publish({ personId: identity.actor.personId, credentialId: identity.credentialId })
      }
      return cookies.clear()
    },

    list: (personId) =>
      sessionsOf(personId)
        .filter((record) => cookies.live(record))
        .map(({ id, doc, personal }) => ({
          id,
          createdAt: doc.createdAt,
          lastSeenAt: doc.lastSeenAt,
          expiresAt: doc.expiresAt,
          address: personal?.address ?? null,
          agent: personal?.agent ?? '',
        }))
        .sort((a, b) => b.createdAt - a.createdAt),

    async end(who, personId, sessionId) {
      await books.change(who, () => {
        if (books.sessions.get(sessionId)?.doc.personId !== personId)
          throw new UxbridgeError('not-found', 'You have no such session; it may have ended already.')
        return {
          action: 'session.end',
          subject: personId,
          remove: [{ kind: 'session', id: sessionId }],
          result: undefined,
        }
      })
      publish({ personId, credentialId: sessionId })
    },

    async changePassword(who, identity, { current, next }) {
      const person = books.people.get(identity.actor.personId ?? '')
      if (person === undefined || person.personal === null)
        throw new UxbridgeError('not-allowed', 'Only a person who is signed in has a password to change.')
      if ((await verify(person.personal.email, current, who.address)) === null) {
        await books.refused(who, 'password.change', person.id, { code: 'credentials-wrong' })
        throw new UxbridgeError('credentials-wrong', 'Your current password is another one. Nothing was changed.')
      }
      requireGoodPassword(next, person.personal.email)
      const personal = await passwords.hash(next)
      await books.change(who, () => ({
        action: 'password.change',
        subject: person.id,
        put: [
          { kind: 'credential', id: person.id, doc: { changedAt: clock.now() }, personal },
          ...renewed(books.people.get(person.id)),
        ],
        remove: sessionsOf(person.id)
          .filter(({ id }) => id !== identity.credentialId)
          .map(({ id }) => ({ kind: 'session', id })),
        result: undefined,
      }))
      publish({ personId: person.id, credentialId: null })
    },
  }
}

/** The person as of now: links of messages that were made before do nothing any more. */
function renewed(person: AccessRecord<'person'> | undefined): AnyRecord[] {
  return person === undefined ? [] : [{ kind: 'person', ...person, doc: withNextEpoch(person.doc) }]
}
