import type { Phase } from '#shared/incident/state.ts'
import { type Demand, demandsOf, phaseMeanings } from '#shared/phase-demands.ts'
import type { IncidentView } from '#shared/wire.ts'
import { useNow } from '../../context.ts'
import css from './demands.module.css'

/** What a phase means and asks for, with what the incident satisfies already. A list to look at: nothing waits for it. */
export function Demands({ view, phase, meaning = true }: { view: IncidentView; phase: Phase; meaning?: boolean }) {
  const minute = Math.floor(useNow() / 60_000) * 60_000
  const demands = demandsOf(phase, view, minute)
  return (
    <div className={css.demands}>
      {meaning && <p>{phaseMeanings[phase]}</p>}
      {demands.length > 0 && (
        <ul>
          {demands.map((demand) => (
            <li key={demand.says} className={demand.met === true ? css.met : undefined}>
              <Box demand={demand} />
              <span>
                {demand.says}
                <span className="unseen">
                  {demand.met === true ? ': yes' : demand.met === false ? ': not yet' : ''}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Box({ demand: { met } }: { demand: Demand }) {
  return (
    <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
      <rect x="1.5" y="1.5" width="11" height="11" rx="1" fill="none" stroke="currentColor" strokeWidth="1.2" />
      {met === true && <path d="m3.6 7.2 2.5 2.6 4.4-5.6" fill="none" stroke="var(--good)" strokeWidth="2" />}
      {met === null && (
        <path
          d="M5.4 5.4a1.7 1.7 0 1 1 2.4 1.7c-.5.2-.8.5-.8 1.1M7 9.8v1"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.2"
        />
      )}
    </svg>
  )
}
