import fc from 'fast-check'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { checkout, incidents, storyNow } from '../../stories/incidents.ts'
import { HandoffChain } from './chain.tsx'
import { breakWidth, layoutChain, seam } from './layout.ts'
import { chainText, initials, type Piece, piecesOf, warningText } from './pieces.ts'

const measure = (text: string, bold: boolean) => text.length * (bold ? 6.6 : 6)

const piece = fc.record({
  kind: fc.constantFrom('held' as const, 'gap' as const),
  heldMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1e9 })),
  forced: fc.boolean(),
  name: fc.string({ minLength: 1, maxLength: 24 }),
})
const chain = fc.tuple(fc.array(piece, { minLength: 1, maxLength: 24 }), fc.boolean()).map(([list, offered]) => {
  const pieces: Piece[] = list.map(({ kind, heldMs, forced, name }, index) => ({
    key: String(index),
    kind,
    heldMs,
    labels: kind === 'gap' ? [] : [`${name} 22 m`, name, name.slice(0, 2)],
    now: index === list.length - 1,
    forced: forced && kind === 'held',
    hop: null,
  }))
  if (offered)
    pieces.push({
      key: 'offer',
      kind: 'offer',
      heldMs: 0,
      labels: ['→ Jonas Brandt 1:41', '→ JB', '→'],
      now: true,
      forced: false,
      hop: null,
    })
  return pieces
})

describe('the hand-off chain', () => {
  it('C2: fills its width and never more, at any width and length', () => {
    fc.assert(
      fc.property(chain, fc.integer({ min: 0, max: 2000 }), (pieces, width) => {
        const placed = layoutChain(pieces, width, measure)
        const between = (pieces.length - 1) * seam + pieces.filter(({ forced }) => forced).length * breakWidth
        const sum = placed.reduce((total, one) => total + one.width, 0)
        expect(sum).toBeLessThanOrEqual(Math.max(0, width - between) + 0.01)
        for (const one of placed) expect(one.width).toBeGreaterThanOrEqual(0)
        if (width > between + 400) expect(sum).toBeGreaterThan(width - between - 1)
      }),
    )
  })

  it('C2: a label is one of its words, whole, and has room; or there is none', () => {
    fc.assert(
      fc.property(chain, fc.integer({ min: 0, max: 1500 }), (pieces, width) => {
        for (const { piece, label, width: own } of layoutChain(pieces, width, measure)) {
          expect(label === '' || piece.labels.includes(label)).toBe(true)
          if (label !== '') expect(measure(label, piece.now)).toBeLessThan(own + 1)
        }
      }),
    )
  })

  it('C2: longer held is never drawn shorter, among the past', () => {
    fc.assert(
      fc.property(chain, fc.integer({ min: 600, max: 1500 }), (pieces, width) => {
        const past = layoutChain(
          pieces.map((one) => ({ ...one, labels: one.now ? one.labels : [] })),
          width,
          measure,
        ).filter(({ piece }) => !piece.now)
        for (const a of past)
          for (const b of past)
            if (a.piece.heldMs > b.piece.heldMs) expect(a.width).toBeGreaterThanOrEqual(b.width - 0.01)
      }),
    )
  })

  it('C1: warns at three hand-overs, and when it went back and forth', () => {
    expect(warningText(checkout)).toBe('too many hand-overs')
    const [a, b] = checkout.chain.slice(1)
    if (a === undefined || b === undefined) throw new Error('the story has lost its chain')
    expect(warningText({ handovers: 2, chain: [a, b, a] })).toBe('it went back and forth')
    expect(warningText({ handovers: 1, chain: [a, b] })).toBeNull()
  })

  it('says all of it to those who do not see it', () => {
    const text = chainText(checkout, storyNow).replaceAll('\u00a0', ' ')
    expect(text).toContain('unowned for 52 s')
    expect(text).toContain('Maja Lindqvist held it for 22 min')
    expect(text).toContain('Aiko Tanaka holds it for 9 min')
    expect(text).toContain('offered to Jonas Brandt until 01:36:08 UTC')
    expect(text).toContain('3 hand-overs, too many hand-overs')
    const torn = incidents.find(({ id }) => id === 'INC-1047')
    expect(torn && chainText(torn, storyNow)).toContain('taken over by force by Rui Silva')
  })

  it('shows no word twice to a screen reader, and every holder on screen', () => {
    const html = renderToStaticMarkup(<HandoffChain summary={checkout} now={storyNow} />)
    expect(html).toContain('aria-hidden="true"')
    expect(html.match(/Hand-off chain:/g)).toHaveLength(1)
  })

  it('speaks to the reader as you', () => {
    const labels = piecesOf(checkout, storyNow, 'p_brandt').at(-1)?.labels ?? []
    expect(labels[0]).toBe('→ you 1:41')
  })

  it('makes initials of any name', () => {
    expect(['Jonas Brandt', 'Ada', 'Mika van der Berg', '  ', '李 小龙'].map(initials)).toEqual([
      'JB',
      'AD',
      'MB',
      '',
      '李小',
    ])
  })
})
