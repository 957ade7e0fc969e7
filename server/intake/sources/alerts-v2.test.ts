import { describe, expect, it } from 'vitest'
import { memberLimits } from './labels.ts'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const v2 = (body: unknown) => reading('prometheus/alerts-v2', body)
const labels = { alertname: 'Down' }
const firing = Date.UTC(2026, 10, 22, 0, 50, 29, 632)

describe('what real clients send', () => {
  it('Prometheus 2.42, firing: endsAt in the future is a promise to repeat', () => {
    const { events, unreadable, answer, keep } = v2(fixture('prometheus-firing'))
    expect(events).toEqual([
      {
        kind: 'alert',
        status: 'firing',
        dedupKey:
          '9:alertname12:InstanceDown7:cluster4:demo8:instance15:127.0.0.1:199993:job3:web8:severity8:critical4:team3:web',
        family: 'alertmanager',
        severity: 'critical',
        severityRaw: 'critical',
        title: 'Instance 127.0.0.1:19999 down',
        description: '127.0.0.1:19999 of job web has been down.',
        startsAt: firing,
        endsAt: null,
        expiresAt: firing + 20_000,
        timesOut: false,
        service: null,
        labels: expect.objectContaining({ alertname: 'InstanceDown', team: 'web' }),
        annotations: expect.objectContaining({ summary: 'Instance 127.0.0.1:19999 down' }),
        links: [
          { href: 'http://vm:19090/graph?g0.expr=up+%3D%3D+0&g0.tab=1', text: 'Source' },
          { href: 'https://runbooks.example/InstanceDown', text: 'Runbook' },
        ],
        groupKey: null,
      },
    ])
    expect({ unreadable, answer, keep }).toEqual({ unreadable: [], answer: { status: 200 }, keep: true })
  })

  it('Prometheus 2.42, resolved: endsAt in the past', () => {
    const { events } = reading('prometheus/alerts-v2', fixture('prometheus-resolved'), capturedAt + 120_000)
    expect(events[0]).toMatchObject({
      status: 'resolved',
      endsAt: Date.UTC(2026, 10, 22, 0, 51, 43, 632),
      expiresAt: null,
    })
  })

  it('amtool 0.25: times of year 1 are absent, so it starts now and times out', () => {
    const { events } = v2(fixture('amtool-add'))
    expect(events[0]).toMatchObject({
      status: 'firing',
      startsAt: capturedAt,
      endsAt: null,
      expiresAt: null,
      timesOut: true,
      title: 'Disk 95% full',
    })
  })
})

describe('times', () => {
  const only = (alert: object) => v2([{ labels, ...alert }]).events[0]
  it('no start: the end, or now', () => {
    expect(only({})).toMatchObject({ startsAt: capturedAt, timesOut: true })
    expect(only({ startsAt: null, endsAt: '' })).toMatchObject({ startsAt: capturedAt, timesOut: true })
    expect(only({ endsAt: '2026-11-22T00:40:00Z' })).toMatchObject({
      startsAt: Date.UTC(2026, 10, 22, 0, 40),
      status: 'resolved',
    })
  })
  it('a sender’s start is kept, however far off its clock is', () => {
    expect(only({ startsAt: '2026-11-22T09:00:00Z' })).toMatchObject({
      startsAt: Date.UTC(2026, 10, 22, 9),
      status: 'firing',
    })
  })
  it('an end exactly now has come', () => {
    expect(only({ endsAt: new Date(capturedAt).toISOString() })).toMatchObject({
      status: 'resolved',
      endsAt: capturedAt,
    })
  })
})

