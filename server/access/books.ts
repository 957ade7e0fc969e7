import type { Clock } from '#shared/clocks.ts'
import type { SettingsChange } from '../command/port.ts'
import type { SettingRow, StoredSetting } from '../store/port.ts'
import type { Doer, RightsListener } from './port.ts'
import { type AccessRecord, type AnyRecord, fromRow, type RecordKind, toRow } from './records.ts'
import type { Random } from './secrets.ts'

/** What every desk of this room works with. */
export interface Office {
  books: Books
  clock: Clock
  random: Random
  /** Tells all who listen that rights changed. */
  publish: RightsListener
}

/** The records of one kind. Those with a digest are also found by it. */
export class Book<K extends RecordKind> {
  readonly kind: K
  readonly #byId = new Map<string, AccessRecord<K>>()
  readonly #byDigest = new Map<string, AccessRecord<K>>()
  constructor(kind: K) {
    this.kind = kind
  }
  get(id: string): AccessRecord<K> | undefined {
    return this.#byId.get(id)
  }
  byDigest(digest: string): AccessRecord<K> | undefined {
    return this.#byDigest.get(digest)
  }
  all(): MapIterator<AccessRecord<K>> {
    return this.#byId.values()
  }
  put(record: AccessRecord<K>): void {
    this.#byId.set(record.id, record)
    if ('digest' in record.doc) this.#byDigest.set(record.doc.digest, record)
  }
  remove(id: string): void {
    const record = this.#byId.get(id)
    if (record === undefined) return
    this.#byId.delete(id)
    if ('digest' in record.doc) this.#byDigest.delete(record.doc.digest)
  }
}

/** What a change is to do: what is written, and what the audit says of it. */
export interface Plan<T> {
  action: string
  subject: string
  detail?: Record<string, unknown>
  put?: readonly AnyRecord[]
  remove?: readonly { kind: RecordKind; id: string }[]
  result: T
}

export interface BooksParts {
  initial: readonly StoredSetting[]
  record(change: SettingsChange): Promise<void>
  /** Makes rows durable without an entry in the audit: when something was last used. */
  keep(change: { put: readonly SettingRow[]; remove: readonly { kind: string; id: string }[] }): Promise<void>
}

/**
 * All settings of this room, in memory. A change is planned on what is durable, written together with its audit entry,
 * and only then seen by anybody. Rule S1: changes are made one after another, so that two of them can neither both use a one-time
 * link nor both take away the last administrator.
 */
export class Books {
  readonly people = new Book('person')
  readonly credentials = new Book('credential')
  readonly sessions = new Book('session')
  readonly links = new Book('link')
  readonly sources = new Book('source')
  readonly keys = new Book('key')
  readonly secrets = new Book('secret')
  readonly settingSecrets = new Book('setting-secrets')
  readonly tokens = new Book('token')
  readonly #parts: BooksParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: BooksParts) {
    this.#parts = parts
    for (const row of parts.initial) {
      const record = fromRow(row)
      if (record !== null) this.#put(record)
    }
  }

  /** @param plan looks at the books and says what to write; what it throws is the answer and nothing is written */
  change<T>(who: Doer, plan: () => Plan<T>): Promise<T> {
    return this.#next(async () => {
      const { action, subject, detail, put = [], remove = [], result } = plan()
      await this.#parts.record({
        by: who.by,
        action,
        subject,
        outcome: 'done',
        ...(detail === undefined ? {} : { detail }),
        address: who.address,
        put: put.map(toRow),
        remove,
      })
      this.#apply(put, remove)
      return result
    })
  }

  /** Writes and forgets without an audit entry. */
  keep(plan: () => { put: readonly AnyRecord[]; remove: readonly { kind: RecordKind; id: string }[] }): Promise<void> {
    return this.#next(async () => {
      const { put, remove } = plan()
      if (put.length === 0 && remove.length === 0) return
      await this.#parts.keep({ put: put.map(toRow), remove })
      this.#apply(put, remove)
    })
  }

  /** Says in the audit that something was refused. */
  refused(who: Doer, action: string, subject: string, detail: Record<string, unknown>): Promise<void> {
    return this.#parts.record({ by: who.by, action, subject, outcome: 'refused', detail, address: who.address })
  }

  #next<T>(run: () => Promise<T>): Promise<T> {
    const answer = this.#last.then(run)
    // The next change waits for this one, whatever became of it; who asked for it hears of its failure.
    this.#last = answer.catch(() => undefined)
    return answer
  }

  #apply(put: readonly AnyRecord[], remove: readonly { kind: RecordKind; id: string }[]): void {
    for (const record of put) this.#put(record)
    for (const { kind, id } of remove) this.#book(kind).remove(id)
  }

  #put(record: AnyRecord): void {
    this.#book(record.kind).put(record)
  }

  #book<K extends RecordKind>(kind: K): Book<K> {
    const books = {
      person: this.people,
      credential: this.credentials,
      session: this.sessions,
      link: this.links,
      source: this.sources,
      key: this.keys,
      secret: this.secrets,
      'setting-secrets': this.settingSecrets,
      token: this.tokens,
    }
    return books[kind] as unknown as Book<K>
  }
}
