import type { Actor } from '#shared/access.ts'
import { minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Office } from './books.ts'
import type { Identity, TokenDesk, TokenView } from './port.ts'
import type { AccessRecord, AnyRecord } from './records.ts'
import { digestOf, newId, newSecret } from './secrets.ts'

const tokenPrefix = 'uxt_'

/** Whether it looks like one of our API tokens. */
export function isTokenText(text: string): boolean {
  return text.startsWith(tokenPrefix)
}

export interface Tokens {
  desk: TokenDesk
  find(text: string): AccessRecord<'token'> | null
  /** The token's identity with the rights it has now; null when it, or its person, has ended. */
  identity(record: AccessRecord<'token'> | undefined): Identity | null
  touch(tokenId: string): void
  /** Tokens used since the last call. */
  settle(): AnyRecord[]
}

/** API tokens. One for a person can do what the person can, as long as they can; one with a role is a machine's. */
export function makeTokens({ books, clock, random, publish }: Office): Tokens {
  const usedAt = new Map<string, number>()
  const lastUsed = ({ id, doc }: AccessRecord<'token'>) => usedAt.get(id) ?? doc.lastUsedAt
  const view = (record: AccessRecord<'token'>): TokenView => {
    const { name, prefix, personId, role, scopes = [], createdAt, expiresAt, revokedAt } = record.doc
    return {
      id: record.id,
      name,
      prefix,
      personId,
      role,
      scopes,
      createdAt,
      expiresAt,
      lastUsedAt: lastUsed(record),
      revokedAt,
    }
  }
  const rightsOf = ({ doc }: AccessRecord<'token'>): Pick<Actor, 'roles' | 'scopes'> | null => {
    if (doc.revokedAt !== null || (doc.expiresAt !== null && clock.now() >= doc.expiresAt)) return null
    if (doc.personId === null) {
      const roles = doc.role === null ? [] : [doc.role]
      return doc.scopes === undefined ? { roles } : { roles, scopes: doc.scopes }
    }
    const person = books.people.get(doc.personId)
    return person === undefined || person.doc.disabled ? null : { roles: person.doc.roles }
  }

  return {
    desk: {
      list: (personId) =>
        [...books.tokens.all()].filter(({ doc }) => personId === null || doc.personId === personId).map(view),

      create(who, { name, personId, role, scopes = [], expiresAt }) {
        return books.change(who, () => {
          const isMachine = role !== null || scopes.length > 0
          if ((personId === null) !== isMachine) {
            const message = 'give either a person, or a role or scopes for a machine'
            throw new UxbridgeError('fields-invalid', `A token needs an owner: ${message}.`, {
              fields: [{ path: 'role', message }],
            })
          }
          if (personId !== null && (books.people.get(personId)?.doc.disabled ?? true))
            throw new UxbridgeError(
              'not-found',
              'There is no such person, or they are disabled. Look in the list of people.',
            )
          const secret = newSecret(tokenPrefix, random)
          const record = {
            kind: 'token' as const,
            id: newId('t_', random),
            doc: {
              name,
              digest: secret.digest,
              prefix: secret.prefix,
              personId,
              role,
              ...(scopes.length === 0 ? {} : { scopes: [...new Set(scopes)].sort() }),
              createdAt: clock.now(),
              createdBy: who.by,
              expiresAt,
              lastUsedAt: null,
              revokedAt: null,
            },
            personal: null,
          }
          return {
            action: 'token.create',
            subject: record.id,
            detail: { for: personId ?? role, ...(scopes.length === 0 ? {} : { scopes: [...scopes] }) },
            put: [record],
            result: { view: view(record), token: secret.text },
          }
        })
      },

      async revoke(who, tokenId, ownerId) {
        await books.change(who, () => {
          const record = books.tokens.get(tokenId)
          if (record === undefined || (ownerId !== null && record.doc.personId !== ownerId))
            throw new UxbridgeError('not-found', 'You have no such token; it may be somebody else’s.')
          const revokedAt = record.doc.revokedAt ?? clock.now()
          const put: AnyRecord = {
            kind: 'token',
            ...record,
            doc: { ...record.doc, lastUsedAt: lastUsed(record), revokedAt },
          }
          return { action: 'token.revoke', subject: tokenId, put: [put], result: undefined }
        })
        publish({ personId: null, credentialId: tokenId })
      },
    },

    find: (text) => (isTokenText(text) ? (books.tokens.byDigest(digestOf(text)) ?? null) : null),
    identity(record) {
      const rights = record === undefined ? null : rightsOf(record)
      if (record === undefined || rights === null) return null
      return {
        actor: { id: `token:${record.id}`, personId: record.doc.personId, ...rights },
        credentialId: record.id,
        via: 'token',
      }
    },
    touch(tokenId) {
      usedAt.set(tokenId, clock.now())
    },
    settle() {
      const rows: AnyRecord[] = []
      for (const [id, at] of usedAt) {
        const record = books.tokens.get(id)
        if (record === undefined) usedAt.delete(id)
        else if (at - (record.doc.lastUsedAt ?? 0) >= minuteMs)
          rows.push({ kind: 'token', ...record, doc: { ...record.doc, lastUsedAt: at } })
      }
      return rows
    },
  }
}
