import { minuteMs } from '#shared/clocks.ts'
import { drillPrefix } from '#shared/drill.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { commonSettings, readSettings, type Settings, withoutSecrets } from '#shared/source.ts'
import type { SourceKind } from '../intake/port.ts'
import type { Office, Plan } from './books.ts'
import type { Doer, KeyRing, KeyView, Source, SourceDesk } from './port.ts'
import type { AccessRecord, AnyRecord } from './records.ts'
import { digestOf, newId, newPingKey, newRoutingKey, newSecret, newSigningText, type Random } from './secrets.ts'

/** What this room must know of a kind of source. */
export type KnownKind = Pick<
  SourceKind,
  'kind' | 'defaultGroup' | 'keyFormat' | 'signs' | 'secretFault' | 'settings' | 'faultsOf'
>

const newKeyText = {
  bearer: (random: Random) => newSecret('uxs_', random),
  'routing-key': newRoutingKey,
  uuid: newPingKey,
}

export interface Sources {
  desk: SourceDesk
  ring: KeyRing
  /** Keys used since the last call. */
  settle(): AnyRecord[]
}

export function makeSources({ books, clock, random, publish }: Office, kinds: readonly KnownKind[]): Sources {
  const usedAt = new Map<string, number>()
  const listeners = new Set<(sourceId: string) => void>()
  /** A change of one source, which all who listen hear of once it is durable. */
  async function changeOf<T>(who: Doer, plan: () => Plan<T>): Promise<T> {
    let subject = ''
    const result = await books.change(who, () => {
      const planned = plan()
      subject = planned.subject
      return planned
    })
    for (const listener of listeners) listener(subject)
    return result
  }

  const view = ({ id, doc }: AccessRecord<'source'>): Source => ({ id, ...doc })
  const alive = ({ doc }: AccessRecord<'key'>, now: number) =>
    doc.revokedAt === null && (doc.endsAt === null || now < doc.endsAt)
  const lastUsed = (key: AccessRecord<'key'>) => usedAt.get(key.id) ?? key.doc.lastUsedAt
  const keysOf = (sourceId: string) =>
    [...books.keys.all()]
      .filter(({ doc }) => doc.sourceId === sourceId)
      .sort((a, b) => b.doc.createdAt - a.doc.createdAt)

  function require(sourceId: string): AccessRecord<'source'> {
    const record = books.sources.get(sourceId)
    if (record === undefined)
      throw new UxbridgeError('not-found', 'There is no such source. Look in the list of sources.')
    return record
  }
  function requireKind(kind: string): KnownKind {
    const found = kinds.find((known) => known.kind === kind)
    if (found !== undefined) return found
    const message = `there is no source of kind "${kind}"; known are ${kinds.map((known) => known.kind).join(', ')}`
    throw new UxbridgeError('fields-invalid', `Choose another kind: ${message}.`, {
      fields: [{ path: 'kind', message }],
    })
  }
  function requireFreeName(name: string, except?: string): void {
    const plain = name.trim().toLowerCase()
    for (const record of books.sources.all())
      if (record.id !== except && record.doc.name.toLowerCase() === plain)
        throw new UxbridgeError('name-taken', `A source is called "${record.doc.name}" already. Choose another name.`, {
          source: record.id,
        })
  }
  function newKey(source: AccessRecord<'source'>) {
    const known = kinds.find(({ kind }) => kind === source.doc.kind)
    const secret = newKeyText[known?.keyFormat ?? 'bearer'](random)
    const row: AnyRecord = {
      kind: 'key',
      id: newId('k_', random, 8),
      doc: {
        sourceId: source.id,
        digest: secret.digest,
        prefix: secret.prefix,
        createdAt: clock.now(),
        lastUsedAt: null,
        endsAt: null,
        revokedAt: null,
      },
      personal: null,
    }
    return { key: secret.text, row }
  }
  function newSigningSecret(sourceId: string, secret: string): AnyRecord {
    const doc = { sourceId, createdAt: clock.now(), endsAt: null }
    return { kind: 'secret', id: newId('g_', random, 8), doc, personal: { secret } }
  }
  /** Newest first; those that have ended are left out. */
  function secretsOf(sourceId: string, now: number): AccessRecord<'secret'>[] {
    return [...books.secrets.all()]
      .filter(({ doc }) => doc.sourceId === sourceId && (doc.endsAt === null || now < doc.endsAt))
      .sort((a, b) => b.doc.createdAt - a.doc.createdAt)
  }
  /**
   * What the source's settings are after a change: the plain ones, and the record of the secret ones where those change.
   * @throws UxbridgeError `fields-invalid` with the path of each wrong setting
   */
  function settingsAfter(
    kind: string,
    sourceId: string,
    before: Settings,
    given: Readonly<Record<string, unknown>>,
  ): { settings: Settings; put: AnyRecord[] } {
    const known = kinds.find((each) => each.kind === kind)
    const fields = [...commonSettings, ...(known?.settings ?? [])]
    const secretBefore = books.settingSecrets.get(sourceId)?.personal ?? {}
    const read = readSettings(fields, { ...before, ...secretBefore, ...given })
    const found = 'faults' in read ? read.faults : (known?.faultsOf?.(read.settings) ?? [])
    if ('faults' in read || found.length > 0) {
      const faults = found.map(({ path, message }) => ({ path: `settings.${path}`, message }))
      throw new UxbridgeError('fields-invalid', `Correct the settings: ${faults.map((f) => f.message).join('; ')}.`, {
        fields: faults,
      })
    }
    const settings = withoutSecrets(fields, read.settings)
    const secrets = Object.entries(read.settings).filter(([name]) => !Object.hasOwn(settings, name))
    const same =
      secrets.length === Object.keys(secretBefore).length &&
      secrets.every(([name, value]) => secretBefore[name] === value)
    if (same) return { settings, put: [] }
    const personal = Object.fromEntries(secrets.map(([name, value]) => [name, String(value)]))
    return {
      settings,
      put: [{ kind: 'setting-secrets', id: sourceId, doc: { names: Object.keys(personal) }, personal }],
    }
  }
  const changed = (record: AccessRecord<'key'>, change: Partial<AccessRecord<'key'>['doc']>): AnyRecord => ({
    kind: 'key',
    ...record,
    doc: { ...record.doc, lastUsedAt: lastUsed(record), ...change },
  })

  return {
    desk: {
      get(sourceId) {
        const record = books.sources.get(sourceId)
        return record && view(record)
      },
      list: () => [...books.sources.all()].map(view),
      keysOf: (sourceId) =>
        keysOf(sourceId).map((record): KeyView => {
          const { prefix, createdAt, endsAt, revokedAt } = record.doc
          return { id: record.id, prefix, createdAt, lastUsedAt: lastUsed(record), endsAt, revokedAt }
        }),

      add(who, wanted) {
        return changeOf(who, () => {
          const known = requireKind(wanted.kind)
          requireFreeName(wanted.name)
          const id = newId(wanted.drill === true ? drillPrefix : 's_', random, 8)
          const group = known.defaultGroup === 'source' || wanted.drill === true ? id : known.defaultGroup
          const { settings, put } = settingsAfter(known.kind, id, {}, wanted.settings ?? {})
          const doc = {
            kind: known.kind,
            name: wanted.name.trim(),
            group,
            defaultSeverity: wanted.defaultSeverity ?? null,
            settings,
            createdAt: clock.now(),
          }
          const record = { kind: 'source' as const, id, doc, personal: null }
          const { key, row } = newKey(record)
          const secret = known.signs === 'ours' ? newSigningText(random) : null
          return {
            action: 'source.add',
            subject: id,
            detail: { kind: known.kind, key: row.id },
            put: [record, row, ...put, ...(secret === null ? [] : [newSigningSecret(id, secret)])],
            result: { source: view(record), key, secret },
          }
        })
      },

      change(who, sourceId, { name, defaultSeverity, settings: given = {} }) {
        return changeOf(who, () => {
          const old = require(sourceId)
          if (name !== undefined) requireFreeName(name, sourceId)
          const { settings, put } = settingsAfter(old.doc.kind, sourceId, old.doc.settings, given)
          const doc = {
            ...old.doc,
            settings,
            name: name?.trim() ?? old.doc.name,
            defaultSeverity: defaultSeverity === undefined ? old.doc.defaultSeverity : defaultSeverity,
          }
          const record = { kind: 'source' as const, id: sourceId, doc, personal: null }
          const detail = { changed: Object.keys(given) }
          return { action: 'source.change', subject: sourceId, detail, put: [record, ...put], result: view(record) }
        })
      },

      rotate(who, sourceId, oldEndsInMs) {
        return changeOf(who, () => {
          const source = require(sourceId)
          const now = clock.now()
          const living = keysOf(sourceId).filter((record) => alive(record, now))
          const { key, row } = newKey(source)
          // Rule S7: two keys at most are alive: the new one, and the one before until it ends.
          const older = living.map((record, index) =>
            index === 0
              ? changed(record, { endsAt: Math.min(record.doc.endsAt ?? Number.POSITIVE_INFINITY, now + oldEndsInMs) })
              : changed(record, { revokedAt: now }),
          )
          return {
            action: 'source.rotate',
            subject: sourceId,
            detail: { key: row.id },
            put: [row, ...older],
            result: { source: view(source), key },
          }
        })
      },

      setSecret(who, sourceId, brought, oldEndsInMs) {
        return changeOf(who, () => {
          const { doc } = require(sourceId)
          const { signs, secretFault } = requireKind(doc.kind)
          const wrong = (message: string) =>
            new UxbridgeError('fields-invalid', message, { fields: [{ path: 'secret', message }] })
          if (signs === undefined) throw wrong(`Sources of kind ${doc.kind} sign nothing; their key is enough.`)
          if (signs === 'theirs' && brought === null)
            throw wrong('The vendor makes this secret. Copy it from there and paste it here.')
          const fault = brought === null ? null : (secretFault?.(brought) ?? null)
          if (fault !== null) throw wrong(fault)
          const made = brought === null ? newSigningText(random) : null
          const now = clock.now()
          const row = newSigningSecret(sourceId, brought ?? made ?? '')
          // As with keys: two at most count, the new one and the one before until it ends.
          const [last, ...older] = secretsOf(sourceId, now)
          const ending: AnyRecord[] =
            last === undefined ? [] : [{ kind: 'secret', ...last, doc: { ...last.doc, endsAt: now + oldEndsInMs } }]
          return {
            action: 'source.secret',
            subject: sourceId,
            detail: { secret: row.id },
            put: [row, ...ending],
            remove: older.map(({ id }) => ({ kind: 'secret' as const, id })),
            result: made,
          }
        })
      },
      secretSetAt: (sourceId) => secretsOf(sourceId, clock.now())[0]?.doc.createdAt ?? null,

      async revoke(who, sourceId, keyId) {
        await changeOf(who, () => {
          require(sourceId)
          const now = clock.now()
          const wanted = keysOf(sourceId).filter((record) =>
            keyId === null ? record.doc.revokedAt === null : record.id === keyId,
          )
          if (keyId !== null && wanted.length === 0)
            throw new UxbridgeError('not-found', 'This source has no such key. Look in its list of keys.')
          const put = wanted
            .filter(({ doc }) => doc.revokedAt === null)
            .map((record) => changed(record, { revokedAt: now }))
          return {
            action: 'source.revoke',
            subject: sourceId,
            detail: { keys: put.map(({ id }) => id) },
            put,
            // Without keys it shall send nothing at all, signed or not.
            remove: keyId === null ? secretsOf(sourceId, now).map(({ id }) => ({ kind: 'secret' as const, id })) : [],
            result: undefined,
          }
        })
        publish({ personId: null, credentialId: sourceId })
      },

      endSecrets(who, sourceId) {
        return changeOf(who, () => {
          require(sourceId)
          const secrets = secretsOf(sourceId, clock.now())
          if (secrets.length === 0)
            throw new UxbridgeError('not-found', 'This source has no signing secret. Look at its page.')
          return {
            action: 'source.secret-end',
            subject: sourceId,
            remove: secrets.map(({ id }) => ({ kind: 'secret' as const, id })),
            result: undefined,
          }
        })
      },

      live: (sourceId) => keysOf(sourceId).some((record) => alive(record, clock.now())),
      secretsFor: (sourceId) => books.settingSecrets.get(sourceId)?.personal ?? {},
      onChange(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },

    ring: {
      signer(sourceId) {
        const source = books.sources.get(sourceId)
        const secrets = secretsOf(sourceId, clock.now()).flatMap(({ personal }) => personal?.secret ?? [])
        return source === undefined || secrets.length === 0 ? null : { source: view(source), secrets }
      },
      find(key, sourceId) {
        const held = key === null ? undefined : books.keys.byDigest(digestOf(key))
        const source = held && books.sources.get(held.doc.sourceId)
        if (held === undefined || source === undefined) return { ok: false, status: 401 }
        const now = clock.now()
        if (!alive(held, now)) return { ok: false, status: 403, sourceId: source.id }
        if (sourceId !== undefined && sourceId !== source.id) return { ok: false, status: 404, sourceId: source.id }
        usedAt.set(held.id, now)
        return { ok: true, source: view(source) }
      },
    },

    settle() {
      const rows: AnyRecord[] = []
      for (const [id, at] of usedAt) {
        const record = books.keys.get(id)
        if (record === undefined) usedAt.delete(id)
        else if (at - (record.doc.lastUsedAt ?? 0) >= minuteMs) rows.push(changed(record, { lastUsedAt: at }))
      }
      return rows
    },
  }
}
