import { useEffect, useRef } from 'react'
import { Link, useLocation, useSearch } from 'wouter'
import { type Catalogue, catalogueSchema, type ServiceView, type TeamCard } from '#shared/catalogue.ts'
import { figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TierGlyph } from '../../widgets/marks/tier-glyph.tsx'
import { Loading, Refused, Unreachable } from '../conditions/conditions.tsx'
import { useAsked, useMe } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { useListKeys } from '../use-list-keys.ts'
import { Answers, askedOf } from './answers.tsx'
import css from './catalogue.module.css'
import {
  type CatalogueQuery,
  kinds,
  onlys,
  onlyWords,
  readQuery,
  shownServices,
  teamFits,
  writeQuery,
} from './query.ts'
import { ServiceDetail } from './service.tsx'
import { TeamDetail, TeamRow } from './team.tsx'

/** Longer lists are narrowed by words rather than walked. */
const mostRows = 200

/** What runs here: whose it is, what it needs, who answers for it now, what is wrong with it. */
export function CataloguePage() {
  const { value, error, again } = useAsked('/api/catalogue', catalogueSchema)
  useEffect(() => {
    document.title = 'Services · Uxbridge'
  }, [])
  return (
    <div className={frame.page}>
      <Strip room="Services" />
      {value !== null && error !== null ? (
        <p className={css.outdated} role="status">
          Not renewed since {value.at.slice(11, 16)} UTC: {error.message}
        </p>
      ) : (
        <div />
      )}
      {value === null ? (
        <main className={css.main}>
          {error === null ? (
            <Loading what="the catalogue" />
          ) : error.code === 'not-ready' ? (
            <Unreachable message={error.message} onRetry={() => void again()} />
          ) : (
            <Refused error={error} />
          )}
        </main>
      ) : (
        <Room catalogue={value} />
      )}
    </div>
  )
}

function Room({ catalogue }: { catalogue: Catalogue }) {
  const query = readQuery(useSearch())
  const [, go] = useLocation()
  const search = useRef<HTMLInputElement>(null)
  const change = (next: Partial<CatalogueQuery>) => go(writeQuery({ ...query, ...next }), { replace: true })
  const services = shownServices(catalogue, query)
  const teams = catalogue.teams.filter((team) => teamFits(team, query))
  const ids = (query.kind === 'teams' ? teams : services.slice(0, mostRows)).map(({ id }) => id)
  useListKeys(ids, query.at, (at) => change({ at }), search)

  if (catalogue.services.length === 0 && catalogue.teams.length === 0) return <NothingYet />
  const service = query.kind === 'services' ? catalogue.services.find(({ id }) => id === query.at) : undefined
  const team = query.kind === 'teams' ? catalogue.teams.find(({ id }) => id === query.at) : undefined
  const close = () => change({ at: null })
  return (
    <main className={query.at === null ? css.main : `${css.main} ${css.withDetail}`}>
      <div className={css.listSide}>
        <Choices catalogue={catalogue} query={query} search={search} onChange={change} />
        {ids.length === 0 ? (
          <NothingFits query={query} onClear={() => change({ only: 'all', team: null, words: '' })} />
        ) : query.kind === 'teams' ? (
          <ul className={css.rows} aria-label="Teams">
            {teams.map((one) => (
              <TeamRow key={one.id} team={one} open={one.id === query.at} onOpen={() => change({ at: one.id })} />
            ))}
          </ul>
        ) : (
          <ul className={css.rows} aria-label="Services">
            {services.slice(0, mostRows).map((one) => (
              <Row
                key={one.id}
                service={one}
                team={catalogue.teams.find(({ id }) => id === one.team)}
                open={one.id === query.at}
                onOpen={() => change({ at: one.id })}
              />
            ))}
          </ul>
        )}
        {query.kind === 'services' && services.length > mostRows && (
          <p className="dim">
            These are {mostRows} of {figure(services.length)}. Say more words to see the others.
          </p>
        )}
      </div>
      {service !== undefined && (
        <ServiceDetail key={service.id} service={service} catalogue={catalogue} onClose={close} />
      )}
      {team !== undefined && <TeamDetail key={team.id} team={team} catalogue={catalogue} onClose={close} />}
      {query.at !== null && service === undefined && team === undefined && (
        <section className={css.detail} aria-label="Not here">
          <p>
            There is no {query.kind === 'teams' ? 'team' : 'service'} <b>{query.at}</b> in the policy any more.
          </p>
          <p>
            <Button onClick={close}>Close</Button>
          </p>
        </section>
      )}
    </main>
  )
}

