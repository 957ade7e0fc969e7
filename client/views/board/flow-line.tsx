import { Link } from 'wouter'
import { useStore } from 'zustand'
import { isOpen } from '#shared/incident/state.ts'
import { type Outcome, outcomeMeaning } from '#shared/outcome.ts'
import { type Conservation, conservationOf } from '../../state/conservation.ts'
import { figure } from '../../state/time-words.ts'
import { useApp, useMe } from '../context.ts'
import css from './board.module.css'

const words: Partial<Record<Outcome, string>> = { rejected: 'lost property' }
const toldOutcomes: readonly Outcome[] = ['opened', 'attached', 'resolved']
const heldOutcomes: readonly Outcome[] = ['silenced', 'inhibited', 'damped', 'shed']

function heldWords(parts: Conservation['parts']): string {
  const held = parts.filter(({ outcome }) => heldOutcomes.includes(outcome))
  return held.map(({ outcome, count }) => `${figure(count)} ${outcomeMeaning[outcome]}`).join('; ')
}

/** The last hour in one line: what came in, what became of it, and whether the sums agree. */
export function FlowLine() {
  const { board } = useApp()
  const mayRead = useMe().actions.includes('lost.read')
  const ledger = useStore(board, (state) => state.ledger)
  const incidents = useStore(board, (state) => state.incidents)
  if (ledger === null) return <div className={css.flow} />
  const sum = conservationOf(ledger)
  const open = [...incidents.values()].filter(({ phase, drill }) => isOpen(phase) && !drill).length
  const opened = ledger.outcomes.opened ?? 0
  return (
    <section className={css.flow} aria-label="Filter room, last hour">
      <Link href="/filter" className="caps">
        Filter room, last hour
      </Link>
      <b>{figure(sum.accepted)} in</b>
      <Arrow />
      {sum.parts.length === 0 && <span>nothing yet</span>}
      <ul className={css.parts}>
        {sum.parts
          .filter(({ outcome }) => !heldOutcomes.includes(outcome))
          .map(({ outcome, count }) => (
            <li
              key={outcome}
              title={outcomeMeaning[outcome]}
              className={
                toldOutcomes.includes(outcome) ? css.toldPart : outcome === 'rejected' ? css.lostPart : undefined
              }
            >
              {outcome === 'rejected' && mayRead ? (
                <Link href="/lost">{figure(count)} lost property</Link>
              ) : (
                `${figure(count)} ${words[outcome] ?? outcome}`
              )}
            </li>
          ))}
        {sum.held > 0 && (
          <li className={css.toldPart} title={heldWords(sum.parts)}>
            {figure(sum.held)} held back
          </li>
        )}
      </ul>
      <Arrow />
      <b>
        {figure(open)} {open === 1 ? 'incident' : 'incidents'}
      </b>
      {opened > 0 && (
        <span title={`${figure(sum.accepted)} events for ${figure(opened)} that were opened in the last hour`}>
          {figure(Math.round(sum.accepted / opened))} : 1
        </span>
      )}
      <span className={sum.missing === 0 ? css.sum : `${css.sum} late`}>
        {sum.accepted === 0 && sum.missing === 0
          ? ''
          : sum.missing === 0
            ? `all ${figure(sum.accepted)} accounted for`
            : `${figure(Math.abs(sum.missing))} ${sum.missing > 0 ? 'not accounted for' : 'counted twice'}`}
      </span>
    </section>
  )
}

function Arrow() {
  return (
    <svg width="14" height="8" viewBox="0 0 14 8" aria-hidden="true" className={css.arrow}>
      <path d="M0 4h12M9 1l3.5 3L9 7" fill="none" stroke="currentColor" />
    </svg>
  )
}
