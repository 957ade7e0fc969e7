import { readlinkSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

/**
 * Live work goes first: where the system lets one thread of a process be nicer than the others, the one that calls this is.
 * @param how much: `low` is left what nobody else wants; `below-normal` is for what a person waits for
 */
export function giveWay(how: 'low' | 'below-normal'): void {
  if (process.platform !== 'linux') return
  const { PRIORITY_LOW, PRIORITY_BELOW_NORMAL } = constants.priority
  try {
    // Linux takes the number of a thread where POSIX has that of a process.
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(thread, how === 'low' ? PRIORITY_LOW : PRIORITY_BELOW_NORMAL)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    process.emitWarning(`what is not live runs with the same priority as everything else: ${error.message}`)
  }
}
