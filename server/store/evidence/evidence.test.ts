import { createHash, createSecretKey, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deriveKeys } from '../format/guard.ts'
import { openVault, type Vault } from '../keys/vault.ts'
import type { Verification } from '../port.ts'
import { evidenceNames, openEvidenceFolder } from './folder.ts'
import { Opener, sealFile } from './format.ts'
import { type NamedFile, verifyFiles } from './proof.ts'

const key = { id: 'incident:INC-1/1', key: createSecretKey(randomBytes(32)) }
const keyOf = () => key.key

async function* pieces(...list: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* list
}
async function sealed(
  content: Uint8Array,
  cut = content.length,
): Promise<{ file: Buffer; digest: string; size: number }> {
  const out: Buffer[] = []
  const sealing = sealFile(pieces(content.subarray(0, cut), content.subarray(cut)), key)
  for (;;) {
    const { done, value } = await sealing.next()
    if (done) return { ...value, file: Buffer.concat(out) }
    out.push(value)
  }
}
function opened(file: Uint8Array, step = file.length): Buffer {
  const opener = new Opener(keyOf)
  const out: Buffer[] = []
  for (let at = 0; at < file.length; at += Math.max(1, step))
    out.push(...opener.push(file.subarray(at, at + Math.max(1, step))))
  opener.end()
  return Buffer.concat(out)
}
async function whole(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const out: Uint8Array[] = []
  for await (const piece of content) out.push(piece)
  return Buffer.concat(out)
}

describe('EV2: a sealed file', () => {
  it('gives back what went in, however it comes in and out, and its name is the hash of what is stored', async () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(65_535, 65_536, 65_537, 131_072, 200_000))
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.integer({ min: 7, max: 90_000 }), async (length, cut, step) => {
        const content = randomBytes(length)
        const { file, digest, size } = await sealed(content, length === 0 ? 0 : cut % length)
        expect(size).toBe(length)
        expect(digest).toBe(createHash('sha256').update(file).digest('hex'))
        expect(opened(file, length < 1000 ? 7 : step).equals(content)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('that was written by the first version opens for ever (FORMAT.md: Evidence)', () => {
    const pinned =
      'dXhicmlkZ2UuZXZpZGVuY2UudjEKeyJpZCI6ImRjYTFiZjViYzU3ZTdjZGRjM2IzNzFlMGYwZDBlMTgxIiwia2V5IjoiaW5jaWRlbnQ6SU5DLTEvMSJ9Ci0AAIABOhnnSXSN9d6SC+7OSWrdPZoz1QeyMn86MOdrUI1zU/zwurZBc0aPew6MgoU='
    const asked: string[] = []
    const opener = new Opener((id) => {
      asked.push(id)
      return createSecretKey(Buffer.alloc(32, 7))
    })
    expect(Buffer.concat(opener.push(Buffer.from(pinned, 'base64'))).toString()).toBe('all threads wait')
    opener.end()
    expect(asked).toEqual(['incident:INC-1/1'])
  })

  it('with any bit flipped, cut off anywhere, or with something added does not open', async () => {
    const content = randomBytes(1000)
    const { file } = await sealed(content)
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length * 8 - 1), fc.nat(file.length - 1), async (bit, end) => {
        const flipped = Buffer.from(file)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        // The name of the key is only where to look for it; whoever changes it finds another key, or none.
        const inKeyName =
          flipped.subarray(0, file.indexOf('}\n')).toString('latin1') !==
          file.subarray(0, file.indexOf('}\n')).toString('latin1')
        if (!inKeyName) expect(() => opened(flipped)).toThrow()
        expect(() => opened(file.subarray(0, end))).toThrow()
        expect(() => opened(Buffer.concat([file, Buffer.from([0])]))).toThrow()
      }),
    )
  })

  it('does not open with its pieces in another order, or with those of another file', async () => {
    const content = randomBytes(200_000)
    const [one, other] = [await sealed(content), await sealed(content)]
    const start = one.file.indexOf('}\n') + 2
    const piece = 4 + 65_536 + 29
    const swapped = Buffer.concat([
      one.file.subarray(0, start),
      one.file.subarray(start + piece, start + 2 * piece),
      one.file.subarray(start, start + piece),
      one.file.subarray(start + 2 * piece),
    ])
    expect(() => opened(swapped)).toThrow()
    expect(() =>
      opened(Buffer.concat([one.file.subarray(0, start + piece), other.file.subarray(start + piece)])),
    ).toThrow()
  })
})

