import { diffLines, linesOf } from '#shared/line-diff.ts'
import css from './policy.module.css'

/** Lines that stay around each change. */
const around = 2

/** Two texts, line by line; long stretches that are the same are left out. */
export function Differences({ before, after }: { before: string; after: string }) {
  const changes = diffLines(linesOf(before), linesOf(after))
  const near = new Set<number>()
  changes.forEach(({ kind }, at) => {
    if (kind !== 'same') for (let step = -around; step <= around; step++) near.add(at + step)
  })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <pre className={css.differences} tabIndex={0}>
      {changes.map(({ kind, text }, at) => {
        // The place in the text is what a line is.
        const key = at
        if (!near.has(at)) return near.has(at - 1) || at === 0 ? <span key={key}>{'  …\n'}</span> : null
        const sign = kind === 'same' ? ' ' : kind === 'gone' ? '−' : '+'
        return (
          <span key={key} className={kind === 'same' ? css.same : kind === 'gone' ? css.gone : css.come}>
            {`${sign} ${text}\n`}
          </span>
        )
      })}
    </pre>
  )
}
