import { type Alert, alertIdOf } from '#shared/alert.ts'
import { hourMs } from '#shared/clocks.ts'
import type { Event } from '#shared/event.ts'
import { numberOf, restrictedIncidentId } from '#shared/incident/ids.ts'
import { isOpen, type Phase } from '#shared/incident/state.ts'
import type { Policy } from '#shared/policy.ts'
import type { StormFinding } from '#shared/watch.ts'
import { Recall } from '../lookup/recall.ts'
import { Sharing } from '../lookup/sharing.ts'
import type { FilterSeed } from '../port.ts'
import { Redactor } from '../redaction/redactor.ts'
import { Changes, type Slices } from './changes.ts'
import { Deliveries, type SavedDeliveries } from './deliveries.ts'
import { DueQueue } from './due.ts'
import { Expiries } from './expiries.ts'
import { Group, type Joining, type SavedGroup } from './groups/group.ts'
import { Groups } from './groups/index.ts'
import { serviceMarks } from './groups/kinship.ts'
import { rank } from './groups/restriction.ts'
import { Topology } from './groups/topology.ts'
import { Holding, type SavedWaiting } from './holding.ts'
import { ServiceFinder } from './services.ts'
import type { SavedSilence, SavedWindow } from './silences.ts'
import type { SavedStorm } from './storms.ts'
import { type SavedWatch, Watches } from './watches.ts'

/** Rule F6: a resolved alert is remembered so long after the last word about it, and while its incident may reopen. */
const forgetAfterMs = hourMs
const firstNumber = 1001

/** An alert and what only the filter needs of it. */
export interface Tracked {
  readonly alert: Alert
  group: Group | null
  /** Its earliest instant in the queue of expiries; Infinity when it has none there. */
  queuedAt: number
  /** Stretch between two cuts in which it last changed (`Changes`); 0 when a checkpoint has it as it is. */
  changedIn: number
  /** A copy of the alert as it was at the cut that is being taken, once it has changed since. */
  asAtCut: Alert | null
}

export interface SavedState {
  version: 1
  nextNumber: number
  groups: SavedGroup[]
  /** Correlation key → incident that alerts of this key join, while it is open. */
  joinable: [key: string, incidentId: string][]
  watches: SavedWatch[]
  deliveries: SavedDeliveries
  /** Absent in checkpoints from before there were silences. */
  silences?: SavedSilence[]
  /** Absent in checkpoints from before there were maintenance windows. */
  windows?: SavedWindow[]
  /** Absent in checkpoints from before there were storms. */
  storms?: SavedStorm[]
  /** Signature of what masked the words of the alerts; absent: nothing did. */
  redaction?: string
  /** Absent: nothing waits to be judged again. */
  waiting?: SavedWaiting
}

/** Everything the fold remembers between entries. */
export class FilterState {
  policy: Policy
  services: ServiceFinder
  topology: Topology
  redactor: Redactor
  nextNumber = firstNumber
  firing = 0
  readonly holding: Holding
  readonly byId = new Map<string, Tracked>()
  readonly groups = new Groups()
  readonly #byScope = new Map<string, Map<string, Tracked>>()
  readonly #recall = new Recall<Tracked>()
  readonly #sharing = new Sharing()
  readonly expiries = new Expiries()
  readonly #settled = new DueQueue<Tracked>()
  readonly changes = new Changes()
  readonly watches: Watches
  readonly deliveries: Deliveries

  readonly #idOf: (scopedKey: string) => string

