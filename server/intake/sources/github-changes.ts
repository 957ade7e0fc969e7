import type { Event } from '#shared/event.ts'
import type { Site } from './github-alerts.ts'
import { keyedEvent, keyOf, partOf, plainLink, timeOf, wordOf } from './keyed.ts'

/** A deployment, or a word about one that runs: what changed, where, and how it went. Never a condition of its own. */
export function readDeployment(
  name: 'deployment' | 'deployment_status',
  body: Record<string, unknown>,
  site: Site,
  receivedAt: number,
): Event {
  const deployment = partOf(body, 'deployment')
  const told = partOf(body, 'deployment_status')
  const environment = wordOf(told.environment) ?? wordOf(deployment.environment)
  const state = name === 'deployment' ? 'created' : (wordOf(told.state) ?? 'unknown')
  const ref = wordOf(deployment.ref)
  const sha = wordOf(deployment.sha)
  return keyedEvent(
    {
      kind: 'change',
      status: 'firing',
      key: keyOf('deployment', site.fullName, deployment.id),
      severity: 'info',
      severityRaw: state,
      title: `Deployment of ${site.name ?? site.fullName}${environment === null ? '' : ` to ${environment}`}: ${state.replaceAll('_', ' ')}`,
      description: wordOf(told.description) ?? wordOf(deployment.description) ?? '',
      startsAt: timeOf(told.created_at, deployment.created_at),
      service: site.name,
      labels: { repository: site.fullName, service: site.name, environment, ref, sha, state, task: deployment.task },
      links: [
        plainLink(told.log_url, 'Log'),
        plainLink(told.target_url, 'Deployment'),
        plainLink(told.environment_url, 'Environment'),
        site.link,
      ],
    },
    receivedAt,
  )
}
