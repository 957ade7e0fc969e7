import { describe, expect, it } from 'vitest'
import { briefSchema } from '../incident/brief.ts'
import { briefText, differences, readBrief } from './differences.ts'
import { keptBriefs } from './kept.ts'
import { amara, at, fact, tomasz } from './view.fixture.ts'

const brief = (situation: string, more: object = {}) => briefSchema.parse({ situation, ...more })

describe('briefs that were kept', () => {
  it('BK1 each hop has the brief that was accepted, with its read-back; a team that accepted is the person', () => {
    const facts = [
      fact('12:00', 'declared'),
      fact('12:01', 'claimed'),
      fact('12:05', 'brief-revised', { brief: brief('first') }),
      fact('12:10', 'offered', { to: { id: 'team:pay', name: 'Payments' }, revision: 1, brief: brief('second') }),
      fact('12:12', 'brief-revised', { brief: brief('third') }),
      fact('12:12', 'offer-reissued', { revision: 2, brief: brief('third'), changed: 'the brief was revised' }),
      fact('12:13', 'offer-reissued', { revision: 3, brief: brief('third'), changed: 'tier changed' }),
      { ...fact('12:14', 'accepted', { readBack: 'Mine now' }), by: tomasz },
    ]
    const kept = keptBriefs(facts)
    expect(kept.map((one) => [one.brief.situation, one.how, one.offer])).toEqual([
      ['first', 'revised', null],
      ['second', 'offered', 1],
      ['third', 'offered', 3],
    ])
    expect(kept[2]).toMatchObject({
      ...{ to: { id: 'team:pay' }, by: amara },
      accepted: { by: tomasz, at: at('12:14'), readBack: 'Mine now', hop: 2 },
    })
    expect(kept.filter(({ accepted }) => accepted !== null)).toHaveLength(1)
  })

  it('BK1 an offer that came to nothing keeps its brief, and is nobody’s hop', () => {
    for (const end of [
      fact('12:12', 'offer-expired'),
      fact('12:12', 'offer-withdrawn'),
      fact('12:12', 'offer-declined', { closed: true }),
    ]) {
      const kept = keptBriefs([
        fact('12:00', 'declared'),
        fact('12:10', 'offered', { to: tomasz, revision: 1, brief: brief('x') }),
        end,
        fact('12:20', 'accepted', { readBack: 'late' }),
      ])
      expect(kept).toMatchObject([{ how: 'offered', accepted: null }])
    }
  })

  it('BK1 words that were erased are still a brief', () => {
    expect(readBrief({ situation: '' }).situation).toBe('–')
    expect(readBrief({ situation: 'x'.repeat(400) }).situation).toHaveLength(280)
  })
})

describe('the difference of two briefs', () => {
  const name = (id: string) => (id === tomasz.id ? tomasz.name : id)
  it('BK2 names what is new, gone and changed, in words, and nothing where they say the same', () => {
    const before = brief('Orders hang', {
      ...{ trend: 'worse', done: ['a', 'b'], actions: [{ text: 'Roll back' }], contingencies: [{ if: 'x', do: 'y' }] },
    })
    const after = brief('Orders hang', {
      ...{ trend: 'better', done: ['b', 'c'], contingencies: [{ if: 'x', do: 'z' }], constraints: 'No restart' },
      actions: [{ text: 'Roll back', state: 'done', owner: tomasz.id }],
    })
    expect(differences(before, after, name)).toEqual([
      { part: 'Trend', kind: 'changed', before: 'worse', after: 'better' },
      { part: 'Known and done', kind: 'new', before: null, after: 'c' },
      { part: 'Known and done', kind: 'gone', before: 'a', after: null },
      { part: 'Actions', kind: 'changed', before: 'Roll back', after: 'Roll back (done, Tomasz Wilk)' },
      { part: 'If … then', kind: 'changed', before: 'if x then y', after: 'if x then z' },
      { part: 'Do not', kind: 'new', before: null, after: 'No restart' },
    ])
    expect(differences(after, after, name)).toEqual([])
  })

  it('BK3 as text it has every part that is written, and no empty one', () => {
    const text = briefText(
      brief('Orders hang', { done: ['a'], actions: [{ text: 'Roll back', dueAt: at('12:40'), irreversible: true }] }),
      name,
    )
    expect(text).toBe(
      [
        'SITUATION (trend unknown, unsure)',
        ...['Orders hang', '', 'KNOWN AND DONE', '- a', '', 'ACTIONS'],
        '- Roll back (irreversible, by 2026-11-22 12:40 UTC)',
      ].join('\n'),
    )
  })
})
