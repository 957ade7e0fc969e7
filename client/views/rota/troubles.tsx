import { useState } from 'react'
import type { RotationView, TroubleView } from '#shared/duty/view.ts'
import { Button } from '../../widgets/controls/button.tsx'
import type { Begin, Known } from './known.ts'
import css from './rota.module.css'
import { groupTroubles, type TroubleGroup, troubleMarks, troubleWords } from './words.ts'

/** What is wrong within four weeks, before it hurts: each with what to do. */
export function Troubles({
  known,
  rotation,
  narrow,
  begin,
}: {
  known: Known
  rotation: string | null
  narrow: boolean
  begin: Begin
}) {
  const shownAtFirst = narrow ? 1 : 3
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
  const groups = groupTroubles(troubles)
  const shown = all ? groups : groups.slice(0, shownAtFirst)
  return (
    <section className={css.part} aria-label="Troubles ahead">
      <h2 className="caps">Troubles within four weeks</h2>
      <ul className={css.troubles}>
        {shown.map((group) => (
          <Row
            key={`${group.first.kind} ${group.first.rotation} ${group.first.other} ${group.first.people.join()}`}
            group={group}
            known={known}
            begin={begin}
          />
        ))}
      </ul>
      {groups.length > shownAtFirst && (
        <p>
          <Button kind="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${groups.length} kinds`}
          </Button>
        </p>
      )}
    </section>
  )
}

function Row({ group, known, begin }: { group: TroubleGroup; known: Known; begin: Begin }) {
  const trouble = group.first
  const { title, when, again, todo } = troubleWords(group, known.names, known)
  const from = Math.max(Date.parse(trouble.from), known.now)
  const to = Date.parse(trouble.to)
  const fix = [trouble.rotation, trouble.other]
    .flatMap((id) => (id === null ? [] : (known.rotations.get(id) ?? [])))
    // Who is booked twice does not mend it by putting themselves in.
    .filter(
      ({ mayOverride }) =>
        mayOverride === 'anybody' || (mayOverride === 'myself' && !trouble.people.includes(known.view.me ?? '')),
    )
  return (
    <li className={`${css.trouble} ${css[trouble.kind] ?? ''}`}>
      <span className={css.troubleMark}>
        <TroubleShape kind={trouble.kind} />
        {troubleMarks[trouble.kind]}
      </span>
      <span className={css.troubleWhat}>
        <b>{title}</b>
        <span>
          {when}
          {again !== null && <span className="dim"> · {again}</span>}
        </span>
        <span className="dim">{todo}</span>
      </span>
      <span className={css.troubleWays}>
        {fix.map(({ id, name, mayOverride }) => (
          <Button
            key={id}
            kind={trouble.kind === 'gap' ? 'main' : 'plain'}
            onClick={() => begin({ kind: 'override', rotation: id, layer: null, from, to })}
          >
            {buttonWords(trouble, name, mayOverride)}
          </Button>
        ))}
      </span>
    </li>
  )
}

function buttonWords({ kind }: TroubleView, rotation: string, mayOverride: RotationView['mayOverride']): string {
  const what = mayOverride === 'myself' ? 'Take it myself' : kind === 'double' ? 'Override' : 'Put somebody in'
  return kind === 'double' ? `${what} in ${rotation}…` : `${what}…`
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