  constructor(seed: FilterSeed) {
    this.#idOf = seed.idOf ?? alertIdOf
    this.policy = seed.policy
    this.services = new ServiceFinder(seed.policy)
    this.topology = new Topology(seed.policy)
    this.redactor = new Redactor(seed.policy.filters.redact, this.#idOf)
    const saved = seed.filter as SavedState | null
    this.deliveries = new Deliveries(saved?.deliveries)
    this.watches = new Watches(seed.nextOf ?? noCron, saved?.watches)
    if (saved !== null && saved.version !== 1)
      throw new TypeError(`this is no checkpoint of the filter: version ${saved.version}`)
    if (saved !== null) {
      this.nextNumber = saved.nextNumber
      this.groups.restore(
        saved.groups.map((group) => Group.restore(group)),
        saved.joinable,
      )
    }
    this.holding = new Holding(seed.policy, this.changes, saved, seed.occurrences)
    for (const alert of seed.alerts) this.#restore({ ...alert })
    this.holding.restore([...this.#firing()], saved?.waiting)
    if (saved !== null && saved.redaction !== this.redactor.signature) this.#redactAll()
  }

  #restore(alert: Alert): void {
    const cut = alert.key.indexOf('\n')
    const group = alert.incidentId === null ? null : (this.groups.byId.get(alert.incidentId) ?? null)
    this.#sharing.share(alert)
    const tracked = track(alert, group)
    this.#scope(alert.key.slice(0, cut)).set(alert.key.slice(cut + 1), tracked)
    this.byId.set(alert.id, tracked)
    group?.alerts.add(tracked)
    if (alert.status === 'firing') {
      this.firing++
      this.expiries.add(tracked)
    } else this.queueForgetting(tracked)
  }

  #scope(keyScope: string): Map<string, Tracked> {
    let scope = this.#byScope.get(keyScope)
    if (scope === undefined) {
      scope = new Map()
      this.#byScope.set(keyScope, scope)
    }
    return scope
  }

  /**
   * The alert that an event of this request is about. Two look-ups instead of one joined key: this runs for every event, and
   * joining strings is what would cost.
   */
  find({ keyScope, events }: { keyScope: string; events: readonly Event[] }, event: Event): Tracked | undefined {
    const scope = this.#byScope.get(keyScope)
    return scope && this.#recall.find(events, event, scope)
  }

  /** A new alert. `make` is given its scoped key and its id, which no other alert has, colliding hashes or not. */
  add(keyScope: string, dedupKey: string, make: (key: string, id: string) => Alert): Tracked {
    const key = `${keyScope}\n${dedupKey}`
    let id = this.#idOf(key)
    for (let salt = 1; this.byId.has(id); salt++) id = this.#idOf(`${key}\n${salt}`)
    const alert = make(key, id)
    this.#sharing.share(alert)
    const tracked = track(alert, null)
    // A part of the scoped key, which is held anyway.
    this.#scope(keyScope).set(key.slice(keyScope.length + 1), tracked)
    this.byId.set(id, tracked)
    this.firing++
    this.changes.before(tracked)
    this.expiries.add(tracked)
    return tracked
  }

  /**
   * Firing → resolved.
   * @returns the incident that was told of its firing, and must be told of the end; null when none was
   */
  settle(tracked: Tracked, endsAt: number, endAssumed: boolean): string | null {
    const { alert } = tracked
    this.changes.before(tracked)
    const told = alert.heldBack === undefined ? alert.incidentId : null
    alert.status = 'resolved'
    this.holding.clear(tracked)
    alert.endsAt = endsAt
    alert.endAssumed = endAssumed
    alert.expiresAt = null
    this.firing--
    this.queueForgetting(tracked)
    return told
  }

  #forgetAt({ alert, group }: Tracked): number {
    const last = alert.endAssumed && alert.endsAt !== null ? Math.max(alert.heardAt, alert.endsAt) : alert.heardAt
    return Math.max(last + forgetAfterMs, group?.reopenUntil ?? 0)
  }

  queueForgetting(tracked: Tracked): void {
    // While its incident is open it is not forgotten; the incident's end queues it.
    if (tracked.group?.open) return
    this.#settled.push(this.#forgetAt(tracked), tracked)
  }

