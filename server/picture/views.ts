import type { Alert } from '#shared/alert.ts'
import { hostOf } from '#shared/catalogue.ts'
import type { Link } from '#shared/event.ts'
import type { Evidence, EvidenceView } from '#shared/evidence.ts'
import type { RoleView } from '#shared/incident/chain-view.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { withoutNumbers } from '#shared/incident/restricted.ts'
import { type RoleHeld, type RoleName, roleNames } from '#shared/incident/roles.ts'
import { type Hop, type Incident, isOpen, type Offer } from '#shared/incident/state.ts'
import { nextTaskDueAt, type Task, type TaskView } from '#shared/incident/tasks.ts'
import { withLabels } from '#shared/outcome.ts'
import type { Silence } from '#shared/silence.ts'
import type { AlertView, FactView, HopView, SourceVitals, Summary } from '#shared/wire.ts'
import type { IncidentVitals } from '../filter/port.ts'
import { clockSumOf } from './board/clocks.ts'

/** How people and sources are called. */
export interface Names {
  person(id: string): string
  team(id: string): string
  source(id: string): string
  /** Undefined when it is not known any more. */
  silence(id: string): Silence | undefined
  /** Where more about the alert can be seen, by the catalogue. */
  links(alert: Alert): readonly Link[]
  /** Whoever acts: `person:<id>`, `system:filter`, … */
  actor(id: string): string
  /** What is restricted: what everybody is shown does not name it. Left out: nothing is. */
  restricted?: { incident(id: string): boolean; alert(id: string): boolean }
}

/**
 * Whether what is shown of one incident may name another. Rule RS11: what everybody reads names nothing that is restricted; where
 * something restricted is read, those whom it was merged with, or split from, are named as its people knew them.
 */
export const mayName =
  ({ restricted }: Names, of: string) =>
  (other: string): boolean =>
    restricted === undefined || !restricted.incident(other) || restricted.incident(of)

export const iso = (at: number): string => new Date(at).toISOString()
const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))

export function personRef(id: string, names: Names): { id: string; name: string } {
  return { id, name: names.person(id) }
}

/** Who did it, as a timeline shows it. */
export function authorOf(by: string, names: Names): { id: string; name: string } {
  return { id: by.startsWith('person:') ? by.slice('person:'.length) : by, name: names.actor(by) }
}

function hopView(hop: Hop, names: Names): HopView {
  return {
    holder: hop.holder === null ? null : personRef(hop.holder, names),
    from: iso(hop.from),
    to: isoOrNull(hop.to),
    began: hop.began,
    readBack: hop.readBack,
    reason: hop.reason,
    situation: hop.brief?.situation ?? null,
  }
}

const minuteMs = 60_000
const activityMinutes = 30

/**
 * Counts per minute up to the minute of the last event; minutes without events are zeros. It says nothing of the time
 * since, so that what was told a while ago is still true: whoever shows it adds the silence.
 */
function activityOf(vitals: IncidentVitals | undefined): { activity: number[]; activityUntil: string | null } {
  const all = vitals?.activity ?? []
  const until = all.at(-1)?.[0]
  const from = all[0]?.[0]
  if (until === undefined || from === undefined) return { activity: [], activityUntil: null }
  const minutes = Math.min(activityMinutes, Math.round((until - from) / minuteMs) + 1)
  const activity: number[] = new Array(minutes).fill(0)
  for (const [minute, count] of all) {
    const index = minutes - 1 - Math.round((until - minute) / minuteMs)
    if (index >= 0) activity[index] = (activity[index] ?? 0) + count
  }
  return { activity, activityUntil: iso(until) }
}

export function summaryOf(incident: Incident, vitals: IncidentVitals | undefined, names: Names): Summary {
  const { offer } = incident
  const last = incident.chain.at(-1)
  const unowned = isOpen(incident.phase) && last?.holder === null && last.to === null
  return {
    id: incident.id,
    title: incident.title,
    phase: incident.phase,
    tier: incident.tier,
    severity: incident.severity,
    owner: incident.owner === null ? null : personRef(incident.owner, names),
    offer: offer && offerView(offer, names),
    service: incident.service,
    team: incident.team,
    openedAt: iso(incident.declaredAt),
    heardAt: iso(Math.max(vitals?.heardAt ?? 0, incident.lastUpdate?.at ?? 0, incident.declaredAt)),
    resolvedAt: isoOrNull(incident.resolvedAt),
    alerts: { firing: incident.alerts.firing, total: incident.alerts.total },
    events: vitals?.events ?? 0,
    ...activityOf(vitals),
    chain: incident.chain.map((hop) => hopView(hop, names)),
    handovers: incident.handovers,
    unownedMs: incident.unownedMs,
    unownedSince: unowned && last !== undefined ? iso(last.from) : null,
    reliefAskedBy: incident.reliefAskedBy === null ? null : personRef(incident.reliefAskedBy, names),
    assistants: incident.assistants.map((id) => personRef(id, names)),
    ...dutyView(incident, names),
    ownerSilentSince: incident.silence === null ? null : isoOrNull(incident.ownerHeardAt),
    nextUpdateDueAt: isoOrNull(incident.nextUpdateDueAt),
    ...(incident.tasks === undefined ? {} : { tasks: tasksOf(incident.tasks) }),
    ...clocksOf(incident),
    flags: [...incident.flags],
    drill: incident.drill,
    provisional: incident.provisional,
    silenced: silencedView(vitals, names),
    suggestResolve: isOpen(incident.phase) && incident.alerts.total > 0 && incident.alerts.firing === 0,
    ...(incident.merged === undefined ? {} : mergedView(incident.id, incident.merged.into, names)),
    revision: incident.revision,
    seq: incident.seq,
  }
}

