import type { Actor } from '#shared/access.ts'
import { type Alert, byteOrder, fingerprint, isItsLabels } from '#shared/alert.ts'
import { type AlertmanagerStatus, alertmanagerVersion } from '#shared/alertmanager/api.ts'
import { compareAlerts, compareLabelSets, type OrderedLabels, ordered } from '#shared/alertmanager/order.ts'
import { groupLabelsOf, mutedBy, type RouteNode, routesFor, routeTree } from '#shared/alertmanager/routes.ts'
import { type Timetable, timetable } from '#shared/alertmanager/time-intervals.ts'
import type { Clock } from '#shared/clocks.ts'
import type { Labels } from '#shared/event.ts'
import { type Sight, sightOf } from '#shared/incident/restricted.ts'
import { labelOf, matchesAll } from '#shared/matchers.ts'
import type { Policy } from '#shared/policy.ts'
import { maintenanceNameOf } from '#shared/silence.ts'
import { configText } from './alertmanager-config.ts'
import type { AlertmanagerPicture, AlertQuery } from './port.ts'
import { Slices, sortInSlices, Turns } from './slices.ts'

export interface AlertmanagerPictureParts {
  /** Every alert the filter knows. */
  alerts(): Iterable<Alert>
  alert(id: string): Alert | undefined
  policy(): Policy
  /** Whether an incident is there for this actor (rule RS1). */
  sees(actor: Actor | null, incidentId: string): boolean
  clock: Clock
  /** Of this program. */
  version: string
}

/** An alert as it was when the query passed it. What it holds never changes. */
class Row implements OrderedLabels {
  readonly id: string
  readonly labels: Labels
  readonly fingerprint: string
  readonly annotations: Labels
  readonly startsAt: number
  readonly endsAt: number
  readonly updatedAt: number
  readonly generatorUrl: string | null
  readonly silencedBy: readonly string[]
  /** Names of the maintenance windows that hold it back: Alertmanager knows no other times. */
  readonly mutedBy: readonly string[]
  /** Fingerprint of its cause; empty: of one that is not shown. */
  readonly inhibitedBy: string | null
  readonly receivers: readonly string[]
  #names: readonly string[] | null = null

  constructor(alert: Alert, { shown, fingerprint }: Known, receivers: readonly string[], inhibitedBy: string | null) {
    this.id = alert.id
    this.labels = shown
    this.fingerprint = fingerprint
    this.annotations = alert.annotations
    this.startsAt = alert.startsAt
    this.endsAt = alert.expiresAt ?? noEnd
    this.updatedAt = alert.heardAt
    this.generatorUrl = generatorOf(alert)
    this.silencedBy = alert.silencedBy?.filter((id) => maintenanceNameOf(id) === null) ?? none
    this.mutedBy = alert.silencedBy?.flatMap((id) => maintenanceNameOf(id) ?? []) ?? none
    this.inhibitedBy = inhibitedBy
    this.receivers = receivers
  }

  /** Needed only where alerts of one group have the same job and instance. */
  get names(): readonly string[] {
    this.#names ??= Object.keys(this.labels).sort(byteOrder)
    return this.#names
  }
}

interface Group extends OrderedLabels {
  node: RouteNode
  /** Names of the times by which all of it is muted. */
  muted: readonly string[]
  rows: Row[]
}

/** What does not change with an alert's state: worked out once for its labels and the route tree. */
interface Known {
  said: Labels
  tree: RouteNode
  shown: Labels
  fingerprint: string
  ends: Ends
  /** Of its group at each node. */
  groupKeys: readonly string[]
}

/** The nodes at which alerts end; shared by all that end at the same. */
interface Ends {
  nodes: readonly RouteNode[]
  /** In the order of the nodes. */
  receivers: readonly string[]
  sorted: readonly string[]
}

/** Go's zero time: no end. */
const noEnd = Date.parse('0001-01-01T00:00:00.000Z')
const pieceLength = 64 * 1024

