import { describe, expect, it } from 'vitest'
import { hourMs, minuteMs } from '#shared/clocks.ts'
import { find, open, source } from '../door.fixture.ts'
import { makeSnsOutside } from '../sns-certificates.ts'
import { capturedAt, reading } from './reading.fixture.ts'
import { selfMade, signed } from './sns.fixture.ts'

const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms'
const { pem, key } = selfMade(capturedAt - hourMs, capturedAt + hourMs)
const alarm = {
  AlarmName: 'checkout-5xx',
  AlarmDescription: 'Checkout answers with errors',
  AWSAccountId: '123456789012',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed: 1 datapoint [12.0] was greater than the threshold (5.0).',
  StateChangeTime: '2026-11-22T00:49:30.123+0000',
  Region: 'EU (Ireland)',
  AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:checkout-5xx',
  OldStateValue: 'OK',
  Trigger: {
    MetricName: 'HTTPCode_Target_5XX_Count',
    Namespace: 'AWS/ApplicationELB',
    Dimensions: [{ value: 'app/checkout/1', name: 'LoadBalancer' }],
  },
}
const notification = (message: unknown, more: object = {}): Record<string, unknown> => ({
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: topic,
  Subject: 'ALARM: "checkout-5xx" in EU (Ireland)',
  Message: typeof message === 'string' ? message : JSON.stringify(message),
  Timestamp: '2026-11-22T00:50:00.000Z',
  SignatureVersion: '2',
  SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem',
  UnsubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe',
  ...more,
})
const subscription = (address: string, more: object = {}): Record<string, unknown> => ({
  ...notification('You have chosen to subscribe to the topic.'),
  Type: 'SubscriptionConfirmation',
  Subject: undefined,
  Token: '2336412f',
  SubscribeURL: address,
  ...more,
})
const confirmation = `https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=${topic}&Token=2336412f`
const one = (message: unknown, more: object = {}) =>
  reading('sns/intake', notification(message, more), capturedAt, { contentType: 'text/plain; charset=UTF-8' }).events[0]

