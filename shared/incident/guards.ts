import { CommandRefused } from '../errors.ts'
import type { Context } from './context.ts'
import { type Incident, isOpen } from './state.ts'

/** A person's name is filled in where the message is shown: facts and answers hold ids only. */
export function mention(personId: string): string {
  return `⟨${personId}⟩`
}

/** Replaces each mention by a name. */
export function withNames(text: string, nameOf: (personId: string) => string): string {
  return text.replaceAll(/⟨([^⟩]*)⟩/g, (_, id: string) => nameOf(id))
}

export function alreadyOwned(incident: Incident, me: string | null): CommandRefused {
  const since = incident.chain.at(-1)?.from ?? incident.declaredAt
  const owner = incident.owner ?? ''
  const message =
    owner === me
      ? `You own ${incident.id} already, since ${clockTime(since)}.`
      : `${mention(owner)} owns ${incident.id} since ${clockTime(since)}. You can assist, or ask for relief.`
  return new CommandRefused('already-owned', message, {
    owner,
    since: iso(since),
    instead: owner === me ? [] : ['assist', 'ask-relief'],
  })
}

export function requireRevision(command: { revision?: number | undefined }, incident: Incident): void {
  if (command.revision !== undefined && command.revision !== incident.revision)
    throw new CommandRefused(
      'revision-stale',
      `${incident.id} changed since you read it. Look again, then repeat the command.`,
      {
        revision: incident.revision,
      },
    )
}

export function requireOpen(incident: Incident, doing: string): void {
  requireUnmerged(incident)
  if (!isOpen(incident.phase))
    throw new CommandRefused('phase-forbids', `It is ${incident.phase}: to ${doing}, reopen it first.`)
}

/** What was merged is not reopened: its alerts are elsewhere. */
function requireUnmerged({ merged }: Incident): void {
  if (merged !== undefined)
    throw new CommandRefused(
      'phase-forbids',
      `It was merged into ${merged.into}: work on that one, or take the merge back.`,
    )
}

export function requireNotEnded(incident: Incident, doing: string): void {
  requireUnmerged(incident)
  if (incident.phase === 'merged' || incident.phase === 'closed' || incident.phase === 'dismissed')
    throw new CommandRefused('phase-forbids', `It is ${incident.phase}: to ${doing}, reopen it first.`)
}

export function requireOwned(incident: Incident): string {
  if (incident.owner === null) throw new CommandRefused('nobody-owns', 'Nobody owns it. Claim it instead.')
  return incident.owner
}

export function requireOwner(incident: Incident, me: string | null, doing: string): void {
  if (requireOwned(incident) !== me)
    throw new CommandRefused('not-owner', `Only the owner, ${mention(incident.owner ?? '')}, may ${doing}.`, {
      owner: incident.owner,
    })
}

export function requireOwnerOrCommander(incident: Incident, context: Context, doing: string): void {
  if (context.commander || (incident.owner !== null && context.by === `person:${incident.owner}`)) return
  throw new CommandRefused(
    'not-owner',
    incident.owner === null
      ? `Nobody owns it: claim it first, then ${doing}.`
      : `Only the owner, ${mention(incident.owner)}, or a commander may ${doing}.`,
    {
      owner: incident.owner,
    },
  )
}

export function requireOffer(incident: Incident) {
  if (incident.offer === null)
    throw new CommandRefused('no-open-offer', `No offer is open. ${stillWith(incident)}`, { owner: incident.owner })
  return incident.offer
}

export function requireEligible(eligible: readonly string[], me: string | null, doing: string): void {
  if (me === null || !eligible.includes(me))
    throw new CommandRefused('not-offered-to-you', `The offer names somebody else, so you cannot ${doing} it.`)
}

export function requireMe(me: string | null): string {
  if (me === null) throw new CommandRefused('not-allowed', 'Only a person can do this.')
  return me
}

export function stillWith(incident: Incident): string {
  return incident.owner === null ? 'Nobody owns it yet.' : `${mention(incident.owner)} still owns it.`
}

export function targetName(to: string): string {
  return to.startsWith('team:') ? `team ${to.slice('team:'.length)}` : mention(to)
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

export function clockTime(at: number): string {
  return `${iso(at).slice(11, 19)} UTC`
}
