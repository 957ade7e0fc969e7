import type { Action, Actor, PersonRole, Role, Scope } from '#shared/access.ts'
import type { Severity } from '#shared/event.ts'
import type { Settings } from '#shared/source.ts'

export interface Person {
  id: string
  name: string
  email: string | null
  roles: readonly PersonRole[]
  disabled: boolean
  invited: boolean
}

export interface Source {
  id: string
  kind: string
  name: string
  /** Key scope of its alerts: sources with the same group are one voice. */
  group: string
  defaultSeverity: Severity | null
  /** What was set of `commonSettings` and of its kind’s; secret ones are apart (`secretsFor`). */
  settings: Settings
  createdAt: number
}

/** A signed-in identity at a door. */
export interface Identity {
  actor: Actor
  /** Session or token id; what is revoked to end it. */
  credentialId: string
  via: 'session' | 'token' | 'local'
}

/**
 * Called when rights change or end; sockets are judged again at once. With a `credentialId` only that session or token
 * is meant, with a `personId` alone everything of that person; both `null` = everybody.
 */
export type RightsListener = (change: { personId: string | null; credentialId: string | null }) => void

/** Who asks for a change and from where: what the audit says of it. */
export interface Doer {
  /** Actor id: `person:<id>`, `token:<id>`, `system:ops`. */
  by: string
  address: string | null
}

/** A one-time link, shown once. The address of the page is `<base>/<page>#<token>`: a fragment reaches no log. */
export interface FreshLink {
  token: string
  expiresAt: number
}

/** Where a one-time link leads, to show before it is used. */
export interface LinkView {
  purpose: 'invitation' | 'reset'
  name: string
  email: string
  expiresAt: number
}

/** A session just begun: the cookie to set, and who it is. */
export interface FreshSession {
  cookie: string
  identity: Identity
}

export interface SessionView {
  id: string
  createdAt: number
  lastSeenAt: number
  expiresAt: number
  address: string | null
  agent: string
}

export interface KeyView {
  id: string
  prefix: string
  createdAt: number
  lastUsedAt: number | null
  /** Set while it is being rotated out: it stops working then. */
  endsAt: number | null
  revokedAt: number | null
}

