import { can, type PersonRole } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import type { Books, Office } from './books.ts'
import { newLink } from './links.ts'
import { type Passwords, requireGoodPassword } from './passwords.ts'
import type { Doer, FreshLink, PeopleDesk, Person } from './port.ts'
import type { AccessRecord, AnyRecord } from './records.ts'
import { newId } from './secrets.ts'

/** How addresses are compared: case and composition of letters do not make another person. */
export function normalEmail(email: string): string {
  return email.trim().normalize('NFC').toLowerCase()
}

export function nameOf(books: Books, personId: string): string {
  const record = books.people.get(personId)
  return record?.personal?.name ?? `Former person ${personId.replace(/^p_/, '').slice(0, 4)}`
}

export function viewOf(books: Books, record: AccessRecord<'person'>): Person {
  return {
    id: record.id,
    name: nameOf(books, record.id),
    email: record.personal?.email ?? null,
    roles: record.doc.roles,
    disabled: record.doc.disabled,
    invited: !hasPassword(books, record.id),
  }
}

function hasPassword(books: Books, personId: string): boolean {
  return (books.credentials.get(personId)?.personal ?? null) !== null
}

/** Who can administer: has the role, has a password, is not disabled. */
export function administrators(books: Books): string[] {
  return [...books.people.all()]
    .filter(({ id, doc }) => doc.roles.includes('administrator') && !doc.disabled && hasPassword(books, id))
    .map(({ id }) => id)
}

export function findByEmail(books: Books, email: string): AccessRecord<'person'> | undefined {
  const wanted = normalEmail(email)
  for (const record of books.people.all())
    if (record.personal !== null && normalEmail(record.personal.email) === wanted) return record
  return undefined
}

/** @throws UxbridgeError `name-taken` */
export function requireFreeEmail(books: Books, email: string, except?: string): void {
  const holder = findByEmail(books, email)
  if (holder !== undefined && holder.id !== except)
    throw new UxbridgeError('name-taken', 'Somebody with this e-mail address is here already. Change them instead.', {
      person: holder.id,
    })
}

export function newPerson(
  { random, clock }: Office,
  { name, email, roles }: { name: string; email: string; roles: readonly PersonRole[] },
): { kind: 'person' } & AccessRecord<'person'> {
  return {
    kind: 'person',
    id: newId('p_', random),
    doc: { roles: [...new Set(roles)], disabled: false, createdAt: clock.now() },
    personal: { name: name.trim(), email: normalEmail(email) },
  }
}

/** From now on nothing counts that was made for this person before. */
export function withNextEpoch(doc: AccessRecord<'person'>['doc']): AccessRecord<'person'>['doc'] {
  return { ...doc, epoch: (doc.epoch ?? 0) + 1 }
}

