import type { Alarm } from '#shared/alarm-load.ts'
import type { Alert } from '#shared/alert.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'

/** What must be known of an incident to say whom an alarm of it asked. */
export interface Known {
  team: string | null
  drill: boolean
  tier1: boolean
  owner: string | null
  /** What it is called by those who ring: the first alert's name. */
  what: string
  rule: string
  /** Its opening, until its first alerts are known. */
  opening: Alarm | null
  /** Asked, and nobody has taken it since. */
  unanswered: Alarm[]
}

/** What people who write the rules of alerting call it. A report is one sort of alarm, whatever is felt. */
export function alertName({ labels, title }: Alert): string {
  if (labels.kind === 'report') return 'Report by a person'
  const { alertname = '' } = labels
  return alertname === '' ? title : alertname
}

/** As it is now, for an incident that began before what is known. */
export function knownFrom(now: Incident | null): Known {
  const { team = null, drill = false, tier = null, owner = null, title = 'An older incident' } = now ?? {}
  return { team, drill, tier1: tier === 1, owner, what: title, rule: '', opening: null, unanswered: [] }
}

/** As it was after these facts. */
export function replayed(facts: readonly RecordedFact[]): Known {
  const of = knownFrom(null)
  for (const fact of facts) {
    if (fact.type === 'declared')
      Object.assign(of, { team: fact.team, drill: fact.drill, tier1: fact.tier === 1, what: fact.title })
    else if (fact.type === 'classified') of.tier1 = fact.tier === 1
    else if (fact.type === 'claimed' || fact.type === 'accepted' || fact.type === 'taken-over')
      of.owner = fact.by.slice(fact.by.indexOf(':') + 1)
    else if (fact.type === 'released' || fact.type === 'reopened') of.owner = null
  }
  return of
}