function mergedView(id: string, into: string, names: Names): Pick<Summary, 'mergedInto'> {
  return mayName(names, id)(into) ? { mergedInto: into } : {}
}

/** What changed an offer, in the words of the house: a part that was split off, or came in, by its number. */
export function changedView({ id, offer }: Pick<Incident, 'id' | 'offer'>, names: Names): string[] {
  return (offer?.changed ?? []).map((words) => withoutNumbers(words, mayName(names, id)))
}

/** Who has which role, whom the house has told, and whose shift is about to end: what there is of it. */
function dutyView({ roles, paging, shiftEnd }: Incident, names: Names): Pick<Summary, 'roles' | 'paging' | 'shiftEnd'> {
  const refs = (ids: readonly string[]) => ids.map((id) => personRef(id, names))
  return {
    ...(roles !== undefined && {
      roles: roleNames.flatMap((role) => {
        const held = roles[role]
        return held === undefined ? [] : [roleView(role, held, names)]
      }),
    }),
    ...(paging !== undefined && {
      paging: {
        step: paging.step + 1,
        round: paging.round + 1,
        at: iso(paging.at),
        people: refs(paging.people),
        nextAt: isoOrNull(paging.nextAt),
        quiet: paging.quiet,
      },
    }),
    ...(shiftEnd !== undefined && {
      shiftEnd: {
        rotation: shiftEnd.rotation,
        endsAt: iso(shiftEnd.endsAt),
        to: refs(shiftEnd.to),
        told: shiftEnd.toldAt !== null,
      },
    }),
  }
}

function roleView(role: RoleName, { holder, offer, chain, handovers }: RoleHeld, names: Names): RoleView {
  return {
    role,
    holder: holder === null ? null : personRef(holder, names),
    offer: offer && offerView(offer, names),
    note: offer === null || offer.note === '' ? null : offer.note,
    chain: chain.map(({ began, ...hop }) =>
      hopView({ ...hop, began: began === 'taken' ? 'claimed' : began, brief: null }, names),
    ),
    handovers,
  }
}

function offerView(
  { to, eligible, deadlineAt, revision }: Pick<Offer, 'to' | 'eligible' | 'deadlineAt' | 'revision'>,
  names: Names,
): NonNullable<Summary['offer']> {
  const name = to.startsWith('team:') ? names.team(to.slice('team:'.length)) : names.person(to)
  return { to: { id: to, name }, eligible: [...eligible], deadline: iso(deadlineAt), revision }
}

function tasksOf(tasks: readonly Task[]): NonNullable<Summary['tasks']> {
  return { open: tasks.filter(({ state }) => state === 'open').length, nextDueAt: isoOrNull(nextTaskDueAt(tasks)) }
}

function clocksOf(incident: Incident): Pick<Summary, 'clocks'> {
  const clocks = clockSumOf(incident)
  return clocks === undefined ? {} : { clocks }
}

export function taskView({ id, text, state, person, dueAt, changedAt }: Task, names: Names): TaskView {
  const who = person === null ? null : personRef(person, names)
  return { id, text, state, person: who, dueAt: isoOrNull(dueAt), changedAt: iso(changedAt) }
}

export function evidenceView(one: Evidence, names: Names): EvidenceView {
  const { digest: _, pos: __, addedAt, by, withdrawn, destroyedAt, ...rest } = one
  return {
    ...rest,
    addedAt: iso(addedAt),
    by: authorOf(by, names),
    withdrawn: withdrawn && { ...withdrawn, at: iso(withdrawn.at), by: authorOf(withdrawn.by, names) },
    destroyedAt: isoOrNull(destroyedAt),
  }
}

function silencedView(vitals: IncidentVitals | undefined, names: Names): Summary['silenced'] {
  if (vitals === undefined || vitals.silenced === null) return null
  const { id, until } = vitals.silenced
  return { until: iso(until), by: names.silence(id)?.createdBy ?? '', id }
}

function dampedView({ status, flaps }: Alert): AlertView['damped'] {
  return status !== 'firing' || flaps?.until === undefined ? null : { until: iso(flaps.until), rule: flaps.rule }
}

