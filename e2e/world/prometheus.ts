import { once } from 'node:events'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { type Foreign, startForeign } from './alertmanager.ts'

/** A scrape target whose one metric, `breakage`, a test sets as it likes. */
export interface Target {
  address: string
  /** Series of the metric by their `part` label, and each one's value: above 0 the rule fires. */
  set(values: Record<string, number>): void
  close(): Promise<void>
}

export async function startTarget(): Promise<Target> {
  let values: Record<string, number> = {}
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    const lines = Object.entries(values).map(([part, value]) => `breakage{part="${part}"} ${value}\n`)
    response.end(`# TYPE breakage gauge\n${lines.join('')}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return {
    address: `127.0.0.1:${address.port}`,
    set(next) {
      values = next
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export interface PrometheusOptions {
  target: Target
  /** `http://127.0.0.1:4000`: its alerts are posted to `/api/v2/alerts` there. */
  alertmanagerUrl: string
  /** Shown as a bearer key; none for a real Alertmanager. */
  key?: string
  /** Labels of the alert, besides `alertname`, `part` and those of the scrape. */
  labels: Record<string, string>
  alertname: string
  /** The whole block of the configuration that says whom it tells, instead of `alertmanagerUrl` and `key`. */
  alerting?: unknown
}

/** Debian's Prometheus: scrapes the target and evaluates the rule every second, and tells the one Alertmanager given. */
export async function startPrometheus(options: PrometheusOptions): Promise<Foreign> {
  const to = new URL(options.alertmanagerUrl)
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s', external_labels: { cluster: 'test' } },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'machine', static_configs: [{ targets: [options.target.address] }] }],
    alerting: options.alerting ?? {
      alertmanagers: [
        {
          scheme: 'http',
          api_version: 'v2',
          static_configs: [{ targets: [to.host] }],
          ...(options.key === undefined ? {} : { authorization: { credentials: options.key } }),
        },
      ],
    },
  }
  const rule = {
    alert: options.alertname,
    expr: 'breakage > 0',
    labels: options.labels,
    annotations: {
      summary: 'Part {{ $labels.part }} of {{ $labels.instance }} is broken',
      description: 'It says {{ $value }} where 0 is well.',
      runbook_url: 'https://runbooks.example/broken-part',
    },
  }
  const words = (file: string, folder: string, address: string): string[] => [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'storage')}`,
    `--web.listen-address=${address}`,
    // Otherwise a firing alert is told again only every minute, and no test wants to wait so long for a repeat.
    '--rules.alert.resend-delay=2s',
    '--log.level=warn',
  ]
  const rules = stringify({ groups: [{ name: 'broken', rules: [rule] }] })
  return startForeign('prometheus', 'prometheus.yml', config, words, { 'rules.yml': rules })
}
