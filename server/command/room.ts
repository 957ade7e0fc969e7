import { isDeepStrictEqual } from 'node:util'
import { UxbridgeError } from '#shared/errors.ts'
import type { Policy } from '#shared/policy.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { Watch } from '#shared/watch.ts'
import type { DrillCatalogue } from '../filter/port.ts'
import type { SettingRow } from '../store/port.ts'
import { Answers } from './acting/answers.ts'
import { type DeliveryNote, noteDeliveries } from './acting/deliveries.ts'
import { makeEvidenceDesk } from './acting/evidence.ts'
import { command, declare, load } from './acting/index.ts'
import { sees, sightOn } from './acting/restricted.ts'
import { makeCheckpointing } from './checkpoint.ts'
import { makeCore, type RoomParts } from './core.ts'
import { handleDue } from './due.ts'
import { foldEntry, ownEntry } from './folding.ts'
import { lostOf } from './lost/book.ts'
import { expireLost, makeLostDesk } from './lost/desk.ts'
import type { CommandRoom } from './port.ts'
import { foldableRequest, logRequest } from './requests.ts'
import { makeSilences } from './silences.ts'
import type { DrillEntryBody, PolicyEntryBody, SourceEntryBody, World } from './world.ts'

const defaultLimits = { backlogBytes: 64 * 1024 * 1024, backlogIntentions: 20_000 }

/** The whole of the room, for main: the doors see only `CommandRoom`. */
export interface Room extends CommandRoom {
  world(): World
  /** Handles everything that is due: offers, silent owners, expiries of alerts. Called by a poll; safe at any time. */
  tick(): void
  /** From now on this is expected of the source; nothing is done when it already is. */
  watch(sourceId: string, watches: readonly Watch[]): Promise<void>
  /** An exercise begins with services of its own; null: it is over, and what still fires of it ends (rule DR2). */
  exercise(catalogue: DrillCatalogue | null, silences?: readonly SilenceSpan[]): Promise<void>
  activatePolicy(next: { hash: string; policy: Policy; text: string }): Promise<void>
  /**
   * Notes what became of messages in their incidents' own facts, with settings that change in the same step. Durable.
   * @throws UxbridgeError `store-full`, `not-ready`
   */
  noteDeliveries(
    notes: readonly DeliveryNote[],
    change: { put: readonly SettingRow[]; remove: readonly { kind: string; id: string }[] },
  ): Promise<void>
  /** Removes lost property whose time has ended. @returns how much went */
  expireLost(): Promise<{ rows: number; members: number }>
  /** Writes where everything stands now, so that a restart replays only what comes after. Others go on meanwhile. */
  checkpoint(): Promise<void>
  /** Tries to write again after a failed commit, and makes memory again from the store. @returns whether it works */
  mend(): Promise<boolean>
  stop(): void
}

