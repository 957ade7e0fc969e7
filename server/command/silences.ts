import type { Actor } from '#shared/access.ts'
import type { Alert } from '#shared/alert.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { type Sight, sightOf } from '#shared/incident/restricted.ts'
import { compileMatcher, type Matcher } from '#shared/matchers.ts'
import { noRecurrence, occurrencesAfter } from '#shared/recurrence.ts'
import {
  changesInPlace,
  matcherSchema,
  requireSilence,
  type Silence,
  type SilenceSpan,
  silenceStateOf,
  silences,
  type WantedSilence,
} from '#shared/silence.ts'
import type { AuditEntry, SettingRow, StoredSetting } from '../store/port.ts'
import { sees } from './acting/restricted.ts'
import type { Core } from './core.ts'
import { foldEntry, ownEntry } from './folding.ts'
import type { SilenceDesk, SilencePreview, Silencer } from './port.ts'
import { makeTimes, refusedAt } from './silence-times.ts'
import type { SilenceEntryBody, SilenceWords } from './world.ts'

const kind = 'silence'
/** Alerts that a preview shows. */
const previewed = 50
/** The author's name and words, once the person was erased. */
const erasedWords = { createdBy: 'somebody who was erased', comment: '' }

/** What the settings hold of a silence: all that its log entries do not. */
interface Doc {
  updatedAt: number
  by: string
  /** Whose personal data the words are: a person's id, or an actor that is no person. */
  author: string
}

/** @param rows all settings of this kind */
export function readSilences(rows: readonly StoredSetting[]): Map<string, SilenceWords> {
  return new Map(
    rows.map(({ id, doc, personal }) => [id, { ...(doc as Doc), words: personal as SilenceWords['words'] }]),
  )
}

export const silenceSettings = kind

/** Rows of silences that the filter has forgotten, to be removed with the next entry. */
export function forgottenSilences({ world }: Core): { kind: string; id: string }[] {
  const gone = [...world.silences.keys()].filter((id) => world.filter.silence(id) === undefined)
  for (const id of gone) world.silences.delete(id)
  return gone.map((id) => ({ kind, id }))
}

/** What is to be written of a silence. */
interface Change {
  span: SilenceSpan
  words: SilenceWords
}

/**
 * Rule Q7: what a silence holds back, and when, stands in the log, because the fold depends on it; who made it and why
 * stands in the settings, encrypted, and goes when its author is erased. Both are written in one step.
 */
