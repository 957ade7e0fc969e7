import { useMemo } from 'react'
import { Link } from 'wouter'
import type { Catalogue, ServiceView } from '#shared/catalogue.ts'
import { figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TierGlyph } from '../../widgets/marks/tier-glyph.tsx'
import { useMe } from '../context.ts'
import { AnswersInFull, askedOf } from './answers.tsx'
import css from './detail.module.css'
import { Drawing } from './drawing.tsx'
import { EscalationSteps } from './escalation.tsx'
import { circleOf, reach } from './graph.ts'
import { teamAddress } from './query.ts'

/** One service in full, beside the list. */
export function ServiceDetail({
  service,
  catalogue,
  onClose,
}: {
  service: ServiceView
  catalogue: Catalogue
  onClose: () => void
}) {
  const services = useMemo(() => new Map(catalogue.services.map((one) => [one.id, one])), [catalogue])
  const team = catalogue.teams.find(({ id }) => id === service.team)
  const escalation = catalogue.escalations.find(({ id, team: of }) => id === service.escalation && of === service.team)
  return (
    <section className={css.detail} aria-labelledby="service-name">
      <div className={css.head}>
        <h2 id="service-name">{service.id}</h2>
        <Button kind="quiet" onClick={onClose} aria-label="Close the service">
          ✕
        </Button>
      </div>
      <dl className={css.facts}>
        <dt>Team</dt>
        <dd>
          {service.team === null ? (
            <span className="soon">none: its incidents are nobody’s until somebody claims them</span>
          ) : (
            <Link href={teamAddress(service.team)}>{team?.name ?? service.team}</Link>
          )}
        </dd>
        <dt>Answers now</dt>
        <dd>
          <AnswersInFull answers={service.answers} asked={askedOf(service, team)} />
        </dd>
        <dt>Tier</dt>
        <dd>
          {service.tier === null
            ? 'as the definitions say'
            : `Tier ${service.tier}, where no definition says otherwise`}
        </dd>
        <dt>Runbook</dt>
        <dd>
          {service.runbook === null ? (
            <span className="dim">none</span>
          ) : (
            <a href={service.runbook} target="_blank" rel="noreferrer">
              {service.runbook}
            </a>
          )}
        </dd>
        {service.links.length > 0 && (
          <>
            <dt>Links</dt>
            <dd>
              <Links links={service.links} />
            </dd>
          </>
        )}
        <dt>Its alerts</dt>
        <dd>
          {service.match.map((one) => (
            <code key={one}>{one} </code>
          ))}
        </dd>
      </dl>
      <Incidents service={service} />
      <section className={css.part} aria-label="If nobody owns it">
        <h3 className="caps">If nobody owns it</h3>
        {escalation === undefined ? (
          <NoEscalation service={service} />
        ) : (
          <>
            <p className="dim">Escalation policy {escalation.id}</p>
            <EscalationSteps policy={escalation} />
          </>
        )}
      </section>
      <Ties service={service} services={services} />
    </section>
  )
}

/** Those with `{label}` can only be followed from an alert. */
function Links({ links }: { links: ServiceView['links'] }) {
  return (
    <ul>
      {links.map(({ text, url }) => (
        <li key={`${text} ${url}`}>
          {url.includes('{') ? (
            <>
              {text} <span className="dim">from an alert that has {labelsIn(url)}</span>
            </>
          ) : (
            <a href={url} target="_blank" rel="noreferrer">
              {text}
            </a>
          )}
        </li>
      ))}
    </ul>
  )
}
const labelsIn = (url: string): string => [...url.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name).join(', ')

function Incidents({ service: { incidents } }: { service: ServiceView }) {
  return (
    <section className={css.part} aria-label="Open incidents">
      <h3 className="caps">Open incidents · {figure(incidents.length)}</h3>
      {incidents.length === 0 ? (
        <p className="dim">None.</p>
      ) : (
        <ul className={css.incidents}>
          {incidents.map(({ id, title, tier, owner, drill }) => (
            <li key={id}>
              <TierGlyph tier={tier} size={20} />
              <Link href={`/incident/${id}`}>
                {id} {title}
              </Link>
              <span className={owner === null ? 'late' : 'dim'}>{owner === null ? 'UNOWNED' : owner.name}</span>
              {drill && <span className="dimmer">DRILL</span>}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** What it needs, what needs it, and circles by name. */
function Ties({ service, services }: { service: ServiceView; services: ReadonlyMap<string, ServiceView> }) {
  const circle = useMemo(() => circleOf(services, service.id), [services, service.id])
  const below = reach(services, service.id, 'dependsOn')
  const above = reach(services, service.id, 'dependants')
  return (
    <section className={css.part} aria-label="What it needs and what needs it">
      <h3 className="caps">Needs and is needed by</h3>
      {below === 0 && above === 0 ? (
        <p className="dim">It needs nothing that is written down, and nothing needs it.</p>
      ) : (
        <>
          <p>
            {below === 0 ? 'It needs nothing else' : `It works only with ${figure(below)} others`};{' '}
            {above === 0 ? 'nothing fails with it.' : `${figure(above)} ${above === 1 ? 'fails' : 'fail'} with it.`}
          </p>
          {circle !== null && (
            <p className={css.circle}>
              <b>In a circle:</b> {[...circle, service.id].join(' → ')}
            </p>
          )}
          <Drawing service={service} services={services} />
        </>
      )}
    </section>
  )
}

function NoEscalation({ service }: { service: ServiceView }) {
  const me = useMe()
  return (
    <p>
      <span className="soon">No escalation policy covers it.</span>{' '}
      {service.answers.length > 0
        ? 'Who is on call for its team sees it on the board and is not told again.'
        : 'Only who looks at the board sees that nobody has it.'}{' '}
      {me.actions.includes('policy.read') && <Link href="/filter/policy">Write one in the policy</Link>}
    </p>
  )
}