describe('a folder of evidence', () => {
  let dir: string
  let vault: Vault
  const make = () => openEvidenceFolder({ dir, folder: join(dir, 'evidence'), vault })
  let folder: ReturnType<typeof make>
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'uxbridge-evidence-'))
    vault = openVault(join(dir, 'vault.sqlite'), deriveKeys(randomBytes(32)).vault)
    folder = make()
  })
  afterAll(() => {
    vault.close()
    rmSync(dir, { recursive: true })
  })
  const waiting = () => readdirSync(join(dir, 'evidence', 'incoming'))
  const none = async () => false

  it('EV1: keeps a file aside until it is settled; what is dropped, or breaks off, leaves nothing', async () => {
    const content = randomBytes(100_000)
    const kept = await folder.keep('INC-1', pieces(content))
    expect(kept).toMatchObject({ size: 100_000, sha256: createHash('sha256').update(content).digest('hex') })
    expect(await evidenceNames(join(dir, 'evidence'))).toEqual([])
    expect((await whole(await folder.open('INC-1', kept.digest))).equals(content)).toBe(true)
    await folder.settle('INC-1', kept.digest)
    expect(waiting()).toEqual([])
    expect(await evidenceNames(join(dir, 'evidence'))).toEqual([`INC-1/${kept.digest}`])
    expect((await whole(await folder.open('INC-1', kept.digest))).equals(content)).toBe(true)
    // Nothing of it lies there in clear.
    expect(readFileSync(join(dir, 'evidence', 'INC-1', kept.digest)).includes(content.subarray(0, 32))).toBe(false)

    const other = await folder.keep('INC-1', pieces(content))
    expect(other.digest).not.toBe(kept.digest)
    await folder.drop('INC-1', other.digest)
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield content
      throw new Error('hung up')
    }
    await expect(folder.keep('INC-1', broken())).rejects.toThrow('hung up')
    expect(waiting()).toEqual([])
  })

  it('EV1: after a crash settles what a fact names and removes the rest; what is under way is let alone', async () => {
    const [named, unnamed] = [
      await folder.keep('INC-2', pieces(randomBytes(9))),
      await folder.keep('INC-2', pieces(randomBytes(9))),
    ]
    writeFileSync(join(dir, 'evidence', 'incoming', 'abc.part'), 'half')
    const isNamed = async (incidentId: string, digest: string) => incidentId === 'INC-2' && digest === named.digest
    expect(await folder.sweep(isNamed)).toEqual({ settled: 0, dropped: 1 })
    expect(await make().sweep(isNamed)).toEqual({ settled: 1, dropped: 1 })
    expect(waiting()).toEqual([])
    await whole(await folder.open('INC-2', named.digest))
    await expect(folder.open('INC-2', unnamed.digest)).rejects.toMatchObject({ code: 'store-corrupt' })
    expect(await make().sweep(none)).toEqual({ settled: 0, dropped: 0 })
  })

  it('does not let a name lead elsewhere', async () => {
    for (const id of ['..', 'incoming', 'a/b', '', '.x', 'INC-1~'])
      await expect(folder.keep(id, pieces(randomBytes(1)))).rejects.toThrow(TypeError)
    await expect(folder.open('INC-1', '../../keys/master.key')).rejects.toThrow(TypeError)
  })

  it('EV2: a byte changed anywhere is found before any is given, and the proof names the file; so is one missing or added', async () => {
    const content = randomBytes(70_000)
    const kept = await folder.keep('INC-3', pieces(content))
    await folder.settle('INC-3', kept.digest)
    const path = join(dir, 'evidence', 'INC-3', kept.digest)
    const was = readFileSync(path)
    const named: NamedFile = { incidentId: 'INC-3', evidence: 4, ...kept }
    const prove = (files: Partial<Parameters<typeof verifyFiles>[0]> = {}) => {
      const problems: string[] = []
      const checked = { evidence: 0, erased: 0 } as Verification['checked']
      const report = (row: string, what: string) => void problems.push(`${row}: ${what}`)
      const own = {
        folder: join(dir, 'evidence'),
        there: [`INC-3/${kept.digest}`],
        named: [named],
        destroyed: new Set<string>(),
      }
      verifyFiles({ ...own, vault, erased: new Set(), checked, report, ...files })
      return { problems, checked }
    }
    expect(prove()).toMatchObject({ problems: [], checked: { evidence: 1 } })
    await fc.assert(
      fc.asyncProperty(fc.nat(was.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const changed = Buffer.from(was)
        changed[at] = (changed[at] ?? 0) ^ by
        writeFileSync(path, changed)
        await expect(folder.open('INC-3', kept.digest)).rejects.toMatchObject({ code: 'store-corrupt' })
        expect(prove().problems).toEqual([expect.stringMatching(/^evidence 4 of INC-3 .*was changed/)])
      }),
      { numRuns: 60 },
    )
    writeFileSync(path, was)
    expect(prove({ there: [`INC-3/${kept.digest}`, `INC-3/${'a'.repeat(64)}`] }).problems).toEqual([
      expect.stringMatching(/no fact names it/),
    ])
    expect(prove({ named: [{ ...named, sha256: 'f'.repeat(64) }] }).problems).toEqual([
      expect.stringMatching(/not what the fact says/),
    ])
    rmSync(path)
    expect(prove().problems).toEqual([expect.stringMatching(/evidence 4 of INC-3 .*: it is missing/)])
    // Its words are gone with the same key, or a fact says that it was destroyed.
    expect(prove({ named: [{ ...named, sha256: null }] })).toMatchObject({ problems: [], checked: { erased: 1 } })
    expect(prove({ destroyed: new Set([`INC-3/${kept.digest}`]), there: [] }).problems).toEqual([])
  })
})
