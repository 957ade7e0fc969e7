import { hash } from 'node:crypto'

/** Chance, handed in: so many unpredictable bytes. */
export type Random = (bytes: number) => Uint8Array

// RFC 4648 base32 in small letters: safe in a URL, in a shell and when read aloud.
const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'

/** Base32 without padding; each byte gives 1.6 characters, rounded down. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += alphabet[(held >> bits) & 31]
    }
  }
  return text
}

/** An opaque id: `<prefix><random base32>`. Twelve characters are 60 bits. */
export function newId(prefix: string, random: Random, characters = 12): string {
  return prefix + base32(random(Math.ceil((characters * 5) / 8))).slice(0, characters)
}

export interface Secret {
  /** Shown once and kept nowhere. */
  text: string
  /** What is stored: SHA-256, hex. A secret of so many random bits needs no slow hash. */
  digest: string
  /** Shown in lists, so that people can tell one from another. */
  prefix: string
}

/** A key or token: a prefix that secret scanners know, and 200 random bits, of which the list shows 20. */
export function newSecret(label: 'uxs_' | 'uxt_', random: Random): Secret {
  return secretOf(label + base32(random(25)), label.length + 4)
}

/** 32 base32 characters, 160 bits: the form that PagerDuty's clients insist on. */
export function newRoutingKey(random: Random): Secret {
  return secretOf(base32(random(20)), 4)
}

/** A random UUID: the form that pings have in their address. 122 bits, which is what the form holds. */
export function newPingKey(random: Random): Secret {
  const bytes = Buffer.from(random(16))
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return secretOf(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), 4)
}

/** A signing secret in the form of Standard Webhooks: `whsec_` and base64 of 256 random bits. */
export function newSigningText(random: Random): string {
  return `whsec_${Buffer.from(random(32)).toString('base64')}`
}

/** 256 random bits, for one-time links and session cookies. */
export function newToken(random: Random): Secret {
  return secretOf(Buffer.from(random(32)).toString('base64url'), 4)
}

function secretOf(text: string, visible: number): Secret {
  return { text, digest: digestOf(text), prefix: text.slice(0, visible) }
}

/**
 * SHA-256, hex. Secrets are looked up by it in a map: what an attacker could learn from the time a lookup takes are
 * bits of a digest, from which no secret can be made.
 */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'hex')
}

/** A key or token as a request shows it. */
export interface ShownKey {
  scheme: 'bearer' | 'basic'
  key: string
}

/** Longest header that is looked at: a password of ours is far shorter. */
const longest = 1024

/** What an Authorization header shows: a bearer token, or the password of HTTP basic; the user's name does not matter. */
export function shownKey(authorization: string | undefined): ShownKey | null {
  if (authorization === undefined || authorization.length > longest) return null
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? []
  if (scheme === '') return null
  if (scheme.toLowerCase() === 'bearer') return { scheme: 'bearer', key: value }
  const pair = Buffer.from(value, 'base64').toString('utf8')
  const colon = pair.indexOf(':')
  return colon === -1 ? null : { scheme: 'basic', key: pair.slice(colon + 1) }
}
