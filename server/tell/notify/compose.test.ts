import { expect, test } from 'vitest'
import type { Intent } from '#shared/notify/intent.ts'
import { type ComposeParts, type Composing, compose } from './compose.ts'
import { NotifyWorld, noon } from './outbox.fixture.ts'

const parts: ComposeParts = {
  names: { person: (id) => id.toUpperCase(), actor: (id) => id, target: (to) => to },
  baseUrl: () => 'https://board',
  zoneOf: (person) => (person === 'kim' ? 'America/New_York' : null),
  linkTo: ({ action, revision }) => `https://board/act#${action}.${revision}`,
  isRestricted: ({ title }) => title.includes('secret'),
  epochOf: () => 0,
  mayRespond: (person) => person !== 'sam',
}
const intent = (seq: number, incidentId: string, more: Partial<Intent> = {}): Intent => ({
  ...{ seq, incidentId, to: { person: 'ada' }, reason: 'first', matter: { code: 'unowned' }, at: noon },
  ...more,
})
async function known(...ids: [string, 1 | 2 | 3 | undefined][]) {
  const world = new NotifyWorld()
  for (const [id, tier] of ids) await world.declare(id, tier === undefined ? {} : { tier })
  const of = (one: Intent): Composing => {
    const incident = world.incidents.get(one.incidentId)
    if (incident === undefined) throw new Error(`no ${one.incidentId}`)
    return { intent: one, incident }
  }
  return { world, of }
}

test('the most urgent first, each incident once, the rest by number', async () => {
  const { of } = await known(['INC-1', 3], ['INC-2', 1], ['INC-3', 2])
  const offered = {
    code: 'offered',
    from: 'ben',
    to: 'ada',
    revision: 4,
    deadlineAt: noon + 60_000,
    again: false,
  } as const
  const message = compose(
    [
      of(intent(1, 'INC-1')),
      of(intent(2, 'INC-2')),
      of(intent(3, 'INC-3', { reason: 'offered', matter: offered })),
      of(intent(4, 'INC-2', { reason: 'escalated', matter: { code: 'assist', by: 'ben' } })),
    ],
    '1.ada.email',
    noon,
    parts,
  )
  expect(message.title).toBe('INC-3 is offered to you: Tier 2, Trouble of INC-3 and 2 more')
  expect(message.incidents.map(({ id }) => id)).toEqual(['INC-3', 'INC-2', 'INC-1'])
  expect(message.incidents[1]?.text).toBe('ben asks you to assist. Nobody owns it yet. Please claim it.')
  expect(message.incidents[1]?.actions.map(({ label }) => label)).toEqual(['Acknowledge', 'Claim'])
  expect(message.link).toBe('https://board/mine')
})

test('times are in UTC, and in the zone that somebody chose', async () => {
  const { of } = await known(['INC-1', 2])
  const matter = { code: 'update-late', dueAt: noon } as const
  const saidTo = (person: string) =>
    compose([of(intent(1, 'INC-1', { to: { person }, reason: 'reminder', matter }))], 'k', noon, parts).incidents[0]
      ?.text
  expect(saidTo('ada')).toBe('An update was promised for 12:00 UTC and has not come. Please write it.')
  expect(saidTo('kim')).toBe(
    'An update was promised for 12:00 UTC (07:00 in New York) and has not come. Please write it.',
  )
})

test('a storm names twenty and counts the others', async () => {
  const all = Array.from({ length: 60 }, (_, n): [string, 2] => [`INC-${n}`, 2])
  const { of } = await known(...all)
  const message = compose(
    all.map(([id], n) => of(intent(n, id))),
    'k',
    noon,
    parts,
  )
  expect([message.incidents.length, message.more]).toEqual([20, 40])
  expect(message.title.length).toBeLessThanOrEqual(120)
})

test('rule N10: a shared channel gets no link that acts', async () => {
  const { of } = await known(['INC-1', 2])
  const message = compose([of(intent(1, 'INC-1', { to: { channel: 'ops' } }))], 'k', noon, parts)
  expect(message.incidents[0]?.actions).toEqual([])
  expect(message.incidents[0]?.link).toBe('https://board/incident/INC-1')
})

test('rule N10: of a restricted incident only its number is said', async () => {
  const { world, of } = await known(['INC-1', 1])
  const incident = world.incidents.get('INC-1')
  if (incident !== undefined) world.incidents.set('INC-1', { ...incident, title: 'secret breach', service: 'vault' })
  const offered = {
    code: 'offered',
    from: 'ben',
    to: 'ada',
    revision: 4,
    deadlineAt: noon + 60_000,
    again: false,
  } as const
  const message = compose([of(intent(1, 'INC-1', { reason: 'offered', matter: offered }))], 'k', noon, parts)
  expect(message.incidents[0]).toMatchObject({ id: 'INC-1', title: null, service: null, tier: null, actions: [] })
  expect(JSON.stringify(message)).not.toMatch(/secret|breach|vault|BEN|Tier/)
})

test('whoever only speaks for the house gets no link that their role refuses, and one for the role that is offered', async () => {
  const { of } = await known(['INC-1', 2])
  const offered = { code: 'role-offered', role: 'scribe', by: 'ben', revision: 3, deadlineAt: noon + 60_000 } as const
  const said = (person: string) =>
    compose(
      [
        of(intent(1, 'INC-1', { to: { person }, reason: 'escalated', matter: { code: 'assist', by: 'ben' } })),
        of(intent(2, 'INC-1', { to: { person }, reason: 'offered', matter: offered })),
      ],
      'k',
      noon,
      parts,
    ).incidents[0]?.actions
  expect(said('sam')).toEqual([{ label: 'Accept as scribe', url: 'https://board/act#accept.3' }])
  expect(said('ada')?.map(({ label }) => label)).toEqual(['Accept as scribe', 'Acknowledge'])
})

test('what is of exercises alone says so first', async () => {
  const world = new NotifyWorld()
  await world.declare('INC-1', { drill: true })
  const incident = world.incidents.get('INC-1')
  if (incident === undefined) throw new Error('no incident')
  const message = compose([{ intent: intent(1, 'INC-1'), incident }], 'k', noon, parts)
  expect(message).toMatchObject({ drill: true, title: 'EXERCISE INC-1 needs an owner: Unclassified, Trouble of INC-1' })
})