describe('what is in the message', () => {
  it('CloudWatch: alarm and OK are one alert, also by way of EventBridge', () => {
    const fired = one(alarm)
    expect(fired).toMatchObject({
      kind: 'alert',
      status: 'firing',
      family: 'keyed',
      severity: 'medium',
      severityRaw: '',
      title: 'checkout-5xx',
      startsAt: Date.UTC(2026, 10, 22, 0, 49, 30, 123),
      timesOut: false,
      labels: {
        alertname: 'checkout-5xx',
        region: 'eu-west-1',
        account: '123456789012',
        LoadBalancer: 'app/checkout/1',
        instance: 'app/checkout/1',
        metric_namespace: 'AWS/ApplicationELB',
      },
      links: [{ text: 'Alarm in CloudWatch' }],
    })
    expect(fired?.description).toContain('Threshold Crossed')
    const ok = one({ ...alarm, NewStateValue: 'OK', StateChangeTime: '2026-11-22T00:55:00.000+0000' })
    expect(ok).toMatchObject({
      status: 'resolved',
      dedupKey: fired?.dedupKey,
      endsAt: Date.UTC(2026, 10, 22, 0, 55),
    })
    const change = one({
      'detail-type': 'CloudWatch Alarm State Change',
      source: 'aws.cloudwatch',
      resources: [alarm.AlarmArn],
      region: 'eu-west-1',
      detail: { alarmName: 'checkout-5xx', state: { value: 'OK', timestamp: '2026-11-22T00:55:00.000+0000' } },
    })
    expect(change).toMatchObject({ status: 'resolved', dedupKey: fired?.dedupKey, endsAt: ok?.endsAt })
  })

  it('CloudWatch: without an ARN, account, region and name are the key; too little data fires', () => {
    const bare = { ...alarm, AlarmArn: undefined }
    expect(one(bare)?.dedupKey).toBe(one({ ...bare, NewStateValue: 'OK' })?.dedupKey)
    expect(one(bare)?.dedupKey).not.toBe(one({ ...bare, Region: 'US East' })?.dedupKey)
    expect(one({ ...alarm, NewStateValue: 'INSUFFICIENT_DATA' })).toMatchObject({
      status: 'firing',
      title: 'checkout-5xx: not enough data',
    })
  })

  const finding = (detail: object) =>
    one({
      'detail-type': 'GuardDuty Finding',
      source: 'aws.guardduty',
      detail: {
        id: 'eeb88ab5',
        type: 'UnauthorizedAccess:EC2/SSHBruteForce',
        title: 'SSH brute force against i-1',
        severity: 8,
        updatedAt: '2026-11-22T00:50:00.000Z',
        service: { archived: false, eventFirstSeen: '2026-11-22T00:10:00Z', count: 3 },
        resource: { resourceType: 'Instance', instanceDetails: { instanceId: 'i-1' } },
        ...detail,
      },
    })
  it.each([
    [9.1, 'critical'],
    [8, 'high'],
    [5, 'medium'],
    [2, 'low'],
    [0, 'info'],
  ])('GuardDuty: severity %d is %s', (severity, ours) => {
    expect(finding({ severity })).toMatchObject({ severity: ours, severityRaw: String(severity) })
  })
  it('GuardDuty: an archived finding is over', () => {
    expect(finding({})).toMatchObject({
      status: 'firing',
      labels: { category: 'security', instance: 'i-1' },
      startsAt: Date.UTC(2026, 10, 22, 0, 10),
    })
    expect(finding({ service: { archived: true } })).toMatchObject({
      status: 'resolved',
      dedupKey: finding({})?.dedupKey,
    })
  })

  it('AWS Health: an issue fires and closes, planned work is a change', () => {
    const health = (detail: object) =>
      one({ 'detail-type': 'AWS Health Event', detail: { eventArn: 'a', service: 'EC2', ...detail } })
    const issue = health({ eventTypeCategory: 'issue', statusCode: 'open' })
    expect(issue).toMatchObject({ kind: 'alert', status: 'firing' })
    expect(health({ eventTypeCategory: 'issue', statusCode: 'closed' })).toMatchObject({
      status: 'resolved',
      dedupKey: issue?.dedupKey,
    })
    expect(health({ eventTypeCategory: 'scheduledChange' })?.kind).toBe('change')
  })

  it('anything else is an alert that silence ends', () => {
    expect(one('The nightly import failed.\nSee the log.', { Subject: undefined })).toMatchObject({
      status: 'firing',
      title: 'The nightly import failed.',
      timesOut: true,
    })
    expect(one({ 'detail-type': 'ECS Deployment State Change', source: 'aws.ecs', detail: {} })).toMatchObject({
      title: 'ECS Deployment State Change',
      timesOut: true,
    })
  })

  it.each([
    ['nope', 400],
    [{}, 422],
    [notification('x', { Type: 'Other' }), 422],
  ])('%j is refused with %i, and kept', (body, status) => {
    expect(reading('sns/intake', body)).toMatchObject({ events: [], keep: true, answer: { status } })
  })
})

