import { hourMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Office } from './books.ts'
import { type Passwords, requireGoodPassword } from './passwords.ts'
import { administrators, nameOf, newPerson, requireFreeEmail, withNextEpoch } from './people.ts'
import type { FreshLink, LinkDesk } from './port.ts'
import type { AccessRecord, AnyRecord } from './records.ts'
import { digestOf, newId, newToken } from './secrets.ts'
import type { Cookies } from './sessions.ts'

type Purpose = AccessRecord<'link'>['doc']['purpose']
const lifeMs: Readonly<Record<Purpose, number>> = {
  setup: 24 * hourMs,
  invitation: 7 * 24 * hourMs,
  reset: 24 * hourMs,
}

/** A link, as it is shown once and as it is stored. */
export function newLink(
  { random, clock }: Office,
  purpose: Purpose,
  personId: string | null,
): { link: FreshLink; row: { kind: 'link' } & AccessRecord<'link'> } {
  const secret = newToken(random)
  const createdAt = clock.now()
  const expiresAt = createdAt + lifeMs[purpose]
  const doc = { purpose, digest: secret.digest, personId, createdAt, expiresAt }
  return {
    link: { token: secret.text, expiresAt },
    row: { kind: 'link', id: newId('l_', random), doc, personal: null },
  }
}

/** Rule S6: a link works once, before its end, and for its own purpose; all else is answered alike. */
export function makeLinks(office: Office, passwords: Passwords, cookies: Cookies): LinkDesk {
  const { books, clock, publish } = office

  function require(token: string, purposes: readonly Purpose[]): AccessRecord<'link'> {
    const record = books.links.byDigest(digestOf(token))
    if (record === undefined || !purposes.includes(record.doc.purpose) || clock.now() >= record.doc.expiresAt)
      throw new UxbridgeError(
        'link-spent',
        'This link was used already or has expired. Ask an administrator for a new one; for the first administrator, start the server again.',
      )
    return record
  }

  function requireInvited(token: string) {
    const link = require(token, ['invitation', 'reset'])
    const person = books.people.get(link.doc.personId ?? '')
    if (person === undefined || person.personal === null || person.doc.disabled)
      throw new UxbridgeError(
        'link-spent',
        'This link is for somebody who can no longer sign in. Ask an administrator.',
      )
    return { link, person, personal: person.personal }
  }

  const setupLinks = () =>
    [...books.links.all()].filter(({ doc }) => doc.purpose === 'setup').map(({ id }) => ({ kind: 'link' as const, id }))
  const setupNeeded = () => administrators(books).length === 0

  return {
    setupNeeded,

    issueSetup() {
      if (!setupNeeded()) return Promise.resolve(null)
      return books.change({ by: 'system:start', address: null }, () => {
        const { link, row } = newLink(office, 'setup', null)
        return {
          action: 'link.issue',
          subject: row.id,
          detail: { purpose: 'setup' },
          put: [row],
          remove: setupLinks(),
          result: link,
        }
      })
    },

    look(token) {
      const { link, person, personal } = requireInvited(token)
      const purpose = link.doc.purpose === 'reset' ? 'reset' : 'invitation'
      return { purpose, name: nameOf(books, person.id), email: personal.email, expiresAt: link.doc.expiresAt }
    },

    async acceptSetup(token, { password, ...wanted }, browser) {
      require(token, ['setup'])
      requireGoodPassword(password, wanted.email)
      const hashed = await passwords.hash(password)
      return books.change({ by: 'anonymous', address: browser.address }, () => {
        require(token, ['setup'])
        if (!setupNeeded()) throw new UxbridgeError('link-spent', 'There is an administrator already. Sign in instead.')
        requireFreeEmail(books, wanted.email)
        const person = newPerson(office, { ...wanted, roles: ['administrator', 'commander'] })
        const credential: AnyRecord = {
          kind: 'credential',
          id: person.id,
          doc: { changedAt: clock.now() },
          personal: hashed,
        }
        const { row, fresh } = cookies.begin(person, browser)
        return {
          action: 'link.use',
          subject: person.id,
          detail: { purpose: 'setup' },
          put: [person, credential, row],
          remove: setupLinks(),
          result: fresh,
        }
      })
    },

    async accept(token, { name, password }, browser) {
      const before = requireInvited(token)
      requireGoodPassword(password, before.personal.email)
      const hashed = await passwords.hash(password)
      const fresh = await books.change({ by: `person:${before.person.id}`, address: browser.address }, () => {
        const { link, person, personal } = requireInvited(token)
        const chosen =
          link.doc.purpose === 'invitation' && name !== undefined ? { ...personal, name: name.trim() } : personal
        const credential: AnyRecord = {
          kind: 'credential',
          id: person.id,
          doc: { changedAt: clock.now() },
          personal: hashed,
        }
        const session = cookies.begin(person, browser)
        const ended = [...books.sessions.all()].filter(({ doc }) => doc.personId === person.id)
        const spent = [...books.links.all()].filter(({ doc }) => doc.personId === person.id)
        return {
          action: 'link.use',
          subject: person.id,
          detail: { purpose: link.doc.purpose },
          put: [
            { kind: 'person', id: person.id, doc: withNextEpoch(person.doc), personal: chosen },
            credential,
            session.row,
          ],
          remove: [
            ...ended.map(({ id }) => ({ kind: 'session' as const, id })),
            ...spent.map(({ id }) => ({ kind: 'link' as const, id })),
          ],
          result: session.fresh,
        }
      })
      publish({ personId: before.person.id, credentialId: null })
      return fresh
    },
  }
}
