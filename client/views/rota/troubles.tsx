import { useState } from 'react'
import type { TroubleView } from '#shared/duty/view.ts'
import { Button } from '../../widgets/controls/button.tsx'
import type { Begin, Known } from './known.ts'
import css from './rota.module.css'
import { troubleMarks, troubleWords } from './words.ts'

const shownAtFirst = 3

/** What is wrong within four weeks, before it hurts: each with what to do. */
export function Troubles({ known, rotation, begin }: { known: Known; rotation: string | null; begin: Begin }) {
  const [all, setAll] = useState(false)
  const troubles = known.view.ahead.filter(
    (one) => rotation === null || one.rotation === rotation || one.other === rotation,
  )
  if (troubles.length === 0)
    return (
      <p className={css.well}>
        <span aria-hidden="true">✓</span> No gap and no double booking within four weeks.
      </p>
    )
  const shown = all ? troubles : troubles.slice(0, shownAtFirst)
  return (
    <section className={css.part} aria-label="Troubles ahead">
      <h2 className="caps">Troubles within four weeks · {troubles.length}</h2>
      <ul className={css.troubles}>
        {shown.map((trouble) => (
          <Row
            key={`${trouble.kind} ${trouble.rotation} ${trouble.other} ${trouble.from} ${trouble.people.join()}`}
            trouble={trouble}
            known={known}
            begin={begin}
          />
        ))}
      </ul>
      {troubles.length > shownAtFirst && (
        <p>
          <Button kind="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show the next three only' : `Show all ${troubles.length}`}
          </Button>
        </p>
      )}
    </section>
  )
}

function Row({ trouble, known, begin }: { trouble: TroubleView; known: Known; begin: Begin }) {
  const { title, when, todo } = troubleWords(trouble, known.names, known)
  const from = Math.max(Date.parse(trouble.from), known.now)
  const to = Date.parse(trouble.to)
  const fix = [trouble.rotation, trouble.other]
    .flatMap((id) => (id === null ? [] : (known.rotations.get(id) ?? [])))
    .filter(({ mayOverride }) => mayOverride !== 'nobody')
  return (
    <li className={`${css.trouble} ${css[trouble.kind] ?? ''}`}>
      <span className={css.troubleMark}>
        <TroubleShape kind={trouble.kind} />
        {troubleMarks[trouble.kind]}
      </span>
      <span className={css.troubleWhat}>
        <b>{title}</b>
        <span>{when}</span>
        <span className="dim">{todo}</span>
      </span>
      <span className={css.troubleWays}>
        {fix.map(({ id, name }) => (
          <Button
            key={id}
            kind={trouble.kind === 'gap' ? 'main' : 'plain'}
            onClick={() => begin({ kind: 'override', rotation: id, layer: null, from, to })}
          >
            {trouble.kind === 'double' ? `Override in ${name}…` : 'Put somebody in…'}
          </Button>
        ))}
      </span>
    </li>
  )
}

/** A hole, two that overlap, one crossed out. */
export function TroubleShape({ kind }: { kind: TroubleView['kind'] }) {
  const box = { width: 18, height: 14, viewBox: '0 0 18 14', fill: 'none', stroke: 'currentColor', strokeWidth: 1.8 }
  return (
    <svg {...box} aria-hidden="true">
      {kind === 'gap' ? (
        <path d="M1 2v10h3M17 2v10h-3M1 2h3M17 2h-3" />
      ) : kind === 'double' ? (
        <path d="M1 1.5h10v7H1zM7 5.5h10v7H7z" />
      ) : (
        <path d="M2 2h14v10H2zM5 11.5l8-9" />
      )}
    </svg>
  )
}
