import { createHash } from 'node:crypto'
import { UxbridgeError } from '#shared/errors.ts'
import type { EvidenceBytes } from '../port.ts'

/** Files of a store that forgets when the process ends. Not encrypted: its digest is that of a number and the content. */
export function makeEvidenceMemory(failure: () => Error | null): EvidenceBytes & { erase(incidentId: string): void } {
  const files = new Map<string, { content: Buffer; settled: boolean; busy: boolean }>()
  const nameOf = (incidentId: string, digest: string) => `${incidentId}~${digest}`
  let number = 0

  return {
    async keep(incidentId, plain) {
      const pieces: Uint8Array[] = []
      for await (const piece of plain) pieces.push(piece)
      const failed = failure()
      if (failed !== null) throw failed
      const content = Buffer.concat(pieces)
      const sha256 = createHash('sha256').update(content).digest('hex')
      const digest = createHash('sha256').update(`${number++}`).update(content).digest('hex')
      files.set(nameOf(incidentId, digest), { content, settled: false, busy: true })
      return { digest, sha256, size: content.length }
    },
    async settle(incidentId, digest) {
      const file = files.get(nameOf(incidentId, digest))
      if (file !== undefined) file.settled = true
    },
    async drop(incidentId, digest) {
      files.delete(nameOf(incidentId, digest))
    },
    leave(incidentId, digest) {
      const file = files.get(nameOf(incidentId, digest))
      if (file !== undefined) file.busy = false
    },
    async open(incidentId, digest) {
      const file = files.get(nameOf(incidentId, digest))
      if (file === undefined) throw new UxbridgeError('store-corrupt', `The file ${digest.slice(0, 16)}… is missing.`)
      return (async function* () {
        yield file.content
      })()
    },
    async sweep(isNamed) {
      const swept = { settled: 0, dropped: 0 }
      for (const [name, file] of files) {
        if (file.settled || file.busy) continue
        const [incidentId = '', digest = ''] = name.split('~')
        if (await isNamed(incidentId, digest)) {
          file.settled = true
          swept.settled++
        } else {
          files.delete(name)
          swept.dropped++
        }
      }
      return swept
    },
    async destroy(incidentId, digest) {
      files.delete(nameOf(incidentId, digest))
    },
    erase(incidentId) {
      for (const name of files.keys()) if (name.startsWith(`${incidentId}~`)) files.delete(name)
    },
  }
}
