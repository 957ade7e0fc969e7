import { type Clock, hourMs, minuteMs, secondMs } from '#shared/clocks.ts'
import { UxbridgeError } from '#shared/errors.ts'

interface Limit {
  /** Failures that cost nothing: people mistype. */
  free: number
  /** The longest wait. */
  capMs: number
}

/**
 * Rule S4: a stranger cannot lock anybody out. The steep limit is for one account from one address; an account as a
 * whole waits seconds at most, and not at all for an address from which its owner has signed in before.
 */
const limits = {
  pair: { free: 5, capMs: 15 * minuteMs },
  address: { free: 30, capMs: 15 * minuteMs },
  account: { free: 50, capMs: 20 * secondMs },
} as const satisfies Record<string, Limit>

/** Failures are forgotten when none came for so long. */
const forgetAfterMs = hourMs
/** Entries kept, so that made-up addresses cannot fill the memory. */
const most = 20_000

interface Entry {
  failures: number
  at: number
}

export interface Throttle {
  /**
   * A try begins; it counts as failed until it is said to have succeeded, so that many at once gain nothing.
   * A refused try counts for nothing: waiting is never made longer by asking.
   * @throws UxbridgeError `too-many-tries`; `details.retryAfterS` says when
   */
  begin(account: string, address: string | null, known: boolean): { succeeded(): void }
}

export function makeThrottle(clock: Clock): Throttle {
  const entries = new Map<string, Entry>()

  function waitMs(key: string, limit: Limit, now: number): number {
    const entry = entries.get(key)
    if (entry === undefined || now - entry.at >= forgetAfterMs || entry.failures < limit.free) return 0
    // 1 s, 2 s, 4 s …; the exponent is bounded so that the power stays finite.
    const delayMs = Math.min(limit.capMs, secondMs * 2 ** Math.min(entry.failures - limit.free, 20))
    // A clock set back since must not make the wait longer than it ever was.
    return Math.min(delayMs, Math.max(0, entry.at + delayMs - now))
  }

  function count(key: string, now: number): void {
    const entry = entries.get(key)
    const failures = entry === undefined || now - entry.at >= forgetAfterMs ? 1 : entry.failures + 1
    // Deleted first, so that the map is in the order of the last failure and the oldest is dropped.
    entries.delete(key)
    entries.set(key, { failures, at: now })
    const [oldest] = entries.keys()
    if (entries.size > most && oldest !== undefined) entries.delete(oldest)
  }

  function uncount(key: string): void {
    const entry = entries.get(key)
    if (entry === undefined) return
    if (entry.failures <= 1) entries.delete(key)
    else entry.failures -= 1
  }

  return {
    begin(account, address, known) {
      const now = clock.now()
      const from = networkOf(address)
      const keys = [
        { key: `pair\n${account}\n${from}`, limit: limits.pair },
        { key: `address\n${from}`, limit: limits.address },
        ...(known ? [] : [{ key: `account\n${account}`, limit: limits.account }]),
      ]
      const wait = Math.max(...keys.map(({ key, limit }) => waitMs(key, limit, now)))
      if (wait > 0) {
        const retryAfterS = Math.ceil(wait / secondMs)
        throw new UxbridgeError(
          'too-many-tries',
          `Too many failed sign-ins. Wait ${retryAfterS} s, then try again; an administrator can make you a link to choose a new password.`,
          { retryAfterS },
        )
      }
      for (const { key } of keys) count(key, now)
      return {
        succeeded() {
          entries.delete(`pair\n${account}\n${from}`)
          uncount(`address\n${from}`)
          uncount(`account\n${account}`)
        },
      }
    },
  }
}

/** IPv6 addresses are counted by their /64, which one sender has whole. */
export function networkOf(address: string | null): string {
  if (address === null) return 'local'
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped !== null) return mapped[1] ?? address
  if (!address.includes(':')) return address
  const [head = '', tail = ''] = address.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const rest = tail === '' ? [] : tail.split(':')
  const whole = address.includes('::')
    ? [...groups, ...Array(Math.max(0, 8 - groups.length - rest.length)).fill('0'), ...rest]
    : groups
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}
