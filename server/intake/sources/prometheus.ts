import type { SourceKind } from '../port.ts'
import { alertmanagerDoors } from './alertmanager.ts'

export const prometheus: SourceKind = {
  kind: 'prometheus',
  title: 'Prometheus',
  defaultGroup: 'alertmanager',
  keyFormat: 'bearer',
  adapters: alertmanagerDoors('prometheus'),
  sample: {
    door: 'alerts-v2',
    body: '[{"labels":{"alertname":"TestEvent","severity":"warning"},"annotations":{"summary":"A test from the page of this source"}}]',
  },
  connect: ({ baseUrl, key }) => {
    const { protocol, host, pathname } = new URL(baseUrl)
    const prefix = pathname === '/' ? '' : `      path_prefix: ${pathname.replace(/\/$/, '')}\n`
    return [
      {
        title: 'prometheus.yml: Uxbridge as its Alertmanager',
        language: 'yaml',
        text: `alerting:
  alertmanagers:
    - scheme: ${protocol.replace(':', '')}
      api_version: v2
${prefix}      authorization:
        credentials: ${key}
      static_configs:
        - targets: ['${host}']
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
    ]
  },
}
