import { describe, expect, it } from 'vitest'
import { CommandRefused } from '#shared/errors.ts'
import { decide, decideDeclaration, type SingleCommand } from '#shared/incident/decide.ts'
import { evolve } from '#shared/incident/evolve.ts'
import type { Fact } from '#shared/incident/facts.ts'
import { type Incident, isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { pagerDutyBody, prometheusBody, webhookBody } from './bodies.ts'
import { services, teams } from './cast/cast.ts'
import { type Deed, makeDirector } from './director.ts'
import { makeFeed, type Telling } from './feed.ts'
import { makeOutages } from './outages.ts'
import { seeded } from './random.ts'

const start = Date.UTC(2026, 2, 1, 9)
const seconds = (count: number): number => count * 1000

/** All that the feed tells in `forS` seconds, with the second of each telling. */
function tell(seed: number, forS: number): { at: number; telling: Telling }[] {
  const feed = makeFeed({ random: seeded(seed), startedAt: start })
  return Array.from({ length: forS }, (_, at) =>
    feed.tellings(start + seconds(at)).map((telling) => ({ at, telling })),
  ).flat()
}

describe('the feed of the demo', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(tell(7, 300)).toEqual(tell(7, 300))
    expect(tell(7, 300)).not.toEqual(tell(8, 300))
  })

  it('brings four troubles of all doors within 20 s, repeats, and ends what it began', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const told = tell(seed, 900)
      const early = told.filter(({ at }) => at <= 20)
      const troubled = new Set(early.flatMap(({ telling }) => telling.conditions.map(({ labels }) => labels.service)))
      expect(troubled).toEqual(new Set(['checkout', 'search', 'invoices', 'sign-in', 'catalogue', undefined]))
      expect(new Set(early.map(({ telling }) => telling.door))).toEqual(
        new Set(['prometheus', 'alertmanager', 'pagerduty']),
      )
      const checkout = told.flatMap(({ at, telling }) =>
        telling.conditions
          .filter(({ labels }) => labels.service === 'checkout')
          .map((condition) => ({ at, condition })),
      )
      expect(checkout.filter(({ condition }) => condition.endedAt === null).length).toBeGreaterThan(10)
      expect(checkout.some(({ at, condition }) => condition.endedAt !== null && at < 300)).toBe(true)
    }
  })

  it('never grows without bound: after hours as few alerts fire as after minutes', () => {
    const feed = makeFeed({ random: seeded(3), startedAt: start })
    let most = 0
    for (let at = 0; at < 4 * 3600; at++) {
      feed.tellings(start + seconds(at))
      most = Math.max(most, feed.firing())
    }
    expect(most).toBeGreaterThan(10)
    expect(most).toBeLessThan(90)
  })
})

describe('the outages of the demo', () => {
  const sender = { path: '/', key: 'k' }
  const make = (seed: number) =>
    makeOutages({
      random: seeded(seed),
      startedAt: start,
      senders: { prometheus: sender, alertmanager: sender, pagerduty: sender },
    })
  const all = (seed: number, forS: number) => {
    const outages = make(seed)
    return Array.from({ length: forS }, (_, at) => outages.tellings(start + seconds(at)))
  }

  it('are the same for the same seed, and begin within the first minute', () => {
    expect(all(7, 120)).toEqual(all(7, 120))
    expect(all(7, 120).slice(0, 60).flat().length).toBeGreaterThan(0)
  })

  it('come one after another, each ends what it began, and players wait for what still comes together', () => {
    const outages = make(3)
    const kinds = new Set<string>()
    const incident = { service: null as string | null, openedAt: '', provisional: true }
    for (let at = 0; at < 3600; at++) {
      outages.tellings(start + seconds(at))
      const newest = outages.newest()
      if (newest === null || kinds.has(newest.kind)) continue
      kinds.add(newest.kind)
      const begun = {
        ...incident,
        service: [...newest.services][0] ?? null,
        openedAt: new Date(newest.beganAt).toISOString(),
      }
      expect(outages.isGathering(begun, newest.beganAt + seconds(5))).toBe(true)
      expect(outages.isGathering({ ...begun, provisional: false }, newest.beganAt)).toBe(false)
      expect(outages.isGathering(begun, newest.beganAt + seconds(30))).toBe(false)
      expect(newest.endsAt - newest.beganAt).toBeLessThan(seconds(300))
    }
    expect(kinds.size).toBe(6)
  })
})

describe('bodies', () => {
  const condition = tell(1, 5).flatMap(({ telling }) => telling.conditions)[0]!
  it('say what each sender says', () => {
    const [am] = JSON.parse(prometheusBody([condition], start + 60_000)) as Record<string, unknown>[]
    expect(am).toMatchObject({ labels: condition.labels, endsAt: new Date(start + 60_000).toISOString() })
    const ended = { ...condition, endedAt: start + 5 }
    expect(JSON.parse(webhookBody([condition, ended], 'alertname'))).toMatchObject({
      version: '4',
      status: 'firing',
      alerts: [{ status: 'firing', endsAt: '0001-01-01T00:00:00Z' }, { status: 'resolved' }],
    })
    expect(JSON.parse(pagerDutyBody(ended, 'k'.repeat(32)))).toMatchObject({
      event_action: 'resolve',
      routing_key: 'k'.repeat(32),
    })
  })
})

