import { useRef, useState } from 'react'
import { type ImportView, importViewSchema, mostIcsChars } from '#shared/duty/view.ts'
import type { ErrorBody } from '#shared/errors.ts'
import { figure } from '../../../state/time-words.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, SelectField, TextArea, Trouble } from '../../../widgets/controls/field.tsx'
import { useApp } from '../../context.ts'
import type { Known } from '../known.ts'
import { momentIn, rangeIn } from '../zone.ts'
import css from './acts.module.css'
import type { FormProps } from './forms.tsx'

/** What of an iCalendar file becomes overrides of a rotation or days of a calendar: tried first, then done. */
export function ImportForm({ known, onClose, again }: FormProps & { again: () => Promise<void> }) {
  const { api, announcer } = useApp()
  const { view } = known
  const targets = [
    ...view.rotations.map(({ id, name }) => ({ key: `overrides ${id}`, words: `shifts of ${name}` })),
    ...view.calendars.map(({ id, name }) => ({ key: `holidays ${id}`, words: `holidays of ${name}` })),
  ]
  const [target, setTarget] = useState(targets[0]?.key ?? '')
  const [layer, setLayer] = useState<string | null>(null)
  const [ics, setIcs] = useState('')
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState<{ key: string; result: ImportView } | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [busy, setBusy] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const key = JSON.stringify([target, layer, ics])
  const result = tried?.key === key ? tried.result : null

  async function send(dryRun: boolean): Promise<void> {
    setBusy(true)
    setError(null)
    const [kind, id] = target.split(/ (.*)/s)
    const as = kind === 'holidays' ? { kind, calendar: id } : { kind: 'overrides', rotation: id, layer }
    const body = { ics, as, dryRun, reason: reason.trim() === '' ? 'a calendar file' : reason.trim() }
    const answer = await api.ask('POST', '/api/rota/import', importViewSchema, body)
    setBusy(false)
    if (!answer.ok) return setError(answer.error)
    setTried({ key, result: answer.value })
    if (dryRun) return
    await again()
    const { overrides, holidays } = answer.value
    const text = `Imported: ${kind === 'holidays' ? plural(holidays.length, 'day') : plural(overrides.length, 'shift')}.`
    announcer.say({ tone: 'done', text, incidentId: null, offers: [] })
    onClose()
  }
  const layers = target.startsWith('overrides ')
    ? (known.rotations.get(target.slice('overrides '.length))?.layers ?? [])
    : []
  const some = result !== null && result.overrides.length + result.holidays.length > 0
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="Import a calendar file"
      lead="An .ics file, as calendar programmes export it. It is read first, and nothing is changed before you say so. Importing it again takes the place of what came from it before."
    >
      <FormShell
        button={busy ? 'Reading…' : result === null ? 'See what would come of it' : 'Import'}
        disabled={busy || ics.trim() === '' || target === '' || (result !== null && !some)}
        trouble={error !== null && <Trouble>{error.message}</Trouble>}
        onSubmit={() => void send(result === null)}
        onCancel={onClose}
      >
        <SelectField
          label="Its events are"
          value={target}
          onChange={(event) => {
            setTarget(event.target.value)
            setLayer(null)
          }}
          hint={
            target.startsWith('overrides')
              ? 'A shift is of the person whose name or e-mail address stands in the event.'
              : 'Whole days; layers that heed the calendar are off then, or others answer.'
          }
        >
          {targets.map(({ key, words }) => (
            <option key={key} value={key}>
              {words}
            </option>
          ))}
        </SelectField>
        {layers.length > 1 && (
          <SelectField
            label="In place of"
            value={layer ?? ''}
            onChange={(event) => setLayer(event.target.value === '' ? null : event.target.value)}
          >
            <option value="">whoever is asked first</option>
            {layers.map(({ name }) => (
              <option key={name} value={name}>
                who is on in layer {name}
              </option>
            ))}
          </SelectField>
        )}
        <p className={css.file}>
          <input
            ref={picker}
            type="file"
            accept=".ics,text/calendar"
            className="unseen"
            tabIndex={-1}
            aria-label="Calendar file"
            onChange={(event) => {
              const [file] = event.target.files ?? []
              if (file === undefined) return
              file
                .text()
                .then(setIcs, () =>
                  setError({ code: 'fields-invalid', message: 'The file cannot be read. Paste its text instead.' }),
                )
            }}
          />
          <Button onClick={() => picker.current?.click()}>Choose a file…</Button>
          <span className="dim">or paste its text</span>
        </p>
        <TextArea
          label="Text of the file"
          rows={5}
          spellCheck={false}
          className={css.code ?? ''}
          placeholder="BEGIN:VCALENDAR"
          error={ics.length > mostIcsChars ? 'is longer than a million characters; export a shorter time' : null}
          value={ics}
          onChange={(event) => setIcs(event.target.value)}
        />
        {result !== null && <Result result={result} known={known} />}
        <ReasonField optional value={reason} onSay={setReason} />
      </FormShell>
    </Dialog>
  )
}

const plural = (n: number, one: string): string => `${figure(n)} ${one}${n === 1 ? '' : 's'}`
const shownMost = 6

/** A day stays as it is; an instant is told by the viewer's clock. */
const placeWords = (at: string, here: string, now: number): string =>
  at.includes('T') && !Number.isNaN(Date.parse(at)) ? momentIn(Date.parse(at), here, now) : at

function Result({ result, known: { here, now } }: { result: ImportView; known: Known }) {
  const names = new Map(result.people.map(({ id, name }) => [id, name]))
  const lines = [
    ...result.overrides.map(({ person, from, to, summary }) => ({
      key: `${person} ${from}`,
      words: `${names.get(person) ?? summary}: ${rangeIn(Date.parse(from), Date.parse(to), here, now)}`,
    })),
    ...result.holidays.map(({ date, until, name }) => ({
      key: date,
      words: `${date}${until === date ? '' : ` to ${until}`}${name === null ? '' : `, ${name}`}`,
    })),
  ]
  return (
    <section className={css.preview} aria-label="What would come of it" aria-live="polite">
      <h3 className="caps">
        {lines.length === 0 ? 'Nothing would come of it' : `Would come of it · ${figure(lines.length)}`}
      </h3>
      <ul>
        {lines.slice(0, shownMost).map(({ key, words }) => (
          <li key={key}>{words}</li>
        ))}
        {lines.length > shownMost && <li className="dim">and {figure(lines.length - shownMost)} more</li>}
      </ul>
      {result.skippedInAll > 0 && (
        <>
          <h3 className="caps">Left out · {figure(result.skippedInAll)}</h3>
          <ul>
            {result.skipped.slice(0, shownMost).map(({ summary, at, why }) => (
              <li key={`${summary} ${at} ${why}`}>
                {summary} {at !== null && <span className="dim">{placeWords(at, here, now)}</span>}: {why}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
