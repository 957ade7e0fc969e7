import type { Event, EventKind } from '#shared/event.ts'
import type { SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { isRecord } from './json.ts'
import { epochSeconds, keyedEvent, partOf, plainLink, readOne, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { severityOf } from './severity.ts'

/**
 * Google Cloud Monitoring, webhook channel: one incident a request, `open` or `closed` in either case, epoch seconds.
 * Version `test` is the console's "Test connection". Source: cloud.google.com/monitoring/support/notification-options
 */
function readIncident(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const { incident } = body
  if (!isRecord(incident)) return new Fault('required', 'incident', 'expected an object "incident"')
  const id = wordOf(incident.incident_id)
  if (id === null) return new Fault('required', 'incident.incident_id', 'incident.incident_id is missing')
  const state = wordOf(incident.state)?.toLowerCase()
  if (state !== 'open' && state !== 'closed')
    return new Fault('invalid', 'incident.state', 'incident.state is neither open nor closed')
  const resource = partOf(incident, 'resource')
  const metric = partOf(incident, 'metric')
  const places = partOf(resource, 'labels')
  const system = partOf(partOf(incident, 'metadata'), 'system_labels')
  const user = { ...partOf(partOf(incident, 'metadata'), 'user_labels'), ...partOf(incident, 'policy_user_labels') }
  const policy = wordOf(incident.policy_name)
  const condition = wordOf(incident.condition_name)
  const severityRaw = severityWord(incident)
  const documentation = partOf(incident, 'documentation')
  const service = wordOf(user.service) ?? wordOf(places.service_name)
  const kind: EventKind = wordOf(body.version)?.toLowerCase() === 'test' ? 'test' : 'alert'
  return keyedEvent(
    {
      kind,
      status: state === 'closed' ? 'resolved' : 'firing',
      key: id,
      severity: severityOf(severityRaw),
      severityRaw,
      title: titleOf(incident, policy ?? condition ?? 'Google Cloud incident'),
      description: [wordOf(incident.summary), wordOf(documentation.content)]
        .filter((text) => text !== null)
        .join('\n\n'),
      startsAt: epochSeconds(incident.started_at),
      endsAt: epochSeconds(incident.ended_at),
      service,
      labels: {
        ...places,
        ...partOf(metric, 'labels'),
        ...user,
        alertname: policy ?? condition,
        condition,
        service,
        environment: wordOf(user.environment) ?? wordOf(user.env),
        cluster: wordOf(places.cluster_name),
        namespace: wordOf(places.namespace_name),
        instance: wordOf(system.name) ?? wordOf(places.instance_id) ?? wordOf(places.pod_name) ?? wordOf(places.host),
        project: wordOf(incident.scoping_project_id) ?? wordOf(places.project_id),
        resource_type: wordOf(resource.type),
        metric: wordOf(metric.type),
        severity: severityRaw,
      },
      annotations: {
        resource: wordOf(incident.resource_display_name) ?? wordOf(incident.resource_name),
        observed_value: wordOf(incident.observed_value),
        threshold_value: wordOf(incident.threshold_value),
        documentation_subject: wordOf(documentation.subject),
      },
      links: [plainLink(incident.url, 'Incident in Google Cloud'), ...documentLinks(documentation.links)],
    },
    receivedAt,
  )
}

/** `Critical`, `Error`, `Warning`; "No severity" is none. */
function severityWord({ severity }: Record<string, unknown>): string {
  const word = wordOf(severity) ?? ''
  return /^no severity$/i.test(word) ? '' : word
}

/** A subject that somebody wrote for the policy says more than its name. */
function titleOf(incident: Record<string, unknown>, name: string): string {
  const subject = wordOf(partOf(incident, 'documentation').subject)
  if (subject !== null) return subject
  const place = wordOf(incident.resource_display_name)
  return place === null ? name : `${name} on ${place}`
}

function documentLinks(links: unknown) {
  if (!Array.isArray(links)) return []
  return links
    .slice(0, 10)
    .map((link: unknown) => (isRecord(link) ? plainLink(link.url, wordOf(link.displayName) ?? 'Documentation') : null))
}

export const gcp: SourceKind = {
  kind: 'gcp',
  title: 'Google Cloud Monitoring',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'gcp/intake',
      door: 'intake',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      parse: (request) => readOne(request, (body) => readIncident(body, request.receivedAt)),
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"version":"1.2","incident":{"incident_id":"test","state":"open","severity":"Warning","policy_name":"A test from the page of this source","condition_name":"Test","summary":"A test from the page of this source"}}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'A notification channel that tells Uxbridge (gcloud)',
      language: 'shell',
      text: `# In the console instead: Monitoring > Alerting > Edit notification channels > Webhooks > Add new,
#   Endpoint URL: ${baseUrl}/intake/${sourceId}   Use HTTP basic auth: yes, user uxbridge, password: the key below.
# "Test connection" sends an event of kind test. User labels of a policy (service, environment) become labels here.
cat > uxbridge-channel.json <<'JSON'
{
  "type": "webhook_basicauth",
  "displayName": "Uxbridge",
  "labels": { "url": "${baseUrl}/intake/${sourceId}", "username": "uxbridge" },
  "sensitiveLabels": { "password": "${key}" }
}
JSON
gcloud beta monitoring channels create --channel-content-from-file=uxbridge-channel.json && rm uxbridge-channel.json
`,
    },
  ],
}
