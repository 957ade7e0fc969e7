import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import type { WatchFinding as Finding, Watch } from '#shared/watch.ts'
import { Watches } from './watches.ts'

const noCron = () => null
const silence: Watch = {
  id: 'silence',
  hears: 'anything',
  expected: { everyMs: 10 * minuteMs },
  graceMs: 0,
  runMs: null,
  afterFirst: false,
  name: 'Prometheus',
  severity: 'high',
  service: null,
}
const job: Watch = {
  ...silence,
  id: 'schedule',
  hears: 'success',
  name: 'backup',
  expected: { everyMs: hourMs },
  graceMs: 5 * minuteMs,
  runMs: 15 * minuteMs,
  afterFirst: true,
}
const at = (minutes: number) => minutes * minuteMs
const brief = (findings: readonly Finding[]) =>
  findings.map(({ what, since }) => [what, since === null ? null : since / minuteMs])
const success = { signal: 'success', run: null } as const
const failure = { signal: 'failure', run: null } as const
const start = { signal: 'start', run: null } as const

describe('a source that must not fall silent', () => {
  it('W1: is found silent once, when its instant comes, and once more after it has spoken', () => {
    const watches = new Watches(noCron)
    watches.set('s', [silence], at(0))
    expect(watches.nextDueAt()).toBe(at(10))
    expect(watches.heard('s', at(4))).toEqual([])
    expect(watches.nextDueAt()).toBe(at(14))
    expect(watches.takeDue(at(13.9))).toEqual([])
    expect(brief(watches.takeDue(at(14)))).toEqual([['silent', 4]])
    expect(watches.silentSince('s')).toBe(at(4))
    expect(watches.takeDue(at(99))).toEqual([])
    expect(brief(watches.heard('s', at(100)))).toEqual([['heard', 4]])
    expect(watches.silentSince('s')).toBe(null)
    expect(brief(watches.takeDue(at(110)))).toEqual([['silent', 100]])
  })

  it('is expected from the moment it is watched, though it never spoke', () => {
    const watches = new Watches(noCron)
    watches.set('s', [silence], at(0))
    expect(brief(watches.takeDue(at(10)))).toEqual([['silent', null]])
  })

  it('that is not watched any more is taken as heard, and one watched otherwise keeps what it said', () => {
    const watches = new Watches(noCron)
    watches.set('s', [silence], at(0))
    watches.heard('s', at(1))
    watches.set('s', [{ ...silence, expected: { everyMs: at(3) } }], at(2))
    expect(watches.nextDueAt()).toBe(at(4))
    watches.takeDue(at(4))
    expect(brief(watches.set('s', [], at(5)))).toEqual([['heard', 1]])
    expect(watches.nextDueAt()).toBe(null)
    expect(watches.of('s')).toEqual([])
  })

  it('that is long late by a new, shorter measure is told of at once, and only once', () => {
    const watches = new Watches(noCron)
    watches.set('s', [silence], at(0))
    watches.heard('s', at(1))
    watches.set('s', [{ ...silence, expected: { everyMs: at(2) } }], at(8))
    expect(brief(watches.takeDue(at(8)))).toEqual([['silent', 1]])
    expect(watches.takeDue(at(60))).toEqual([])
  })
})

