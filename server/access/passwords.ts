import { argon2, timingSafeEqual } from 'node:crypto'
import { UxbridgeError } from '#shared/errors.ts'
import type { Random } from './secrets.ts'

/** A password as it is kept, with the parameters it was made with, so that they can be raised later. */
export interface StoredPassword {
  algorithm: 'argon2id'
  memoryKiB: number
  passes: number
  parallelism: number
  salt: string
  hash: string
}

/** Source: OWASP Password Storage Cheat Sheet (argon2id, 19 MiB, t=2, p=1). */
const cost = { memoryKiB: 19 * 1024, passes: 2, parallelism: 1 }
const hashBytes = 32
/** Hashes made at once: each takes 19 MiB and one of the few threads that files are read with too. */
const atOnce = 2
/** Hashes that may wait: about ten seconds of them. */
const mayWait = 100
/** ASVS 5.0 6.2.1: at least eight characters. */
export const shortestPassword = 8
/** Longer ones are refused rather than cut (ASVS 5.0 6.2.9 asks for at least 64). */
export const longestPassword = 256

/** The same password typed on two keyboards is one: NIST SP 800-63B asks for NFKC. */
function bytesOf(password: string): Buffer {
  return Buffer.from(password.normalize('NFKC'), 'utf8')
}

function derive(password: string, stored: Omit<StoredPassword, 'hash'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2(
      stored.algorithm,
      {
        message: bytesOf(password),
        nonce: Buffer.from(stored.salt, 'base64url'),
        memory: stored.memoryKiB,
        passes: stored.passes,
        parallelism: stored.parallelism,
        tagLength: hashBytes,
      },
      (error, hash) => (error === null ? resolve(hash) : reject(error)),
    )
  })
}

export interface Passwords {
  /** @throws UxbridgeError `overloaded` when too many wait already */
  hash(password: string): Promise<StoredPassword>
  /**
   * Takes the same time whether there is a password or not: without one, a hash is made all the same and refused.
   * Rule S2: an unknown address and a wrong password cannot be told apart.
   * @throws UxbridgeError `overloaded` when too many wait already
   */
  verify(password: string, stored: StoredPassword | null): Promise<boolean>
}

export function makePasswords(random: Random): Passwords {
  const waiting: (() => void)[] = []
  let running = 0

  /** A few at once, the rest in turn: a flood of sign-ins must take neither the memory nor the threads of the house. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting.length >= mayWait)
      throw new UxbridgeError('overloaded', 'Too many people sign in at this moment. Try again in a few seconds.')
    if (running >= atOnce) await new Promise<void>((go) => waiting.push(go))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
  const salted = () => ({
    algorithm: 'argon2id' as const,
    ...cost,
    salt: Buffer.from(random(16)).toString('base64url'),
  })
  return {
    async hash(password) {
      const fresh = salted()
      return { ...fresh, hash: (await inTurn(() => derive(password, fresh))).toString('base64url') }
    },
    async verify(password, stored) {
      const derived = await inTurn(() => derive(password, stored ?? salted()))
      return stored !== null && timingSafeEqual(derived, Buffer.from(stored.hash, 'base64url'))
    },
  }
}

/** @throws UxbridgeError `fields-invalid` that says what a better one is like */
export function requireGoodPassword(password: string, email: string): void {
  const say = (message: string) =>
    new UxbridgeError('fields-invalid', `Choose another password: ${message}.`, {
      fields: [{ path: 'password', message }],
    })
  const { length } = password.normalize('NFKC')
  if (length < shortestPassword) throw say(`use at least ${shortestPassword} characters; a sentence is good`)
  if (length > longestPassword) throw say(`use at most ${longestPassword} characters`)
  if (new Set(password).size < 4) throw say('use more different characters')
  const plain = password.toLowerCase()
  if (plain === email.toLowerCase() || plain === email.toLowerCase().split('@')[0])
    throw say('your address is no secret')
}
