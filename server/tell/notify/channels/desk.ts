import { UxbridgeError } from '#shared/errors.ts'
import { channelIdOf, channelIdSchema } from '#shared/notify/channels.ts'
import { readSettings, type Settings, withoutSecrets } from '#shared/source.ts'
import { DeliveryFailed } from '../port.ts'
import type { ChannelBook } from './book.ts'
import type { ChannelDesk, ChannelState } from './port.ts'
import type { ChannelRecord } from './rows.ts'
import type { Ready, SharedKind, Ways } from './ways/kind.ts'
import { fieldsOf, kindOf, kinds } from './ways/kinds.ts'
import { testMessage } from './ways/words.ts'

export interface DeskParts {
  book: ChannelBook
  ways: Ways
  clock: { now(): number }
  /** So many unpredictable bytes. */
  random(bytes: number): Uint8Array
  /** Where people reach us, without a slash at the end. */
  baseUrl(): string
}

type Fields = readonly { path: string; message: string }[]
const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

/** A signing secret in the form of Standard Webhooks: 256 random bits. */
const newSecret = (random: DeskParts['random']): string => `whsec_${Buffer.from(random(32)).toString('base64')}`

/** Secrets that count at `now`, newest first. */
export function readyOf({ settings, signing }: ChannelRecord, now: number): Ready {
  const living = signing.filter(({ endsAt }) => endsAt === null || now < endsAt)
  return { settings, signingSecrets: living.map(({ secret }) => secret) }
}

