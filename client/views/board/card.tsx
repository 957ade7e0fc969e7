import { memo } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { actionsFor } from '../../state/actions.ts'
import { dueWords } from '../../state/due-words.ts'
import { figure } from '../../state/time-words.ts'
import { HandoffChain } from '../../widgets/chain/chain.tsx'
import { activityAt } from '../../widgets/marks/activity.ts'
import { AgeDial } from '../../widgets/marks/age-dial.tsx'
import { ClockMark } from '../../widgets/marks/clock-mark.tsx'
import { Flag, PhaseTrack, ProvisionalMark, SilencedMark, Sparkline } from '../../widgets/marks/marks.tsx'
import { TierGlyph, tierWord } from '../../widgets/marks/tier-glyph.tsx'
import { useApp, useMe, useNow, useStill, useSummary } from '../context.ts'
import css from './card.module.css'

/** One incident in the list. It asks for its own summary, so that a change of another never repaints it. */
export const Card = memo(function Card({
  id,
  selected,
  place,
  of,
  onPick,
}: {
  id: string
  selected: boolean
  /** Position in the whole list, for those who do not see it: only what is near the screen is in the page. */
  place: number
  of: number
  onPick: (id: string) => void
}) {
  const summary = useSummary(id)
  return (
    <li className={css.item} data-id={id} aria-posinset={place + 1} aria-setsize={of}>
      {summary === undefined ? <Gone id={id} /> : <Body summary={summary} selected={selected} onPick={onPick} />}
    </li>
  )
})

/** It left the board while the hand was near: its place stays empty until the hand rests. */
function Gone({ id }: { id: string }) {
  return <div className={css.gone}>{id} left the board</div>
}

function Body({ summary, selected, onPick }: { summary: Summary; selected: boolean; onPick: (id: string) => void }) {
  const now = useNow()
  const me = useMe()
  const still = useStill()
  const { act } = useApp()
  const chosen = useStore(act.store, (state) => state.chosen.has(summary.id))
  const choosing = useStore(act.store, (state) => state.chosen.size > 0)
  const open = isOpen(summary.phase)
  const due = dueWords(summary, now)
  const main = actionsFor(summary, me).find(({ type }) => type === 'claim' || type === 'accept')
  const provisional =
    summary.provisional && open ? <ProvisionalMark openedMs={now - Date.parse(summary.openedAt)} /> : null
  const names = [css.card]
  if (selected) names.push(css.selected)
  if (!open) names.push(css.over)
  if (chosen) names.push(css.chosen)
  return (
    // The whole card is the target for a pointer; for the keyboard it is the title, which is a link.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link inside does the same by keyboard
    <article className={names.join(' ')} onClick={(event) => !isControl(event.target) && onPick(summary.id)}>
      <span className={css.glyph}>
        <TierGlyph tier={open ? summary.tier : 'over'} word={false} />
      </span>
      {open && me.actions.includes('incident.respond') && (
        // biome-ignore lint/a11y/useSemanticElements: a box of its own shape over the glyph's corner
        <button
          type="button"
          role="checkbox"
          aria-checked={chosen}
          aria-label={`Choose ${summary.id}, to merge it with others`}
          title="Choose, to merge it with others"
          // One stop for each incident is enough: by keyboard it is x on any, and a stop of its own on the one that is meant.
          tabIndex={selected || choosing ? 0 : -1}
          aria-keyshortcuts="x"
          className={choosing ? `${css.choose} ${css.choosing}` : css.choose}
          onClick={() => act.choose(summary.id, !chosen)}
        >
          <svg width="15" height="15" viewBox="0 0 15 15" aria-hidden="true">
            <rect x="1" y="1" width="13" height="13" fill="var(--card)" stroke="currentColor" strokeWidth="1.4" />
            {chosen && <path d="m3.6 7.6 2.8 2.9 5-6" fill="none" stroke="currentColor" strokeWidth="1.9" />}
          </svg>
        </button>
      )}
      <div className={css.title}>
        <Link
          href={`/incident/${summary.id}`}
          className={css.name ?? ''}
          aria-current={selected || undefined}
          title={summary.title}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey) return
            event.preventDefault()
            onPick(summary.id)
          }}
        >
          <span className="unseen">{open ? tierWord(summary.tier) : summary.phase}: </span>
          {summary.title}
        </Link>
        <span className={css.flags}>
          {summary.flags.map((flag) => (
            <Flag key={flag} flag={flag} />
          ))}
          {summary.clocks !== undefined && <ClockMark clocks={summary.clocks} now={now} />}
          {summary.silenced !== null && open && <SilencedMark silenced={summary.silenced} now={now} />}
          {provisional}
        </span>
      </div>
      <div className={css.news}>
        {open ? <AgeDial ageMs={now - Date.parse(summary.heardAt)} /> : <span />}
        {/* Where the flags have no room. */}
        {summary.flags.includes('restricted') && (
          <span className={css.hush}>
            <Flag flag="restricted" />
          </span>
        )}
        {summary.silenced !== null && open && <span className={css.hush}>silenced</span>}
        {summary.clocks !== undefined && (
          <span className={css.hush}>
            <ClockMark clocks={summary.clocks} now={now} />
          </span>
        )}
        {provisional !== null && <span className={css.hush}>{provisional}</span>}
        <span className={`${css.due} ${css[due.tone] ?? ''}`}>{due.text}</span>
      </div>
      <div className={css.story}>
        <span className={css.where}>
          {summary.id}{' '}
          {summary.drill && (
            <span className={css.hush}>
              <Flag flag="drill" />
            </span>
          )}
          <span className={css.service}>{summary.service ?? ''}</span>
        </span>
        <HandoffChain summary={summary} now={now} me={me.id} still={still} />
      </div>
      <div className={css.work}>
        <PhaseTrack phase={summary.phase} />
        <span
          className={css.load}
          title={`${figure(summary.alerts.firing)} of ${figure(summary.alerts.total)} alerts fire; ${figure(summary.events)} events`}
        >
          <Sparkline values={activityAt(summary, now)} width={38} />
          <span>
            {figure(summary.alerts.firing)}
            <span className="unseen"> alerts firing</span>
          </span>
        </span>
      </div>
      {main !== undefined && (
        <button
          type="button"
          className={main.type === 'accept' ? `${css.act} ${css.actOffer}` : css.act}
          onClick={() => act.begin(main.type, summary.id)}
        >
          {main.type === 'accept' ? 'Answer' : 'Claim'}
          <span className="unseen"> {summary.id}</span>
        </button>
      )}
    </article>
  )
}

function isControl(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a, button') !== null
}
