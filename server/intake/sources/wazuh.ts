import { hourMs } from '#shared/clocks.ts'
import type { Event, Severity } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { isRecord, readJson } from './json.ts'
import { keyedEvent, keyOf, partOf, readEach, timeOf, unreadableBody, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'

/** Wazuh never says that something ended; after so long without a repeat it counts as over. */
const quietMs = hourMs

/** Source: documentation.wazuh.com, "Rules classification": 15 severe attack, 12 high importance, 7 "bad word" matching. */
function severityOfLevel(level: number): Severity {
  if (level >= 15) return 'critical'
  if (level >= 12) return 'high'
  if (level >= 7) return 'medium'
  return level >= 4 ? 'low' : 'info'
}

/**
 * A Wazuh alert as integratord hands it to an integration, or as the indexer wraps it (`_source`); one, or an array.
 * A rule on an agent is one condition. Source: documentation.wazuh.com, "Integration with external APIs".
 */
function readWazuh(request: RawRequest): Reading {
  const json = readJson(request.body)
  if ('reason' in json) return unreadableBody(json.reason)
  const members = Array.isArray(json.value) ? json.value : [json.value]
  return readEach(members, (member) =>
    readDetection(isRecord(member._source) ? member._source : member, request.receivedAt),
  )
}

function readDetection(body: Record<string, unknown>, receivedAt: number): Event | Fault {
  const rule = partOf(body, 'rule')
  const agent = partOf(body, 'agent')
  const id = wordOf(rule.id)
  if (id === null) return new Fault('required', 'rule.id', 'rule.id is missing')
  const level = Number(wordOf(rule.level) ?? Number.NaN)
  if (!(level >= 0 && level <= 16))
    return new Fault('invalid', 'rule.level', 'rule.level must be a number from 0 to 16')
  const data = partOf(body, 'data')
  const mitre = partOf(rule, 'mitre')
  const host = wordOf(agent.name) ?? wordOf(partOf(body, 'manager').name)
  const what = wordOf(rule.description) ?? `Wazuh rule ${id}`
  return keyedEvent(
    {
      status: 'firing',
      key: keyOf(id, agent.id ?? agent.name),
      severity: severityOfLevel(level),
      severityRaw: String(level),
      title: host === null ? what : `${what} on ${host}`,
      description: wordOf(body.full_log) ?? '',
      startsAt: timeOf(body.timestamp, body['@timestamp']),
      expiresAt: receivedAt + quietMs,
      labels: {
        alertname: what,
        security: 'true',
        rule: id,
        level,
        instance: host,
        agent: agent.id,
        groups: wordsOf(rule.groups),
        decoder: partOf(body, 'decoder').name,
        location: body.location,
        srcip: data.srcip,
        mitre: wordsOf(mitre.id),
      },
      annotations: {
        alert: body.id,
        times: rule.firedtimes,
        techniques: wordsOf(mitre.technique),
        tactics: wordsOf(mitre.tactic),
        agent_ip: agent.ip,
        file: partOf(body, 'syscheck').path,
        cve: partOf(data, 'vulnerability').cve,
      },
    },
    receivedAt,
  )
}

function wordsOf(raw: unknown): string {
  return Array.isArray(raw) ? raw.filter((word) => typeof word === 'string').join(',') : ''
}

export const wazuh: SourceKind = {
  kind: 'wazuh',
  title: 'Wazuh',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  adapters: [
    {
      id: 'wazuh/intake',
      door: 'intake',
      maxBytes: 4 * 1024 * 1024,
      mediaTypes: null,
      parse: readWazuh,
      refuse: houseRefusal,
    },
  ],
  sample: {
    body: '{"rule":{"level":3,"id":"1","description":"A test from the page of this source"},"agent":{"id":"000","name":"example"}}',
  },
  connect: ({ baseUrl, key, sourceId }) => [
    {
      title: 'On the Wazuh manager: an integration of its own',
      language: 'shell',
      text: `cat > /var/ossec/integrations/custom-uxbridge <<'SCRIPT'
#!/bin/sh
# integratord calls it with: the file of the alert, the api_key, the hook_url
exec curl -sS --fail --max-time 10 --retry 3 -H "Authorization: Bearer $2" \\
  -H 'Content-Type: application/json' --data-binary "@$1" "$3"
SCRIPT
chown root:wazuh /var/ossec/integrations/custom-uxbridge
chmod 750 /var/ossec/integrations/custom-uxbridge
# Then in /var/ossec/etc/ossec.conf, within <ossec_config>; level 7 and above, as you like it:
#   <integration>
#     <name>custom-uxbridge</name>
#     <hook_url>${baseUrl}/intake/${sourceId}</hook_url>
#     <api_key>${key}</api_key>
#     <level>7</level>
#     <alert_format>json</alert_format>
#   </integration>
systemctl restart wazuh-manager
`,
    },
  ],
}
