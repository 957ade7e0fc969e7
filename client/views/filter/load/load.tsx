import { Suspense } from 'react'
import { Link } from 'wouter'
import { alarmLoadSchema, benchmarkName } from '#shared/alarm-load.ts'
import { later } from '../../../widgets/later.ts'
import { Loading } from '../../conditions/conditions.tsx'
import { useAsked } from '../../context.ts'
import css from './load.module.css'
import { Tiles } from './tiles.tsx'
import { chartWords } from './words.ts'

/** Its code comes with the first chart: most who look at the board never need it. */
export const LoadChart = later(() => import('./chart.tsx').then(({ LoadChart }) => LoadChart))

/** Alarm load of everybody over the last day, in short: a part of the filter room. */
export function AlarmLoad() {
  const { value, error } = useAsked('/api/alarm-load?last=24h', alarmLoadSchema)
  return (
    <section className={css.panel} aria-label="Alarm load">
      <div className={css.panelHead}>
        <h2>Alarm load, last 24 hours</h2>
        <Link href="/filter/load">By team and person</Link>
      </div>
      {value === null ? (
        error === null ? (
          <Loading what="the alarm load" />
        ) : (
          <p className="soon">{error.message}</p>
        )
      ) : (
        <>
          {error !== null && (
            <p className="soon" role="status">
              Not renewed since: {error.message}
            </p>
          )}
          <p className="dim">
            {chartWords(value)} Held against the {benchmarkName}.
          </p>
          <Tiles metrics={value.metrics} only={['per-10-min', 'worst-10-min', 'chattering', 'standing']} />
          <Suspense fallback={<div className={css.chart} />}>
            <LoadChart load={value} />
          </Suspense>
        </>
      )}
    </section>
  )
}
