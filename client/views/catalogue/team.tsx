import { useEffect, useRef } from 'react'
import { Link } from 'wouter'
import type { Catalogue, TeamCard } from '#shared/catalogue.ts'
import { figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Answers, AnswersInFull, askedOf } from './answers.tsx'
import css from './catalogue.module.css'
import detail from './detail.module.css'
import { EscalationSteps } from './escalation.tsx'
import { serviceAddress } from './query.ts'

/** One team in the list: who answers its phone, how many are in it, what it has. */
export function TeamRow({ team, open, onOpen }: { team: TeamCard; open: boolean; onOpen: () => void }) {
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  return (
    <li>
      <button ref={row} type="button" className={css.row} aria-current={open ? 'true' : undefined} onClick={onOpen}>
        <span className={css.name}>
          <b>{team.name}</b>
          {team.name !== team.id && <span className="dim">{team.id}</span>}
        </span>
        <span className={css.who}>
          <Answers answers={team.answers} asked={askedOf({ team: team.id }, team)} />
        </span>
        <span className={css.ties}>
          {figure(team.members.length)} {team.members.length === 1 ? 'member' : 'members'}
        </span>
        <span className={css.ties}>
          {figure(team.services.length)} {team.services.length === 1 ? 'service' : 'services'}
        </span>
      </button>
    </li>
  )
}

/** A team in full: its people, who answers the phone, what it has. */
export function TeamDetail({
  team,
  catalogue,
  onClose,
}: {
  team: TeamCard
  catalogue: Catalogue
  onClose: () => void
}) {
  const answering = new Set(team.answers.map(({ person }) => person.id))
  return (
    <section className={detail.detail} aria-labelledby="team-name">
      <div className={detail.head}>
        <h2 id="team-name">{team.name}</h2>
        <Button kind="quiet" onClick={onClose} aria-label="Close the team">
          ✕
        </Button>
      </div>
      <section className={detail.part} aria-label="Who answers the phone">
        <h3 className="caps">Answers the phone</h3>
        <Phone team={team} />
      </section>
      <section className={detail.part} aria-label="On call now">
        <h3 className="caps">On call now</h3>
        <AnswersInFull answers={team.answers} asked={askedOf({ team: team.id }, team)} />
        {team.rotations.length === 0 ? (
          <p className="dim">It has no rotation; the policy gives it one.</p>
        ) : (
          <p className="dim">
            By its {team.rotations.length === 1 ? 'rotation' : 'rotations'}{' '}
            {team.rotations.map(({ id, name }, at) => (
              <span key={id}>
                {at > 0 && ', '}
                <Link href={`/rota?rotation=${encodeURIComponent(id)}`}>{name}</Link>
              </span>
            ))}
          </p>
        )}
      </section>
      <section className={detail.part} aria-label="Members">
        <h3 className="caps">Members · {figure(team.members.length)}</h3>
        {team.members.length === 0 ? (
          <p className="soon">Nobody. Incidents can be offered to it, and nobody could accept.</p>
        ) : (
          <ul className={detail.members}>
            {team.members.map(({ id, name, responds }) => (
              <li key={id}>
                {name}
                {answering.has(id) && <b className={detail.mark}>on call</b>}
                {!responds && <span className="soon"> cannot respond: no account, or without the role</span>}
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className={detail.part} aria-label="Its services">
        <h3 className="caps">Its services · {figure(team.services.length)}</h3>
        <ul className={detail.members}>
          {team.services.map((id) => (
            <li key={id}>
              <Link href={serviceAddress(id)}>{id}</Link>
            </li>
          ))}
        </ul>
      </section>
      {catalogue.escalations
        .filter((policy) => policy.team === team.id)
        .map((policy) => (
          <section key={policy.id} className={detail.part} aria-label={`Escalation policy ${policy.id}`}>
            <h3 className="caps">If nobody owns it · {policy.id}</h3>
            <EscalationSteps policy={policy} />
          </section>
        ))}
    </section>
  )
}

function Phone({ team: { phone } }: { team: TeamCard }) {
  if (phone === null)
    return (
      <p className="dim">
        The policy names nobody. <code>phone</code> of the team says who answers it and how they are reached.
      </p>
    )
  return (
    <p>
      {phone.person === null ? <span className="soon">Nobody now</span> : <b>{phone.person.name}</b>}
      {phone.reach !== null && <>, {phone.reach}</>}
    </p>
  )
}
