import { describe, expect, it } from 'vitest'
import { capturedAt, fixture, reading } from './reading.fixture.ts'

const send = (event: string, body: unknown) =>
  reading('github/intake', body, undefined, { headers: { 'x-github-event': event } })
const json = (name: string) => JSON.parse(fixture(name).toString()) as Record<string, unknown>
const run = (change: object) => {
  const body = json('github-workflow-failed')
  return send('workflow_run', { ...body, workflow_run: { ...(body.workflow_run as object), ...change } }).events[0]
}

describe('workflows', () => {
  it('a failed run begins a condition of its branch, a successful one ends it', () => {
    const failed = send('workflow_run', fixture('github-workflow-failed'))
    expect(failed.answer).toEqual({ status: 200 })
    expect(failed.events).toMatchObject([
      {
        kind: 'alert',
        status: 'firing',
        family: 'keyed',
        severity: 'medium',
        severityRaw: '',
        title: 'Workflow Release failed on main of harbour/shop',
        description: 'Charge in cents\nRun 412, attempt 1',
        startsAt: Date.UTC(2026, 10, 22, 0, 45),
        service: 'shop',
        labels: { repository: 'harbour/shop', workflow: 'Release', branch: 'main', default_branch: 'true' },
        links: [{ href: 'https://github.com/harbour/shop/actions/runs/9100', text: 'Run' }, { text: 'Repository' }],
      },
    ])
    const [over] = send('workflow_run', fixture('github-workflow-succeeded')).events
    expect(over).toMatchObject({ status: 'resolved', endsAt: Date.UTC(2026, 10, 22, 0, 49) })
    expect(over?.dedupKey).toBe(failed.events[0]?.dedupKey)
  })

  it.each([
    ['timed_out', 'timed out'],
    ['startup_failure', 'did not start'],
  ])('%s fails too', (conclusion, words) => {
    expect(run({ conclusion })).toMatchObject({
      kind: 'alert',
      status: 'firing',
      title: expect.stringContaining(words),
    })
  })

  it('another branch is another condition, and less urgent', () => {
    expect(run({ head_branch: 'try' })).toMatchObject({ severity: 'low', labels: { default_branch: 'false' } })
    expect(run({ head_branch: 'try' })?.dedupKey).not.toBe(run({})?.dedupKey)
  })

  it.each([
    [{ conclusion: 'cancelled' }],
    [{ conclusion: 'skipped' }],
    [{ conclusion: null }],
    [{ event: 'pull_request' }],
  ])('%j tells of no condition', (change) => {
    expect(run(change)?.kind).toBe('log')
  })

  it('one that runs still tells of no condition', () => {
    expect(send('workflow_run', { ...json('github-workflow-failed'), action: 'in_progress' }).events[0]?.kind).toBe(
      'log',
    )
  })
})

it('deployments are changes', () => {
  expect(send('deployment', fixture('github-deployment')).events[0]).toMatchObject({
    kind: 'change',
    title: 'Deployment of shop to production: created',
    startsAt: Date.UTC(2026, 10, 22, 0, 44),
  })
  expect(send('deployment_status', fixture('github-deployment-status')).events[0]).toMatchObject({
    kind: 'change',
    title: 'Deployment of shop to production: success',
    description: 'Rolled out',
    service: 'shop',
    labels: { environment: 'production', state: 'success', ref: 'main' },
    startsAt: Date.UTC(2026, 10, 22, 0, 46),
    links: [{ text: 'Log' }, { href: 'https://shop.example/', text: 'Environment' }, { text: 'Repository' }],
  })
})

