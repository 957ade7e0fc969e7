import { describe, expect, it } from 'vitest'
import { capturedAt, fixture, reading, requestOf } from './reading.fixture.ts'

const id = 'opsgenie/opsgenie'
const create = (body: unknown) => reading(id, body)
/** A request about an alert that is known. */
const act = (path: string, body: unknown = {}, more = {}) =>
  reading(id, body, capturedAt, { path, query: 'identifierType=alias', ...more })
const eventOf = (read: ReturnType<typeof create>) => {
  expect(read.unreadable).toEqual([])
  expect(read.events).toHaveLength(1)
  return read.events[0] as NonNullable<(typeof read.events)[0]>
}
const bodyOf = (read: ReturnType<typeof create>) => read.answer.body as Record<string, unknown>
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('what real clients send', () => {
  it('the SDK of Node: create, and close under the alias as it is, slash and all', () => {
    const created = create(fixture('opsgenie-sdk-create'))
    const event = eventOf(created)
    expect(event).toMatchObject({
      kind: 'alert',
      status: 'firing',
      family: 'keyed',
      title: 'db-1 down',
      severity: 'critical',
      severityRaw: 'P1',
      labels: { host: 'db-1', alias: 'db-1/down', tags: 'prod' },
      startsAt: capturedAt,
    })
    expect(created.answer).toEqual({
      status: 202,
      body: { result: 'Request will be processed', took: 0, requestId: `${event.dedupKey}-${capturedAt}` },
    })
    expect(event.dedupKey).toMatch(uuid)
    const closed = eventOf(act('db-1/down/close', fixture('opsgenie-sdk-close')))
    expect(closed).toMatchObject({ status: 'resolved', dedupKey: event.dedupKey, endsAt: capturedAt, note: 'fixed' })
    expect(eventOf(act('db-1%2Fdown/close')).dedupKey).toBe(event.dedupKey)
  })

  it('Alertmanager: labels as details, the severity among them where it gives no priority, its page as a link', () => {
    const body = JSON.parse(fixture('alertmanager-opsgenie-create').toString()) as Record<string, unknown>
    const event = eventOf(create(body))
    expect(event).toMatchObject({
      severity: 'critical',
      title: '[FIRING:1] InstanceDown (demo 127.0.0.1:19999 web critical web)',
      labels: { alertname: 'InstanceDown', cluster: 'demo', instance: '127.0.0.1:19999', job: 'web', team: 'web' },
      links: [{ href: 'http://vm:19093/#/alerts?receiver=all', text: 'Source' }],
    })
    expect(event.labels).not.toHaveProperty('source')
    expect(eventOf(create({ ...body, priority: undefined }))).toMatchObject({ severityRaw: 'critical' })
    const closed = eventOf(act(`${body.alias}/close`, fixture('alertmanager-opsgenie-close')))
    expect([closed.dedupKey, closed.status, closed.note]).toEqual([event.dedupKey, 'resolved', undefined])
  })
})

