import { useEffect, useRef, useState } from 'react'
import { z } from 'zod'
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
import { MatcherRows, matchersIn, rowsOf } from './matchers.tsx'
import { Preview } from './preview.tsx'
import css from './silences.module.css'

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
  const [faults, setFaults] = useState<Faults>(noFaults)
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
  const replaces = change !== null && JSON.stringify(wanted) !== JSON.stringify(change.matchers)

  async function save(): Promise<ErrorBody | null> {
    if (ms === null) {
      setFaults({ ...noFaults, length: 'Write a length such as 30m, 2h or 1d12h' })
      return { code: 'fields-invalid', message: 'Correct what is marked above; nothing was changed.' }
    }
    const from = startsAt ?? (change === null ? null : Date.parse(change.startsAt))
    const answer = await api.ask('POST', '/api/silences', silenceViewSchema, {
      ...(change !== null && change.state !== 'expired' && { id: change.id }),
      matchers: wanted,
      ...(startsAt !== null && { startsAt: new Date(startsAt).toISOString() }),
      endsAt: new Date((change?.state === 'pending' ? (from ?? 0) : (startsAt ?? link.serverNow())) + ms).toISOString(),
      comment: comment.trim(),
      createdBy: author,
    })
    setFaults(answer.ok ? noFaults : faultsIn(answer.error))
    if (!answer.ok) return answer.error
    await onDone(answer.value)
    return null
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
        ready={wanted.length > 0 && comment.trim() !== '' && length.trim() !== ''}
        act={save}
        onCancel={onClose}
      >
        <MatcherRows rows={rows} faults={faults.matchers} onChange={setRows} />
        {faults.all !== null && <p className={css.fault}>{faults.all}</p>}
        <Preview matchers={wanted} />
        <div className={css.length}>
          <TextField
            label={change === null || startsAt !== null ? 'For how long' : 'For how long from now'}
            required
            autoComplete="off"
            error={faults.length}
            value={length}
            onChange={(event) => setLength(event.target.value)}
            hint={
              endsAt === null ? undefined : (
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
        {change?.state !== 'active' && (
          <TextField
            label="Starts at, in your time (empty: at once)"
            type="datetime-local"
            error={faults.start}
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

interface Faults {
  /** By the matcher's place. */
  matchers: Readonly<Record<number, string>>
  all: string | null
  length: string | null
  start: string | null
}
const noFaults: Faults = { matchers: {}, all: null, length: null, start: null }
const faultsSchema = z.looseObject({ fields: z.array(z.looseObject({ path: z.string(), message: z.string() })) })

/** Which fields the server refused, and why. */
function faultsIn({ details }: ErrorBody): Faults {
  const read = faultsSchema.safeParse(details)
  if (!read.success) return noFaults
  const at = (path: string) => read.data.fields.find((field) => field.path === path)?.message ?? null
  const matchers = Object.fromEntries(
    read.data.fields.flatMap(({ path, message }) => {
      const [, index] = /^matchers\.(\d+)/.exec(path) ?? []
      return index === undefined ? [] : [[Number(index), message]]
    }),
  )
  return { matchers, all: at('matchers'), length: at('endsAt'), start: at('startsAt') }
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
function leftText({ state, startsAt, endsAt }: SilenceView, now: number): string {
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
