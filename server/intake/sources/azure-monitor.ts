import type { Event } from '#shared/event.ts'
import type { SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { isRecord } from './json.ts'
import { keyedEvent, keyOf, partOf, plainLink, readOne, timeOf, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { severityOf } from './severity.ts'

const schema = 'azureMonitorCommonAlertSchema'
/** The subscription that "Test action group" invents. */
const sampleSubscription = '/subscriptions/11111111-1111-1111-1111-111111111111/'

/**
 * Azure Monitor, common alert schema: one alert a request, `alertId` for its life, Sev0 to Sev4.
 * Source: learn.microsoft.com/azure/azure-monitor/alerts/alerts-common-schema and alerts-payload-samples.
 */
function readAlert(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const data = partOf(body, 'data')
  if (body.schemaId !== schema || !isRecord(data.essentials))
    return new Fault(
      'invalid',
      'schemaId',
      `expected schemaId "${schema}"; switch on "common alert schema" in the action group's webhook`,
    )
  const { essentials } = data
  const alertId = wordOf(essentials.alertId)
  if (alertId === null) return new Fault('required', 'data.essentials.alertId', 'essentials.alertId is missing')
  const condition = wordOf(essentials.monitorCondition)?.toLowerCase()
  if (condition !== 'fired' && condition !== 'resolved')
    return new Fault('invalid', 'data.essentials.monitorCondition', 'monitorCondition is neither Fired nor Resolved')
  const context = partOf(data, 'alertContext')
  const health = healthOf(essentials, context)
  const resolved = condition === 'resolved' || health?.resolved === true
  const severityRaw = wordOf(essentials.severity) ?? ''
  const rule = ruleName(wordOf(essentials.alertRule) ?? 'Azure alert')
  const target = targetOf(essentials)
  const custom = isRecord(data.customProperties) ? data.customProperties : partOf(context, 'properties')
  const event = keyedEvent(
    {
      kind: alertId.startsWith(sampleSubscription) ? 'test' : 'alert',
      status: resolved ? 'resolved' : 'firing',
      key: health?.key ?? alertId,
      severity: severityOf(severityRaw),
      severityRaw,
      title: health?.title ?? (target.resource === null ? rule : `${rule} on ${target.resource}`),
      description: [wordOf(essentials.description), ...criteriaOf(context)].filter((line) => line !== null).join('\n'),
      startsAt: timeOf(essentials.firedDateTime),
      endsAt: timeOf(essentials.resolvedDateTime),
      service: wordOf(custom.service),
      labels: {
        alertname: rule,
        instance: target.resource,
        resource: target.resource,
        resource_type: wordOf(essentials.targetResourceType) ?? target.type,
        resource_group: wordOf(essentials.targetResourceGroup) ?? target.group,
        subscription: target.subscription,
        environment: wordOf(custom.environment) ?? wordOf(custom.env),
        service: wordOf(custom.service),
        signal: wordOf(essentials.signalType),
        monitoring_service: wordOf(essentials.monitoringService),
        severity: severityRaw,
      },
      annotations: { ...custom, targets: essentials.alertTargetIDs },
      links: [
        plainLink(essentials.investigationLink, 'Investigate in Azure'),
        plainLink(context.linkToFilteredSearchResultsUI ?? context.LinkToFilteredSearchResultsUI, 'Search results'),
        plainLink(context.linkToSearchResultsUI ?? context.LinkToSearchResults, 'All search results'),
        plainLink(custom.runbook_url, 'Runbook'),
      ],
    },
    receivedAt,
  )
  // Activity log alerts are stateless: Azure never says that one has ended.
  const stateless = /^activity log/i.test(wordOf(essentials.signalType) ?? '') && health === null
  return stateless && !resolved ? { ...event, timesOut: true } : event
}

/**
 * Service Health and Resource Health come as `Fired` for every step, end included; what they are about, and that it is
 * over, stands in their properties.
 */
function healthOf(
  essentials: Record<string, unknown>,
  context: Record<string, unknown>,
): { key: string; resolved: boolean; title: string | null } | null {
  const service = wordOf(essentials.monitoringService)?.replace(/\s/g, '').toLowerCase()
  const properties = partOf(context, 'properties')
  const tracking = wordOf(properties.trackingId)
  if (service === 'servicehealth' && tracking !== null) {
    const over = /^(resolved|rca|complete)/i.test(wordOf(properties.stage) ?? wordOf(context.status) ?? '')
    return { key: keyOf('service health', tracking), resolved: over, title: wordOf(properties.title) }
  }
  const targets: unknown[] = Array.isArray(essentials.alertTargetIDs) ? essentials.alertTargetIDs : []
  const target = wordOf(targets[0])
  const now = wordOf(properties.currentHealthStatus)
  if (service !== 'resourcehealth' || target === null || now === null) return null
  return {
    key: keyOf('resource health', target.toLowerCase()),
    resolved: /^available$/i.test(now),
    title: `${target.slice(target.lastIndexOf('/') + 1)} is ${now.toLowerCase()}`,
  }
}

/** The rule's name: some services give its whole address. */
function ruleName(rule: string): string {
  return rule.startsWith('/subscriptions/') ? rule.slice(rule.lastIndexOf('/') + 1) : rule
}

interface Target {
  resource: string | null
  type: string | null
  group: string | null
  subscription: string | null
}

/** The first target, as its parts: `/subscriptions/S/resourcegroups/G/providers/N/T/R`. */
function targetOf(essentials: Record<string, unknown>): Target {
  const ids: unknown[] = Array.isArray(essentials.alertTargetIDs) ? essentials.alertTargetIDs : []
  const items: unknown[] = Array.isArray(essentials.configurationItems) ? essentials.configurationItems : []
  const id = wordOf(ids[0]) ?? ''
  const parts = id.split('/')
  const after = (name: string) => {
    const at = parts.findIndex((part) => part.toLowerCase() === name)
    return at === -1 ? null : (parts[at + 1] ?? null)
  }
  const provider = parts.findIndex((part) => part.toLowerCase() === 'providers')
  return {
    resource: wordOf(items[0]) ?? (provider === -1 ? null : (parts[parts.length - 1] ?? null)),
    type:
      provider === -1
        ? null
        : parts
            .slice(provider + 1, provider + 3)
            .join('/')
            .toLowerCase(),
    group: after('resourcegroups'),
    subscription: after('subscriptions'),
  }
}

/** What was measured against what, one line for each criterion. */
function criteriaOf(context: Record<string, unknown>): string[] {
  const all = partOf(context, 'condition').allOf
  if (!Array.isArray(all)) return []
  return all.slice(0, 10).flatMap((each) => {
    if (!isRecord(each)) return []
    const name = wordOf(each.metricName) ?? wordOf(each.searchQuery) ?? wordOf(each.metricMeasureColumn)
    if (name === null) return []
    const value = wordOf(each.metricValue)
    const limit = [wordOf(each.operator), wordOf(each.threshold)].filter((word) => word !== null).join(' ')
    return [`${name}${value === null ? '' : ` is ${value}`}${limit === '' ? '' : ` (${limit})`}`]
  })
}

export const azureMonitor: SourceKind = {
  kind: 'azure-monitor',
  title: 'Azure Monitor',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'azure-monitor/intake',
      door: 'intake',
      maxBytes: 1024 * 1024,
      mediaTypes: null,
      parse: (request) => readOne(request, (body) => readAlert(body, request.receivedAt)),
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"alertId":"/subscriptions/11111111-1111-1111-1111-111111111111/test","alertRule":"A test from the page of this source","severity":"Sev3","monitorCondition":"Fired"},"alertContext":{}}}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'An action group that tells Uxbridge (Azure CLI)',
      language: 'shell',
      text: `# In the portal instead: Monitor > Alerts > Action groups > your group > Actions > Webhook,
#   URI: ${baseUrl}/intake/${sourceId}/${key}
#   Enable the common alert schema: Yes.
# Azure's webhooks carry no header of ours, so the key stands in the address: keep it as you keep a password.
# "Test action group" sends an event of kind test. A custom property "service" of a rule names our service.
az monitor action-group create --resource-group <resource group> --name uxbridge --short-name uxbridge \\
  --action webhook uxbridge ${baseUrl}/intake/${sourceId}/${key} usecommonalertschema
`,
    },
  ],
}
