import { type CSSProperties, type KeyboardEvent, useContext, useMemo } from 'react'
import type { RotationView } from '#shared/duty/view.ts'
import { useWidth } from '../../../widgets/chain/use-width.ts'
import type { Begin, Known } from '../known.ts'
import { byWords, zoneWords } from '../words.ts'
import { aheadWords, daysFrom, localOf, rangeIn, startOfDate } from '../zone.ts'
import { Bar, Gap, styleOf, textPx, Width } from './bar.tsx'
import { askedFirst, placeOf, type Span, spanOf } from './layout.ts'
import { ByMark } from './marks.tsx'
import css from './timeline.module.css'

const dayMs = 24 * 3_600_000

/** Shifts as bars on the viewer's days: for each rotation who is asked first, and below its layers. */
export function Timeline({
  known,
  rotations,
  begin,
}: {
  known: Known
  rotations: readonly RotationView[]
  begin: Begin
}) {
  const { view, here, now } = known
  const window = useMemo(() => spanOf(view), [view])
  const days = useMemo(() => daysFrom(window.from, Math.round((window.to - window.from) / dayMs), here), [window, here])
  const [area, width] = useWidth<HTMLDivElement>(1000)
  const at = (instant: number) => `${((instant - window.from) / (window.to - window.from)) * 100}%`
  return (
    <section className={css.timeline} aria-label="Timeline">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys move the focus from bar to bar, which are buttons */}
      <div className={css.scroll} onKeyDown={moveFocus}>
        <div className={css.grid}>
          <div className={css.corner}>your time, {zoneWords(here)}</div>
          <div className={css.days} ref={area}>
            {days.slice(0, -1).map((day, index) => (
              <Day
                key={day}
                day={day}
                to={days[index + 1] ?? window.to}
                many={days.length > 10}
                known={known}
                at={at}
              />
            ))}
          </div>
          <Width value={width}>
            <Holidays known={known} window={window} />
            {rotations.map((rotation) => (
              <Rotation key={rotation.id} rotation={rotation} known={known} window={window} begin={begin} />
            ))}
          </Width>
          <div className={css.behind} aria-hidden="true">
            {days.slice(1, -1).map((day) => (
              <i key={day} className={css.midnight} style={{ left: at(day) }} />
            ))}
            {days.length <= 10 &&
              days
                .slice(0, -1)
                .map((day, index) => (
                  <i key={day} className={css.noon} style={{ left: at((day + (days[index + 1] ?? day)) / 2) }} />
                ))}
            {now > window.from && now < window.to && <i className={css.past} style={{ width: at(now) }} />}
          </div>
          {now > window.from && now < window.to && (
            <div className={css.before} aria-hidden="true">
              <i className={css.now} style={{ left: at(now) }}>
                <span>now {localOf(now, here).minute}</span>
              </i>
            </div>
          )}
        </div>
      </div>
      <Legend />
    </section>
  )
}

function Day({
  day,
  to,
  many,
  known: { here },
  at,
}: {
  day: number
  to: number
  many: boolean
  known: Known
  at: (instant: number) => string
}) {
  const { weekday, day: date, month } = localOf(day, here)
  const weekend = weekday === 'Sat' || weekday === 'Sun'
  const style: CSSProperties = { left: at(day), width: `calc(${at(to)} - ${at(day)})` }
  return (
    <span className={weekend ? `${css.day} ${css.weekend}` : css.day} style={style}>
      {many ? weekday.slice(0, 2) : weekday} <b>{date}</b>
      {!many && ` ${month}`}
    </span>
  )
}