/** What the filter knows, as Alertmanager's API shows it. Long answers are made and given out in short stretches. */
export function makeAlertmanagerPicture(parts: AlertmanagerPictureParts): AlertmanagerPicture {
  const { clock } = parts
  const startedAt = clock.now()
  const known = new WeakMap<Alert, Known>()
  const turns = new Turns()
  let policy: Policy | null = null
  let tree: RouteNode
  let ends = new Map<string, Ends>()
  let receiverLabels = new Map<string, Labels>()
  let times = new Map<string, Timetable>()

  function routing(): RouteNode {
    const active = parts.policy()
    if (active !== policy) {
      policy = active
      tree = routeTree(active.route)
      ends = new Map()
      const named = [...active.time_intervals, ...active.mute_time_intervals]
      times = new Map(named.map(({ name, time_intervals }) => [name, timetable(time_intervals)]))
      receiverLabels = new Map(active.receivers.map(({ name, labels }) => [name, { ...labels, name }]))
    }
    return tree
  }

  function knownOf(alert: Alert, root: RouteNode): Known {
    const before = known.get(alert)
    // Each repeat brings a new object with the same labels.
    if (before !== undefined && before.tree === root && sameLabels(before.said, alert.labels)) return before
    const shown = shownLabels(alert)
    const said = alert.labels
    const where = endsOf(routesFor(root, shown))
    const now = {
      said,
      tree: root,
      shown,
      fingerprint: alert.fingerprint ?? fingerprint(shown),
      ends: where,
      groupKeys: where.nodes.map((node) => groupKey(node, ordered(groupLabelsOf(node, shown)))),
    }
    known.set(alert, now)
    return now
  }

  /** Alertmanager names causes by their fingerprints. */
  function causeOf({ inhibitedBy }: Alert, sight: Sight): string | null {
    const cause = inhibitedBy && parts.alert(inhibitedBy.by)
    if (cause === undefined) return null
    return sight.alert(cause) ? knownOf(cause, routing()).fingerprint : ''
  }

  function endsOf(nodes: readonly RouteNode[]): Ends {
    const key = nodes.map(({ index }) => index).join()
    let shared = ends.get(key)
    if (shared === undefined) {
      const receivers = nodes.map(({ receiver }) => receiver)
      shared = { nodes, receivers, sorted: receivers.toSorted(byteOrder) }
      ends.set(key, shared)
    }
    return shared
  }

  const asks = ({ receiver, receiverMatchers }: AlertQuery) => {
    if (receiver === null && receiverMatchers.length === 0) return null
    return (name: string) =>
      (receiver === null || receiver.test(name)) && matchesAll(receiverMatchers, receiverLabels.get(name) ?? {})
  }

  /** Every firing alert that the query asks for and whoever asks may see. */
  async function collect(query: AlertQuery, sight: Sight, slices: Slices, take: (alert: Alert, known: Known) => void) {
    await slices.rest()
    const root = routing()
    const now = clock.now()
    for (const alert of Array.from(parts.alerts())) {
      if (slices.spent) await slices.rest()
      if (alert.status !== 'firing' || (alert.expiresAt !== null && alert.expiresAt < now)) continue
      const isSilenced = (alert.silencedBy?.length ?? 0) > 0
      const isInhibited = alert.inhibitedBy !== undefined
      if ((isSilenced && !query.silenced) || (isInhibited && !query.inhibited)) continue
      if (!isSilenced && !isInhibited && !query.active) continue
      if (!sight.alert(alert)) continue
      const known = knownOf(alert, root)
      if (matchesAll(query.filter, known.shown)) take(alert, known)
    }
  }

  return {
    async alerts(query, actor) {
      const sight = sightOf(actor, parts.sees)
      const slices = new Slices(turns)
      const asked = asks(query)
      const rows: Row[] = []
      await collect(query, sight, slices, (alert, known) => {
        const { receivers } = known.ends
        if (asked === null || receivers.some(asked)) rows.push(new Row(alert, known, receivers, causeOf(alert, sight)))
      })
      return texts(await sortInSlices(rows, byFingerprint, slices), rowText, slices)
    },

    async groups(query, actor) {
      const sight = sightOf(actor, parts.sees)
      const slices = new Slices(turns)
      const asked = asks(query)
      const found = new Map<string, Group>()
      const now = clock.now()
      const isOn = (name: string) => times.get(name)?.activeAt(now) === true
      await collect(query, sight, slices, (alert, known) => {
        const { nodes, receivers, sorted } = known.ends
        const shown = asked === null ? sorted : receivers.filter(asked).sort(byteOrder)
        if (shown.length === 0) return
        const row = new Row(alert, known, shown, causeOf(alert, sight))
        for (const [index, node] of nodes.entries()) {
          if (asked !== null && !asked(node.receiver)) continue
          const key = known.groupKeys[index] as string
          const group = found.get(key)
          if (group !== undefined) group.rows.push(row)
          else {
            const muted = mutedBy(node, isOn)
            found.set(key, { ...ordered(groupLabelsOf(node, known.shown)), node, muted, rows: [row] })
          }
        }
      })
      const shown = [...found.values()].filter(({ muted }) => query.muted || muted.length === 0)
      const groups = await sortInSlices(shown, byGroup, slices)
      return groupTexts(groups, slices)
    },

    receivers(matchers) {
      routing()
      return Array.from(receiverLabels, ([name, labels]) => ({ name, labels })).filter(({ labels }) =>
        matchesAll(matchers, labels),
      )
    },

    status(): AlertmanagerStatus {
      return {
        cluster: { name: 'uxbridge', status: 'ready', peers: [] },
        versionInfo: {
          version: alertmanagerVersion,
          revision: parts.version,
          branch: 'uxbridge',
          buildUser: '',
          buildDate: '',
          goVersion: '',
        },
        config: { original: configText(parts.policy(), parts.version) },
        uptime: iso(startedAt),
      }
    },
  }
}

