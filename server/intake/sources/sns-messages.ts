import type { Event, Severity } from '#shared/event.ts'
import { isRecord, readJson, textOf } from './json.ts'
import { keyedEvent, keyOf, partOf, plainLink, timeOf, wordOf } from './keyed.ts'

/** A notification's own part, out of its envelope. */
export interface SnsMessage {
  topic: string
  subject: string | null
  message: string
  sentAt: unknown
}

/**
 * What Amazon's services put into `Message`, as JSON in a text: CloudWatch alarms, and events of EventBridge. Anything
 * else is an alert too, because somebody sends it to a topic for alerts; silence ends it.
 */
export function readMessage(sent: SnsMessage, receivedAt: number): Event {
  const json = readJson(Buffer.from(sent.message))
  const body = 'value' in json && isRecord(json.value) ? json.value : null
  if (body === null) return plain(sent, receivedAt)
  if (wordOf(body.AlarmName) !== null && wordOf(body.NewStateValue) !== null) return alarm(body, sent, receivedAt)
  const detailType = wordOf(body['detail-type'])
  if (detailType === null || !isRecord(body.detail)) return plain(sent, receivedAt)
  if (detailType === 'CloudWatch Alarm State Change') return alarmChange(body, body.detail, sent, receivedAt)
  if (detailType === 'GuardDuty Finding') return finding(body, body.detail, sent, receivedAt)
  if (detailType === 'AWS Health Event') return health(body, body.detail, sent, receivedAt)
  return otherEvent(body, detailType, sent, receivedAt)
}

/** CloudWatch's own message. Source: docs.aws.amazon.com/AmazonCloudWatch, "Using Amazon CloudWatch alarms". */
function alarm(body: Record<string, unknown>, sent: SnsMessage, receivedAt: number): Event {
  const trigger = partOf(body, 'Trigger')
  const dimensions = new Map<string, string>()
  for (const each of Array.isArray(trigger.Dimensions) ? (trigger.Dimensions as unknown[]) : []) {
    const name = isRecord(each) ? wordOf(each.name) : null
    if (isRecord(each) && name !== null && name !== '__proto__') dimensions.set(name, wordOf(each.value) ?? '')
  }
  return alarmEvent(
    {
      name: wordOf(body.AlarmName) ?? '',
      arn: wordOf(body.AlarmArn),
      account: wordOf(body.AWSAccountId),
      region: wordOf(body.Region),
      state: wordOf(body.NewStateValue) ?? '',
      reason: wordOf(body.NewStateReason),
      description: wordOf(body.AlarmDescription),
      at: timeOf(body.StateChangeTime, sent.sentAt),
      metric: wordOf(trigger.MetricName),
      metricNamespace: wordOf(trigger.Namespace),
      dimensions: Object.fromEntries(dimensions),
    },
    sent,
    receivedAt,
  )
}

/** The same by way of EventBridge. */
function alarmChange(
  body: Record<string, unknown>,
  detail: Record<string, unknown>,
  sent: SnsMessage,
  receivedAt: number,
): Event {
  const state = partOf(detail, 'state')
  const configuration = partOf(detail, 'configuration')
  const metrics: unknown[] = Array.isArray(configuration.metrics) ? configuration.metrics : []
  const stats = metrics.map((each) => (isRecord(each) ? partOf(partOf(each, 'metricStat'), 'metric') : {}))
  const metric = stats.find((each) => wordOf(each.name) !== null) ?? {}
  const resources: unknown[] = Array.isArray(body.resources) ? body.resources : []
  return alarmEvent(
    {
      name: wordOf(detail.alarmName) ?? 'CloudWatch alarm',
      arn: wordOf(resources[0]),
      account: wordOf(body.account),
      region: wordOf(body.region),
      state: wordOf(state.value) ?? '',
      reason: wordOf(state.reason),
      description: wordOf(configuration.description),
      at: timeOf(state.timestamp, body.time, sent.sentAt),
      metric: wordOf(metric.name),
      metricNamespace: wordOf(metric.namespace),
      dimensions: partOf(metric, 'dimensions'),
    },
    sent,
    receivedAt,
  )
}

interface Alarm {
  name: string
  arn: string | null
  account: string | null
  region: string | null
  state: string
  reason: string | null
  description: string | null
  at: number | null
  metric: string | null
  metricNamespace: string | null
  dimensions: Readonly<Record<string, unknown>>
}

function alarmEvent(told: Alarm, { topic }: SnsMessage, receivedAt: number): Event {
  const { name, arn, state, at, dimensions } = told
  // The message gives the region's name for people; the ARN has the one for machines.
  const region = /^arn:[a-z-]+:cloudwatch:([a-z0-9-]+):/.exec(arn ?? '')?.[1] ?? told.region
  const resolved = state === 'OK'
  const instance = wordOf(dimensions.InstanceId) ?? wordOf(Object.values(dimensions)[0])
  return keyedEvent(
    {
      status: resolved ? 'resolved' : 'firing',
      key: arn === null ? keyOf('alarm', told.account, told.region, name) : keyOf('alarm', arn),
      // An alarm has no severity; that it has no data is worth less than that it fires.
      severity: 'medium',
      severityRaw: state === 'INSUFFICIENT_DATA' ? 'unknown' : '',
      title: state === 'INSUFFICIENT_DATA' ? `${name}: not enough data` : name,
      description: [told.description, told.reason].filter((text) => text !== null).join('\n'),
      startsAt: resolved ? null : at,
      endsAt: at,
      labels: {
        ...dimensions,
        alertname: name,
        instance,
        region,
        account: told.account,
        metric: told.metric,
        metric_namespace: told.metricNamespace,
        topic,
        state,
      },
      links: [alarmLink(arn, region, name)],
    },
    receivedAt,
  )
}