export interface TokenView {
  id: string
  name: string
  prefix: string
  /** The person it acts as, or null for a machine with a role or scopes of its own. */
  personId: string | null
  role: Role | null
  scopes: readonly Scope[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
  revokedAt: number | null
}

/** What the sign-in knows of the browser. */
export interface Browser {
  address: string | null
  agent: string
}

/** People. Every change is durable and audited when its promise resolves. */
export interface PeopleDesk {
  get(personId: string): Person | undefined
  byEmail(email: string): Person | undefined
  list(): Person[]
  exists(personId: string): boolean
  /** Active, and with a role that may own an incident. */
  mayRespond(personId: string): boolean
  /** Active, and with a role that speaks for the house: who may be communications, scribe or liaison. */
  maySpeak(personId: string): boolean
  /** Active people who may command. */
  commanders(): string[]
  /**
   * How often everything that the person had open was ended: by a new password, by `endSessions`, or because they were
   * disabled. What was made for them under another number, such as a link that acts, counts no more.
   */
  epochOf(personId: string): number
  /** Teams of the active policy that name the person. */
  teamsOf(personId: string): string[]
  /**
   * A new person and the link with which they choose a password.
   * @throws UxbridgeError `name-taken` for an address that somebody has
   */
  invite(
    who: Doer,
    person: { name: string; email: string; roles: readonly PersonRole[] },
  ): Promise<{ person: Person; link: FreshLink }>
  /** A new person who can sign in at once: for the ops command line. @throws UxbridgeError `name-taken`, `fields-invalid` */
  add(
    who: Doer,
    person: { name: string; email: string; roles: readonly PersonRole[]; password: string },
  ): Promise<Person>
  /** @throws UxbridgeError `not-found`, `name-taken`, `last-administrator` */
  change(
    who: Doer,
    personId: string,
    change: {
      name?: string | undefined
      email?: string | undefined
      roles?: readonly PersonRole[] | undefined
      disabled?: boolean | undefined
    },
  ): Promise<Person>
  /** Ends all sessions of the person, and the links of messages that act for them. API tokens stay. @throws UxbridgeError `not-found` */
  endSessions(who: Doer, personId: string): Promise<void>
  /** A link to choose a new password, or, for somebody who never used theirs, a new invitation. @throws UxbridgeError `not-found` */
  resetLink(who: Doer, personId: string): Promise<FreshLink>
}

export interface SessionDesk {
  /** @throws UxbridgeError `credentials-wrong`, `too-many-tries` */
  signIn(email: string, password: string, browser: Browser): Promise<FreshSession>
  /** Ends the session. @returns the cookie that clears the browser's */
  signOut(who: Doer, identity: Identity): Promise<string>
  /** Live ones of a person, newest first. */
  list(personId: string): SessionView[]
  /** @throws UxbridgeError `not-found` when it is not this person's */
  end(who: Doer, personId: string, sessionId: string): Promise<void>
  /** Ends the person's other sessions. @throws UxbridgeError `credentials-wrong`, `too-many-tries`, `fields-invalid` */
  changePassword(who: Doer, identity: Identity, passwords: { current: string; next: string }): Promise<void>
}

export interface LinkDesk {
  /** Whether nobody can administer Uxbridge yet. */
  setupNeeded(): boolean
  /** A new link for the first administrator, which ends the one before; null when there is one already. */
  issueSetup(): Promise<FreshLink | null>
  /** @throws UxbridgeError `link-spent` */
  look(token: string): LinkView
  /** Makes the first administrator, who also commands. @throws UxbridgeError `link-spent`, `fields-invalid` */
  acceptSetup(
    token: string,
    person: { name: string; email: string; password: string },
    browser: Browser,
  ): Promise<FreshSession>
  /** Sets the password; ends every other session of the person. @throws UxbridgeError `link-spent`, `fields-invalid` */
  accept(
    token: string,
    choice: { name?: string | undefined; password: string },
    browser: Browser,
  ): Promise<FreshSession>
}

export interface SourceDesk {
  get(sourceId: string): Source | undefined
  list(): Source[]
  keysOf(sourceId: string): KeyView[]
  /** @throws UxbridgeError `name-taken`, `fields-invalid` for an unknown kind */
  add(
    who: Doer,
    source: {
      kind: string
      name: string
      defaultSeverity?: Severity | null | undefined
      settings?: Readonly<Record<string, unknown>> | undefined
      /** It is of exercises, for ever: its id says so (`isOfDrill`). */
      drill?: boolean
    },
  ): Promise<{ source: Source; key: string; secret: string | null }>
  /**
   * Settings that are not named stay; one that is null goes.
   * @throws UxbridgeError `not-found`, `name-taken`, `fields-invalid` with the path of each wrong setting
   */
  change(
    who: Doer,
    sourceId: string,
    change: {
      name?: string | undefined
      defaultSeverity?: Severity | null | undefined
      settings?: Readonly<Record<string, unknown>> | undefined
    },
  ): Promise<Source>
  /**
   * A second key. The one before works for `oldEndsInMs` more; any older one ends now: never more than two are alive.
   * @throws UxbridgeError `not-found`
   */
  rotate(who: Doer, sourceId: string, oldEndsInMs: number): Promise<{ source: Source; key: string }>
  /**
   * Gives the source a signing secret: the vendor's, or a new one of ours. The one before counts for `oldEndsInMs` more.
   * @returns the secret, where it is ours and new; null where it was brought
   * @throws UxbridgeError `not-found`; `fields-invalid` for a kind that does not sign, or whose secret is the vendor's
   */
  setSecret(who: Doer, sourceId: string, brought: string | null, oldEndsInMs: number): Promise<string | null>
  /** When the newest signing secret was set; null where there is none. */
  secretSetAt(sourceId: string): number | null
  /** One key; or, with null, all of the source's and its signing secrets: it can send nothing any more. @throws UxbridgeError `not-found` */
  revoke(who: Doer, sourceId: string, keyId: string | null): Promise<void>
  /** Ends all signing secrets at once. @throws UxbridgeError `not-found` when there is none */
  endSecrets(who: Doer, sourceId: string): Promise<void>
  /** Whether a key of it works now. */
  live(sourceId: string): boolean
  /** Its secret settings, by name, for opening its door. */
  secretsFor(sourceId: string): Readonly<Record<string, string>>
  /** Called after each change of a source, its keys or settings, once it is durable. @returns a function that stops it */
  onChange(listener: (sourceId: string) => void): () => void
}

export interface TokenDesk {
  /** Of one person, or all. */
  list(personId: string | null): TokenView[]
  /** For a person, or for a machine with a role, scopes or both. @throws UxbridgeError `not-found`, `fields-invalid` */
  create(
    who: Doer,
    token: {
      name: string
      personId: string | null
      role: Role | null
      scopes?: readonly Scope[]
      expiresAt: number | null
    },
  ): Promise<{ view: TokenView; token: string }>
  /** @param ownerId whose it must be; null = anybody's. @throws UxbridgeError `not-found` */
  revoke(who: Doer, tokenId: string, ownerId: string | null): Promise<void>
}

/** What a source's key opens, or why it does not. */
export type KeyFinding =
  | { ok: true; source: Source }
  /** 401: nobody has such a key. 403: it was valid once. 404: it belongs to another source than the address names. */
  | {
      ok: false
      status: 401 | 403 | 404
      /** Whose key it is or was, where it is somebody's. */
      sourceId?: string
    }

/** Synchronous and cheap: asked once for each request at an intake door. */
export interface KeyRing {
  /** The source and the secrets that its signatures may be made with; null when there is no such source, or it has none. */
  signer(sourceId: string): { source: Source; secrets: readonly string[] } | null

  /** @param sourceId what the address names, where it names one */
  find(key: string | null, sourceId?: string): KeyFinding
}

/** Who you are, what you may do, what is remembered about people. */
export interface Access {
  /** Who sends these headers: a token (bearer, or the password of HTTP basic), else the session cookie. Null: nobody we know. */
  identify(headers: { authorization?: string | undefined; cookie?: string | undefined }): Identity | null
  /** Who opens a socket: `auth.token`, else the session cookie. */
  identifySocket(handshake: { token?: unknown; cookie?: string | undefined }): Identity | null
  /**
   * The same identity with the rights it has now; null when its session or token has ended.
   * @param seen true when the person just did something, which keeps a session from ending for idleness
   */
  renew(identity: Identity, seen?: boolean): Identity | null
  /** Name of a person, or a stable stand-in for one who is unknown or was erased. */
  nameOf(personId: string): string
  /** Name of whoever acts: person, token, source or the server itself. */
  actorName(actorId: string): string
  people: PeopleDesk
  sessions: SessionDesk
  links: LinkDesk
  sources: SourceDesk
  tokens: TokenDesk
  keys: KeyRing
  /** @returns a function that stops the listening */
  onRights(listener: RightsListener): () => void
  /** Writes when sessions, keys and tokens were last used, and forgets what has expired. Called about once a minute. */
  flush(): Promise<void>
}

export type { Action, Actor }
