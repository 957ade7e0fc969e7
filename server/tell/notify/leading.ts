import { type Clock, secondMs } from '#shared/clocks.ts'
import type { Store } from '../../store/port.ts'

export interface LeadingParts {
  clock: Clock
  lease: Store['lease']
  /** Names this process among several on one store; without, it is alone, and asks for no leases. */
  node?: string
  /** Whether another process wrote last what this one has in memory. Reads the store, and writes nothing. */
  isBehind(): Promise<boolean>
  /** Makes memory again from the store. */
  catchUp(): Promise<void>
}

/** Which of several processes tells people. */
export interface Leading {
  /** Whether this one may plan, group and send now. @param hasWork whether it knows of anything to do */
  leads(hasWork: boolean): Promise<boolean>
  /** Whether what it was given is not over. */
  holds(): boolean
  /** Those of these messages of which it may make a try now. */
  mayTry(keys: readonly string[]): Promise<ReadonlySet<string>>
}

/** What a dead process held is taken over after so long. */
const leaseMs = 30 * secondMs
/** Longer than a try can take: another may be under way in a process that no longer leads. */
const tryLeaseMs = 30 * secondMs
/** Who was refused asks again after so long. */
const askAgainMs = 5 * secondMs

/**
 * Rule N12: of several processes on one store one at a time tells people: it is given the outbox for a while, and each try of a
 * message besides, under the key of that message. Who takes over goes on from what is in the store, and waits for what another may
 * still be sending; so that each message is sent once, and also when the first one dies.
 */
export function makeLeading({ clock, lease, node, isBehind, catchUp }: LeadingParts): Leading {
  const everybody = {
    leads: async () => true,
    holds: () => true,
    mayTry: async (keys: readonly string[]) => new Set(keys),
  }
  if (node === undefined) return everybody
  let until = Number.NEGATIVE_INFINITY
  let refusedAt = Number.NEGATIVE_INFINITY
  let lookedAt = Number.NEGATIVE_INFINITY
  const refused = new Map<string, number>()
  /** A clock that was set back is no reason to believe what was given before. */
  const isIn = (at: number) => at < until && at >= until - leaseMs
  const isRecent = (when: number, at: number, ms: number) => Math.abs(at - when) < ms

  async function othersWork(at: number): Promise<boolean> {
    if (isRecent(lookedAt, at, leaseMs)) return false
    lookedAt = at
    return await isBehind()
  }

  return {
    async leads(hasWork) {
      const at = clock.now()
      const held = isIn(at)
      if (held && at < until - leaseMs / 2) return true
      if (!held && isRecent(refusedAt, at, askAgainMs)) return false
      if (!hasWork && !(await othersWork(at))) return false
      const [won] = await lease({ keys: ['notify/outbox'], holder: node, at, until: at + leaseMs })
      if (won === undefined) {
        refusedAt = at
        until = Number.NEGATIVE_INFINITY
        return false
      }
      if (!held && won.again && (await isBehind())) await catchUp()
      until = at + leaseMs
      return true
    },
    holds: () => isIn(clock.now()),
    async mayTry(keys) {
      const at = clock.now()
      for (const [key, when] of refused) if (!isRecent(when, at, askAgainMs)) refused.delete(key)
      const asked = keys.filter((key) => !refused.has(key))
      if (asked.length === 0) return new Set()
      const name = (key: string) => `notify/message/${key}`
      const won = await lease({ keys: asked.map(name), holder: node, at, until: at + tryLeaseMs })
      const names = new Set(won.map(({ key }) => key))
      const may = new Set(asked.filter((key) => names.has(name(key))))
      for (const key of asked) if (!may.has(key)) refused.set(key, at)
      return may
    },
  }
}

/** What was begun under a lease that is over: another process goes on from what is in the store. */
export class Superseded extends Error {
  override name = 'Superseded'
}
