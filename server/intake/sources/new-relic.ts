import { secondMs } from '#shared/clocks.ts'
import type { Event, EventStatus } from '#shared/event.ts'
import type { SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { epochSeconds, keyedEvent, plainLink, readOne, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { severityOf } from './severity.ts'

/** The issue that "Send test notification" tells of, the same for everybody. */
const sampleIssue = 'd1b1f3fd-995a-4066-88ab-8ce4f6960654'

/** New Relic's default template and some more. Where a variable may be missing, the helper `json` would write nothing. */
const templateFor = (address: string) => `{
  "sentTo": "${address}",
  "id": {{ json issueId }},
  "issueUrl": {{ json issuePageUrl }},
  "title": {{ json annotations.title.[0] }},
  "description": {{#if annotations.description.[0]}}{{ json annotations.description.[0] }}{{else}}""{{/if}},
  "priority": {{ json priority }},
  "state": {{ json state }},
  "trigger": {{ json triggerEvent }},
  "createdAt": {{ createdAt }},
  "updatedAt": {{ updatedAt }},
  "impactedEntities": {{ json entitiesData.names }},
  "totalIncidents": {{ json totalIncidents }},
  "isCorrelated": {{ json isCorrelated }},
  "sources": {{ json accumulations.source }},
  "alertPolicyNames": {{ json accumulations.policyName }},
  "alertConditionNames": {{ json accumulations.conditionName }},
  "service": {{#if accumulations.tag.service}}{{ json accumulations.tag.service }}{{else}}""{{/if}},
  "environment": {{#if accumulations.tag.environment}}{{ json accumulations.tag.environment }}{{else}}""{{/if}},
  "runbooks": {{#if accumulations.runbookUrl}}{{ json accumulations.runbookUrl }}{{else}}""{{/if}},
  "workflowName": {{ json workflowName }}
}`

/**
 * New Relic, workflow with a webhook: one issue a request, under its id from CREATED to CLOSED. The default template is
 * read as well as ours. Source: docs.newrelic.com/docs/alerts/get-notified/custom-variables-incident-workflows
 */
function readIssue(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const id = wordOf(body.id) ?? wordOf(body.issueId)
  if (id === null) return new Fault('required', 'id', 'id is missing: paste the template from the page of this source')
  const state = wordOf(body.state)
  if (state === null) return new Fault('required', 'state', 'state is missing: ACTIVATED, CREATED or CLOSED')
  const status = statusOf(state, wordOf(body.trigger) ?? wordOf(body.triggerEvent) ?? '')
  const severityRaw = wordOf(body.priority) ?? ''
  const entities = wordsOf(body.impactedEntities)
  const conditions = wordsOf(body.alertConditionNames)
  const policies = wordsOf(body.alertPolicyNames)
  const [service = null] = wordsOf(body.service)
  const name = conditions[0] ?? policies[0] ?? 'New Relic issue'
  const updatedAt = millis(body.updatedAt)
  return keyedEvent(
    {
      kind: id === sampleIssue ? 'test' : 'alert',
      status,
      key: id,
      severity: severityOf(severityRaw),
      severityRaw,
      title: wordsOf(body.title)[0] ?? (entities[0] === undefined ? name : `${name} on ${entities[0]}`),
      description: wordsOf(body.description).join('\n'),
      startsAt: millis(body.createdAt),
      endsAt: millis(body.closedAt) ?? updatedAt,
      service,
      labels: {
        alertname: name,
        policy: policies.join(', '),
        instance: entities[0],
        entities: entities.join(', '),
        service,
        environment: wordsOf(body.environment)[0],
        sources: wordsOf(body.sources).join(', '),
        severity: severityRaw,
      },
      annotations: { workflow: wordOf(body.workflowName), incidents: wordOf(body.totalIncidents) },
      links: [
        plainLink(body.issueUrl ?? body.issuePageUrl, 'Issue in New Relic'),
        ...wordsOf(body.runbooks).map((href) => plainLink(href, 'Runbook')),
      ],
    },
    receivedAt,
  )
}

function statusOf(state: string, trigger: string): EventStatus {
  if (/^(closed|resolved|deactivated)$/i.test(state)) return 'resolved'
  return /^acknowledge/i.test(trigger) || /^acknowledged$/i.test(state) ? 'acknowledged' : 'firing'
}

/** One text or a list of them. */
function wordsOf(raw: unknown): string[] {
  const all: unknown[] = Array.isArray(raw) ? raw.slice(0, 50) : [raw]
  return all.map(wordOf).filter((word) => word !== null)
}

/** Epoch milliseconds, as number or text. */
function millis(raw: unknown): number | null {
  const word = wordOf(raw)
  return word === null || !/^\d+$/.test(word) ? null : epochSeconds(Number(word) / secondMs)
}

export const newRelic: SourceKind = {
  kind: 'new-relic',
  title: 'New Relic',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'new-relic/intake',
      door: 'intake',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      parse: (request) => readOne(request, (body) => readIssue(body, request.receivedAt)),
      refuse: houseRefusal,
    },
  ],
  sample: { body: '{"id":"test","state":"ACTIVATED","priority":"LOW","title":"A test from the page of this source"}' },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'A destination and a workflow, and a first event by hand',
      language: 'shell',
      text: `# 1. Alerts > Destinations > Webhook. Endpoint URL: ${baseUrl}/intake/${sourceId}
#    Authorization: bearer token, ${key}
# 2. Alerts > Workflows > yours > Notify > Webhook: choose it, replace its template with the one below.
#    Notify when: activated, acknowledged, closed. "Send test notification" comes as an event of kind test.
curl -sS ${baseUrl}/intake/${sourceId} -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '{"id":"first-light","state":"ACTIVATED","priority":"CRITICAL","title":"Checkout answers with errors"}'
`,
    },
    {
      title: 'The template of the webhook',
      language: 'json',
      text: `${templateFor(`${baseUrl}/intake/${sourceId}`)}\n`,
    },
  ],
}