describe('labels', () => {
  it('empty and null values are dropped, and do not make another alert', () => {
    const [event] = v2([{ labels: { b: 'x', a: 'y', gone: '', none: null } }]).events
    expect(event?.labels).toEqual({ a: 'y', b: 'x' })
    expect(event?.dedupKey).toBe(v2([{ labels: { a: 'y', b: 'x' } }]).events[0]?.dedupKey)
  })
  it('names in UTF-8, as Prometheus 3 sends them', () => {
    expect(v2([{ labels: { 'http.status': '500', größe: 'L' } }]).events).toHaveLength(1)
  })
  it('no two label sets share a key, whatever separators they hold', () => {
    const sets = [{ a: '1', b: '2' }, { a: '11:b1:2' }, { 'a1:1': 'b1:2' }, { a: '1:b', '2': '' }, { a1: '1', b: '2' }]
    const keys = sets.map((labels) => v2([{ labels }]).events[0]?.dedupKey)
    expect(new Set(keys).size).toBe(sets.length)
  })
  it.each([
    ['critical', 'critical'],
    ['CRITICAL', 'critical'],
    ['page', 'critical'],
    ['error', 'high'],
    ['warning', 'medium'],
    ['whatever', 'medium'],
    ['none', 'info'],
    ['P4', 'low'],
  ])('severity %s is %s', (raw, ours) => {
    expect(v2([{ labels: { ...labels, severity: raw } }]).events[0]).toMatchObject({ severity: ours, severityRaw: raw })
  })
  it('without severity it is medium, and says that nobody said', () => {
    expect(v2([{ labels }]).events[0]).toMatchObject({ severity: 'medium', severityRaw: '' })
  })
  it('without summary the title is the name and the place', () => {
    expect(v2([{ labels: { ...labels, instance: 'db1' } }]).events[0]?.title).toBe('Down on db1')
  })
  it('links that a browser must not follow are left out', () => {
    expect(
      v2([{ labels, generatorURL: 'javascript:alert(1)', annotations: { runbook_url: '/relative' } }]).events[0]?.links,
    ).toEqual([])
  })
})

describe('answers, as Alertmanager gives them', () => {
  // Status and shape were compared with Alertmanager 0.25.
  it.each([
    ['[]', 200, undefined, false],
    ['null', 200, undefined, false],
    ['', 422, { code: 602, message: 'alerts in body is required' }, true],
    [' \n', 422, { code: 602, message: 'alerts in body is required' }, true],
    [
      'nope',
      400,
      {
        code: 400,
        message: expect.stringContaining('parsing alerts body from "" failed, because the body is no JSON'),
      },
      true,
    ],
    ['{}', 400, { code: 400, message: expect.stringContaining('expected an array of alerts') }, true],
    ['[{}]', 422, { code: 602, message: '0.labels in body is required' }, true],
    ['[null]', 422, { code: 602, message: '0.labels in body is required' }, true],
    ['[{"labels":{}}]', 400, '"0: at least one label pair required"', true],
    ['[{"labels":{"a":""}}]', 400, '"0: at least one label pair required"', true],
    [
      '[{"labels":{"a":1}}]',
      400,
      { code: 400, message: expect.stringContaining('label \\"a\\" must be a string'.replaceAll('\\', '')) },
      true,
    ],
    ['[1]', 400, { code: 400, message: expect.stringContaining('0: an alert must be an object') }, true],
    [
      '[{"labels":{"a":"b"},"startsAt":"xx"}]',
      400,
      { code: 400, message: expect.stringContaining('expected an RFC 3339 time such as') },
      true,
    ],
    [
      '[{"labels":{"a":"b"},"startsAt":"2026-11-22T10:00:00Z","endsAt":"2026-11-22T09:00:00Z"}]',
      400,
      '"0: start time must be before end time"',
      true,
    ],
  ])('%s → %i', (body, status, said, keep) => {
    const read = v2(body)
    expect(read.answer.status).toBe(status)
    expect(read.answer.body).toEqual(said)
    expect(read.keep).toBe(keep)
    expect(read.events).toEqual([])
    expect(read.unreadable).toHaveLength(keep ? 1 : 0)
  })

  it('good members of a bad batch are kept, bad ones named by index', () => {
    const read = v2([
      { labels: { a: '1' } },
      { labels: {} },
      { labels: { a: '2' } },
      { labels: { a: '3' }, annotations: 7 },
    ])
    expect(read.events.map(({ labels }) => labels.a)).toEqual(['1', '2'])
    expect(read.unreadable).toEqual([
      { index: 1, reason: 'at least one label pair required' },
      { index: 3, reason: 'annotations must be an object of strings' },
    ])
    expect(read.answer).toMatchObject({ status: 400, body: { code: 400 } })
  })
})