/** @param policy the policy under which `world` was restored */
export function makeCommandRoom(parts: RoomParts, world: World, policy: Policy): Room {
  const { store, clock } = parts
  const limits = parts.limits ?? defaultLimits
  const core = makeCore(parts, world, policy)
  const answers = new Answers(store.read)

  return {
    async receive(source, adapter, raw, reading) {
      core.requireWritable()
      const backlog = store.backlog()
      if (backlog.bytes > limits.backlogBytes || backlog.intentions > limits.backlogIntentions)
        throw new UxbridgeError(
          'overloaded',
          'More events wait to be stored than is safe. Send again in a few seconds.',
        )
      const at = raw.receivedAt
      const pos = ++core.world.pos
      const { intention, folded, intakes } = foldEntry(
        core,
        foldableRequest(pos, source, at, reading),
        logRequest(pos, source, adapter, raw),
      )
      const lost = lostOf({ pos, sourceId: source.id, at }, reading.unreadable, reading.events.length === 0)
      const kept = lost.length > 0 ? { ...intention, ...core.world.lost.put(lost, at) } : intention
      await core.append(kept, { touched: folded.touched, receivedAt: at, intakes })
      return { pos, decisions: folded.decisions, touched: folded.touched }
    },

    command: (actor, incidentId, asked, origin) => command(core, answers, actor, incidentId, asked, origin),
    declare: (actor, asked, origin) => declare(core, answers, actor, asked, origin),

    async record({ by, action, subject, outcome, detail, reason, address, put, remove }) {
      core.requireWritable()
      const entry = { action, subject, outcome, detail: detail ?? {}, address }
      const audit = core.audit(by, clock.now(), reason === undefined ? entry : { ...entry, reason })
      await store.commit({ audit: [audit], put: put ?? [], remove: remove ?? [] })
    },

    async activatePolicy({ hash, policy, text }) {
      const at = clock.now()
      const body: PolicyEntryBody = { hash }
      const pos = ++core.world.pos
      const { intention, folded, intakes } = foldEntry(
        core,
        { kind: 'policy', pos, at, hash, policy },
        ownEntry('policy', pos, at, body),
      )
      core.policy = policy
      core.world.policyHash = hash
      const about = { action: 'policy.activate', subject: hash, outcome: 'done', detail: {}, address: null } as const
      const audit = core.audit('system:policy', at, about)
      const put = [{ kind: 'policy', id: hash, doc: { text, activeSince: at } }]
      await core.append({ ...intention, put, audit: [audit] }, { touched: folded.touched, intakes })
    },

    async watch(sourceId, watches) {
      if (isDeepStrictEqual(core.world.filter.watches.of(sourceId), watches)) return
      core.requireWritable()
      const at = clock.now()
      const pos = ++core.world.pos
      const body: SourceEntryBody = { sourceId, watches }
      const entry = { kind: 'source', pos, at, ...body } as const
      const { intention, intakes } = foldEntry(core, entry, ownEntry('source', pos, at, body))
      await core.append(intention, { intakes })
    },

    async exercise(catalogue, silences = []) {
      core.requireWritable()
      const at = clock.now()
      const pos = ++core.world.pos
      const body: DrillEntryBody = { catalogue, silences }
      const entry = { kind: 'drill', pos, at, ...body } as const
      const { intention, folded, intakes } = foldEntry(core, entry, ownEntry('drill', pos, at, body))
      await core.append(intention, { touched: folded.touched, intakes })
    },

    noteDeliveries: (notes, change) => noteDeliveries(core, notes, change),

    checkpoint: makeCheckpointing(core),

    async mend() {
      // What memory holds that the disk refused must not be built upon: until it is made again, nothing is taken in.
      core.mending ??= store.failure()
      try {
        await store.mend()
        core.world = await parts.restore()
      } catch (error) {
        if (store.failure() !== null) core.mending = null
        if (error instanceof UxbridgeError && error.code === 'store-full') return false
        throw error
      }
      core.mending = null
      core.asked.clear()
      core.restoredAt = clock.now()
      answers.forget()
      parts.onRestored()
      const { pos, seq } = core.world
      parts.log.info({ pos, seq }, 'the store takes writes again; memory was made again from it')
      return true
    },

    tick() {
      if (core.open && core.halted() === null) handleDue(core)
    },
    lost: makeLostDesk(core),
    evidence: makeEvidenceDesk({
      core,
      load: (incidentId) => load(core, incidentId),
      command: (actor, incidentId, asked, origin) => command(core, answers, actor, incidentId, asked, origin),
    }),
    expireLost: () => expireLost(core),
    silences: makeSilences(core),
    incident: (id) => core.world.incidents.get(id),
    sees: (actor, incidentId) => sees(core, actor, incidentId),
    sight: async (incidentId) => sightOn(core, await load(core, incidentId)),
    policy: () => core.policy,
    ready: () => core.open && core.halted() === null,
    world: () => core.world,
    stop() {
      core.open = false
    },
  }
}
