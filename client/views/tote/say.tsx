import { useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { type ReadinessState, type ReadinessView, readinessSchema, readinessWords } from '#shared/readiness.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { ReadinessGlyph } from '../../widgets/marks/readiness.tsx'
import { useApp, useMe, useNow } from '../context.ts'
import css from './say.module.css'
import { saidWords, spellTitle, spellWords, stateWord } from './words.ts'

/** What one press says. */
const choices: readonly { key: string; label: string; state: ReadinessState; inMin?: number }[] = [
  { key: 'ready', label: 'Ready', state: 'ready' },
  { key: 'in15', label: 'In 15 min', state: 'available', inMin: 15 },
  { key: 'in30', label: 'In 30 min', state: 'available', inMin: 30 },
  { key: 'in60', label: 'In 1 h', state: 'available', inMin: 60 },
  { key: 'engaged', label: 'Engaged', state: 'engaged' },
  { key: 'recovering', label: 'Recovering', state: 'recovering' },
  { key: 'released', label: 'Released', state: 'released' },
]
const lengths: readonly [number, string][] = [
  [30, '30 min'],
  [60, '1 h'],
  [120, '2 h'],
  [240, '4 h'],
  [480, '8 h'],
]

/** Sends it; what was refused is told beside the buttons. */
function useSaying(whose: string, onDone: () => void) {
  const { api } = useApp()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  async function send(method: 'POST' | 'DELETE', body?: object): Promise<void> {
    setBusy(true)
    const answer = await api.ask(method, `/api/tote/${encodeURIComponent(whose)}`, readinessSchema, body)
    setBusy(false)
    setError(answer.ok ? null : answer.error)
    if (answer.ok) onDone()
  }
  return { busy, error, send }
}

/** One press says it; for how long and why may be said before. */
function Choices({
  view,
  whose,
  wide = false,
  onDone,
}: {
  view: ReadinessView
  whose: string
  /** Length and note are asked for at once. */
  wide?: boolean
  onDone: () => void
}) {
  const [more, setMore] = useState(false)
  const [minutes, setMinutes] = useState('')
  const [inMin, setInMin] = useState('')
  const [note, setNote] = useState('')
  const { busy, error, send } = useSaying(whose, () => {
    setNote('')
    setMinutes('')
    setInMin('')
    onDone()
  })
  const own = Number(inMin)
  const say = (state: ReadinessState, way?: number) => {
    const length = minutes === '' ? {} : { untilMin: Number(minutes) + (way ?? 0) }
    void send('POST', { state, ...(way !== undefined && { inMin: way }), ...length, ...(note !== '' && { note }) })
  }
  return (
    <>
      <fieldset className={css.choices} disabled={busy}>
        <legend className="unseen">How ready</legend>
        {choices.map(({ key, label, state, inMin: way }) => (
          <Button
            key={key}
            aria-pressed={view.said !== undefined && way === undefined && view.state === state}
            title={readinessWords[state].means}
            onClick={() => say(state, way)}
          >
            <ReadinessGlyph state={state} /> {label}
          </Button>
        ))}
        {view.said !== undefined && (
          <Button kind="quiet" onClick={() => void send('DELETE')}>
            Take it back
          </Button>
        )}
        {!wide && (
          <Button kind="quiet" aria-expanded={more} onClick={() => setMore(!more)}>
            {more ? 'Less' : 'More'}
          </Button>
        )}
      </fieldset>
      {(wide || more) && (
        <div className={css.more}>
          <form
            className={css.inMin}
            onSubmit={(event) => {
              event.preventDefault()
              if (own >= 1) say('available', own)
            }}
          >
            <label>
              In{' '}
              <input
                type="number"
                min="1"
                max="720"
                value={inMin}
                aria-label="Available in minutes"
                onChange={(event) => setInMin(event.target.value)}
              />{' '}
              min
            </label>
            <Button type="submit" disabled={busy || !(own >= 1 && own <= 720)}>
              Say
            </Button>
          </form>
          <label>
            For{' '}
            <select value={minutes} onChange={(event) => setMinutes(event.target.value)} aria-label="For how long">
              <option value="">as long as usual</option>
              {lengths.map(([length, words]) => (
                <option key={length} value={length}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          <TextField
            label={<span className="unseen">Note</span>}
            placeholder="Note, for those who respond and command"
            maxLength={140}
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
        </div>
      )}
      {error !== null && <Trouble>{error.message}</Trouble>}
    </>
  )
}

/** My own state, one press away. */
export function MyState({ view }: { view: ReadinessView }) {
  const now = useNow()
  const [open, setOpen] = useState(false)
  const more = spellWords(view, now)
  return (
    <section className={css.mine} aria-label="My state">
      <p className={css.mineState} title={spellTitle(view, now)}>
        You: <ReadinessGlyph state={view.state} /> <b>{stateWord(view, now)}</b>
        {more !== '' && <span className="dim">{more}</span>}
        {view.said !== undefined && <span className="dim">{mySaidWords(view, now)}</span>}
        <Button kind="quiet" aria-expanded={open} className={css.sayMore} onClick={() => setOpen(!open)}>
          Say otherwise
        </Button>
      </p>
      <div className={open ? css.mineForm : `${css.mineForm} ${css.folded}`}>
        <Choices view={view} whose="me" onDone={() => setOpen(false)} />
      </div>
    </section>
  )
}

function mySaidWords(view: ReadinessView, now: number): string {
  const words = saidWords(view, now)
  return view.said?.by === undefined ? words.replace('says so', 'by your own word') : words
}

/** A commander says it for somebody, in their own name. */
export function SayFor({ view, onClose }: { view: ReadinessView; onClose: () => void }) {
  const me = useMe()
  const now = useNow()
  const lead = `${stateWord(view, now)}${view.said === undefined ? '' : `, ${saidWords(view, now)}`}. What you say stands under your name, on the tote and in the audit.`
  return (
    <Dialog open onClose={onClose} title={`How ready is ${view.name}?`} lead={lead}>
      <Choices view={view} whose={view.id === me.id ? 'me' : view.id} wide onDone={onClose} />
    </Dialog>
  )
}
