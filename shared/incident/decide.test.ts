import { describe, expect, test } from 'vitest'
import { minuteMs, secondMs } from '../clocks.ts'
import { CommandRefused, type ErrorCode } from '../errors.ts'
import { briefSchema } from './brief.ts'
import { type Command, commandSchema, type MergingCommand } from './commands.ts'
import type { Context, SystemCommand } from './context.ts'
import { decide, decideDeclaration } from './decide.ts'
import { evolve } from './evolve.ts'
import type { Fact, RecordedFact } from './facts.ts'
import { withNames } from './guards.ts'
import { chainWarning, type Incident, type Tier, unownedMsAt } from './state.ts'

const start = Date.UTC(2026, 0, 5, 3, 0, 0)
const offerLimits: Record<string, number> = { null: 2 * minuteMs, 1: 2 * minuteMs, 2: 5 * minuteMs, 3: 15 * minuteMs }
const commanders = new Set(['carla'])
const payments = ['ben', 'dora', 'ana']
const brief = briefSchema.parse({ situation: 'One payment in five fails since the 02:31 deploy.' })
type Act = DistributiveOmit<Exclude<Command, MergingCommand>, 'id'>
/** One incident and its clock: given by acts, asked by acts. */
class Story {
  now = start
  incident: Incident
  facts: RecordedFact[] = []
  #ids = 0

  constructor(tier: Tier | null = null) {
    const facts = decideDeclaration(
      {
        type: 'open',
        title: 'Checkout fails',
        description: '',
        service: 'checkout',
        team: 'payments',
        severity: 'critical',
        tier,
        tierRule: 'test',
        flags: [],
        drill: false,
      },
      this.#context('system:filter', null),
    )
    this.incident = this.#record(null, facts)
  }

  later(ms: number): this {
    this.now += ms
    return this
  }

  does(person: string, act: Act): this {
    const command = commandSchema.parse({ id: `c${this.#ids++}`, ...act }) as Exclude<Command, MergingCommand>
    const to =
      command.type === 'offer' || command.type === 'grant-relief' ? (command.to ?? this.incident.reliefAskedBy) : null
    this.incident = this.#record(this.incident, decide(command, this.incident, this.#context(`person:${person}`, to)))
    return this
  }

  system(command: Exclude<SystemCommand, { type: 'open' }>): this {
    this.incident = this.#record(this.incident, decide(command, this.incident, this.#context('system:clock', null)))
    return this
  }

  refused(person: string, act: Act): CommandRefused {
    const before = this.incident
    try {
      this.does(person, act)
    } catch (error) {
      if (!(error instanceof CommandRefused)) throw error
      expect(this.incident).toBe(before)
      return error
    }
    throw new Error(`${person} was not refused`)
  }

  #record(incident: Incident | null, facts: readonly Fact[]): Incident {
    let next = incident
    for (const fact of facts) {
      const placed = {
        ...fact,
        seq: this.facts.length + 1,
        incidentId: 'INC-1001',
        version: (next?.version ?? 0) + 1,
      } as RecordedFact
      this.facts.push(placed)
      next = evolve(next, placed)
    }
    if (next === null) throw new Error('no facts')
    return next
  }

  #context(by: string, to: string | null): Context {
    const eligible = to === null ? [] : to === 'team:payments' ? payments : to.startsWith('team:') ? [] : [to]
    return {
      now: this.now,
      by,
      commander: commanders.has(by.replace('person:', '')),
      eligible,
      offerLimitMs: (tier) => offerLimits[String(tier)] ?? 0,
      nextUpdateMs: () => 30 * minuteMs,
    }
  }
}
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

const holders = (story: Story) => story.incident.chain.map((hop) => hop.holder)
const code = (error: CommandRefused): ErrorCode => error.code

