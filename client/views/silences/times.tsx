import type { ErrorBody } from '#shared/errors.ts'
import type { OccurrenceView } from '#shared/silence.ts'
import { utcWords } from '../../state/time-words.ts'
import { useNow } from '../context.ts'
import { faultAt } from './faults.ts'
import { occurrenceWords } from './recurring.ts'
import css from './silences.module.css'
import { usePreview } from './use-preview.ts'

/** A recurrence as it is sent: as far as it is typed. */
export interface WantedRecurs {
  rrule: string
  starts: string
  lastsMs: number
  timeZone: string
}

/** The next times of a recurrence, asked of the server while it is typed. */
export function ComingTimes({ recurs }: { recurs: WantedRecurs | null }) {
  const { preview, error } = usePreview(recurs === null ? null : { matchers: [], recurs })
  const times = preview?.occurrences ?? null

  return (
    <section className={css.coming} aria-label="When it comes next" aria-live="polite">
      <h3 className="caps">When it comes next</h3>
      {error !== null ? (
        <p className={css.fault}>{wordsOf(error)}</p>
      ) : times === null || recurs === null ? (
        <p className="dim">Say when it begins, how long it lasts and when it ends.</p>
      ) : (
        <Times times={times} timeZone={recurs.timeZone} />
      )}
    </section>
  )
}

const fields = [
  ['recurs.rrule', 'The rule'],
  ['recurs.starts', 'The first time'],
  ['recurs.lastsMs', 'Its length'],
  ['recurs.timeZone', 'The time zone'],
  ['recurs.until', 'Its last day'],
] as const

/** What is wrong, at the field that it is wrong at. */
function wordsOf(error: ErrorBody): string {
  for (const [path, name] of fields) {
    const fault = faultAt(error, path)
    if (fault !== null) return `${name}: ${fault}`
  }
  return error.message
}

/** Times one below the other, by the clock of their zone; on demand by UTC. */
export function Times({ times, timeZone }: { times: readonly OccurrenceView[]; timeZone: string }) {
  const now = useNow()
  return (
    <ol className={css.times}>
      {times.map((time) => (
        <li key={time.startsAt}>
          <time
            dateTime={time.startsAt}
            title={`${utcWords(Date.parse(time.startsAt))} to ${utcWords(Date.parse(time.endsAt))}`}
          >
            {occurrenceWords(time, timeZone, now)}
          </time>
        </li>
      ))}
    </ol>
  )
}
