import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system so small that a test can fill it. */
export interface SmallDisk {
  dir: string
  /** Takes what is free, but for so many bytes. */
  fill(leave?: number): void
  /** Frees it again. */
  clear(): void
  remove(): void
}

/** @returns null where this machine does not let us mount one: only root on Linux may */
export function makeSmallDisk(megabytes: number): SmallDisk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const dir = mkdtempSync(join(tmpdir(), 'uxbridge-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir])
  if (mounted.status !== 0) {
    rmdirSync(dir)
    return null
  }
  const ballast = join(dir, 'ballast')
  const remove = (): void => {
    spawnSync('umount', ['--lazy', dir])
    rmSync(dir, { recursive: true, force: true })
    process.off('exit', remove)
  }
  process.once('exit', remove)
  return {
    dir,
    fill(leave = 0) {
      const { bavail, bsize } = statfsSync(dir)
      try {
        writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - leave)))
      } catch (error) {
        // A server at work took some of it meanwhile: then it is full, too.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    remove,
  }
}

/** Why a test with a small disk cannot run here, or null. */
export function lacksSmallDisk(): string | null {
  const disk = makeSmallDisk(1)
  disk?.remove()
  return disk === null ? 'only root on Linux may mount a small file system' : null
}
