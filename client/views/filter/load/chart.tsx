import { Bar, BarChart, Cell, ReferenceArea, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { type AlarmLoad, benchmarkName } from '#shared/alarm-load.ts'
import { figure, utcMinute } from '../../../state/time-words.ts'
import { useMedia } from '../../context.ts'
import css from './load.module.css'
import { barsOf, barWords, chartWords, lineShifts, ticksOf, valuesOf } from './words.ts'

const heightPx = 210

/** Alarms by ten minutes, beside the lines of the benchmark. Shapes tell a flood before their colour does. */
export function LoadChart({ load }: { load: AlarmLoad }) {
  const { bars, lines, ms } = barsOf(load)
  const highest = bars.reduce((most, { count }) => Math.max(most, count), 0)
  const values = valuesOf(Math.max(highest, (lines.at(-1)?.at ?? 0) + 2))
  const most = values.at(-1) ?? 1
  const shifts = lineShifts(lines, most, heightPx - 38)
  const last = bars.at(-1)?.at
  const unknownTo = bars.findLast(({ known }) => !known)?.at
  // A pattern needs more room than such thin bars have; the words above say how many floods there were.
  const floodFill = useMedia('(max-width: 700px)') ? 'var(--tier-2)' : 'url(#flood)'
  return (
    <figure className={css.figure}>
      <figcaption className={css.legend}>
        <span>
          <i className={css.barKey} /> alarms in {ms === 600_000 ? 'ten minutes' : 'an hour'}
        </span>
        <span>
          <i className={css.floodKey} /> in a flood
        </span>
        <span>
          <i className={css.lineKey} /> {benchmarkName}
        </span>
      </figcaption>
      <div className={css.chart} role="img" aria-label={`${chartWords(load)} The table below has the figures.`}>
        <ResponsiveContainer width="100%" height="100%">
          <BarChart
            data={bars}
            margin={{ top: 8, right: 92, bottom: 0, left: 0 }}
            barCategoryGap={bars.length > 80 ? 0.5 : 2}
          >
            <defs>
              <pattern id="flood" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect width="5" height="5" fill="var(--tier-2)" />
                <rect width="1.6" height="5" fill="var(--panel)" />
              </pattern>
            </defs>
            <XAxis
              dataKey="at"
              ticks={ticksOf(bars, load.span)}
              tickFormatter={(at: number) => barWords(at, load.span)}
              tickLine={false}
              axisLine={{ stroke: 'var(--line-strong)' }}
              tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
            />
            <YAxis
              width={34}
              domain={[0, most]}
              ticks={values}
              allowDecimals={false}
              tickFormatter={figure}
              tickLine={false}
              axisLine={false}
              tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
            />
            {unknownTo !== undefined && (
              <ReferenceArea
                x1={bars[0]?.at ?? unknownTo}
                x2={unknownTo}
                fill="var(--card)"
                fillOpacity={1}
                label={{ value: 'not known', fill: 'var(--ink-3)', fontSize: 11 }}
              />
            )}
            {lines.map(({ at, says }, index) => (
              <ReferenceLine
                key={at}
                y={at}
                stroke="var(--ink-2)"
                strokeDasharray="5 3"
                label={{ value: says, position: 'right', fill: 'var(--ink-2)', fontSize: 11, dy: shifts[index] ?? 0 }}
              />
            ))}
            <Tooltip
              cursor={{ fill: 'var(--raised)' }}
              isAnimationActive={false}
              labelFormatter={(label) => {
                const at = Number(label)
                return `${barWords(at, load.span)}–${utcMinute(at + ms)} UTC${at === last ? ', so far' : ''}`
              }}
              formatter={(count) => [figure(Number(count)), 'alarms']}
              contentStyle={{
                background: 'var(--raised)',
                border: '1px solid var(--line-strong)',
                color: 'var(--ink)',
              }}
              itemStyle={{ color: 'var(--ink)' }}
            />
            <Bar dataKey="count" isAnimationActive={false} minPointSize={0}>
              {bars.map(({ at, flood }) => (
                <Cell key={at} fill={flood ? floodFill : 'var(--ink-2)'} />
              ))}
            </Bar>
          </BarChart>
        </ResponsiveContainer>
      </div>
    </figure>
  )
}
