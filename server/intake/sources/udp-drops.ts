import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'

/**
 * Datagrams that the kernel dropped before we could read them, because its buffer for this port was full. Nobody else
 * counts them.
 * Source: Linux, Documentation/networking/proc_net_tcp.rst and net/ipv4/udp.c (udp4_seq_show): local address, … drops.
 * @returns null where the system does not say
 */
export async function kernelDrops(address: string, port: number): Promise<number | null> {
  let table: string
  try {
    table = await readFile(isIPv6(address) ? '/proc/net/udp6' : '/proc/net/udp', 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return dropsIn(table, address, port)
}

/** The same from the table's text. An address of IPv6 is known by its port alone. */
export function dropsIn(table: string, address: string, port: number): number | null {
  const place = `${isIPv6(address) ? '' : hexOf(address)}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/ +/)
    if (columns[1]?.endsWith(place)) return Number(columns.at(-1))
  }
  return null
}

/** As the kernel of a little-endian machine writes it: 127.0.0.1 is 0100007F. */
function hexOf(address: string): string {
  return address
    .split('.')
    .reverse()
    .map((part) => Number(part).toString(16).toUpperCase().padStart(2, '0'))
    .join('')
}