describe('limits, each named', () => {
  const reason = (alert: object) => v2([alert]).unreadable[0]?.reason
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, 'x']))
  it('of labels and annotations', () => {
    expect(v2([{ labels: many(memberLimits.labels), annotations: many(memberLimits.annotations) }]).unreadable).toEqual(
      [],
    )
    expect(reason({ labels: many(memberLimits.labels + 1) })).toBe('more than 100 labels')
    expect(reason({ labels, annotations: many(memberLimits.annotations + 1) })).toBe('more than 100 annotations')
    expect(reason({ labels: { ['n'.repeat(257)]: 'x' } })).toMatch(/^label name "n{80}" is longer than 256 characters$/)
    expect(reason({ labels: { a: 'x'.repeat(4097) } })).toBe('value of label "a" is longer than 4096 characters')
    expect(reason({ labels, annotations: { a: 'x'.repeat(32_769) } })).toBe(
      'annotation "a" is longer than 32768 characters',
    )
    expect(reason({ labels, annotations: { ['n'.repeat(257)]: 'x' } })).toMatch(
      /^annotation name .* longer than 256 characters$/,
    )
  })
  it('of names that would change an object’s prototype', () => {
    expect(v2('[{"labels":{"a":"b","__proto__":"x"}}]').unreadable[0]?.reason).toContain('invalid name "__proto__"')
    expect(v2('[{"labels":{"a":"b"},"annotations":{"__proto__":"x"}}]').unreadable[0]?.reason).toContain(
      'invalid name "__proto__"',
    )
  })
  it('of members: the rest is one entry, not a million', () => {
    const read = v2(`[{"labels":{"a":"b"}},${'1,'.repeat(20_000)}1]`)
    expect(read.events).toHaveLength(1)
    expect(read.unreadable).toHaveLength(10_000)
    expect(read.unreadable.at(-1)).toEqual({
      index: 10_000,
      reason: 'more than 10000 alerts in one request; 10002 were not read',
    })
    expect(JSON.stringify(read.answer).length).toBeLessThan(2000)
  })
  it('of depth: 64 levels are read, 65 are not; brackets in strings do not count', () => {
    const deep = (levels: number) =>
      `[{"labels":{"a":"${'['.repeat(500)}\\"${'{'.repeat(500)}"},"x":${'['.repeat(levels - 2)}${']'.repeat(levels - 2)}}]`
    expect(v2(deep(64)).unreadable).toEqual([])
    expect(v2(deep(65)).unreadable).toEqual([{ index: 0, reason: 'the body is nested deeper than 64 levels' }])
  })
})

it('bytes that are no UTF-8 and a byte order mark do not lose an alert', () => {
  const latin = Buffer.from('[{"labels":{"a":"M\u00fcnchen"}}]', 'latin1')
  expect(v2(latin).events[0]?.labels).toEqual({ a: 'M\ufffdnchen' })
  expect(v2(Buffer.from('\ufeff[{"labels":{"a":"b"}}]')).events).toHaveLength(1)
})

it('half a surrogate pair becomes U+FFFD, so that text reads the same after it was stored', () => {
  const read = v2(
    '[{"labels":{"a\\ud83d":"x\\udd25","b":"\\ud83d\\udd25 \\\\ud83d"},"annotations":{"summary":"' +
      'x'.repeat(299) +
      '\\ud83d\\udd25"}}]',
  )
  expect(read.events[0]?.labels).toEqual({ 'a\ufffd': 'x\ufffd', b: '\u{1f525} \\ud83d' })
  expect(read.events[0]?.title).toBe('x'.repeat(299))
})
