import type { Actor } from '#shared/access.ts'
import type { Alarm, LoadLine, LoadSpan, loadOf } from '#shared/alarm-load.ts'
import type { AlertmanagerStatus } from '#shared/alertmanager/api.ts'
import type { Labels } from '#shared/event.ts'
import type { AlertWhy, FilterView, Marks, RuleView, Step } from '#shared/filter-room.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { LeadTimeView } from '#shared/lead-time.ts'
import type { CompiledMatcher } from '#shared/matchers.ts'
import type { Decision, LedgerRow } from '#shared/outcome.ts'
import type { HeldView, ReadinessView, Saying, ToteChange, ToteView } from '#shared/readiness.ts'
import type { AlertView, FactView, IncidentView, LedgerSum, Notice, SourceVitals, Summary } from '#shared/wire.ts'
import type { Doer } from '../access/port.ts'
import type { IncidentFilter } from '../store/port.ts'

/** So many alerts of an incident are shown; a storm has tens of thousands. */
export const alertsShown = 500

/** An incident's page without what is read from the store. */
export type IncidentHead = Omit<IncidentView, 'facts' | 'alerts' | 'description'>

/** Disposable read models: everything here can be made again from the journal and the filter. Shows what is durable. */
export interface Picture {
  /** Grows with every change to the board. */
  seq(): number
  /** Ages, rates and the conservation line: cheap, for beats. */
  figures(): { sources: SourceVitals[]; ledger: LedgerSum; heldBack: number }
  board(): { seq: number; incidents: Summary[]; sources: SourceVitals[]; ledger: LedgerSum; heldBack: number }
  /**
   * Whether the incident is there for this actor (rule RS1). True of what nobody restricted, and of what does not exist.
   * Everything that names incidents to somebody asks here first.
   */
  sees(actor: Actor | null, incidentId: string): boolean
  /** Restricted incidents that this actor may have on a board; the board itself has none (rule RS4). */
  restrictedFor(actor: Actor | null): Summary[]
  summary(incidentId: string): Summary | undefined
  /** What the incident page shows besides facts and alerts, as of now; undefined when it is not kept in memory. */
  head(incidentId: string): IncidentHead | undefined
  /** Alerts of it that the filter still knows: the newest `alertsShown`, firing first. */
  liveAlerts(incidentId: string): AlertView[]
  /** The incident that an alert is in; null: in none; undefined: the filter does not know the alert any more. */
  homeOf(alertId: string): string | null | undefined
  /** @returns null when there is no such incident */
  incident(incidentId: string): Promise<IncidentView | null>
  /** Of what is there for this actor. */
  list(filter: IncidentFilter, actor: Actor | null): Promise<{ incidents: Summary[]; next: string | null }>
  facts(incidentId: string, afterVersion?: number): Promise<FactView[] | null>
  alerts(incidentId: string): Promise<AlertView[] | null>
  /** The five numbers that decide how long it takes, as of now. Reads and folds all its facts. */
  leadTime(incidentId: string): Promise<LeadTimeView | null>
  /** For each alert of the incident: the decisions that placed it, oldest first. */
  why(incidentId: string): Promise<{ alert: AlertView | null; decisions: Decision[] }[] | null>
  ledger(sinceMinute: number): Promise<LedgerRow[]>
  vitals(sourceId: string): SourceVitals | undefined
  lastHour(sourceId: string): { accepted: number; outcomes: LedgerSum['outcomes'] }
  /** Events in each of the last sixty minutes, oldest first; the last is the minute under way. */
  minutes(sourceId: string): number[]
  /** Since when it is silent though it is expected to speak, and by when it is expected next; epoch ms, null where not. */
  expected(sourceId: string): { silentSince: number | null; by: number | null }
  /** Alerts of it that fire, and the open incidents they are in, as this actor sees them: the newest ten. Looks at every alert. */
  firingOf(sourceId: string, actor: Actor | null): { alerts: number; incidents: { id: string; title: string }[] }
  /** Names people in facts and refusals; erased or unknown people have a stable stand-in. */
  nameOf(personId: string): string
  factView(fact: RecordedFact): FactView
  /** A fact that was told before, as it may be told now: what it names may be restricted since. */
  retold(fact: FactView): FactView
  /** What changed since board position `seq`; null when that is too long ago to say. */
  since(seq: number): { upsert: Summary[]; remove: string[]; notices: Notice[]; receivedAt: number | null } | null
  onChange(listener: (change: { incidentIds: ReadonlySet<string>; facts: readonly RecordedFact[] }) => void): () => void
}

/** How an incident came to be what it is. */
export interface IncidentOrigin {
  /** Name of the definition that made it an incident; null: declared by hand. */
  definition: string | null
  by: { id: string; name: string }
  at: string
  /** Rules of correlation that brought alerts into it, with how many and since when. */
  joined: { rule: string; alerts: number; at: string }[]
  /** Merges, splits and what else was put right later. */
  corrections: FactView[]
}

