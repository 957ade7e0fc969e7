import { CommandRefused, UxbridgeError } from '#shared/errors.ts'
import { mention } from '#shared/incident/guards.ts'
import { builtInPolicy } from '#shared/policy.ts'
import { requireSilence, type Silence } from '#shared/silence.ts'
import type { CommandRoom, SettingsChange } from '../../command/port.ts'
import { at } from './at.ts'

const noneSuch = () => Promise.reject(new UxbridgeError('not-found', 'There is no such lost property.'))
const nothingLost: CommandRoom['lost'] = {
  get: () => undefined,
  waiting: () => 0,
  madeRoom: () => 0,
  bytes: noneSuch,
  retry: noneSuch,
  retryAll: async () => [],
  discard: noneSuch,
  discardAll: async () => 0,
}

const noEvidence: CommandRoom['evidence'] = {
  keep: () => Promise.reject(new UxbridgeError('not-found', 'There is no such incident.')),
  open: () => Promise.reject(new UxbridgeError('not-found', 'There is no such evidence.')),
  sweep: async () => ({ settled: 0, dropped: 0 }),
  expire: async () => 0,
}

/** Silences that are kept as they are wanted, under ids that count up; they hold nothing back. */
function trialSilences(): CommandRoom['silences'] {
  const kept = new Map<string, Silence>()
  const known = (id: string): Silence => {
    const silence = kept.get(id)
    if (silence === undefined) throw new UxbridgeError('not-found', 'There is no such silence.')
    return silence
  }
  return {
    async set(who, wanted) {
      requireSilence(wanted, Date.parse(at))
      const id = wanted.id ?? `00000000-0000-4000-8000-${String(kept.size + 1).padStart(12, '0')}`
      if (wanted.id !== undefined) known(wanted.id)
      const silence = { ...wanted, id, updatedAt: Date.parse(at), by: who.by }
      kept.set(id, silence)
      return silence
    },
    async setRecurring(who, { recurs, ...wanted }) {
      const startsAt = Date.parse(at) + 60_000
      const until = recurs.until ?? startsAt
      const timed = { ...wanted, startsAt, endsAt: startsAt + recurs.lastsMs }
      const silence = { ...(await this.set(who, timed)), recurs: { ...recurs, until } }
      kept.set(silence.id, silence)
      return silence
    },
    async extend(_, id, byMs) {
      const silence = { ...known(id), endsAt: known(id).endsAt + byMs }
      kept.set(id, silence)
      return silence
    },
    async expireAll(who, ids) {
      return Promise.all(ids.map(async (id) => ({ id, silence: kept.has(id) ? await this.expire(who, id) : null })))
    },
    async expire(_, id) {
      const silence = { ...known(id), endsAt: Date.parse(at) }
      kept.set(id, silence)
      return silence
    },
    list: () => [...kept.values()],
    get: (id) => kept.get(id),
    holder: (id) => kept.get(id),
    windows: () => [],
    next: ({ startsAt, endsAt }) => [{ startsAt, endsAt }],
    nextOf: ({ lastsMs }) => [{ startsAt: Date.parse(at), endsAt: Date.parse(at) + lastsMs }],
    firingFor: () => () => 0,
    preview: () => ({ firing: 2, silenced: 1, incidents: [{ id: 'INC-1001', firing: 2 }], alerts: [] }),
  }
}

/** A command room that takes every claim once; the second learns of the owner. */
export function trialCommandRoom(
  record: CommandRoom['record'],
): CommandRoom & { audit: SettingsChange[]; isReady: boolean } {
  let owner: string | null = null
  const audit: SettingsChange[] = []
  const claimed = (by: string, seq: number) => ({
    type: 'claimed' as const,
    at: Date.parse(at),
    by,
    seq,
    incidentId: 'INC-1001',
    version: seq,
  })
  const room = {
    audit,
    isReady: true,
    receive: () => Promise.reject(new UxbridgeError('internal', 'nothing is sent here in these tests')),
    async command(actor: { id: string; personId: string | null }, incidentId: string, command: { type: string }) {
      if (incidentId !== 'INC-1001') throw new UxbridgeError('not-found', `There is no incident ${incidentId}.`)
      if (command.type === 'note') throw new TypeError('a fault of ours with a password in it: hunter2')
      if (owner !== null) throw new CommandRefused('already-owned', `${mention(owner)} owns it.`, { owner, since: at })
      owner = actor.personId ?? ''
      return { seq: 2, facts: [claimed(actor.id, 2)] }
    },
    async declare(actor: { id: string }) {
      return { incidentId: 'INC-1002', seq: 3, facts: [claimed(actor.id, 3)] }
    },
    async record(change: SettingsChange) {
      await record(change)
      audit.push(change)
    },
    lost: nothingLost,
    evidence: noEvidence,
    silences: trialSilences(),
    incident: () => undefined,
    sees: () => true,
    sight: async () => ({ team: null, commanders: [], onCall: [], named: [] }),
    policy: () => builtInPolicy,
    ready: () => room.isReady,
  }
  return room
}