describe('security', () => {
  it('Dependabot: found and fixed', () => {
    const [found] = send('dependabot_alert', fixture('github-dependabot-created')).events
    expect(found).toMatchObject({
      kind: 'alert',
      status: 'firing',
      severity: 'high',
      severityRaw: 'high',
      title: 'Vulnerable dependency left-mast in harbour/shop: left-mast runs what it is given',
      labels: { package: 'left-mast', cve: 'CVE-2026-10001', security: 'true', scope: 'runtime' },
      annotations: { patched: '2.1.0', cvss: '8.1', manifest: 'package-lock.json' },
    })
    const [fixed] = send('dependabot_alert', fixture('github-dependabot-fixed')).events
    expect(fixed).toMatchObject({ status: 'resolved', endsAt: Date.UTC(2026, 10, 22, 0, 48) })
    expect(fixed?.dedupKey).toBe(found?.dedupKey)
  })

  it('reopened, it begins after its end', () => {
    const body = json('github-dependabot-created')
    const alert = { ...(body.alert as object), updated_at: '2026-11-22T00:50:00Z' }
    expect(send('dependabot_alert', { ...body, action: 'reopened', alert }).events[0]?.startsAt).toBe(
      Date.UTC(2026, 10, 22, 0, 50),
    )
  })

  it('GitHub need not say when: what is back begins now, what is over ends now', () => {
    const body = json('github-code-scanning')
    const alert = { ...(body.alert as object), updated_at: undefined, fixed_at: null }
    const told = (action: string) => send('code_scanning_alert', { ...body, action, alert }).events[0]
    expect(told('created')?.startsAt).toBe(Date.UTC(2026, 10, 22, 0, 31))
    expect(told('reopened')?.startsAt).toBe(capturedAt)
    expect(told('fixed')?.endsAt).toBe(capturedAt)
  })

  it('code scanning, by its security severity', () => {
    expect(send('code_scanning_alert', fixture('github-code-scanning')).events[0]).toMatchObject({
      status: 'firing',
      severity: 'critical',
      title: 'Code scanning: Query built from user-controlled sources in harbour/shop',
      labels: { rule: 'js/sql-injection', tool: 'CodeQL' },
      annotations: { path: 'src/orders.js', line: '84' },
    })
  })

  it('a secret that works is critical, another is high; the secret itself is left behind', () => {
    const body = json('github-secret')
    const [live] = send('secret_scanning_alert', body).events
    expect(live).toMatchObject({ severity: 'critical', title: 'Secret found in harbour/shop: Mailer API key' })
    expect(JSON.stringify(live)).not.toContain('INVENTED')
    const alert = { ...(body.alert as object), validity: 'unknown' }
    expect(send('secret_scanning_alert', { ...body, alert }).events[0]).toMatchObject({
      severity: 'high',
      severityRaw: '',
    })
    expect(send('secret_scanning_alert', { ...body, action: 'resolved' }).events[0]).toMatchObject({
      status: 'resolved',
      dedupKey: live?.dedupKey,
    })
  })

  it('an advisory of the repository', () => {
    expect(send('repository_advisory', fixture('github-advisory')).events[0]).toMatchObject({
      status: 'firing',
      severity: 'critical',
      title: 'Security advisory GHSA-dddd-eeee-ffff: Baskets of others can be read',
    })
  })

  it('an assignment tells of no condition', () => {
    expect(send('secret_scanning_alert', { ...json('github-secret'), action: 'assigned' }).events[0]?.kind).toBe('log')
  })
})

it('ping is a test; what is not known is a log', () => {
  expect(send('ping', fixture('github-ping')).events[0]).toMatchObject({
    kind: 'test',
    title: 'Webhook of harbour/shop reaches Uxbridge',
    description: 'Sends: workflow_run, deployment',
  })
  expect(send('push', { repository: { full_name: 'harbour/shop' } }).events[0]).toMatchObject({
    kind: 'log',
    title: 'push in harbour/shop',
  })
  for (const name of ['constructor', 'projects_v2_item']) expect(send(name, {}).events[0]?.kind).toBe('log')
})

it('the JSON may stand in a form', () => {
  const body = new URLSearchParams({ payload: fixture('github-ping').toString() }).toString()
  const more = { headers: { 'x-github-event': 'ping' }, contentType: 'application/x-www-form-urlencoded' }
  expect(reading('github/intake', body, undefined, more).events[0]?.kind).toBe('test')
  expect(reading('github/intake', 'a=b', undefined, more).answer.status).toBe(400)
})

it('without the header that says what it is, nothing can be read', () => {
  expect(reading('github/intake', fixture('github-ping'))).toMatchObject({
    events: [],
    unreadable: [{ index: 0, reason: expect.stringContaining('X-GitHub-Event') }],
    answer: { status: 422 },
    keep: true,
  })
})
