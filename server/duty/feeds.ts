import { hash } from 'node:crypto'
import { hourMs } from '#shared/clocks.ts'
import type { FeedView } from '#shared/duty/view.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { calendarText, tagOf, uidOf, type WrittenEvent } from './ical/written.ts'
import type { KeptFeed } from './kept.ts'
import { type Office, personOf } from './office.ts'
import type { Asker, CalendarText, DutyDesk, FreshFeed } from './port.ts'

const dayMs = 24 * hourMs
/** What a calendar shows: whole days of UTC, so that its text changes once a day where nothing else does. */
const behindDays = 14
const aheadDays = 120
/** Feeds of one person: one of their own for each device, and some teams. */
const mostFeeds = 20
const iso = (at: number): string => new Date(at).toISOString()
const digestOf = (token: string): string => hash('sha256', token, 'hex')

/**
 * Calendars to subscribe to. Rule RO8: the address is the only key to one, is shown once, and is kept as a digest; a feed
 * ends with the person who has it, and shows a team only while they may read the rota.
 */
export function makeFeeds(
  office: Office,
): Pick<DutyDesk, 'feeds' | 'addFeed' | 'renewFeed' | 'revokeFeed' | 'calendar'> {
  const { books, rota, policy } = office
  const teamName = (team: string) => policy().teams.find(({ id }) => id === team)?.name ?? team
  const [person, team] = ['person:', 'team:'] as const
  const nameOf = (of: string): string =>
    of.startsWith(person) ? office.nameOf(of.slice(person.length)) : teamName(of.slice(team.length))
  const view = ({ id, doc: { of, createdAt, renewedAt } }: KeptFeed): FeedView => ({
    ...{ id, of, name: nameOf(of) },
    createdAt: iso(createdAt),
    renewedAt: renewedAt === null ? null : iso(renewedAt),
  })
  const ofPerson = (personId: string) => [...books.feeds.values()].filter(({ doc }) => doc.personId === personId)
  const need = (asker: Asker, id: string): KeptFeed => {
    const kept = books.feeds.get(id)
    if (kept === undefined || kept.doc.personId !== personOf(asker))
      throw new UxbridgeError('not-found', 'You have no such calendar; it may be revoked already.')
    return kept
  }
  const fresh = (kept: KeptFeed, token: string, baseUrl: string): FreshFeed => ({
    feed: view(kept),
    url: `${baseUrl}/calendar/${token}.ics`,
  })

  function eventsOf({ of, createdAt, renewedAt }: KeptFeed['doc'], from: number, to: number): WrittenEvent[] {
    const stamp = Math.max(createdAt, renewedAt ?? 0, office.policySince())
    const changedAt = new Map(books.changes().map(({ id, at }) => [id, at]))
    const isPersons = of.startsWith(person)
    const asked = isPersons ? { person: of.slice(person.length) } : { team: of.slice(team.length) }
    return rota.shifts(asked, from, to).map((shift): WrittenEvent => {
      const rotation = rota.roster(shift.rotation)?.rotation
      const name = rotation?.name ?? shift.rotation
      const isOne = rotation?.layers.length === 1
      const where = isOne ? name : `${name} (${shift.layer})`
      const how = { rotation: '', override: 'Put in by hand.', swap: 'By a swap.', calendar: 'From a calendar.' }[
        shift.by
      ]
      return {
        uid: uidOf(shift.rotation, shift.layer, shift.from),
        ...{ from: shift.from, to: shift.to },
        stamp: Math.max(stamp, changedAt.get(shift.change ?? '') ?? 0),
        summary: isPersons ? `On call: ${where}` : `${office.nameOf(shift.person)}: ${where}`,
        description: how,
      }
    })
  }

  return {
    feeds: (asker) => (asker.personId === null ? [] : ofPerson(asker.personId).map(view)),
    addFeed(asker, wanted, baseUrl) {
      const token = office.newToken()
      return books.change(asker, () => {
        const personId = personOf(asker)
        const of = wanted === 'me' ? `${person}${personId}` : wanted
        if (of.startsWith(team) && !policy().teams.some(({ id }) => `${team}${id}` === of))
          throw new UxbridgeError('not-found', `There is no team "${of.slice(team.length)}" in the policy.`)
        if (ofPerson(personId).length >= mostFeeds)
          throw new UxbridgeError('fields-invalid', `You have ${mostFeeds} calendars. Revoke one that is not needed.`, {
            fields: [{ path: 'of', message: 'is one too many' }],
          })
        const kept: KeptFeed = {
          id: office.newId(),
          doc: { of, personId, digest: digestOf(token), createdAt: office.now(), renewedAt: null },
          personal: null,
        }
        return {
          ...{ action: 'rota.feed-create', subject: kept.id, detail: { of } },
          put: [{ kind: 'duty-feed', ...kept }],
          result: fresh(kept, token, baseUrl),
        }
      })
    },
    renewFeed(asker, id, baseUrl) {
      const token = office.newToken()
      return books.change(asker, () => {
        const { doc } = need(asker, id)
        const kept = { id, doc: { ...doc, digest: digestOf(token), renewedAt: office.now() }, personal: null }
        return {
          ...{ action: 'rota.feed-renew', subject: id, detail: { of: doc.of } },
          put: [{ kind: 'duty-feed', ...kept }],
          result: fresh(kept, token, baseUrl),
        }
      })
    },
    revokeFeed: (asker, id) =>
      books.change(asker, () => {
        const { doc } = need(asker, id)
        return {
          ...{ action: 'rota.feed-revoke', subject: id, detail: { of: doc.of } },
          remove: [{ kind: 'duty-feed', id }],
          result: undefined,
        }
      }),
    calendar(token): CalendarText | null {
      const digest = digestOf(token)
      // Looked up by its digest: what could be learnt from the time this takes are bits of one that no secret can be made from.
      const kept = [...books.feeds.values()].find(({ doc }) => doc.digest === digest)
      if (kept === undefined || !office.isActive(kept.doc.personId)) return null
      const today = Math.floor(office.now() / dayMs) * dayMs
      const name = `${nameOf(kept.doc.of)}: on call`
      const text = calendarText(name, eventsOf(kept.doc, today - behindDays * dayMs, today + aheadDays * dayMs))
      return { text, tag: tagOf(text), name: 'rota.ics' }
    },
  }
}
