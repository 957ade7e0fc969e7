import { BlockList, isIP } from 'node:net'

/**
 * Whose an IP address is: `public`; `inside` = this machine or a private network, which an administrator may allow;
 * `never` = what no message is for: cloud metadata, link-local, multicast, reserved.
 * Sources: IANA special-purpose address registries (RFC 6890); metadata addresses of AWS, Google, Azure, Alibaba, Oracle.
 */
export type Whose = 'public' | 'inside' | 'never'

const inside = listOf(
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['::1', 128],
  ['fc00::', 7],
)

const never = listOf(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  // Metadata that is not link-local: Azure, Alibaba, AWS over IPv6.
  ['168.63.129.16', 32],
  ['100.100.100.200', 32],
  ['fd00:ec2::254', 128],
  ['2001:db8::', 32],
  ['3fff::', 20],
  // Tunnels that carry any IPv4 address in themselves: Teredo, ORCHID, 6to4.
  ['2001::', 23],
  ['2002::', 16],
)

/** Of IPv6, what is routed on the Internet at all. */
const global = listOf(['2000::', 3])

function listOf(...ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [net, bits] of ranges) list.addSubnet(net, bits, isIP(net) === 4 ? 'ipv4' : 'ipv6')
  return list
}

/** @param address as `node:dns` gives it, or a literal of an URL without its brackets. What is no address is `never` */
export function whoseIs(address: string): Whose {
  // A zone (`fe80::1%eth0`) is of link-local addresses alone.
  if (address.includes('%')) return 'never'
  const family = isIP(address)
  if (family === 0) return 'never'
  if (family === 4) return judge(address, 'ipv4')
  const embedded = ipv4In(address)
  if (embedded !== null) return judge(embedded, 'ipv4')
  const found = judge(address, 'ipv6')
  return found === 'public' && !global.check(address, 'ipv6') ? 'never' : found
}

function judge(address: string, family: 'ipv4' | 'ipv6'): Whose {
  if (never.check(address, family)) return 'never'
  return inside.check(address, family) ? 'inside' : 'public'
}

/** The IPv4 address that is reached through `::ffff:a.b.c.d` (mapped) or `64:ff9b::a.b.c.d` (NAT64, RFC 6052). */
function ipv4In(address: string): string | null {
  // The URL parser writes every form of an address in the one of RFC 5952, with hexadecimal groups.
  const [, tail] = /^\[(?:::ffff:|64:ff9b::)([0-9a-f:]+)\]$/.exec(new URL(`http://[${address}]/`).hostname) ?? []
  if (tail === undefined) return null
  const groups = tail.split(':')
  if (groups.length > 2) return null
  const [high, low] = groups.length === 2 ? groups : ['0', groups[0]]
  const bits = (Number.parseInt(high ?? '', 16) << 16) | Number.parseInt(low ?? '', 16)
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.')
}
