/**
 * Who may do what. One table, used by the server to decide and by the client only to show or hide.
 * Rule A1: every HTTP route and every socket event declares one of these actions.
 */
export const roles = [
  'wall',
  'viewer',
  'reporter',
  'responder',
  'communications',
  'commander',
  'privacy',
  'auditor',
  'administrator',
  'source',
  'api',
] as const
export type Role = (typeof roles)[number]

/** Roles that a person can be given; the others belong to machines. */
export const personRoles = [
  'viewer',
  'reporter',
  'responder',
  'communications',
  'commander',
  'privacy',
  'auditor',
  'administrator',
] as const satisfies readonly Role[]
export type PersonRole = (typeof personRoles)[number]

export const actions = [
  'public', // needs no identity: health, sign-in, the board's own files
  'picture.read',
  'wall.read',
  'incident.read',
  'incident.declare',
  'report.make', // the service desk's form
  'incident.respond', // claim, accept, decline, offer what is mine, note, assist …
  'incident.speak', // situation updates
  'incident.command', // allot, re-grade, take over
  'clock.manage', // start and stop legal clocks
  'restricted.read', // restricted incidents that one has no part in
  'evidence.read', // files of an incident, and what payloads of alerts say
  'silence.read',
  'silence.manage', // make, change and end silences
  'alert.read', // all alerts as Alertmanager's API shows them
  'ledger.read',
  'event.write', // sources
  'source.read',
  'source.manage',
  'lost.read', // what could not be read, with the reason
  'lost.settle', // try it again, or discard it
  'lost.bytes', // the request as it came: raw data of senders
  'person.names', // display names, needed to read a board
  'person.manage',
  'token.manage', // one's own API tokens and sessions, and how one is told
  'channel.read', // shared channels of notification
  'channel.manage',
  'drill.manage', // begin and stop exercises
  'rota.read',
  'rota.swap', // offer and accept parts of one's own shifts
  'rota.override', // put in oneself; anybody only with rota.manage
  'rota.manage', // put in anybody, import calendars
  'policy.read',
  'policy.reload',
  'policy.try', // another policy on the past
  'policy.change', // write the policy file
  'audit.read',
  'metrics.read',
] as const
export type Action = (typeof actions)[number]

const reading = [
  'picture.read',
  'wall.read',
  'incident.read',
  'silence.read',
  'alert.read',
  'ledger.read',
  'person.names',
  'token.manage',
  'rota.read',
] as const
const responding = [
  ...reading,
  'source.read',
  'lost.read',
  'silence.manage',
  'incident.declare',
  'report.make',
  'incident.respond',
  'incident.speak',
  'clock.manage',
  'evidence.read',
  'rota.swap',
  'rota.override',
] as const

const table: Readonly<Record<Role, readonly Action[]>> = {
  wall: ['wall.read'],
  viewer: reading,
  reporter: [...reading, 'incident.declare', 'report.make'],
  responder: responding,
  communications: [...reading, 'evidence.read', 'incident.speak', 'incident.declare', 'report.make'],
  commander: [
    ...responding,
    'incident.command',
    'restricted.read',
    'drill.manage',
    'lost.settle',
    'policy.read',
    'policy.try',
    'rota.manage',
  ],
  privacy: [...reading, 'clock.manage', 'evidence.read', 'lost.read', 'lost.bytes', 'audit.read'],
  auditor: [...reading, 'evidence.read', 'audit.read', 'policy.read'],
  // An administrator runs the place; being one does not make a commander, a privacy officer or an auditor.
  administrator: [
    ...reading,
    'source.read',
    'source.manage',
    'lost.read',
    'lost.settle',
    'lost.bytes',
    'silence.manage',
    'person.manage',
    'channel.read',
    'channel.manage',
    'drill.manage',
    'rota.override',
    'rota.manage',
    'policy.read',
    'policy.reload',
    'policy.try',
    'policy.change',
    'metrics.read',
  ],
  source: ['event.write'],
  api: [...reading, 'metrics.read'],
}

/** What a machine's token may be made for, besides or in place of a role. */
export const scopes = ['alerts', 'silences'] as const
export type Scope = (typeof scopes)[number]

const seeing = ['alert.read', 'silence.read', 'metrics.read'] as const
const scopeTable: Readonly<Record<Scope, readonly Action[]>> = {
  /** Clients of Alertmanager's API that look: karma, `amtool alert query`. They read its version from our metrics. */
  alerts: seeing,
  silences: [...seeing, 'silence.manage'],
}

/** Who acts: a person, a source, a machine's token, or the server itself. */
export interface Actor {
  /** `person:<id>`, `token:<id>`, `source:<id>`, `wall:<id>`, `system:filter`, `system:clock`. */
  id: string
  /** Set for people and for tokens that act as a person. */
  personId: string | null
  roles: readonly Role[]
  /** Of a machine's token. */
  scopes?: readonly Scope[]
}

/** Whether one of the actor's roles or scopes includes the action. `public` is for everybody. */
export function can(actor: Pick<Actor, 'roles' | 'scopes'> | null, action: Action): boolean {
  if (action === 'public') return true
  if (actor === null) return false
  return (
    actor.roles.some((role) => table[role].includes(action)) ||
    (actor.scopes?.some((scope) => scopeTable[scope].includes(action)) ?? false)
  )
}

/** The actions an actor has, for showing and hiding. */
export function actionsOf(actor: Pick<Actor, 'roles' | 'scopes'>): Action[] {
  return actions.filter((action) => can(actor, action))
}

export const filterActor: Actor = { id: 'system:filter', personId: null, roles: [] }
export const clockActor: Actor = { id: 'system:clock', personId: null, roles: [] }
export const notifyActor: Actor = { id: 'system:notify', personId: null, roles: [] }
