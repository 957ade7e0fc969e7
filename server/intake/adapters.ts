import type { Adapter, DoorName, SourceKind } from './port.ts'
import { alertmanager } from './sources/alertmanager.ts'
import { azureMonitor } from './sources/azure-monitor.ts'
import { cloudevents } from './sources/cloudevents.ts'
import { datadog } from './sources/datadog.ts'
import { falco } from './sources/falco.ts'
import { gcp } from './sources/gcp.ts'
import { github } from './sources/github.ts'
import { grafana } from './sources/grafana.ts'
import { healthchecks } from './sources/healthchecks.ts'
import { icinga } from './sources/icinga.ts'
import { monit } from './sources/monit.ts'
import { mqtt } from './sources/mqtt.ts'
import { nagios } from './sources/nagios.ts'
import { newRelic } from './sources/new-relic.ts'
import { opsgenie } from './sources/opsgenie.ts'
import { otlp } from './sources/otlp.ts'
import { pagerduty } from './sources/pagerduty.ts'
import { pingdom } from './sources/pingdom.ts'
import { prometheus } from './sources/prometheus.ts'
import { reportAdapter } from './sources/report.ts'
import { sentry } from './sources/sentry.ts'
import { sns } from './sources/sns.ts'
import { webhook } from './sources/standard-webhooks.ts'
import { syslog } from './sources/syslog.ts'
import { testAdapter } from './sources/test-event.ts'
import { uptimeKuma } from './sources/uptime-kuma.ts'
import { watchAdapter } from './sources/watch.ts'
import { wazuh } from './sources/wazuh.ts'
import { zabbix } from './sources/zabbix.ts'

/** Every kind of source. A new one is a file in `sources` and a line here. */
export const sourceKinds: readonly SourceKind[] = [
  prometheus,
  alertmanager,
  pagerduty,
  opsgenie,
  healthchecks,
  grafana,
  github,
  webhook,
  sentry,
  cloudevents,
  uptimeKuma,
  pingdom,
  falco,
  wazuh,
  azureMonitor,
  gcp,
  datadog,
  newRelic,
  zabbix,
  nagios,
  icinga,
  monit,
  sns,
  otlp,
  syslog,
  mqtt,
]

/** How what we say ourselves is read. */
const own: readonly Adapter[] = [watchAdapter, reportAdapter]

const adapters = new Map<string, Adapter>(
  [...sourceKinds.flatMap(({ adapters }) => adapters), ...own].map((adapter) => [adapter.id, adapter]),
)

/** Tests that are sent from the page of a source of any kind. */
export const pageTests = testAdapter((id) => adapters.get(id))
adapters.set(pageTests.id, pageTests)

/** By the id that stands in the log. */
export function adapterById(id: string): Adapter | undefined {
  return adapters.get(id)
}

/** How requests of this kind of source are read at this door; undefined when it has no business there. */
export function adapterFor(kind: string, door: DoorName): Adapter | undefined {
  return adapters.get(`${kind}/${door}`)
}

export function sourceKind(kind: string): SourceKind | undefined {
  return sourceKinds.find((known) => known.kind === kind)
}