export function makePeople(office: Office, passwords: Passwords, policy: () => Policy): PeopleDesk {
  const { books, clock, publish } = office

  function require(personId: string): AccessRecord<'person'> {
    const record = books.people.get(personId)
    if (record === undefined)
      throw new UxbridgeError('not-found', 'There is no such person. Look in the list of people.')
    return record
  }

  /** Sessions and links of a person, to be removed. */
  function held(personId: string): { kind: 'session' | 'link'; id: string }[] {
    return [
      ...[...books.sessions.all()]
        .filter(({ doc }) => doc.personId === personId)
        .map(({ id }) => ({ kind: 'session' as const, id })),
      ...[...books.links.all()]
        .filter(({ doc }) => doc.personId === personId)
        .map(({ id }) => ({ kind: 'link' as const, id })),
    ]
  }

  /** The person's API tokens that still work, revoked. */
  function endedTokens(personId: string): AnyRecord[] {
    return [...books.tokens.all()]
      .filter(({ doc }) => doc.personId === personId && doc.revokedAt === null)
      .map((token) => ({ kind: 'token', ...token, doc: { ...token.doc, revokedAt: clock.now() } }))
  }

  /** Rule S5: nothing takes away the last person who can administer. */
  function requireAdministrator(personId: string, after: AccessRecord<'person'>['doc']): void {
    const now = administrators(books)
    const stays = after.roles.includes('administrator') && !after.disabled
    if (now.includes(personId) && now.length === 1 && !stays)
      throw new UxbridgeError(
        'last-administrator',
        'Nobody else can administer Uxbridge. Make another administrator first.',
      )
  }

  return {
    get(personId) {
      const record = books.people.get(personId)
      return record && viewOf(books, record)
    },
    byEmail(email) {
      const record = findByEmail(books, email)
      return record && viewOf(books, record)
    },
    list: () => [...books.people.all()].map((record) => viewOf(books, record)),
    exists: (personId) => books.people.get(personId)?.personal != null,
    mayRespond(personId) {
      const doc = books.people.get(personId)?.doc
      return doc !== undefined && !doc.disabled && can(doc, 'incident.respond')
    },
    maySpeak(personId) {
      const doc = books.people.get(personId)?.doc
      return doc !== undefined && !doc.disabled && can(doc, 'incident.speak')
    },
    commanders: () =>
      [...books.people.all()].flatMap(({ id, doc }) => (!doc.disabled && can(doc, 'incident.command') ? [id] : [])),
    epochOf: (personId) => books.people.get(personId)?.doc.epoch ?? 0,
    teamsOf: (personId) =>
      policy()
        .teams.filter(({ members }) => members.includes(personId))
        .map(({ id }) => id),

    invite(who, wanted) {
      return books.change(who, () => {
        requireFreeEmail(books, wanted.email)
        const record = newPerson(office, wanted)
        const { link, row } = newLink(office, 'invitation', record.id)
        const person: Person = { ...viewOf(books, record), name: record.personal?.name ?? '' }
        return {
          action: 'person.invite',
          subject: record.id,
          detail: { roles: record.doc.roles },
          put: [record, row],
          result: { person, link },
        }
      })
    },

    async add(who, { password, ...wanted }) {
      requireFreeEmail(books, wanted.email)
      requireGoodPassword(password, wanted.email)
      const hashed = await passwords.hash(password)
      return books.change(who, () => {
        requireFreeEmail(books, wanted.email)
        const record = newPerson(office, wanted)
        const credential: AnyRecord = {
          kind: 'credential',
          id: record.id,
          doc: { changedAt: clock.now() },
          personal: hashed,
        }
        const person: Person = { ...viewOf(books, record), name: record.personal?.name ?? '', invited: false }
        return {
          action: 'person.add',
          subject: record.id,
          detail: { roles: record.doc.roles },
          put: [record, credential],
          result: person,
        }
      })
    },

    async change(who, personId, { name, email, roles, disabled }) {
      const person = await books.change(who, () => {
        const old = require(personId)
        const doc = {
          ...(disabled === true ? withNextEpoch(old.doc) : old.doc),
          roles: roles === undefined ? old.doc.roles : [...new Set(roles)],
          disabled: disabled ?? old.doc.disabled,
        }
        requireAdministrator(personId, doc)
        if (email !== undefined) requireFreeEmail(books, email, personId)
        const personal = old.personal && {
          name: name?.trim() ?? old.personal.name,
          email: email === undefined ? old.personal.email : normalEmail(email),
        }
        const record = { kind: 'person' as const, id: personId, doc, personal }
        const changed = Object.entries({ name, email, roles, disabled }).flatMap(([key, value]) =>
          value === undefined ? [] : [key],
        )
        return {
          action: 'person.change',
          subject: personId,
          detail: { changed, roles: doc.roles, disabled: doc.disabled },
          put: doc.disabled ? [record, ...endedTokens(personId)] : [record],
          // A disabled person's sessions and tokens end for good; enabling them again does not bring a forgotten browser
          // or script back.
          remove: doc.disabled ? held(personId) : [],
          result: { ...viewOf(books, record), name: personal?.name ?? nameOf(books, personId) },
        }
      })
      if (roles !== undefined || disabled !== undefined) publish({ personId, credentialId: null })
      return person
    },

    async endSessions(who, personId) {
      await books.change(who, () => {
        const { doc, personal } = require(personId)
        const sessions = held(personId).filter(({ kind }) => kind === 'session')
        return {
          action: 'person.end-sessions',
          subject: personId,
          detail: { sessions: sessions.length },
          put: [{ kind: 'person', id: personId, doc: withNextEpoch(doc), personal }],
          remove: sessions,
          result: undefined,
        }
      })
      publish({ personId, credentialId: null })
    },

    resetLink(who: Doer, personId: string): Promise<FreshLink> {
      return books.change(who, () => {
        const record = require(personId)
        if (record.doc.disabled || record.personal === null)
          throw new UxbridgeError('not-found', 'This person is disabled and cannot sign in. Enable them first.')
        const { link, row } = newLink(office, hasPassword(books, personId) ? 'reset' : 'invitation', personId)
        const older = [...books.links.all()].filter(({ doc }) => doc.personId === personId)
        return {
          action: 'link.issue',
          subject: personId,
          detail: { purpose: row.doc.purpose },
          put: [row],
          remove: older.map(({ id }) => ({ kind: 'link', id })),
          result: link,
        }
      })
    },
  }
}
