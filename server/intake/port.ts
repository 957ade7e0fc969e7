import type { KeyObject } from 'node:crypto'
import type { Clock } from '#shared/clocks.ts'
import type { Event, Unreadable } from '#shared/event.ts'
import type { Mapping } from '#shared/mapping/language.ts'
import type { SettingFault, SettingField, Settings } from '#shared/source.ts'
import type { Watch } from '#shared/watch.ts'
import type { Source } from '../access/port.ts'

/** A request at an intake door after authentication: the exact bytes, decompressed, within limits. */
export interface RawRequest {
  body: Uint8Array
  contentType: string
  method: string
  /** What follows the door's own address, without slashes at its ends. Empty for most doors. Never holds a key. */
  path: string
  /** As it stands after the question mark, without it. */
  query: string
  /** Only those that the adapter asks for with `reads`, by name in small letters. */
  headers: Readonly<Record<string, string>>
  /** Settings of the source, as they were on receipt: those that the adapter names in `uses`. */
  settings: Settings
  /** How its body is mapped, where its source names a mapping; null: the policy has none of that name. */
  mapping?: Mapping | null
  /** Epoch ms at which we received it. Parsing depends on nothing else: the same entry always reads the same. */
  receivedAt: number
}

/** What a vendor's client must get back. */
export interface VendorAnswer {
  status: number
  headers?: Readonly<Record<string, string>>
  /** Undefined: an empty body. A string is sent as text, bytes as they are (`headers` say what they are), anything else as JSON. */
  body?: unknown
}

export interface Reading {
  events: readonly Event[]
  unreadable: readonly Unreadable[]
  /**
   * The number of each event's member in the request, where a member may say nothing and give no event. Absent: the events
   * have the numbers that the unreadable ones leave.
   */
  places?: readonly number[]
  /** Sent once the entry is durable. */
  answer: VendorAnswer
  /** False: the request says nothing to be kept (for example an empty array). */
  keep: boolean
}

/** What an adapter may ask of the world outside, where a vendor's proof needs it. Visits the vendor's own hosts only. */
export interface Outside {
  /**
   * The public key of the signing certificate at this address; null for an address that is not the vendor's.
   * @throws UxbridgeError `not-ready` when it cannot be had now: the sender is asked to come again
   */
  certificateKey(address: string): Promise<KeyObject | null>
  /**
   * Visits the address that confirms a subscription to this topic.
   * @returns false, and nothing is visited, for an address that is not the vendor's or is for something else
   * @throws UxbridgeError `not-ready` when it cannot be reached now
   */
  confirm(address: string, topic: string): Promise<boolean>
}

/** What the door hands to an adapter that proves with help from outside. */
export interface Proving {
  outside: Outside
  /** Topics that the source takes, by the vendor's full name of each; null = any that its key is used for. */
  topics: readonly string[] | null
}

/** Where a source's requests come in. */
export type DoorName =
  | 'alerts-v2'
  | 'intake'
  | 'pagerduty-enqueue'
  | 'pagerduty-change'
  | 'opsgenie'
  | 'otlp-logs'
  | 'listener'
  | 'ping'

/**
 * One kind of sender at one door: verify → parse → events. Adding a source kind is one adapter file, its fixtures and
 * test, and one line in `adapters.ts`.
 */
export interface Adapter {
  /** `<kind>/<door>`; written into the log, so it must never change its meaning. */
  id: string
  door: DoorName
  maxBytes: number
  /** Media types this adapter reads; null = any. */
  mediaTypes: readonly string[] | null
  /**
   * Headers that reading or proving a request depends on, in small letters; `ce-*` = all that begin with `ce-`. They are
   * logged with it.
   */
  reads?: readonly string[]
  /** Settings of the source that reading depends on, by name; `name` is what the source is called. They are logged with each request, so use few. */
  uses?: readonly string[]
  /** Adds to settings that only name something what the name means now, such as the policy it stands in. */
  pin?(settings: Settings): Settings
  /**
   * Answers OPTIONS, where the vendor asks before it sends. Only somebody with the key is answered.
   * @param headers those of `reads`
   */
  handshake?(headers: Readonly<Record<string, string>>): VendorAnswer
  /**
   * Proves that a request without a key comes from who it says, by a signature over its bytes.
   * @param secret one that the source and we share; with two during rotation it is asked for each
   * @param now epoch ms, for the window in which a signature counts
   * @returns null when it is genuine, else why not
   */
  verify?(request: RawRequest, secret: string, now: number): string | null
  /**
   * Proves every request, with or without a key, where the proof needs something from outside.
   * @returns null when it is genuine, else why not
   * @throws UxbridgeError `not-ready`: it cannot be told now
   */
  prove?(request: RawRequest, proving: Proving): Promise<string | null>
  /**
   * What a proven request asks for besides being kept, done once it is durable and before it is answered.
   * @returns null when it was done, or there was nothing to do; else why not
   */
  follow?(request: RawRequest, proving: Proving): Promise<string | null>
  /** Pure. Never throws for bad input: what cannot be read is `unreadable`, with an answer in the vendor's shape. */
  parse(request: RawRequest): Reading
  /**
   * The body of an error in the shape this vendor's clients expect.
   * @param contentType of the request, for those that must be answered in the encoding they used
   */
  refuse(status: number, message: string, contentType?: string): VendorAnswer
}

