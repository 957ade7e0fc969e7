import { useState } from 'react'
import { overrideViewSchema, type RotationView, rotaViewSchema } from '#shared/duty/view.ts'
import { ageWords } from '../../../state/time-words.ts'
import { ActForm } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, SelectField, TextField } from '../../../widgets/controls/field.tsx'
import { useAsked } from '../../context.ts'
import type { Doing, Known } from '../known.ts'
import { type Change, clashes, preview } from '../timeline/layout.ts'
import { zoneWords } from '../words.ts'
import { aheadWords, fieldOf, instantOfField, rangeIn } from '../zone.ts'
import css from './acts.module.css'
import type { FormProps } from './forms.tsx'

const hourMs = 3_600_000

/** Puts somebody in for a time, whoever's turn it is; shows what that changes before it does. */
export function OverrideForm({
  wanted,
  known,
  onClose,
  send,
}: FormProps & { wanted: Extract<Doing, { kind: 'override' }> }) {
  const { view, names, here, now } = known
  const may = view.rotations.filter(({ mayOverride }) => mayOverride !== 'nobody')
  const [rotationId, setRotation] = useState(wanted.rotation ?? may[0]?.id ?? '')
  const rotation = known.rotations.get(rotationId)
  const [layer, setLayer] = useState(wanted.layer)
  const [from, setFrom] = useState(fieldOf(wanted.from ?? now, here))
  const [to, setTo] = useState(fieldOf(wanted.to ?? (wanted.from ?? now) + 8 * hourMs, here))
  const [chosen, setChosen] = useState('')
  const [reason, setReason] = useState('')
  const people = whoMay(rotation, known)
  const person = people.includes(chosen) ? chosen : people.length === 1 ? (people[0] ?? '') : ''
  const start = instantOfField(from, here)
  const end = instantOfField(to, here)
  const fault =
    start === null || end === null
      ? null
      : end <= start
        ? 'ends before it begins'
        : end <= now
          ? 'is over already; only what is to come can be changed'
          : null
  const span = start !== null && end !== null && fault === null ? { from: Math.max(start, now), to: end } : null
  return (
    <Dialog
      open
      onClose={onClose}
      title="Override"
      lead="Somebody answers in place of whose turn it is. The turns themselves go on as they are."
    >
      <ActForm
        button="Put in"
        ready={span !== null && person !== '' && rotation !== undefined && reason.trim() !== ''}
        act={() =>
          send(
            'POST',
            '/api/rota/overrides',
            overrideViewSchema,
            {
              ...{ rotation: rotationId, layer, person, reason: reason.trim() },
              from: new Date(span?.from ?? now).toISOString(),
              to: new Date(span?.to ?? now).toISOString(),
            },
            `${names.person(person)} answers for ${names.rotation(rotationId)} then.`,
          )
        }
        onCancel={onClose}
      >
        <div className={css.pair}>
          <SelectField
            label="For"
            value={rotationId}
            onChange={(event) => {
              setRotation(event.target.value)
              setLayer(null)
            }}
          >
            {may.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField label="Who answers then" value={person} onChange={(event) => setChosen(event.target.value)}>
            <option value="">choose…</option>
            {people.map((id) => (
              <option key={id} value={id}>
                {names.person(id)}
                {id === view.me ? ' (you)' : ''}
              </option>
            ))}
          </SelectField>
        </div>
        {rotation !== undefined && rotation.layers.length > 1 && (
          <SelectField
            label="In place of"
            value={layer ?? ''}
            onChange={(event) => setLayer(event.target.value === '' ? null : event.target.value)}
          >
            <option value="">whoever is asked first</option>
            {rotation.layers.map(({ name }) => (
              <option key={name} value={name}>
                who is on in layer {name}
              </option>
            ))}
          </SelectField>
        )}
        <div className={css.pair}>
          <TextField
            label="From, your time"
            type="datetime-local"
            required
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <TextField
            label="To"
            type="datetime-local"
            required
            error={fault}
            value={to}
            onChange={(event) => setTo(event.target.value)}
            hint={span === null ? undefined : `${ageWords(span.to - span.from)}`}
          />
        </div>
        {rotation !== undefined && span !== null && <Elsewhere rotation={rotation} span={span} known={known} />}
        {rotation !== undefined && span !== null && person !== '' && (
          <Preview tried={{ rotation: rotationId, layer, person, ...span }} known={known} />
        )}
        <ReasonField value={reason} onSay={setReason} required hint="Everybody who looks at the rota sees it." />
      </ActForm>
    </Dialog>
  )
}

/** Whom the viewer may put in: of the rotation's team those who take turns first. */
function whoMay(rotation: RotationView | undefined, { view, names }: Known): string[] {
  if (rotation === undefined) return []
  if (rotation.mayOverride === 'myself') return view.me === null ? [] : [view.me]
  const turns = new Set(rotation.layers.flatMap(({ people }) => people))
  const others = view.people.map(({ id }) => id).filter((id) => !turns.has(id))
  const byName = (a: string, b: string) => names.person(a).localeCompare(names.person(b))
  return [...[...turns].sort(byName), ...others.sort(byName)]
}

/** The same by the rotation's own clock, where that is another one. */
function Elsewhere({
  rotation,
  span,
  known: { here, now },
}: {
  rotation: RotationView
  span: { from: number; to: number }
  known: Known
}) {
  if (aheadWords(rotation.timeZone, here, span.from) === '') return null
  return (
    <p className="dim">
      In {zoneWords(rotation.timeZone)}: {rangeIn(span.from, span.to, rotation.timeZone, now)}
    </p>
  )
}

const mostDays = 186

/** What changes, stretch by stretch, and what the person has meanwhile elsewhere: by the rota as the server has it now. */
function Preview({
  tried,
  known,
}: {
  tried: { rotation: string; layer: string | null; person: string; from: number; to: number }
  known: Known
}) {
  const { names, here, now } = known
  const isShort = tried.to - tried.from <= mostDays * 24 * hourMs
  const range = new URLSearchParams({
    from: new Date(tried.from).toISOString(),
    to: new Date(tried.to).toISOString(),
  })
  const { value, error } = useAsked(isShort ? `/api/rota?${range}` : null, rotaViewSchema)
  const rotation = value?.rotations.find(({ id }) => id === tried.rotation)
  const meanwhile = value === null ? [] : clashes(value.rotations, tried)
  return (
    <section className={css.preview} aria-label="What changes" aria-live="polite">
      <h3 className="caps">What changes</h3>
      {!isShort ? (
        <p className={css.fault}>That is longer than half a year; change the rotation in the policy instead.</p>
      ) : error !== null ? (
        <p className={css.fault}>{error.message}</p>
      ) : rotation === undefined ? (
        <p className="dim">Looking…</p>
      ) : (
        <>
          <ul>
            {preview(rotation, tried)
              .slice(0, 8)
              .map((change) => (
                <li key={change.from}>
                  {rangeIn(change.from, change.to, here, now)}: <ChangeWords change={change} known={known} />
                </li>
              ))}
            {preview(rotation, tried).length > 8 && (
              <li className="dim">and {preview(rotation, tried).length - 8} stretches more</li>
            )}
          </ul>
          {meanwhile.slice(0, 3).map((shift) => (
            <p key={`${shift.rotation} ${shift.layer} ${shift.from}`} className="soon">
              {names.person(tried.person)} answers for {names.rotation(shift.rotation)} meanwhile (
              {rangeIn(Date.parse(shift.from), Date.parse(shift.to), here, now)}): a double booking.
            </p>
          ))}
        </>
      )}
    </section>
  )
}

function ChangeWords({ change: { before, after }, known: { names } }: { change: Change; known: Known }) {
  if (before === after) return <span className="dim">{names.person(after)} answers already</span>
  return (
    <>
      {before === null ? <span className="dim">nobody</span> : names.person(before)}
      {' → '}
      <b>{names.person(after)}</b>
    </>
  )
}
