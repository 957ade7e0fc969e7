import { useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Link, useLocation, useSearch } from 'wouter'
import { besideToteSchema, readinessStates, readinessWords } from '#shared/readiness.ts'
import { figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { ReadinessGlyph } from '../../widgets/marks/readiness.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useAsked, useMe, useStill } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import {
  countsOf,
  readToteQuery,
  shownTeams,
  type ToteQuery,
  type ToteState,
  teamsOf,
  toteAddress,
  useTote,
  withoutTeam,
} from './follow.ts'
import { MyState, SayFor } from './say.tsx'
import { People, Team } from './team.tsx'
import css from './tote.module.css'

/** The readiness tote: teams and their people, and who of them could be asked now. */
export function TotePage() {
  const tote = useTote()
  useEffect(() => {
    document.title = 'Tote · Uxbridge'
  }, [])
  return (
    <div className={frame.page}>
      <Strip room="Tote" />
      {tote.teams === null ? <div /> : <Choice tote={tote} />}
      {tote.teams === null ? (
        <main className={css.alone}>
          {tote.refused === null ? <Loading what="the tote" /> : <Refused error={tote.refused} />}
        </main>
      ) : (
        <Room tote={tote} />
      )}
    </div>
  )
}

function useQuery(): [ToteQuery, (next: Partial<ToteQuery>) => void] {
  const search = useSearch()
  const [, go] = useLocation()
  const query = useMemo(() => readToteQuery(search), [search])
  return [query, (next) => go(toteAddress({ ...query, ...next }), { replace: true })]
}

/** How many are in each state: each figure shows only those. */
function Choice({ tote }: { tote: ToteState }) {
  const [{ show, text }, change] = useQuery()
  const counts = countsOf(tote.people.values())
  const unready = teamsOf(tote).filter((view) => view.unready).length
  return (
    <search className={css.choice}>
      <fieldset className={css.tabs}>
        <legend className="unseen">Show</legend>
        <button type="button" className={css.tab} aria-pressed={show === 'all'} onClick={() => change({ show: 'all' })}>
          All {figure(tote.people.size)}
        </button>
        {readinessStates.map((state) => (
          <button
            key={state}
            type="button"
            className={css.tab}
            aria-pressed={show === state}
            title={readinessWords[state].means}
            onClick={() => change({ show: show === state ? 'all' : state })}
          >
            <ReadinessGlyph state={state} /> {figure(counts[state])} {readinessWords[state].label.toLowerCase()}
          </button>
        ))}
        {(unready > 0 || show === 'unready') && (
          <button
            type="button"
            className={`${css.tab} ${css.unreadyTab}`}
            aria-pressed={show === 'unready'}
            onClick={() => change({ show: show === 'unready' ? 'all' : 'unready' })}
          >
            {unready === 1 ? '1 team unready' : `${unready} teams unready`}
          </button>
        )}
      </fieldset>
      <label>
        <span className="unseen">Find teams and people</span>
        <input
          type="search"
          placeholder="Find teams and people"
          value={text}
          onChange={(event) => change({ text: event.target.value })}
        />
      </label>
    </search>
  )
}

