import type { Severity } from '#shared/event.ts'
import { numberOf } from '#shared/incident/ids.ts'
import { isOpen, type Phase, type Tier } from '#shared/incident/state.ts'
import type { Decision, Outcome } from '#shared/outcome.ts'
import { withLabels } from '#shared/outcome.ts'
import type { TrialJudgement } from '#shared/trial.ts'
import type { Finding } from '#shared/watch.ts'
import type { Filter, FilterEntry, Folded } from '../port.ts'

/** Who was told of an alert: one that fired was put into an incident. */
export interface Placing {
  alertId: string
  /** The alert and its start: the same firing has the same in both runs. */
  key: string
  at: number
  judged: Judged | null
  /** What the other run made of the alert by then. */
  otherwise: Judged | null
  /** The incident in which the other run had it, firing and not held back, at that moment. */
  elsewhere: RunIncident | null
}

/** The last word of the stages on an alert. */
export interface Judged extends TrialJudgement {
  at: number
}

/** An incident as one run has it. */
export interface RunIncident {
  /** In this run; says nothing in the other. */
  id: string
  /** As it is on record; null while no recorded incident has its alerts. */
  recorded: string | null
  title: string
  service: string | null
  severity: Severity
  tier: Tier | null
  openedAt: number
  phase: Phase
  placings: Placing[]
  /** What it turned out to be part of. */
  mergedInto: RunIncident | null
}

/** What is counted of one run, from the beginning of what is compared on. */
export interface Tally {
  opened: number
  reopened: number
  calls: Map<Tier | null, number>
  outcomes: Partial<Record<Outcome, number>>
  /** Decisions by stage and rule, as `stage\nrule`. */
  rules: Map<string, number>
}

export interface RunParts {
  filter: Filter
  /** Which incident the record has this alert in, as of the entry that is folded. */
  recordedOf: (alertId: string) => string | null
  /** Recorded incidents that are part of this one on record, itself first. */
  partsOf: (recorded: string) => readonly string[]
  /** The alert about a storm, which the fold finds out about by itself, as an entry. */
  requestOf: (finding: Finding, pos: number) => FilterEntry
}

/** Stages before an alert is placed: what they decide moves it nowhere. */
const before: ReadonlySet<string> = new Set(['redeliver', 'parse', 'redact', 'amend', 'deduplicate'])

/**
 * One of the two folds of a trial. Numbers of incidents differ from run to run, so what the log says of an incident on
 * record is told of the incident of this run that was opened by its alerts (rule TR3).
 */
export class Run {
  readonly filter: Filter
  readonly incidents = new Map<string, RunIncident>()
  readonly tally: Tally = { opened: 0, reopened: 0, calls: new Map(), outcomes: {}, rules: new Map() }
  /** The last word on each alert that was judged. */
  readonly judged = new Map<string, Judged>()
  /** Put into an incident by the entry that was folded last. */
  readonly placed: { incident: RunIncident; alertId: string }[] = []
  /** Found by that entry to be part of others. */
  readonly merges: RunIncident[] = []
  readonly #parts: RunParts
  readonly #byRecorded = new Map<string, RunIncident[]>()
  /** Incidents that people declared, and their ids in this run. */
  readonly #declared = new Map<string, string>()
  #storms: { finding: Finding; pos: number; at: number }[] = []
  #counts = false

  constructor(parts: RunParts) {
    this.#parts = parts
    this.filter = parts.filter
  }

  /** @param counts whether this entry belongs to what is compared */
  fold(entry: FilterEntry, counts: boolean): void {
    this.#counts = counts
    this.placed.length = 0
    this.merges.length = 0
    // As on record: what followed from an entry at once was folded before what it found out.
    if (entry.kind !== 'incident' || entry.at > (this.#storms[0]?.at ?? entry.at)) this.#foldStorms()
    const translated = this.#translate(entry)
    for (const each of translated) this.#take(each, this.filter.fold(each))
  }

  /** Something of its own is due, and the record has no tick for it. */
  tick(pos: number, at: number, counts: boolean): void {
    this.fold({ kind: 'tick', pos, at }, counts)
  }

  end(): void {
    this.placed.length = 0
    this.#foldStorms()
  }

  #foldStorms(): void {
    while (this.#storms.length > 0) {
      const found = this.#storms
      this.#storms = []
      for (const { finding, pos } of found) {
        const entry = this.#parts.requestOf(finding, pos)
        this.#take(entry, this.filter.fold(entry))
      }
    }
  }

  /** Rule TR3: what the log says of an incident on record, as it is said of those of this run. */
  #translate(entry: FilterEntry): FilterEntry[] {
    if (entry.kind !== 'incident') return [entry]
    if (entry.declared && !this.#declared.has(entry.incidentId))
      this.#declared.set(entry.incidentId, this.#idFor(entry.incidentId))
    const declared = this.#declared.get(entry.incidentId)
    const { mergedInto, parted, ...told } = entry
    const ids = declared === undefined ? this.#here(entry.incidentId).map(({ id }) => id) : [declared]
    return ids.flatMap((incidentId): FilterEntry[] => {
      const incident = this.incidents.get(incidentId)
      if (mergedInto !== undefined) {
        const into = this.#oneOf(mergedInto)
        // They are one already.
        if (into === incidentId) return []
        if (into === null) return [{ ...told, incidentId }]
        if (incident !== undefined) incident.mergedInto = this.incidents.get(into) ?? null
        return [{ ...told, incidentId, mergedInto: into }]
      }
      if (parted !== undefined) {
        const to = this.#oneOf(parted.to)
        if (to === null || to === incidentId) return []
        const other = this.incidents.get(to)
        if (other !== undefined) other.mergedInto = null
        return [{ ...told, incidentId, parted: { ...parted, to } }]
      }
      if (incident !== undefined) incident.phase = entry.phase
      return [{ ...told, incidentId }]
    })
  }

  /** Of one that people declared: the next number of this run, where it took one. */
  #idFor(recorded: string): string {
    return numberOf(recorded) === null ? recorded : `INC-${this.filter.nextIncidentNumber()}`
  }

