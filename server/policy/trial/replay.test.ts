import { describe, expect, it } from 'vitest'
import { builtInPolicy } from '#shared/policy.ts'
import type { TrialResult } from '#shared/trial.ts'
import type { FilterEntry } from '../../filter/port.ts'
import type { Reading } from '../../store/index.ts'
import type { LogEntry } from '../../store/port.ts'
import { type ReplayParts, replay } from './replay.ts'

const hourMs = 3_600_000
const start = Date.UTC(2026, 0, 5)
const candidate = { hash: 'next', policy: builtInPolicy }
const old = { hash: 'old', policy: builtInPolicy }

/** A log with an entry each second, and a decision about each tenth. */
function worldOf(entries: number) {
  const at = (pos: number) => start + pos * 1000
  const entry = (pos: number): LogEntry => {
    return { pos, at: at(pos), kind: 'tick', sourceId: null, adapter: '', body: new Uint8Array() }
  }
  const asked: number[] = []
  const reading: Reading = {
    newestPos: () => entries,
    logAfter(pos, limit) {
      asked.push(limit)
      return Array.from({ length: Math.max(0, Math.min(limit, entries - pos)) }, (_, index) => entry(pos + index + 1))
    },
    decisionsTo: (pos) => Math.floor(pos / 10),
    placesAfter: (n, limit) =>
      Array.from({ length: Math.max(0, Math.min(limit, Math.floor(entries / 10) - n)) }, (_, index) => {
        const number = n + index + 1
        return { n: number, pos: number * 10, alertId: `a${number}`, incidentId: 'INC-1' }
      }),
    factsOf: () => [],
    settings: () => [],
    policyAt: () => 'old',
    pseudonym: (text) => text,
    close: () => undefined,
  }
  const folded: { entry: FilterEntry; places: number }[] = []
  const reports: number[] = []
  let first = ''
  const parts: ReplayParts = {
    ...{ reading, candidate },
    policyOf: (hash) => (hash === 'old' ? old : undefined),
    makeTrial(policy) {
      first = policy.hash
      return {
        fold: (entry, places) => void folded.push({ entry, places: places.length }),
        result: (_, peopleDid) => ({ entries: folded.length, people: peopleDid('INC-1') }) as unknown as TrialResult,
      }
    },
    toEntry: ({ pos, at }) => (pos % 7 === 0 ? null : { kind: 'tick', pos, at }),
    report: ({ done }) => void reports.push(done),
  }
  return { parts, folded, reports, asked, at, firstPolicy: () => first }
}
const silences = [
  { id: 'early', matchers: [], startsAt: start - 1, endsAt: start + 1e9 },
  { id: 'late', matchers: [], startsAt: start + 1e9, endsAt: start + 2e9 },
]

describe('the kept log is folded again', () => {
  it('from its beginning, where that is near: each entry once, with what was decided about it', () => {
    const { parts, folded, reports, firstPolicy } = worldOf(1000)
    const from = start + 100_000
    replay({ from, until: start + 1e7, silences }, parts)
    expect(firstPolicy()).toBe('next')
    expect(folded.map(({ entry }) => entry.pos)).toEqual(
      Array.from({ length: 1000 }, (_, index) => index + 1).filter((pos) => pos % 7 !== 0),
    )
    for (const { entry, places } of folded) expect(places, `${entry.pos}`).toBe(entry.pos % 10 === 0 ? 1 : 0)
    expect(reports.at(-1)).toBe(1000)
  })

  it('from half a day before, where the log is long: under the policy of that moment, with the silences of then', () => {
    const { parts, folded, asked, at, firstPolicy } = worldOf(100_000)
    const from = at(90_000)
    replay({ from, until: at(100_000), silences }, parts)
    expect(firstPolicy()).toBe('old')
    const [first, second] = folded
    expect(first?.entry).toMatchObject({ kind: 'silence', silences: [{ id: 'early' }] })
    expect(second?.entry.at).toBe(from - 12 * hourMs)
    expect(folded.at(-1)?.entry.pos).toBe(100_000)
    expect(folded.find(({ entry }) => entry.pos === 60_000)?.places).toBe(1)
    // Each entry may be half a megabyte.
    expect(Math.max(...asked)).toBeLessThanOrEqual(100)
  })

  it('a policy that the record names and does not have is said so', () => {
    const { parts } = worldOf(100_000)
    const broken = { ...parts, policyOf: () => undefined }
    expect(() => replay({ from: start + 9e7, until: start + 1e8, silences: [] }, broken)).toThrow(
      expect.objectContaining({ code: 'store-corrupt' }),
    )
  })

  it('nothing was ever received', () => {
    const { parts, folded } = worldOf(0)
    replay({ from: start, until: start + 1, silences }, parts)
    expect(folded).toEqual([])
  })
})
