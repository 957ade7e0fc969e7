import type { Phase } from '#shared/incident/state.ts'

/** A part in a plot: who of the service's team plays it is settled when the plot begins. */
export type Part = 'commander' | 'lead' | 'second' | 'third'

/** One thing that a part does, so many seconds after the one before. What no longer fits is left out. */
export type Beat = { afterS: number; who: Part } & (
  | {
      do:
        | 'claim'
        | 'accept'
        | 'decline'
        | 'ask-relief'
        | 'grant-relief'
        | 'take-over'
        | 'assist'
        | 'release'
        | 'dismiss'
        | 'update'
        | 'confirm'
    }
  | { do: 'offer'; to: Part | 'team' | 'visitor' }
  | { do: 'classify'; tier: 1 | 2 | 3 }
  | { do: 'phase'; phase: Extract<Phase, 'investigating' | 'containing' | 'fixing' | 'restoring'> }
  | { do: 'flag'; flag: 'security' | 'customers' | 'personal-data' }
  /** Waits until no offer is open: the receiver lets it expire. */
  | { do: 'let-expire' }
)

/** Claimed at once, handed over once with a brief that is read back. */
const steady: readonly Beat[] = [
  { afterS: 4, who: 'lead', do: 'claim' },
  { afterS: 5, who: 'commander', do: 'classify', tier: 1 },
  { afterS: 4, who: 'lead', do: 'phase', phase: 'investigating' },
  { afterS: 5, who: 'lead', do: 'update' },
  { afterS: 8, who: 'lead', do: 'offer', to: 'second' },
  { afterS: 9, who: 'second', do: 'accept' },
  { afterS: 6, who: 'second', do: 'phase', phase: 'containing' },
  { afterS: 14, who: 'third', do: 'assist' },
  { afterS: 10, who: 'second', do: 'update' },
  { afterS: 20, who: 'second', do: 'phase', phase: 'fixing' },
]

/** Three people before it sticks: one declines, one does not look, one accepts; later it goes back. */
const hotPotato: readonly Beat[] = [
  { afterS: 6, who: 'lead', do: 'claim' },
  { afterS: 6, who: 'lead', do: 'offer', to: 'second' },
  { afterS: 7, who: 'second', do: 'decline' },
  { afterS: 5, who: 'lead', do: 'offer', to: 'third' },
  { afterS: 1, who: 'third', do: 'let-expire' },
  { afterS: 4, who: 'lead', do: 'offer', to: 'second' },
  { afterS: 8, who: 'second', do: 'accept' },
  { afterS: 6, who: 'second', do: 'phase', phase: 'investigating' },
  { afterS: 12, who: 'second', do: 'offer', to: 'third' },
  { afterS: 9, who: 'third', do: 'accept' },
  { afterS: 14, who: 'third', do: 'offer', to: 'lead' },
  { afterS: 8, who: 'lead', do: 'accept' },
  { afterS: 8, who: 'lead', do: 'update' },
]

/** Nobody takes it, until a commander allots it to the team. */
const unclaimed: readonly Beat[] = [
  { afterS: 35, who: 'commander', do: 'offer', to: 'team' },
  { afterS: 14, who: 'second', do: 'accept' },
  { afterS: 8, who: 'second', do: 'phase', phase: 'investigating' },
  { afterS: 10, who: 'second', do: 'update' },
]

/** The owner goes silent and the commander takes it over: a broken link in the chain. */
const silent: readonly Beat[] = [
  { afterS: 5, who: 'lead', do: 'claim' },
  { afterS: 6, who: 'commander', do: 'classify', tier: 2 },
  { afterS: 5, who: 'commander', do: 'flag', flag: 'security' },
  { afterS: 22, who: 'commander', do: 'take-over' },
  { afterS: 6, who: 'commander', do: 'update' },
  { afterS: 10, who: 'commander', do: 'offer', to: 'third' },
  { afterS: 8, who: 'third', do: 'accept' },
  { afterS: 6, who: 'third', do: 'phase', phase: 'containing' },
  { afterS: 16, who: 'third', do: 'update' },
]

