import { hourMs } from '#shared/clocks.ts'
import { layerName } from '#shared/duty/roster.ts'
import type { RotaTrouble, Shift } from '#shared/duty/rotation.ts'
import {
  mostRotaDays,
  type OverrideView,
  type RotaNow,
  type RotationView,
  type ShiftView,
  type SwapView,
  type TroubleView,
} from '#shared/duty/view.ts'
import type { KeptOverride, KeptSwap } from './kept.ts'
import { type Office, wrong } from './office.ts'
import type { Asker, DutyDesk } from './port.ts'
import type { Part, Roster } from './reckoning/shifts.ts'
import { clashesOf, eligibleFor, holds, stateOf } from './standing.ts'

const dayMs = 24 * hourMs
/** What is wrong is shown so far ahead. */
export const aheadMs = 28 * dayMs
const nextShiftMs = 56 * dayMs
const mostTroubles = 500
const mostShifts = 20_000
const iso = (at: number): string => new Date(at).toISOString()

export const shiftView = ({ rotation, layer, person, from, to, by, change = null }: Shift): ShiftView => ({
  ...{ rotation, layer, person, by, change },
  from: iso(from),
  to: iso(to),
})
const troubleView = (trouble: RotaTrouble): TroubleView => ({
  ...trouble,
  people: [...trouble.people],
  from: iso(trouble.from),
  to: iso(trouble.to),
})

export function overrideView(office: Office, asker: Asker, { id, doc, personal }: KeptOverride): OverrideView {
  const { rotation, layer, person, from, to, by, at, imported } = doc
  const isTheirs = asker.personId !== null && (person === asker.personId || by === `person:${asker.personId}`)
  return {
    ...{ id, rotation, layer, person, imported },
    from: iso(from),
    to: iso(to),
    by: office.actorName(by),
    at: iso(at),
    reason: personal?.reason ?? null,
    mayRemove: to > office.now() && (asker.mayManage || isTheirs),
  }
}

export function swapView(office: Office, asker: Asker, kept: KeptSwap): SwapView {
  const { id, doc, personal } = kept
  const { rotation, layer, person, offeredTo, inReturn, endedBy, endedAt } = doc
  const state = stateOf(kept, office.now())
  const eligible = state === 'open' ? eligibleFor(office, doc) : []
  const me = asker.personId
  return {
    ...{ id, rotation, layer, person, offeredTo, eligible, state },
    from: iso(doc.from),
    to: iso(doc.to),
    inReturn: inReturn === null ? null : { ...inReturn, from: iso(inReturn.from), to: iso(inReturn.to) },
    by: endedBy,
    at: iso(doc.at),
    endedAt: endedAt === null ? (state === 'expired' ? iso(doc.from) : null) : iso(endedAt),
    reason: personal?.reason ?? null,
    answer: personal?.answer ?? null,
    holds: holds(office, kept),
    clashes: clashesOf(office, doc, eligible).map((clash) => ({ ...clash, from: iso(clash.from), to: iso(clash.to) })),
    mine: person === me ? 'offered' : me !== null && eligible.includes(me) ? 'asked' : 'other',
  }
}

