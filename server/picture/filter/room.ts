import type { Alert } from '#shared/alert.ts'
import { type Clock, hourMs } from '#shared/clocks.ts'
import {
  type AlertWhy,
  alertsBehindShown,
  decisionsPerPage,
  type FilterView,
  type HeldAlert,
  type Marks,
  mostRules,
  pathOf,
  type RuleFigures,
  type RuleView,
} from '#shared/filter-room.ts'
import { type Sight, sightOf } from '#shared/incident/restricted.ts'
import { formatMatcher } from '#shared/matchers.ts'
import { type Decision, type Outcome, outcomes } from '#shared/outcome.ts'
import type { Policy } from '#shared/policy.ts'
import { maintenanceId, type Silence } from '#shared/silence.ts'
import type { LedgerSum } from '#shared/wire.ts'
import { stageNames } from '../../filter/index.ts'
import type { Filter } from '../../filter/port.ts'
import type { KeptDecision, Reader } from '../../store/port.ts'
import type { LivePicture } from '../picture.ts'
import type { FilterPicture, IncidentOrigin } from '../port.ts'
import { factView, iso, type Names } from '../views.ts'
import { isJudgedAgain, RuleBook } from './book.ts'
import { type HeldNow, heldNow, rulesOver } from './held.ts'
import { countedRules, type ListedRule, listRules } from './rule-list.ts'
import { ruleText } from './rule-text.ts'
import { decisionView, isoOrNull, isTold, type Known, marksOf } from './why.ts'

export interface FilterPictureParts {
  read: Pick<Reader, 'decisions' | 'factsOf'>
  clock: Clock
  filter: () => Filter
  names: Names
  picture: Pick<LivePicture, 'figures' | 'lastHour' | 'minutes' | 'outcomeMinutes' | 'summary' | 'size' | 'sees'>
  silences: () => readonly Silence[]
  /** The active policy, the text it was read from, and since when it is active (epoch ms; null: not known). */
  policy: () => { policy: Policy; hash: string; text: string; since: number | null }
  /** Members of requests that wait in lost property. */
  lost: () => number
  /** Incidents that are restricted: of few houses any. */
  restricted: () => ReadonlySet<string>
}

/** What became durable, as far as the filter room shows it. */
export interface Decided {
  decisions: readonly Decision[]
  receivedAt: number | null
  intakes: readonly { at: number }[]
}

export interface LiveFilterPicture extends FilterPicture {
  apply(decided: Decided): void
  /** Reads the last day back; figures of the day count from then on. */
  readBack(): Promise<void>
}

/** Decisions about one alert that are told. */
const decisionsOfAlert = 500
/** Decisions that are read at a time where of those before some may not be told. */
const hiddenPage = 500
/** Looking at every alert takes at most so much of the time, and is done at most once a second. */
const heldShare = 100
const heldEveryMs = 1000

