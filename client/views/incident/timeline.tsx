import { useMemo } from 'react'
import type { IncidentView } from '#shared/wire.ts'
import { timeline } from '../../state/fact-words.ts'
import { ageWords, bothClocks, utcMinute, utcWords } from '../../state/time-words.ts'
import { useNow } from '../context.ts'
import css from './incident.module.css'
import { MergeShape, UndoButton, WithLink } from './merged/merged.tsx'

/** What happened, newest first. A correction is marked as one, and can be taken back where it stands. */
export function Timeline({ view }: { view: IncidentView }) {
  const now = useNow()
  const groups = useMemo(() => timeline(view.facts), [view.facts])
  return (
    <ol className={css.timeline}>
      {groups.map(({ key, facts, words, lastAt }) => (
        <li key={key} className={words.kind === 'alerts' || words.kind === 'told' ? css.byMachine : undefined}>
          <time dateTime={new Date(lastAt).toISOString()} title={`${utcWords(lastAt)}, ${bothClocks(lastAt)}`}>
            {utcMinute(lastAt)}
            <span>{ageWords(now - lastAt)} ago</span>
          </time>
          <div>
            <p>
              {words.kind === 'correction' && (
                <span className={css.correction}>
                  <MergeShape /> correction
                </span>
              )}
              <b>{words.who}</b>
              {words.kind === 'alerts' ? ': ' : ' '}
              <WithLink words={words.did} about={words.about} />
            </p>
            {words.said !== null && <p className={css.said}>{words.said}</p>}
            {words.kind === 'correction' && <UndoButton group={facts} view={view} />}
          </div>
        </li>
      ))}
    </ol>
  )
}
