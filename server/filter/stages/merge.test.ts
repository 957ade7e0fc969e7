import fc from 'fast-check'
import { expect, it } from 'vitest'
import { builtInPolicy } from '#shared/policy.ts'
import { makeFilter } from '../index.ts'
import { eventOf, storyStart } from '../story.fixture.ts'

/** Alertmanager's own state of one alert. Infinity stands for no end. */
interface Theirs {
  startsAt: number
  endsAt: number
  timeout: boolean
}

/** What Alertmanager's provider keeps after an update: written anew from its rules, slowly and plainly. */
function put(old: Theirs | null, update: Theirs, now: number): Theirs {
  if (old === null) return update
  const resolved = (alert: Theirs) => alert.endsAt <= now
  const overlap =
    (update.endsAt > old.startsAt && update.endsAt < old.endsAt) ||
    (update.startsAt > old.startsAt && update.startsAt < old.endsAt)
  if (!overlap) return update
  const merged = { ...update, startsAt: Math.min(old.startsAt, update.startsAt) }
  if (resolved(update)) {
    if (resolved(old) && old.endsAt > update.endsAt) merged.endsAt = old.endsAt
  } else if (old.endsAt > update.endsAt && !old.timeout) merged.endsAt = old.endsAt
  return merged
}

const minutes = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * 60_000)
const update = fc.record({
  wait: minutes(0, 4),
  start: minutes(-20, 0),
  /** Relative to now; null: the sender says none, and our timeout of 5 min holds. */
  end: fc.option(fc.oneof(minutes(-15, 0), minutes(1, 10)), { freq: 4 }),
})

it('F4: alerts of the Alertmanager family have the span that Alertmanager gives them', () => {
  fc.assert(
    fc.property(fc.array(update, { maxLength: 25 }), (updates) => {
      const filter = makeFilter({ policy: builtInPolicy, policyHash: '', filter: null, alerts: [] })
      let theirs: Theirs | null = null
      let id: string | null = null
      let now = storyStart
      let pos = 0
      // Whether the newest word of the sender was that it fires, so that any end since is assumed.
      let endedBySilence = false
      for (const { wait, start, end } of updates) {
        now += wait
        filter.fold({ kind: 'tick', pos: ++pos, at: now })
        const endsAt = end === null ? null : now + end
        const startsAt = Math.min(now + start, endsAt ?? now)
        const isOver = endsAt !== null && endsAt <= now
        const event = eventOf(
          { alertname: 'A' },
          {
            family: 'alertmanager',
            status: isOver ? 'resolved' : 'firing',
            startsAt,
            endsAt: isOver ? endsAt : null,
            expiresAt: isOver ? null : endsAt,
            timesOut: endsAt === null,
          },
        )
        const { decisions } = filter.fold({
          kind: 'request',
          pos: ++pos,
          at: now,
          sourceId: 's',
          keyScope: 'g',
          defaultSeverity: null,
          events: [event],
          unreadable: [],
        })
        id ??= decisions[0]?.alertId ?? null
        const ours = id === null ? undefined : filter.alert(id)
        const sent = { startsAt, endsAt: endsAt ?? now + builtInPolicy.resolve_timeout, timeout: endsAt === null }
        // An end of an alert that nobody knew is recorded here and makes none; Alertmanager keeps it for its clean-up.
        if (ours === undefined) continue
        // One difference on purpose: an end that a sender said replaces one that we assumed.
        const wasAssumed: boolean = theirs !== null && theirs.endsAt <= now && isOver && endedBySilence
        theirs = wasAssumed ? { ...put(theirs, sent, now), endsAt: sent.endsAt } : put(theirs, sent, now)
        endedBySilence = !isOver
        expect({
          startsAt: ours.startsAt,
          endsAt: ours.endsAt ?? ours.expiresAt,
          isFiring: ours.status === 'firing',
        }).toEqual({
          startsAt: theirs.startsAt,
          endsAt: theirs.endsAt,
          isFiring: theirs.endsAt > now,
        })
      }
    }),
    { numRuns: 500 },
  )
})
