import { describe, expect, test } from 'vitest'
import { hourMs } from '../clocks.ts'
import { fold } from '../incident/evolve.ts'
import type { Fact, RecordedFact } from '../incident/facts.ts'
import type { Incident } from '../incident/state.ts'
import { builtInClocks } from '../legal/built-in.ts'
import type { Intent } from './intent.ts'
import { plan } from './plan.ts'
import { overtaken } from './truth.ts'
import { heading, sentence } from './words.ts'

const noon = Date.UTC(2026, 10, 22, 12)
const dueAt = noon + 72 * hourMs
const [gdpr] = builtInClocks
const names = { person: (id: string) => id, actor: (id: string) => id, target: (to: string) => to }
const clock = 'gdpr-33-1'
const declared: Fact = {
  ...{ type: 'declared', at: noon, by: 'person:ada', title: 'Rows copied', description: '', service: null, team: null },
  ...{ severity: 'high', tier: 2, tierRule: null, flags: ['personal-data'], drill: false, provisional: false },
}
const started: Fact = {
  ...{ type: 'clock-started', at: noon, by: 'person:dpo', clock, definition: clock, edition: '2018-05-25' },
  ...{ name: 'GDPR 33(1)', source: gdpr?.source ?? '', says: '', startedAt: noon, awareAt: null, reason: 'Seen.' },
  deadlines: [
    {
      ...{ id: 'authority', name: 'Notification to the authority', basis: 'law', dueAt, nearAt: dueAt - 18 * hourMs },
      within: [{ unit: 'ms', count: 72 * hourMs, after: 'start' }],
    },
  ],
}
const about = { by: 'system:clock', clock, name: 'GDPR 33(1)', deadline: 'authority', deadlineName: 'Notification' }
const near: Fact = { type: 'clock-near', at: dueAt - 18 * hourMs, ...about, dueAt }
const breached: Fact = { type: 'clock-breached', at: dueAt, ...about, dueAt }
const stopped: Fact = {
  ...{ type: 'clock-stopped', at: dueAt, by: 'person:dpo', clock, name: 'GDPR 33(1)', deadline: 'authority' },
  ...{ deadlineName: 'Notification', how: 'submitted', stoppedAt: dueAt, next: [], reason: 'Sent.' },
}
const claimed: Fact = { type: 'claimed', at: noon, by: 'person:ben' }

function told(facts: readonly Fact[]): { intents: Intent[]; incident: Incident } {
  const placed = facts.map((fact, n) => ({ ...fact, seq: n + 1, version: n + 1, incidentId: 'INC-1' }) as RecordedFact)
  const incident = fold(placed) as Incident
  const context = { incident, before: null, commanders: ['cleo'], announce: [] }
  return { incident, intents: plan(placed.at(-1) as RecordedFact, context) }
}
const whom = ({ intents }: ReturnType<typeof told>) =>
  intents.map(({ to, reason }) => ['person' in to && to.person, reason])

describe('who is told of a legal clock', () => {
  test('CK6 who started it, who owns the incident and who commands, when it is near and when it has passed', () => {
    expect(whom(told([declared, started, claimed, near]))).toEqual([
      ['dpo', 'new'],
      ['ben', 'new'],
      ['cleo', 'new'],
    ])
    expect(whom(told([declared, started, near, breached]))).toEqual([
      ['dpo', 'escalated'],
      ['cleo', 'escalated'],
    ])
  })

  test('the message names the clock, what is due and the day; of what is restricted its number alone', () => {
    const first = told([declared, started, near])
    const intent = first.intents[0] as Intent
    expect(sentence(intent, first.incident, names)).toBe(
      'GDPR 33(1): “Notification to the authority” is due 2026-11-25, 12:00 UTC.',
    )
    const { intents, incident } = told([declared, started, near, breached])
    const passed = intents[0] as Intent
    expect(sentence(passed, incident, names)).toContain('is not recorded as submitted')
    expect(heading([{ intent: passed, incident, title: incident.title }], false)).toContain('a legal clock has passed')
    expect(heading([{ intent: passed, incident, title: null }], false)).toBe('INC-1')
  })

  test('N3 what was submitted meanwhile is not told; neither closing the incident nor having seen it keeps it back', () => {
    const { intents } = told([declared, started, near])
    const intent = intents[0] as Intent
    const seen: Fact = { type: 'seen', at: noon, by: 'person:dpo' }
    const dismissed: Fact = { type: 'dismissed', at: noon, by: 'person:cleo', reason: 'Nothing.' }
    expect(overtaken(intent, told([declared, started, near, seen, dismissed]).incident, dueAt)).toBeNull()
    expect(overtaken(intent, told([declared, started, near, stopped]).incident, dueAt)).toContain(
      'meanwhile as submitted',
    )
  })
})