describe('an alert', () => {
  it.each([
    ['P1', 'critical'],
    ['P2', 'high'],
    ['P3', 'medium'],
    ['P4', 'low'],
    ['P5', 'info'],
  ])('of priority %s is %s', (priority, severity) => {
    expect(eventOf(create({ message: 'm', alias: 'a', priority }))).toMatchObject({ severity, severityRaw: priority })
  })

  it('without priority leaves the severity to its source, medium where that has none', () => {
    expect(eventOf(create({ message: 'm' }))).toMatchObject({ severity: 'medium', severityRaw: '' })
  })

  it('has what helps: entity, source, tags, team, service, links from details, its first note', () => {
    const event = eventOf(
      create({
        message: 'Disk full',
        alias: 'disk',
        description: 'sda1 of db-1.',
        note: 'again',
        entity: 'db-1',
        source: 'cron',
        tags: ['prod', 'disk'],
        actions: ['Restart'],
        responders: [
          { type: 'user', username: 'ada@example.com' },
          { type: 'team', name: 'storage' },
        ],
        details: { service: 'orders', free: 1, runbook: 'https://runbooks.example/disk', bad: 'javascript:x' },
      }),
    )
    expect(event).toMatchObject({
      service: 'orders',
      description: 'sda1 of db-1.\n\nagain',
      labels: { free: '1', alias: 'disk', entity: 'db-1', source: 'cron', tags: 'prod, disk', bad: 'javascript:x' },
      annotations: { runbook: 'https://runbooks.example/disk', actions: 'Restart' },
      links: [{ href: 'https://runbooks.example/disk', text: 'runbook' }],
    })
  })

  it('without an alias has an id, the same when the entry is read again, that names it as Opsgenie’s does', () => {
    const { dedupKey } = eventOf(create({ message: 'm' }))
    expect(dedupKey).toMatch(uuid)
    expect(eventOf(create({ message: 'm' })).dedupKey).toBe(dedupKey)
    expect(eventOf(reading(id, { message: 'm' }, capturedAt + 1)).dedupKey).not.toBe(dedupKey)
    for (const query of ['', 'identifierType=id', 'identifierType=alias'])
      expect(eventOf(act(`${dedupKey.toUpperCase()}/close`, {}, { query })).dedupKey).toBe(dedupKey)
  })

  it('is found by its id too, which the status of the request tells', () => {
    const created = create({ message: 'm', alias: 'db-1/down' })
    const requestId = String(bodyOf(created).requestId)
    const status = act(`requests/${requestId}`, '', { method: 'GET', query: '' })
    expect(status).toMatchObject({ events: [], unreadable: [], keep: false, answer: { status: 200 } })
    const { data } = status.answer.body as { data: Record<string, string> }
    expect(data).toMatchObject({ success: true, isSuccess: true, processedAt: new Date(capturedAt).toISOString() })
    expect(eventOf(act(`${data.alertId}/close`, {}, { query: '' })).dedupKey).toBe(eventOf(created).dedupKey)
  })
})

describe('actions', () => {
  const key = eventOf(create({ message: 'm', alias: 'a' })).dedupKey

  it('acknowledge is a note on the alert, with whose it was', () => {
    const event = eventOf(act('a/acknowledge', { user: 'ada@example.com', note: 'mine' }))
    expect(event).toMatchObject({ status: 'acknowledged', dedupKey: key, note: 'ada@example.com: mine' })
    expect(eventOf(act('a/acknowledge', '')).note).toBeUndefined()
    expect(eventOf(act('a/unacknowledge'))).toMatchObject({
      amends: ['acknowledgement'],
      note: 'Acknowledgement taken back',
    })
  })

  it.each([
    ['notes', { note: 'replaced the cable' }, 'replaced the cable'],
    ['snooze', { endTime: '2026-11-22T04:00:00Z', note: 'night' }, 'Snoozed until 2026-11-22T04:00:00Z: night'],
    ['assign', { owner: { username: 'ada@example.com' } }, 'Assigned to ada@example.com'],
    ['escalate', { escalation: { name: 'night' } }, 'Escalated to night'],
    ['responders', { responder: { type: 'team', name: 'db' } }, 'Responder added: db'],
    ['teams', { team: { id: 't1' } }, 'Team added: t1'],
    ['tags', { tags: ['x', 'y'] }, 'Tags added: x, y'],
    ['details', { details: { k: 'v' } }, 'Details added: {"k":"v"}'],
    ['actions/Restart%20it', {}, 'Action asked for: Restart it'],
  ])('%s is kept as a note, and opens nothing', (word, body, note) => {
    const read = act(`a/${word}`, body)
    expect(eventOf(read)).toMatchObject({ kind: 'alert', status: 'firing', dedupKey: key, amends: [], note })
    expect(read.answer.status).toBe(202)
  })

  it.each([
    ['message', { message: 'Worse' }, { amends: ['title'], title: 'Worse' }],
    ['description', { description: 'Both.' }, { amends: ['description'], description: 'Both.' }],
    ['priority', { priority: 'P1' }, { amends: ['severity'], severity: 'critical', severityRaw: 'P1' }],
  ])('PUT %s changes that and nothing else', (word, body, expected) => {
    const read = act(`a/${word}`, body, { method: 'PUT' })
    expect(eventOf(read)).toMatchObject({ status: 'firing', dedupKey: key, ...expected })
    expect(read.answer.status).toBe(202)
  })

  it('DELETE of an alert ends it, of its tags and details is a note', () => {
    const gone = (path: string, query = '') => eventOf(act(path, '', { method: 'DELETE', query }))
    expect(gone('a')).toMatchObject({ status: 'resolved', dedupKey: key, note: 'Deleted by the sender' })
    const slashed = eventOf(create({ message: 'm', alias: 'db-1/down' })).dedupKey
    expect(gone('db-1/down').dedupKey).toBe(slashed)
    expect(gone('a/tags', 'tags=x,y')).toMatchObject({ amends: [], dedupKey: key, note: 'Tags removed: x,y' })
    expect(gone('a/details', 'keys=k&user=ada')).toMatchObject({ dedupKey: key, note: 'ada: Details removed: k' })
  })

  it('an alias with a sign that is no encoding is taken as it is', () => {
    expect(eventOf(act('disk 95%/close')).dedupKey).toBe(eventOf(create({ message: 'm', alias: 'disk 95%' })).dedupKey)
  })
})

