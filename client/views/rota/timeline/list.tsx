import { useMemo } from 'react'
import type { RotationView } from '#shared/duty/view.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import type { Begin, Known } from '../known.ts'
import css from '../rota.module.css'
import { byWords, shiftWords } from '../words.ts'
import { dayIn, daysFrom, localOf, startOfDate } from '../zone.ts'
import { type Asked, askedFirst, spanOf } from './layout.ts'
import { ByMark } from './marks.tsx'

const dayMs = 24 * 3_600_000

interface Line extends Asked {
  rotation: RotationView
  gap: boolean
}

/** The same as the timeline, as a table: day by day who is asked first, for whom a drawing is no help or no room. */
export function DayList({
  known,
  rotations,
  begin,
}: {
  known: Known
  rotations: readonly RotationView[]
  begin: Begin
}) {
  const { view, here, now } = known
  const days = useMemo(() => {
    const window = spanOf(view)
    const bounds = daysFrom(window.from, Math.round((window.to - window.from) / dayMs), here)
    return bounds.slice(0, -1).map((from, index) => ({ from, to: bounds[index + 1] ?? window.to }))
  }, [view, here])
  return (
    <table className={css.table}>
      <caption className="unseen">Who is asked first, by day, in your time</caption>
      {days
        .filter(({ to }) => to > now || days.every((day) => day.to <= now))
        .map((day) => (
          <tbody key={day.from}>
            <tr>
              <th colSpan={3} scope="rowgroup" className={css.dayHead}>
                {dayIn(day.from, here, now)} <Holiday known={known} day={day.from} />
              </th>
            </tr>
            {rotations
              .flatMap((rotation) => linesOf(rotation, known, day))
              .map((line) => (
                <Row key={`${line.rotation.id} ${line.from}`} line={line} known={known} begin={begin} />
              ))}
          </tbody>
        ))}
    </table>
  )
}

/** What is planned of a rotation on that day: shifts, and gaps where there should be one. */
function linesOf(rotation: RotationView, { view }: Known, day: { from: number; to: number }): Line[] {
  const gaps = view.troubles.filter((one) => one.kind === 'gap' && one.rotation === rotation.id).map(spanOf)
  return askedFirst(rotation, day).flatMap((asked) => {
    const gap = asked.shift === null && gaps.some(({ from, to }) => from < asked.to && to > asked.from)
    return asked.shift === null && !gap ? [] : { ...asked, rotation, gap }
  })
}

function Holiday({ known: { view, here }, day }: { known: Known; day: number }) {
  const names = view.holidays.flatMap(({ date, until, name }) => {
    const from = startOfDate(date, here)
    const to = startOfDate(until, here)
    return from !== null && to !== null && from <= day && day <= to ? (name ?? 'holiday') : []
  })
  if (names.length === 0) return null
  return <span className={css.holidayWord}>{[...new Set(names)].join(', ')}</span>
}

function Row({ line: { rotation, shift, from, to, gap }, known, begin }: { line: Line; known: Known; begin: Begin }) {
  const { names, here, now, view } = known
  const end = localOf(to, here).minute
  const start = localOf(from, here).minute
  const times = start === '00:00' && end === '00:00' ? 'all day' : `${start} to ${end === '00:00' ? '24:00' : end}`
  const isNow = from <= now && to > now
  return (
    <tr className={to <= now ? css.over : undefined}>
      <td className={css.times}>
        {times}
        {isNow && <b className={css.nowWord}>now</b>}
      </td>
      <td className={css.of}>{rotation.name}</td>
      <td>
        {shift !== null ? (
          <button
            type="button"
            className={css.person}
            aria-label={shiftWords(shift, names, { here, there: rotation.timeZone, now, layers: rotation.layers })}
            onClick={() => begin({ kind: 'shift', shift })}
          >
            <span className={shift.person === view.me ? css.me : undefined}>{names.person(shift.person)}</span>
            {byWords[shift.by] !== null && (
              <span className={css.byWord}>
                <ByMark by={shift.by} /> {byWords[shift.by]}
              </span>
            )}
          </button>
        ) : (
          gap && (
            <span className={css.nobody}>
              nobody{' '}
              {rotation.mayOverride !== 'nobody' && to > now && (
                <Button
                  onClick={() =>
                    begin({ kind: 'override', rotation: rotation.id, layer: null, from: Math.max(from, now), to })
                  }
                >
                  Put somebody in…
                </Button>
              )}
            </span>
          )
        )}
      </td>
    </tr>
  )
}
