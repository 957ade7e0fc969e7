import type { ShiftView } from '#shared/duty/view.ts'
import { ageWords } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { Buttons, Dialog } from '../../../widgets/controls/dialog.tsx'
import { waysOf } from '../known.ts'
import { ByMark } from '../timeline/marks.tsx'
import { byWords, zoneWords } from '../words.ts'
import { rangeIn } from '../zone.ts'
import css from './acts.module.css'
import type { FormProps } from './forms.tsx'

/** One shift in full, with what can be done about it. */
export function ShiftCard({
  shift,
  maySwap,
  known,
  begin,
  onClose,
}: FormProps & { shift: ShiftView; maySwap: boolean }) {
  const { names, rotations, view, here, now } = known
  const rotation = rotations.get(shift.rotation)
  const ways = waysOf(shift, known)
  const from = Date.parse(shift.from)
  const to = Date.parse(shift.to)
  const change = view.overrides.find(({ id }) => id === shift.change)
  const swap = view.swaps.find(({ id }) => id === shift.change)
  const there = rotation?.timeZone ?? here
  const mine = rangeIn(from, to, here, now)
  const theirs = rangeIn(from, to, there, now)
  return (
    <Dialog
      open
      onClose={onClose}
      title={names.person(shift.person)}
      lead={`on call for ${names.rotation(shift.rotation)}`}
    >
      <dl className={css.facts}>
        <dt>When</dt>
        <dd>
          <b>{mine}</b> your time
          {theirs !== mine && (
            <>
              <br />
              {theirs} in {zoneWords(there)}
            </>
          )}
          <br />
          <span className="dim">
            {to <= now
              ? `over since ${ageWords(now - to)}`
              : from <= now
                ? `on now, ${ageWords(to - now)} left of ${ageWords(to - from)}`
                : `in ${ageWords(from - now)}, for ${ageWords(to - from)}`}
          </span>
        </dd>
        {rotation !== undefined && rotation.layers.length > 1 && (
          <>
            <dt>Layer</dt>
            <dd>
              {shift.layer} <span className="dim">of {rotation.layers.map(({ name }) => name).join(', then ')}</span>
            </dd>
          </>
        )}
        {shift.by !== 'rotation' && (
          <>
            <dt>Why</dt>
            <dd>
              <ByMark by={shift.by} /> {byWords[shift.by]}
              {change !== undefined && (
                <>
                  {' '}
                  by {change.by}
                  {change.reason !== null && `: “${change.reason}”`}
                </>
              )}
              {swap !== undefined && (
                <>
                  {' '}
                  of {names.person(swap.person)}’s shift
                  {swap.reason !== null && `: “${swap.reason}”`}
                </>
              )}
            </dd>
          </>
        )}
      </dl>
      <Buttons>
        {maySwap && ways.offer && (
          <Button kind="main" onClick={() => begin({ kind: 'offer', shift })}>
            Offer to swap…
          </Button>
        )}
        {ways.override && (
          <Button
            onClick={() =>
              begin({ kind: 'override', rotation: shift.rotation, layer: shift.layer, from: Math.max(from, now), to })
            }
          >
            Put somebody else in…
          </Button>
        )}
        {change?.mayRemove === true && to > now && (
          <Button onClick={() => begin({ kind: 'remove', override: change.id })}>
            {from <= now ? 'End this override…' : 'Remove this override…'}
          </Button>
        )}
        <Button kind="quiet" onClick={onClose}>
          Close
        </Button>
      </Buttons>
    </Dialog>
  )
}
