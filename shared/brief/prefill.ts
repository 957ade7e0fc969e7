import { minuteMs } from '../clocks.ts'
import type { Brief, BriefInput } from '../incident/brief.ts'
import type { FactView, IncidentView } from '../wire.ts'
import { type Draft, type DraftList, type DraftRow, draftListNames, emptyDraft, partsOf, rowOf } from './draft.ts'

/** What of an incident's page a brief can be made from. */
export type KnownOf = Pick<IncidentView, 'summary' | 'brief' | 'description' | 'tasks' | 'facts'>

/** Something of the incident that belongs into a brief. `at`: when it became so, epoch ms. */
interface Candidate {
  key: string
  list: DraftList
  at: number
  parts: Readonly<Record<string, unknown>>
}

/**
 * What the incident says that the draft does not. Keeping one is an act of a person, as dropping is: rule BP1, nothing here
 * changes what somebody typed. `key` names this one, so that it is asked once.
 */
export type Suggestion = { key: string; because: string } & (
  | { kind: 'add'; list: DraftList; from: string; parts: Readonly<Record<string, unknown>> }
  | { kind: 'change'; list: DraftList; row: string; parts: Readonly<Record<string, unknown>> }
  | { kind: 'remove'; list: DraftList; row: string; text: string }
  | { kind: 'situation'; text: string }
  | { kind: 'trend'; trend: Brief['trend'] }
)

const longestLine = 200
const longestSituation = 280
/** Firing alerts are compared with those of so long ago. */
const trendSpanMs = 10 * minuteMs
/** A trend that was waved away is asked of again after this. */
const askAgainMs = 30 * minuteMs

/** On one line, and cut where there is no room. */
function cut(text: string, most = longestLine): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= most ? line : `${line.slice(0, most - 1).trimEnd()}…`
}

/** `12:40 UTC`, with its date where that is another day. */
export function dueClock(at: number, now: number): string {
  const iso = new Date(at).toISOString()
  const sameDay = iso.slice(0, 10) === new Date(now).toISOString().slice(0, 10)
  return `${sameDay ? '' : `${iso.slice(0, 10)} `}${iso.slice(11, 16)} UTC`
}

const said = (value: unknown): string => (typeof value === 'string' ? value : '')
const count = (value: unknown): number => (Array.isArray(value) ? value.length : typeof value === 'number' ? value : 0)
const after = (text: string): string => (text === '' ? '' : `: ${text}`)

/** The situation in one line: what, where, how grave, how far, how much of it fires, since when. */
export function situationLine({ summary }: Pick<KnownOf, 'summary'>, now: number): string {
  const { firing, total } = summary.alerts
  const parts = [
    summary.service,
    summary.tier === null ? 'unclassified' : `Tier ${summary.tier}`,
    `in ${summary.phase}`,
    total === 0 ? null : `${firing} of ${total} ${total === 1 ? 'alert fires' : 'alerts fire'}`,
    `since ${dueClock(Date.parse(summary.openedAt), now)}`,
  ].filter((part) => part !== null)
  const rest = `: ${parts.join(', ')}.`
  return `${cut(summary.title.replace(/[.:]+$/, ''), longestSituation - rest.length)}${rest}`
}

/** Firing alerts at `at`, from the facts alone. */
function firingAt(facts: readonly FactView[], at: number): number {
  let firing = 0
  for (const fact of facts) {
    if (Date.parse(fact.at) > at) break
    if (fact.type === 'alerts-attached') firing += count(fact.alerts)
    if (fact.type === 'alerts-resolved') firing -= count(fact.alerts)
    if (fact.type === 'alerts-moved-in') firing += count(fact.firing)
    if (fact.type === 'alerts-moved-out') firing -= count(fact.firing)
    firing = Math.max(0, firing)
  }
  return firing
}

