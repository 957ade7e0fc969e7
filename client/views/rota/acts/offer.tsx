import { useState } from 'react'
import { type ShiftView, swapViewSchema } from '#shared/duty/view.ts'
import { ageWords } from '../../../state/time-words.ts'
import { ActForm } from '../../../widgets/controls/act-form.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, SelectField, TextField } from '../../../widgets/controls/field.tsx'
import type { Known } from '../known.ts'
import { shiftsOf } from '../timeline/layout.ts'
import { fieldOf, instantOfField, rangeIn } from '../zone.ts'
import css from './acts.module.css'
import type { FormProps } from './forms.tsx'

const minuteMs = 60_000
/** Somebody must have time to answer. */
const soonestMs = 15 * minuteMs

/** Offers a shift of one's own, or a part of it, to a person or the team; perhaps for one of theirs. */
export function OfferForm({ shift, known, onClose, send }: FormProps & { shift: ShiftView }) {
  const { view, names, rotations, here, now } = known
  const rotation = rotations.get(shift.rotation)
  const begins = Date.parse(shift.from)
  const ends = Date.parse(shift.to)
  const soonest = Math.ceil((now + soonestMs) / soonestMs) * soonestMs
  const [from, setFrom] = useState(fieldOf(begins > now ? begins : soonest, here))
  const [to, setTo] = useState(fieldOf(ends, here))
  const [offerTo, setOfferTo] = useState(`team:${rotation?.team.id ?? ''}`)
  const [wanted, setWanted] = useState('')
  const [reason, setReason] = useState('')
  const theirs = offerTo.startsWith('team:') ? [] : toCome(offerTo, known)
  const inReturn = theirs.find((one) => keyOf(one) === wanted) ?? null
  const start = instantOfField(from, here)
  const end = instantOfField(to, here)
  const fault = faultOf(start, end, { begins, ends, now })
  const whole = start === begins && end === ends
  const people = [...new Set(rotation?.layers.flatMap((layer) => layer.people) ?? [])].filter((id) => id !== view.me)
  const others = view.people.map(({ id }) => id).filter((id) => id !== view.me && !people.includes(id))
  return (
    <Dialog
      open
      onClose={onClose}
      title="Offer to swap"
      lead={
        <>
          {names.rotation(shift.rotation)}, {rangeIn(begins, ends, here, now)}. It stays yours until somebody accepts.
        </>
      }
    >
      <ActForm
        button="Offer it"
        ready={fault === null && reason.trim() !== ''}
        act={() =>
          send(
            'POST',
            '/api/rota/swaps',
            swapViewSchema,
            {
              ...{ rotation: shift.rotation, layer: shift.layer, offerTo, reason: reason.trim() },
              from: new Date(start ?? now).toISOString(),
              to: new Date(end ?? now).toISOString(),
              inReturn:
                inReturn === null
                  ? null
                  : { rotation: inReturn.rotation, layer: inReturn.layer, from: inReturn.from, to: inReturn.to },
            },
            'Offered. It is yours until somebody accepts.',
          )
        }
        onCancel={onClose}
      >
        <SelectField
          label="To"
          hint={offerTo.startsWith('team:') ? 'Whoever accepts first has it.' : undefined}
          value={offerTo}
          onChange={(event) => setOfferTo(event.target.value)}
        >
          <option value={`team:${rotation?.team.id ?? ''}`}>anybody in {rotation?.team.name}</option>
          {[...people, ...others].map((id) => (
            <option key={id} value={id}>
              {names.person(id)}
            </option>
          ))}
        </SelectField>
        {!offerTo.startsWith('team:') && (
          <SelectField
            label="In return for"
            value={inReturn === null ? '' : wanted}
            onChange={(event) => setWanted(event.target.value)}
            hint={
              theirs.length === 0
                ? `${names.person(offerTo)} has no shift in the time that is shown; look at four weeks to see more.`
                : undefined
            }
          >
            <option value="">nothing</option>
            {theirs.map((one) => (
              <option key={keyOf(one)} value={keyOf(one)}>
                {names.rotation(one.rotation)}, {rangeIn(Date.parse(one.from), Date.parse(one.to), here, now)}
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
            hint={
              start === null || end === null
                ? undefined
                : `${whole ? 'the whole shift' : 'a part of it'}, ${ageWords(end - start)}`
            }
          />
        </div>
        <ReasonField value={reason} onSay={setReason} required hint="Whoever is asked reads it." />
      </ActForm>
    </Dialog>
  )
}

const keyOf = ({ rotation, layer, from }: ShiftView): string => JSON.stringify([rotation, layer, from])

/** Of what is shown, shifts of theirs that have not begun. */
function toCome(person: string, { view, now }: Known): ShiftView[] {
  return shiftsOf(view.rotations, person, now).filter(({ from }) => Date.parse(from) > now)
}

function faultOf(
  start: number | null,
  end: number | null,
  { begins, ends, now }: { begins: number; ends: number; now: number },
): string | null {
  if (start === null || end === null) return 'say when'
  if (end <= start) return 'ends before it begins'
  if (start <= now) return 'begins in the past; somebody must have time to accept'
  return start < begins || end > ends ? 'is more than your shift' : null
}