describe('claim', () => {
  test('O1 an unowned incident goes to the first who claims; the loser learns who won and when, and what is left to do', () => {
    const story = new Story().later(40 * secondMs).does('ana', { type: 'claim' })
    expect(story.incident.owner).toBe('ana')
    expect(unownedMsAt(story.incident, story.now)).toBe(40 * secondMs)
    const lost = story.later(secondMs).refused('ben', { type: 'claim', revision: 0 })
    expect(code(lost)).toBe('already-owned')
    expect(lost.details).toMatchObject({
      owner: 'ana',
      since: '2026-01-05T03:00:40.000Z',
      instead: ['assist', 'ask-relief'],
    })
    expect(withNames(lost.message, () => 'Ana')).toContain('Ana owns INC-1001 since 03:00:40 UTC')
  })

  test('a claim of one’s own incident says so instead of offering relief', () => {
    expect(new Story().does('ana', { type: 'claim' }).refused('ana', { type: 'claim' }).details).toMatchObject({
      instead: [],
    })
  })

  test('an incident that a commander allots is still anybody’s: a claim wins and voids the offer, and unowned time ran on', () => {
    const story = new Story().does('carla', { type: 'offer', to: 'ben', brief }).later(30 * secondMs)
    expect(unownedMsAt(story.incident, story.now)).toBe(30 * secondMs)
    story.does('ana', { type: 'claim' })
    expect(story.incident).toMatchObject({ owner: 'ana', offer: null, handovers: 0 })
    expect(code(story.refused('ben', { type: 'accept', revision: 1, readBack: 'mine' }))).toBe('no-open-offer')
  })

  test('a stale revision is refused with the current one; a storm of alerts never moves it', () => {
    const story = new Story()
    const seen = story.incident.revision
    for (let alert = 0; alert < 50; alert++)
      story.system({ type: 'attach-alerts', alerts: [`a${alert}`], rule: 'same service', material: null })
    story.does('ana', { type: 'claim', revision: seen })
    expect(story.refused('ben', { type: 'note', text: 'hello', revision: seen }).details).toEqual({
      revision: seen + 1,
    })
  })
})