/** More fire than ten minutes ago: worse; fewer: better; as many: steady. Unknown where no alert can say, or for less than that. */
export function trendOf({ summary, facts }: Pick<KnownOf, 'summary' | 'facts'>, now: number): Brief['trend'] {
  const before = now - trendSpanMs
  if (summary.alerts.total === 0 || Date.parse(summary.openedAt) > before) return 'unknown'
  const was = firingAt(facts, before)
  const is = summary.alerts.firing
  if (is > was) return 'worse'
  return is < was ? 'better' : is === 0 ? 'unknown' : 'steady'
}

/** Everything of the incident that could stand in a brief, oldest first. Rule BP2: each is a fact or a task; nothing is made up. */
function candidatesOf(known: KnownOf, now: number): Candidate[] {
  const found: Candidate[] = []
  const line = (key: string, at: number, text: string) => {
    const short = cut(text)
    if (short !== '') found.push({ key, list: 'done', at, parts: { text: short } })
  }
  const lastOf = (type: string) => known.facts.findLast((fact) => fact.type === type)
  for (const fact of known.facts) {
    const at = Date.parse(fact.at)
    if (fact.type === 'declared' && fact.provisional !== true) line('declared', at, said(fact.description))
    if (fact.type === 'noted') line(`note:${fact.seq}`, at, said(fact.text))
    if (fact.type === 'alerts-moved-in' && fact.why === 'merge' && typeof fact.from === 'string')
      line(`merged:${fact.seq}`, at, `${fact.from} is part of this${after(said(fact.reason))}`)
  }
  const classified = lastOf('classified')
  if (classified !== undefined)
    line(
      `classified:${classified.seq}`,
      Date.parse(classified.at),
      `Classified Tier ${classified.tier}${after(said(classified.reason))}`,
    )
  const moved = lastOf('phase-set')
  if (moved !== undefined)
    line(
      `phase:${moved.seq}`,
      Date.parse(moved.at),
      `In ${said(moved.phase)} since ${dueClock(Date.parse(moved.at), now)}${after(said(moved.reason))}`,
    )
  const updated = lastOf('updated')
  if (updated !== undefined)
    line(
      `update:${updated.seq}`,
      Date.parse(updated.at),
      `Reported ${dueClock(Date.parse(updated.at), now)}: ${said(updated.text)}`,
    )
  for (const { id, text, state, person, dueAt, changedAt } of known.tasks) {
    const at = Date.parse(changedAt)
    if (state === 'done') line(`task-done:${id}`, at, `Done: ${text}`)
    if (state === 'open')
      found.push({
        key: `task:${id}`,
        list: 'actions',
        at,
        parts: { text: cut(text), owner: person?.id ?? null, dueAt, state: 'open', irreversible: false },
      })
  }
  const due = known.summary.nextUpdateDueAt
  if (due !== null) {
    const at = updated === undefined ? Date.parse(known.summary.openedAt) : Date.parse(updated.at)
    const text = `Next update due ${dueClock(Date.parse(due), now)}`
    found.push({ key: 'next-update', list: 'promises', at, parts: { text } })
  }
  for (const { clock, name, deadline, dueAt } of known.summary.clocks?.next ?? []) {
    const started = known.facts.findLast(({ type, ...fact }) => type === 'clock-started' && fact.clock === clock)
    const at = Date.parse(started?.at ?? known.summary.openedAt)
    const text = cut(`${name}: ${deadline} due ${dueDay(Date.parse(dueAt))}`)
    found.push({ key: `clock:${clock}:${deadline}`, list: 'promises', at, parts: { text } })
  }
  return found.toSorted((a, b) => a.at - b.at)
}

/** `2026-01-08 03:00 UTC`: days ahead, so that the day is said. */
const dueDay = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase()
const madePromise = /^next update (is )?due /i

