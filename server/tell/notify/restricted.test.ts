import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { notificationReasons } from '#shared/duty/escalation.ts'
import { isRestricted, seesIncident } from '#shared/incident/restricted.ts'
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
  mayRespond: (person) => person !== 'sam',
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
type Asked = Extract<Composing, { incident: Incident }>
const composing = (one: Told, to: { person: string } | { channel: string }): Asked => ({
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
      { numRuns: 100 },
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
      { numRuns: 100 },
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

describe('who is told of a restricted incident', () => {
  /** Restricted, and paged step by step as the house does it. */
  async function paged() {
    const w = new NotifyWorld()
    for (const id of ['ada', 'ben', 'dan', 'eve']) w.person(id)
    w.commanders = ['eve']
    await w.start()
    await w.declare('INC-1', { tier: 2, flags: ['restricted'] })
    const expiry = (...people: string[]) =>
      w.happen(
        'INC-1',
        { type: 'offer-expired', at: w.now, by: 'system:clock', to: 'ben', owner: 'ada', deadlineAt: w.now },
        {
          ...{ type: 'paged', at: w.now, by: 'system:clock', policy: null, step: 0, round: 0, reason: 'escalated' },
          ...{ targets: ['team:web'], people, channels: [], nextAt: null, quietUntil: null },
        },
      )
    return { w, expiry, told: () => w.taken.map(({ lane }) => lane.split('/')[0]) }
  }

  it('RS7: whoever a page names, by a team too, has a part in it before they are told, and keeps it', async () => {
    const { w, told } = await paged()
    await w.page('INC-1', ['dan'])
    expect(w.outbox.figures(true).waiting).toBe(0)
    await w.page('INC-1', ['ben'], 'escalated')
    await w.quieten()
    expect(told().sort()).toEqual(['ben', 'dan'])
    await w.claim('INC-1', 'ben')
    const incident = w.incidents.get('INC-1') as Incident
    const sees = (id: string) => seesIncident({ personId: id, roles: ['responder'] }, incident, () => [])
    expect(['ben', 'dan', 'ada'].map(sees)).toEqual([true, true, false])
  })

  it('RS7: so has whoever is paged because an offer of what somebody owns was not answered', async () => {
    const { w, expiry, told } = await paged()
    await w.claim('INC-1', 'ada')
    await expiry('dan')
    await w.quieten()
    expect(told().sort()).toEqual(['ada', 'dan', 'eve'])
    for (const { message } of w.taken) expect(message.title).toBe('INC-1')
  })

  it('N11: who may not see it when their turn comes is not told, and the figures that others read have nothing of it', async () => {
    const { w, told } = await paged()
    await w.claim('INC-1', 'ada')
    await w.declare('INC-2', { tier: 3 })
    await w.page('INC-2', ['eve'])
    await w.poll()
    await w.poll()
    expect(w.outbox.figures().counts.delivered).toBe(1)
    await w.happen('INC-1', { type: 'owner-silent', at: w.now, by: 'system:clock', owner: 'ada', heardAt: w.now })
    await w.poll()
    expect([w.outbox.figures().waiting, w.outbox.figures(true).waiting]).toEqual([0, 1])
    // No commander any more while it waited for its turn.
    w.commanders = []
    await w.quieten()
    expect(told()).toEqual(['eve'])
    expect(w.taken[0]?.message.incidents.map(({ id }) => id)).toEqual(['INC-2'])
    expect(w.outbox.recent()[0]).toMatchObject({ outcome: 'dropped', detail: expect.stringContaining('restricted') })
    expect(w.outbox.figures()).toMatchObject({ waiting: 0, sending: 0, counts: { delivered: 1, dropped: 0 } })
  })

  it('N10: a shared channel that is told of it gets its number and its address, and the record says that it was told', async () => {
    const { w } = await paged()
    w.shared.add('ops')
    await w.page('INC-1', ['dan'], 'first', ['ops'])
    await w.quieten()
    const there = w.taken.find(({ lane }) => lane === '/ops')?.message
    expect(tellable(there as Message, true)).toMatchObject({
      title: 'INC-1',
      incidents: [
        { id: 'INC-1', title: null, reason: null, tier: null, actions: [], link: 'http://board/incident/INC-1' },
      ],
    })
    expect((await w.notified()).map(({ channel, outcome }) => [channel, outcome])).toContainEqual(['ops', 'delivered'])
  })
})
