import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { whoseIs } from './addresses.ts'

/** As the URL parser writes the host of an address that somebody typed in another form. */
const parsed = (host: string) => new URL(`http://${host}/`).hostname.replace(/^\[(.*)\]$/, '$1')

describe('W1: whose an address is', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['1.1.1.1', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.1', 'public'],
    ['2606:4700::1111', 'public'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['127.0.0.1', 'inside'],
    ['127.255.255.254', 'inside'],
    ['10.1.2.3', 'inside'],
    ['172.16.0.1', 'inside'],
    ['172.31.255.255', 'inside'],
    ['192.168.1.1', 'inside'],
    ['100.64.0.1', 'inside'],
    ['::1', 'inside'],
    ['fd12:3456::1', 'inside'],
    ['::ffff:10.0.0.1', 'inside'],
    ['::ffff:7f00:1', 'inside'],
    ['64:ff9b::127.0.0.1', 'inside'],
    ['0.0.0.0', 'never'],
    ['169.254.169.254', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['168.63.129.16', 'never'],
    ['100.100.100.200', 'never'],
    ['fd00:ec2::254', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['::', 'never'],
    ['::127.0.0.1', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['ff02::1', 'never'],
    ['2002:7f00:1::', 'never'],
    ['2001:0:7f00:1::', 'never'],
    ['2001:db8::1', 'never'],
    ['192.0.2.1', 'never'],
    ['no address', 'never'],
    ['', 'never'],
  ])('%s is %s', (address, whose) => {
    expect(whoseIs(address)).toBe(whose)
  })

  it('does not depend on how it is written: decimal, octal, hexadecimal, short, mapped', () => {
    for (const form of [
      '2130706433',
      '017700000001',
      '0x7f000001',
      '0x7f.1',
      '127.1',
      '0177.0.0.1',
      '[::ffff:127.0.0.1]',
    ])
      expect(whoseIs(parsed(form)), form).toBe('inside')
    for (const form of ['2852039166', '0xA9FEA9FE', '0251.0376.0251.0376', '169.254.43518', '[::ffff:a9fe:a9fe]'])
      expect(whoseIs(parsed(form)), form).toBe('never')
  })

  it('every IPv4 address is judged the same where IPv6 carries it', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), (octets) => {
        const address = octets.join('.')
        expect(whoseIs(`::ffff:${address}`)).toBe(whoseIs(address))
        expect(whoseIs(`64:ff9b::${address}`)).toBe(whoseIs(address))
      }),
    )
  })

  it('of IPv6 nothing outside 2000::/3 is public', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        const first = groups[0] ?? 0
        const embeds = first === 0 || first === 0x64
        if (embeds || (first >= 0x2000 && first < 0x4000)) return
        expect(whoseIs(groups.map((group) => group.toString(16)).join(':'))).not.toBe('public')
      }),
    )
  })
})