/** What the screens show of the rota. */
export function makeViews(office: Office): Pick<DutyDesk, 'view' | 'now'> {
  const { rota, books, policy } = office
  const ref = (id: string) => ({ id, name: office.nameOf(id) })
  const teamRef = (id: string) => ({ id, name: policy().teams.find((team) => team.id === id)?.name ?? id })
  const membersOf = (team: string) => policy().teams.find(({ id }) => id === team)?.members ?? []

  function rotationView(
    asker: Asker,
    { rotation, shifts }: Roster,
    from: number,
    to: number,
    now: number,
  ): RotationView {
    const { id, name = id, team, time_zone, layers } = rotation
    const isMember = asker.personId !== null && membersOf(team).includes(asker.personId)
    return {
      ...{ id, name, team: teamRef(team), timeZone: time_zone },
      layers: layers.map((layer, index) => ({
        name: layerName(layer, index),
        people: [...layer.people],
        starts: layer.starts,
        ends: layer.ends ?? null,
        turnMs: layer.turn,
        restricted: layer.on !== undefined,
        holidays: [...(layer.holidays?.calendars ?? [])],
      })),
      shifts: shifts(from, to).map(shiftView),
      onCall: [...rota.onCall(id, now)],
      mayOverride: asker.mayManage ? 'anybody' : isMember ? 'myself' : 'nobody',
    }
  }

  /** Parts that follow each other with the same person are one for whoever waits to be relieved. */
  function nowOf({ rotation, at }: Roster, now: number): RotaNow['rotations'][number] {
    const { id, name = id, team, time_zone } = rotation
    const reachable = (part: Part) => part.people.filter(office.mayRespond)
    const part = at(now)
    const onCall = reachable(part).map((person) => {
      let since = part
      while (since.from > now - aheadMs && at(since.from - 1).people.includes(person)) since = at(since.from - 1)
      let until = part
      while (until.to < now + aheadMs && at(until.to).people.includes(person)) until = at(until.to)
      const index = part.on.findIndex((held) => held?.person === person)
      const layer = rotation.layers[index]
      return {
        person: ref(person),
        layer: layer === undefined ? '' : layerName(layer, index),
        since: iso(since.from),
        until: iso(until.to),
        by: part.on[index]?.by ?? ('rotation' as const),
      }
    })
    const here = reachable(part).join('\n')
    let next = part
    while (next.to < now + aheadMs && reachable(next).join('\n') === here) next = at(next.to)
    const isSame = reachable(next).join('\n') === here
    return {
      ...{ id, name, team: teamRef(team), timeZone: time_zone, onCall },
      next: isSame ? null : { at: iso(next.from), people: reachable(next).map(ref) },
    }
  }

  function mineOf(asker: Asker, now: number): RotaNow['mine'] {
    const { personId } = asker
    if (personId === null) return null
    const on = rota.shiftOf(personId, now)
    const next = rota.shifts({ person: personId }, now, now + nextShiftMs).find(({ from }) => from > now)
    const open = [...books.swaps.values()].filter((swap) => stateOf(swap, now) === 'open')
    const views = open.map((swap) => swapView(office, asker, swap)).sort((a, b) => (a.from < b.from ? -1 : 1))
    return {
      on: on === null ? null : { rotation: on.rotation, endsAt: iso(on.endsAt), next: on.next.map(ref) },
      next: next === undefined ? null : shiftView(next),
      asked: views.filter(({ mine }) => mine === 'asked'),
      offered: views.filter(({ mine }) => mine === 'offered'),
    }
  }

  function phoneOf(
    { answered_by: answeredBy, reach }: { answered_by: string; reach?: string | undefined },
    now: number,
  ): NonNullable<RotaNow['teams'][number]['phone']> {
    const rotation = answeredBy.startsWith('rotation:') ? answeredBy.slice('rotation:'.length) : null
    const person = rotation === null ? answeredBy : (rota.onCall(rotation, now)[0] ?? null)
    return {
      answeredBy,
      reach: reach ?? null,
      person: person === null || !office.mayRespond(person) ? null : ref(person),
    }
  }

  return {
    view(asker, from, to) {
      requireSpan(from, to)
      const now = office.now()
      const touches = (each: { from: number; to: number }) => each.from < to && each.to > from
      let shifts = 0
      const rotations = rota.rosters().map((roster) => {
        const shown = rotationView(asker, roster, from, to, now)
        shifts += shown.shifts.length
        if (shifts > mostShifts) throw wrong('to', `is too far: there are more than ${mostShifts} shifts; ask in parts`)
        return shown
      })
      const overrides = [...books.overrides.values()]
        .filter(({ doc }) => touches(doc))
        .sort((a, b) => a.doc.from - b.doc.from)
        .map((kept) => overrideView(office, asker, kept))
      const swaps = [...books.swaps.values()]
        .filter((kept) => stateOf(kept, now) === 'open' || touches(kept.doc))
        .sort((a, b) => a.doc.from - b.doc.from)
        .map((kept) => swapView(office, asker, kept))
      const troubles = rota.troubles(from, to).slice(0, mostTroubles).map(troubleView)
      const ahead = rota
        .troubles(now, now + aheadMs)
        .slice(0, mostTroubles)
        .map(troubleView)
      const dates = [from, to].map((at) => iso(at).slice(0, 10)) as [string, string]
      const named = new Set([
        ...rotations.flatMap(({ team, layers, shifts, onCall }) => [
          ...membersOf(team.id),
          ...layers.flatMap(({ people }) => people),
          ...shifts.map(({ person }) => person),
          ...onCall,
        ]),
        ...[...troubles, ...ahead].flatMap(({ people }) => people),
        ...overrides.map(({ person }) => person),
        ...swaps.flatMap(({ person, offeredTo, by, eligible }) => [
          person,
          ...(by === null ? [] : [by]),
          ...(offeredTo.startsWith('team:') ? [] : [offeredTo]),
          ...eligible,
        ]),
      ])
      return {
        at: iso(now),
        from: iso(from),
        to: iso(to),
        people: [...named].map(ref),
        ...{ rotations, troubles, ahead, overrides, swaps },
        calendars: policy().holidays.map(({ id, name = id }) => ({ id, name })),
        holidays: policy()
          .holidays.flatMap(({ id }) => rota.holidays(id).map((day) => ({ calendar: id, ...day })))
          .filter(({ date, until }) => date <= dates[1] && until >= dates[0])
          .sort((a, b) => (a.date < b.date ? -1 : 1)),
        me: asker.personId,
        mayManage: asker.mayManage,
      }
    },
    now(asker) {
      const now = office.now()
      return {
        at: iso(now),
        rotations: rota.rosters().map((roster) => nowOf(roster, now)),
        teams: policy().teams.map(({ id, name = id, phone }) => ({
          ...{ id, name },
          onCall: rota.onCallOfTeam(id, now).map(ref),
          phone: phone === undefined ? null : phoneOf(phone, now),
        })),
        mine: mineOf(asker, now),
      }
    },
  }
}

/** @throws UxbridgeError `fields-invalid` */
function requireSpan(from: number, to: number): void {
  const message =
    from >= to
      ? 'must be after from'
      : to - from > mostRotaDays * dayMs
        ? `must be at most ${mostRotaDays} days after from; ask in parts`
        : null
  if (message !== null) throw wrong('to', message, 'The time asked for cannot be shown')
}
