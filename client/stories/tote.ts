import type { BesideTote, ReadinessState, ReadinessView, ToteTeam, ToteView } from '#shared/readiness.ts'
import type { Summary } from '#shared/wire.ts'
import { person } from './people.ts'

const minute = 60_000

/** Two teams, one of which nobody could be asked of, with what the incidents say of their owners. */
export function toteOf(incidents: readonly Summary[], now: number): ToteView {
  const at = (min: number) => new Date(now + min * minute).toISOString()
  const one = (name: string, state: ReadinessState, more: Partial<ReadinessView> = {}): ReadinessView => {
    const own = incidents.filter(({ owner }) => owner?.id === person(name).id)
    const holds = own.map(({ id }) => ({ id, kind: 'owns' as const, since: at(-20) }))
    const plain = { ...person(name), state, since: at(-90), until: null, ...more }
    return own.length === 0 ? plain : { ...plain, state: 'engaged', since: at(-20), until: null, holds }
  }
  const derived = { state: 'released' as const, since: null, until: null }
  const people = [
    one('Brandt', 'ready', { until: at(386), shift: { rotation: 'payments', endsAt: at(386) } }),
    one('Okafor', 'on-call', { until: at(386), shift: { rotation: 'payments', endsAt: at(386) } }),
    one('Moreau', 'available', { until: at(20), said: { at: at(0), until: at(80), noted: true }, derived }),
    one('Ito', 'recovering', { since: at(-10), until: at(20) }),
    one('Lindqvist', 'engaged'),
    one('Silva', 'released', { since: null }),
    one('Novak', 'released', { since: null }),
  ]
  const team = (id: string, name: string, names: string[], more: Partial<ToteTeam>): ToteTeam => ({
    ...{ id, name, people: names.map((each) => person(each).id), rota: true, expected: true, onCall: 0 },
    ...{ answers: null, next: null, gap: null },
    ...more,
  })
  return {
    teams: [
      team('payments', 'Payments', ['Brandt', 'Okafor', 'Moreau', 'Silva'], {
        ...{ onCall: 2, answers: person('Brandt').id, next: { at: at(386), to: [person('Silva').id] } },
      }),
      team('platform', 'Platform', ['Ito', 'Lindqvist', 'Novak'], {
        gap: { rotation: 'platform', from: at(-30), to: at(240) },
      }),
    ],
    people,
  }
}

export const besideTote: BesideTote = {
  notes: { [person('Moreau').id]: 'On the train' },
  holds: {},
  phones: { payments: 'extension 4711' },
  benchmark: 'process-industry benchmark (ISA-18.2 / EEMUA 191)',
  load: [
    { kind: 'team', id: 'payments', lastTenMinutes: 1, lastHour: 4 },
    { kind: 'person', id: person('Lindqvist').id, lastTenMinutes: 4, lastHour: 9 },
  ],
}
