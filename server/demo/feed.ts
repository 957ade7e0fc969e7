import type { Condition } from './bodies.ts'
import type { Random } from './random.ts'
import { type Door, type Trouble, troubles } from './troubles.ts'

/** What one sender tells in one request. */
export interface Telling {
  door: Door
  conditions: Condition[]
}

interface Firing {
  condition: Condition
  toldAt: number
}
interface Running {
  trouble: Trouble
  door: Door
  firing: Firing[]
  waiting: Condition[]
  nextAt: number
  endsAt: number
}

/** A firing condition is told again after so long, ms. */
const repeatMs = 15_000
/** When the opening troubles begin, ms after the start: enough for a first look, within 20 s. */
const openings = [800, 4_000, 9_000, 14_000, 32_000]
/** Never more troubles at once than this, so that the board stays readable and nothing grows without end. */
const atOnce = 6
/** A service has peace for so long after a trouble, ms. */
const peaceMs = 120_000

/**
 * The demo's world: which alerts fire at which moment. The same seed and the same instants give the same feed.
 * `tellings(now)` is asked about once a second.
 */
export function makeFeed({ random, startedAt }: { random: Random; startedAt: number }) {
  const running: Running[] = []
  const peaceUntil = new Map<string, number>()
  const opening = openings.map((after, index) => ({ at: startedAt + after, trouble: troubles[index] }))
  let nextAt = startedAt + 55_000
  let noiseAt = startedAt

  function begin(trouble: Trouble, now: number): void {
    const waiting: Condition[] = []
    for (const { alertname, summary, description } of trouble.alerts) {
      const count = random.between(1, trouble.instances)
      for (let index = 0; index < count; index++) {
        const instance = `${trouble.service}-${index + 1}.shop.example:9100`
        waiting.push({
          labels: {
            alertname,
            cluster: index % 2 === 0 ? 'eu-west' : 'eu-north',
            instance,
            job: trouble.service,
            service: trouble.service,
            severity: trouble.severity,
          },
          annotations: {
            summary,
            description: `${description} Seen on ${instance}.`,
            runbook_url: `https://runbooks.example/${trouble.service}/${alertname}`,
          },
          startsAt: 0,
          endedAt: null,
          generatorUrl: `https://prometheus.example/graph?g0.expr=ALERTS%7Balertname%3D%22${alertname}%22%7D`,
        })
      }
    }
    const endsAt = now + random.between(...trouble.lastsS) * 1000
    running.push({ trouble, door: trouble.door, firing: [], waiting, nextAt: now, endsAt })
  }

  function choose(now: number): Trouble | null {
    const free = troubles.filter(
      ({ service }) =>
        (peaceUntil.get(service) ?? 0) <= now && !running.some(({ trouble }) => trouble.service === service),
    )
    return free.length === 0 ? null : random.pick(free)
  }

  function noise(now: number): Telling {
    const labels = { alertname: 'Watchdog', cluster: 'eu-west', severity: 'none' }
    const info = { alertname: 'DeploymentFinished', cluster: 'eu-north', service: 'catalogue', severity: 'info' }
    const told = (labels: Record<string, string>, summary: string): Condition => ({
      labels,
      annotations: { summary },
      startsAt: startedAt,
      endedAt: null,
      generatorUrl: `https://prometheus.example/graph?at=${now}`,
    })
    return { door: 'prometheus', conditions: [told(labels, 'The alert path works'), told(info, 'A release went out')] }
  }

  return {
    /** What the senders tell at `now` (epoch ms). */
    tellings(now: number): Telling[] {
      for (let first = opening[0]; first && first.at <= now; first = opening[0]) {
        opening.shift()
        if (first.trouble) begin(first.trouble, now)
      }
      if (now >= nextAt) {
        const chosen = running.length < atOnce ? choose(now) : null
        if (chosen) begin(chosen, now)
        nextAt = now + random.between(12, 28) * 1000
      }

      const out: Telling[] = []
      for (const one of running) {
        const told: Condition[] = []
        if (now >= one.endsAt) {
          one.waiting = []
          // It ends as it came: a third of it at a time, and all of it in the end.
          const ending = now >= one.endsAt + 12_000 ? one.firing.length : Math.ceil(one.firing.length / 3)
          if (now >= one.nextAt) {
            for (const { condition } of one.firing.splice(0, ending)) told.push({ ...condition, endedAt: now })
            one.nextAt = now + 4_000
          }
        } else if (one.waiting.length > 0 && now >= one.nextAt) {
          const condition = one.waiting.shift()
          if (condition) {
            const started = { ...condition, startsAt: now }
            one.firing.push({ condition: started, toldAt: now })
            told.push(started)
          }
          one.nextAt = now + random.between(Math.ceil(one.trouble.spreadS / 2), one.trouble.spreadS * 2) * 1000
        }
        for (const firing of one.firing) {
          if (now - firing.toldAt < repeatMs) continue
          firing.toldAt = now
          told.push(firing.condition)
        }
        if (told.length > 0) out.push({ door: one.door, conditions: told })
      }
      for (const over of running.filter((one) => now >= one.endsAt && one.firing.length === 0)) {
        peaceUntil.set(over.trouble.service, now + peaceMs)
        running.splice(running.indexOf(over), 1)
      }
      if (now >= noiseAt) {
        noiseAt = now + 10_000
        out.push(noise(now))
      }
      return out
    },
    /** Alerts firing now, for those who check that this stays bounded. */
    firing: () => running.reduce((sum, { firing }) => sum + firing.length, 0),
  }
}
export type Feed = ReturnType<typeof makeFeed>
