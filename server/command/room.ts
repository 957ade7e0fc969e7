import { createHash } from 'node:crypto'
import { type Actor, can, clockActor, filterActor } from '#shared/access.ts'
import { type Clock, minuteMs } from '#shared/clocks.ts'
import { CommandRefused, UxbridgeError } from '#shared/errors.ts'
import { type Command, commandAction } from '#shared/incident/commands.ts'
import { deadlinesOf } from '#shared/incident/deadlines.ts'
import { type Context, decide, decideDeclaration, type SystemCommand } from '#shared/incident/decide.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Outcome } from '#shared/outcome.ts'
import { type Policy, tierPolicyOf } from '#shared/policy.ts'
import type { Effect, FilterEntry, Folded } from '../filter/port.ts'
import type { AuditEntry, Intention, LogEntry, Store, StoredAnswer } from '../store/port.ts'
import type { CommandRoom, Origin } from './port.ts'
import {
  type FilterCheckpoint,
  type IncidentEntryBody,
  type PolicyEntryBody,
  recordFacts,
  type World,
} from './world.ts'

/** What became durable, in order: what the picture shows. */
export interface Durable {
  facts: readonly RecordedFact[]
  /** Incidents whose alerts were heard of again without a fact. */
  touched: ReadonlySet<string>
  /** When the event or command that led to it reached us; null for what time itself did. */
  receivedAt: number | null
  /** Counts of a request, for rates and the ledger line. */
  intake: { sourceId: string; at: number; counts: Partial<Record<Outcome, number>> } | null
}

/** Who may be named in a command. Answered by the access room. */
export interface People {
  exists(personId: string): boolean
  /** Active, and with a role that responds. */
  mayRespond(personId: string): boolean
}

export interface RoomParts {
  store: Store
  clock: Clock
  people: People
  /** Made by `restoreWorld`; called again after a failed commit. */
  restore: () => Promise<World>
  onDurable: (durable: Durable) => void
  /** After memory was made again from the store: everything shown must be made again too. */
  onRestored: () => void
  log: { info(fields: object, message: string): void; error(fields: object, message: string): void }
  limits?: { backlogBytes: number; backlogIntentions: number }
}

const defaultLimits = { backlogBytes: 64 * 1024 * 1024, backlogIntentions: 20_000 }
const nothing: ReadonlySet<string> = new Set()
const encoder = new TextEncoder()
/** Answers kept in memory, to bridge the moment until the store can find them. */
const recentAnswers = 5000

/** The whole of the room, for main: the doors see only `CommandRoom`. */
export interface Room extends CommandRoom {
  world(): World
  /** Handles everything that is due: offers, silent owners, expiries of alerts. Called by a poll; safe at any time. */
  tick(): void
  activatePolicy(next: { hash: string; policy: Policy; text: string }): Promise<void>
  /** Writes where everything stands, so that a restart replays only what comes after. */
  checkpoint(): Promise<void>
  /** Tries to write again after a failed commit, and makes memory again from the store. @returns whether it works */
  mend(): Promise<boolean>
  stop(): void
}