  /** Incidents of this run that were opened by what the record has in this one. */
  #here(recorded: string): RunIncident[] {
    const all = this.#parts.partsOf(recorded).flatMap((part) => this.#byRecorded.get(part) ?? [])
    // One that is merged is heard of again when that is undone.
    return all.filter((incident) => incident.mergedInto === null || incident.recorded === recorded)
  }

  /** The one that stands for an incident on record; one that was merged stands for itself when it is parted again. */
  #oneOf(recorded: string): string | null {
    const own = this.#declared.get(recorded) ?? this.#here(recorded)[0]?.id
    return own ?? this.#byRecorded.get(recorded)?.[0]?.id ?? null
  }

  #take(entry: FilterEntry, folded: Folded): void {
    const { tally } = this
    if (this.#counts)
      for (const [outcome, count] of Object.entries(folded.counts) as [Outcome, number][])
        tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + count
    for (const decision of folded.decisions) this.#judge(decision, entry.at)
    for (const decision of folded.judgedAgain) this.#judge(decision, entry.at)
    for (const effect of folded.effects) {
      if (effect.type === 'resolve') continue
      if (effect.type === 'open') this.#open(effect, entry.at)
      const incident = this.incidents.get(effect.incidentId)
      if (incident === undefined) continue
      if (effect.type === 'merge') {
        incident.mergedInto = this.incidents.get(effect.into) ?? null
        this.merges.push(incident)
        continue
      }
      if (effect.type === 'identify') {
        const { title, service, severity, tier } = effect
        Object.assign(incident, { title, service, severity, tier })
        continue
      }
      if (effect.type === 'refire' && !isOpen(incident.phase)) {
        incident.phase = 'investigating'
        if (this.#counts) {
          tally.reopened++
          this.#call(incident.tier)
        }
      }
      for (const alertId of effect.alerts) this.placed.push({ incident, alertId })
    }
    for (const finding of folded.findings)
      if ('storm' in finding) this.#storms.push({ finding, pos: entry.pos, at: entry.at })
  }

  #open(effect: Extract<Folded['effects'][number], { type: 'open' }>, at: number): void {
    const { incidentId: id, title, service, severity, tier, alerts } = effect
    const recorded = this.#parts.recordedOf(alerts[0] ?? '')
    const incident: RunIncident = {
      ...{ id, recorded, title, service, severity, tier, openedAt: at, phase: 'triage', placings: [] },
      mergedInto: null,
    }
    this.incidents.set(id, incident)
    if (recorded !== null) this.#byRecorded.set(recorded, [...(this.#byRecorded.get(recorded) ?? []), incident])
    if (!this.#counts) return
    this.tally.opened++
    this.#call(tier)
  }

  #call(tier: Tier | null): void {
    const { calls } = this.tally
    calls.set(tier, (calls.get(tier) ?? 0) + 1)
  }

  #judge({ alertId, outcome, stage, rule, reason }: Decision, at: number): void {
    if (this.#counts) {
      const { rules } = this.tally
      const name = `${stage}\n${rule}`
      rules.set(name, (rules.get(name) ?? 0) + 1)
    }
    if (alertId === null || before.has(stage)) return
    const labels = this.filter.alert(alertId)?.labels
    const words = withLabels(reason, (name) => labels?.[name]).replaceAll(/\bINC-[0-9A-Z]+\b/g, (id) => this.#name(id))
    this.judged.set(alertId, { at, outcome, stage, rule, reason: words })
  }

  /** An incident in the words of a reason: its number on record, where it has one. */
  #name(id: string): string {
    const incident = this.incidents.get(id)
    return incident?.recorded ?? 'an incident'
  }
}
