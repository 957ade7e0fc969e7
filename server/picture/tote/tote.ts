import type { Actor } from '#shared/access.ts'
import { type Clock, secondMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { sightOf } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Policy } from '#shared/policy.ts'
import {
  type HeldView,
  type ReadinessView,
  readinessAt,
  type Spell,
  saidOf,
  sayingCounts,
  type ToteTeam,
} from '#shared/readiness.ts'
import { restPolicyOf } from '#shared/rest.ts'
import type { Rota } from '../../duty/port.ts'
import type { TotePicture } from '../port.ts'
import { type Held, type Holdings, makeHoldings } from './holdings.ts'
import { type Roster, rosterAt } from './roster.ts'
import { makeSaidBook, type SaidParts } from './said.ts'

/** Who is on call is asked after so long: what somebody changed in the rota is shown then. */
export const askedEveryMs = 10 * secondMs
/** All of the rotations, and every name, is read after so long, and at once when a shift turns or the policy is another. */
export const rosterEveryMs = 60 * secondMs
/** Changes of who is on the tote that are remembered for those who come back. */
const goneKept = 2000
export interface ToteParts extends SaidParts {
  clock: Clock
  policy: () => Policy
  rota: () => Rota
  people: {
    list(): readonly { id: string }[]
    exists(person: string): boolean
    mayRespond(person: string): boolean
  }
  nameOf: (person: string) => string
  /** Whether an incident is there for this actor (rule RS1). */
  sees: (actor: Actor | null, incidentId: string) => boolean
  log: { error(fields: object, message: string): void }
}

export interface LiveTote extends TotePicture {
  apply(shown: { facts: readonly RecordedFact[]; incidents: ReadonlyMap<string, Incident> }): void
  /**
   * Makes everything again, at a start and after a failed commit.
   * @param incidents those that are open or changed within a day: as long as words count, and longer than anybody rests
   */
  reset(incidents: Iterable<Incident>): void
}

interface Row<T> {
  view: T
  /** Tells whether it changed. */
  words: string
  seq: number
}

/**
 * How ready everybody is, person by person: an act on an incident, a word of somebody or a turn of time moves the rows of those
 * whom it concerns, and no others.
 */