/** The filter room as people see it: figures by rule, what is held back, and why an alert is where it is. */
export interface FilterPicture {
  /** Everything as of now. Costs a look at each rule, and at each alert at most once a second. */
  view(): FilterView
  /**
   * Alerts and decisions are those that this actor may see; figures count all (rule RS7).
   * @param before a page of its decisions older than this one; @returns null when there is no such rule, nor ever was
   */
  rule(stage: string, rule: string, actor: Actor | null, before?: number): Promise<RuleView | null>
  /** @returns null when nothing is known of such an alert, or nothing for this actor */
  alertWhy(alertId: string, actor: Actor | null): Promise<AlertWhy | null>
  /** What marks an alert now (null when it does not fire), and the way that led to the last of its decisions. */
  placed(
    alertId: string | null,
    decisions: readonly Decision[],
    actor: Actor | null,
  ): { marks: Marks | null; path: Step[] }
  /** @returns null when there is no such incident */
  origin(incidentId: string): Promise<IncidentOrigin | null>
}

/** Which alerts a client of Alertmanager's API asks for. */
export interface AlertQuery {
  /** Those that nothing holds back. */
  active: boolean
  /** Those that a silence holds back. */
  silenced: boolean
  /** Those that another alert inhibits. */
  inhibited: boolean
  /** Of groups: those that a time mutes. */
  muted: boolean
  filter: readonly CompiledMatcher[]
  /** Names of receivers; null = any. */
  receiver: { test(name: string): boolean } | null
  /** Labels of receivers. */
  receiverMatchers: readonly CompiledMatcher[]
}

/** Firing alerts of every kind of source, as Alertmanager's API v2 shows them: with its fields, order and fingerprints. */
export interface AlertmanagerPicture {
  /** A JSON array of the alerts that this actor may see, in pieces. What is said is as of the call. */
  alerts(query: AlertQuery, actor: Actor | null): Promise<AsyncIterable<string>>
  /** The same in groups by the policy's routes: a JSON array, in pieces. */
  groups(query: AlertQuery, actor: Actor | null): Promise<AsyncIterable<string>>
  receivers(matchers: readonly CompiledMatcher[]): { name: string; labels: Labels }[]
  status(): AlertmanagerStatus
}

/** Whose alarms: everybody's, those of a team's incidents, or those that fell to a person. */
export type LoadOf = { kind: 'everybody'; id: null } | { kind: 'team' | 'person'; id: string }

/** Alarm load, from what became durable in the last seven days. Instants are epoch ms. */
export interface AlarmLoadPicture {
  /** Of the incidents that this actor may see. Waits until the journal is read, right after a start. */
  load(
    of: LoadOf,
    span: LoadSpan,
    actor: Actor | null,
  ): Promise<
    ReturnType<typeof loadOf> & {
      /** What is known of the time asked for. */
      from: number
      to: number
      byKind: Record<Alarm['kind'], number>
      periodMs: number
      flood: boolean[]
      hours: { start: number; counts: number[] }
      /** The newest 50. */
      chattering: {
        alertId: string
        title: string
        incidentId: string | null
        at: number
        times: number
        damped: boolean
      }[]
      chatteringInAll: number
      /** The oldest 50. */
      standing: { alertId: string; title: string; incidentId: string | null; since: number }[]
      standingInAll: number
      /** Of everybody: by team and by person; of `null`, what is of no team, or fell to nobody. */
      lines: { teams: Map<string | null, LoadLine>; people: Map<string | null, LoadLine> } | null
    }
  >
}

/** The tote: how ready everybody is, and what people say of it. */
export interface TotePicture {
  /** Grows with every change. */
  seq(): number
  /** Moves what time, rotations or people have moved since. Costs little where nothing did; called by a poll. */
  move(): void
  view(): ToteView
  /** What changed since that seq; null when only the whole can say it. */
  since(seq: number): ToteChange | null
  /** One person; null: not on the tote. */
  readiness(person: string): ReadinessView | null
  /** What people hold in restricted incidents that this actor may see, by person: the tote itself has none of it. */
  heldUnseen(actor: Actor | null): ReadonlyMap<string, HeldView[]>
  /** Notes that count, by person: not for everybody. */
  notes(): ReadonlyMap<string, string>
  /**
   * Rule RD8: what somebody says, or a commander says of them, is durable, and the audit names whoever said it.
   * @throws UxbridgeError `fields-invalid`, `not-found` (nobody who responds), `store-full`, `not-ready`
   */
  say(who: Doer, person: string, saying: Saying): Promise<ReadinessView>
  /** Takes it back: what is derived counts again. @throws UxbridgeError as `say` */
  unsay(who: Doer, person: string): Promise<ReadinessView>
  /** Removes words that count no more. Called about once a minute. */
  tidy(): void
}