/** The filter room as people see it: what every rule does, what it holds back, and why an alert is where it is. */
export function makeFilterPicture(parts: FilterPictureParts): LiveFilterPicture {
  const { read, clock, filter, names, picture } = parts
  const book = new RuleBook()
  let held: { at: number; tookMs: number; now: HeldNow } | null = null
  let tidiedAt = 0

  function heldLately(): HeldNow {
    const began = performance.now()
    if (held !== null && began - held.at < Math.max(heldEveryMs, held.tookMs * heldShare)) return held.now
    const now = heldNow(filter(), sightOf(null, picture.sees))
    held = { at: began, tookMs: performance.now() - began, now }
    return now
  }

  function listed(): ListedRule[] {
    return listRules(stageNames, parts.policy().policy, parts.silences(), (stage) => book.rulesOf(stage))
  }

  /** What the ledger has and no decision that was kept: repeats, and plain logs. */
  function counted(outcome: 'repeated' | 'recorded', decided: number, ledger: LedgerSum): RuleFigures['outcomes'] {
    const inAll = ledger.outcomes[outcome] ?? 0
    return inAll > decided && book.since !== null ? { [outcome]: inAll - decided } : {}
  }

  function figuresOf({ stage, rule, name, origin }: ListedRule, now: number): RuleFigures {
    const done = book.of(stage, rule, now)
    const { holds, marks } = heldLately().byRule.get(stage)?.get(rule) ?? { holds: 0, marks: 0 }
    return {
      ...{ stage, rule, name, origin },
      outcomes: done?.outcomes ?? {},
      minutes: done?.minutes ?? [],
      day: done?.day ?? 0,
      passed: done?.passed ?? 0,
      again: done?.again ?? 0,
      ...{ holds, marks },
      lastAt: isoOrNull(done?.lastAt ?? null),
    }
  }

  /** Of all rules, with what is only counted. */
  function allFigures(now: number, ledger: LedgerSum): { rules: RuleFigures[]; decided: Map<Outcome, number> } {
    const rules = listed().map((rule) => figuresOf(rule, now))
    const decided = new Map<Outcome, number>()
    for (const rule of rules)
      for (const [outcome, count] of Object.entries(rule.outcomes) as [Outcome, number][])
        decided.set(outcome, (decided.get(outcome) ?? 0) + count)
    for (const outcome of ['repeated', 'recorded'] as const) {
      const { stage, rule } = countedRules[outcome]
      const own = rules.find((each) => each.stage === stage && each.rule === rule)
      if (own === undefined) continue
      own.outcomes = counted(outcome, decided.get(outcome) ?? 0, ledger)
      own.day = null
      const kept = rules.filter((each) => (each.outcomes[outcome] ?? 0) > 0 && each !== own)
      own.minutes =
        Object.keys(own.outcomes).length === 0 ? [] : leftOver(picture.outcomeMinutes(outcome), kept, outcome)
    }
    return { rules, decided }
  }

  /** Rule FR2: what the doors accepted has an outcome, and each outcome a rule that decided it. */
  function unplaced(decided: ReadonlyMap<Outcome, number>, ledger: LedgerSum): number | null {
    if (book.since === null) return null
    let sum = 0
    for (const outcome of outcomes) {
      const more = (ledger.outcomes[outcome] ?? 0) - (decided.get(outcome) ?? 0)
      sum += outcome === 'repeated' || outcome === 'recorded' ? Math.max(0, -more) : Math.abs(more)
    }
    return sum
  }

  const alertOf = (id: string): Alert | undefined => filter().alert(id)
  const knownTo = (sight: Sight): Known => ({ names, alert: alertOf, incident: picture.summary, sight })

  /**
   * Those of a rule that may be told, newest first: what may not leaves no gap in a page.
   * @param most so many, and one more where there are more
   */
  async function decisionsTold(
    { stage, rule, before: from }: { stage: string; rule: string; before: number | undefined },
    sight: Sight,
    most: number,
  ): Promise<KeptDecision[]> {
    const told: KeptDecision[] = []
    const alsoNamed = { alert: alertOf, sight }
    let before = from
    for (let limit = most + 1; ; limit = hiddenPage) {
      const page = await read.decisions({ stage, rule, limit, ...(before === undefined ? {} : { before }) })
      for (const decision of page) {
        if (!isTold(decision, alsoNamed) || !(await wasNeverHidden(decision, sight))) continue
        if (told.push(decision) > most) return told
      }
      before = page.at(-1)?.n
      if (page.length < limit) return told
    }
  }

  /** What an alert came into later hides what was decided about it before, also when the filter has forgotten the alert. */
  async function wasNeverHidden({ alertId }: KeptDecision, sight: Sight): Promise<boolean> {
    if (alertId === null || parts.restricted().size === 0 || alertOf(alertId) !== undefined) return true
    const all = await read.decisions({ alertId, limit: decisionsOfAlert })
    return all.every(({ incidentId }) => sight.incident(incidentId))
  }

  return {
    apply({ decisions, receivedAt, intakes }) {
      if (decisions.length === 0) return
      const at = intakes[0]?.at ?? receivedAt ?? clock.now()
      for (const decision of decisions) book.comes(decision, at)
    },
    readBack: () => book.readBack(read, clock.now()),

    view(): FilterView {
      const now = clock.now()
      if (now - tidiedAt >= hourMs || now < tidiedAt) {
        tidiedAt = now
        book.tidy(now)
      }
      const { ledger, sources } = picture.figures()
      const { rules, decided } = allFigures(now, ledger)
      const { byRule: _, ...heldBack } = heldLately()
      const { open, unowned } = picture.size()
      const { hash, since } = parts.policy()
      const flows = sources.map(({ id, name, kind, heardAt, cadenceMs, perMinute }) => {
        const hour = picture.lastHour(id)
        const { accepted } = hour
        const rejected = hour.outcomes.rejected ?? 0
        const minutes = accepted === 0 ? [] : picture.minutes(id)
        return { id, name, kind, heardAt, cadenceMs, perMinute, accepted, rejected, minutes }
      })
      const sumOf = (field: 'accepted' | 'rejected') => flows.reduce((sum, flow) => sum + flow[field], 0)
      return {
        at: iso(now),
        since: isoOrNull(book.since),
        sources: flows,
        others: {
          accepted: ledger.accepted - sumOf('accepted'),
          rejected: (ledger.outcomes.rejected ?? 0) - sumOf('rejected'),
        },
        stages: stageNames.map((name) => stageFigures(name, rules)),
        sum: { ...ledger, unplaced: unplaced(decided, ledger) },
        held: heldBack,
        incidents: { open, unowned },
        lost: parts.lost(),
        policy: { hash, since: isoOrNull(since) },
        rules: fewer(rules),
        rulesInAll: rules.length,
      }
    },

    async rule(stage, rule, actor, before): Promise<RuleView | null> {
      const now = clock.now()
      const sight = sightOf(actor, picture.sees)
      const decisions = await decisionsTold({ stage, rule, before }, sight, decisionsPerPage)
      const known = listed().find((each) => each.stage === stage && each.rule === rule)
      if (known === undefined && decisions.length === 0) return null
      const which = known ?? { stage, rule, name: rule, origin: 'former' as const }
      const figures = allFigures(now, picture.figures().ledger).rules.find(
        (each) => each.stage === stage && each.rule === rule,
      )
      const { policy, hash, text, since } = parts.policy()
      const spelled = which.origin === 'policy' ? ruleText(policy, text, stage, rule) : null
      const silence = which.origin === 'silence' ? names.silence(rule) : undefined
      const behind = alertsBehind(filter(), stage, rule)
      const page = decisions.slice(0, decisionsPerPage)
      const [seen, words] = [behind.filter(sight.alert), knownTo(sight)]
      return {
        figures: figures ?? figuresOf(which, now),
        author: {
          kind: which.origin,
          by: silence === undefined || silence.createdBy === '' ? null : silence.createdBy,
          since: isoOrNull(silence?.startsAt ?? (which.origin === 'policy' ? since : null)),
          until: isoOrNull(silence?.endsAt ?? null),
          policy: which.origin === 'policy' ? hash : null,
        },
        text: silence?.matchers.map(formatMatcher).join('\n') ?? spelled?.text ?? null,
        line: spelled?.line ?? null,
        holds: behind.filter(({ heldBack }) => heldBack !== undefined).length,
        marks: seen.filter(({ heldBack }) => heldBack === undefined).length,
        alerts: newest(seen).map((alert) => heldAlert(alert, stage, rule, names)),
        decisions: page.map((decision) => decisionView(decision, words)),
        next: decisions.length > decisionsPerPage ? (page.at(-1)?.n ?? null) : null,
      }
    },

    async alertWhy(alertId, actor): Promise<AlertWhy | null> {
      const sight = sightOf(actor, picture.sees)
      const kept = await read.decisions({ alertId, limit: decisionsOfAlert + 1 })
      const alert = filter().alert(alertId)
      if (alert === undefined && kept.length === 0) return null
      // Where it is now decides; of what is forgotten, where it has ever been.
      if (alert === undefined ? kept.some(({ incidentId }) => !sight.incident(incidentId)) : !sight.alert(alert))
        return null
      const told = kept.slice(0, decisionsOfAlert).filter(({ incidentId }) => sight.incident(incidentId))
      const decisions = told.reverse().map((decision) => decisionView(decision, knownTo(sight)))
      const last = decisions.at(-1)
      return {
        alert: alert === undefined ? null : alertHead(alert, names),
        marks: alert?.status === 'firing' ? marksNow(alert, sight) : null,
        decisions,
        stages: [...stageNames],
        path: last === undefined ? [] : pathOf(stageNames, last),
        older: kept.length > decisionsOfAlert,
      }
    },

    placed(alertId, decisions, actor) {
      const alert = alertId === null ? undefined : filter().alert(alertId)
      const last = decisions.at(-1)
      return {
        marks: alert?.status === 'firing' ? marksNow(alert, sightOf(actor, picture.sees)) : null,
        path: last === undefined ? [] : pathOf(stageNames, { stage: last.stage, again: isJudgedAgain(last.reason) }),
      }
    },

    async origin(incidentId): Promise<IncidentOrigin | null> {
      const facts = await read.factsOf(incidentId)
      const [declared] = facts
      if (declared?.type !== 'declared') return null
      const joined = new Map<string, { alerts: number; at: number }>()
      for (const fact of facts) {
        if (fact.type !== 'alerts-attached') continue
        const own = joined.get(fact.rule) ?? { alerts: 0, at: fact.at }
        joined.set(fact.rule, { alerts: own.alerts + fact.alerts.length, at: own.at })
      }
      return {
        definition: declared.tierRule,
        by: factView(declared, names).by,
        at: iso(declared.at),
        joined: [...joined].map(([rule, { alerts, at }]) => ({ rule, alerts, at: iso(at) })),
        corrections: facts.filter(({ type }) => corrections.has(type)).map((fact) => factView(fact, names)),
      }
    },
  }

  function marksNow(alert: Alert, sight: Sight): Marks {
    return marksOf(alert, {
      names,
      alert: alertOf,
      sight,
      policy: parts.policy().policy,
      storms: () => filter().storms(),
      now: clock.now(),
    })
  }
}

