import { describe, expect, it } from 'vitest'
import type { Notice } from '#shared/wire.ts'
import { makeAnnouncer } from './announce.ts'

const merged = (from: number, into: number, by?: string): Notice => ({
  id: `n${from}`,
  kind: 'merged',
  incidentId: `INC-${into}`,
  text: `INC-${from} was merged into INC-${into} by somebody.`,
  at: '2026-11-22T01:34:27.000Z',
  ...(by !== undefined && { by }),
})

describe('where merged incidents went', () => {
  const told = (notices: Notice[]) => {
    const announcer = makeAnnouncer({ now: () => 0, after: () => () => {} })
    announcer.changed(new Map(), new Map(), notices, 'p_me', false)
    return announcer.store.getState().said.map(({ text, incidentId, tone }) => ({ text, incidentId, tone }))
  }

  it('is news for everybody who sees them leave, and leads to the one that goes on', () => {
    expect(told([merged(7, 3), merged(8, 4, 'p_ada')])).toEqual([
      { text: 'INC-7 was merged into INC-3 by somebody.', incidentId: 'INC-3', tone: 'news' },
      { text: 'INC-8 was merged into INC-4 by somebody.', incidentId: 'INC-4', tone: 'news' },
    ])
  })

  it('is no news for who did it', () => {
    expect(told([merged(7, 3, 'p_me')])).toEqual([])
  })

  it('a storm that becomes one incident is one piece of news', () => {
    expect(told([5, 6, 7, 8].map((from) => merged(from, 3))).map(({ text }) => text)).toEqual([
      '4 incidents were merged into INC-3.',
    ])
    expect(told([merged(5, 3), merged(6, 3), merged(7, 4)]).map(({ text }) => text)).toEqual([
      '3 incidents were merged into 2 others.',
    ])
  })
})