/** What a row of the last brief was made from, as far as its words show. */
function originOf(list: DraftList, text: string, known: KnownOf, candidates: readonly Candidate[]): string | null {
  if (list === 'actions') {
    const task = known.tasks.find((one) => same(cut(one.text), text))
    return task === undefined ? null : `task:${task.id}`
  }
  if (list === 'promises' && madePromise.test(text)) return 'next-update'
  return candidates.find((one) => one.list === list && same(said(one.parts.text), text))?.key ?? null
}

/**
 * How a draft begins: as the last brief says, every word of it; without one, as the incident says: its newest known and done
 * things, its open tasks, its promise. @param newId gives each row an id of its own
 */
export function firstDraft(known: KnownOf, now: number, newId: () => string): Draft {
  const candidates = candidatesOf(known, now)
  const brief = known.brief as BriefInput | null
  if (brief !== null) {
    const rows = Object.fromEntries(
      draftListNames.map((list) => [
        list,
        ((brief[list] ?? []) as readonly unknown[]).map((row) => {
          const parts = partsOf(row)
          return rowOf(list, newId(), originOf(list, said(parts.text), known, candidates), parts)
        }),
      ]),
    ) as unknown as Draft['rows']
    const { situation, noContingencyBecause = '', constraints = '', trend = 'unknown', confidence = 'unsure' } = brief
    return {
      ...emptyDraft,
      texts: { situation, noContingencyBecause, constraints },
      ...{ trend, confidence, begunAt: now, rows },
    }
  }
  const madeSituation = situationLine(known, now)
  const newest = (list: DraftList, most: number): DraftRow[] =>
    candidates
      .filter((one) => one.list === list)
      .slice(-most)
      .map(({ key, parts }) => rowOf(list, newId(), key, parts))
  return {
    ...emptyDraft,
    texts: { ...emptyDraft.texts, situation: madeSituation },
    ...{ madeSituation, trend: trendOf(known, now), begunAt: now },
    rows: {
      ...emptyDraft.rows,
      done: newest('done', 5),
      actions: newest('actions', 7),
      promises: newest('promises', 5),
    },
  }
}

/** Epoch ms at which a brief was last kept: revised, or offered with. Null: never. */
export function keptAt(facts: readonly FactView[]): number | null {
  const last = facts.findLast(({ type }) => type === 'brief-revised' || type === 'offered')
  return last === undefined ? null : Date.parse(last.at)
}

/**
 * What is new of the incident since the last brief, or since the draft was begun, and not in it: to be kept or dropped. Rule BP3:
 * what the draft says stays unless the incident contradicts it, and even then a person decides.
 */