  /** Rule F6: forgets what need not be known any more. */
  forget(at: number): void {
    this.#recall.clear()
    for (let next = this.#settled.peekAt(); next !== null && next <= at; next = this.#settled.peekAt()) {
      const { what: tracked } = this.#settled.pop()
      const { alert, group } = tracked
      if (alert.status === 'firing' || group?.open || this.byId.get(alert.id) !== tracked) continue
      const due = this.#forgetAt(tracked)
      if (due > at) {
        this.#settled.push(due, tracked)
        continue
      }
      this.changes.before(tracked)
      const cut = alert.key.indexOf('\n')
      const scope = this.#byScope.get(alert.key.slice(0, cut))
      scope?.delete(alert.key.slice(cut + 1))
      if (scope?.size === 0) this.#byScope.delete(alert.key.slice(0, cut))
      this.byId.delete(alert.id)
      this.place(tracked, null)
    }
  }

  /**
   * A new incident that is not for everybody. Its id is not of the sequence (rule RS9), and the same in every replay.
   * @param of what led to it; nothing else has led to one
   */
  openRestricted(joining: Joining, at: number, of: string): Group {
    // No scope is empty, so no alert has such a key.
    const text = `\nrestricted incident\n${of}`
    let id = restrictedIncidentId(this.#idOf(text))
    for (let salt = 1; this.groups.byId.has(id); salt++) id = restrictedIncidentId(this.#idOf(`${text}\n${salt}`))
    const group = new Group(id, 'triage', joining, at)
    group.provisional = true
    group.restricted = true
    this.groups.add(group)
    return group
  }

  /** Puts an alert into an incident (or none), and drops the one it leaves when nothing is left to know about that. */
  place(tracked: Tracked, group: Group | null): void {
    const before = tracked.group
    if (before === group) return
    tracked.group = group
    group?.alerts.add(tracked)
    if (before === null) return
    before.alerts.delete(tracked)
    if (!before.open && before.alerts.size === 0) this.groups.byId.delete(before.id)
  }

  /** The alert belongs to no incident any more. */
  release(tracked: Tracked): void {
    tracked.alert.incidentId = null
    this.place(tracked, null)
  }

  /** A new incident, that nobody has touched. */
  openGroup(joining: Joining, at: number): Group {
    const group = new Group(`INC-${this.nextNumber++}`, 'triage', joining, at)
    group.provisional = true
    this.groups.add(group)
    return group
  }

  /**
   * One incident turns out to be part of another: its alerts go over, and what would have joined it joins the other.
   * @returns the ids of the alerts that went
   */
  merge(source: Group, target: Group, at: number): string[] {
    const moved = this.#move(source.alerts, target)
    this.groups.adopt(source, target)
    this.setPhase(source, 'merged', at)
    return moved
  }

  /** A person says so: what they have brought together takes alerts for as long as a new one would (rule C2). */
  mergeByHand(source: Group, target: Group, at: number): void {
    this.merge(source, target, at)
    if (target.joining !== null) target.joining.firstAt = at
  }

  /**
   * A person says that these alerts are another incident: by a split, or because a merge is undone. What that one brought
   * when it was merged, it gets back. Rule M5: the filter does not merge the two again.
   */
  part(source: Group, target: Group, alerts: readonly string[], at: number): void {
    const going = alerts.flatMap((id) => this.byId.get(id) ?? []).filter(({ group }) => group === source)
    const events = going.reduce((sum, { alert }) => sum + alert.events, 0)
    this.#move(going, target)
    target.heardAt = Math.max(target.heardAt, ...going.map(({ alert }) => alert.heardAt))
    target.events += events
    source.events = Math.max(0, source.events - events)
    source.apart.add(target.id)
    target.apart.add(source.id)
    if (this.groups.giveBack(source, target, at)) return
    // Services whose alerts all went are the other's from now on.
    target.joining ??= { key: null, rule: 'split', words: '', firstAt: at, lastAt: at }
    this.groups.divide(source, target, serviceMarks(going), new Set(serviceMarks(source.alerts)))
  }

  #move(alerts: Iterable<Tracked>, target: Group): string[] {
    const ids: string[] = []
    // In an order that is the same after a restart.
    for (const tracked of [...alerts].sort((a, b) => (a.alert.id < b.alert.id ? -1 : 1))) {
      this.changes.before(tracked)
      tracked.alert.incidentId = target.id
      this.place(tracked, target)
      rank(tracked, target.restricted, this)
      ids.push(tracked.alert.id)
    }
    return ids
  }

  /**
   * The incident has come into this phase. One that is not open takes no new alerts; its own reopen it if they fire
   * again within the policy's `reopen_within` of its resolution. Reopened, it takes new ones again, unless another
   * incident of the same key was opened meanwhile.
   */
  setPhase(group: Group, phase: Phase, at: number): void {
    const was = group.phase
    group.phase = phase
    if (isOpen(phase)) {
      group.reopenUntil = 0
      group.resolvedAt = null
      if (!isOpen(was)) this.groups.offer(group)
      return
    }
    this.groups.withdraw(group)
    if (phase !== 'resolved' && phase !== 'review') group.reopenUntil = 0
    else if (isOpen(was)) {
      group.resolvedAt = at
      group.reopenUntil = at + this.policy.reopen_within
    }
    if (group.alerts.size === 0) this.groups.byId.delete(group.id)
    else
      for (const tracked of group.alerts)
        if (tracked.alert.status === 'resolved') this.queueForgetting(tracked)
        else if (tracked.alert.endsWithIncident) this.endNow(tracked, at)
  }

  /** Rule P2: what tells of no end itself ends with its incident, or at once where it has none. Due like any expiry. */
  endNow(tracked: Tracked, at: number): void {
    this.changes.before(tracked)
    tracked.alert.expiresAt = at
    this.expiries.add(tracked)
  }

  /** An incident that the filter did not open, or that it has let go of. */
  know(incidentId: string, phase: Phase, restricted: boolean, at: number): void {
    if (!isOpen(phase)) return
    this.groups.add(Object.assign(new Group(incidentId, phase, null, at), { restricted }))
  }

  /** Takes a number that was given elsewhere, so that it is not given again. */
  passNumber(incidentId: string): void {
    const number = numberOf(incidentId)
    if (number !== null && number >= this.nextNumber) this.nextNumber = number + 1
  }

  /** @returns storms that are over by it */
  adopt(policy: Policy, at: number): StormFinding[] {
    this.policy = policy
    this.services = new ServiceFinder(policy)
    this.topology = new Topology(policy)
    const { signature } = this.redactor
    this.redactor = new Redactor(policy.filters.redact, this.#idOf)
    if (this.redactor.signature !== signature) this.#redactAll()
    return this.holding.adopt(policy, at, () => this.byId.values())
  }

  *#firing(): Generator<Tracked> {
    for (const tracked of this.byId.values()) if (tracked.alert.status === 'firing') yield tracked
  }

  /** Rule R5: what other rules would have masked is masked now; what they would have left comes with the sender's next word. */
  #redactAll(): void {
    for (const tracked of this.byId.values()) {
      const { alert } = tracked
      const masked = this.redactor.alert(alert)
      if (masked === null) continue
      this.changes.before(tracked)
      Object.assign(alert, masked)
      if (alert.status === 'firing') this.holding.mark(tracked)
    }
  }

  save(): SavedState {
    const waiting = this.holding.saveWaiting()
    return {
      version: 1,
      nextNumber: this.nextNumber,
      groups: [...this.groups.byId.values()].map((group) => group.save()),
      joinable: this.groups.saveJoinable(),
      watches: this.watches.save(),
      deliveries: this.deliveries.save(),
      silences: this.holding.silences.save(),
      windows: this.holding.silences.windows(),
      storms: this.holding.storms.save(),
      redaction: this.redactor.signature,
      ...(waiting === undefined ? {} : { waiting }),
    }
  }

  /** The alerts that changed or were forgotten since the last cut, as they are now. @throws TypeError while one is open */
  cut(): Slices {
    return this.changes.cut((tracked) => this.byId.get(tracked.alert.id) === tracked)
  }
}

const noCron = (): null => null

function track(alert: Alert, group: Group | null): Tracked {
  return { alert, group, queuedAt: Number.POSITIVE_INFINITY, changedIn: 0, asAtCut: null }
}
