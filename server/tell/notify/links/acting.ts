import type { Actor } from '#shared/access.ts'
import { requireOwnWords } from '#shared/brief/own-words.ts'
import { type Clock, minuteMs } from '#shared/clocks.ts'
import { CommandRefused, UxbridgeError } from '#shared/errors.ts'
import type { Command } from '#shared/incident/commands.ts'
import type { Context } from '#shared/incident/context.ts'
import { decide, type SingleCommand } from '#shared/incident/decide.ts'
import { withNames } from '#shared/incident/guards.ts'
import { type RoleName, roleDefinitions, roleOf } from '#shared/incident/roles.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { ActAnswer, ActLook } from '#shared/notify/view.ts'
import type { Person } from '../../../access/port.ts'
import type { CommandRoom } from '../../../command/port.ts'
import type { Reader } from '../../../store/port.ts'
import type { LinkClaims, NotifyDesk } from '../port.ts'
import type { Links } from './links.ts'

export interface ActingParts {
  links: Links
  clock: Clock
  room: Pick<CommandRoom, 'command' | 'record' | 'sees'>
  read: Pick<Reader, 'answer' | 'incident'>
  incident(id: string): Incident | undefined
  person(id: string): Person | undefined
  /** How often everything that the person had open was ended. */
  epochOf(person: string): number
  nameOf(person: string): string
  isRestricted(incident: Incident): boolean
}

/** So many wrong links an address may show in a minute: a person mistypes none, and a guess is one of 2^256. */
const wrongPerMinute = 20

/**
 * What the links of messages do. Rule AL2: looking does nothing, so a scanner of mail that follows every link does nothing.
 * Rule AL3: it works once. Rule AL4: whoever is signed in as somebody else is refused. Rule AL5: what was made before the
 * person’s password was changed, or their sessions were ended, does nothing any more. Rule AL6: a restricted incident is its
 * number for whoever only has the link; signed in, the addressee sees what rule RS1 gives them, and one who may not see it is told
 * that it is not there.
 */
