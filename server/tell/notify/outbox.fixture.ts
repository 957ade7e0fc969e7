import type { NotificationReason } from '#shared/duty/escalation.ts'
import { evolve } from '#shared/incident/evolve.ts'
import type { Fact, RecordedFact } from '#shared/incident/facts.ts'
import { isRestricted, seesIncident } from '#shared/incident/restricted.ts'
import type { Flag, Incident } from '#shared/incident/state.ts'
import { type NotifyPolicy, notifySchemaWith } from '#shared/notify/policy.ts'
import { type Preferences, usualPreferences } from '#shared/notify/preferences.ts'
import type { SwapTold } from '#shared/notify/swap.ts'
import type { PersonalKind } from '#shared/notify/view.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { type MemoryStore, makeMemoryStore } from '../../store/memory.ts'
import type { Note, Rows } from './book.ts'
import { compose } from './compose.ts'
import { makeOutbox, type Outbox } from './outbox.ts'
import { DeliveryFailed, type Message } from './port.ts'

export { notifySchemaWith }

const dayMs = 24 * 60 * 60_000
export const noon = Date.UTC(2026, 10, 22, 12)

/** The process dies: what was being written was, or was not. */
export class Crash extends Error {}

/** A journal, people, and somebody at the other end, with a clock that is moved by hand. */
export class NotifyWorld {
  now = noon
  store: MemoryStore = makeMemoryStore()
  incidents = new Map<string, Incident>()
  seq = 0
  /** Everything the other side took, in order. */
  taken: { lane: string; message: Message }[] = []
  /** What the other side does with the n-th try. */
  answers: (attempt: number) => 'take' | 'busy' | 'never' | 'take-and-die' = () => 'take'
  /** The other side says nothing before it is over. */
  hold: Promise<void> | null = null
  tries = 0
  /** Thrown by the n-th commit, before or after it is durable. */
  crashAt: { commit: number; after: boolean } | null = null
  commits = 0
  people = new Map<string, { kinds: PersonalKind[]; preferences: Preferences }>()
  commanders: string[] = []
  swaps = new Map<string, SwapTold>()
  swapRevision = 0
  onCall: string[] = []
  shared = new Set<string>()
  policy: NotifyPolicy = builtInPolicy.notify
  notesAtOnce = 100
  outbox!: Outbox
  /** Processes on this store; mostly there is one. */
  nodes: Outbox[] = []

  person(id: string, kinds: PersonalKind[] = ['email'], preferences: Preferences = usualPreferences): void {
    this.people.set(id, { kinds, preferences })
  }