describe('S8: at the door', () => {
  async function door(topics: string[] = []) {
    const sns = { ...source('s_sns', 'sns'), settings: topics.length === 0 ? {} : { topics } }
    const visited: string[] = []
    const opened = await open({
      keys: {
        find: (key, id) => (key === 'key-sns' && id === 's_sns' ? { ok: true, source: sns } : find(key, id)),
        signer: () => null,
      },
      outside: makeSnsOutside({
        clock: { now: () => capturedAt },
        download: async (address) => {
          visited.push(address)
          return pem
        },
      }),
    })
    const say = (body: object, headers: Record<string, string> = {}) =>
      opened.post('/intake/s_sns/key-sns', JSON.stringify(body), { 'content-type': 'text/plain', ...headers })
    return { ...opened, say, visited }
  }

  it.each(['1', '2'])('a message signed in version %s is taken', async (SignatureVersion) => {
    const { say, received } = await door()
    expect((await say(signed(notification(alarm, { SignatureVersion }), key))).status).toBe(200)
    expect((await say(signed(notification(alarm, { SignatureVersion, Subject: undefined }), key))).status).toBe(200)
    expect(received.map(({ reading }) => reading.events[0]?.title)).toEqual(['checkout-5xx', 'checkout-5xx'])
  })

  const other = selfMade(capturedAt - hourMs, capturedAt + hourMs).key
  const good = signed(notification(alarm), key)
  it.each([
    ['another key', signed(notification(alarm), other), 'does not fit'],
    ['another text', { ...good, Message: 'x' }, 'does not fit'],
    [
      'a subject that was not signed',
      { ...signed(notification(alarm, { Subject: undefined }), key), Subject: 'x' },
      'does not fit',
    ],
    [
      'SHA-1 said to be SHA-256',
      { ...signed(notification(alarm, { SignatureVersion: '1' }), key), SignatureVersion: '2' },
      'does not fit',
    ],
    ['no signature', { ...good, Signature: undefined }, 'not signed'],
    ['a version of the future', { ...good, SignatureVersion: '3' }, 'not signed'],
    ['a certificate from elsewhere', { ...good, SigningCertURL: 'https://evil.example/x.pem' }, 'not one of Amazon'],
    ['a field missing', { ...good, MessageId: undefined }, 'no message of Amazon SNS'],
    ['another JSON', { alerts: [] }, 'no message of Amazon SNS'],
    [
      'an old message',
      signed(notification(alarm, { Timestamp: new Date(capturedAt - hourMs - 1).toISOString() }), key),
      'more than an hour old',
    ],
    [
      'one of the future',
      signed(notification(alarm, { Timestamp: new Date(capturedAt + 6 * minuteMs).toISOString() }), key),
      'of the future',
    ],
  ])('%s is 401, and nothing is kept', async (_, body, words) => {
    const { say, received } = await door()
    const answer = await say(body)
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { code: 'not-signed-in', message: expect.stringContaining(words) },
    ])
    expect(received).toEqual([])
  })

  it('the signature alone is not enough, nor is the key', async () => {
    const { post, say, received } = await door()
    expect((await post('/intake/s_sns', JSON.stringify(good))).status).toBe(401)
    expect((await say(notification(alarm))).status).toBe(401)
    expect(received).toEqual([])
  })

  it('raw delivery is refused with what to switch off', async () => {
    const { say } = await door()
    const answer = await say(alarm, { 'x-amz-sns-rawdelivery': 'true' })
    expect([answer.status, await answer.text()]).toEqual([401, expect.stringContaining('Raw message delivery')])
  })

  it('a topic that is not on the list is refused before anything is fetched', async () => {
    const { say, visited, received } = await door([`${topic}-other`])
    expect((await say(good)).status).toBe(401)
    expect([visited, received]).toEqual([[], []])
    expect((await (await door([topic])).say(good)).status).toBe(200)
  })

  it('a subscription is confirmed once it is proven and kept', async () => {
    const { say, visited, received } = await door()
    expect((await say(subscription(confirmation, { Signature: 'AAAA' }))).status).toBe(401)
    expect(visited).not.toContain(confirmation)
    expect((await say(signed(subscription(confirmation), key))).status).toBe(200)
    expect(visited).toContain(confirmation)
    expect(received[0]?.reading.events[0]).toMatchObject({ kind: 'log', title: 'Subscribed to topic alarms' })
  })

  it('a confirmation at another address is not visited', async () => {
    const { say, visited } = await door()
    const elsewhere = 'https://169.254.169.254/?Action=ConfirmSubscription'
    expect((await say(signed(subscription(elsewhere), key))).status).toBe(422)
    expect(visited.filter((address) => !address.endsWith('.pem'))).toEqual([])
  })

  it('where the certificate cannot be had now, SNS is asked to come again', async () => {
    const { post } = await open({
      keys: { find: () => ({ ok: true, source: source('s_sns', 'sns') }), signer: () => null },
    })
    const answer = await post('/intake/s_sns/key-sns', JSON.stringify(good))
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  })
})
