import type { BriefChange } from '#shared/brief/differences.ts'
import css from './writing/brief.module.css'

/** What one brief says otherwise than another. */
export function Changes({ changes }: { changes: readonly BriefChange[] }) {
  return (
    <ul className={css.changeList}>
      {changes.map(({ part, before, after }) => (
        <li key={`${part} ${before} ${after}`}>
          <span className="dim">{part}</span> {before !== null && <del>{before}</del>}{' '}
          {after !== null && <ins>{after}</ins>}
        </li>
      ))}
    </ul>
  )
}