/** Somebody asks for relief and is granted it. */
const relief: readonly Beat[] = [
  { afterS: 3, who: 'second', do: 'claim' },
  { afterS: 5, who: 'commander', do: 'classify', tier: 2 },
  { afterS: 5, who: 'commander', do: 'flag', flag: 'customers' },
  { afterS: 8, who: 'third', do: 'ask-relief' },
  { afterS: 9, who: 'second', do: 'grant-relief' },
  { afterS: 7, who: 'third', do: 'accept' },
  { afterS: 10, who: 'third', do: 'phase', phase: 'investigating' },
  { afterS: 12, who: 'third', do: 'update' },
]

/** Offered to the visitor, who may accept, decline or look on. */
const yours: readonly Beat[] = [
  { afterS: 5, who: 'second', do: 'claim' },
  { afterS: 9, who: 'second', do: 'update' },
  { afterS: 5, who: 'second', do: 'offer', to: 'visitor' },
  { afterS: 1, who: 'second', do: 'let-expire' },
  { afterS: 8, who: 'second', do: 'phase', phase: 'investigating' },
]

/** Not an incident after all. */
const falseAlarm: readonly Beat[] = [
  { afterS: 8, who: 'lead', do: 'claim' },
  { afterS: 12, who: 'lead', do: 'update' },
  { afterS: 12, who: 'commander', do: 'dismiss' },
]

export const openingPlots: readonly (readonly Beat[])[] = [steady, hotPotato, unclaimed, silent, relief]
export const plots: readonly (readonly Beat[])[] = [
  steady,
  hotPotato,
  unclaimed,
  silent,
  relief,
  yours,
  yours,
  steady,
  falseAlarm,
]

/** How an incident ends, once all its alerts have: the owner brings it home. */
export const ending: readonly { afterS: number; phase: 'restoring' | 'resolved' | 'review' | 'closed' }[] = [
  { afterS: 6, phase: 'restoring' },
  { afterS: 8, phase: 'resolved' },
  { afterS: 30, phase: 'review' },
  { afterS: 10, phase: 'closed' },
]

/** What people write. Drawn, not generated, so that it reads like people. */
export const words = {
  update: [
    'Errors are level since we cut the retries. Looking at the release of this morning.',
    'Two of three nodes are back. The third is being replaced; customers see slow pages, no failures.',
    'Confirmed with the provider: their side. We route around it, next look in ten minutes.',
    'Rolled back. Error rate falls; we wait for five quiet minutes before we call it.',
    'The query plan changed after the statistics run. Forcing the old plan on the standby first.',
  ],
  done: [
    'Turned off retries in the client',
    'Compared with the release of 10:40',
    'Drained the worst node',
    'Asked the provider; ticket is open',
    'Put the banner on the status page',
  ],
  ruledOut: [
    'Not the network: both regions behave the same',
    'Not the release: the old one fails too',
    'Not load: traffic is normal',
  ],
  hypotheses: [
    'Connection pool too small after the failover',
    'A bad node behind the balancer',
    'Expired intermediate certificate',
  ],
  actions: [
    'Roll back to the release before',
    'Replace the broken node',
    'Raise the pool to 120',
    'Watch the error rate for five minutes',
  ],
  contingency: { if: 'errors rise above 10 %', do: 'turn the feature off and tell support' },
  readBack: [
    'Half of it is contained; I roll back next and watch the errors.',
    'Provider trouble, we route around; next update in ten minutes.',
    'Node is drained, replacement on its way; I keep retries off.',
  ],
  decline: [
    'In the middle of the database work; ask the platform team',
    'Off in five minutes, somebody else is better',
  ],
  takeOver: 'No answer by phone or chat for ten minutes',
  dismiss: 'Test traffic of the load rehearsal; filed as ordinary work',
  classify: 'By what customers can and cannot do right now',
  release: 'Called away to another incident',
} as const

/** What is not for everybody: the commander declares it as restricted, and says how it goes. The others never hear of it. */
export const confidential = {
  declared: {
    title: 'Keys of somebody who has left were used last night',
    description: 'Found in the sign-in log. Whoever it was may read along: nothing of it in chat.',
    service: 'sign-in',
    tier: 2,
    flags: ['security', 'restricted'],
  },
  updates: [
    'The keys are revoked. We read what they opened, hour by hour; so far nothing of customers.',
    'Two addresses, both of one provider. Counsel knows; nobody is told more than their part.',
    'No other key of that time was used. Next we go through the service accounts.',
  ],
  everyMs: 150_000,
} as const
