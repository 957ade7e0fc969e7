import { expect, it } from 'vitest'
import { dropsIn } from './udp-drops.ts'

const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  812: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 23751 2 0000000000000000 4411
  813: 00000000:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 23752 2 0000000000000000 7
`
const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  901: 00000000000000000000000001000000:0202 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 23753 2 0000000000000000 12
`
it('finds what the kernel dropped at an address and port', () => {
  expect(dropsIn(table, '127.0.0.1', 5514)).toBe(4411)
  expect(dropsIn(table, '0.0.0.0', 5514)).toBe(7)
  expect(dropsIn(table, '127.0.0.1', 5515)).toBeNull()
  expect(dropsIn(table6, '::1', 514)).toBe(12)
  expect(dropsIn('', '127.0.0.1', 5514)).toBeNull()
})
