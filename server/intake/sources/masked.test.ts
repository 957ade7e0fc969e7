import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { masked, wordsIn } from './masked.ts'

describe('masked', () => {
  it.each([
    ['Out of memory: Killed process 4711 (java)', 'Out of memory: Killed process # (java)'],
    ['took 12.5s, 3,000 of 09:15:27', 'took #s, # of #'],
    ['cannot open "/var/lib/x" and \'b7\'', 'cannot open "…" and \'…\''],
    ["'su root' failed, and it can't be helped", "'su root' failed, and it can't be helped"],
    ['order 8f14e45fceea167a5a36dedd4bea2543', 'order #'],
    ['request 123e4567-e89b-12d3-a456-426614174000 lost', 'request # lost'],
    ['link 00:1a:2b:3c:4d:5e down', 'link # down'],
    ['at 0xDEADBEEF in facade', 'at # in facade'],
    ['peer 10.0.0.1:443', 'peer #'],
    ['disk sda1', 'disk sda#'],
  ])('%s', (text, expected) => expect(masked(text)).toBe(expected))

  it('is one for the same message about other numbers', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.uuid(), fc.uuid(), (a, b, one, other) => {
        expect(masked(`job ${a} of '${one}' failed with ${b}`)).toBe(masked(`job ${b} of '${other}' failed with ${a}`))
        expect(masked(`order ${one}`)).toBe('order #')
      }),
    )
  })

  it('takes no longer for what is made to be slow', () => {
    const began = process.cpuUsage()
    for (const part of ['"', "'a", 'a-a', '0:', 'ab:', '1.', ' ', '{"']) masked(part.repeat(100_000))
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(2000)
  })
})

describe('wordsIn', () => {
  it('finds the message in JSON, and leaves every other text as it is', () => {
    expect(wordsIn('{"level":"crit","message":"Payment failed"}')).toBe('Payment failed')
    expect(wordsIn('{"msg":"a","err":1}')).toBe('a')
    expect(wordsIn('{"level":"crit"}')).toBe('{"level":"crit"}')
    expect(wordsIn('{not json}')).toBe('{not json}')
    expect(wordsIn('plain')).toBe('plain')
  })
})
