import type { Event, Link } from '#shared/event.ts'
import { keyedEvent, keyOf, partOf, plainLink, type Told, timeOf, wordOf } from './keyed.ts'
import { severityOf } from './severity.ts'

/** Where it happened. */
export interface Site {
  name: string | null
  /** `owner/name`, or the organisation. */
  fullName: string
  defaultBranch: string | null
  link: Link | null
}

const failures = ['failure', 'timed_out', 'startup_failure']
/** Runs of proposed changes: their failure is their author's matter, and every push makes one. */
const proposals = ['pull_request', 'pull_request_target', 'merge_group']

/**
 * A workflow on a branch is one condition: a failed run begins it, a successful one ends it.
 * @returns null when the run tells of no condition: not completed, cancelled, skipped, or of a proposed change
 */
export function readWorkflowRun(body: Record<string, unknown>, site: Site, receivedAt: number): Event | null {
  const run = partOf(body, 'workflow_run')
  const conclusion = wordOf(run.conclusion) ?? ''
  const failed = failures.includes(conclusion)
  if (body.action !== 'completed' || !(failed || conclusion === 'success')) return null
  if (proposals.includes(wordOf(run.event) ?? '')) return null
  const branch = wordOf(run.head_branch)
  const isDefault = branch !== null && branch === site.defaultBranch
  const name = wordOf(run.name) ?? wordOf(partOf(body, 'workflow').name) ?? wordOf(run.path) ?? 'workflow'
  const at = timeOf(run.updated_at, run.run_started_at)
  const number = wordOf(run.run_number)
  return keyedEvent(
    {
      status: failed ? 'firing' : 'resolved',
      key: keyOf('workflow', site.fullName, run.workflow_id ?? run.path ?? name, branch),
      severity: isDefault ? 'medium' : 'low',
      title: `Workflow ${name} ${failed ? verb(conclusion) : 'succeeded'} on ${branch ?? 'no branch'} of ${site.fullName}`,
      description: [
        wordOf(run.display_title),
        number === null ? null : `Run ${number}, attempt ${wordOf(run.run_attempt) ?? '1'}`,
      ]
        .filter((line) => line !== null)
        .join('\n'),
      startsAt: at,
      endsAt: at,
      service: site.name,
      labels: {
        alertname: 'WorkflowFailed',
        repository: site.fullName,
        service: site.name,
        workflow: name,
        branch,
        default_branch: String(isDefault),
        event: run.event,
        conclusion,
        sha: run.head_sha,
      },
      links: [plainLink(run.html_url, 'Run'), site.link],
    },
    receivedAt,
  )
}

function verb(conclusion: string): string {
  return conclusion === 'timed_out' ? 'timed out' : conclusion === 'startup_failure' ? 'did not start' : 'failed'
}

const opening = [
  ...['created', 'reopened', 'reopened_by_user', 'appeared_in_branch', 'reintroduced', 'auto_reopened'],
  ...['publicly_leaked', 'validated', 'published', 'reported', 'updated'],
]
/** The first word about an alert; any other opening one tells that it is back. */
const first = ['created', 'published', 'reported']
const closing = ['fixed', 'closed_by_user', 'dismissed', 'auto_dismissed', 'resolved', 'revoked', 'withdrawn']

/** @returns null for another event, and for an action that tells of no condition, such as an assignment */
export function readAlert(name: string, body: Record<string, unknown>, site: Site, receivedAt: number): Event | null {
  const reader = Object.hasOwn(readers, name) ? readers[name] : undefined
  const action = wordOf(body.action) ?? ''
  if (reader === undefined || !(opening.includes(action) || closing.includes(action))) return null
  const isAdvisory = name.endsWith('_advisory')
  const alert = partOf(body, isAdvisory ? name : 'alert')
  const { labels, links = [], ...told } = reader(alert, site, body)
  const at = timeOf(alert.fixed_at, alert.dismissed_at, alert.resolved_at, alert.withdrawn_at, alert.updated_at)
  return keyedEvent(
    {
      ...told,
      status: closing.includes(action) ? 'resolved' : 'firing',
      // The time of this word, not of the first: what is back begins after its end.
      startsAt: timeOf(alert.updated_at, ...(first.includes(action) ? [alert.published_at, alert.created_at] : [])),
      endsAt: at,
      service: site.name,
      labels: { repository: site.fullName, service: site.name, security: 'true', ...labels },
      links: [plainLink(alert.html_url, 'Alert'), ...links, site.link],
    },
    receivedAt,
  )
}

