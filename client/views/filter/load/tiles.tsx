import { type Metric, type MetricId, type Verdict, verdictWords } from '#shared/alarm-load.ts'
import css from './load.module.css'
import { metricNames, valueWords } from './words.ts'

/** The figures, each with what it is held against and how it comes out. */
export function Tiles({ metrics, only }: { metrics: readonly Metric[]; only?: readonly MetricId[] }) {
  const shown = only === undefined ? metrics : metrics.filter(({ id }) => only.includes(id))
  return (
    <dl className={css.tiles}>
      {shown.map((metric) => (
        <div key={metric.id} className={metric.verdict === 'beyond' ? `${css.tile} ${css.beyond}` : css.tile}>
          <dt>{metricNames[metric.id]}</dt>
          <dd className={css.value}>{valueWords(metric)}</dd>
          <dd className={css.verdict}>
            <VerdictMark verdict={metric.verdict} /> {verdictWords[metric.verdict]}
          </dd>
          <dd className={css.against}>Benchmark: {metric.benchmark.replaceAll(' %', '\u00a0%')}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A ring, a triangle, a square, a dash: told apart without colour. */
export function VerdictMark({ verdict }: { verdict: Verdict }) {
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className={css.mark}>
      {verdict === 'within' && <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.8" />}
      {verdict === 'at most' && <path d="M6 1.5 11 10.5H1Z" fill="none" stroke="currentColor" strokeWidth="1.6" />}
      {verdict === 'beyond' && <rect x="1.2" y="1.2" width="9.6" height="9.6" fill="currentColor" />}
      {verdict === 'too little' && <path d="M2 6h8" stroke="currentColor" strokeWidth="1.8" />}
    </svg>
  )
}
