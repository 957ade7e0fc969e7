import { floodBegins, ratePerTenMinutes } from '#shared/alarm-load.ts'
import type { BesideTote } from '#shared/readiness.ts'
import css from './tote.module.css'

const width = 60
const at = (count: number): number => (Math.min(count, floodBegins) / floodBegins) * width

/**
 * Alarms of the last ten minutes on a scale that ends where a flood begins, with the benchmark's two marks: very likely
 * acceptable, and the most that can be managed.
 */
export function LoadBar({ load: { lastTenMinutes: count, lastHour } }: { load: BesideTote['load'][number] }) {
  const { acceptable, manageable } = ratePerTenMinutes
  const beyond = count > manageable
  const words = `${count} asked in 10 min, ${lastHour} in the last hour; the benchmark is ${acceptable}, at most ${manageable} in 10 min`
  return (
    <span className={beyond ? `${css.load} ${css.beyond}` : css.load} title={words}>
      <svg width={width + 2} height="10" viewBox={`0 0 ${width + 2} 10`} aria-hidden="true">
        <rect x="0.5" y="3" width={width} height="4" fill="var(--line)" />
        <rect x="0.5" y="3" width={at(count)} height="4" fill="currentColor" />
        <path d={`M${at(acceptable)} 0v10M${at(manageable)} 0v10`} stroke="var(--ink-3)" strokeWidth="1" />
      </svg>
      <span aria-hidden="true">{count} in 10 min</span>
      <span className="unseen">{words}</span>
    </span>
  )
}
