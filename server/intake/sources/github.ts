import type { Event } from '#shared/event.ts'
import type { RawRequest, Reading, SourceKind } from '../port.ts'
import { houseRefusal } from './answers.ts'
import { formField } from './form.ts'
import { readAlert, readWorkflowRun, type Site } from './github-alerts.ts'
import { readDeployment } from './github-changes.ts'
import { cut } from './json.ts'
import { deliveredAs, keyedEvent, keyOf, partOf, plainLink, readOne, wordOf } from './keyed.ts'
import { Fault } from './labels.ts'
import { hmacSha256, isHexOf, mismatched, unsigned } from './signatures.ts'

const event = 'x-github-event'
const signature = 'x-hub-signature-256'

/**
 * GitHub's webhooks. Failed workflows and security alerts are alerts, deployments are changes, `ping` is a test; any
 * other event tells of no condition and is recorded as a log. Source: docs.github.com/webhooks/webhook-events-and-payloads
 */
function readGithub(request: RawRequest): Reading {
  const name = request.headers[event] ?? ''
  return readOne({ ...request, body: bodyOf(request) }, (body) => readDelivery(name, body, request.receivedAt))
}

/** GitHub's older default puts the JSON into the form field `payload`. */
function bodyOf({ body, contentType }: RawRequest): Uint8Array {
  if (!contentType.toLowerCase().startsWith('application/x-www-form-urlencoded')) return body
  return formField(body, 'payload')
}

function readDelivery(name: string, body: Record<string, unknown>, receivedAt: number): Event | Fault {
  if (!/^[a-z0-9_]{1,64}$/.test(name)) return new Fault('required', event, 'the header X-GitHub-Event is missing')
  const repository = partOf(body, 'repository')
  const site: Site = {
    name: wordOf(repository.name),
    fullName: wordOf(repository.full_name) ?? wordOf(partOf(body, 'organization').login) ?? 'GitHub',
    defaultBranch: wordOf(repository.default_branch),
    link: plainLink(repository.html_url, 'Repository'),
  }
  if (name === 'ping') return readPing(body, site, receivedAt)
  const found =
    name === 'workflow_run'
      ? readWorkflowRun(body, site, receivedAt)
      : name === 'deployment' || name === 'deployment_status'
        ? readDeployment(name, body, site, receivedAt)
        : readAlert(name, body, site, receivedAt)
  return found ?? readOther(name, body, site, receivedAt)
}

/** Sent once when the webhook is made, and by hand. */
function readPing(body: Record<string, unknown>, site: Site, receivedAt: number): Event {
  const hook = partOf(body, 'hook')
  const events = Array.isArray(hook.events) ? hook.events.filter((name) => typeof name === 'string').join(', ') : ''
  return keyedEvent(
    {
      kind: 'test',
      status: 'firing',
      key: keyOf('ping', body.hook_id),
      severity: 'info',
      title: `Webhook of ${site.fullName} reaches Uxbridge`,
      description: events === '' ? '' : `Sends: ${events}`,
      service: site.name,
      labels: { repository: site.fullName },
      links: [site.link],
    },
    receivedAt,
  )
}

function readOther(name: string, body: Record<string, unknown>, site: Site, receivedAt: number): Event {
  const action = wordOf(body.action)
  return keyedEvent(
    {
      kind: 'log',
      status: 'firing',
      key: keyOf('event', name, action, site.fullName),
      severity: 'info',
      title: `${name.replaceAll('_', ' ')}${action === null ? '' : ` ${cut(action.replaceAll('_', ' '), 64)}`} in ${site.fullName}`,
      service: site.name,
      labels: { repository: site.fullName, event: name, action },
      links: [site.link],
    },
    receivedAt,
  )
}

/**
 * `sha256=` and hex HMAC-SHA256 of the body. GitHub signs no time.
 * Source: docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
 */
function verify({ headers, body }: RawRequest, secret: string): string | null {
  const given = headers[signature]
  if (given === undefined) return unsigned
  return given.startsWith('sha256=') && isHexOf(given.slice(7), hmacSha256(secret, body)) ? null : mismatched
}

export const github: SourceKind = {
  kind: 'github',
  title: 'GitHub',
  defaultGroup: 'source',
  keyFormat: 'bearer',
  signs: 'ours',
  adapters: [
    {
      id: 'github/intake',
      door: 'intake',
      // GitHub's own limit is 25 MB; what is read here stays far below it.
      maxBytes: 4 * 1024 * 1024,
      mediaTypes: null,
      reads: [event, 'x-github-delivery', signature],
      verify,
      parse: (request) => deliveredAs(request.headers['x-github-delivery'], readGithub(request)),
      refuse: houseRefusal,
    },
  ],
  sample: {
    headers: { [event]: 'ping' },
    body: '{"zen":"A test from the page of this source.","hook_id":1,"hook":{"events":["workflow_run"]},"repository":{"name":"test","full_name":"example/test","default_branch":"main"}}',
  },
  connect: ({ baseUrl, sourceId, secret }) => [
    {
      title: 'Settings > Webhooks > Add webhook, of a repository or an organisation',
      language: 'yaml',
      text: `Payload URL: ${baseUrl}/intake/${sourceId}
Content type: application/json
Secret: ${secret ?? '<the signing secret of this source>'}
SSL verification: enabled
# Let me select individual events:
#   Workflow runs, Deployments, Deployment statuses, Code scanning alerts,
#   Dependabot alerts, Secret scanning alerts, Repository advisories
# Saving sends a ping, which arrives as a test.
`,
    },
    {
      title: 'The same with the gh command line',
      language: 'shell',
      text: `gh api repos/OWNER/REPOSITORY/hooks -f name=web -F active=true \\
  -f 'config[url]=${baseUrl}/intake/${sourceId}' -f 'config[content_type]=json' \\
  -f 'config[secret]=${secret ?? '<the signing secret of this source>'}' \\
  -f 'events[]=workflow_run' -f 'events[]=deployment' -f 'events[]=deployment_status' \\
  -f 'events[]=code_scanning_alert' -f 'events[]=dependabot_alert' -f 'events[]=secret_scanning_alert'
`,
    },
  ],
}