export function makeSilences(core: Core): SilenceDesk {
  const { clock, newId } = core.parts
  const occurrences = core.parts.occurrences ?? noRecurrence
  const times = makeTimes(core, occurrences)

  function view(span: SilenceSpan): Silence | undefined {
    const known = core.world.silences.get(span.id)
    if (known === undefined) return undefined
    const { words, updatedAt, by } = known
    return { ...times.current(span), ...(words ?? erasedWords), updatedAt, by }
  }

  function known(id: string): Silence {
    const span = core.world.silences.has(id) ? core.world.filter.silence(id) : undefined
    const silence = span === undefined ? undefined : view(span)
    if (silence === undefined)
      throw new UxbridgeError('not-found', 'There is no such silence; it may have ended more than five days ago.')
    return silence
  }

  /** Folds and writes them as they are to be, in one entry. */
  async function write(
    who: Silencer,
    now: number,
    changes: readonly Change[],
    audit: readonly Pick<AuditEntry, 'action' | 'subject' | 'detail' | 'reason'>[],
  ): Promise<void> {
    const pos = ++core.world.pos
    const body: SilenceEntryBody = { silences: changes.map(({ span }) => span) }
    const entry = { kind: 'silence', pos, at: now, ...body } as const
    const { intention, folded, intakes } = foldEntry(core, entry, ownEntry('silence', pos, now, body))
    for (const { span, words } of changes) core.world.silences.set(span.id, words)
    const put = changes.map(({ span, words }) => rowOf(span.id, words))
    const audits = audit.map((each) => core.audit(who.by, now, { ...each, outcome: 'done', address: who.address }))
    await core.append({ ...intention, put, audit: audits }, { touched: folded.touched, receivedAt: now, intakes })
  }

  /** The same silence, over at `now`, for good; one to come never begins. */
  function ended(who: Silencer, old: Silence, now: number): Change {
    const startsAt = silenceStateOf(old, now) === 'pending' ? now : old.startsAt
    const recurs = old.recurs && { recurs: { ...old.recurs, until: 0 } }
    return { span: { ...bare(old), startsAt, endsAt: now, ...recurs }, words: touchedBy(who, old.id, now) }
  }

  function touchedBy(who: Silencer, id: string, now: number): SilenceWords {
    const before = core.world.silences.get(id)
    return { author: authorOf(who), words: null, ...before, updatedAt: now, by: who.by }
  }

  async function put(
    who: Silencer,
    now: number,
    wanted: WantedSilence,
    old: Silence | null,
    recurs: SilenceSpan['recurs'],
  ): Promise<Silence> {
    const { createdBy, comment, endsAt } = wanted
    const matchers = plain(wanted.matchers)
    const again = recurs === undefined ? {} : { recurs }
    const detail = { until: endsAt, ...(recurs === undefined ? {} : { recurs: recurs.rrule }) }
    const words: SilenceWords = { author: authorOf(who), words: { createdBy, comment }, updatedAt: now, by: who.by }
    const done = { createdBy, comment, updatedAt: now, by: who.by }
    if (old !== null && changesInPlace(old, wanted, now)) {
      const startsAt = silenceStateOf(old, now) === 'active' ? old.startsAt : wanted.startsAt
      const span = { id: old.id, matchers, startsAt, endsAt, ...again }
      await write(who, now, [{ span, words }], [{ action: 'silence.change', subject: old.id, detail }])
      return { ...span, ...done }
    }
    const span = { id: newId(), matchers, startsAt: Math.max(wanted.startsAt, now), endsAt, ...again }
    const changes: Change[] = [{ span, words }]
    const made = { action: 'silence.make', subject: span.id, detail }
    if (old === null || silenceStateOf(old, now) === 'expired') await write(who, now, changes, [made])
    else {
      // Rule Q8: in one entry, so that what both hold back is never let go in between.
      changes.unshift(ended(who, old, now))
      await write(who, now, changes, [{ ...made, detail: { ...detail, inPlaceOf: old.id } }])
    }
    return { ...span, ...done }
  }

  const oldOf = ({ id }: { id?: string | undefined }): Silence | null =>
    id === undefined || id === '' ? null : known(id)

  return {
    async set(who, wanted) {
      core.requireWritable()
      const now = clock.now()
      requireSilence(wanted, now)
      const old = oldOf(wanted)
      // Who knows of no recurrence must not end one unawares.
      if (old?.recurs !== undefined && old.recurs.until > now && wanted.once !== true)
        throw refusedAt('id', `silence ${old.id} comes again (${old.recurs.rrule}): ${changedElsewhere}`)
      return put(who, now, wanted, old, undefined)
    },

    async setRecurring(who, wanted) {
      core.requireWritable()
      const now = clock.now()
      const recurs = times.required(wanted.recurs, now)
      const first = occurrences(recurs, now)
      if (first === null) throw refusedAt('recurs.rrule', 'never comes again')
      const old = oldOf(wanted)
      // The one that is on goes on: it may have been made when its time had begun.
      const isOn = old !== null && old.startsAt >= first.startsAt && old.startsAt <= now && now < old.endsAt
      const timed = { ...wanted, startsAt: isOn ? old.startsAt : first.startsAt, endsAt: first.endsAt }
      requireSilence(timed, now)
      return put(who, now, timed, old, recurs)
    },

    async extend(who, id, byMs) {
      core.requireWritable()
      const now = clock.now()
      const old = known(id)
      if (silenceStateOf(old, now) !== 'active')
        throw refusedAt('id', 'only a silence that is in force can be extended; change this one instead')
      const endsAt = old.endsAt + byMs
      const span = { ...bare(old), endsAt }
      const detail = { until: endsAt }
      const words = touchedBy(who, id, now)
      await write(who, now, [{ span, words }], [{ action: 'silence.change', subject: id, detail }])
      return { ...old, endsAt, updatedAt: now, by: who.by }
    },

    async expire(who, id) {
      core.requireWritable()
      const now = clock.now()
      const old = known(id)
      if (silenceStateOf(old, now) === 'expired') return old
      const change = ended(who, old, now)
      await write(who, now, [change], [{ action: 'silence.expire', subject: id, detail: { until: now } }])
      return { ...old, ...change.span, updatedAt: now, by: who.by }
    },

    async expireAll(who, ids, reason) {
      core.requireWritable()
      const now = clock.now()
      const all = [...new Set(ids)].map((id) => {
        const span = core.world.silences.has(id) ? core.world.filter.silence(id) : undefined
        return { id, silence: (span && view(span)) ?? null }
      })
      const toEnd = all.flatMap(({ silence }) =>
        silence === null || silenceStateOf(silence, now) === 'expired' ? [] : [silence],
      )
      if (toEnd.length > 0) {
        const audit = toEnd.map(({ id }) => ({ action: 'silence.expire', subject: id, detail: { until: now }, reason }))
        await write(
          who,
          now,
          toEnd.map((silence) => ended(who, silence, now)),
          audit,
        )
      }
      return all.map(({ id }) => {
        const span = core.world.filter.silence(id)
        return { id, silence: (span && view(span)) ?? null }
      })
    },

    list: () => core.world.filter.silences().flatMap((span) => view(span) ?? []),
    get(id) {
      const span = core.world.filter.silence(id)
      return span && view(span)
    },
    holder(id) {
      const span = core.world.filter.silence(id)
      return span && (times.asSilence(span) ?? view(span))
    },
    windows: () => times.windows(),
    next: times.next,
    nextOf(recurs, most) {
      const now = clock.now()
      return occurrencesAfter(occurrences, times.required(recurs, now), now, most)
    },
    firingFor(actor) {
      const { filter } = core.world
      const sight = sightFor(core, actor)
      const unseen = matchedUnseen(filter.alerts(), sight)
      return (id) => filter.silencedBy(id) - (unseen.get(id) ?? 0)
    },
    preview: (matchers, actor) => preview(core, matchers, actor),
  }
}