function alarmLink(arn: string | null, region: string | null, name: string) {
  if (arn === null || region === null || !/^[a-z0-9-]+$/.test(region) || !arn.startsWith('arn:aws:')) return null
  const href = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#alarmsV2:alarm/${encodeURIComponent(name)}`
  return plainLink(href, 'Alarm in CloudWatch')
}

/** Source: docs.aws.amazon.com/guardduty, "GuardDuty finding format" and "Severity levels of findings". */
function finding(
  body: Record<string, unknown>,
  detail: Record<string, unknown>,
  sent: SnsMessage,
  receivedAt: number,
): Event {
  const service = partOf(detail, 'service')
  const resource = partOf(detail, 'resource')
  const number = Number(wordOf(detail.severity) ?? Number.NaN)
  const type = wordOf(detail.type)
  const id = wordOf(detail.id)
  return keyedEvent(
    {
      status: service.archived === true ? 'resolved' : 'firing',
      key: keyOf('guardduty', id ?? wordOf(body.id)),
      severity: findingSeverity(number),
      severityRaw: Number.isFinite(number) ? String(number) : '',
      title: wordOf(detail.title) ?? type ?? 'GuardDuty finding',
      description: wordOf(detail.description) ?? '',
      startsAt: timeOf(service.eventFirstSeen, detail.createdAt, body.time, sent.sentAt),
      endsAt: timeOf(detail.updatedAt, body.time, sent.sentAt),
      labels: {
        alertname: type,
        category: 'security',
        instance: wordOf(partOf(resource, 'instanceDetails').instanceId),
        resource_type: wordOf(resource.resourceType),
        region: wordOf(detail.region) ?? wordOf(body.region),
        account: wordOf(detail.accountId) ?? wordOf(body.account),
        finding: id,
        topic: sent.topic,
      },
      annotations: { arn: wordOf(detail.arn), count: wordOf(service.count) },
    },
    receivedAt,
  )
}

function findingSeverity(number: number): Severity {
  if (number >= 9) return 'critical'
  if (number >= 7) return 'high'
  if (number >= 4 || Number.isNaN(number)) return 'medium'
  return number >= 1 ? 'low' : 'info'
}

/** Source: docs.aws.amazon.com/health, "AWS Health events Amazon EventBridge schema". */
function health(
  body: Record<string, unknown>,
  detail: Record<string, unknown>,
  sent: SnsMessage,
  receivedAt: number,
): Event {
  const category = wordOf(detail.eventTypeCategory)
  const isIssue = category === 'issue' || category === 'investigation'
  const texts: unknown[] = Array.isArray(detail.eventDescription) ? detail.eventDescription : []
  const region = wordOf(detail.eventRegion) ?? wordOf(body.region)
  const code = wordOf(detail.eventTypeCode) ?? 'AWS Health event'
  const closed = wordOf(detail.statusCode) === 'closed'
  const at = timeOf(body.time, sent.sentAt)
  return keyedEvent(
    {
      kind: isIssue ? 'alert' : category === 'scheduledChange' ? 'change' : 'log',
      status: closed ? 'resolved' : 'firing',
      key: keyOf('health', wordOf(detail.eventArn) ?? wordOf(body.id)),
      severity: 'medium',
      title: `AWS ${wordOf(detail.service) ?? 'service'} in ${region ?? 'some region'}: ${code}`,
      description: texts.map((each) => (isRecord(each) ? (wordOf(each.latestDescription) ?? '') : '')).join('\n'),
      startsAt: closed ? null : at,
      endsAt: at,
      labels: {
        alertname: code,
        aws_service: wordOf(detail.service),
        health_category: category,
        region,
        account: wordOf(detail.affectedAccount) ?? wordOf(body.account),
        topic: sent.topic,
      },
    },
    receivedAt,
  )
}

function otherEvent(body: Record<string, unknown>, detailType: string, sent: SnsMessage, receivedAt: number): Event {
  const resources: unknown[] = Array.isArray(body.resources) ? body.resources : []
  const resource = wordOf(resources[0])
  const event = keyedEvent(
    {
      status: 'firing',
      key: keyOf('event', wordOf(body.source), detailType, resource ?? wordOf(body.id)),
      severity: 'medium',
      title: resource === null ? detailType : `${detailType}: ${resource.slice(resource.lastIndexOf(':') + 1)}`,
      description: textOf(body.detail),
      startsAt: timeOf(body.time, sent.sentAt),
      labels: {
        alertname: detailType,
        event_source: wordOf(body.source),
        resource,
        region: wordOf(body.region),
        account: wordOf(body.account),
        topic: sent.topic,
      },
    },
    receivedAt,
  )
  return { ...event, timesOut: true }
}

function plain({ topic, subject, message, sentAt }: SnsMessage, receivedAt: number): Event {
  const title = subject ?? message.trim().split('\n', 1)[0] ?? ''
  const name = topic.slice(topic.lastIndexOf(':') + 1)
  const event = keyedEvent(
    {
      status: 'firing',
      key: keyOf('message', topic, title),
      severity: 'medium',
      title: title.trim() === '' ? `Message on topic ${name}` : title,
      description: message,
      startsAt: timeOf(sentAt),
      labels: { alertname: subject ?? name, topic },
    },
    receivedAt,
  )
  return { ...event, timesOut: true }
}