export function suggestionsFor(draft: Draft, known: KnownOf, now: number): Suggestion[] {
  const since = keptAt(known.facts) ?? draft.begunAt
  const found: Suggestion[] = []
  const candidates = candidatesOf(known, now)
  const rows = draftListNames.flatMap((list) => draft.rows[list].map((row) => ({ list, row })))
  const rowFrom = (key: string) => rows.find(({ row }) => row.from === key)

  if (draft.madeSituation !== '' && draft.texts.situation === draft.madeSituation) {
    const text = situationLine(known, now)
    if (text !== draft.madeSituation)
      found.push({ key: `situation:${text}`, kind: 'situation', text, because: 'as the incident is now' })
  }
  const trend = trendOf(known, now)
  if (trend !== 'unknown' && trend !== draft.trend)
    found.push({
      key: `trend:${trend}:${Math.floor(now / askAgainMs)}`,
      ...{ kind: 'trend', trend },
      because: `${known.summary.alerts.firing} of ${known.summary.alerts.total} alerts fire`,
    })

  for (const { key, list, at, parts } of candidates) {
    const there = rowFrom(key)
    if (there === undefined) {
      // A task that is an action already is told there.
      if (key.startsWith('task-done:') && rowFrom(key.replace('task-done:', 'task:')) !== undefined) continue
      // Nor is it news when it is said in other words' place: somebody typed the same.
      if (at <= since || rows.some(({ row }) => same(row.texts.text ?? '', said(parts.text)))) continue
      // What it was before stands there still: its tier, its phase, its last update.
      const older = rows.find(({ row }) => row.from !== null && isOnlyOne(key) && kindOf(row.from) === kindOf(key))
      const because = whence(key, at, now)
      if (older === undefined) found.push({ key: `add:${key}`, kind: 'add', list, from: key, parts, because })
      else found.push({ key: `change:${key}`, kind: 'change', list, row: older.row.id, parts, because })
    } else if (key === 'next-update' && madePromise.test(there.row.texts.text ?? '')) {
      if (there.row.texts.text !== said(parts.text))
        found.push({
          key: `change:${key}:${said(parts.text)}`,
          ...{ kind: 'change', list, row: there.row.id, parts },
          because: 'the promise has moved',
        })
    }
  }
  for (const { list, row } of rows) {
    const text = row.texts.text ?? ''
    if (row.from === 'next-update' && known.summary.nextUpdateDueAt === null && madePromise.test(text))
      found.push({
        key: `remove:${row.id}`,
        kind: 'remove',
        list,
        row: row.id,
        text,
        because: 'no update is promised now',
      })
    if (row.from?.startsWith('clock:') && !candidates.some(({ key }) => key === row.from))
      found.push({
        ...{ key: `remove:${row.id}`, kind: 'remove', list, row: row.id, text },
        because: 'the clock does not run any more',
      })
    if (row.from?.startsWith('task:') !== true) continue
    const task = known.tasks.find(({ id }) => `task:${id}` === row.from)
    if (task === undefined) continue
    if (task.state === 'dropped')
      found.push({ key: `remove:${row.id}`, kind: 'remove', list, row: row.id, text, because: 'the task was dropped' })
    else {
      const parts = movedParts(row, task, known.facts, since)
      if (Object.keys(parts).length > 0)
        found.push({
          key: `change:${row.from}:${JSON.stringify(parts)}`,
          ...{ kind: 'change', list, row: row.id, parts },
          because: task.state === 'done' ? 'the task is done' : 'the task was changed',
        })
    }
  }
  return found.filter(({ key }) => !draft.settled.has(key))
}

/** What of an action its task says otherwise, by a change that is newer than the brief. */
function movedParts(
  row: DraftRow,
  task: KnownOf['tasks'][number],
  facts: readonly FactView[],
  since: number,
): Record<string, unknown> {
  const changed = new Set(
    facts
      .filter((fact) => fact.type === 'task-set' && fact.task === task.id && Date.parse(fact.at) > since)
      .flatMap((fact) => (Array.isArray(fact.changed) ? fact.changed : [])),
  )
  const parts: Record<string, unknown> = {}
  if (task.state === 'done' && row.values.state !== 'done') parts.state = 'done'
  if (task.state === 'open' && row.values.state === 'done' && changed.has('state')) parts.state = 'open'
  const person = task.person?.id ?? null
  if (changed.has('person') && row.values.owner !== person) parts.owner = person
  if (changed.has('due') && row.values.dueAt !== task.dueAt) parts.dueAt = task.dueAt
  return parts
}

const sources: Readonly<Record<string, string>> = {
  declared: 'as declared',
  note: 'a note',
  merged: 'a merge',
  classified: 'classified',
  phase: 'the phase',
  update: 'the last update',
  task: 'a task',
  'task-done': 'a task',
  'next-update': 'promised',
}

const kindOf = (key: string): string => key.replace(/:\d+$/, '')
/** Of these an incident has one at a time: the newest takes the place of the one before. */
const isOnlyOne = (key: string): boolean => ['classified', 'phase', 'update'].includes(kindOf(key))

function whence(key: string, at: number, now: number): string {
  const source = key.startsWith('clock:') ? 'a clock that runs' : (sources[kindOf(key)] ?? kindOf(key))
  return `${source}, ${dueClock(at, now)}`
}