/** Facts that say that an incident was put together otherwise than the filter had thought. */
const corrections = new Set<string>(['merged', 'unmerged', 'alerts-moved-out', 'alerts-moved-in', 'identified'])

function stageFigures(name: string, rules: readonly RuleFigures[]): FilterView['stages'][number] {
  const sum: Partial<Record<Outcome, number>> = {}
  let again = 0
  for (const rule of rules) {
    if (rule.stage !== name) continue
    again += rule.again
    for (const [outcome, count] of Object.entries(rule.outcomes) as [Outcome, number][])
      sum[outcome] = (sum[outcome] ?? 0) + count
  }
  return { name, outcomes: sum, again }
}

/** Of too many, those that act come first; they stay in their order. */
function fewer(rules: RuleFigures[]): RuleFigures[] {
  if (rules.length <= mostRules) return rules
  const acts = (rule: RuleFigures) => rule.holds + rule.marks > 0 || rule.lastAt !== null || rule.minutes.length > 0
  const acting = new Set(rules.filter(acts).slice(0, mostRules))
  for (const rule of rules) {
    if (acting.size >= mostRules) break
    acting.add(rule)
  }
  return rules.filter((rule) => acting.has(rule))
}

function leftOver(all: readonly number[], kept: readonly RuleFigures[], outcome: Outcome): number[] {
  // Only rules with one outcome can be taken off minute by minute; the others are few.
  const own = kept.filter(({ outcomes }) => Object.keys(outcomes).length === 1 && outcomes[outcome] !== undefined)
  return all.map((count, index) =>
    Math.max(
      0,
      own.reduce((left, rule) => left - (rule.minutes[index] ?? 0), count),
    ),
  )
}