  /** Facts of one incident, durable together. */
  async happen(incidentId: string, ...facts: Fact[]): Promise<RecordedFact[]> {
    const placed = this.#place(incidentId, facts)
    await this.store.commit({ facts: placed })
    for (const outbox of this.nodes) outbox.heard(this.seq)
    return placed
  }
  #place(incidentId: string, facts: readonly Fact[]): RecordedFact[] {
    return facts.map((fact) => {
      const before = this.incidents.get(incidentId) ?? null
      const placed = { ...fact, seq: ++this.seq, incidentId, version: (before?.version ?? 0) + 1 } as RecordedFact
      this.incidents.set(incidentId, evolve(before, placed))
      return placed
    })
  }

  declare(
    incidentId: string,
    more: { tier?: 1 | 2 | 3; drill?: boolean; by?: string; flags?: Flag[] } = {},
  ): Promise<RecordedFact[]> {
    return this.happen(incidentId, {
      type: 'declared',
      at: this.now,
      by: more.by ?? 'system:filter',
      title: `Trouble of ${incidentId}`,
      description: '',
      service: 'shop',
      team: 'web',
      severity: 'high',
      tier: more.tier ?? null,
      tierRule: null,
      flags: more.flags ?? [],
      drill: more.drill ?? false,
      provisional: true,
    })
  }
  page(
    incidentId: string,
    people: string[],
    reason: 'first' | 'escalated' | 'reminder' = 'first',
    channels: string[] = [],
  ) {
    return this.happen(incidentId, {
      type: 'paged',
      at: this.now,
      by: 'system:clock',
      policy: 'usual',
      step: 0,
      round: 0,
      reason,
      targets: [],
      people,
      channels,
      nextAt: null,
      quietUntil: null,
    })
  }
  /** A shift is offered, or what became of that. */
  swap(id: string, change: Partial<SwapTold> = {}): void {
    const shift = {
      rotation: 'Web on-call',
      rotationId: 'web',
      layer: 'day',
      from: this.now + dayMs,
      to: this.now + 2 * dayMs,
    }
    const fresh: SwapTold = { id, ...shift, person: 'ada', inReturn: null, eligible: [], state: 'open', endedBy: null }
    this.swaps.set(id, { ...(this.swaps.get(id) ?? fresh), ...change })
    this.swapRevision++
  }
  claim(incidentId: string, person: string) {
    return this.happen(incidentId, { type: 'claimed', at: this.now, by: `person:${person}` })
  }

  async #commit(notes: readonly Note[], rows: Rows): Promise<void> {
    const crash = this.crashAt?.commit === this.commits++ ? this.crashAt : null
    if (crash !== null && !crash.after) throw new Crash('before')
    const before = new Map(this.incidents)
    const seq = this.seq
    const facts = notes.flatMap(({ incidentId, delivery }) =>
      this.#place(incidentId, [{ type: 'notified', at: this.now, by: 'system:notify', ...delivery }]),
    )
    try {
      await this.store.commit({ facts, ...rows })
    } catch (error) {
      this.incidents = before
      this.seq = seq
      throw error
    }
    if (crash !== null) throw new Crash('after')
  }

  /** As at a start of the process: nothing is known but what is on disk. */
  async start(): Promise<void> {
    this.outbox = await this.node()
    this.nodes = [this.outbox]
  }

  /** One of several processes on this store, just started. */
  async join(name: string): Promise<Outbox> {
    const outbox = await this.node(name)
    this.outbox ??= outbox
    this.nodes.push(outbox)
    return outbox
  }

  async node(name?: string): Promise<Outbox> {
    const isKnown = (id: string) => this.people.get(id) !== undefined
    const sender = (lane: string) => ({
      kind: 'email' as const,
      send: async (message: Message) => {
        const answer = this.answers(this.tries++)
        if (this.hold !== null) await this.hold
        if (answer === 'busy') throw new DeliveryFailed('it is busy', { retry: true })
        if (answer === 'never') throw new DeliveryFailed('there is no such mailbox', { retry: false })
        this.taken.push({ lane, message })
        if (answer === 'take-and-die') this.crashAt = { commit: this.commits, after: false }
      },
    })
    const outbox = makeOutbox(
      {
        lease: this.store.lease,
        ...(name === undefined ? {} : { node: name }),
        note: (notes, rows) => this.#commit(notes, rows),
        keep: (rows) => this.#commit([], rows),
        clock: { now: () => this.now },
        jitter: () => 0.5,
        read: this.store.read,
        swaps: {
          revision: () => this.swapRevision,
          all: () => [...this.swaps.values()],
          get: (id) => this.swaps.get(id),
          nextExpiryAt: () => {
            const open = [...this.swaps.values()].filter(({ state }) => state === 'open')
            return open.length === 0 ? null : Math.min(...open.map(({ from }) => from))
          },
        },
        incident: (id) => this.incidents.get(id),
        policy: () => this.policy,
        commanders: () => this.commanders,
        sees: (id, incidentId) => {
          const roles = this.commanders.includes(id) ? (['commander'] as const) : (['responder'] as const)
          const incident = this.incidents.get(incidentId)
          return incident === undefined || seesIncident({ personId: id, roles }, incident, () => this.onCall)
        },
        nameOf: (id) => id.toUpperCase(),
        addresses: {
          isActive: isKnown,
          preferences: (id) => this.people.get(id)?.preferences ?? usualPreferences,
          kinds: (id) => this.people.get(id)?.kinds ?? [],
          sender: (id, kind) => (this.people.get(id)?.kinds.includes(kind) ? sender(`${id}/${kind}`) : null),
          anybody: () => [...this.people.values()].some(({ kinds }) => kinds.length > 0),
        },
        senders: { senderFor: (id) => (this.shared.has(id) ? sender(`/${id}`) : null) },
        compose: (all, key, at) =>
          compose(all, key, at, {
            names: { person: (id) => id.toUpperCase(), actor: (id) => id, target: (id) => id },
            baseUrl: () => 'http://board',
            zoneOf: () => null,
            linkTo: ({ action }) => `http://board/act#${action}`,
            isRestricted,
            epochOf: () => 0,
            mayRespond: () => true,
          }),
        signal: () => new AbortController().signal,
        notesAtOnce: this.notesAtOnce,
        log: { warn: () => undefined, error: () => undefined },
      },
      await this.store.read.settings(),
    )
    await outbox.open(this.seq)
    outbox.heard(this.seq)
    return outbox
  }

  /** One poll, and what the other side says to it. @returns whether the process lived */
  async poll(outbox = this.outbox): Promise<boolean> {
    try {
      await outbox.step()
      // What a sender does without waiting is done by then.
      for (let turn = 0; turn < 12; turn++) await Promise.resolve()
      return true
    } catch (error) {
      if (!(error instanceof Crash)) throw error
      this.crashAt = null
      return false
    }
  }

  /** Polls, a second apart, until nothing is left to do. @param mostMs gives up after so long */
  async quieten(mostMs = 3 * 60 * 60_000): Promise<void> {
    const until = this.now + mostMs
    for (let idle = 0; idle < 3 && this.now < until; ) {
      if (!(await this.poll())) await this.start()
      const { waiting, sending } = this.outbox.figures(true)
      idle = waiting + sending === 0 ? idle + 1 : 0
      this.now += 1000
    }
  }

  async notified() {
    const facts = await this.store.read.factsAfter(0, ['notified'], 100_000)
    return facts.flatMap((fact) => (fact.type === 'notified' ? [fact] : []))
  }
  reasons(): NotificationReason[] {
    return this.taken.flatMap(({ message }) =>
      message.incidents.flatMap(({ reason }) => (reason === null ? [] : [reason])),
    )
  }
}
