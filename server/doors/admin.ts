import { createHash } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Identity } from '../access/port.ts'
import { type ApiParts, makeLocalApp } from './http.ts'

/** Who speaks on the local socket: may manage everything, but is no person and so can own nothing. */
export const opsIdentity: Identity = {
  actor: { id: 'system:ops', personId: null, roles: ['administrator', 'auditor'] },
  credentialId: 'local',
  via: 'local',
}

/** Longest path of a Unix socket that every system takes (macOS: 104 with the closing zero). */
const longestPath = 100

/**
 * Where the admin socket of a data folder is. In the folder itself, or, where that path is too long for a socket, in the
 * folder for temporary files under a name made from it. A named pipe on Windows.
 */
export function adminAddress(dataDir: string, platform: NodeJS.Platform = process.platform): string {
  const dir = resolve(dataDir)
  const short = createHash('sha256').update(dir).digest('hex').slice(0, 16)
  if (platform === 'win32') return `\\\\.\\pipe\\uxbridge-${short}`
  const path = join(dir, 'admin.sock')
  return Buffer.byteLength(path) <= longestPath ? path : join(tmpdir(), `uxbridge-${short}.sock`)
}

export interface AdminDoor {
  close(): Promise<void>
}

/**
 * Opens the local door. The caller holds the data folder's lock, so a socket left there is a dead process's and is
 * removed. Only the owner of the process may connect (mode 0600).
 */
export function openAdminDoor(parts: ApiParts, dataDir: string): Promise<AdminDoor> {
  const address = adminAddress(dataDir)
  const isFile = !address.startsWith('\\\\')
  const server = createServer(makeLocalApp(parts, opsIdentity))
  if (isFile) rmSync(address, { force: true })
  return new Promise((opened, failed) => {
    server.once('error', failed)
    // Nobody else can connect in the moment between its making and chmod: it is made with no rights for others.
    const before = isFile ? process.umask(0o177) : 0
    server.listen(address)
    if (isFile) process.umask(before)
    server.once('listening', () => {
      if (isFile) chmodSync(address, 0o600)
      opened({
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            server.closeAllConnections()
          }),
      })
    })
  })
}
