import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { notificationReasons } from '#shared/duty/escalation.ts'
import { isRestricted } from '#shared/incident/restricted.ts'
import { type Incident, phases } from '#shared/incident/state.ts'
import type { Matter } from '#shared/notify/intent.ts'
import { subjectOf } from './channels/ways/email.ts'
import { htmlOf, textOf } from './channels/ways/email-body.ts'
import { noteOf } from './channels/ways/ntfy.ts'
import { slackBodyOf } from './channels/ways/slack.ts'
import { payloadOf } from './channels/ways/web-push.ts'
import { webhookBodyOf } from './channels/ways/webhook.ts'
import { tellable } from './channels/ways/words.ts'
import { type ComposeParts, type Composing, compose } from './compose.ts'
import { NotifyWorld, noon } from './outbox.fixture.ts'
import type { Message } from './port.ts'

const parts: ComposeParts = {
  names: { person: (id) => `name of ${id}`, actor: (id) => `name of ${id}`, target: (to) => `name of ${to}` },
  baseUrl: () => 'https://board',
  zoneOf: () => null,
  linkTo: ({ action }) => `https://board/act#${action}`,
  isRestricted,
  epochOf: () => 0,
}
const word = fc.constantFrom('canary-a', 'canary-b', 'canary-c')
const person = fc.option(word, { nil: null })
const instant = fc.integer({ min: noon - 1e9, max: noon + 1e9 })
const matter: fc.Arbitrary<Matter> = fc.oneof(
  fc.constantFrom<Matter>({ code: 'unowned' }, { code: 'owner-asked' }, { code: 'opened' }, { code: 'resolved' }),
  fc.record({
    code: fc.constant('graded' as const),
    tier: fc.constantFrom(1 as const, 3 as const),
    from: fc.constant(null),
  }),
  fc.record({ code: fc.constant('offer-expired' as const), to: word, owner: person }),
  fc.record({ code: fc.constant('owner-silent' as const), owner: word }),
  fc.record({ code: fc.constant('escalated' as const), by: word }),
  fc.record({ code: fc.constant('update-late' as const), dueAt: instant }),
  fc.record({ code: fc.constant('updated' as const), at: instant }),
  fc.record({ code: fc.constant('unreached' as const), person: word, channel: word }),
  fc.record({
    code: fc.constant('offered' as const),
    ...{ from: person, to: word, revision: fc.nat(9), deadlineAt: instant, again: fc.boolean() },
  }),
  fc.record({
    code: fc.constant('role-offered' as const),
    role: fc.constantFrom('scribe' as const, 'commander' as const),
    ...{ by: word, revision: fc.nat(9), deadlineAt: instant },
  }),
)

/** A restricted incident of which everything but its number is chance. */
const told = fc.record({
  reason: fc.constantFrom(...notificationReasons),
  matter,
  seq: fc.nat(100_000),
  incident: fc.record({
    title: word,
    service: person,
    team: person,
    severity: fc.constantFrom('critical' as const, 'low' as const),
    tier: fc.constantFrom(null, 1 as const, 2 as const, 3 as const),
    phase: fc.constantFrom(...phases),
    owner: person,
    declaredAt: instant,
    lastUpdate: fc.option(fc.record({ text: word, at: instant, by: word }), { nil: null }),
  }),
})
type Told = typeof told extends fc.Arbitrary<infer T> ? T : never

const world = new NotifyWorld()
await world.declare('INC-7', { flags: ['restricted'] })
await world.declare('INC-8', { tier: 2 })
const secret = world.incidents.get('INC-7') as Incident
const plain = world.incidents.get('INC-8') as Incident
const composing = (one: Told, to: { person: string } | { channel: string }): Composing => ({
  intent: { seq: one.seq, incidentId: 'INC-7', to, reason: one.reason, matter: one.matter, at: noon },
  incident: { ...secret, ...one.incident },
})
const other = (to: { person: string } | { channel: string }): Composing => ({
  intent: { seq: 5, incidentId: 'INC-8', to, reason: 'first', matter: { code: 'unowned' }, at: noon },
  incident: plain,
})

/** Everything that leaves the house for this message, whatever the way. */
const leaving = (message: Message): unknown => [
  ...[subjectOf(message), textOf(message), htmlOf(message)],
  ...[noteOf('ops', message), slackBodyOf(message), payloadOf(message), webhookBodyOf(message)],
]
const key = '41.shared.ops'

describe('what is said of a restricted incident', () => {
  it('W2, N10 law: to a shared channel always the same, whatever it is about, who has it and why it is told', () => {
    const to = { channel: 'ops' }
    const say = (one: Told, more: Composing[] = []) =>
      leaving(tellable(compose([composing(one, to), ...more], key, noon, parts), true))
    fc.assert(
      fc.property(told, told, (one, two) => {
        expect(say(one)).toEqual(say(two))
        // In the midst of others its place says nothing either.
        expect(say(one, [other(to)])).toEqual(say(two, [other(to)]))
      }),
      { numRuns: 300 },
    )
  })

  it('W2 law: to a person the same, but for what they can do about it', () => {
    const to = { person: 'ada' }
    fc.assert(
      fc.property(told, told, (one, two) => {
        const [a, b] = [one, two].map((each) => {
          const message = tellable(compose([composing(each, to)], '41.ada.email', noon, parts), false)
          const [named] = message.incidents
          for (const { label } of named?.actions ?? []) expect(['Claim', 'Acknowledge']).toContain(label)
          return { ...message, incidents: [{ ...named, actions: [] }] } as Message
        })
        expect(leaving(a as Message)).toEqual(leaving(b as Message))
        expect(JSON.stringify([a, leaving(a as Message)])).not.toMatch(/canary|Tier|Unclassified|41\./)
      }),
      { numRuns: 300 },
    )
  })

  it('W2: two of them are two numbers; the place in the record is in no key', () => {
    const to = { channel: 'ops' }
    const both = [{ ...secret }, { ...secret, id: 'INC-9' }].map(
      (incident, index): Composing => ({
        intent: { ...composing(fc.sample(told, 1)[0] as Told, to).intent, seq: index, incidentId: incident.id },
        incident,
      }),
    )
    const message = tellable(compose(both, key, noon, parts), true)
    expect(message.title).toBe('INC-7 and 1 more')
    expect(subjectOf(message)).toBe('INC-7 and 1 more')
    expect(message.key).toMatch(/^n_[0-9a-f]{24}$/)
    expect(textOf(message)).toContain('INC-9')
  })
})
