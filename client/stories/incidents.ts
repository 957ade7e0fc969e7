import type { HopView, SourceVitals, Summary } from '#shared/wire.ts'
import { person } from './people.ts'

/** Every story happens at this instant. */
export const storyNow = Date.parse('2026-11-22T01:34:27.000Z')
const second = 1000
const minute = 60 * second

const ago = (ms: number) => new Date(storyNow - ms).toISOString()
const ahead = (ms: number) => new Date(storyNow + ms).toISOString()

/** `[holder or null, for how many minutes, how it began, read-back]`, oldest first; the last one lasts. */
type Stretch = [string | null, number, HopView['began'], string?]

function chainOf(stretches: readonly Stretch[], ended = false): HopView[] {
  let left = stretches.reduce((sum, [, minutes]) => sum + minutes, 0) * minute
  return stretches.map(([holder, minutes, began, said], index) => {
    const from = ago(left)
    left -= minutes * minute
    const last = index === stretches.length - 1
    return {
      holder: holder === null ? null : person(holder),
      from,
      to: last && !ended ? null : ago(left),
      began,
      readBack: began === 'accepted' ? (said ?? 'Roll back both regions, watch refunds') : null,
      reason: began === 'taken-over' ? (said ?? 'No answer on phone and chat for 20 minutes') : null,
      situation:
        began === 'accepted' ? 'Payment gateway rejects 21 % of cards since the 00:31 deploy of pay-gw 8.4.' : null,
    }
  })
}

function incident(
  id: number,
  title: string,
  service: string,
  stretches: readonly Stretch[],
  more: Partial<Summary>,
): Summary {
  const ended = more.phase === 'resolved' || more.phase === 'merged'
  const chain = chainOf(stretches, ended)
  const last = chain.at(-1)
  const unowned = last?.holder === null && !ended
  return {
    id: `INC-${id}`,
    title,
    phase: 'investigating',
    tier: 3,
    severity: 'high',
    owner: last?.holder ?? null,
    offer: null,
    service,
    team: 'payments',
    openedAt: chain[0]?.from ?? ago(0),
    heardAt: ago(20 * second),
    resolvedAt: null,
    alerts: { firing: 3, total: 4 },
    events: 41,
    activity: [3, 3, 4, 3, 4, 4, 3, 4],
    activityUntil: ago(0),
    chain,
    handovers: chain.filter((hop) => hop.began === 'accepted' || hop.began === 'taken-over').length,
    unownedMs: 52 * second,
    unownedSince: unowned ? (last?.from ?? null) : null,
    reliefAskedBy: null,
    assistants: [],
    ownerSilentSince: null,
    nextUpdateDueAt: ahead(23 * minute),
    flags: [],
    drill: false,
    provisional: false,
    silenced: null,
    suggestResolve: false,
    revision: 4,
    seq: 400 + id,
    ...more,
  }
}

export const checkout = incident(
  1042,
  'Checkout: 1 in 5 payments fails',
  'checkout',
  [
    [null, 0.87, 'declared'],
    ['Okafor', 9, 'claimed'],
    ['Ito', 5, 'accepted'],
    ['Lindqvist', 22, 'accepted'],
    ['Tanaka', 9.2, 'accepted'],
  ],
  {
    tier: 1,
    phase: 'fixing',
    offer: { to: person('Brandt'), eligible: [person('Brandt').id], deadline: ahead(101 * second), revision: 4 },
    alerts: { firing: 214, total: 240 },
    events: 18_340,
    activity: [2, 9, 18, 17, 14, 12, 9, 8],
    heardAt: ago(70 * second),
    nextUpdateDueAt: ahead(250 * second),
    flags: ['customers', 'personal-data'],
    assistants: [person('Silva')],
  },
)