/** Of the silences that match it, the one that ends last: it is heard of again when that one ends. */
function silenceOf(alert: Alert, names: Names): AlertView['silence'] {
  if (alert.silencedBy === undefined) return null
  let longest: Silence | null = null
  for (const id of alert.silencedBy) {
    const silence = names.silence(id)
    if (silence !== undefined && (longest === null || silence.endsAt > longest.endsAt)) longest = silence
  }
  if (longest === null) return null
  const { id, createdBy, endsAt, comment } = longest
  return { id, createdBy, endsAt: iso(endsAt), comment }
}

/** Where facts name other incidents, in a field of their own or in the words of the house. */
const namesOthers = ['into', 'to', 'from', 'reason', 'changed'] as const

export function factView(fact: RecordedFact, names: Names): FactView {
  const { at, by, ...data } = fact
  const view: FactView = { ...data, at: iso(at), by: authorOf(by, names) }
  // Instants of the data leave as ISO too, and people with their names.
  for (const [key, value] of Object.entries(data)) {
    if (key.endsWith('At') && typeof value === 'number') view[key] = iso(value)
    if (fact.type.startsWith('clock-') && Array.isArray(value)) view[key] = value.map(timesAsIso)
    if ((key === 'person' || key === 'from' || key === 'owner') && typeof value === 'string' && value.startsWith('p_'))
      view[key] = personRef(value, names)
    if ((key === 'people' || key === 'to') && Array.isArray(value)) view[key] = value.map((id) => personRef(id, names))
    // Where alerts went is an incident.
    if (key === 'to' && typeof value === 'string' && fact.type !== 'alerts-moved-out')
      view[key] = {
        id: value,
        name: value.startsWith('team:') ? names.team(value.slice('team:'.length)) : names.person(value),
      }
  }
  return withoutUnnamed(view, names)
}

/** A fact without the numbers that whoever reads its incident may not be told (rule RS11). */
export function withoutUnnamed(fact: FactView, names: Names): FactView {
  const isNamed = mayName(names, fact.incidentId)
  let quiet = fact
  for (const key of namesOthers) {
    const value = fact[key]
    const told = typeof value === 'string' ? withoutNumbers(value, isNamed) : value
    if (told !== value) quiet = { ...quiet, [key]: told }
  }
  return quiet
}

/** One of the deadlines of a clock, its instants as text. */
function timesAsIso(deadline: object): object {
  const entries = Object.entries(deadline)
  return Object.fromEntries(
    entries.map(([key, value]) => [key, key.endsWith('At') && typeof value === 'number' ? iso(value) : value]),
  )
}

/** What the sender says of it, and what people there wrote about it. */
function withNotes({ description, notes = [] }: Alert): string {
  const written = notes.map(({ at, text }) => `Note of ${iso(at).slice(0, 16).replace('T', ' ')} UTC: ${text}`)
  return [description, ...written].filter((part) => part !== '').join('\n\n')
}

export function alertView(alert: Alert, names: Names): AlertView {
  return {
    id: alert.id,
    source: { id: alert.sourceId, name: names.source(alert.sourceId) },
    status: alert.status,
    severity: alert.severity,
    severityRaw: alert.severityRaw,
    title: alert.title,
    description: withNotes(alert),
    labels: { ...alert.labels },
    annotations: { ...alert.annotations },
    links: [...names.links(alert), ...alert.links].map((link) => ({ ...link })),
    startsAt: iso(alert.startsAt),
    endsAt: isoOrNull(alert.endsAt),
    endAssumed: alert.endAssumed,
    heardAt: iso(alert.heardAt),
    events: alert.events,
    acknowledgedAt: isoOrNull(alert.acknowledgedAt),
    why: alert.rule,
    silence: silenceOf(alert, names),
    inhibited: alert.inhibitedBy === undefined ? null : inhibitedView(alert, alert.inhibitedBy, names),
    damped: dampedView(alert),
    shed: alert.shedBy === undefined ? null : { rule: alert.shedBy },
  }
}

function inhibitedView(
  { incidentId }: Alert,
  { rule, by }: NonNullable<Alert['inhibitedBy']>,
  { restricted }: Names,
): AlertView['inhibited'] {
  const isUnnamed = restricted?.alert(by) === true && !(incidentId !== null && restricted.incident(incidentId))
  return { rule, by: isUnnamed ? '' : by }
}

/** A reason with the labels it names, as far as the alert still says them. */
export function reasonView(reason: string, alert: Alert | null): string {
  return withLabels(reason, (name) => {
    if (alert === null) return undefined
    if (name === 'service' && alert.service !== null) return alert.service
    if (Object.hasOwn(alert.labels, name)) return alert.labels[name]
    return name === 'host' ? hostOf(alert.labels) || undefined : undefined
  })
}

export function vitalsView(
  source: { id: string; name: string; kind: string },
  heardAt: number | null,
  perMinute: number,
  cadenceMs: number | null,
): SourceVitals {
  return { id: source.id, name: source.name, kind: source.kind, heardAt: isoOrNull(heardAt), cadenceMs, perMinute }
}