describe('offer and accept', () => {
  const owned = (tier: Tier | null = null) => new Story(tier).does('ana', { type: 'claim' })

  test('O2 the giver owns it until the receiver accepts with a read-back; then it flips in one step', () => {
    const story = owned()
      .later(9 * minuteMs)
      .does('ana', { type: 'offer', to: 'ben', brief })
      .later(minuteMs)
    expect(story.incident.owner).toBe('ana')
    story.does('ben', { type: 'accept', revision: 1, readBack: 'Payments fail, roll-back runs, I watch refunds.' })
    expect(story.incident).toMatchObject({ owner: 'ben', offer: null, handovers: 1 })
    expect(story.incident.chain.at(-1)).toMatchObject({
      holder: 'ben',
      began: 'accepted',
      readBack: 'Payments fail, roll-back runs, I watch refunds.',
      brief,
    })
    expect(unownedMsAt(story.incident, story.now + minuteMs)).toBe(0)
  })

  test.each([
    [null, 2],
    [1, 2],
    [2, 5],
    [3, 15],
  ] as const)(
    'O3 an offer of tier %s stands %s minutes: refused at the deadline, even if no poll has run',
    (tier, minutes) => {
      const open = () => owned(tier).does('ana', { type: 'offer', to: 'ben', brief })
      expect(
        open()
          .later(minutes * minuteMs - 1)
          .does('ben', { type: 'accept', revision: 1, readBack: 'x' }).incident.owner,
      ).toBe('ben')
      const late = open().later(minutes * minuteMs)
      expect(code(late.refused('ben', { type: 'accept', revision: 1, readBack: 'x' }))).toBe('offer-expired')
      expect(late.incident.owner).toBe('ana')
    },
  )

  test('O4, O7 a material change issues the offer again: the acceptance of what was read before is refused and says what changed', () => {
    const story = owned().does('ana', { type: 'offer', to: 'ben', brief }).later(minuteMs)
    story.does('ana', { type: 'classify', tier: 1, reason: 'global outage' })
    const refused = story.refused('ben', { type: 'accept', revision: 1, readBack: 'x' })
    expect(code(refused)).toBe('offer-changed')
    expect(refused.details).toEqual({ revision: 2, changed: ['tier changed from unclassified to 1'] })
    expect(story.does('ben', { type: 'accept', revision: 2, readBack: 'tier 1, understood' }).incident.owner).toBe(
      'ben',
    )
  })

  test('O7 phase, brief and a new Tier 1 alert are material; a repeat of alerts is not', () => {
    const story = owned().does('ana', { type: 'offer', to: 'ben', brief })
    story.does('ana', { type: 'set-phase', phase: 'containing' })
    story.does('ana', { type: 'revise', brief: { ...brief, situation: 'Two in five fail.' } })
    expect(story.incident.offer?.brief.situation).toBe('Two in five fail.')
    const deadlineAt = story.incident.offer?.deadlineAt
    story.later(secondMs).system({ type: 'attach-alerts', alerts: ['a'], rule: 'r', material: null })
    expect(story.incident.offer?.revision).toBe(3)
    story.system({ type: 'attach-alerts', alerts: ['b'], rule: 'r', material: 'a Tier 1 alert joined' })
    expect(story.incident.offer).toMatchObject({ revision: 4, deadlineAt })
  })

  test('O5 a decline leaves the owner; a team’s offer stands while somebody in it may still accept', () => {
    const story = owned().does('ana', { type: 'offer', to: 'team:payments', brief })
    expect(story.incident.offer?.eligible).toEqual(['ben', 'dora'])
    story.does('ben', { type: 'decline', reason: 'in another incident' })
    expect(story.incident).toMatchObject({ owner: 'ana', declines: 1 })
    expect(code(story.refused('ben', { type: 'accept', revision: 1, readBack: 'x' }))).toBe('not-offered-to-you')
    story.does('dora', { type: 'decline', reason: 'asleep' })
    expect(story.incident).toMatchObject({ owner: 'ana', offer: null, handovers: 0 })
  })

  test('O6 an expiry leaves the owner, counts, and happens once', () => {
    const story = owned()
      .does('ana', { type: 'offer', to: 'ben', brief })
      .later(2 * minuteMs - 1)
    expect(story.system({ type: 'expire-offer' }).facts.at(-1)?.type).toBe('offered')
    story.later(1).system({ type: 'expire-offer' })
    expect(story.incident).toMatchObject({ owner: 'ana', offer: null, expiries: 1, handovers: 0 })
    const facts = story.facts.length
    expect(story.system({ type: 'expire-offer' }).facts).toHaveLength(facts)
    expect(code(story.refused('ben', { type: 'accept', revision: 1, readBack: 'x' }))).toBe('no-open-offer')
  })

  test('one offer at a time; a later one never has the revision of an earlier one', () => {
    const story = owned().does('ana', { type: 'offer', to: 'ben', brief })
    expect(code(story.refused('carla', { type: 'offer', to: 'dora', brief }))).toBe('offer-open')
    story.does('ana', { type: 'withdraw' }).does('ana', { type: 'offer', to: 'dora', brief })
    expect(story.incident.offer?.revision).toBe(2)
    expect(code(story.refused('dora', { type: 'accept', revision: 1, readBack: 'x' }))).toBe('offer-changed')
  })

  test('only the owner or a commander offers; never to the owner, never to nobody', () => {
    const story = owned()
    expect(code(story.refused('ben', { type: 'offer', to: 'dora', brief }))).toBe('not-owner')
    expect(code(story.refused('ana', { type: 'offer', to: 'ana', brief }))).toBe('offer-to-self')
    expect(code(story.refused('ana', { type: 'offer', to: 'team:nobody', brief }))).toBe('not-found')
    expect(story.does('carla', { type: 'offer', to: 'dora', brief }).incident.owner).toBe('ana')
  })
})

