import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { alertmanagerVersion } from '#shared/alertmanager/api.ts'

/** What the running server says of itself, read when somebody scrapes. */
export interface Vitals {
  incidents(): { shown: number; open: number; unowned: number; offered: number }
  alerts(): { alerts: number; firing: number }
  backlog(): { intentions: number; bytes: number }
  /** Deadlines of legal clocks that are not met. Left out: none is counted. */
  clocks?(): { running: number; breached: number }
  sockets(): number
  frames(): number
  ready(): boolean
  /** Members of requests that could not be read and wait for a person. */
  lost(): number
  /** What the outbox holds, and what became of what it held since the start. Left out: nobody is told anything. */
  notify?(): { waiting: number; sending: number; counts: Readonly<Record<string, number>> }
}

export interface Metrics {
  registry: Registry
  /**
   * @param counts events by outcome
   * @param accepted what the door counted, which is the sum of them (rule F1): for whoever wants to be called when it is not
   */
  events(counts: Readonly<Record<string, number>>, accepted: number): void
  /** From handing a commit to the store until it is durable. */
  commit(seconds: number): void
}

/** Our own metrics in Prometheus text (contract.md: GET /metrics). No labels that hold names or ids of people. */
export function makeMetrics(vitals: Vitals): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const events = new Counter({
    name: 'uxbridge_events_total',
    help: 'Accepted events by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const taken = new Counter({
    name: 'uxbridge_events_accepted_total',
    help: 'Events that the doors accepted, counted before they were filtered: the sum of uxbridge_events_total.',
    registers: [registry],
  })
  const commits = new Histogram({
    name: 'uxbridge_commit_seconds',
    help: 'Time until an intention is durable.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  gauge('uxbridge_incidents_open', 'Open incidents.', () => vitals.incidents().open)
  gauge('uxbridge_incidents_unowned', 'Open incidents that nobody owns.', () => vitals.incidents().unowned)
  gauge('uxbridge_incidents_offered', 'Open incidents with an open offer.', () => vitals.incidents().offered)
  gauge('uxbridge_alerts_known', 'Alerts the filter knows.', () => vitals.alerts().alerts)
  gauge('uxbridge_alerts_firing', 'Alerts that fire.', () => vitals.alerts().firing)
  gauge('uxbridge_store_backlog_intentions', 'Intentions not yet durable.', () => vitals.backlog().intentions)
  gauge('uxbridge_store_backlog_bytes', 'Bytes not yet durable.', () => vitals.backlog().bytes)
  gauge('uxbridge_sockets', 'Live clients.', () => vitals.sockets())
  gauge('uxbridge_frames_sent', 'Frames broadcast since the start.', () => vitals.frames())
  gauge('uxbridge_lost_property', 'Members of accepted requests that could not be read and wait.', () => vitals.lost())
  gauge('uxbridge_ready', '1 when the picture is restored and writes are taken.', () => (vitals.ready() ? 1 : 0))
  const { notify, clocks } = vitals
  if (clocks !== undefined) {
    gauge('uxbridge_clocks_running', 'Deadlines of legal clocks that are not met.', () => clocks().running)
    gauge('uxbridge_clocks_breached', 'Those of them that have passed.', () => clocks().breached)
  }
  if (notify !== undefined) {
    gauge('uxbridge_notifications_waiting', 'Deliveries that wait for their turn.', () => notify().waiting)
    gauge('uxbridge_notifications_sending', 'Messages under way or to be tried again.', () => notify().sending)
    new Counter({
      name: 'uxbridge_notifications_total',
      help: 'Deliveries by what became of them; held-back: of exercises.',
      labelNames: ['outcome'],
      registers: [registry],
      collect() {
        this.reset()
        for (const [outcome, count] of Object.entries(notify().counts)) this.inc({ outcome }, count)
      },
    })
  }
  // karma reads here which Alertmanager it speaks with.
  new Gauge({
    name: 'alertmanager_build_info',
    help: 'The version of Alertmanager’s API that is spoken here.',
    labelNames: ['version', 'branch'],
    registers: [registry],
  }).set({ version: alertmanagerVersion, branch: 'uxbridge' }, 1)
  return {
    registry,
    events(counts, accepted) {
      taken.inc(accepted)
      for (const [outcome, count] of Object.entries(counts)) events.inc({ outcome }, count)
    },
    commit: (seconds) => commits.observe(seconds),
  }
}
