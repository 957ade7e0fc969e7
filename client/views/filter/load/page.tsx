import { Suspense, useEffect } from 'react'
import { Link, useLocation, useSearch } from 'wouter'
import {
  type AlarmLoad,
  alarmKindMeaning,
  alarmKinds,
  alarmLoadSchema,
  benchmarkName,
  type LoadSpan,
  loadSpans,
} from '#shared/alarm-load.ts'
import { ageWords, figure, utcWords } from '../../../state/time-words.ts'
import { Loading, Refused } from '../../conditions/conditions.tsx'
import { useAsked, useMe } from '../../context.ts'
import frame from '../../frame/frame.module.css'
import { Strip } from '../../frame/strip.tsx'
import { Chattering, HourTable, Lines, Standing, Top } from './lists.tsx'
import css from './load.module.css'
import { LoadChart } from './load.tsx'
import { Tiles } from './tiles.tsx'
import { chartWords, type LoadQuery, readQuery, spanWords, writeQuery } from './words.ts'

/** How often people are asked for something, beside what an operator of a plant can bear: by team, by person, in all. */
export function AlarmLoadPage() {
  const query = readQuery(useSearch())
  const [, go] = useLocation()
  const { value, error } = useAsked(`/api/alarm-load?${writeQuery(query)}`, alarmLoadSchema)
  useEffect(() => {
    document.title = 'Alarm load · Uxbridge'
  }, [])
  const change = (next: LoadQuery) => go(`/filter/load?${writeQuery(next)}`, { replace: true })
  return (
    <div className={frame.page}>
      <Strip room="Alarm load" />
      {value !== null && error !== null ? (
        <p className={css.stale} role="status">
          Not renewed since {utcWords(Date.parse(value.to))}: {error.message}
        </p>
      ) : (
        <div />
      )}
      <main className={css.page}>
        {value !== null ? (
          <Load load={value} query={query} onChange={change} />
        ) : error !== null ? (
          <Refused error={error}>
            <p>
              <Link href="/filter/load">The load of everybody</Link>
            </p>
          </Refused>
        ) : (
          <Loading what="the alarm load" />
        )}
      </main>
    </div>
  )
}

interface Chosen {
  load: AlarmLoad
  query: LoadQuery
  onChange: (next: LoadQuery) => void
}

function Load({ load, query, onChange }: Chosen) {
  const known = Date.parse(load.to) - Date.parse(load.from)
  const short = known < loadSpans[load.span] - 60_000
  return (
    <>
      <div className={css.head}>
        <Choices load={load} query={query} onChange={onChange} />
        <p className="dim" role="status">
          {chartWords(load)}
          {short && ` Known for ${ageWords(known)} only, since ${utcWords(Date.parse(load.from))}.`}
        </p>
      </div>
      {load.of.kind === 'person' && (
        <p className={css.note}>
          The load of a person is seen by that person, by commanders and by administrators. An alarm falls to who owned
          the incident then, else to who took it first.
        </p>
      )}
      {load.of.kind === 'team' && (
        <p className={css.note}>
          {load.of.people === 1 ? 'One person responds' : `${figure(load.of.people ?? 0)} people respond`} in{' '}
          {load.of.name}. Each alarm asks all of them, so nothing is divided by their number.
        </p>
      )}
      <Suspense fallback={<div className={css.chart} />}>
        <LoadChart load={load} />
      </Suspense>
      <Tiles metrics={load.metrics} />
      <Lines
        load={load}
        onChoose={({ kind, id }) =>
          onChange({ ...query, team: kind === 'team' ? id : null, person: kind === 'person' ? id : null })
        }
      />
      <div className={css.lists}>
        <Top load={load} />
        <Chattering load={load} />
        <Standing load={load} />
      </div>
      <HourTable load={load} />
      <Meaning load={load} />
    </>
  )
}

function Choices({ load, query, onChange }: Chosen) {
  const me = useMe()
  const { teams, people } = load.choices
  const chosen = query.team !== null ? `team:${query.team}` : query.person !== null ? `person:${query.person}` : ''
  const others = people.filter(({ id }) => id !== me.id)
  const isMine = people.some(({ id }) => id === me.id)
  return (
    <search className={css.choices}>
      <label className={css.who}>
        <span className="unseen">Whose load</span>
        <select
          value={query.person === 'me' ? `person:${me.id}` : chosen}
          onChange={(event) => {
            const [kind, ...id] = event.target.value.split(':')
            onChange({
              last: query.last,
              team: kind === 'team' ? id.join(':') : null,
              person: kind === 'person' ? id.join(':') : null,
            })
          }}
        >
          <option value="">Everybody</option>
          {isMine && <option value={`person:${me.id}`}>Mine</option>}
          {teams.length > 0 && (
            <optgroup label="Teams">
              {teams.map(({ id, name }) => (
                <option key={id} value={`team:${id}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          )}
          {others.length > 0 && (
            <optgroup label="People">
              {others.map(({ id, name }) => (
                <option key={id} value={`person:${id}`}>
                  {name}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      <fieldset className={css.spans}>
        <legend className="unseen">Over which time</legend>
        {(Object.keys(spanWords) as LoadSpan[]).map((last) => (
          <button
            key={last}
            type="button"
            aria-pressed={query.last === last}
            onClick={() => onChange({ ...query, last })}
          >
            {spanWords[last]}
          </button>
        ))}
      </fieldset>
    </search>
  )
}

/** What is counted, and what the figures are worth: said where they are shown. */
function Meaning({ load }: { load: AlarmLoad }) {
  return (
    <section className={css.meaning} aria-label="What these figures mean">
      <h2 className="caps">What is counted</h2>
      <p>
        An alarm is what asked a person for something:{' '}
        {alarmKinds.map((kind) => `${alarmKindMeaning[kind]} (${figure(load.byKind[kind])})`).join('; ')}. What repeats,
        ends, joins another incident or is held back asks nobody, and is not counted; nor are drills.
      </p>
      <h2 className="caps">What it is held against</h2>
      <p>
        The {benchmarkName}: what an operator in the control room of a plant can attend to, one alarm at a time, from 30
        days of data. Nobody has measured the same for people who run software, who are woken instead of sitting there;
        so take it as a measure of quiet, not as a target.
      </p>
    </section>
  )
}
