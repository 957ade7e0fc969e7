import { useEffect, useRef, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import type { Matcher } from '#shared/matchers.ts'
import { parseDuration } from '#shared/policy.ts'
import { type SilenceView, silenceViewSchema } from '#shared/silence.ts'
import { durationText } from '#shared/source.ts'
import { ageWords, bothClocks, utcWords } from '../../state/time-words.ts'
import { ActForm } from '../../widgets/controls/act-form.tsx'
import { TextArea, TextField } from '../../widgets/controls/field.tsx'
import { useApp, useMe, useNow } from '../context.ts'
import { spans } from './draft.ts'
import { faultAt, faultsWithin } from './faults.ts'
import { MatcherRows, matchersIn, rowsOf } from './matchers.tsx'
import { Preview } from './preview.tsx'
import { draftOf, isUnfinished, newDraft, type Rhythm, ruleOf } from './recurring.ts'
import { RecursFields, RhythmChoice } from './recurs-fields.tsx'
import css from './silences.module.css'
import { ComingTimes, type WantedRecurs } from './times.tsx'

/** A new silence, or the change of one, with what it would hold back beside it. */
export function Editor({
  change = null,
  matchers,
  onClose,
  onDone,
}: {
  /** The one that is changed; null: a new one. */
  change?: SilenceView | null
  matchers: readonly Matcher[]
  onClose: () => void
  onDone: (silence: SilenceView) => Promise<void>
}) {
  const { api, link } = useApp()
  const me = useMe()
  const now = useNow()
  const [rows, setRows] = useState<Matcher[]>(() => rowsOf(change?.matchers ?? matchers))
  const [length, setLength] = useState(() => (change === null ? '2h' : leftText(change, link.serverNow())))
  const [start, setStart] = useState(() => (change?.state === 'pending' ? localText(Date.parse(change.startsAt)) : ''))
  const [comment, setComment] = useState(change?.comment ?? '')
  const [draft, setDraft] = useState(() =>
    change === null || change.recurs === null
      ? newDraft(nextHour(link.serverNow()), Intl.DateTimeFormat().resolvedOptions().timeZone)
      : draftOf(change.recurs),
  )
  const [rhythm, setRhythm] = useState<Rhythm>(change === null || change.recurs === null ? 'once' : draft.rhythm)
  const [refused, setRefused] = useState<ErrorBody | null>(null)
  const comments = useRef<HTMLTextAreaElement>(null)
  const section = useRef<HTMLElement>(null)
  const isFilled = useRef(change !== null || matchers.length > 0)
  // The hand goes on where the next word is wanted.
  useEffect(() => {
    if (isFilled.current) comments.current?.focus()
    else section.current?.querySelector('input')?.focus()
  }, [])
  const wanted = matchersIn(rows)
  const ms = lengthIn(length)
  const startsAt = start === '' ? null : new Date(start).getTime()
  const endsAt = ms === null ? null : (startsAt ?? now) + ms
  // Who only moves its end does not become its author.
  const author =
    change !== null && change.createdBy !== '' && comment.trim() === change.comment ? change.createdBy : me.name
  const recurs: WantedRecurs | null =
    rhythm === 'once' || ms === null || isUnfinished({ ...draft, rhythm })
      ? null
      : { rrule: ruleOf({ ...draft, rhythm }), starts: draft.starts, lastsMs: ms, timeZone: draft.timeZone.trim() }
  const fault = (path: string): string | null => (refused === null ? null : faultAt(refused, path))
  const replaces = change !== null && JSON.stringify(wanted) !== JSON.stringify(change.matchers)

  async function save(): Promise<ErrorBody | null> {
    if (ms === null) {
      setRefused({
        code: 'fields-invalid',
        message: '',
        details: { fields: [{ path: 'endsAt', message: 'Write a length such as 30m, 2h or 1d12h' }] },
      })
      return { code: 'fields-invalid', message: 'Correct what is marked above; nothing was changed.' }
    }
    const keeps = change !== null && change.state !== 'expired'
    const answer = await api.ask('POST', '/api/silences', silenceViewSchema, {
      ...(keeps && { id: change.id }),
      matchers: wanted,
      ...(recurs === null ? once(ms, keeps && change.recurs !== null) : { recurs }),
      comment: comment.trim(),
      createdBy: author,
    })
    setRefused(answer.ok ? null : answer.error)
    if (!answer.ok) return answer.error
    await onDone(answer.value)
    return null
  }

  /** @param again whether it came again before */
  function once(lasts: number, again: boolean): object {
    const from = startsAt ?? (change === null ? null : Date.parse(change.startsAt))
    const begins = change?.state === 'pending' ? (from ?? 0) : (startsAt ?? link.serverNow())
    return {
      ...(startsAt !== null && { startsAt: new Date(startsAt).toISOString() }),
      endsAt: new Date(begins + lasts).toISOString(),
      ...(again && { recurs: null }),
    }
  }

  return (
    <section
      ref={section}
      className={css.editor}
      aria-label={change === null ? 'New silence' : 'Change a silence'}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <h2>{change === null ? 'New silence' : change.state === 'expired' ? 'Silence again' : 'Change the silence'}</h2>
      <ActForm
        button={change === null || change.state === 'expired' ? 'Silence' : 'Save the change'}
        ready={
          wanted.length > 0 &&
          comment.trim() !== '' &&
          length.trim() !== '' &&
          (rhythm === 'once' || !isUnfinished({ ...draft, rhythm }))
        }
        act={save}
        onCancel={onClose}
      >
        <MatcherRows
          rows={rows}
          faults={refused === null ? {} : faultsWithin(refused, 'matchers')}
          onChange={setRows}
        />
        {fault('matchers') !== null && <p className={css.fault}>{fault('matchers')}</p>}
        <Preview matchers={wanted} />
        <RhythmChoice
          rhythm={rhythm}
          onChange={(next) => {
            setRhythm(next)
            if (next !== 'once') setDraft({ ...draft, rhythm: next, ...(next === 'rule' && { rule: ruleOf(draft) }) })
          }}
        />
        {rhythm !== 'once' && (
          <RecursFields draft={draft} faults={(field) => fault(`recurs.${field}`)} onChange={setDraft} />
        )}
        <div className={css.length}>
          <TextField
            label={lengthLabel(rhythm, change === null || startsAt !== null)}
            required
            autoComplete="off"
            error={fault('endsAt') ?? fault('recurs.lastsMs')}
            value={length}
            onChange={(event) => setLength(event.target.value)}
            hint={
              endsAt === null || rhythm !== 'once' ? undefined : (
                <>
                  ends in {ageWords(endsAt - now)}, <time title={utcWords(endsAt)}>{endWords(endsAt, now)}</time>
                </>
              )
            }
          />
          <fieldset className={css.spans} aria-label="Usual lengths">
            {spans.map(([name, span]) => (
              <button key={name} type="button" aria-pressed={ms === span} onClick={() => setLength(durationText(span))}>
                {name}
              </button>
            ))}
          </fieldset>
        </div>
        {rhythm !== 'once' && <ComingTimes recurs={recurs} />}
        {rhythm === 'once' && change?.state !== 'active' && (
          <TextField
            label="Starts at, in your time (empty: at once)"
            type="datetime-local"
            error={fault('startsAt')}
            value={start}
            onChange={(event) => setStart(event.target.value)}
          />
        )}
        <TextArea
          ref={comments}
          label="Why"
          required
          hint={`Shown with it on the board, as said by ${author}.`}
          maxLength={4000}
          rows={3}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        {replaces && change.state === 'active' && (
          <p className="soon">With other matchers this is another silence: the one before ends when you save.</p>
        )}
      </ActForm>
    </section>
  )
}

function lengthLabel(rhythm: Rhythm, isFromStart: boolean): string {
  if (rhythm !== 'once') return 'For how long each time'
  return isFromStart ? 'For how long' : 'For how long from now'
}

/** The next full hour, as a field for local date and time wants it. */
function nextHour(now: number): string {
  const hourMs = 3_600_000
  return localText(Math.ceil(now / hourMs) * hourMs)
}

function lengthIn(text: string): number | null {
  try {
    return parseDuration(text.replaceAll(/\s+/g, ''))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** What is left of it, or how long it will be; in whole minutes. */
function leftText({ state, startsAt, endsAt, recurs }: SilenceView, now: number): string {
  if (recurs !== null) return durationText(recurs.lastsMs)
  if (state === 'expired') return '2h'
  const from = state === 'pending' ? Date.parse(startsAt) : now
  return durationText(Math.max(60_000, Math.round((Date.parse(endsAt) - from) / 60_000) * 60_000))
}

/** As a field for local date and time wants it. */
function localText(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 16)
}

/** The day is said where it is another one. */
function endWords(at: number, now: number): string {
  const isToday = utcWords(at).slice(0, 10) === utcWords(now).slice(0, 10)
  return isToday ? bothClocks(at) : utcWords(at)
}
