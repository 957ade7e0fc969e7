import { createPrivateKey, createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { declared, noted } from '../contract-samples.ts'
import type { TextRow } from '../sql/tables.ts'
import { openBox, sealBox } from './box.ts'
import { chainHash, genesis, hex, isSignedBy, merkleRoot, publicKeyOf, sha256, signHash } from './chain.ts'
import { factShapes, readFactRow } from './facts.ts'
import { deriveKeys, emptyTallies, guardRow, isSigned, tallyHash } from './guard.ts'
import { openLog, sealLog } from './log-block.ts'
import { auditHash, commitmentOf, factHash, openText, sealFact } from './records.ts'

const key = { id: 'incident:INC-1/1', key: createSecretKey(Buffer.alloc(32, 7)) }
const bytes = (length: number, fill: number) => Buffer.alloc(length, fill)

// What was written once must be found again by every later version: these values may never change.
describe('rule S9: the format of the journal is pinned', () => {
  test('the hash of a fact', () => {
    const row = {
      seq: 1,
      incident_id: 'INC-1',
      version: 1,
      type: 'claimed',
      fact_version: 1,
      at: 1740830400000,
      by: 'person:ada',
      data: '{}',
      sealed: '{}',
    }
    expect(hex(factHash(row))).toBe('352c5a8f303ee83548940fa7e457bfbec09dbdac6801a2dbe8433cfe964ed904')
  })
  test('the hash of an audit entry', () => {
    const row = {
      seq: 1,
      at: 1740830400000,
      by: 'person:ada',
      action: 'command.claim',
      subject: 'INC-1',
      outcome: 'done',
      detail: '{}',
      sealed: '{}',
    }
    expect(hex(auditHash(row))).toBe('f6c8dd3b8b15cb2f1f00e8f66dcc80de33229c4720a519e6e427362f572fab61')
  })
  test('the commitment to a text', () => {
    expect(commitmentOf(bytes(32, 1), Buffer.from('"it is DNS"'))).toBe(
      'ec21ef6a4bc1abb98e142229d09b1b0a801a1fb16c0f15225f913bbc81285836',
    )
  })
  test('the hash of a commit, its genesis and its signature', () => {
    const record = {
      n: 1,
      at: 1740830400000,
      prev: bytes(32, 1),
      root: bytes(32, 2),
      facts_to: 3,
      audit_to: 4,
      pos_to: 5,
      count: 6,
      tally: bytes(32, 7),
    }
    expect(hex(chainHash(record))).toBe('1c06e7f13d5ecb14d6408d7c96c48baa53988cebde96df27b9b58d5f8f12fb71')
    // Source of the key: RFC 8032 section 7.1, test 1.
    const privateKey = createPrivateKey({
      key: Buffer.from(
        '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
        'hex',
      ),
      format: 'der',
      type: 'pkcs8',
    })
    expect(hex(genesis(publicKeyOf(privateKey)))).toBe(
      'ce1910128af80bb492ff97e6192f312520ed04318a6919c025a2c1f0a3949c90',
    )
    const signature = signHash(privateKey, chainHash(record))
    expect(hex(signature)).toBe(
      '22d4550fd0338036225fbc2fbecb0c73f046d9f4283e0e367aca05b29c01f8c6c77674ae2116e135837723fa4ada3907fcb656264167097df4aa472c92b4210e',
    )
    expect(isSignedBy(publicKeyOf(privateKey), chainHash(record), signature)).toBe(true)
  })
  test('the MAC of a row and the hash of empty tallies', () => {
    const { rows } = deriveKeys(bytes(32, 9))
    const guard = guardRow(rows, 'ledger', [1740830400000, 'src-1', 'opened', 7])
    expect(hex(guard.mac)).toBe('16496baa10c56e57346ce9e9d9d9b9f4')
    expect(hex(guard.share)).toBe('5321238305403d819ba129ed54b6e63d')
    expect(hex(guardRow(rows, 'alert', ['a', null, 1, bytes(3, 1)]).mac)).toBe('3e7c27ce4494892b43a712bfee15474d')
    // Those of the first format; a table added later stands behind them.
    const first = [...emptyTallies()].slice(0, 7)
    expect(hex(tallyHash(first))).toBe('af83d5a05fa203afb53d875e4b457d8a90786fbe3886028d9b97c7bd09bc7fa6')
    expect(hex(tallyHash(emptyTallies()))).toBe('243eb1b065092e5489b0ce0e1cc0d1c72ee5f87948a05c6045df0c8b9639d283')
  })
  test('rule S12: what was signed before a table was there counts while that table is empty, and no longer', () => {
    const tallies = emptyTallies()
    const before = hex(tallyHash([...tallies].slice(0, 7)))
    expect(isSigned(tallies, before)).toBe(true)
    expect(isSigned(tallies, hex(tallyHash(tallies)))).toBe(true)
    expect(isSigned(tallies, '00'.repeat(32))).toBe(false)
    tallies.set('lost', { rows: 1, sum: Buffer.alloc(16, 1) })
    expect(isSigned(tallies, before)).toBe(false)
    expect(isSigned(tallies, hex(tallyHash(tallies)))).toBe(true)
    tallies.set('ledger', { rows: 1, sum: Buffer.alloc(16, 1) })
    tallies.set('lost', { rows: 0, sum: Buffer.alloc(16) })
    expect(isSigned(tallies, before)).toBe(false)
  })
  test('a box sealed long ago opens', () => {
    expect(
      openBox(
        key.key,
        Buffer.from('01c9d882b817c38927a68a73c41a6ac5b72fcfc516ed66ba239766ec6405ce1107b3', 'hex'),
        'place',
      ).toString(),
    ).toBe('words')
  })
})

describe('Merkle roots', () => {
  // Source: the reference tree of RFC 6962 as tested by certificate-transparency implementations.
  test('of no leaves, of one, and of several, as in RFC 6962', () => {
    expect(hex(merkleRoot([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(hex(merkleRoot([Buffer.alloc(32)]))).toBe(hex(sha256(Buffer.alloc(33))))
    const leaf = (n: number) => Buffer.alloc(32, n)
    const hashed = (n: number) => sha256(Buffer.concat([Buffer.of(0), leaf(n)]))
    const node = (left: Buffer, right: Buffer) => sha256(Buffer.concat([Buffer.of(1), left, right]))
    expect(hex(merkleRoot([leaf(1), leaf(2), leaf(3)]))).toBe(hex(node(node(hashed(1), hashed(2)), hashed(3))))
    const left = node(node(hashed(1), hashed(2)), node(hashed(3), hashed(4)))
    expect(hex(merkleRoot([1, 2, 3, 4, 5].map(leaf)))).toBe(hex(node(left, hashed(5))))
  })
  test('differ when any leaf differs, is missing or moves', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(255), { minLength: 2, maxLength: 40 }), fc.nat(), (fills, at) => {
        const leaves = fills.map((fill) => Buffer.alloc(32, fill))
        const root = hex(merkleRoot(leaves))
        const index = at % leaves.length
        expect(hex(merkleRoot(leaves.toSpliced(index, 1)))).not.toBe(root)
        expect(hex(merkleRoot(leaves.toReversed()))).not.toBe(root)
        expect(hex(merkleRoot(leaves.with(index, randomBytes(32))))).not.toBe(root)
      }),
    )
  })
})

test('a box opens only with its key, in its place, and unaltered', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), (plain, at) => {
      const box = sealBox(key.key, plain, 'here')
      expect(new Uint8Array(openBox(key.key, box, 'here'))).toEqual(plain)
      expect(() => openBox(key.key, box, 'there')).toThrow()
      const altered = Buffer.from(box)
      altered[at % box.length] = (altered[at % box.length] ?? 0) ^ 1
      expect(() => openBox(key.key, altered, 'here')).toThrow()
    }),
  )
  expect(() => openBox(createSecretKey(bytes(32, 8)), sealBox(key.key, 'x', 'here'), 'here')).toThrow()
  expect(() => openBox(key.key, Buffer.alloc(4), 'here')).toThrow(/no box/)
})

