import { hash } from 'node:crypto'
import { hourMs } from '#shared/clocks.ts'
import type { Rotation } from '#shared/duty/roster.ts'
import type { ImportView } from '#shared/duty/view.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { expand, type Instance } from './ical/expand.ts'
import { type ReadEvent, readEvents, type Skipped } from './ical/read.ts'
import type { KeptOverride } from './kept.ts'
import { authorOf, bygone, type Office, requireLayer, requireRoom, rotationOf, wrong } from './office.ts'
import type { Asker, DutyDesk, WantedImport } from './port.ts'
import type { Holiday } from './reckoning/rota.ts'

const dayMs = 24 * hourMs
const mostShown = 200
const mostDays = 1000
const mostShifts = 1000
const longestMs = 92 * dayMs
/** Holidays are read for the year before this one and the three after it. */
const yearsAhead = 4
const iso = (at: number): string => new Date(at).toISOString()
const date = (at: number): string => iso(at).slice(0, 10)

type Made = Pick<ImportView, 'holidays' | 'overrides'> & { skipped: Skipped[]; puts: KeptOverride[]; days: Holiday[] }

/** Calendars of others: their days as holidays, or their events as who answers. */
export function makeImports(office: Office): Pick<DutyDesk, 'import'> {
  const { books, policy } = office

  return {
    import(asker: Asker, { ics, as, dryRun, reason }: WantedImport) {
      return books.change(asker, () => {
        if (!asker.mayManage)
          throw new UxbridgeError('not-allowed', 'Only a commander or an administrator can import a calendar.')
        const made = as.kind === 'holidays' ? holidaysFrom(ics, as.calendar) : shiftsFrom(asker, ics, as)
        const people = [...new Set(made.overrides.map(({ person }) => person))]
        const result: ImportView = {
          ...{ holidays: made.holidays, overrides: made.overrides },
          people: people.map((id) => ({ id, name: office.nameOf(id) })),
          skipped: made.skipped.slice(0, mostShown),
          skippedInAll: made.skipped.length,
          done: !dryRun,
        }
        if (dryRun) return { result }
        const subject = as.kind === 'holidays' ? as.calendar : as.rotation
        const counts = { made: made.days.length + made.puts.length, skipped: made.skipped.length }
        const about = { action: 'rota.import', subject, detail: { kind: as.kind, ...counts }, reason, result }
        if (as.kind === 'holidays') {
          const doc = { days: made.days, at: office.now(), by: authorOf(asker) }
          return { ...about, put: [{ kind: 'duty-calendar', id: as.calendar, doc, personal: null }] }
        }
        const ids = new Set(made.puts.map(({ id }) => id))
        const before = [...books.overrides.values()].filter(({ id, doc }) => {
          return (
            doc.imported &&
            doc.rotation === as.rotation &&
            doc.layer === as.layer &&
            doc.from > office.now() &&
            !ids.has(id)
          )
        })
        return {
          ...about,
          put: made.puts.map((kept) => ({ kind: 'duty-override' as const, ...kept, personal: { reason } })),
          remove: [...before.map(({ id }) => ({ kind: 'duty-override' as const, id })), ...bygone(office)],
        }
      })
    },
  }

  /** @throws UxbridgeError `fields-invalid` */
  function read(ics: string, timeZone: string, from: number, to: number) {
    const { events, skipped } = readEvents(ics)
    const { occurrences, rota, elapsed } = office
    const expanded = expand(events, { zone: rota.zone, timeZone, occurrences, from, to, elapsed })
    return { instances: expanded.instances, skipped: [...skipped, ...expanded.skipped] }
  }

  function holidaysFrom(ics: string, calendar: string): Made {
    if (!policy().holidays.some(({ id }) => id === calendar))
      throw wrong('as.calendar', `"${calendar}" is no calendar under holidays of the policy; add it there first`)
    const year = new Date(office.now()).getUTCFullYear()
    const { instances, skipped } = read(ics, 'UTC', Date.UTC(year - 1, 0, 1), Date.UTC(year + yearsAhead, 0, 1))
    const days = instances.flatMap(({ event, from, to }): Holiday[] => {
      const why = !event.start.isDate
        ? 'is not of whole days'
        : to - from > 61 * dayMs
          ? 'is longer than 61 days'
          : null
      if (why !== null) {
        skipped.push({ summary: event.summary, at: iso(from), why })
        return []
      }
      return [{ date: date(from), until: date(to - dayMs), name: event.summary.slice(0, 80) || null }]
    })
    if (days.length > mostDays)
      throw wrong('ics', `has ${days.length} holidays, more than ${mostDays}; import a shorter one`)
    const holidays = days.map((day) => ({ calendar, ...day, imported: true }))
    return { holidays, overrides: [], skipped, puts: [], days }
  }

  function shiftsFrom(
    asker: Asker,
    ics: string,
    { rotation: id, layer }: { rotation: string; layer: string | null },
  ): Made {
    const rotation = rotationOf(office, id, 'as.rotation')
    if (layer !== null) requireLayer(rotation, layer, 'as.layer')
    requireRoom(office)
    const now = office.now()
    const { instances, skipped } = read(ics, rotation.time_zone, now, now + 366 * dayMs)
    const match = matcherOf(rotation)
    const puts: KeptOverride[] = []
    const overrides: Made['overrides'] = []
    for (const instance of instances) {
      const { event, from, to } = instance
      const found = to - from > longestMs ? 'is longer than 92 days' : match(event)
      if (typeof found === 'string') {
        skipped.push({ summary: event.summary, at: iso(from), why: found })
        continue
      }
      const kept = overrideOf(asker, { rotation: id, layer }, instance, found.person)
      puts.push(kept)
      overrides.push({ person: found.person, from: iso(kept.doc.from), to: iso(to), summary: event.summary })
    }
    if (puts.length > mostShifts)
      throw wrong('ics', `has ${puts.length} shifts, more than ${mostShifts}; import a shorter one`)
    return { holidays: [], overrides, skipped, puts, days: [] }
  }

  /** The same event again is the same override: what was changed by hand since goes over it still. */
  function overrideOf(
    asker: Asker,
    of: { rotation: string; layer: string | null },
    { event, from, to }: Instance,
    person: string,
  ): KeptOverride {
    const key = hash('sha256', [of.rotation, of.layer ?? '', event.uid, from, to, person].join('\n'), 'base64url')
    const id = `d_i_${key.slice(0, 16)}`
    const now = office.now()
    const doc = {
      ...of,
      person,
      from: Math.max(from, now),
      to,
      at: office.stamp(),
      by: authorOf(asker),
      imported: true,
    }
    const there = books.overrides.get(id)
    return { id, doc: there?.doc ?? doc, personal: null }
  }

  /** By the address or name of an attendee, else by a name in the summary. @returns why, where it is nobody */
  function matcherOf({ team }: Rotation): (event: ReadEvent) => { person: string } | string {
    const members = policy().teams.find(({ id }) => id === team)?.members ?? []
    const named = members.map((person) => ({ person, name: plain(office.nameOf(person)) }))
    const byName = (text: string) => named.filter(({ name }) => ` ${plain(text)} `.includes(` ${name} `))
    return ({ attendees, summary }) => {
      const byAddress = attendees.flatMap(({ email }) => (email === null ? [] : (office.byEmail(email)?.id ?? [])))
      const found = [
        ...byAddress.filter((person) => members.includes(person)),
        ...byAddress,
        ...attendees.flatMap(({ name }) => (name === null ? [] : byName(name).map(({ person }) => person))),
      ]
      const inSummary = byName(summary).map(({ person }) => person)
      const person = found[0] ?? inSummary[0]
      if (person === undefined) return 'names nobody of the team: neither an attendee’s address nor the summary'
      if (found.length === 0 && inSummary.length > 1) return 'names several of the team'
      return office.mayRespond(person) ? { person } : `is of ${office.nameOf(person)}, who cannot respond`
    }
  }
}

/** A name as it is compared: without accents, case and punctuation. */
const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