function Room({ tote }: { tote: ToteState }) {
  const me = useMe()
  const still = useStill()
  const [query, change] = useQuery()
  const { value: beside, again } = useAsked('/api/tote/beside', besideToteSchema)
  const [saying, setSaying] = useState<string | null>(null)
  // A note that was just made is not in the rows: who made it wants to see it at once.
  const noted = [...tote.people.values()].flatMap(({ id, said }) => (said?.noted === true ? [`${id} ${said.at}`] : []))
  // Whoever is engaged by nothing that everybody sees may be so by what this person may see.
  const engaged = [...tote.people.values()].flatMap(({ id, state, since, holds }) =>
    state === 'engaged' && holds === undefined ? [`${id} ${since}`] : [],
  )
  const notes = [...noted, ...engaged].join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when there is another note, or somebody else is engaged
  useEffect(() => void again(), [notes, again])
  const all = useMemo(() => teamsOf(tote), [tote])
  const teams = shownTeams(all, query)
  const others = shownTeams([looseTeam(tote)], query)[0]?.people ?? []
  const mine = tote.people.get(me.id)
  const about = saying === null ? undefined : tote.people.get(saying)
  const mayCorrect = me.actions.includes('incident.command')
  const onSay = mayCorrect ? setSaying : null
  const none = tote.teams?.length === 0
  const columns = useColumns()
  const unfold = query.text !== '' || query.show === 'released'
  return (
    <main className={still ? `${css.main} ${css.still}` : css.main}>
      {mine !== undefined && me.actions.includes('incident.respond') && <MyState view={mine} />}
      {none && <NoTeams mayEdit={me.actions.includes('policy.change')} />}
      {!none && teams.length === 0 && others.length === 0 && (
        <p className={css.none}>
          Nobody fits. <Button onClick={() => change({ show: 'all', text: '' })}>Show all</Button>
        </p>
      )}
      <div className={css.teams}>
        {inColumns([...teams, ...(others.length > 0 ? [null] : [])], columns).map(({ key, cards }) => (
          <div key={key} className={css.column}>
            {cards.map((view) =>
              view === null ? (
                <section key="" className={css.team} aria-label="In no team">
                  <header className={css.teamHead}>
                    <h2 className="dim">In no team</h2>
                  </header>
                  <People people={others} answers={null} beside={beside} onSay={onSay} unfold={unfold} />
                </section>
              ) : (
                <Team key={view.team.id} {...{ view, beside, onSay, unfold }} people={tote.people} />
              ),
            )}
          </div>
        ))}
      </div>
      {beside !== null && beside.load.length > 0 && (
        <p className={css.foot}>
          Bars: how often somebody was asked in ten minutes, beside the {beside.benchmark}.{' '}
          {me.actions.includes('ledger.read') && <Link href="/filter/load">Alarm load</Link>}
        </p>
      )}
      {about !== undefined && <SayFor view={about} onClose={() => setSaying(null)} />}
    </main>
  )
}

const columnPx = 370
const screenWidth = () => window.innerWidth
const onResize = (changed: () => void) => {
  window.addEventListener('resize', changed)
  return () => window.removeEventListener('resize', changed)
}

function useColumns(): number {
  return Math.max(1, Math.floor(useSyncExternalStore(onResize, screenWidth) / columnPx))
}

/** One after another into columns, so that a card that grows moves only those below it, and never to another column. */
function inColumns<T>(cards: readonly T[], count: number): { key: number; cards: T[] }[] {
  return Array.from({ length: count }, (_, key) => ({ key, cards: cards.filter((_, place) => place % count === key) }))
}

/** Those in no team, as if they were one that nothing answers for. */
function looseTeam(tote: ToteState) {
  const people = withoutTeam(tote)
  const team = {
    id: '',
    name: '',
    people: [],
    answers: null,
    ...{ onCall: 0, rota: false, expected: false, next: null, gap: null },
  }
  return { team, people, counts: countsOf(people), unready: false }
}

const example = `teams:
  - id: payments
    name: Payments
    members: [p_ada, p_bo]       # ids of people
rotations:
  - id: payments
    team: payments
    time_zone: Europe/Berlin
    layers:
      - { people: [p_ada, p_bo], starts: '2026-01-05T08:00', turn: 1w }`

/** No team yet: how to add one. */
function NoTeams({ mayEdit }: { mayEdit: boolean }) {
  return (
    <section className={css.noTeams}>
      <h2>No teams yet</h2>
      <p>
        Teams and their rotations stand in the policy file. Once they do, who is on call is told here, who holds what,
        and when that changes.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{example}</pre>
      {mayEdit ? (
        <p>
          <Link href="/filter/policy">Open the policy</Link>
        </p>
      ) : (
        <p>An administrator adds them.</p>
      )}
    </section>
  )
}
