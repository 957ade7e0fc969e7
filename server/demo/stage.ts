import { pagerDutyBody, prometheusBody, webhookBody } from './bodies.ts'
import type { CascadeRequest } from './cascade/delivery.ts'
import { players, teams, visitor } from './cast/cast.ts'
import type { Api } from './client.ts'
import { type Deed, makeDirector } from './director.ts'
import { makeFeed, type Telling } from './feed.ts'
import { makeOutages } from './outages.ts'
import { addSource, invite, makeAdministrator, type NewSource, type Player } from './people.ts'
import { confidential } from './plots.ts'
import type { Random } from './random.ts'
import type { Door } from './troubles.ts'

export interface StageParts {
  url: string
  /** The link for the first administrator that the server printed. */
  setupLink: string
  /** Chance for the scenes: the same seed gives the same demo. */
  random: Random
  /** A password that nobody can guess, for each person anew. */
  newPassword: () => string
  now: () => number
  /** Hears what went wrong, once for each sort. */
  warn: (message: string) => void
}

export interface Stage {
  visitor: Player
  /** Person id of a player's key; null where there is nobody of that name. */
  idOf(key: string): string | null
  /** The API as that player uses it. @throws RangeError for a key that nobody has */
  apiOf(key: string): Api
  /** A line for a shell that sends an event of one's own. */
  curl: string
  /** One moment: the feed tells, the players look at the board and act. Called about once a second. */
  moment(): Promise<void>
}

/** What the visitor can tell by hand. */
const own = {
  labels: { alertname: 'FirstEvent', service: 'warehouse', severity: 'critical' },
  annotations: { summary: 'Warehouse: the label printer is out of paper' },
}

/** How a repeat is promised: Prometheus says so far ahead by when it will have told an alert again, ms. */
const repeatPromiseMs = 60_000

/** Fills an empty house with people and sources, through the same doors as everybody else. */
export async function setStage({ url, setupLink, random, newPassword, now, warn }: StageParts): Promise<Stage> {
  const person = { name: 'Demo administrator', email: 'administrator@demo.example' }
  const { api: administrator } = await makeAdministrator(url, setupLink, person, newPassword())
  const cast = new Map<string, Player>()
  for (const role of [visitor, ...players]) cast.set(role.key, await invite(administrator, role, newPassword()))
  const need = (key: string): Player => {
    const found = cast.get(key)
    if (!found) throw new RangeError(`the cast has no ${key}`)
    return found
  }
  const sources: Record<Door, NewSource> = {
    prometheus: await addSource(administrator, 'prometheus', 'Prometheus, Dublin'),
    alertmanager: await addSource(administrator, 'alertmanager', 'Alertmanager, Stockholm'),
    pagerduty: await addSource(administrator, 'pagerduty', 'Back office applications'),
  }
  const byId = new Map([...cast.values()].map((player) => [player.id, player]))
  const warned = new Set<string>()
  const warnOnce = (sort: string, message: string): void => {
    if (warned.has(sort)) return
    warned.add(sort)
    warn(message)
  }

  const feed = makeFeed({ random: random.fork('feed'), startedAt: now() })
  const senderOf = (door: Door) => ({ path: sources[door].url, key: sources[door].key })
  const outages = makeOutages({
    random: random.fork('outages'),
    startedAt: now(),
    senders: {
      prometheus: senderOf('prometheus'),
      alertmanager: senderOf('alertmanager'),
      pagerduty: senderOf('pagerduty'),
    },
  })
  const director = makeDirector({
    random: random.fork('director'),
    people: {
      visitor: need('visitor').id,
      commander: need('ines').id,
      teams: Object.fromEntries(teams.map(({ id, members }) => [id, members.map((key) => need(key).id)])),
    },
  })

  async function tell({ door, conditions }: Telling): Promise<void> {
    const { key, url: to } = sources[door]
    const bodies =
      door === 'prometheus'
        ? [prometheusBody(conditions, now() + repeatPromiseMs)]
        : door === 'alertmanager'
          ? [webhookBody(conditions, 'service')]
          : conditions.map((condition) => pagerDutyBody(condition, key))
    const authorization = door === 'pagerduty' ? undefined : `Bearer ${key}`
    const headers = { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) }
    for (const body of bodies) await send({ door, path: to, headers, body })
  }

  async function send({ door, path, headers, body }: Omit<CascadeRequest, 'atMs'>): Promise<void> {
    const response = await fetch(path, { method: 'POST', headers, body })
    const text = await response.text()
    if (!response.ok) warnOnce(door, `the ${door} door answered ${response.status}: ${text.slice(0, 200)}`)
  }

  async function act({ by, incidentId, command }: Deed): Promise<void> {
    const { status, body } = await apiOf(by).command(incidentId, command)
    // A visitor may have been faster; anything but a refusal by the state of the incident is a fault of the demo.
    if (status >= 300 && status !== 409) {
      warnOnce(
        command.type,
        `${command.type} on ${incidentId} answered ${status}: ${JSON.stringify(body).slice(0, 300)}`,
      )
    }
  }
  const apiOf = (id: string): Api => byId.get(id)?.api ?? administrator
  const watching = need('ines').api

  let confided: { incidentId: string; updates: number; at: number } | null = null
  async function confide(at: number): Promise<void> {
    const by = need('ines').id
    if (confided === null) {
      const { id: incidentId } = await watching.must<{ id: string }>('POST', '/api/incidents', confidential.declared)
      confided = { incidentId, updates: 0, at }
      await act({ by, incidentId, command: { type: 'claim' } })
    } else if (at - confided.at >= confidential.everyMs) {
      const { incidentId, updates } = confided
      confided = { incidentId, updates: updates + 1, at }
      const text = confidential.updates[updates % confidential.updates.length] ?? ''
      await act({ by, incidentId, command: { type: 'update', text } })
    }
  }

  return {
    visitor: need('visitor'),
    idOf: (key) => cast.get(key)?.id ?? null,
    apiOf: (key) => need(key).api,
    curl: `curl -H 'Authorization: Bearer ${sources.alertmanager.key}' -H 'Content-Type: application/json' -d '[${JSON.stringify(own)}]' ${url}/api/v2/alerts`,
    async moment() {
      for (const telling of feed.tellings(now())) await tell(telling)
      for (const request of outages.tellings(now())) await send(request)
      await confide(now())
      const { incidents } = await watching.picture()
      // The players see nothing of what is restricted.
      const settled = incidents.filter(
        (incident) => !outages.isGathering(incident, now()) && !incident.flags.includes('restricted'),
      )
      for (const deed of director.deeds(settled, now())) await act(deed)
    },
  }
}
