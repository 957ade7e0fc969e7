import { Link } from 'wouter'
import type { SourceView } from '#shared/wire.ts'
import { ageWords, figure, utcWords } from '../../state/time-words.ts'
import { AgeDial, stepsOfCadence } from '../../widgets/marks/age-dial.tsx'
import { useMe, useNow } from '../context.ts'
import css from './sources.module.css'

/** How long ago it was heard; judged by its own beat, or by the silence that somebody said is too long. */
export function SourceAge({ source: { vitals, settings }, size }: { source: SourceView; size?: number }) {
  const now = useNow()
  const { heardAt, cadenceMs } = vitals
  const silentAfter = settings.silentAfter
  const steps =
    typeof silentAfter === 'number'
      ? { ageingAfterMs: silentAfter / 2, oldAfterMs: (silentAfter * 3) / 4, lostAfterMs: silentAfter }
      : cadenceMs === null
        ? null
        : stepsOfCadence(cadenceMs)
  return (
    <AgeDial
      ageMs={heardAt === null ? null : now - Date.parse(heardAt)}
      steps={steps}
      {...(size !== undefined && { size })}
    />
  )
}

/** Keys that work now. */
export function livingKeys(source: SourceView, now: number): SourceView['keys'] {
  return source.keys.filter(
    ({ revokedAt, endsAt }) => revokedAt === null && (endsAt == null || Date.parse(endsAt) > now),
  )
}

/** What a person should look at: each a word, never a colour alone. */
export function SourceMarks({ source }: { source: SourceView }) {
  const now = useNow()
  const me = useMe()
  const { listening } = source
  const lost = me.actions.includes('lost.read') ? source.lost : 0
  return (
    <>
      {livingKeys(source, now).length === 0 && <span className={css.mark}>no valid key</span>}
      {source.silentSince !== null && (
        <span className={css.mark} title={`Last heard ${utcWords(Date.parse(source.silentSince))}`}>
          silent for {ageWords(now - Date.parse(source.silentSince))}
        </span>
      )}
      {listening?.ok === false && <span className={css.mark}>not listening</span>}
      {lost > 0 && (
        <Link href={`/lost?source=${source.id}`} className={css.markSoft ?? ''}>
          {figure(lost)} in lost property
        </Link>
      )}
    </>
  )
}
