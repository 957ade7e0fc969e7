import { useState } from 'react'
import type { RotaNow } from '#shared/duty/view.ts'
import { ageWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import type { Known } from './known.ts'
import css from './rota.module.css'
import { ByMark } from './timeline/marks.tsx'
import { byWords, zoneWords } from './words.ts'
import { aheadWords, localOf, momentIn } from './zone.ts'

const minuteMs = 60_000
const shownAtFirst = 8

/** Who is on call now, until when and who is next: of each rotation, and who answers the phone of its team. */
export function OnCallNow({ current, known, rotation }: { current: RotaNow; known: Known; rotation: string | null }) {
  const [all, setAll] = useState(false)
  const rotations = current.rotations.filter(({ id }) => rotation === null || id === rotation)
  return (
    <section className={css.part} aria-label="On call now">
      <h2 className="caps">On call now</h2>
      <ul className={css.cards}>
        {(all ? rotations : rotations.slice(0, shownAtFirst)).map((one) => (
          <Card
            key={one.id}
            rotation={one}
            phone={current.teams.find(({ id }) => id === one.team.id)?.phone ?? null}
            known={known}
          />
        ))}
      </ul>
      {rotations.length > shownAtFirst && (
        <p>
          <Button kind="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${rotations.length} rotations`}
          </Button>
        </p>
      )}
    </section>
  )
}

function Card({
  rotation: { id, name, team, timeZone, onCall, next },
  phone,
  known: { here, now, rotations, view },
}: {
  rotation: RotaNow['rotations'][number]
  phone: RotaNow['teams'][number]['phone']
  known: Known
}) {
  const layers = rotations.get(id)?.layers ?? []
  const isGap = view.ahead.some(
    ({ kind, rotation, from }) => kind === 'gap' && rotation === id && Date.parse(from) < now + minuteMs,
  )
  const differs = aheadWords(timeZone, here, now)
  return (
    <li className={css.card}>
      <h3>
        {name} {team.name !== name && <span className="dim">{team.name}</span>}
      </h3>
      {onCall.length === 0 ? (
        <p className={isGap ? 'soon' : 'dim'}>{isGap ? 'Nobody answers now' : 'Off now'}</p>
      ) : (
        <ol className={css.answering}>
          {onCall.map(({ person, layer, until, by }, place) => (
            <li key={`${person.id} ${layer}`}>
              <span className={css.place}>{onCall.length > 1 ? `${place + 1}.` : ''}</span>
              <span>
                <b>{person.name}</b> <ByMark by={by} />{' '}
                <span className="dim">
                  until {momentIn(Date.parse(until), here, now)}
                  {layers.length > 1 && ` · ${layer}`}
                  {byWords[by] !== null && ` · ${byWords[by]}`}
                </span>
              </span>
            </li>
          ))}
        </ol>
      )}
      <p className={css.next}>
        {next === null ? (
          <span className="dim">Nothing changes within four weeks</span>
        ) : (
          <>
            <span className="dim">then, in {ageWords(Date.parse(next.at) - now)}:</span>{' '}
            {next.people.length === 0 ? (
              <span className="dim">nobody</span>
            ) : (
              next.people.map((person) => person.name).join(', then ')
            )}
          </>
        )}
      </p>
      {phone !== null && (
        <p className="dim">
          phone: {phone.person === null ? <span className="soon">nobody</span> : phone.person.name}
          {phone.reach !== null && `, ${phone.reach}`}
        </p>
      )}
      {differs !== '' && (
        <p className="dimmer">
          {localOf(now, timeZone).minute} in {zoneWords(timeZone)}, {differs}
        </p>
      )}
    </li>
  )
}
