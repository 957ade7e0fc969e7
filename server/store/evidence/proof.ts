import { createHash } from 'node:crypto'
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import type { Vault } from '../keys/vault.ts'
import type { Verification } from '../port.ts'
import { evidencePaths } from './folder.ts'
import { keyIdIn, Opener } from './format.ts'

/** A file that a fact names. */
export interface NamedFile {
  incidentId: string
  /** Its number in the incident. */
  evidence: number
  digest: string
  /** As the fact's own words say; null when they were erased. */
  sha256: string | null
  size: number | null
}

export interface FilesProof {
  folder: string
  /** What lies there, as `<incident>/<digest>`, listed before the database was looked at. */
  there: readonly string[]
  named: readonly NamedFile[]
  /** Names (`<incident>/<digest>`) that a fact says were destroyed. */
  destroyed: ReadonlySet<string>
  vault: Vault
  /** Keys whose erasure is signed. */
  erased: ReadonlySet<string>
  checked: Verification['checked']
  report: (row: string, what: string) => void
}

const pieceBytes = 1 << 20

/** Rule EV2: a file that was changed, swapped, cut off, added or taken away is found and named. */
export function verifyFiles(proof: FilesProof): void {
  const { there, named, destroyed, report } = proof
  const known = new Set(named.map(({ incidentId, digest }) => `${incidentId}/${digest}`))
  for (const file of named) {
    if (destroyed.has(`${file.incidentId}/${file.digest}`)) continue
    proof.checked.evidence++
    verifyFile(proof, file)
  }
  for (const name of there) {
    if (!known.has(name)) report(`evidence file ${name}`, 'no fact names it')
    else if (destroyed.has(name)) report(`evidence file ${name}`, 'it should have been destroyed')
  }
}

function verifyFile({ folder, vault, erased, checked, report }: FilesProof, file: NamedFile): void {
  const { incidentId, evidence, digest, sha256, size } = file
  const name = `evidence ${evidence} of ${incidentId} (file ${digest.slice(0, 16)}…)`
  const { own, waiting } = evidencePaths(folder, incidentId, digest)
  const path = [own, waiting, own].find((one) => existsSync(one))
  if (path === undefined) {
    // Its words were sealed under the same key: they are gone where it is.
    if (sha256 === null) checked.erased++
    else report(name, 'it is missing')
    return
  }
  const whole = createHash('sha256')
  const content = createHash('sha256')
  let beginning: Buffer | null = null
  let opener: Opener | null = null
  let found = 0
  let fault: string | null = null
  for (const bytes of pieces(path)) {
    whole.update(bytes)
    if (beginning === null) {
      beginning = Buffer.from(bytes.subarray(0, 4096))
      const keyId = keyIdIn(beginning)
      if (keyId !== null && erased.has(keyId)) checked.erased++
      else
        opener = new Opener((id) => {
          const key = vault.key(id)
          if (key === null) throw new Error(`its key ${id} is not in the vault, and no erasure is on record`)
          return key
        })
    }
    if (opener === null || fault !== null) continue
    try {
      for (const part of opener.push(bytes)) {
        content.update(part)
        found += part.length
      }
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error)
    }
  }
  if (whole.digest('hex') !== digest) {
    report(name, 'it was changed: its bytes do not fit the hash in the fact')
    return
  }
  if (opener === null) return
  if (fault === null)
    try {
      opener.end()
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error)
    }
  if (fault !== null) report(name, fault)
  else if ((sha256 !== null && content.digest('hex') !== sha256) || (size !== null && found !== size))
    report(name, 'what is in it is not what the fact says')
}

function* pieces(path: string): Generator<Buffer> {
  const file = openSync(path, 'r')
  const buffer = Buffer.alloc(pieceBytes)
  try {
    for (;;) {
      const read = readSync(file, buffer, 0, pieceBytes, null)
      if (read === 0) return
      yield buffer.subarray(0, read)
    }
  } finally {
    closeSync(file)
  }
}