/** @param first the policy active at start, as the world was restored under it */
export function makeCommandRoom(parts: RoomParts, initial: World, first: { hash: string; policy: Policy }): Room {
  const { store, clock, people, onDurable } = parts
  const limits = parts.limits ?? defaultLimits
  let world = initial
  let policy = first.policy
  let open = true
  const running = new Map<string, { hash: string; answer: Promise<{ seq: number; facts: readonly RecordedFact[] }> }>()

  function refuseWhenClosed(): void {
    const failure = store.failure()
    if (failure !== null) throw failure
    if (!open) throw new UxbridgeError('not-ready', 'The server is stopping. Try again in a few seconds.')
  }

  /** The one place where anything becomes durable and is then shown. Memory has changed already when this is called. */
  async function append(intention: Intention, shown: Omit<Durable, 'facts'>): Promise<void> {
    await store.commit(intention)
    onDurable({ ...shown, facts: intention.facts ?? [] })
  }

  function context(actor: Actor, to: string | null): Context {
    return {
      now: clock.now(),
      by: actor.personId === null ? actor.id : `person:${actor.personId}`,
      commander: can(actor, 'incident.command'),
      eligible: to === null ? [] : eligible(to),
      offerLimitMs: (tier) => tierPolicyOf(policy, tier).offer_expires_after,
      nextUpdateMs: (tier) => tierPolicyOf(policy, tier).update_every,
    }
  }

  function eligible(to: string): string[] {
    const named = to.startsWith('team:') ? (policy.teams.find((team) => `team:${team.id}` === to)?.members ?? []) : [to]
    return named.filter((id) => people.mayRespond(id))
  }

  /** Facts that an effect of the filter leads to, through the same `decide` as a person's command. */
  function perform(effect: Effect, facts: RecordedFact[]): void {
    const about = context(filterActor, null)
    const system = (command: Exclude<SystemCommand, { type: 'open' }>) => {
      const incident = world.incidents.get(effect.incidentId)
      if (incident === undefined)
        throw new UxbridgeError(
          'internal',
          `the filter speaks of ${effect.incidentId}, which the journal does not have`,
        )
      facts.push(...recordFacts(world, incident.id, decide(command, incident, about)))
    }
    switch (effect.type) {
      case 'open': {
        const { title, description, service, team, severity, tier, tierRule } = effect
        const declared = decideDeclaration(
          { type: 'open', title, description, service, team, severity, tier, tierRule, flags: [], drill: false },
          about,
        )
        facts.push(...recordFacts(world, effect.incidentId, declared))
        system({ type: 'attach-alerts', alerts: effect.alerts, rule: effect.rule, material: null })
        break
      }
      case 'attach':
        system({ type: 'attach-alerts', alerts: effect.alerts, rule: effect.rule, material: effect.material })
        break
      case 'refire':
        system({ type: 'refire-alerts', alerts: effect.alerts })
        break
      case 'resolve':
        system({ type: 'resolve-alerts', alerts: effect.alerts })
        break
    }
  }

  /** Folds entries that follow from `facts` (phases that grouping depends on), and returns their log entries. */
  function tellFilter(facts: readonly RecordedFact[]): LogEntry[] {
    const entries: LogEntry[] = []
    for (const fact of facts) {
      const phase =
        fact.type === 'phase-set' || fact.type === 'reopened'
          ? fact.phase
          : fact.type === 'dismissed'
            ? 'dismissed'
            : null
      const declared = fact.type === 'declared' && fact.by !== filterActor.id
      if (phase === null && !declared) continue
      const body: IncidentEntryBody = { incidentId: fact.incidentId, phase: phase ?? 'triage', declared }
      const pos = ++world.pos
      world.filter.fold({ kind: 'incident', pos, at: fact.at, ...body })
      entries.push({
        pos,
        at: fact.at,
        kind: 'incident',
        sourceId: null,
        adapter: '',
        body: encoder.encode(JSON.stringify(body)),
      })
    }
    return entries
  }

  function ledgerOf(sourceId: string, at: number, folded: Folded) {
    const minute = at - (at % minuteMs)
    return Object.entries(folded.counts).map(([outcome, count]) => ({
      minute,
      sourceId,
      outcome: outcome as Outcome,
      count,
    }))
  }

  const auditOf = (by: string, at: number, fields: Omit<AuditEntry, 'seq' | 'at' | 'by'>): AuditEntry => ({
    seq: ++world.auditSeq,
    at,
    by,
    ...fields,
  })

  async function load(incidentId: string): Promise<Incident> {
    const known = world.incidents.get(incidentId)
    if (known !== undefined) return known
    const stored = await store.read.incident(incidentId)
    if (stored === null) throw new UxbridgeError('not-found', `There is no incident ${incidentId}.`)
    // Somebody else may have loaded and changed it meanwhile: theirs is newer.
    const now = world.incidents.get(incidentId)
    if (now !== undefined) return now
    world.incidents.set(incidentId, stored)
    return stored
  }

  /** A refusal is an answer too: stored and audited before it is given. */
  async function refuse(
    actor: Actor,
    origin: Origin,
    subject: string,
    command: { id: string; type: string; hash: string },
    error: UxbridgeError,
  ): Promise<never> {
    const at = clock.now()
    await append(
      {
        audit: [
          auditOf(actor.id, at, {
            action: `command.${command.type}`,
            subject,
            outcome: 'refused',
            detail: { code: error.code, commandId: command.id },
            address: origin.address,
          }),
        ],
        answers: [
          {
            actor: actor.id,
            commandId: command.id,
            at,
            commandHash: command.hash,
            status: error.status,
            body: error.body(),
          },
        ],
      },
      { touched: nothing, receivedAt: null, intake: null },
    )
    throw error
  }

  async function act(actor: Actor, incidentId: string, command: Command, hash: string, origin: Origin) {
    const stored = await store.read.answer(actor.id, command.id)
    if (stored !== null) return repeatStored(stored, hash)
    const receivedAt = clock.now()
    const id = { id: command.id, type: command.type, hash }
    if (!can(actor, commandAction[command.type]) || actor.personId === null)
      return refuse(
        actor,
        origin,
        incidentId,
        id,
        new UxbridgeError('not-allowed', `Your role may not ${command.type}. Ask an administrator for another role.`),
      )
    const incident = await load(incidentId)
    refuseWhenClosed()
    let facts: RecordedFact[]
    try {
      requirePeople(command)
      const to =
        command.type === 'offer'
          ? command.to
          : command.type === 'grant-relief'
            ? (command.to ?? incident.reliefAskedBy)
            : null
      facts = recordFacts(
        world,
        incident.id,
        decide(command, world.incidents.get(incident.id) ?? incident, context(actor, to)),
      )
    } catch (error) {
      if (error instanceof UxbridgeError) return refuse(actor, origin, incidentId, id, error)
      throw error
    }
    const log = tellFilter(facts)
    const answer = { seq: facts.at(-1)?.seq ?? world.seq, facts }
    await append(
      {
        facts,
        log,
        audit: [
          auditOf(actor.id, receivedAt, {
            action: `command.${command.type}`,
            subject: incidentId,
            outcome: 'done',
            detail: { commandId: command.id, seq: answer.seq },
            address: origin.address,
          }),
        ],
        answers: [
          {
            actor: actor.id,
            commandId: command.id,
            at: receivedAt,
            commandHash: hash,
            status: 200,
            body: { seq: answer.seq, incidentId, versions: facts.map((fact) => fact.version) },
          },
        ],
      },
      { touched: nothing, receivedAt, intake: null },
    )
    return answer
  }

  /** People named in a command must exist, so that nothing is ever handed to nobody. */
  function requirePeople(command: Command): void {
    const named = 'person' in command ? command.person : undefined
    if (named !== undefined && !people.exists(named))
      throw new UxbridgeError('not-found', 'There is no such person. Choose one from the list.')
  }

  /** The same command again gets the same answer; facts come from the journal, so stored answers hold no text. */
  async function repeatStored(stored: StoredAnswer, hash: string) {
    if (stored.commandHash !== hash) throw reused()
    if (stored.status !== 200) {
      const body = stored.body as { code: UxbridgeError['code']; message: string; details?: Record<string, unknown> }
      throw new CommandRefused(body.code, body.message, body.details)
    }
    const body = stored.body as { seq: number; incidentId: string; versions: number[] }
    const versions = new Set(body.versions)
    const facts = (await store.read.factsOf(body.incidentId, Math.min(...versions) - 1)).filter((fact) =>
      versions.has(fact.version),
    )
    return { seq: body.seq, facts }
  }

  /** One act per actor and command id, also while the first is still under way. */
  function once<T extends { seq: number; facts: readonly RecordedFact[] }>(
    key: string,
    hash: string,
    run: () => Promise<T>,
  ): Promise<T> {
    const known = running.get(key)
    if (known !== undefined) {
      if (known.hash !== hash) return Promise.reject(reused())
      return known.answer as Promise<T>
    }
    const answer = run()
    running.set(key, { hash, answer })
    // A fault of ours is no definite answer: the same id may be tried again.
    answer.catch((error: unknown) => {
      if (!(error instanceof UxbridgeError) || error.status >= 500) running.delete(key)
    })
    const [oldest] = running.keys()
    if (running.size > recentAnswers && oldest !== undefined) running.delete(oldest)
    return answer
  }

  function due(): void {
    const now = clock.now()
    const silence = {
      askAfterMs: (tier: Incident['tier']) => tierPolicyOf(policy, tier).owner_silent_after,
      tellAfterMs: 5 * minuteMs,
    }
    const about = context(clockActor, null)
    for (const incident of world.incidents.values()) {
      for (const deadline of deadlinesOf(incident, silence)) {
        if (deadline.at > now) continue
        const type =
          deadline.kind === 'offer-expires'
            ? 'expire-offer'
            : deadline.kind === 'owner-silent-ask'
              ? 'ask-owner'
              : 'tell-owner-silent'
        const current = world.incidents.get(incident.id) ?? incident
        const facts = recordFacts(world, incident.id, decide({ type }, current, about))
        if (facts.length > 0) settle(append({ facts }, { touched: nothing, receivedAt: null, intake: null }))
      }
    }
    const nextDueAt = world.filter.nextDueAt()
    if (nextDueAt !== null && nextDueAt <= now) {
      const { intention, folded } = foldEntry(
        { kind: 'tick', pos: ++world.pos, at: now },
        { sourceId: null, adapter: '', body: new Uint8Array() },
      )
      settle(append(intention, { touched: folded.touched, receivedAt: null, intake: null }))
    }
  }

  /** Work of the clock has no caller to tell; a failed commit is reported by the store and mended by main. */
  function settle(work: Promise<void>): void {
    work.catch((error: unknown) => parts.log.error({ err: error }, 'what fell due could not be written'))
  }

  function foldEntry(
    entry: FilterEntry,
    raw: Pick<LogEntry, 'sourceId' | 'adapter' | 'body'>,
  ): { intention: Intention; folded: Folded } {
    const folded = world.filter.fold(entry)
    const facts: RecordedFact[] = []
    for (const effect of folded.effects) perform(effect, facts)
    const log: LogEntry[] = [{ pos: entry.pos, at: entry.at, kind: entry.kind, ...raw }, ...tellFilter(facts)]
    const intention: Intention = { log, facts, decisions: folded.decisions }
    return { intention, folded }
  }

  const room: Room = {
    async receive(source, adapter, raw, reading) {
      refuseWhenClosed()
      const backlog = store.backlog()
      if (backlog.bytes > limits.backlogBytes || backlog.intentions > limits.backlogIntentions)
        throw new UxbridgeError(
          'overloaded',
          'More events wait to be stored than is safe. Send again in a few seconds.',
        )
      const { id: sourceId, group: keyScope, defaultSeverity } = source
      const at = raw.receivedAt
      const { events, unreadable } = reading
      const entry: FilterEntry = {
        kind: 'request',
        pos: ++world.pos,
        at,
        sourceId,
        keyScope,
        defaultSeverity,
        events,
        unreadable,
      }
      const name = raw.contentType === '' ? adapter.id : `${adapter.id} ${raw.contentType}`
      const { intention, folded } = foldEntry(entry, { sourceId, adapter: name, body: raw.body })
      await append(
        { ...intention, ledger: ledgerOf(sourceId, at, folded) },
        { touched: folded.touched, receivedAt: at, intake: { sourceId, at, counts: folded.counts } },
      )
    },

    command(actor, incidentId, command, origin) {
      const hash = hashOf([incidentId, command])
      return once(`${actor.id}\n${command.id}`, hash, () => act(actor, incidentId, command, hash, origin))
    },

    async declare(actor, what, origin) {
      refuseWhenClosed()
      if (!can(actor, 'incident.declare') || actor.personId === null)
        throw new UxbridgeError('not-allowed', 'Your role may not declare incidents.')
      const declare = async () => {
        if (what.id !== undefined) {
          const stored = await store.read.answer(actor.id, what.id)
          if (stored !== null) return repeatStored(stored, hashOf(what))
        }
        const receivedAt = clock.now()
        const { id: _, ...fields } = what
        const incidentId = `INC-${world.filter.nextIncidentNumber()}`
        const team = policy.services.find((service) => service.id === what.service)?.team ?? null
        const facts = recordFacts(
          world,
          incidentId,
          decideDeclaration({ type: 'declare', team, ...fields }, context(actor, null)),
        )
        const log = tellFilter(facts)
        const seq = facts.at(-1)?.seq ?? world.seq
        await append(
          {
            facts,
            log,
            audit: [
              auditOf(actor.id, receivedAt, {
                action: 'incident.declare',
                subject: incidentId,
                outcome: 'done',
                detail: { seq },
                address: origin.address,
              }),
            ],
            answers:
              what.id === undefined
                ? []
                : [
                    {
                      actor: actor.id,
                      commandId: what.id,
                      at: receivedAt,
                      commandHash: hashOf(what),
                      status: 200,
                      body: { seq, incidentId, versions: facts.map((fact) => fact.version) },
                    },
                  ],
          },
          { touched: nothing, receivedAt, intake: null },
        )
        return { seq, facts }
      }
      const answer =
        what.id === undefined ? await declare() : await once(`${actor.id}\n${what.id}`, hashOf(what), declare)
      return { incidentId: answer.facts[0]?.incidentId ?? '', ...answer }
    },

    async record({ by, action, subject, outcome, detail, address, put, remove }) {
      refuseWhenClosed()
      await store.commit({
        audit: [auditOf(by, clock.now(), { action, subject, outcome, detail: detail ?? {}, address })],
        ...(put === undefined ? {} : { put }),
        ...(remove === undefined ? {} : { remove }),
      })
    },

    async activatePolicy(next) {
      const at = clock.now()
      const body: PolicyEntryBody = { hash: next.hash }
      const entry: FilterEntry = { kind: 'policy', pos: ++world.pos, at, hash: next.hash, policy: next.policy }
      const { intention } = foldEntry(entry, {
        sourceId: null,
        adapter: '',
        body: encoder.encode(JSON.stringify(body)),
      })
      policy = next.policy
      world.policyHash = next.hash
      await append(
        {
          ...intention,
          put: [{ kind: 'policy', id: next.hash, doc: { text: next.text } }],
          audit: [
            auditOf('system:policy', at, {
              action: 'policy.activate',
              subject: next.hash,
              outcome: 'done',
              detail: {},
              address: null,
            }),
          ],
        },
        { touched: nothing, receivedAt: null, intake: null },
      )
    },

    async checkpoint() {
      if (store.failure() !== null) return
      const { filter, alerts } = world.filter.checkpoint()
      const state: FilterCheckpoint = { policyHash: world.policyHash, state: filter }
      const incidents = [...world.dirty].flatMap((id) => world.incidents.get(id) ?? [])
      world.dirty.clear()
      await store.commit({ checkpoint: { pos: world.pos, seq: world.seq, filter: state, alerts, incidents } })
    },

    async mend() {
      try {
        await store.mend()
        world = await parts.restore()
        running.clear()
        parts.onRestored()
        parts.log.info(
          { pos: world.pos, seq: world.seq },
          'the store takes writes again; memory was made again from it',
        )
        return true
      } catch (error) {
        if (error instanceof UxbridgeError && error.code === 'store-full') return false
        throw error
      }
    },

    tick() {
      if (open && store.failure() === null) due()
    },
    incident: (id) => world.incidents.get(id),
    policy: () => policy,
    ready: () => open && store.failure() === null,
    world: () => world,
    stop() {
      open = false
    },
  }
  return room
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url')
}

function reused(): UxbridgeError {
  return new UxbridgeError(
    'command-id-reused',
    'This command id was used for another command. Give each command an id of its own.',
  )
}
