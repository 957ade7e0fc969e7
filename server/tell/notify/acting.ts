import type { Actor } from '#shared/access.ts'
import { requireOwnWords } from '#shared/brief/own-words.ts'
import { type Clock, minuteMs } from '#shared/clocks.ts'
import { CommandRefused, UxbridgeError } from '#shared/errors.ts'
import type { Command } from '#shared/incident/commands.ts'
import type { Context } from '#shared/incident/context.ts'
import { decide, type SingleCommand } from '#shared/incident/decide.ts'
import { withNames } from '#shared/incident/guards.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { ActAnswer } from '#shared/notify/view.ts'
import type { Person } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { Reader } from '../../store/port.ts'
import type { Links } from './links.ts'
import type { LinkClaims, NotifyDesk } from './port.ts'

export interface ActingParts {
  links: Links
  clock: Clock
  room: Pick<CommandRoom, 'command' | 'record'>
  read: Pick<Reader, 'answer' | 'incident'>
  incident(id: string): Incident | undefined
  person(id: string): Person | undefined
  nameOf(person: string): string
  isRestricted(incident: Incident): boolean
}

/** So many wrong links an address may show in a minute: a person mistypes none, and a guess is one of 2^256. */
const wrongPerMinute = 20

/**
 * What the links of messages do. Rule AL2: looking does nothing, so a scanner of mail that follows every link does nothing.
 * Rule AL3: it works once. Rule AL4: whoever is signed in as somebody else is refused.
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
    const actor: Actor = { id: `person:${person.id}`, personId: person.id, roles: person.roles }
    const answer = await read.answer(actor.id, commandIdOf(claims))
    if (answer !== null)
      throw new UxbridgeError(
        'link-spent',
        `This link was used at ${new Date(answer.at).toISOString().slice(11, 16)} UTC and works once. Open ${claims.incidentId} on the board to see how it stands.`,
        { incident: claims.incidentId },
      )
    const incident = parts.incident(claims.incidentId) ?? (await read.incident(claims.incidentId))
    if (incident === null) throw new UxbridgeError('link-spent', `There is no incident ${claims.incidentId} any more.`)
    return { claims, person, actor, incident }
  }

  function commandOf(claims: LinkClaims, incident: Incident, readBack: string): SingleCommand & Command {
    const id = commandIdOf(claims)
    if (claims.action === 'claim') return { id, type: 'claim' }
    if (claims.action === 'accept') return { id, type: 'accept', revision: claims.revision, readBack }
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
      const { claims, person, incident } = await open(token, by)
      const secret = parts.isRestricted(incident)
      const refused = refusalOf(claims, incident)
      const { offer } = incident
      return {
        action: claims.action,
        person: person.name,
        incident: {
          id: incident.id,
          title: secret ? null : incident.title,
          service: secret ? null : incident.service,
          tier: incident.tier,
          phase: incident.phase,
          owner: incident.owner === null ? null : parts.nameOf(incident.owner),
          openedAt: new Date(incident.declaredAt).toISOString(),
        },
        offer:
          claims.action !== 'accept' || refused !== null || offer === null
            ? null
            : {
                from: offer.from === null ? null : parts.nameOf(offer.from),
                deadline: new Date(offer.deadlineAt).toISOString(),
                brief: offer.brief,
                names: Object.fromEntries(
                  offer.brief.actions.flatMap(({ owner }) => (owner === null ? [] : [[owner, parts.nameOf(owner)]])),
                ),
              },
        owns: incident.owner === claims.person,
        expiresAt: new Date(claims.expiresAt).toISOString(),
        refused,
      }
    },

    async act(token, readBack, by) {
      const { claims, actor, incident } = await open(token, by)
      if (claims.action === 'accept' && readBack === undefined)
        throw new UxbridgeError('fields-invalid', 'Say the situation in your own words, in one line.', {
          fields: [{ path: 'readBack', message: 'say it in your own words' }],
        })
      // Asked before the command: a refusal of that is its answer, and would use the link up.
      if (claims.action === 'accept') requireOwnWords(readBack ?? '', incident.offer?.brief.situation ?? '')
      const command = commandOf(claims, incident, readBack ?? '')
      await room.command(actor, claims.incidentId, command, { address: by.address })
      await room.record({
        ...{ by: actor.id, action: `link.${claims.action}`, subject: claims.incidentId, outcome: 'done' },
        detail: { link: claims.id, command: command.type },
        address: by.address,
      })
      return { incidentId: claims.incidentId, did: didOf(command.type, claims.incidentId) }
    },
  }
}

const commandIdOf = ({ id }: LinkClaims): string => `link-${id}`

function didOf(type: Command['type'], incidentId: string): ActAnswer['did'] {
  if (type === 'claim') return `You own ${incidentId} now.`
  if (type === 'accept') return `You accepted ${incidentId} and own it now.`
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
