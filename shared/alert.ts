import type { Labels, Link, Severity } from './event.ts'

/** One condition, deduplicated by key. Instants are epoch ms; `null` = not (yet). */
export interface Alert {
  /** Sixteen hex digits: FNV-1a 64 of the scoped key. */
  id: string
  /** `<source group>\n<sender's key>`. */
  key: string
  sourceId: string
  status: 'firing' | 'resolved'
  severity: Severity
  severityRaw: string
  title: string
  description: string
  service: string | null
  labels: Labels
  /** Alertmanager's fingerprint of the labels as they were sent, where some of them are masked. */
  fingerprint?: string
  annotations: Labels
  links: readonly Link[]
  startsAt: number
  endsAt: number | null
  /**
   * True when the end is ours (the sender fell silent), false when the sender said so. While it fires: whether
   * `expiresAt` is our timeout, because the sender said no end.
   */
  endAssumed: boolean
  /** The sender said that it ended, but not when: `endsAt` is our own time. */
  endUntimed?: boolean
  /** From the start by the sender's clock to our hearing of it, in ms: how far that clock may be behind ours. */
  lagMs?: number
  expiresAt: number | null
  firstReceivedAt: number
  /** Last time the sender said anything about it. */
  heardAt: number
  /** Events received about it, all outcomes. */
  events: number
  /** Times it went from resolved back to firing. */
  refires: number
  /** The sender says somebody acknowledged it over there. A note, never ownership. */
  acknowledgedAt: number | null
  /** What people at the sender wrote about it, the newest last; so many are kept as the filter says. Absent: nothing. */
  notes?: readonly { at: number; text: string }[]
  incidentId: string | null
  /** Why it is where it is: the rule of the stage that placed it. */
  rule: string
  /** It tells of no end itself and ends with its incident: what a person reported. */
  endsWithIncident?: true
  /** Ids of the silences in force that match it, sorted, while it fires. Absent when there are none. */
  silencedBy?: readonly string[]
  /** While it fires and a rule of inhibition holds it back, or marks it: the rule's name and the id of the alert that is its cause. */
  inhibitedBy?: { rule: string; by: string }
  /** What counts against it since it fired again: `penalty` at the instant `at`. With `until` it is damped, at least so long. */
  flaps?: { rule: string; penalty: number; at: number; until?: number }
  /** While it fires in a storm of its source: the rule that sheds it. */
  shedBy?: string
  /**
   * It is restricted, by the policy when it was last judged, or with its incident (rule RS8). Where it has an incident, that
   * one says who sees it; held back or below the definition of one, nobody does but who sees all that is restricted.
   */
  restricted?: true
  /** Set while its firing is held back: no incident was told of it. What judging it again will need of its event. */
  heldBack?: HeldBack
}

export interface HeldBack {
  /** The outcome with which it was. Absent: `silenced`. */
  outcome?: 'inhibited' | 'damped' | 'shed'
  /** As the event said it; `Alert.service` is what was made of it. */
  service: string | null
  groupKey: string | null
  /** It fires again: it goes back to its incident, if that still takes it. */
  refired: boolean
}

// FNV-1a 64 in four 16-bit limbs: BigInt is ~40 times slower here, and this runs for every new alert.
// Source: http://www.isthe.com/chongo/tech/comp/fnv/ (offset basis cbf29ce484222325, prime 100000001b3)
/** FNV-1a 64 of bytes. @returns 16 lower-case hex digits */
export function fnv1a64(bytes: Uint8Array): string {
  let h0 = 0x2325
  let h1 = 0x8422
  let h2 = 0x9ce4
  let h3 = 0xcbf2
  for (const byte of bytes) {
    h0 ^= byte
    const t0 = h0 * 0x1b3
    const t1 = h1 * 0x1b3 + (t0 >>> 16)
    const t2 = h2 * 0x1b3 + h0 * 0x100 + (t1 >>> 16)
    h3 = (h3 * 0x1b3 + h1 * 0x100 + (t2 >>> 16)) & 0xffff
    h0 = t0 & 0xffff
    h1 = t1 & 0xffff
    h2 = t2 & 0xffff
  }
  const hex = (limb: number) => limb.toString(16).padStart(4, '0')
  return hex(h3) + hex(h2) + hex(h1) + hex(h0)
}

const utf8 = new TextEncoder()

/**
 * Texts in the order of their UTF-8 bytes, which is that of their code points: what Go sorts by. UTF-16 order, what
 * `<` gives, differs only where surrogates (above U+FFFF) meet U+E000 to U+FFFF.
 */
export function byteOrder(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    const raisedX = x >= 0xd800 && x < 0xe000 ? x + 0x10000 : x
    const raisedY = y >= 0xd800 && y < 0xe000 ? y + 0x10000 : y
    return raisedX - raisedY
  }
  return a.length - b.length
}

/**
 * Alertmanager's fingerprint of a label set: FNV-1a 64 over sorted `name 0xFF value 0xFF`.
 * Source: prometheus/common model/signature.go and model/fingerprinting.go.
 * @returns 16 lower-case hex digits
 */
export function fingerprint(labels: Labels): string {
  const names = Object.keys(labels).sort(byteOrder)
  const parts: number[] = []
  for (const name of names) {
    for (const byte of utf8.encode(name)) parts.push(byte)
    parts.push(0xff)
    for (const byte of utf8.encode(labels[name])) parts.push(byte)
    parts.push(0xff)
  }
  return fnv1a64(Uint8Array.from(parts))
}

/** What stands in an alert for the value of a label that must not be kept. @param pseudonym 16 hex digits */
export function labelToken(pseudonym: string): string {
  return `masked_${pseudonym}`
}

export function isLabelToken(value: string): boolean {
  return /^masked_[0-9a-f]{16}$/.test(value)
}

/**
 * Whether the sender's key is the label set itself, as in the Alertmanager family: names and values in order of name, each
 * preceded by its length. Then the labels are what the alert is, and nothing stands in for absent ones. A masked value may
 * have been any.
 * @param key the scoped key of the alert
 */
export function isItsLabels(key: string, labels: Labels): boolean {
  let at = key.indexOf('\n') + 1
  const start = at
  const passes = (text: string): boolean => {
    const own = `${text.length}:${text}`
    if (!key.startsWith(own, at)) return false
    at += own.length
    return true
  }
  for (const [name, value] of Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!passes(name)) return false
    if (passes(value)) continue
    const colon = key.indexOf(':', at)
    if (!isLabelToken(value) || colon === -1) return false
    at = colon + 1 + Number(key.slice(at, colon))
  }
  return at > start && at === key.length
}

/** Identity of an alert from its scoped key. @returns 16 hex digits */
export function alertIdOf(scopedKey: string): string {
  return fnv1a64(utf8.encode(scopedKey))
}
