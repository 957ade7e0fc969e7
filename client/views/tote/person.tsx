import { Link } from 'wouter'
import { roleDefinitions } from '#shared/incident/roles.ts'
import type { BesideTote, HeldView, ReadinessView } from '#shared/readiness.ts'
import { leftWords } from '../../state/time-words.ts'
import { ReadinessGlyph } from '../../widgets/marks/readiness.tsx'
import { TierGlyph, tierWord } from '../../widgets/marks/tier-glyph.tsx'
import { useNow, useSummary } from '../context.ts'
import { LoadBar } from './load.tsx'
import css from './tote.module.css'
import { saidWords, spellTitle, spellWords, stateWord } from './words.ts'

export interface PersonParts {
  view: ReadinessView
  answers: boolean
  note: string | undefined
  load: BesideTote['load'][number] | undefined
  /** Says it for them; null: that is not for me. */
  onSay: (() => void) | null
}

/** One person: the state as shape and word, since or until when, what they hold, what they are asked. */
export function PersonRow({ view, answers, note, load, onSay }: PersonParts) {
  const now = useNow()
  const { state, name, said, holds = [] } = view
  const word = stateWord(view, now)
  const more = spellWords(view, now)
  const title = spellTitle(view, now)
  return (
    <li className={`${css.person} ${css[state] ?? ''}`} data-person={view.id}>
      <span className={css.mark}>
        <ReadinessGlyph state={state} />
      </span>
      <span className={css.name}>
        <span className={css.nameText}>{name}</span>
        {answers && <PhoneMark />}
      </span>
      {onSay === null ? (
        <span className={css.state} title={title}>
          <StateWords word={word} more={more} />
        </span>
      ) : (
        <button
          type="button"
          className={css.state}
          title={`${title}. Correct it`}
          aria-label={`${name}: ${[word, more].filter(Boolean).join(' ')}. Correct it`}
          onClick={onSay}
        >
          <StateWords word={word} more={more} />
        </button>
      )}
      {(holds.length > 0 || load !== undefined || said !== undefined) && (
        <span className={css.under}>
          {holds.map((held) => (
            <HeldLink key={`${held.kind}/${held.role ?? ''}/${held.id}`} held={held} now={now} />
          ))}
          {load !== undefined && <LoadBar load={load} />}
          {said !== undefined && (
            <span className={css.said}>
              {note !== undefined && <q>{note}</q>} {saidWords(view, now)}
            </span>
          )}
        </span>
      )}
    </li>
  )
}

function StateWords({ word, more }: { word: string; more: string }) {
  return (
    <>
      <b>{word}</b> {more !== '' && <span className={css.spell}>{more}</span>}
    </>
  )
}

/** The one who answers the phone. */
export function PhoneMark() {
  return (
    <span className={css.phone} title="Answers the phone">
      <svg width="12" height="12" viewBox="0 0 16 16" aria-hidden="true">
        <path
          d="M3.2 1.5 6 1l1.6 3.8-1.9 1.6c.8 1.7 2.2 3.1 3.9 3.9l1.6-1.9L15 10l-.5 2.8c-.2 1-1 1.7-2 1.6C6.9 14 2 9.1 1.6 3.5c0-1 .6-1.8 1.6-2z"
          fill="currentColor"
        />
      </svg>
      <span className="unseen">answers the phone</span>
    </span>
  )
}

const kindWords: Readonly<Record<HeldView['kind'], string>> = {
  owns: 'owns',
  role: 'has a role in',
  offer: 'is offered',
  assists: 'assists in',
}

/** An incident that somebody has to do with. Its title is that of the board: who may not see it sees the number. */
function HeldLink({ held, now }: { held: HeldView; now: number }) {
  const summary = useSummary(held.id)
  const role =
    held.role === undefined ? null : (roleDefinitions[held.role as keyof typeof roleDefinitions]?.label ?? held.role)
  const what =
    held.kind === 'offer'
      ? role === null
        ? 'offer'
        : `offer: ${role}`
      : held.kind === 'role'
        ? role
        : held.kind === 'assists'
          ? 'assists'
          : null
  const left = held.due === undefined ? null : leftWords(Math.max(0, Date.parse(held.due) - now))
  const title = `${kindWords[held.kind]}${role === null ? '' : ` (${role})`} ${held.id}${summary === undefined ? '' : `: ${summary.title}`}`
  return (
    <Link
      href={`/incident/${held.id}`}
      title={title}
      className={held.kind === 'offer' ? `${css.held} ${css.heldOffer}` : (css.held ?? '')}
    >
      {summary !== undefined && <TierGlyph tier={summary.tier} size={13} word={false} />}
      <span className="unseen">
        {kindWords[held.kind]} {summary !== undefined && tierWord(summary.tier)}
      </span>
      <span>{held.id.replace('INC-', '')}</span>
      {what !== null && <span className={css.what}>{what}</span>}
      {left !== null && <span className={css.what}>{left}</span>}
      {held.drill === true && <span className={css.what}>DRILL</span>}
    </Link>
  )
}
