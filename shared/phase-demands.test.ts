import { describe, expect, it } from 'vitest'
import { at, atMs, fact, tomasz, viewOf } from './brief/view.fixture.ts'
import { briefSchema } from './incident/brief.ts'
import { phases } from './incident/state.ts'
import { demandsOf, phaseMeanings, type ShownOf, skipped } from './phase-demands.ts'

const now = atMs('12:30')
const met = (...args: Parameters<typeof demandsOf>) =>
  Object.fromEntries(demandsOf(...args).map(({ says, met }) => [says, met]))

describe('what a phase asks for', () => {
  it('PD1 every phase has a meaning, and those in which people work ask for something', () => {
    for (const phase of phases) expect(phaseMeanings[phase]).not.toBe('')
    for (const phase of ['triage', 'investigating', 'containing', 'fixing', 'restoring', 'resolved'] as const)
      expect(demandsOf(phase, viewOf(), now).length).toBeGreaterThan(2)
  })

  it('PD1 containing: the trend of the brief, what was written since, and an update that is not overdue', () => {
    const facts = [fact('12:10', 'noted', { text: 'before' }), fact('12:20', 'phase-set', { phase: 'containing' })]
    const none = met('containing', viewOf({ facts }, { phase: 'containing', nextUpdateDueAt: at('12:25') }), now)
    expect(Object.values(none)).toEqual([true, null, false, false])
    const brief = briefSchema.parse({ situation: 'x', trend: 'steady' })
    const some = met(
      'containing',
      viewOf(
        { facts: [...facts, fact('12:22', 'noted')], brief },
        { phase: 'containing', nextUpdateDueAt: at('12:45') },
      ),
      now,
    )
    expect(Object.values(some)).toEqual([true, true, true, true])
    const worse = viewOf({ facts, brief: { ...brief, trend: 'worse' } }, { phase: 'containing' })
    expect(Object.values(met('containing', worse, now))[1]).toBe(false)
  })

  it('PD1 fixing: a cause, and a task that somebody has; restoring: the alerts, and who tells customers', () => {
    const brief = briefSchema.parse({ situation: 'x', hypotheses: [{ text: 'pool', confidence: 'sure' }] })
    const task = {
      id: 1,
      text: 'Roll back',
      state: 'open' as const,
      person: tomasz,
      dueAt: null,
      changedAt: at('12:10'),
    }
    expect(Object.values(met('fixing', viewOf({ brief, tasks: [task] }), now)).slice(0, 3)).toEqual([true, true, true])
    expect(Object.values(met('fixing', viewOf({ tasks: [{ ...task, person: null }] }), now))[2]).toBe(false)
    const told = { role: 'communications', holder: tomasz, offer: null, note: null, chain: [], handovers: 0 } as const
    const view = viewOf({}, { flags: ['customers'], roles: [{ ...told, chain: [] }], alerts: { firing: 0, total: 2 } })
    expect(met('restoring', view, now)).toMatchObject({
      'No alert of it fires any more': true,
      'Somebody tells the customers': true,
    })
    expect(met('restoring', viewOf({}, { flags: ['customers'] }), now)['Somebody tells the customers']).toBe(false)
  })

  it('PD1 where personal data is affected, triage asks whether a clock was started; only people can say that none must', () => {
    const asks = 'Personal data is affected: a clock was started, or a note says why none runs'
    expect(met('triage', viewOf({}), now)).not.toHaveProperty(asks)
    expect(met('triage', viewOf({}, { flags: ['personal-data'] }), now)).toMatchObject({ [asks]: null })
    const clock = { id: 'gdpr-33-1' } as NonNullable<ShownOf['clocks']>[number]
    expect(met('triage', viewOf({ clocks: [clock] }, { flags: ['personal-data'] }), now)).toMatchObject({
      [asks]: true,
    })
  })

  it('PD2 names what a step leaves out, and nothing for a step back', () => {
    expect(skipped('triage', 'fixing')).toEqual(['investigating', 'containing'])
    expect(skipped('fixing', 'restoring')).toEqual([])
    expect(skipped('restoring', 'triage')).toEqual([])
    expect(skipped('dismissed', 'triage')).toEqual([])
  })
})