describe('a job that pings', () => {
  it('is not missed before its first ping, and then by its schedule and its grace', () => {
    const watches = new Watches(noCron)
    watches.set('s', [job], at(0))
    expect(watches.nextDueAt()).toBe(null)
    watches.heard('s', at(1))
    expect(watches.nextDueAt()).toBe(null)
    watches.beat('s', success, at(2))
    expect(watches.expectedBy('s')).toBe(at(67))
    expect(brief(watches.takeDue(at(67)))).toEqual([['silent', 2]])
  })

  it('that began and did not end in its time is found out, and a run that ended is not', () => {
    const watches = new Watches(noCron)
    watches.set('s', [job], at(0))
    watches.beat('s', start, at(0))
    watches.beat('s', success, at(14))
    expect(watches.takeDue(at(15))).toEqual([])
    watches.beat('s', start, at(20))
    expect(watches.nextDueAt()).toBe(at(35))
    expect(brief(watches.takeDue(at(35)))).toEqual([['overrun', 20]])
    expect(watches.takeDue(at(500))).toEqual([])
  })

  it('tells runs apart by their name', () => {
    const watches = new Watches(noCron)
    watches.set('s', [job], at(0))
    watches.beat('s', { signal: 'start', run: 'a' }, at(0))
    watches.beat('s', { signal: 'start', run: 'b' }, at(5))
    watches.beat('s', { signal: 'success', run: 'a' }, at(6))
    expect(brief(watches.takeDue(at(20)))).toEqual([['overrun', 5]])
  })

  it('that failed says so itself: it is not found late too, until it was well again', () => {
    const watches = new Watches(noCron)
    watches.set('s', [job], at(0))
    watches.beat('s', success, at(0))
    watches.beat('s', failure, at(30))
    expect(watches.nextDueAt()).toBe(null)
    watches.beat('s', success, at(40))
    expect(watches.nextDueAt()).toBe(at(105))
  })

  it('follows a cron expression, asked for the instant after the last success', () => {
    const asked: unknown[] = []
    const watches = new Watches((cron, timeZone, after) => {
      asked.push([cron, timeZone, after])
      return at(240)
    })
    watches.set('s', [{ ...job, expected: { cron: '0 4 * * *', timeZone: 'Europe/Berlin' } }], at(0))
    watches.beat('s', success, at(3))
    expect(asked).toEqual([['0 4 * * *', 'Europe/Berlin', at(3)]])
    expect(watches.nextDueAt()).toBe(at(245))
  })

  it('that starts over and over is remembered within bounds', () => {
    const watches = new Watches(noCron)
    watches.set('s', [job], at(0))
    for (let run = 0; run < 1000; run++) watches.beat('s', { signal: 'start', run: String(run) }, at(0) + run)
    expect(watches.save()[0]?.runs).toHaveLength(100)
  })
})

it('W2: the same entries give the same findings, also when it is made again in between; none of one silence comes twice', () => {
  const step = fc.record({
    minutes: fc.integer({ min: 0, max: 40 }),
    source: fc.constantFrom('a', 'b'),
    act: fc.constantFrom(
      'watch',
      'watch job',
      'unwatch',
      'heard',
      'start',
      'success',
      'failure',
      'tick',
      'tick',
      'restart',
    ),
    run: fc.constantFrom(null, 'x', 'y'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const steady = new Watches(noCron)
      let restarted = new Watches(noCron)
      const silent = new Map<string, boolean>()
      let now = 0
      for (const { minutes, source, act, run } of steps) {
        now += at(minutes)
        const both = [steady, restarted].map((watches): readonly Finding[] => {
          switch (act) {
            case 'watch':
              return watches.set(source, [silence], now)
            case 'watch job':
              return watches.set(source, [silence, job], now)
            case 'unwatch':
              return watches.set(source, [], now)
            case 'heard':
              return watches.heard(source, now)
            case 'tick':
              return watches.takeDue(now)
            case 'restart':
              return []
            default:
              watches.beat(source, { signal: act, run }, now)
              return []
          }
        })
        if (act === 'restart') restarted = new Watches(noCron, JSON.parse(JSON.stringify(restarted.save())))
        expect(both[1]).toEqual(both[0])
        for (const { sourceId, watch, what } of both[0] ?? []) {
          if (watch.id !== 'silence') continue
          expect(what === 'silent').toBe(silent.get(sourceId) !== true)
          silent.set(sourceId, what === 'silent')
        }
        expect(restarted.nextDueAt()).toBe(steady.nextDueAt())
        // Nothing that is due is left behind.
        if (act === 'tick') expect(steady.nextDueAt() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now)
      }
    }),
  )
})