export function makeChannelDesk({ book, ways, clock, random, baseUrl }: DeskParts): ChannelDesk {
  function require(id: string): ChannelRecord {
    const record = book.get(id)
    if (record === undefined)
      throw new UxbridgeError('not-found', 'There is no such channel. Look in the list of channels.')
    return record
  }
  function known(record: Pick<ChannelRecord, 'kind'>): SharedKind {
    const found = kindOf(record.kind)
    if (found === undefined) throw new UxbridgeError('internal', `no channel is of kind ${record.kind}`)
    return found
  }
  function requireFree(what: 'id' | 'name', text: string, except?: string): void {
    const taken = book
      .all()
      .find((other) => other.id !== except && other[what].toLowerCase() === text.trim().toLowerCase())
    if (taken === undefined) return
    const words = what === 'id' ? `has the id ${taken.id}` : `is called "${taken.name}"`
    throw new UxbridgeError('name-taken', `A channel ${words} already. Choose another ${what}.`, { channel: taken.id })
  }
  /** @throws UxbridgeError `fields-invalid` */
  function settingsAfter(kind: SharedKind, before: Settings, given: Readonly<Record<string, unknown>>): Settings {
    const read = readSettings(fieldsOf(kind), { ...before, ...trimmed(given) })
    const faults = 'faults' in read ? read.faults : (kind.faultsOf?.(read.settings) ?? [])
    if (faults.length > 0) throw wrong(faults.map(({ path, message }) => ({ path: `settings.${path}`, message })))
    return 'settings' in read ? read.settings : {}
  }
  function view(record: ChannelRecord): ChannelState {
    const { id, kind, name, createdAt, settings, signing, paused } = record
    const fields = fieldsOf(known(record))
    const shown = withoutSecrets(fields, settings)
    const now = clock.now()
    const [newest, older] = signing
    const ends = older?.endsAt ?? null
    const { lastAt, lastFailure, ...counts } = book.deliveries(id)
    return {
      ...{ id, kind, name, createdAt: iso(createdAt), settings: shown },
      secretSettings: Object.keys(settings).filter((each) => !Object.hasOwn(shown, each)),
      signing:
        newest === undefined
          ? null
          : { setAt: iso(newest.createdAt), oldEndsAt: isoOrNull(ends !== null && now < ends ? ends : null) },
      paused: paused === null ? null : { ...paused, at: iso(paused.at) },
      deliveries: {
        ...counts,
        lastAt: isoOrNull(lastAt),
        lastFailure: lastFailure === null ? null : { ...lastFailure, at: iso(lastFailure.at) },
      },
    }
  }

  return {
    list: () =>
      book
        .all()
        .sort((a, b) => a.name.localeCompare(b.name, 'en'))
        .map(view),
    get(id) {
      const record = book.get(id)
      return record && view(record)
    },
    kinds: () =>
      kinds.map((kind) => ({
        ...{ kind: kind.kind, title: kind.title, says: kind.says, signs: kind.signs },
        settings: [...fieldsOf(kind)],
        ready: kind.missing?.(ways) ?? null,
      })),

    async add(who, wanted) {
      const added = await book.change(who, () => {
        const name = wanted.name.trim()
        const id = channelIdSchema.safeParse(wanted.id ?? channelIdOf(name))
        if (!id.success) throw wrong([{ path: 'id', message: id.error.issues[0]?.message ?? 'is wrong' }])
        requireFree('name', name)
        requireFree('id', id.data)
        const kind = known(wanted)
        const settings = settingsAfter(kind, {}, wanted.settings)
        const secret = kind.signs ? newSecret(random) : null
        const now = clock.now()
        const record: ChannelRecord = {
          ...{ id: id.data, kind: wanted.kind, name, createdAt: now, paused: null, settings },
          signing: secret === null ? [] : [{ secret, createdAt: now, endsAt: null }],
        }
        const detail = { kind: wanted.kind, inside: settings.inside === true }
        return { action: 'channel.add', subject: id.data, detail, put: record, result: { record, secret } }
      })
      return { channel: view(added.record), secret: added.secret }
    },

    async change(who, id, { name, settings: given = {}, paused, why = '' }) {
      const changed = await book.change(who, () => {
        const old = require(id)
        if (name !== undefined) requireFree('name', name, id)
        const settings = settingsAfter(known(old), old.settings, given)
        const pause = { at: clock.now(), by: who.by, why: why.trim() }
        const after: ChannelRecord = {
          ...old,
          name: name?.trim() ?? old.name,
          settings,
          paused: paused === undefined ? old.paused : paused ? (old.paused ?? pause) : null,
        }
        const detail = {
          changed: [...(name === undefined ? [] : ['name']), ...Object.keys(given)],
          ...(paused === undefined ? {} : { paused }),
          inside: settings.inside === true,
        }
        return { action: 'channel.change', subject: id, detail, put: after, result: after }
      })
      return view(changed)
    },

    async test(who, id) {
      const record = require(id)
      const began = clock.now()
      const message = testMessage(Buffer.from(random(12)).toString('hex'), began, `${baseUrl()}/channels`)
      const told = await known(record)
        .deliver(ways, readyOf(record, began), message, new AbortController().signal)
        .then(
          (answered) => ({
            ok: true,
            answered,
            says: 'The other side took it. Look whether it stands where people read it.',
          }),
          (error: unknown) => {
            if (!(error instanceof DeliveryFailed)) throw error
            return { ok: false, answered: error.answered, says: error.message }
          },
        )
      const { ok, answered } = told
      await book.change(who, () => ({ action: 'channel.test', subject: id, detail: { ok, answered }, result: null }))
      return { ...told, tookMs: Math.max(0, clock.now() - began) }
    },

    async rotate(who, id, oldEndsInMs) {
      const rotated = await book.change(who, () => {
        const old = require(id)
        if (!known(old).signs)
          throw wrong([{ path: 'id', message: 'Channels of this kind sign nothing, so there is no secret to change.' }])
        const now = clock.now()
        const secret = newSecret(random)
        // Two at most count: the new one, and the one before until it ends.
        const before = old.signing
          .slice(0, 1)
          .filter(({ endsAt }) => endsAt === null || now < endsAt)
          .map((each) => ({ ...each, endsAt: now + oldEndsInMs }))
        const record = { ...old, signing: [{ secret, createdAt: now, endsAt: null }, ...before] }
        return { action: 'channel.rotate', subject: id, put: record, result: { record, secret } }
      })
      return { channel: view(rotated.record), secret: rotated.secret }
    },

    remove: (who, id) =>
      book.change(who, () => {
        const { kind } = require(id)
        return { action: 'channel.remove', subject: id, detail: { kind }, remove: id, result: undefined }
      }),
  }
}

/** What is pasted comes with spaces and line breaks around it, and none of these settings has any. */
function trimmed(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, typeof value === 'string' ? value.trim() : value]),
  )
}

function wrong(fields: Fields): UxbridgeError {
  return new UxbridgeError('fields-invalid', `Correct this: ${fields.map(({ message }) => message).join('; ')}.`, {
    fields,
  })
}
