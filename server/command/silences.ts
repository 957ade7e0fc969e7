import type { Alert } from '#shared/alert.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { compileMatcher, type Matcher } from '#shared/matchers.ts'
import {
  changesInPlace,
  matcherSchema,
  requireSilence,
  type Silence,
  type SilenceSpan,
  silenceStateOf,
  silences,
} from '#shared/silence.ts'
import type { SettingRow, StoredSetting } from '../store/port.ts'
import type { Core } from './core.ts'
import { foldEntry, ownEntry } from './folding.ts'
import type { SilenceDesk, SilencePreview, Silencer } from './port.ts'
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

/**
 * Rule Q7: what a silence holds back, and when, stands in the log, because the fold depends on it; who made it and why
 * stands in the settings, encrypted, and goes when its author is erased. Both are written in one step.
 */
export function makeSilences(core: Core): SilenceDesk {
  const { clock, newId } = core.parts

  function view(span: SilenceSpan): Silence | undefined {
    const known = core.world.silences.get(span.id)
    if (known === undefined) return undefined
    const { words, updatedAt, by } = known
    return { ...span, ...(words ?? erasedWords), updatedAt, by }
  }

  function known(id: string): Silence {
    const span = core.world.filter.silence(id)
    const silence = span === undefined ? undefined : view(span)
    if (silence === undefined)
      throw new UxbridgeError('not-found', 'There is no such silence; it may have ended more than five days ago.')
    return silence
  }

  /** Folds and writes them as they are to be. */
  async function write(
    who: Silencer,
    now: number,
    action: string,
    subject: string,
    spans: readonly SilenceSpan[],
    words: ReadonlyMap<string, SilenceWords>,
  ): Promise<void> {
    const pos = ++core.world.pos
    const body: SilenceEntryBody = { silences: spans }
    const entry = { kind: 'silence', pos, at: now, ...body } as const
    const { intention, folded, intakes } = foldEntry(core, entry, ownEntry('silence', pos, now, body))
    for (const [id, own] of words) core.world.silences.set(id, own)
    const until = spans.find(({ id }) => id === subject)?.endsAt ?? now
    const replaced = spans.find(({ id }) => id !== subject)?.id
    const detail = replaced === undefined ? { until } : { until, inPlaceOf: replaced }
    const audit = core.audit(who.by, now, { action, subject, outcome: 'done', detail, address: who.address })
    const put = [...words].map(([id, own]) => rowOf(id, own))
    await core.append({ ...intention, put, audit: [audit] }, { touched: folded.touched, receivedAt: now, intakes })
  }

  /** The same silence, over at `now`; one to come never begins. */
  function ended(span: SilenceSpan, now: number): SilenceSpan {
    return silenceStateOf(span, now) === 'pending'
      ? { ...bare(span), startsAt: now, endsAt: now }
      : { ...bare(span), endsAt: now }
  }

  function touchedBy(who: Silencer, id: string, now: number): SilenceWords {
    const before = core.world.silences.get(id)
    return { author: authorOf(who), words: null, ...before, updatedAt: now, by: who.by }
  }

  return {
    async set(who, wanted) {
      core.requireWritable()
      const now = clock.now()
      requireSilence(wanted, now)
      const { matchers, createdBy, comment, endsAt } = wanted
      const old = wanted.id === undefined || wanted.id === '' ? null : known(wanted.id)
      const own: SilenceWords = { author: authorOf(who), words: { createdBy, comment }, updatedAt: now, by: who.by }
      if (old !== null && changesInPlace(old, wanted, now)) {
        const isActive = silenceStateOf(old, now) === 'active'
        const span = {
          id: old.id,
          matchers: plain(matchers),
          startsAt: isActive ? old.startsAt : wanted.startsAt,
          endsAt,
        }
        await write(who, now, 'silence.change', old.id, [span], new Map([[old.id, own]]))
        return { ...span, createdBy, comment, updatedAt: now, by: who.by }
      }
      const span = { id: newId(), matchers: plain(matchers), startsAt: Math.max(wanted.startsAt, now), endsAt }
      const spans: SilenceSpan[] = [span]
      const words = new Map([[span.id, own]])
      if (old !== null && silenceStateOf(old, now) !== 'expired') {
        // Rule Q8: in one entry, so that what both hold back is never let go in between.
        spans.unshift(ended(old, now))
        words.set(old.id, touchedBy(who, old.id, now))
      }
      await write(who, now, 'silence.make', span.id, spans, words)
      return { ...span, createdBy, comment, updatedAt: now, by: who.by }
    },

    async expire(who, id) {
      core.requireWritable()
      const now = clock.now()
      const old = known(id)
      if (silenceStateOf(old, now) === 'expired') return old
      const words = touchedBy(who, id, now)
      await write(who, now, 'silence.expire', id, [ended(old, now)], new Map([[id, words]]))
      return { ...old, ...ended(old, now), updatedAt: now, by: who.by }
    },

    list: () => core.world.filter.silences().flatMap((span) => view(span) ?? []),
    get(id) {
      const span = core.world.filter.silence(id)
      return span && view(span)
    },
    firingOf: (id) => core.world.filter.silencedBy(id),
    preview: (matchers) => preview(core, matchers),
  }
}

function preview({ world }: Core, matchers: readonly Matcher[]): SilencePreview {
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
    if (alert.status !== 'firing' || !silences(compiled, alert)) continue
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
const bare = ({ id, matchers, startsAt, endsAt }: SilenceSpan): SilenceSpan => ({ id, matchers, startsAt, endsAt })

function rowOf(id: string, { words, ...doc }: SilenceWords): SettingRow {
  const row: Doc = doc
  return { kind, id, doc: row, personal: words === null ? null : { personId: row.author, value: words } }
}