describe('relief, take-over, release', () => {
  const owned = () => new Story().does('ana', { type: 'claim' })

  test('relief that is asked for becomes an offer when granted', () => {
    const story = owned().does('ben', { type: 'ask-relief' })
    expect(code(story.refused('ben', { type: 'grant-relief' }))).toBe('not-owner')
    story.does('ana', { type: 'grant-relief' })
    expect(story.incident).toMatchObject({ owner: 'ana', reliefAskedBy: null, offer: { to: 'ben', eligible: ['ben'] } })
  })

  test('a commander takes over with a reason; it is a break in the chain and a hand-over', () => {
    const story = owned().later(minuteMs)
    expect(code(story.refused('ben', { type: 'take-over', reason: 'faster' }))).toBe('not-allowed')
    story
      .does('ana', { type: 'offer', to: 'ben', brief })
      .does('carla', { type: 'take-over', reason: 'Ana cannot be reached' })
    expect(story.incident).toMatchObject({ owner: 'carla', offer: null, handovers: 1 })
    expect(story.incident.chain.at(-1)).toMatchObject({ began: 'taken-over', reason: 'Ana cannot be reached' })
  })

  test('a release gives it to nobody: unowned time runs again and it is no hand-over', () => {
    const story = owned().later(minuteMs)
    expect(code(story.refused('ben', { type: 'release', reason: 'x' }))).toBe('not-owner')
    story.does('ana', { type: 'release', reason: 'wrong team' }).later(90 * secondMs)
    expect(story.incident).toMatchObject({ owner: null, handovers: 0 })
    expect(unownedMsAt(story.incident, story.now)).toBe(90 * secondMs)
    expect(holders(story)).toEqual([null, 'ana', null])
  })

  test('escalate and assist add people and never change the owner', () => {
    const story = owned()
      .does('ben', { type: 'assist' })
      .does('ana', { type: 'escalate', person: 'dora', reason: 'needs a database expert' })
    expect(story.incident).toMatchObject({ owner: 'ana', assistants: ['ben', 'dora'], handovers: 0 })
    expect(code(story.refused('ben', { type: 'assist' }))).toBe('nothing-to-change')
  })

  test('warns at three hand-overs and on A → B → A', () => {
    const hand = (story: Story, from: string, to: string) =>
      story
        .does(from, { type: 'offer', to, brief })
        .does(to, { type: 'accept', revision: story.incident.offerRevision, readBack: 'ok' })
    const back = hand(hand(owned(), 'ana', 'ben'), 'ben', 'ana')
    expect(chainWarning(back.incident)).toBe('back-and-forth')
    const long = hand(hand(owned(), 'ana', 'ben'), 'ben', 'dora')
    expect(chainWarning(long.incident)).toBeNull()
    expect(chainWarning(hand(long, 'dora', 'eva').incident)).toBe('many-handovers')
  })
})

describe('a silent owner', () => {
  test('is asked, then the commander is told; any command of theirs is a sign of life', () => {
    const story = new Story()
      .does('ana', { type: 'claim' })
      .later(15 * minuteMs)
      .system({ type: 'ask-owner' })
    expect(story.incident.silence).toEqual({ askedAt: story.now, toldAt: null })
    expect(story.system({ type: 'ask-owner' }).incident.silence?.toldAt).toBeNull()
    story.later(5 * minuteMs).system({ type: 'tell-owner-silent' })
    expect(story.incident.silence?.toldAt).toBe(story.now)
    expect(code(story.refused('ben', { type: 'confirm' }))).toBe('not-owner')
    expect(story.does('ben', { type: 'note', text: 'anybody?' }).incident.silence).not.toBeNull()
    expect(story.does('ana', { type: 'confirm' }).incident.silence).toBeNull()
  })
})