/** Services or teams, and which of them. All of it stands in the address. */
function Choices({
  catalogue,
  query,
  search,
  onChange,
}: {
  catalogue: Catalogue
  query: CatalogueQuery
  search: React.RefObject<HTMLInputElement | null>
  onChange: (next: Partial<CatalogueQuery>) => void
}) {
  const counts = { services: catalogue.services.length, teams: catalogue.teams.length }
  return (
    <search className={css.choices}>
      <fieldset className={css.tabs}>
        <legend className="unseen">Services or teams</legend>
        {kinds.map((kind) => (
          <button
            key={kind}
            type="button"
            className={css.tab}
            aria-pressed={query.kind === kind}
            onClick={() => onChange({ kind, at: null, team: null, only: 'all' })}
          >
            {kind === 'teams' ? 'Teams' : 'Services'} <span className={css.count}>{figure(counts[kind])}</span>
          </button>
        ))}
      </fieldset>
      <input
        ref={search}
        className={css.find}
        type="search"
        aria-label="Find by service, team or person"
        placeholder="service, team, person"
        value={query.words}
        onChange={(event) => onChange({ words: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
        }}
      />
      <label className={css.only}>
        <span className="unseen">Which of them</span>
        <select
          value={query.only}
          onChange={(event) => onChange({ only: event.target.value as CatalogueQuery['only'] })}
        >
          {onlys
            .filter((only) => query.kind === 'services' || only !== 'incidents')
            .map((only) => (
              <option key={only} value={only}>
                {onlyWords[only]}
              </option>
            ))}
        </select>
      </label>
      {query.kind === 'services' && (
        <label className={css.only}>
          <span className="unseen">Of which team</span>
          <select
            value={query.team ?? ''}
            onChange={(event) => onChange({ team: event.target.value === '' ? null : event.target.value })}
          >
            <option value="">every team</option>
            {catalogue.teams.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
    </search>
  )
}

function Row({
  service,
  team,
  open,
  onOpen,
}: {
  service: ServiceView
  team: TeamCard | undefined
  open: boolean
  onOpen: () => void
}) {
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  const { incidents, dependants, dependsOn } = service
  const worst = incidents.find(({ drill }) => !drill) ?? incidents[0]
  return (
    <li>
      <button ref={row} type="button" className={css.row} aria-current={open ? 'true' : undefined} onClick={onOpen}>
        <span className={css.name}>
          <b>{service.id}</b>
          <span className="dim">
            {team?.name ?? 'no team'}
            {service.tier !== null && ` · Tier ${service.tier}`}
          </span>
        </span>
        <span className={css.who}>
          <Answers answers={service.answers} asked={askedOf(service, team)} />
        </span>
        <span className={css.ties}>
          {dependsOn.length > 0 && `needs ${figure(dependsOn.length)}`}
          {dependsOn.length > 0 && dependants.length > 0 && ', '}
          {dependants.length > 0 && `needed by ${figure(dependants.length)}`}
        </span>
        <span className={css.trouble}>
          {worst !== undefined && (
            <>
              <TierGlyph tier={worst.tier} size={20} />
              <span>
                {figure(incidents.length)} open{worst.drill && <span className="dimmer"> DRILL</span>}
              </span>
            </>
          )}
        </span>
      </button>
    </li>
  )
}

function NothingFits({ query, onClear }: { query: CatalogueQuery; onClear: () => void }) {
  const what = query.kind === 'teams' ? 'team' : 'service'
  const quiet = query.words === '' && query.team === null
  return (
    <section className={css.nothing}>
      <h2>
        {quiet && query.only === 'incidents'
          ? 'No service has an open incident'
          : quiet && query.only === 'nobody'
            ? `Somebody answers for every ${what}`
            : `No ${what} of that kind`}
      </h2>
      <Button onClick={onClear}>Show all</Button>
    </section>
  )
}

const example = `services:
  - id: checkout
    team: payments
    tier: 1
    runbook: https://runbooks.example/checkout
    depends_on: [orders-db]
  - id: orders-db
    team: payments
teams:
  - { id: payments, name: Payments, members: [<id of a person>] }`

/** The policy has neither services nor teams. */
function NothingYet() {
  const me = useMe()
  return (
    <main className={css.main}>
      <section className={css.first}>
        <h2>No service is written down yet</h2>
        <p>
          Services and teams stand in the policy. An alert whose label <code>service</code> names one belongs to it: it
          gets its runbook and its team, and trouble of what it needs explains its own.
        </p>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
        <pre tabIndex={0}>{example}</pre>
        {me.actions.includes('policy.read') ? (
          <p>
            <Link href="/filter/policy" className={css.way}>
              {me.actions.includes('policy.change') ? 'Add one in the policy' : 'See the policy'}
            </Link>
          </p>
        ) : (
          <p>An administrator adds them in the policy.</p>
        )}
      </section>
    </main>
  )
}