type About = Omit<Told, 'status'>
type Reader = (alert: Record<string, unknown>, site: Site, body: Record<string, unknown>) => About

const readers: Readonly<Record<string, Reader>> = {
  code_scanning_alert(alert, site, body) {
    const rule = partOf(alert, 'rule')
    // "note" and "none" are no words of severity elsewhere.
    const said = wordOf(rule.security_severity_level) ?? wordOf(rule.severity) ?? ''
    const { path, start_line: line } = partOf(partOf(alert, 'most_recent_instance'), 'location')
    const what = wordOf(rule.description) ?? wordOf(rule.name) ?? wordOf(rule.id) ?? 'alert'
    return {
      key: keyOf('code scanning', site.fullName, alert.number),
      severity: said === 'note' ? 'low' : severityOf(said),
      severityRaw: said,
      title: `Code scanning: ${what} in ${site.fullName}`,
      description: wordOf(rule.full_description) ?? '',
      labels: { alertname: 'CodeScanning', rule: rule.id, tool: partOf(alert, 'tool').name, ref: body.ref },
      annotations: { path, line, commit: body.commit_oid, message: wordOf(alert.dismissed_reason) },
    }
  },
  dependabot_alert(alert, site) {
    const advisory = partOf(alert, 'security_advisory')
    const dependency = partOf(alert, 'dependency')
    const vulnerability = partOf(alert, 'security_vulnerability')
    const { name, ecosystem } = partOf(dependency, 'package')
    const said = wordOf(advisory.severity) ?? wordOf(vulnerability.severity) ?? ''
    return {
      key: keyOf('dependabot', site.fullName, alert.number),
      severity: severityOf(said),
      severityRaw: said,
      title: `Vulnerable dependency ${wordOf(name) ?? ''} in ${site.fullName}: ${wordOf(advisory.summary) ?? wordOf(advisory.ghsa_id) ?? 'no summary'}`,
      description: wordOf(advisory.description) ?? '',
      labels: {
        alertname: 'VulnerableDependency',
        package: name,
        ecosystem,
        scope: dependency.scope,
        cve: advisory.cve_id,
        ghsa: advisory.ghsa_id,
      },
      annotations: {
        manifest: dependency.manifest_path,
        vulnerable: vulnerability.vulnerable_version_range,
        patched: partOf(vulnerability, 'first_patched_version').identifier,
        cvss: partOf(advisory, 'cvss').score,
      },
    }
  },
  secret_scanning_alert(alert, site, body) {
    const kind = wordOf(alert.secret_type_display_name) ?? wordOf(alert.secret_type) ?? 'secret'
    const isLoose = alert.publicly_leaked === true || alert.validity === 'active' || body.action === 'publicly_leaked'
    // The secret itself, which GitHub may send along, is left behind here.
    return {
      key: keyOf('secret scanning', site.fullName, alert.number),
      severity: isLoose ? 'critical' : 'high',
      severityRaw: isLoose ? 'critical' : '',
      title: `Secret found in ${site.fullName}: ${kind}`,
      labels: {
        alertname: 'SecretFound',
        secret_type: alert.secret_type,
        validity: alert.validity,
        resolution: alert.resolution,
      },
      annotations: { publicly_leaked: alert.publicly_leaked },
    }
  },
  repository_advisory: readAdvisory,
  security_advisory: readAdvisory,
}

function readAdvisory(advisory: Record<string, unknown>, site: Site): About {
  const said = wordOf(advisory.severity) ?? ''
  const id = wordOf(advisory.ghsa_id) ?? wordOf(advisory.cve_id)
  return {
    key: keyOf('advisory', site.fullName, id ?? advisory.summary),
    severity: severityOf(said),
    severityRaw: said,
    title: `Security advisory${id === null ? '' : ` ${id}`}: ${wordOf(advisory.summary) ?? 'no summary'}`,
    description: wordOf(advisory.description) ?? '',
    labels: { alertname: 'SecurityAdvisory', ghsa: advisory.ghsa_id, cve: advisory.cve_id },
    annotations: { cvss: partOf(advisory, 'cvss').score },
    links: [plainLink(advisory.html_url, 'Advisory')],
  }
}
