import { createHash, type KeyObject, randomBytes } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { incidentSubject } from '../format/records.ts'
import type { Vault } from '../keys/vault.ts'
import type { EvidenceBytes, KeptBytes } from '../port.ts'
import { corruptStore, troubleOf } from '../sqlite/trouble.ts'
import { Opener, type Sealed, sealFile } from './format.ts'

/** Where files wait until a fact names them. */
const waitingName = 'incoming'
const idShape = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const digestShape = /^[0-9a-f]{64}$/
const waitingShape = /^([A-Za-z0-9][A-Za-z0-9_-]{0,63})~([0-9a-f]{64})$/
const mode = { folder: 0o700, file: 0o600 }

export interface FolderParts {
  /** The store's own folder, for what is said of trouble. */
  dir: string
  /** That of the files. */
  folder: string
  vault: Vault
}

/** Names that become parts of a path are only such that nobody can lead elsewhere with. */
function checked(incidentId: string, digest?: string): void {
  if (!idShape.test(incidentId) || incidentId === waitingName || (digest !== undefined && !digestShape.test(digest)))
    throw new TypeError(`"${incidentId}" and "${digest}" are no names of evidence`)
}

/** Where a file lies, or will: its own place, and where it waits. */
export function evidencePaths(folder: string, incidentId: string, digest: string): { own: string; waiting: string } {
  checked(incidentId, digest)
  return { own: join(folder, incidentId, digest), waiting: join(folder, waitingName, `${incidentId}~${digest}`) }
}

/** Every file that lies in its own place, as `<incident>/<digest>`. */
export async function evidenceNames(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return []
  const names: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name === waitingName) continue
    if (!entry.isDirectory()) names.push(entry.name)
    else for (const name of await readdir(join(folder, entry.name))) names.push(`${entry.name}/${name}`)
  }
  return names
}

/**
 * Files of evidence, each encrypted under the key of its incident, named by the hash of what lies on the disk. Rule EV1: a
 * file is durable before a fact names it, and nobody sees it before; what no fact came to name is swept away.
 */
export function openEvidenceFolder({ dir, folder, vault }: FolderParts): EvidenceBytes & {
  /** Removes what there is of the incident; its key is gone by then. */
  erase(incidentId: string): Promise<void>
} {
  const waitingFolder = join(folder, waitingName)
  /** Names in `incoming` that somebody is at work on. */
  const busy = new Set<string>()

  /** Asked anew each time: another thread may have destroyed it. */
  function keyOf(keyId: string): KeyObject {
    vault.forget()
    const key = vault.key(keyId)
    if (key === null) throw new Error(`the key ${keyId} is not in the vault`)
    return key
  }

  async function write(incidentId: string, plain: AsyncIterable<Uint8Array>): Promise<KeptBytes> {
    vault.forget()
    const subject = incidentSubject(incidentId)
    const key = vault.keysOf(new Set([subject])).get(subject)
    if (key === undefined) throw new TypeError(`no key was made for ${subject}`)
    const part = `${randomBytes(12).toString('hex')}.part`
    const path = join(waitingFolder, part)
    busy.add(part)
    try {
      await mkdir(waitingFolder, { recursive: true, mode: mode.folder })
      const sealed = await writeSynced(path, sealFile(plain, key))
      const name = `${incidentId}~${sealed.digest}`
      busy.add(name)
      await rename(path, join(waitingFolder, name))
      await syncFolder(waitingFolder)
      return sealed
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      busy.delete(part)
    }
  }

  async function settle(incidentId: string, digest: string): Promise<void> {
    const { own, waiting } = evidencePaths(folder, incidentId, digest)
    await mkdir(join(folder, incidentId), { recursive: true, mode: mode.folder })
    await rename(waiting, own)
    busy.delete(`${incidentId}~${digest}`)
  }

  async function drop(incidentId: string, digest: string): Promise<void> {
    await rm(evidencePaths(folder, incidentId, digest).waiting, { force: true })
    busy.delete(`${incidentId}~${digest}`)
  }

  /** Where it lies now: it may move from the one place to the other while somebody looks. */
  function found(incidentId: string, digest: string): string | null {
    const { own, waiting } = evidencePaths(folder, incidentId, digest)
    return [own, waiting, own].find((path) => existsSync(path)) ?? null
  }

  function damaged(incidentId: string, digest: string, what: string): Error {
    return corruptStore(dir, `the file ${digest.slice(0, 16)}… of the evidence of ${incidentId}: ${what}`)
  }

  return {
    async keep(incidentId, plain) {
      checked(incidentId)
      try {
        return await write(incidentId, plain)
      } catch (error) {
        // What the sender did is told as it is; what the disk did says what to do.
        throw error instanceof Error && 'syscall' in error ? troubleOf(error, dir) : error
      }
    },
    settle,
    drop,
    leave: (incidentId, digest) => void busy.delete(`${incidentId}~${digest}`),

    async open(incidentId, digest) {
      const path = found(incidentId, digest)
      if (path === null) throw damaged(incidentId, digest, 'it is missing')
      const hash = createHash('sha256')
      for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer)
      if (hash.digest('hex') !== digest) throw damaged(incidentId, digest, 'it was changed')
      return (async function* () {
        const opener = new Opener(keyOf)
        try {
          for await (const bytes of createReadStream(path)) yield* opener.push(bytes as Buffer)
          opener.end()
        } catch (error) {
          throw damaged(incidentId, digest, error instanceof Error ? error.message : String(error))
        }
      })()
    },

    async sweep(isNamed) {
      const swept = { settled: 0, dropped: 0 }
      if (!existsSync(waitingFolder)) return swept
      for (const name of await readdir(waitingFolder)) {
        if (busy.has(name)) continue
        const [, incidentId, digest] = waitingShape.exec(name) ?? []
        if (incidentId !== undefined && digest !== undefined && (await isNamed(incidentId, digest))) {
          await settle(incidentId, digest)
          swept.settled++
        } else {
          await rm(join(waitingFolder, name), { force: true })
          swept.dropped++
        }
      }
      return swept
    },

    async destroy(incidentId, digest) {
      const { own, waiting } = evidencePaths(folder, incidentId, digest)
      for (const path of [waiting, own]) await rm(path, { force: true })
    },

    async erase(incidentId) {
      checked(incidentId)
      await rm(join(folder, incidentId), { recursive: true, force: true })
      if (!existsSync(waitingFolder)) return
      for (const name of await readdir(waitingFolder))
        if (name.startsWith(`${incidentId}~`)) await rm(join(waitingFolder, name), { force: true })
    },
  }
}

async function writeSynced(path: string, pieces: AsyncGenerator<Buffer, Sealed>): Promise<Sealed> {
  const file = await open(path, 'wx', mode.file)
  try {
    for (;;) {
      const { done, value } = await pieces.next()
      if (done) {
        await file.sync()
        return value
      }
      await file.appendFile(value)
    }
  } finally {
    // Also where the disk refused: whoever sends is let go.
    await pieces.return({ digest: '', sha256: '', size: 0 })
    await file.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