function alertsBehind(filter: Filter, stage: string, rule: string): Alert[] {
  const found: Alert[] = []
  for (const alert of filter.alerts())
    if (rulesOver(alert).some((over) => over.stage === stage && over.rule === rule)) found.push(alert)
  return found
}

/** Those held back before those that are only marked; the newest first. */
function newest(alerts: readonly Alert[]): Alert[] {
  const rank = ({ heldBack }: Alert) => (heldBack === undefined ? 1 : 0)
  return alerts.toSorted((a, b) => rank(a) - rank(b) || b.startsAt - a.startsAt).slice(0, alertsBehindShown)
}

function alertHead(alert: Alert, names: Names): NonNullable<AlertWhy['alert']> {
  const { id, title, status, severity, sourceId, service, incidentId, startsAt } = alert
  const source = { id: sourceId, name: names.source(sourceId) }
  return { id, title, status, severity, source, service, incidentId, startsAt: iso(startsAt) }
}

function heldAlert(alert: Alert, stage: string, rule: string, names: Names): HeldAlert {
  const { status: _, ...head } = alertHead(alert, names)
  const holder = stage === 'silence' ? (names.silence(rule) ?? names.silence(maintenanceId(rule))) : undefined
  const until = stage === 'damp' ? alert.flaps?.until : holder?.endsAt
  return {
    ...head,
    heardAt: iso(alert.heardAt),
    events: alert.events,
    held: alert.heldBack !== undefined,
    until: isoOrNull(until ?? null),
  }
}