test('a fact row holds no words, and gives the fact back with them', () => {
  const texts: TextRow[] = []
  const fact = declared(1, 'INC-1')
  const row = sealFact(fact, factShapes, key, texts)
  expect(JSON.stringify(row)).not.toContain('Ada')
  expect(Object.keys(JSON.parse(row.data))).not.toContain('title')
  expect(
    readFactRow(row, (commitment) => openText(texts.find((text) => text.commitment === commitment)!, key.key)),
  ).toEqual(fact)
  expect(() => sealFact(noted(2, 'INC-1', 2, 'x'), factShapes, undefined, [])).toThrow(/no key/)
})

test('the same words twice have different commitments', () => {
  const texts: TextRow[] = []
  sealFact(noted(1, 'INC-1', 1, 'yes'), factShapes, key, texts)
  sealFact(noted(2, 'INC-1', 2, 'yes'), factShapes, key, texts)
  expect(new Set(texts.map((text) => text.commitment)).size).toBe(2)
})

test('log entries survive framing, whatever their bytes, and big groups are split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 5000, size: 'max' }), { minLength: 1, maxLength: 20 }),
      (bodies) => {
        const rows = sealLog(columns(bodies), 5, key)
        const entries = rows.flatMap((row) => openLog(row, key.key))
        expect(entries.map((entry) => entry.body)).toEqual(bodies)
        expect(entries.map((entry) => entry.pos)).toEqual(bodies.map((_, index) => 10 + index))
      },
    ),
    { numRuns: 30 },
  )
  const rows = sealLog(columns([bytes(700_000, 1), bytes(700_000, 2), bytes(3_000_000, 3), bytes(1, 4)]), 5, key)
  expect(rows.map((row) => [row.first_pos, row.last_pos])).toEqual([
    [10, 10],
    [11, 11],
    [12, 12],
    [13, 13],
  ])
})

function columns(bodies: Uint8Array[]) {
  return {
    first: 10,
    at: bodies.map((_, index) => index),
    kind: bodies.map(() => 'request' as const),
    sourceId: bodies.map(() => null),
    adapter: bodies.map(() => 'generic/intake'),
    length: bodies.map((body) => body.length),
    bodies: new Uint8Array(Buffer.concat(bodies)),
  }
}
