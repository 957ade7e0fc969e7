import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { readSettings, type Settings } from '#shared/source.ts'
import { healthchecks, nextOfCron } from './healthchecks.ts'
import { capturedAt, reading } from './reading.fixture.ts'

const ping = (path: string, body = '', query = '') =>
  reading('healthchecks/ping', body, capturedAt, { path, query, settings: { name: 'backup', service: 'billing' } })
const settings = (given: Record<string, unknown>): Settings => {
  const read = readSettings(healthchecks.settings ?? [], given)
  if (!('settings' in read)) throw new TypeError(JSON.stringify(read.faults))
  return read.settings
}

describe('a ping', () => {
  it('of success ends what was wrong with the job, and is answered OK', () => {
    for (const path of ['', '0']) {
      const { events, answer, keep } = ping(path)
      expect(events).toHaveLength(1)
      expect(events[0]).toMatchObject({ kind: 'heartbeat', status: 'resolved', dedupKey: 'check' })
      expect(events[0]?.beat).toEqual({ signal: 'success', run: null })
      expect(answer).toMatchObject({ status: 200, body: 'OK' })
      expect(keep).toBe(true)
    }
  })

  it('of failure fires, with the exit status and the last words of the job', () => {
    const { events } = ping('3', `${'x'.repeat(20_000)}disk full\n`)
    expect(events[0]).toMatchObject({
      kind: 'alert',
      status: 'firing',
      title: 'backup failed with exit status 3',
      service: 'billing',
    })
    expect(events[0]?.labels).toEqual({ alertname: 'JobFailed', source: 'backup', exit: '3', service: 'billing' })
    expect(events[0]?.description.endsWith('disk full')).toBe(true)
    expect(events[0]?.description.length).toBeLessThanOrEqual(10_000)
    expect(ping('fail').events[0]).toMatchObject({ status: 'firing', title: 'backup failed', dedupKey: 'check' })
  })

  it('of a start or a log line says nothing about how the job stands', () => {
    const rid = '5d2a7cf4-0f5c-4a9f-8f3e-1d4f4d1c2b3a'
    expect(ping('start', '', `rid=${rid}`).events[0]).toMatchObject({
      kind: 'heartbeat',
      status: 'acknowledged',
      beat: { signal: 'start', run: rid },
    })
    expect(ping('log', 'half way').events[0]).toMatchObject({ kind: 'log', description: 'half way' })
  })

  it.each([['256'], ['-1'], ['end'], ['00x']])('with /%s is refused as such servers do, and kept', (path) => {
    const { events, unreadable, answer } = ping(path)
    expect(events).toEqual([])
    expect(unreadable).toHaveLength(1)
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('invalid url format') })
  })

  it('whose rid is no UUID is refused', () => {
    expect(ping('', '', 'rid=7').answer).toMatchObject({ status: 400, body: expect.stringContaining('invalid uuid') })
  })
})

describe('the schedule of a job', () => {
  const source = { name: 'backup', defaultSeverity: null }

  it('is a period and a grace, and a day and an hour where nothing is set', () => {
    expect(healthchecks.watch?.({ ...source, settings: settings({}) })).toMatchObject({
      hears: 'success',
      expected: { everyMs: 24 * hourMs },
      graceMs: hourMs,
      runMs: hourMs,
      afterFirst: true,
      severity: 'high',
    })
  })

  it('is a cron expression in its time zone where one is set', () => {
    const set = settings({ cron: '30 2 * * 1-5', timeZone: 'Europe/Berlin', grace: 5 * minuteMs, service: 'billing' })
    expect(healthchecks.faultsOf?.(set)).toEqual([])
    expect(healthchecks.watch?.({ ...source, defaultSeverity: 'low', settings: set })).toMatchObject({
      expected: { cron: '30 2 * * 1-5', timeZone: 'Europe/Berlin' },
      graceMs: 5 * minuteMs,
      severity: 'low',
      service: 'billing',
    })
  })

  it('that cannot be is refused with the path of what is wrong', () => {
    expect(healthchecks.faultsOf?.({ cron: 'every day' })).toMatchObject([{ path: 'cron' }])
    expect(healthchecks.faultsOf?.({ cron: '0 0 31 2 *' })).toMatchObject([
      { path: 'cron', message: expect.stringContaining('never') },
    ])
    expect(healthchecks.faultsOf?.({ cron: '* * * * * *' })).toMatchObject([{ path: 'cron' }])
    expect(healthchecks.faultsOf?.({ timeZone: 'Europe/Uxbridge' })).toMatchObject([{ path: 'timeZone' }])
  })
})

describe('nextOfCron', () => {
  const at = (text: string) => Date.parse(text)

  it('is strictly after the instant, in the time zone', () => {
    expect(nextOfCron('30 2 * * *', 'UTC', at('2026-11-22T02:30:00Z'))).toBe(at('2026-11-23T02:30:00Z'))
    expect(nextOfCron('30 2 * * *', 'Europe/Berlin', at('2026-11-22T00:00:00Z'))).toBe(at('2026-11-22T01:30:00Z'))
  })

  it('keeps to the wall clock when summer time begins and ends', () => {
    // 29 March 2026: 02:30 does not exist in Berlin; 25 October 2026: it exists twice.
    expect(nextOfCron('0 4 * * *', 'Europe/Berlin', at('2026-03-28T12:00:00Z'))).toBe(at('2026-03-29T02:00:00Z'))
    expect(nextOfCron('0 4 * * *', 'Europe/Berlin', at('2026-10-24T12:00:00Z'))).toBe(at('2026-10-25T03:00:00Z'))
    const skipped = nextOfCron('30 2 * * *', 'Europe/Berlin', at('2026-03-28T12:00:00Z'))
    expect(skipped).not.toBeNull()
    expect(skipped as number).toBeLessThanOrEqual(at('2026-03-30T00:30:00Z'))
  })
})
