import type { Answerer, EscalationView, TargetView } from '#shared/catalogue.ts'
import { ageWords, localMinute } from '../../state/time-words.ts'

/** `at once`, `after 5 min`; a step that means nobody now is passed over, and costs no time. */
export function afterWords(ms: number | null): string {
  if (ms === null) return 'passed over'
  return ms === 0 ? 'at once' : `after ${ageWords(ms)}`
}

const kindWords: Readonly<Record<TargetView['kind'], string>> = {
  'on-call': 'on call for its team',
  commanders: 'commanders',
  rotation: 'rotation ',
  team: 'team ',
  channel: 'channel ',
  person: '',
}

/** Whom a step tells, as it is called: `rotation payments`. */
export function targetWords({ kind, name }: Pick<TargetView, 'kind' | 'name'>): string {
  return `${kindWords[kind]}${name}`
}

/** Who that is now; null where its name says it already. */
export function whoWords({ kind, people }: TargetView): string | null {
  if (kind === 'person') return null
  if (kind === 'channel') return 'everybody who reads it'
  return people.length === 0 ? 'nobody now' : people.map(({ name }) => name).join(', ')
}

/** What comes after the last step. */
export function repeatWords({ repeat, beginsAgainAfterMs }: EscalationView): string {
  if (repeat === 0) return `After ${ageWords(beginsAgainAfterMs)} it ends; the commander sees that nobody came.`
  const often = repeat === 1 ? 'once more' : `${repeat} times more`
  return `After ${ageWords(beginsAgainAfterMs)} it begins again, ${often}.`
}

/** `Tier 3 not during nights, weekends`. */
export function quietWords({ quiet }: EscalationView): string[] {
  return quiet.map(
    ({ tiers, intervals }) =>
      `${tiers.map((tier) => `Tier ${tier}`).join(' and ')} ${tiers.length === 1 ? 'waits' : 'wait'} while it is ${intervals.join(' or ')}`,
  )
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const dayMs = 24 * 3_600_000

/** Till when somebody answers, by this machine's clock: `until 17:00`, `until Mon 08:00`, `until 3 Dec 08:00`. */
export function untilWords({ until }: Pick<Answerer, 'until'>, now: number): string {
  if (until === null) return ''
  const at = new Date(until)
  const minute = localMinute(at.getTime())
  if (at.toDateString() === new Date(now).toDateString()) return `until ${minute}`
  if (at.getTime() - now < 6 * dayMs) return `until ${weekdays[at.getDay()]} ${minute}`
  return `until ${new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' }).format(at)} ${minute}`
}