/** A house of one room: the real decider and reducer, and a clock that the test moves. */
function makeHouse() {
  const incidents = new Map<string, Incident>()
  let seq = 0
  const record = (id: string, facts: readonly Fact[]): void => {
    for (const fact of facts) {
      const before = incidents.get(id) ?? null
      incidents.set(id, evolve(before, { ...fact, seq: ++seq, incidentId: id, version: (before?.version ?? 0) + 1 }))
    }
  }
  const contextAt = (now: number, by: string, eligible: readonly string[]) => ({
    now,
    by,
    commander: by === 'person:ines',
    eligible,
    offerLimitMs: () => 40_000,
    nextUpdateMs: () => null,
  })
  return {
    incidents,
    open(id: string, service: string, now: number) {
      const team = services.find((one) => one.id === service)?.team ?? null
      const what = {
        type: 'open',
        title: `${service} is ill`,
        description: '',
        service,
        team,
        severity: 'high',
        tier: null,
        tierRule: null,
        flags: [],
        drill: false,
      } as const
      record(id, decideDeclaration(what, contextAt(now, 'system:filter', [])))
      record(
        id,
        decide(
          { type: 'attach-alerts', alerts: ['a'], rule: 'r', material: null },
          incidents.get(id)!,
          contextAt(now, 'system:filter', []),
        ),
      )
    },
    quiet: (id: string, now: number) =>
      record(
        id,
        decide({ type: 'resolve-alerts', alerts: ['a'] }, incidents.get(id)!, contextAt(now, 'system:filter', [])),
      ),
    expire(now: number) {
      for (const [id, incident] of incidents)
        record(id, decide({ type: 'expire-offer' }, incident, contextAt(now, 'system:clock', [])))
    },
    act(deed: Deed, now: number) {
      const command = { id: 'x', ...deed.command } as SingleCommand
      const to = 'to' in command && command.to !== undefined ? command.to : null
      const eligible =
        to === null
          ? [incidents.get(deed.incidentId)!.reliefAskedBy ?? '']
          : to.startsWith('team:')
            ? (teams.find(({ id }) => `team:${id}` === to)?.members ?? [])
            : [to]
      record(
        deed.incidentId,
        decide(command, incidents.get(deed.incidentId)!, contextAt(now, `person:${deed.by}`, eligible)),
      )
    },
    board: (): Summary[] =>
      [...incidents.values()].map((incident) => ({
        ...incident,
        owner: incident.owner === null ? null : { id: incident.owner, name: incident.owner },
        offer:
          incident.offer === null ? null : { ...incident.offer, to: { id: incident.offer.to, name: '' }, deadline: '' },
        assistants: incident.assistants.map((id) => ({ id, name: id })),
        alerts: { firing: incident.alerts.firing, total: incident.alerts.total },
        suggestResolve: isOpen(incident.phase) && incident.alerts.firing === 0,
      })) as unknown as Summary[],
  }
}

describe('the players of the demo', () => {
  const people = {
    visitor: 'visitor',
    commander: 'ines',
    teams: Object.fromEntries(teams.map(({ id, members }) => [id, members])),
  }

  /** Plays twelve incidents for half an hour; the alerts of each end after three minutes. */
  function play(seed: number) {
    const house = makeHouse()
    const director = makeDirector({ random: seeded(seed), people })
    const refusals: string[] = []
    for (let at = 0; at < 1800; at++) {
      const now = start + seconds(at)
      const index = at / 5
      const service = services[index]
      if (service) house.open(`INC-${index + 1}`, service.id, now)
      if (at % 5 === 0 && services[index - 36]) house.quiet(`INC-${index - 35}`, now)
      house.expire(now)
      for (const deed of director.deeds(house.board(), now)) {
        try {
          house.act(deed, now)
        } catch (error) {
          if (!(error instanceof CommandRefused)) throw error
          refusals.push(`${deed.command.type}: ${error.message}`)
        }
      }
    }
    return { incidents: [...house.incidents.values()], refusals }
  }

  it('hand over, decline, let expire and take over, and bring every incident to its end', () => {
    const { incidents, refusals } = play(1)
    expect(refusals).toEqual([])
    expect(incidents).toHaveLength(services.length)
    for (const { id, phase } of incidents) expect([id, phase]).toEqual([id, expect.stringMatching(/closed|dismissed/)])
    const sum = (of: (incident: Incident) => number): number =>
      incidents.reduce((all, incident) => all + of(incident), 0)
    expect(sum(({ handovers }) => handovers)).toBeGreaterThan(8)
    expect(sum(({ declines }) => declines)).toBeGreaterThan(0)
    expect(sum(({ expiries }) => expiries)).toBeGreaterThan(0)
    expect(incidents.some(({ chain }) => chain.some(({ began }) => began === 'taken-over'))).toBe(true)
  })

  it('do the same for the same seed', () => {
    expect(play(5)).toEqual(play(5))
  })

  it('leave the visitor’s incidents alone, and answer the visitor’s offers', () => {
    const house = makeHouse()
    const director = makeDirector({ random: seeded(1), people })
    const run = (from: number, to: number): void => {
      for (let at = from; at < to; at++)
        for (const deed of director.deeds(house.board(), start + seconds(at))) house.act(deed, start + seconds(at))
    }
    house.open('INC-1', 'checkout', start)
    house.act({ by: 'visitor', incidentId: 'INC-1', command: { type: 'claim' } }, start)
    run(0, 120)
    expect(house.incidents.get('INC-1')).toMatchObject({ owner: 'visitor', revision: 1 })
    const brief = { situation: 'Please take it' }
    house.act(
      { by: 'visitor', incidentId: 'INC-1', command: { type: 'offer', to: 'amara', brief } as never },
      start + seconds(120),
    )
    run(120, 135)
    expect(house.incidents.get('INC-1')?.owner).toBe('amara')
  })
})
