import { minuteMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Outcome } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import { command, declare } from './acting.ts'
import { Answers } from './answers.ts'
import { makeCheckpointing } from './checkpoint.ts'
import { makeCore, type RoomParts } from './core.ts'
import { handleDue } from './due.ts'
import { foldEntry, ownEntry } from './folding.ts'
import type { CommandRoom } from './port.ts'
import { foldableRequest, logRequest } from './requests.ts'
import type { PolicyEntryBody, World } from './world.ts'

const defaultLimits = { backlogBytes: 64 * 1024 * 1024, backlogIntentions: 20_000 }

/** The whole of the room, for main: the doors see only `CommandRoom`. */
export interface Room extends CommandRoom {
  world(): World
  /** Handles everything that is due: offers, silent owners, expiries of alerts. Called by a poll; safe at any time. */
  tick(): void
  activatePolicy(next: { hash: string; policy: Policy; text: string }): Promise<void>
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
      const { id: sourceId } = source
      const at = raw.receivedAt
      const pos = ++core.world.pos
      const { intention, folded } = foldEntry(
        core,
        foldableRequest(pos, source, at, reading),
        logRequest(pos, source, adapter, raw),
      )
      const { counts, touched } = folded
      const minute = at - (at % minuteMs)
      const ledger = Object.entries(counts).map(([outcome, count]) => ({
        minute,
        sourceId,
        outcome: outcome as Outcome,
        count,
      }))
      await core.append({ ...intention, ledger }, { touched, receivedAt: at, intake: { sourceId, at, counts } })
      return { pos, decisions: folded.decisions }
    },

    command: (actor, incidentId, asked, origin) => command(core, answers, actor, incidentId, asked, origin),
    declare: (actor, asked, origin) => declare(core, answers, actor, asked, origin),

    async record({ by, action, subject, outcome, detail, address, put, remove }) {
      core.requireWritable()
      const audit = core.audit(by, clock.now(), { action, subject, outcome, detail: detail ?? {}, address })
      await store.commit({ audit: [audit], put: put ?? [], remove: remove ?? [] })
    },

    async activatePolicy({ hash, policy, text }) {
      const at = clock.now()
      const body: PolicyEntryBody = { hash }
      const pos = ++core.world.pos
      const { intention } = foldEntry(
        core,
        { kind: 'policy', pos, at, hash, policy },
        ownEntry('policy', pos, at, body),
      )
      core.policy = policy
      core.world.policyHash = hash
      const about = { action: 'policy.activate', subject: hash, outcome: 'done', detail: {}, address: null } as const
      const audit = core.audit('system:policy', at, about)
      await core.append({ ...intention, put: [{ kind: 'policy', id: hash, doc: { text } }], audit: [audit] })
    },

    checkpoint: makeCheckpointing(core),

    async mend() {
      try {
        await store.mend()
      } catch (error) {
        if (error instanceof UxbridgeError && error.code === 'store-full') return false
        throw error
      }
      core.world = await parts.restore()
      core.restoredAt = clock.now()
      answers.forget()
      parts.onRestored()
      const { pos, seq } = core.world
      parts.log.info({ pos, seq }, 'the store takes writes again; memory was made again from it')
      return true
    },

    tick() {
      if (core.open && store.failure() === null) handleDue(core)
    },
    incident: (id) => core.world.incidents.get(id),
    policy: () => core.policy,
    ready: () => core.open && store.failure() === null,
    world: () => core.world,
    stop() {
      core.open = false
    },
  }
}
