import type { Adapter, SourceKind } from '../port.ts'
import { readAlertsV2 } from './alerts-v2.ts'
import { alertmanagerRefusal, houseRefusal } from './answers.ts'
import { readWebhook } from './webhook.ts'

const maxBytes = 4 * 1024 * 1024

/** The two doors of the Alertmanager family, for a kind of source. */
export function alertmanagerDoors(kind: string): Adapter[] {
  return [
    {
      id: `${kind}/alerts-v2`,
      door: 'alerts-v2',
      maxBytes,
      mediaTypes: ['application/json'],
      parse: readAlertsV2,
      refuse: alertmanagerRefusal,
    },
    {
      id: `${kind}/intake`,
      door: 'intake',
      maxBytes,
      mediaTypes: null,
      parse: (request) => readWebhook(request),
      refuse: houseRefusal,
    },
  ]
}

export const alertmanager: SourceKind = {
  kind: 'alertmanager',
  title: 'Alertmanager',
  defaultGroup: 'alertmanager',
  keyFormat: 'bearer',
  adapters: alertmanagerDoors('alertmanager'),
  sample: {
    body: '{"version":"4","status":"firing","groupKey":"test","alerts":[{"status":"firing","labels":{"alertname":"TestEvent","severity":"warning"},"annotations":{"summary":"A test from the page of this source"}}]}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'alertmanager.yml: a receiver that tells Uxbridge',
      language: 'yaml',
      text: `receivers:
  - name: uxbridge
    webhook_configs:
      - url: ${baseUrl}/intake/${sourceId}
        send_resolved: true
        max_alerts: 0
        http_config:
          authorization:
            credentials: ${key}
`,
    },
    {
      title: 'A first alert, by hand',
      language: 'shell',
      text: `curl -sS ${baseUrl}/api/v2/alerts \\
  -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' \\
  -d '[{"labels":{"alertname":"FirstLight","service":"checkout","severity":"critical"},"annotations":{"summary":"Checkout answers with errors"}}]'
`,
    },
  ],
}