export interface SourceKind {
  kind: string
  title: string
  /** The same condition from two sources of one group is one alert (a highly available Prometheus pair). */
  defaultGroup: 'source' | 'alertmanager'
  keyFormat: 'bearer' | 'routing-key' | 'uuid'
  /**
   * A secret for signatures besides the key: `ours` = we make it and the vendor's settings take it, `theirs` = the
   * vendor makes it and a person brings it here. Absent: this kind does not sign.
   */
  signs?: 'ours' | 'theirs'
  /** What is wrong with a secret that a person brings, in words for them; null when nothing is. Without: any will do. */
  secretFault?(secret: string): string | null
  /** What can be set for a source of this kind, besides `commonSettings`: a form on its page, checked where it is given. */
  settings?: readonly SettingField[]
  /** Settings that are right one by one, and not together. */
  faultsOf?(settings: Settings): SettingFault[]
  /** What is expected of a source, where its kind has a schedule of its own. */
  watch?(source: Pick<Source, 'name' | 'defaultSeverity' | 'settings'>): Watch
  /**
   * Opens a door of the source's own that is no HTTP: a port that it sends to, or a broker that it is fetched from. Absent
   * for most kinds. Called again when its settings change.
   * @throws Error when it cannot be opened now; it is tried again
   */
  listen?(at: ListenAt): Promise<Listener>
  adapters: readonly Adapter[]
  /** What its senders say for a trial, to be sent from the source's page; without one, a test says only that it is one. */
  sample?: Sample
  /** Ready-to-paste configuration. */
  connect(where: {
    baseUrl: string
    key: string
    sourceId: string
    /** The signing secret, where the kind has one of ours. */
    secret: string | null
    /** Values of its settings, without secret ones. */
    settings: Settings
  }): { title: string; language: 'yaml' | 'shell' | 'json' | 'text'; text: string }[]
}

/** A request as senders of a kind make it. It says in its title that it is a test, and names nobody. */
export interface Sample {
  /** Without: `intake`. */
  door?: DoorName
  /** Without: `application/json`. */
  contentType?: string
  headers?: Readonly<Record<string, string>>
  body: string
}

/** What a kind gets to open its own door. */
export interface ListenAt {
  sourceId: string
  settings: Settings
  /** Values of its secret settings, by name. */
  secrets: Readonly<Record<string, string>>
  /**
   * Takes in one request; it is durable once this resolves. `contentType` and what `reads` names may be given.
   * @throws UxbridgeError `overloaded`, `store-full`, `not-ready`, `rate-exceeded`: it was not kept; take in no more for a while
   */
  take(body: Uint8Array, more?: { contentType?: string; headers?: Readonly<Record<string, string>> }): Promise<void>
  clock: Clock
  /** Calls back once, later. @returns a function that calls it off */
  after(ms: number, work: () => void): () => void
  /** Largest body that is taken in. */
  maxBytes: number
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void }
}

/** An open door of a source's own. */
export interface Listener {
  /** For the source's page: whether it works, and in words what it does, or what a person can do about it. */
  state(): { ok: boolean; says: string }
  /**
   * Resolves when nothing more is taken in and what was is durable or refused.
   * @param next the settings with which it is opened again at once; null = never again. Without: the server stops, and what
   * can wait for it elsewhere should
   */
  close(next?: Settings | null): Promise<void>
}

/** How much one source may send at a door. */
export interface SourceLimit {
  /** Requests per second, over time. */
  perSecond: number
  /** Requests at once before the rate counts. */
  burst: number
  /** Largest body in bytes, before and after decompression; an adapter's own limit may be lower. */
  maxBytes: number
}
