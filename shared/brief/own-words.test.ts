import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCopied } from './own-words.ts'

const situation = 'Half of the orders hang in every region since the deploy of 11:52; money is taken.'

describe('a read-back', () => {
  it('O9 that repeats the situation line is a copy, whatever its case and marks', () => {
    expect(isCopied(situation, situation)).toBe(true)
    expect(
      isCopied('half of the ORDERS hang in every region, since the deploy of 11 52 - money is taken', situation),
    ).toBe(true)
    expect(isCopied('Half of the orders hang in every region', situation)).toBe(true)
    expect(isCopied('Ok: half of the orders hang in every region since the deploy', situation)).toBe(true)
  })
  it('O9 in own words is none, though it shares words with the situation', () => {
    for (const said of [
      'Orders hang everywhere, I roll the 11:52 deploy back',
      'Half of the orders hang; I stop taking money first, then roll back',
      'Half of the orders hang in every region; I switch to provider B, then tell the service desk and the bank',
      'Orders hang',
      'ok',
    ])
      expect(isCopied(said, situation), said).toBe(false)
    expect(isCopied('', situation)).toBe(false)
  })
  it('O9 of a short situation is a copy only when it says the same', () => {
    expect(isCopied('Disk is full', 'Disk is full.')).toBe(true)
    expect(isCopied('The disk is full, I clean it', 'Disk is full.')).toBe(false)
  })
  it('O9 the situation itself is always a copy of itself, where it has words', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(isCopied(text, text)).toBe(/[\p{L}\p{N}]/u.test(text))
      }),
    )
  })
})