/** Days of the calendars that layers heed. */
function Holidays({ known: { view, here, now }, window }: { known: Known; window: Span }) {
  const width = useContext(Width)
  const calendars = new Map(view.calendars.map(({ id, name }) => [id, name]))
  const shown = view.holidays.flatMap((holiday) => {
    const from = startOfDate(holiday.date, here)
    const last = startOfDate(holiday.until, here)
    const to = last === null ? null : (daysFrom(last, 1, here)[1] ?? null)
    const place = from === null || to === null ? null : placeOf({ from, to }, window)
    return from === null || to === null || place === null ? [] : [{ holiday, from, to, place }]
  })
  if (shown.length === 0) return null
  return (
    <>
      <div className={css.head}>
        <span className="dim">Holidays</span>
      </div>
      <ul className={`${css.lane} ${css.layer}`} aria-label="Holidays">
        {shown.map(({ holiday, from, to, place }) => {
          const words = `${holiday.name ?? 'Holiday'}, ${calendars.get(holiday.calendar) ?? holiday.calendar}`
          return (
            <li key={`${holiday.calendar} ${holiday.date}`} style={styleOf(place)}>
              <span className={css.holiday} title={`${words}: ${rangeIn(from, to, here, now)}`}>
                {textPx(words) <= place.width * width ? words : <span className="unseen">{words}</span>}
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}

function Rotation({
  rotation,
  known,
  window,
  begin,
}: {
  rotation: RotationView
  known: Known
  window: Span
  begin: Begin
}) {
  const asked = useMemo(() => askedFirst(rotation, window), [rotation, window])
  const gaps = known.view.troubles.filter((one) => one.kind === 'gap' && one.rotation === rotation.id)
  const ahead = aheadWords(rotation.timeZone, known.here, known.now)
  const several = rotation.layers.length > 1
  return (
    <>
      <div className={css.head}>
        <b>{rotation.name}</b>
        <span className="dimmer" title={rotation.timeZone}>
          {zoneWords(rotation.timeZone)}
          {ahead !== '' && `, ${ahead}`}
        </span>
      </div>
      <ol className={css.lane} data-lane aria-label={`${rotation.name}, asked first`}>
        {[
          ...asked.flatMap(({ shift, ...span }) =>
            shift === null
              ? []
              : {
                  from: span.from,
                  bar: <Bar key={span.from} span={span} shift={shift} known={known} window={window} begin={begin} />,
                },
          ),
          ...gaps.map((gap) => ({
            from: Date.parse(gap.from),
            bar: (
              <Gap key={`gap ${gap.from}`} gap={gap} rotation={rotation} known={known} window={window} begin={begin} />
            ),
          })),
        ]
          .sort((a, b) => a.from - b.from)
          .map(({ bar }) => bar)}
      </ol>
      {several &&
        rotation.layers.map(({ name }) => (
          <Layer key={name} name={name} rotation={rotation} known={known} window={window} begin={begin} />
        ))}
    </>
  )
}

function Layer({
  name,
  rotation,
  known,
  window,
  begin,
}: {
  name: string
  rotation: RotationView
  known: Known
  window: Span
  begin: Begin
}) {
  return (
    <>
      <div className={`${css.head} ${css.headOfLayer}`}>
        <span className="dim">{name}</span>
      </div>
      <ol className={`${css.lane} ${css.layer}`} data-lane aria-label={`${rotation.name}, layer ${name}`}>
        {rotation.shifts
          .filter((shift) => shift.layer === name)
          .map((shift) => (
            <Bar
              key={`${shift.from} ${shift.person}`}
              span={spanOf(shift)}
              shift={shift}
              known={known}
              window={window}
              begin={begin}
            />
          ))}
      </ol>
    </>
  )
}

/** Left and right along the lane, up and down to the one that lies nearest, Home and End to its ends. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const bar = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-bar]') : null
  const lane = bar?.closest('[data-lane]')
  if (bar === null || lane == null || event.ctrlKey || event.metaKey || event.altKey) return
  const barsOf = (of: Element) => [...of.querySelectorAll<HTMLElement>('[data-bar]')]
  const bars = barsOf(lane)
  const place = bars.indexOf(bar)
  const lanes = [...event.currentTarget.querySelectorAll('[data-lane]')].filter((one) => barsOf(one).length > 0)
  const next = lanes[lanes.indexOf(lane) + (event.key === 'ArrowDown' ? 1 : -1)]
  const found = {
    ArrowLeft: bars[place - 1],
    ArrowRight: bars[place + 1],
    Home: bars[0],
    End: bars.at(-1),
    ArrowUp: next && nearest(bar, barsOf(next)),
    ArrowDown: next && nearest(bar, barsOf(next)),
  }[event.key]
  if (found === undefined) return
  event.preventDefault()
  found.focus()
}

function nearest(bar: HTMLElement, others: readonly HTMLElement[]): HTMLElement | undefined {
  const middle = (one: HTMLElement) => one.getBoundingClientRect().left + one.getBoundingClientRect().width / 2
  return others.toSorted((a, b) => Math.abs(middle(a) - middle(bar)) - Math.abs(middle(b) - middle(bar)))[0]
}

function Legend() {
  return (
    <p className={css.legend}>
      {(['override', 'swap', 'calendar'] as const).map((by) => (
        <span key={by}>
          <ByMark by={by} /> {byWords[by]}
        </span>
      ))}
      <span>
        <i className={css.gapSample} aria-hidden="true" /> nobody answers
      </span>
      <span>
        <i className={css.mineSample} aria-hidden="true" /> you
      </span>
      <span className="dimmer">Press a bar for what can be done with it; arrows go from bar to bar.</span>
    </p>
  )
}