export function makeTote(parts: ToteParts): LiveTote {
  const { clock, people, nameOf, log } = parts
  const said = makeSaidBook(parts)
  let holdings: Holdings = makeHoldings(() => restPolicyOf(parts.policy()))
  let roster: Roster | null = null
  let rosterMadeAt = 0
  let askedAt = 0
  /** Who was on call, as it was asked last. */
  let answering = ''
  let policy: Policy | null = null
  const rows = new Map<string, Row<ReadinessView>>()
  const nextAt = new Map<string, number>()
  /** The least of them, or less. */
  let nextDue = Number.POSITIVE_INFINITY
  let teams = new Map<string, Row<ToteTeam>>()
  let teamOrder = ''
  // A restart must never give out a seq that an earlier run gave out for something else.
  let seq = clock.now() * 1000
  let wholeSince = seq
  const gone = new Map<string, number>()

  function spellView({ state, since, until }: Spell) {
    return { state, since: isoOrNull(since), until: isoOrNull(until) }
  }

  function rowOf(id: string, now: number, { shifts, offSince }: Roster): ReadinessView {
    const holding = holdings.of(id)
    const shift = shifts.get(id) ?? null
    const words = said.get(id) ?? null
    const named = holding.held.filter(({ restricted }) => !restricted)
    const duty = { ...holding, shift, offSince: offSince.get(id) ?? null }
    const readiness = readinessAt(duty, words, now)
    if (readiness.nextAt === null) nextAt.delete(id)
    else nextAt.set(id, readiness.nextAt)
    nextDue = Math.min(nextDue, readiness.nextAt ?? nextDue)
    const by = readiness.said?.by.replace(/^person:/, '') ?? id
    return {
      id,
      name: nameOf(id),
      ...spellView(readiness),
      ...(readiness.said !== null && {
        said: {
          ...(by !== id && { by: { id: by, name: nameOf(by) } }),
          at: iso(readiness.said.at),
          until: iso(readiness.said.until),
          ...(words?.note != null && { noted: true as const }),
        },
        derived: spellView(readiness.derived),
      }),
      ...(named.length > 0 && { holds: named.map(heldView) }),
      ...(shift !== null && { shift: { rotation: shift.rotation, endsAt: isoOrNull(shift.endsAt) } }),
    }
  }

  /** Makes these rows anew; those that changed move the seq. */
  function repaint(ids: Iterable<string>, now: number): void {
    if (roster === null) return
    let moved = false
    for (const id of ids) {
      const view = rowOf(id, now, roster)
      const words = JSON.stringify(view)
      const before = rows.get(id)
      if (before?.words === words) continue
      moved = true
      rows.set(id, { view, words, seq: seq + 1 })
      gone.delete(id)
    }
    if (moved) seq++
  }

  /** Who belongs on it: whoever may respond, whoever is on shift, and whoever holds something. */
  function listed({ shifts }: Roster): Set<string> {
    const ids = new Set<string>()
    for (const { id } of people.list()) if (people.mayRespond(id)) ids.add(id)
    for (const id of shifts.keys()) ids.add(id)
    for (const id of holdings.people()) if (holds(id)) ids.add(id)
    return ids
  }
  /** Rule RD13: that somebody is engaged is said; an offer or help in what is restricted brings nobody on the tote. */
  function holds(id: string): boolean {
    const { held, engagedSince } = holdings.of(id)
    return engagedSince !== null || held.some(({ restricted }) => !restricted)
  }

  function teamViews(now: Roster, ids: ReadonlySet<string>): ToteTeam[] {
    return now.teams.map(({ id, name, onCall, members, answers, rota, expected, next, gap }) => {
      const asked = onCall.filter((person) => ids.has(person))
      const others = members.filter((member) => ids.has(member) && !onCall.includes(member))
      others.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      return {
        ...{ id, name, rota, expected },
        people: [...asked, ...others],
        onCall: asked.length,
        answers,
        next: next && { at: iso(next.at), to: [...next.to] },
        gap: gap && { rotation: gap.rotation, from: iso(gap.from), to: iso(gap.to) },
      }
    })
  }

  /** Reads rotations, teams and people, and makes every row anew: what did not change keeps its seq. */
  function refresh(now: number): void {
    policy = parts.policy()
    roster = rosterAt(parts.rota(), policy, now)
    rosterMadeAt = now
    askedAt = now
    answering = answeringNow(now)
    const ids = listed(roster)
    const before = seq
    repaint(ids, now)
    for (const id of rows.keys())
      if (!ids.has(id)) {
        rows.delete(id)
        nextAt.delete(id)
        gone.set(id, before + 1)
        seq = before + 1
      }
    const views = teamViews(roster, ids)
    const next = new Map<string, Row<ToteTeam>>()
    for (const view of views) {
      const words = JSON.stringify(view)
      const old = teams.get(view.id)
      if (old?.words !== words) seq = before + 1
      next.set(view.id, old?.words === words ? old : { view, words, seq: before + 1 })
    }
    const order = views.map(({ id }) => id).join('\n')
    if (order !== teamOrder || gone.size > goneKept) {
      // Teams that come and go, and what cannot be remembered, bring everybody the whole.
      seq = before + 1
      wholeSince = seq
      gone.clear()
    }
    teamOrder = order
    teams = next
  }

  /** Cheap to ask, and another whenever somebody else answers or may. */
  function answeringNow(now: number): string {
    const rota = parts.rota()
    const onCall = parts.policy().teams.map(({ id }) => rota.onCallOfTeam(id, now).join())
    return `${onCall.join('\n')} ${people.list().length}`
  }

  /** Whether all has to be read again. */
  function isStale(now: number): boolean {
    if (roster === null || policy !== parts.policy()) return true
    if (roster.nextAt !== null && now >= roster.nextAt) return true
    // Also when the clock was set back since.
    if (now < askedAt || now - rosterMadeAt >= rosterEveryMs) return true
    if (now - askedAt < askedEveryMs) return false
    askedAt = now
    return answeringNow(now) !== answering
  }

  function move(): void {
    const now = clock.now()
    if (isStale(now)) {
      refresh(now)
      return
    }
    if (now < nextDue) return
    const due = [...nextAt].filter(([, at]) => at <= now).map(([id]) => id)
    repaint(due, now)
    nextDue = Math.min(...nextAt.values(), Number.POSITIVE_INFINITY)
  }

  function counts(person: string, now: number): boolean {
    const words = said.get(person)
    return words !== undefined && sayingCounts(words, holdings.of(person).tookAt, now)
  }

  function forget(ids: readonly string[]): void {
    if (ids.length === 0) return
    // What could not be removed counts no more all the same, and is tried again with the next.
    said.forget(ids).catch((err: unknown) => log.error({ err }, 'what somebody had said could not be removed'))
  }

  function require(person: string): void {
    if (people.exists(person) && people.mayRespond(person)) return
    throw new UxbridgeError('not-found', 'There is nobody of that id who responds. Look in the list of people.')
  }

  const tote: LiveTote = {
    apply({ facts, incidents }) {
      if (facts.length === 0) return
      const now = clock.now()
      const touched = new Set<string>()
      for (const incident of incidents.values()) for (const person of holdings.take(incident)) touched.add(person)
      if (touched.size === 0) return
      forget([...touched].filter((person) => said.get(person) !== undefined && !counts(person, now)))
      const present = [...touched].filter((person) => rows.has(person))
      // Whoever comes on it by what they hold changes the teams too; whoever leaves it waits for the next reading.
      const comes = touched.size > present.length && [...touched].some((id) => !rows.has(id) && holds(id))
      if (roster !== null && comes) refresh(now)
      else repaint(present, now)
    },

    reset(incidents) {
      holdings = makeHoldings(() => restPolicyOf(parts.policy()))
      for (const incident of incidents) holdings.take(incident)
      roster = null
      tote.tidy()
    },

    tidy() {
      const now = clock.now()
      forget([...said.people()].filter((person) => !counts(person, now)))
      holdings.forget(now)
    },

    seq: () => seq,
    move,
    view() {
      move()
      return { teams: [...teams.values()].map(({ view }) => view), people: [...rows.values()].map(({ view }) => view) }
    },
    since(have) {
      if (have > seq || have < wholeSince) return null
      const changed = <T>(of: Iterable<Row<T>>) => [...of].filter((row) => row.seq > have).map(({ view }) => view)
      return {
        teams: changed(teams.values()),
        people: changed(rows.values()),
        gone: [...gone].filter(([, at]) => at > have).map(([id]) => id),
      }
    },
    heldUnseen(actor) {
      const sight = sightOf(actor, parts.sees)
      const found = new Map<string, HeldView[]>()
      for (const person of holdings.people()) {
        const held = holdings.of(person).held.filter(({ id, restricted }) => restricted && sight.incident(id))
        if (held.length > 0) found.set(person, held.map(heldView))
      }
      return found
    },
    notes() {
      const now = clock.now()
      const found = new Map<string, string>()
      for (const person of said.people()) {
        const note = said.get(person)?.note
        if (note != null && counts(person, now)) found.set(person, note)
      }
      return found
    },
    readiness(person) {
      move()
      return rows.get(person)?.view ?? null
    },

    async say(who, person, saying) {
      require(person)
      const now = clock.now()
      const { note = '' } = saying
      await said.say(who, person, { ...saidOf(saying, who.by, now), note: note === '' ? null : note })
      move()
      repaint([person], clock.now())
      return rowNow(person)
    },
    async unsay(who, person) {
      require(person)
      await said.unsay(who, person)
      move()
      repaint([person], clock.now())
      return rowNow(person)
    },
  }

  function rowNow(person: string): ReadinessView {
    const row = rows.get(person)
    if (row === undefined) throw new UxbridgeError('not-found', 'This person is not on the tote any more.')
    return row.view
  }
  return tote
}

const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

function heldView({ id, kind, role, since, due, drill }: Held): HeldView {
  return {
    ...{ id, kind },
    ...(role !== null && { role }),
    ...(since !== null && { since: iso(since) }),
    ...(due !== null && { due: iso(due) }),
    ...(drill && { drill: true as const }),
  }
}