describe('phase and tier', () => {
  test('I3 resolving needs an owner and withdraws an open offer in the same step', () => {
    const story = new Story()
    expect(code(story.refused('carla', { type: 'set-phase', phase: 'resolved' }))).toBe('nobody-owns')
    story.does('ana', { type: 'claim' }).does('ana', { type: 'offer', to: 'ben', brief }).later(minuteMs)
    story.does('ana', { type: 'set-phase', phase: 'resolved' })
    expect(story.facts.slice(-2).map((fact) => fact.type)).toEqual(['offer-withdrawn', 'phase-set'])
    expect(story.incident).toMatchObject({ phase: 'resolved', offer: null, resolvedAt: story.now })
    expect(story.incident.chain.at(-1)?.to).toBe(story.now)
  })

  test('skipping forward is allowed; going back needs a reason; reopening needs its own command', () => {
    const story = new Story().does('ana', { type: 'claim' }).does('ana', { type: 'set-phase', phase: 'fixing' })
    expect(code(story.refused('ana', { type: 'set-phase', phase: 'containing' }))).toBe('reason-required')
    story
      .does('ana', { type: 'set-phase', phase: 'containing', reason: 'it spreads again' })
      .does('ana', { type: 'set-phase', phase: 'resolved' })
    expect(code(story.refused('ana', { type: 'set-phase', phase: 'fixing', reason: 'x' }))).toBe('phase-forbids')
    expect(story.refused('ben', { type: 'claim' }).message).toBe('It is resolved: to claim, reopen it first.')
    story.later(minuteMs).does('ben', { type: 'reopen', reason: 'customers still see it' })
    expect(story.incident).toMatchObject({ phase: 'investigating', owner: null, resolvedAt: null })
    expect(holders(story)).toEqual([null, 'ana', null])
  })

  test('what has ended is not released or confirmed: its chain stays as it ended', () => {
    const story = new Story()
      .does('ana', { type: 'claim' })
      .does('ana', { type: 'set-phase', phase: 'resolved' })
      .later(minuteMs)
    expect(code(story.refused('ana', { type: 'release', reason: 'done' }))).toBe('phase-forbids')
    expect(code(story.refused('ana', { type: 'confirm' }))).toBe('phase-forbids')
  })

  test('closing goes through the review', () => {
    const story = new Story().does('ana', { type: 'claim' }).does('ana', { type: 'set-phase', phase: 'resolved' })
    expect(code(story.refused('ana', { type: 'set-phase', phase: 'closed' }))).toBe('phase-forbids')
    expect(
      story.does('ana', { type: 'set-phase', phase: 'review' }).does('ana', { type: 'set-phase', phase: 'closed' })
        .incident.phase,
    ).toBe('closed')
  })

  test('re-grading needs the owner or a commander, and never changes the owner', () => {
    const story = new Story()
    expect(code(story.refused('ben', { type: 'classify', tier: 2, reason: 'x' }))).toBe('not-owner')
    story.does('carla', { type: 'classify', tier: 2, reason: 'security' })
    expect(story.incident).toMatchObject({ tier: 2, owner: null })
    expect(code(story.refused('carla', { type: 'classify', tier: 2, reason: 'again' }))).toBe('nothing-to-change')
  })

  test('a dismissed incident takes no claim, and can be reopened to triage', () => {
    const story = new Story().does('carla', { type: 'dismiss', reason: 'a planned test' })
    expect(code(story.refused('ana', { type: 'claim' }))).toBe('phase-forbids')
    expect(story.does('ana', { type: 'reopen', reason: 'it was real' }).incident.phase).toBe('triage')
  })

  test('an alert that fires again reopens its resolved incident, unowned', () => {
    const story = new Story()
      .system({ type: 'attach-alerts', alerts: ['a'], rule: 'r', material: null })
      .does('ana', { type: 'claim' })
    story.system({ type: 'resolve-alerts', alerts: ['a'] }).does('ana', { type: 'set-phase', phase: 'resolved' })
    story.later(minuteMs).system({ type: 'refire-alerts', alerts: ['a'] })
    expect(story.incident).toMatchObject({ phase: 'investigating', owner: null, alerts: { firing: 1, total: 1 } })
  })
})

describe('speaking', () => {
  test('an update promises the next; a resolved incident promises nothing', () => {
    const story = new Story()
      .does('ana', { type: 'claim' })
      .does('ana', { type: 'update', text: 'We roll back.', nextInMin: 10 })
    expect(story.incident.nextUpdateDueAt).toBe(story.now + 10 * minuteMs)
    story.does('ana', { type: 'update', text: 'Half done.' })
    expect(story.incident.nextUpdateDueAt).toBe(story.now + 30 * minuteMs)
    expect(story.does('ana', { type: 'set-phase', phase: 'resolved' }).incident.nextUpdateDueAt).toBeNull()
  })

  test('flags go on and off; drill is none of them', () => {
    const story = new Story().does('ana', { type: 'flag', flag: 'security', on: true })
    expect(story.incident.flags).toEqual(['security'])
    expect(code(story.refused('ana', { type: 'flag', flag: 'security', on: true }))).toBe('nothing-to-change')
    expect(commandSchema.safeParse({ id: 'x', type: 'flag', flag: 'drill', on: true }).success).toBe(false)
  })
})