const changedElsewhere = 'change it on the Silences page; or end it, and make another, which then comes once'

const sightFor = (core: Core, actor: Actor | null): Sight =>
  sightOf(actor, (who, incidentId) => sees(core, who, incidentId))

/** By silence or window: the firing alerts that it matches and whoever asks may not see. */
function matchedUnseen(alerts: Iterable<Alert>, sight: Sight): Map<string, number> {
  const found = new Map<string, number>()
  for (const alert of alerts) {
    if (alert.silencedBy === undefined || alert.status !== 'firing' || sight.alert(alert)) continue
    for (const id of alert.silencedBy) found.set(id, (found.get(id) ?? 0) + 1)
  }
  return found
}

function preview(core: Core, matchers: readonly Matcher[], actor: Actor | null): SilencePreview {
  const { world } = core
  const sight = sightFor(core, actor)
  const compiled = matchers.map((matcher, index) => {
    try {
      return compileMatcher(matcherSchema.parse(matcher))
    } catch (error) {
      const { message } = error as Error
      const fields = [{ path: `matchers.${index}.value`, message }]
      throw new UxbridgeError('fields-invalid', `Matcher ${index + 1} cannot be read: ${message}`, { fields })
    }
  })
  const incidents = new Map<string, number>()
  const firing: Alert[] = []
  let silenced = 0
  for (const alert of world.filter.alerts()) {
    if (alert.status !== 'firing' || !silences(compiled, alert) || !sight.alert(alert)) continue
    firing.push(alert)
    if (alert.silencedBy !== undefined) silenced++
    if (alert.incidentId !== null) incidents.set(alert.incidentId, (incidents.get(alert.incidentId) ?? 0) + 1)
  }
  const most = [...incidents].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return {
    firing: firing.length,
    silenced,
    incidents: most.map(([id, count]) => ({ id, firing: count })),
    alerts: firing.sort((a, b) => b.startsAt - a.startsAt || (a.id < b.id ? -1 : 1)).slice(0, previewed),
  }
}

function authorOf({ by, personId }: Silencer): string {
  return personId ?? (by.startsWith('person:') ? by.slice('person:'.length) : by)
}

const plain = (matchers: readonly Matcher[]): Matcher[] => matchers.map(({ name, op, value }) => ({ name, op, value }))
const bare = ({ id, matchers, startsAt, endsAt, recurs }: SilenceSpan): SilenceSpan => {
  const span = { id, matchers, startsAt, endsAt }
  return recurs === undefined ? span : { ...span, recurs }
}

function rowOf(id: string, { words, ...doc }: SilenceWords): SettingRow {
  const row: Doc = doc
  return { kind, id, doc: row, personal: words === null ? null : { personId: row.author, value: words } }
}
