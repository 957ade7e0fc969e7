import { describe, expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const sentAt = '1795308600'
const send = (resource: string, body: unknown) =>
  reading('sentry/intake', body, undefined, {
    headers: { 'sentry-hook-resource': resource, 'sentry-hook-timestamp': sentAt },
  })
const json = (name: string) => JSON.parse(fixture(name).toString()) as { data: Record<string, object> }
const issue = (action: string) => send('issue', { ...json('sentry-issue-created'), action }).events[0]

describe('issues', () => {
  it('an alert rule begins the condition of its issue', () => {
    const { events, answer } = send('event_alert', fixture('sentry-rule-alert'))
    expect(answer).toEqual({ status: 200 })
    expect(events).toMatchObject([
      {
        kind: 'alert',
        status: 'firing',
        severity: 'high',
        severityRaw: 'error',
        title: 'TypeError: total is not a number',
        description: 'pay(order)',
        startsAt: Date.UTC(2026, 10, 22, 0, 48, 11, 677),
        expiresAt: null,
        timesOut: false,
        service: 'checkout',
        labels: {
          alertname: 'Errors in checkout',
          project: 'checkout',
          environment: 'production',
          release: 'shop@3.2.0',
          instance: 'web-3',
        },
        links: [{ href: 'https://sentry.io/organizations/harbour/issues/500123/events/a1b2/', text: 'Issue' }],
      },
    ])
    // Who met the error is personal and no help here.
    expect(JSON.stringify(events)).not.toContain('192.0.2.10')
  })

  it('its creation, its resolving and its coming back are the same condition', () => {
    const key = send('event_alert', fixture('sentry-rule-alert')).events[0]?.dedupKey
    const created = send('issue', fixture('sentry-issue-created')).events[0]
    const resolved = send('issue', fixture('sentry-issue-resolved')).events[0]
    const back = issue('unresolved')
    expect([created, resolved, back].map((event) => event?.dedupKey)).toEqual([key, key, key])
    expect(created).toMatchObject({ status: 'firing', startsAt: Date.UTC(2026, 10, 22, 0, 40) })
    expect(resolved).toMatchObject({ status: 'resolved', endsAt: Number(sentAt) * 1000 })
    expect(back).toMatchObject({ status: 'firing', startsAt: Number(sentAt) * 1000 })
  })

  it('archived is over, assigned is a note', () => {
    expect(issue('archived')?.status).toBe('resolved')
    expect(issue('ignored')?.status).toBe('resolved')
    expect(issue('assigned')).toMatchObject({ status: 'acknowledged', endsAt: null })
  })

  it.each([
    ['fatal', 'critical'],
    ['error', 'high'],
    ['warning', 'medium'],
    ['info', 'info'],
    ['debug', 'info'],
  ])('level %s is %s', (level, severity) => {
    const body = json('sentry-rule-alert')
    const data = { ...body.data, event: { ...body.data.event, level } }
    expect(send('event_alert', { ...body, data }).events[0]?.severity).toBe(severity)
  })

  it('the sample of "Send Test Notification" is a test', () => {
    const body = json('sentry-rule-alert')
    const data = { ...body.data, event: { ...body.data.event, tags: [['sample_event', 'yes'], 7, ['odd']] } }
    expect(send('event_alert', { ...body, data }).events[0]?.kind).toBe('test')
  })

  it('the issue is also known by its address', () => {
    const body = json('sentry-rule-alert')
    const event = { ...body.data.event, issue_id: undefined }
    expect(send('event_alert', { ...body, data: { event } }).events[0]?.dedupKey).toBe(
      send('event_alert', body).events[0]?.dedupKey,
    )
  })
})

it('a metric alert ends by itself', () => {
  const [firing] = send('metric_alert', fixture('sentry-metric-critical')).events
  const [over] = send('metric_alert', fixture('sentry-metric-resolved')).events
  expect(firing).toMatchObject({
    status: 'firing',
    severity: 'critical',
    title: 'Critical: Too many errors',
    startsAt: Date.UTC(2026, 10, 22, 0, 42),
    groupKey: '7',
    service: 'checkout',
    labels: { environment: 'production' },
  })
  expect(over).toMatchObject({ status: 'resolved', endsAt: Number(sentAt) * 1000, dedupKey: firing?.dedupKey })
})

it('errors, comments and installations are logs', () => {
  for (const [resource, action] of [
    ['error', 'created'],
    ['comment', 'created'],
    ['installation', 'deleted'],
    ['issue', 'dancing'],
  ] as const) {
    const data = { issue: { id: '1' }, error: { title: 'Boom' } }
    expect(send(resource, { action, data }).events[0]).toMatchObject({ kind: 'log', severity: 'info' })
  }
})

it('what is missing is named', () => {
  expect(reading('sentry/intake', '{}').unreadable[0]?.reason).toContain('Sentry-Hook-Resource')
  expect(send('event_alert', { data: { event: {} } }).unreadable[0]?.reason).toContain('issue_id')
  expect(send('issue', {}).unreadable[0]?.reason).toContain('data.issue.id')
  expect(send('metric_alert', {}).unreadable[0]?.reason).toContain('data.metric_alert.id')
  expect(send('issue', '[').answer.status).toBe(400)
  expect(send('issue', '[]').answer.status).toBe(422)
})

it('without a time of its own, now', () => {
  const body = fixture('sentry-issue-resolved')
  expect(
    reading('sentry/intake', body, undefined, { headers: { 'sentry-hook-resource': 'issue' } }).events[0]?.endsAt,
  ).toBe(capturedAt)
})