export function makeActing(parts: ActingParts): Pick<NotifyDesk, 'look' | 'act'> {
  const { links, clock, room, read } = parts
  const wrong = new Map<string, number>()
  let minute = 0

  function limited<T>(address: string | null, run: () => T): T {
    const now = Math.floor(clock.now() / minuteMs)
    if (now !== minute) {
      minute = now
      wrong.clear()
    }
    const from = address ?? 'local'
    const tries = wrong.get(from) ?? 0
    if (tries >= wrongPerMinute)
      throw new UxbridgeError('too-many-tries', 'Too many links that are none. Wait a minute, then try again.', {
        retryAfterS: 60,
      })
    try {
      return run()
    } catch (error) {
      wrong.set(from, tries + 1)
      throw error
    }
  }

  async function open(token: string, { identity, address }: Parameters<NotifyDesk['look']>[1]) {
    const claims = limited(address, () => links.read(token))
    const person = parts.person(claims.person)
    const other = identity?.actor.personId ?? null
    if (other !== null && other !== claims.person)
      throw new UxbridgeError(
        'link-not-yours',
        `You are signed in as ${parts.nameOf(other)}, and this link was made for ${parts.nameOf(claims.person)}. Sign out first if that is you; else leave it to them.`,
      )
    if (person === undefined || person.disabled)
      throw new UxbridgeError('link-spent', 'The person this link was made for is no longer here.')
    if (claims.epoch !== parts.epochOf(person.id))
      throw new UxbridgeError(
        'link-spent',
        'This link ended with a change of the password, or when all sessions were ended. Sign in and do it on the board.',
        { incident: claims.incidentId },
      )
    const actor: Actor = { id: `person:${person.id}`, personId: person.id, roles: person.roles }
    const incident = parts.incident(claims.incidentId) ?? (await read.incident(claims.incidentId))
    // In the same words, so that nothing tells one from the other.
    if (incident === null || !room.sees(actor, incident.id))
      throw new UxbridgeError('not-found', `There is no incident ${claims.incidentId}.`)
    const answer = await read.answer(actor.id, commandIdOf(claims))
    if (answer !== null)
      throw new UxbridgeError(
        'link-spent',
        `This link was used at ${new Date(answer.at).toISOString().slice(11, 16)} UTC and works once. Open ${claims.incidentId} on the board to see how it stands.`,
        { incident: claims.incidentId },
      )
    const numberOnly = parts.isRestricted(incident) && other === null
    return { claims, person, actor, incident, numberOnly }
  }

  const cannot = ({ action, incidentId }: LinkClaims) =>
    action === 'accept'
      ? `What is offered is read by whoever is signed in. Sign in, and accept ${incidentId} there.`
      : `This is no longer possible. Sign in to see how ${incidentId} stands.`

  function commandOf(claims: LinkClaims, incident: Incident, readBack: string): SingleCommand & Command {
    const id = commandIdOf(claims)
    if (claims.action === 'claim') return { id, type: 'claim' }
    if (claims.action === 'accept') {
      const { revision, role } = claims
      return { id, type: 'accept', revision, readBack, ...(role === null ? {} : { role }) }
    }
    return incident.owner === claims.person ? { id, type: 'confirm' } : { id, type: 'seen' }
  }

  /** Why it would be refused now; null: it would not. */
  function refusalOf(claims: LinkClaims, incident: Incident): string | null {
    try {
      decide(commandOf(claims, incident, '…'), incident, justAsking(clock.now(), claims.person))
      return null
    } catch (error) {
      if (error instanceof CommandRefused) return withNames(error.message, parts.nameOf)
      throw error
    }
  }

  return {
    async look(token, by) {
      const { claims, person, actor, incident, numberOnly } = await open(token, by)
      const { action } = claims
      const whose = { action, person: person.name, expiresAt: new Date(claims.expiresAt).toISOString() }
      const refused = refusalOf(claims, incident)
      if (numberOnly) {
        const hidden = { title: null, service: null, tier: null, phase: null, owner: null, openedAt: null }
        const because = refused === null && action !== 'accept' ? null : cannot(claims)
        return {
          ...whose,
          incident: { id: incident.id, ...hidden },
          ...{ numberOnly, offer: null, role: null, owns: false, refused: because },
        }
      }
      // Rule RS6: a look at what is restricted is in the audit before it is given.
      if (parts.isRestricted(incident))
        await room.record({
          ...{ by: actor.id, action: 'restricted.read', subject: incident.id, outcome: 'done' },
          ...{ detail: { link: claims.id }, address: by.address },
        })
      const offers = action === 'accept' && refused === null
      return {
        ...whose,
        incident: {
          id: incident.id,
          title: incident.title,
          service: incident.service,
          tier: incident.tier,
          phase: incident.phase,
          owner: incident.owner === null ? null : parts.nameOf(incident.owner),
          openedAt: new Date(incident.declaredAt).toISOString(),
        },
        numberOnly,
        offer: offers && claims.role === null ? offerOf(incident) : null,
        role: offers && claims.role !== null ? roleOffered(incident, claims.role) : null,
        owns: incident.owner === claims.person,
        refused,
      }
    },

    async act(token, readBack, by) {
      const { claims, actor, incident, numberOnly } = await open(token, by)
      // Asked before the command: a refusal of that is its answer, and would use the link up.
      if (numberOnly && claims.action === 'accept') throw new UxbridgeError('not-signed-in', cannot(claims))
      if (claims.action === 'accept' && readBack === undefined)
        throw new UxbridgeError('fields-invalid', 'Say the situation in your own words, in one line.', {
          fields: [{ path: 'readBack', message: 'say it in your own words' }],
        })
      if (claims.action === 'accept' && claims.role === null)
        requireOwnWords(readBack ?? '', incident.offer?.brief.situation ?? '')
      const command = commandOf(claims, incident, readBack ?? '')
      await room.command(actor, claims.incidentId, command, { address: by.address }).catch((error: unknown) => {
        // Its words name who was faster.
        throw numberOnly && error instanceof CommandRefused ? new CommandRefused(error.code, cannot(claims)) : error
      })
      await room.record({
        ...{ by: actor.id, action: `link.${claims.action}`, subject: claims.incidentId, outcome: 'done' },
        detail: { link: claims.id, command: command.type },
        address: by.address,
      })
      return { incidentId: claims.incidentId, did: didOf(command, claims.incidentId, numberOnly) }
    },
  }

  function offerOf({ offer }: Incident): ActLook['offer'] {
    if (offer === null) return null
    return {
      from: offer.from === null ? null : parts.nameOf(offer.from),
      deadline: new Date(offer.deadlineAt).toISOString(),
      brief: offer.brief,
      names: Object.fromEntries(
        offer.brief.actions.flatMap(({ owner }) => (owner === null ? [] : [[owner, parts.nameOf(owner)]])),
      ),
    }
  }

  function roleOffered(incident: Incident, role: RoleName): ActLook['role'] {
    const { offer } = roleOf(incident, role)
    if (offer === null) return null
    return {
      role,
      from: offer.from === null ? null : parts.nameOf(offer.from),
      deadline: new Date(offer.deadlineAt).toISOString(),
      note: offer.note,
    }
  }
}

const commandIdOf = ({ id }: LinkClaims): string => `link-${id}`

function didOf(command: SingleCommand, incidentId: string, numberOnly: boolean): ActAnswer['did'] {
  const { type } = command
  if (type === 'claim') return `You own ${incidentId} now.`
  if (type === 'accept' && command.role !== undefined)
    return `You are ${roleDefinitions[command.role].label.toLowerCase()} of ${incidentId} now.`
  if (type === 'accept') return `You accepted ${incidentId} and own it now.`
  if (numberOnly) return `Noted, for ${incidentId}.`
  if (type === 'confirm') return `Noted: you are on ${incidentId}.`
  return `Noted: you have seen ${incidentId}. You are not reminded of it; whoever does not own it can still claim it.`
}

/** What the acts of links need of the world: that somebody asks, and when. */
function justAsking(now: number, person: string): Context {
  return {
    now,
    by: `person:${person}`,
    commander: false,
    eligible: [],
    offerLimitMs: () => 0,
    nextUpdateMs: () => null,
  }
}
