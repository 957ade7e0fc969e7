import type { Event } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { readAlertsV2 } from './alerts-v2.ts'
import { alertmanagerRefusal, houseRefusal } from './answers.ts'
import { cut, textOf } from './json.ts'
import { partOf, plainLink } from './keyed.ts'
import { memberLimits } from './labels.ts'
import { hmacSha256, isHexOf, mismatched, outsideWindow, unsigned } from './signatures.ts'
import { readWebhook } from './webhook.ts'

const signature = 'x-grafana-alerting-signature'
/** Grafana gives this header no name of its own: ours is on the page of the source, the other in its documents. */
const timestamps = ['x-grafana-alerting-timestamp', 'x-grafana-alerting-signature-timestamp']

/**
 * Grafana's webhook contact point: as Alertmanager's, with `fingerprint`, `values` and links of its own. The fingerprint
 * is the key, because the labels it is made from are not all sent. The example alert of "Test" is a test.
 * Source: grafana.com/docs, Alerting, contact points, webhook.
 */
function readGrafana(request: RawRequest): Reading {
  return readWebhook(request, refine)
}

function refine(event: Event, raw: Record<string, unknown>, { groupKey }: Record<string, unknown>): Event {
  const { fingerprint } = raw
  const { labels } = event
  const isTest =
    labels.alertname === 'TestAlert' &&
    (labels.instance === 'Grafana' || (typeof groupKey === 'string' && groupKey.startsWith('test-')))
  const values = Object.entries(partOf(raw, 'values')).map(([name, value]) => `${name}=${textOf(value)}`)
  const more = [
    plainLink(raw.dashboardURL, 'Dashboard'),
    plainLink(raw.panelURL, 'Panel'),
    plainLink(raw.silenceURL, 'Silence it in Grafana'),
  ]
  return {
    ...event,
    kind: isTest ? 'test' : 'alert',
    family: 'keyed',
    dedupKey: typeof fingerprint === 'string' && fingerprint !== '' ? cut(fingerprint, 512) : event.dedupKey,
    annotations:
      values.length === 0 || event.annotations.values !== undefined
        ? event.annotations
        : { ...event.annotations, values: cut(values.join(', '), memberLimits.annotationLength) },
    links: [...event.links, ...more.filter((link) => link !== null)],
  }
}

/**
 * Hex HMAC-SHA256 of the body, or of `<epoch seconds>:<body>` where a timestamp header is set.
 * Source: grafana.com/docs, Alerting, contact points, webhook, HMAC signature.
 */
function verify({ headers, body }: RawRequest, secret: string, now: number): string | null {
  const given = headers[signature]
  if (given === undefined) return unsigned
  const sentAt = timestamps.map((name) => headers[name]).find((value) => value !== undefined)
  const expected = sentAt === undefined ? hmacSha256(secret, body) : hmacSha256(secret, `${sentAt}:`, body)
  if (!isHexOf(given, expected)) return mismatched
  return sentAt === undefined ? null : outsideWindow(sentAt, now)
}

export const grafana: SourceKind = {
  kind: 'grafana',
  title: 'Grafana',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  signs: 'ours',
  adapters: [
    {
      id: 'grafana/intake',
      door: 'intake',
      maxBytes: 4 * 1024 * 1024,
      mediaTypes: null,
      reads: [signature, ...timestamps],
      verify,
      parse: readGrafana,
      refuse: houseRefusal,
    },
    // Its contact point of type Alertmanager.
    {
      id: 'grafana/alerts-v2',
      door: 'alerts-v2',
      maxBytes: 4 * 1024 * 1024,
      mediaTypes: ['application/json'],
      parse: readAlertsV2,
      refuse: alertmanagerRefusal,
    },
  ],
  sample: {
    body: '{"version":"1","orgId":1,"status":"firing","alerts":[{"status":"firing","labels":{"alertname":"TestAlert","instance":"Grafana"},"annotations":{"summary":"A test from the page of this source"}}]}',
  },
  connect: ({ baseUrl, key, sourceId, secret }) => [
    {
      title: 'Contact point as a file: /etc/grafana/provisioning/alerting/uxbridge.yaml',
      language: 'yaml',
      text: `# By hand instead: Alerting > Contact points > Add contact point > Webhook. URL as below;
# Optional settings > Authorization header: scheme Bearer, credentials as below.
# Then let a notification policy point at it; "Test" sends an event of kind test.
apiVersion: 1
contactPoints:
  - orgId: 1
    name: uxbridge
    receivers:
      - uid: uxbridge
        type: webhook
        disableResolveMessage: false
        settings:
          url: ${baseUrl}/intake/${sourceId}
          httpMethod: POST
          authorization_scheme: Bearer
          authorization_credentials: ${key}
`,
    },
    {
      title: 'Signed instead of a key (Grafana 12 and later): replace the two authorization lines',
      language: 'yaml',
      text: `          hmacConfig:
            secret: ${secret ?? '<the signing secret of this source>'}
            header: X-Grafana-Alerting-Signature
            timestampHeader: X-Grafana-Alerting-Timestamp
`,
    },
  ],
}