describe('bad input, answered as Opsgenie answers, and kept as rejected', () => {
  const long = 'x'.repeat(513)
  it.each([
    [{}, 'message', 'can not be empty'],
    [{ message: ' ' }, 'message', 'can not be empty'],
    [{ message: 'm', alias: long }, 'alias', 'longer than 512'],
    [{ message: 'm', alias: {} }, 'alias', 'must be a text'],
    [{ message: 'm', details: [] }, 'details', 'object'],
    [{ message: 'm', tags: 'x' }, 'tags', 'list'],
    [{ message: 'm', priority: 'P6' }, 'priority', 'should be one of [ P1, P2, P3, P4, P5 ]'],
    [{ message: 'm', priority: 3 }, 'priority', 'should be one of'],
  ])('%j', (body, field, fault) => {
    const read = create(body)
    expect(read).toMatchObject({ events: [], keep: true, answer: { status: 422 } })
    expect(bodyOf(read)).toMatchObject({ errors: { [field]: expect.stringContaining(fault) } })
    expect(read.unreadable).toEqual([{ index: 0, reason: expect.stringContaining(fault) }])
    expect(read.unreadable[0]?.reason).not.toContain('P6')
  })

  it.each([
    ['a/notes', {}, 'note'],
    ['a/snooze', {}, 'endTime'],
    ['a/assign', { owner: 'ada' }, 'owner'],
  ])('%s with %j names what is missing', (path, body, field) => {
    expect(act(path, body)).toMatchObject({
      answer: { status: 422, body: { errors: { [field]: expect.any(String) } } },
    })
  })

  it('every fault is named at once; no JSON is 400; a tiny id cannot be known', () => {
    expect(bodyOf(create({ tags: 1, details: 1 })).errors).toMatchObject({
      message: expect.any(String),
      tags: '' + 'must be a list of texts',
    })
    for (const body of ['nope', '[]', ''])
      expect(create(body)).toMatchObject({ events: [], keep: true, answer: { status: 400 } })
    const tiny = act('1791/close', {}, { query: 'identifierType=tiny' })
    expect(tiny).toMatchObject({ answer: { status: 422, body: { errors: { identifierType: expect.any(String) } } } })
  })

  it('what is not known says what is, and reading says where', () => {
    for (const [path, method] of [
      ['a/explode', 'POST'],
      ['a', 'POST'],
      ['a/close', 'PUT'],
      ['', 'PUT'],
      ['', 'DELETE'],
    ] as const)
      expect(act(path, { message: 'm' }, { method })).toMatchObject({ events: [], keep: true, answer: { status: 404 } })
    for (const path of ['', 'a', 'count'])
      expect(act(path, '', { method: 'GET' })).toMatchObject({ keep: false, answer: { status: 403 } })
    expect(act('requests/x', '', { method: 'GET' }).answer.status).toBe(404)
  })
})

it('method and address are part of what is logged, so that an entry reads the same again', async () => {
  const { adapterById } = await import('../adapters.ts')
  expect(adapterById(id)?.reads).toBeDefined()
  expect(adapterById(id)?.parse(requestOf(Buffer.from('{"message":"m"}'), { method: 'PUT' })).events).toEqual([])
})