export const incidents: Summary[] = [
  checkout,
  incident(1051, 'Login failures from one address range, 40 × normal', 'identity', [[null, 2.24, 'declared']], {
    tier: null,
    phase: 'triage',
    flags: ['security'],
    alerts: { firing: 6, total: 6 },
    events: 3_902,
    activity: [1, 1, 2, 1, 4, 9, 14, 18],
    nextUpdateDueAt: null,
    provisional: true,
  }),
  incident(1049, 'Image thumbnails slow in eu-west', 'media', [[null, 6.52, 'declared']], { heardAt: ago(6 * minute) }),
  incident(
    1047,
    'Order events delayed up to 12 min',
    'order-stream',
    [
      ['Haddad', 31, 'claimed'],
      ['Silva', 6.3, 'taken-over'],
    ],
    {
      tier: 2,
      phase: 'containing',
      heardAt: ago(12 * minute),
      alerts: { firing: 38, total: 38 },
      events: 2_117,
      activity: [1, 2, 6, 8, 8, 8, 8, 8],
      nextUpdateDueAt: ago(125 * second),
    },
  ),
  incident(1044, 'Certificate of partner-api expires in 19 h', 'edge', [['Moreau', 72, 'claimed']], {
    tier: 2,
    phase: 'fixing',
    heardAt: ago(3 * minute),
    alerts: { firing: 1, total: 1 },
    events: 72,
    activity: [1, 1, 1, 1, 1, 1, 1, 1],
    nextUpdateDueAt: ahead(38 * minute),
  }),
  incident(
    1039,
    'Search index two hours behind',
    'search',
    [
      ['Kaya', 40, 'claimed'],
      ['Novak', 58, 'accepted'],
    ],
    {
      phase: 'restoring',
      heardAt: ago(7 * minute),
      alerts: { firing: 0, total: 9 },
      events: 310,
      activity: [9, 8, 7, 6, 5, 3, 2, 2],
      nextUpdateDueAt: ahead(61 * minute),
      suggestResolve: true,
    },
  ),
  incident(1036, 'Nightly export late', 'reporting', [['Ito', 123, 'claimed']], {
    phase: 'restoring',
    heardAt: ago(26 * minute),
    alerts: { firing: 2, total: 2 },
    events: 16,
    activity: [2, 2, 2, 1, 1, 0, 0, 0],
    nextUpdateDueAt: ahead(121 * minute),
  }),
  incident(
    1035,
    'Cache nodes restarting',
    'platform',
    [
      ['Silva', 18, 'claimed'],
      ['Novak', 11, 'accepted'],
    ],
    {
      phase: 'resolved',
      resolvedAt: ago(9 * minute),
      heardAt: ago(9 * minute),
      alerts: { firing: 0, total: 3 },
      events: 1_204,
      activity: [5, 9, 7, 4, 2, 1, 0, 0],
      nextUpdateDueAt: null,
    },
  ),
]

/** Taken for an incident of its own, until the filter saw what it came of. */
export const mergedAway: Summary = incident(1043, 'Refunds pile up', 'refunds', [[null, 0.5, 'declared']], {
  phase: 'merged',
  resolvedAt: ago(11 * minute),
  alerts: { firing: 0, total: 0 },
  events: 12,
  provisional: true,
})

/** Very many, of all kinds, from a fixed rule. */
export function manyIncidents(count: number): Summary[] {
  return Array.from({ length: count }, (_, index) => {
    const model = incidents[index % (incidents.length - 1)] ?? checkout
    return { ...model, id: `INC-${2000 + index}`, title: `${model.title} (${index + 1})`, seq: index }
  })
}

export const sources: SourceVitals[] = [
  {
    id: 's1',
    name: 'prometheus eu',
    kind: 'alertmanager',
    heardAt: ago(8 * second),
    cadenceMs: 60_000,
    perMinute: 512,
  },
  { id: 's2', name: 'pagerduty', kind: 'pagerduty', heardAt: ago(2 * minute), cadenceMs: null, perMinute: 0 },
  { id: 's3', name: 'prometheus us', kind: 'alertmanager', heardAt: ago(6 * minute), cadenceMs: 120_000, perMinute: 3 },
  { id: 's4', name: 'export jobs', kind: 'generic', heardAt: ago(26 * minute), cadenceMs: 240_000, perMinute: 0 },
]

export const ledger = {
  sinceMs: 3_600_000,
  accepted: 31_204,
  outcomes: {
    opened: 9,
    attached: 117,
    repeated: 29_870,
    resolved: 12,
    silenced: 742,
    inhibited: 390,
    damped: 61,
    rejected: 3,
  },
}
