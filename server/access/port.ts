import type { Action, Actor, PersonRole } from '#shared/access.ts'
import type { Severity } from '#shared/event.ts'

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
  createdAt: number
}

/** A signed-in identity at a door. */
export interface Identity {
  actor: Actor
  /** Session or token id; what is revoked to end it. */
  credentialId: string
  via: 'session' | 'token' | 'local'
}

/** Called when rights change or end; sockets are judged again at once. `null` = everybody. */
export type RightsListener = (change: { personId: string | null; credentialId: string | null }) => void

export type { Action, Actor }