const none: readonly never[] = Object.freeze([])
const iso = (at: number): string => new Date(at).toISOString()

function sameLabels(a: Labels, b: Labels): boolean {
  if (a === b) return true
  let count = 0
  for (const name in a) {
    if (a[name] !== b[name]) return false
    count++
  }
  for (const _ in b) count--
  return count === 0
}

/**
 * The labels as they stand. Senders of other kinds may name no alert: the title stands in, as it does for silences. In
 * the Alertmanager family the labels are what the alert is, and stay alone.
 */
function shownLabels({ labels, key, title }: Alert): Labels {
  if (labelOf(labels, 'alertname') !== '' || title === '' || isItsLabels(key, labels)) return labels
  return { ...labels, alertname: title }
}

/** Where the alert was made: the link called so, or the first that is no runbook. */
function generatorOf({ links }: Alert): string | null {
  if (links.length === 0) return null
  const link = links.find(({ text }) => text === 'Source') ?? links.find(({ text }) => text !== 'Runbook')
  return link?.href ?? null
}

const byFingerprint = (a: Row, b: Row): number =>
  a.fingerprint === b.fingerprint ? (a.id < b.id ? -1 : 1) : a.fingerprint < b.fingerprint ? -1 : 1
const byAlert = (a: Row, b: Row): number => compareAlerts(a, b) || (a.id < b.id ? -1 : 1)
const byGroup = (a: Group, b: Group): number =>
  compareLabelSets(a, b) || byteOrder(a.node.receiver, b.node.receiver) || a.node.index - b.node.index

/** No two groups share it: names and values are preceded by their lengths. */
function groupKey(node: RouteNode, { labels, names }: OrderedLabels): string {
  let key = `${node.index}`
  for (const name of names) key += `,${name.length}:${name}${labels[name]?.length}:${labels[name]}`
  return key
}

/** @param muted names of the times by which its group is muted */
function rowText(row: Row, muted: readonly string[] = none): string {
  const url = row.generatorUrl === null ? '' : `,"generatorURL":${JSON.stringify(row.generatorUrl)}`
  const receivers = row.receivers.map((name) => `{"name":${JSON.stringify(name)}}`).join(',')
  const silencedBy = row.silencedBy.length === 0 ? '' : row.silencedBy.map((id) => JSON.stringify(id)).join(',')
  const inhibitedBy = row.inhibitedBy === null || row.inhibitedBy === '' ? '' : `"${row.inhibitedBy}"`
  const mutedBy = [...row.mutedBy, ...muted].map((name) => JSON.stringify(name)).join(',')
  const state = silencedBy === '' && mutedBy === '' && row.inhibitedBy === null ? 'active' : 'suppressed'
  return `{"annotations":${JSON.stringify(row.annotations)},"endsAt":"${iso(row.endsAt)}","fingerprint":"${row.fingerprint}","receivers":[${receivers}],"startsAt":"${iso(row.startsAt)}","status":{"inhibitedBy":[${inhibitedBy}],"mutedBy":[${mutedBy}],"silencedBy":[${silencedBy}],"state":"${state}"},"updatedAt":"${iso(row.updatedAt)}"${url},"labels":${JSON.stringify(row.labels)}}`
}

/** A JSON array in pieces. */
async function* texts<T>(items: readonly T[], write: (item: T) => string, slices: Slices): AsyncGenerator<string> {
  let piece = '['
  for (const [index, item] of items.entries()) {
    if (slices.spent) await slices.rest()
    piece += index === 0 ? write(item) : `,${write(item)}`
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  yield `${piece}]\n`
}

async function* groupTexts(groups: readonly Group[], slices: Slices): AsyncGenerator<string> {
  let piece = '['
  for (const [index, { node, muted, labels, rows }] of groups.entries()) {
    piece += `${index === 0 ? '' : ','}{"alerts":[`
    for (const [place, row] of (await sortInSlices(rows, byAlert, slices)).entries()) {
      if (slices.spent) await slices.rest()
      piece += place === 0 ? rowText(row, muted) : `,${rowText(row, muted)}`
      if (piece.length < pieceLength) continue
      yield piece
      piece = ''
    }
    piece += `],"labels":${JSON.stringify(labels)},"receiver":${JSON.stringify({ name: node.receiver })},"routeLabels":${JSON.stringify(node.labels)}}`
  }
  yield `${piece}]\n`
}
