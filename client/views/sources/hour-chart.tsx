import { useEffect, useState } from 'react'
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts'
import { z } from 'zod'
import { type Outcome, outcomes } from '#shared/outcome.ts'
import { figure, utcMinute } from '../../state/time-words.ts'
import { useApp } from '../context.ts'
import css from './sources.module.css'

const ledgerSchema = z.looseObject({
  rows: z.array(
    z.looseObject({
      minute: z.string(),
      drill: z.boolean().optional(),
      outcomes: z.partialRecord(z.enum(outcomes), z.number()),
    }),
  ),
})

/** Four groups are told apart by lightness; which outcome is which, the words below the pointer say. */
const bands: readonly { name: string; of: readonly Outcome[]; fill: string }[] = [
  { name: 'repeated', of: ['repeated', 'recorded'], fill: 'var(--hop)' },
  { name: 'held back', of: ['silenced', 'inhibited', 'damped', 'shed'], fill: 'var(--hop-edge)' },
  { name: 'told', of: ['opened', 'attached', 'resolved'], fill: 'var(--ink)' },
  { name: 'unreadable', of: ['rejected'], fill: 'var(--tier-2)' },
]

type Row = { minute: string } & Record<string, number | string>

/** The last hour's events by minute and what became of them, without those of exercises. */
export function HourChart() {
  const { api, link } = useApp()
  const [rows, setRows] = useState<Row[] | null>(null)
  useEffect(() => {
    const load = async () => {
      const since = new Date(link.serverNow() - 3_600_000).toISOString()
      const answer = await api.ask('GET', `/api/ledger?since=${encodeURIComponent(since)}`, ledgerSchema)
      if (answer.ok)
        setRows(
          byMinute(
            answer.value.rows.filter(({ drill }) => drill !== true),
            link.serverNow(),
          ),
        )
    }
    void load()
    const timer = setInterval(() => void load(), 15_000)
    return () => clearInterval(timer)
  }, [api, link])
  if (rows === null) return <div className={css.chart} />
  return (
    <>
      <ul className={css.legend}>
        {bands.map((band) => (
          <li key={band.name}>
            <i style={{ background: band.fill }} />
            {band.name}
          </li>
        ))}
      </ul>
      <div className={css.chart}>
        <ResponsiveContainer width="100%" height="100%">
          <BarChart data={rows} margin={{ top: 4, right: 0, bottom: 0, left: 0 }} barCategoryGap={1} accessibilityLayer>
            <XAxis
              dataKey="minute"
              interval={9}
              tickLine={false}
              axisLine={{ stroke: 'var(--line-strong)' }}
              tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
            />
            <YAxis
              width={44}
              allowDecimals={false}
              tickFormatter={figure}
              tickLine={false}
              axisLine={false}
              tick={{ fill: 'var(--ink-3)', fontSize: 11 }}
            />
            <Tooltip
              cursor={{ fill: 'var(--raised)' }}
              isAnimationActive={false}
              contentStyle={{
                background: 'var(--raised)',
                border: '1px solid var(--line-strong)',
                color: 'var(--ink)',
              }}
              itemStyle={{ color: 'var(--ink)' }}
            />
            {bands.map((band) => (
              <Bar key={band.name} dataKey={band.name} stackId="all" fill={band.fill} isAnimationActive={false} />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
    </>
  )
}

/** Sixty minutes, with zeros where nothing came: a gap must look like one. */
function byMinute(ledger: z.output<typeof ledgerSchema>['rows'], now: number): Row[] {
  const sums = new Map<number, Record<string, number>>()
  for (const { minute, outcomes: counts } of ledger) {
    const at = Math.floor(Date.parse(minute) / 60_000)
    const row = sums.get(at) ?? {}
    for (const band of bands)
      row[band.name] = (row[band.name] ?? 0) + band.of.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0)
    sums.set(at, row)
  }
  const last = Math.floor(now / 60_000)
  return Array.from({ length: 60 }, (_, index) => {
    const at = last - 59 + index
    const zeros = Object.fromEntries(bands.map((band) => [band.name, 0]))
    return { ...zeros, ...sums.get(at), minute: utcMinute(at * 60_000) }
  })
}
