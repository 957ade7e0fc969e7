import { describe, expect, test } from 'vitest'
import { briefSchema } from '../incident/brief.ts'
import { fold } from '../incident/evolve.ts'
import type { Fact, RecordedFact } from '../incident/facts.ts'
import type { Incident } from '../incident/state.ts'
import type { Intent } from './intent.ts'
import { type PlanContext, plan } from './plan.ts'
import { overtaken } from './truth.ts'
import { sentence } from './words.ts'

const noon = Date.UTC(2026, 10, 22, 12)
const base = { at: noon, by: 'system:clock' }
const brief = briefSchema.parse({ situation: 'Half of the orders hang' })
const declared: Fact = {
  ...{ type: 'declared', at: noon, by: 'system:filter', title: 'Orders hang', description: '', service: 'shop' },
  ...{ team: 'web', severity: 'high', tier: 2, tierRule: null, flags: [], drill: false, provisional: true },
}
const claimed = (person: string): Fact => ({ type: 'claimed', at: noon, by: `person:${person}` })
const offered = (eligible: string[], by = 'person:ada'): Fact => ({
  ...{
    type: 'offered',
    at: noon,
    by,
    to: 'team:web',
    eligible,
    offeredAt: noon,
    deadlineAt: noon + 60_000,
    revision: 1,
  },
  brief,
})

function stream(facts: readonly Fact[]): { facts: RecordedFact[]; incident: Incident } {
  const placed = facts.map((fact, n) => ({ ...fact, seq: n + 1, version: n + 1, incidentId: 'INC-1' }) as RecordedFact)
  return { facts: placed, incident: fold(placed) as Incident }
}
/** What the last of these facts leads to. */
function planned(facts: readonly Fact[], more: Partial<PlanContext> = {}) {
  const { facts: placed, incident } = stream(facts)
  const context = { incident, before: placed.at(-2) ?? null, commanders: ['cleo', 'cora'], announce: [], ...more }
  return { incident, intents: plan(placed.at(-1) as RecordedFact, context) }
}
const whom = (intents: readonly Intent[]) =>
  intents.map(({ to, reason }) => [('person' in to && to.person) || ('channel' in to && `#${to.channel}`), reason])
const names = { person: (id: string) => id, actor: (id: string) => id, target: (to: string) => to }
const said = ({ intents, incident }: ReturnType<typeof planned>) => sentence(intents[0] as Intent, incident, names)

