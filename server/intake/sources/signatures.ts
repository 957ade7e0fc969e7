import { createHmac, timingSafeEqual } from 'node:crypto'
import { minuteMs, secondMs } from '#shared/clocks.ts'

/** How far a signed time may be from ours, either way: long enough for a retry and a wrong clock, too short to hoard. */
export const signatureWindowMs = 5 * minuteMs

type Bytes = string | Uint8Array

/** HMAC-SHA256 over the parts as if they were one. Text counts as its UTF-8 bytes. */
export function hmacSha256(secret: Bytes, ...parts: readonly Bytes[]): Buffer {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return hmac.digest()
}

/** Compares in constant time; what is no hex of the right length is not the same. */
export function isHexOf(given: string, expected: Buffer): boolean {
  return /^[0-9a-f]+$/i.test(given) && isSame(Buffer.from(given, 'hex'), expected)
}

/** Compares in constant time; what is no base64 of the right length is not the same. */
export function isBase64Of(given: string, expected: Buffer): boolean {
  return isSame(Buffer.from(given, 'base64'), expected)
}

function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected)
}

/**
 * @param sentAt whole epoch seconds, as a signed header says them
 * @param now epoch ms
 * @returns why the time does not count, or null when it does
 */
export function outsideWindow(sentAt: string, now: number): string | null {
  const at = /^\d{1,12}$/.test(sentAt) ? Number(sentAt) * secondMs : Number.NaN
  if (!Number.isFinite(at)) return 'The signed time is no whole number of seconds since 1970.'
  const away = now - at
  if (Math.abs(away) <= signatureWindowMs) return null
  const seconds = Math.round(Math.abs(away) / secondMs)
  return `The signed time is ${seconds} s ${away > 0 ? 'old' : 'ahead'}; ${signatureWindowMs / secondMs} s are allowed. Look at the sender's clock.`
}

/** For a source whose requests must be signed when they carry no key. */
export const unsigned =
  'The request carries neither a key nor a signature. Set one of them as the page of the source says.'
/** Says nothing of what was expected. */
export const mismatched =
  'The signature does not fit the body and the secret. Compare the secret with the one on the page of the source.'