describe('who is told what', () => {
  test('a page: everybody it names, in person and in shared channels; of a quiet one nobody', () => {
    const paged: Fact = {
      ...{ ...base, type: 'paged', policy: null, step: 0, round: 0, reason: 'first', targets: [], nextAt: null },
      ...{ people: ['ada', 'ben'], channels: ['ops'], quietUntil: null },
    }
    expect(whom(planned([declared, paged]).intents)).toEqual([
      ['ada', 'first'],
      ['ben', 'first'],
      ['#ops', 'first'],
    ])
    expect(planned([declared, { ...paged, quietUntil: noon + 1 }]).intents).toEqual([])
  })

  test('an offer: each who may accept, but not who made it (N2)', () => {
    const found = planned([declared, claimed('ada'), offered(['ben', 'dan', 'ada'])])
    expect(whom(found.intents)).toEqual([
      ['ben', 'offered'],
      ['dan', 'offered'],
    ])
    expect(said(found)).toBe(
      'ada offers it to you: read the brief and accept before 12:01 UTC. Until then nothing changes hands.',
    )
  })

  test('an offer that is issued again: told again; the first need not be told any more', () => {
    const reissued: Fact = {
      ...{ ...base, type: 'offer-reissued', deadlineAt: noon + 90_000, revision: 2, brief, changed: 'the tier' },
    }
    const before = planned([declared, claimed('ada'), offered(['ben'])])
    const found = planned([declared, claimed('ada'), offered(['ben']), reissued])
    expect(whom(found.intents)).toEqual([['ben', 'offered']])
    expect(overtaken(before.intents[0] as Intent, found.incident, noon)).toBe(
      'the offer was issued again, and that is told',
    )
    expect(overtaken(found.intents[0] as Intent, found.incident, noon)).toBeNull()
    expect(overtaken(found.intents[0] as Intent, found.incident, noon + 90_000)).toBe('the offer has ended')
  })

  test('an offer that ran out: its giver and the commanders; whoever the page adds is told once, by the page', () => {
    const expired: Fact = { ...base, type: 'offer-expired', to: 'team:web', owner: 'ada', deadlineAt: noon }
    const facts = [declared, claimed('ada'), offered(['ben']), expired]
    expect(whom(planned(facts).intents)).toEqual([
      ['ada', 'expired'],
      ['cleo', 'expired'],
      ['cora', 'expired'],
    ])
    const paged: Fact = {
      ...{ ...base, type: 'paged', policy: null, step: 0, round: 0, reason: 'escalated', targets: [], nextAt: null },
      ...{ people: ['dan', 'cleo'], channels: [], quietUntil: null },
    }
    const after = planned([...facts, paged])
    expect(whom(after.intents)).toEqual([['dan', 'escalated']])
    expect(said(after)).toBe(
      'An offer to hand it over was not answered. ada still owns it, and needs somebody to take it.',
    )
  })

  test('a silent owner: asked first; then the commanders, or the one who leads this incident', () => {
    const asked: Fact = { ...base, type: 'owner-asked', owner: 'ada', heardAt: noon }
    const silent: Fact = { ...base, type: 'owner-silent', owner: 'ada', heardAt: noon }
    const facts = [declared, claimed('ada'), asked]
    expect(whom(planned(facts).intents)).toEqual([['ada', 'reminder']])
    expect(whom(planned([...facts, silent]).intents)).toEqual([
      ['cleo', 'escalated'],
      ['cora', 'escalated'],
    ])
    const taken: Fact = { type: 'role-taken', at: noon, by: 'person:eve', role: 'commander' }
    expect(whom(planned([...facts, taken, silent]).intents)).toEqual([['eve', 'escalated']])
    const heard = stream([...facts, { type: 'confirmed', at: noon, by: 'person:ada' }]).incident
    expect(overtaken(planned(facts).intents[0] as Intent, heard, noon)).toBe('the owner was heard meanwhile')
  })

  test('relief, the end of a shift, a late update, help, tasks, roles: whoever they concern', () => {
    const owned = [declared, claimed('ada')]
    const of = (fact: Fact) => whom(planned([...owned, fact]).intents)
    const by = 'person:ben'
    expect(of({ type: 'relief-asked', at: noon, by, reason: '' })).toEqual([
      ['ada', 'escalated'],
      ['cleo', 'escalated'],
      ['cora', 'escalated'],
    ])
    expect(of({ ...base, type: 'relief-prepared', owner: 'ada', rotation: 'r', endsAt: noon, to: ['ben'] })).toEqual([
      ['ada', 'reminder'],
    ])
    expect(of({ ...base, type: 'shift-ended', owner: 'ada', rotation: 'r', endsAt: noon })).toEqual([
      ['cleo', 'escalated'],
      ['cora', 'escalated'],
    ])
    expect(of({ ...base, type: 'update-late', dueAt: noon })).toEqual([['ada', 'reminder']])
    expect(of({ type: 'escalated', at: noon, by, person: 'dan', reason: '' })).toEqual([['dan', 'escalated']])
    expect(of({ type: 'escalated', at: noon, by: 'person:cleo', person: null, reason: '' })).toEqual([
      ['cora', 'escalated'],
    ])
    expect(of({ type: 'assisted', at: noon, by, person: 'ben' })).toEqual([])
    expect(of({ type: 'assisted', at: noon, by, person: 'dan' })).toEqual([['dan', 'escalated']])
    expect(of({ type: 'task-added', at: noon, by, task: 1, text: 't', person: 'dan', dueAt: null })).toEqual([
      ['dan', 'new'],
    ])
    const role = {
      role: 'scribe' as const,
      to: 'dan',
      eligible: ['dan'],
      offeredAt: noon,
      deadlineAt: noon + 1,
      revision: 1,
    }
    expect(of({ type: 'role-offered', at: noon, by, ...role, note: '' })).toEqual([['dan', 'offered']])
  })

  test('shared channels hear what the policy announces, of the tiers, teams and services it names', () => {
    const on = ['opened', 'tier', 'resolved'] as const
    const announce: PlanContext['announce'] = [
      { channel: 'all', on: [...on] },
      { channel: 'grave', on: [...on], tiers: [1] },
      { channel: 'web', on: ['opened'], teams: ['web'], services: ['shop'] },
      { channel: 'other', on: ['opened'], teams: ['db'] },
    ]
    expect(whom(planned([declared], { announce }).intents)).toEqual([
      ['#all', 'new'],
      ['#web', 'new'],
    ])
    const graver: Fact = { type: 'classified', at: noon, by: 'person:ada', tier: 1, from: 2, reason: '' }
    expect(whom(planned([declared, graver], { announce }).intents)).toEqual([
      ['#all', 'new'],
      ['#grave', 'new'],
    ])
    const over: Fact = { type: 'phase-set', at: noon, by: 'person:ada', phase: 'resolved', from: 'triage', reason: '' }
    expect(whom(planned([declared, claimed('ada'), over], { announce }).intents)).toEqual([['#all', 'new']])
  })

  test('N3: who said that they have seen it is not reminded, and a page is over when somebody owns it', () => {
    const paged: Fact = {
      ...{ ...base, type: 'paged', policy: null, step: 0, round: 1, reason: 'reminder', targets: [], nextAt: null },
      ...{ people: ['ada', 'ben'], channels: [], quietUntil: null },
    }
    const seen: Fact = { type: 'seen', at: noon, by: 'person:ada' }
    const { intents, incident } = planned([declared, seen, paged])
    expect(intents.map((intent) => overtaken(intent, incident, noon))).toEqual([
      'they said that they have seen it',
      null,
    ])
    const owned = stream([declared, seen, paged, claimed('ben')]).incident
    expect(owned.seenBy).toBeUndefined()
    expect(intents.map((intent) => overtaken(intent, owned, noon))).toEqual([
      'it is owned meanwhile',
      'it is owned meanwhile',
    ])
  })
})
