import { actionOf } from '#shared/incident/commands.ts'
import { type RoleName, roleDefinitions, roleNames } from '#shared/incident/roles.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { bothClocks, leftWords } from '../../../state/time-words.ts'
import { HandoffChain } from '../../../widgets/chain/chain.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { Menu, type MenuEntry } from '../../../widgets/controls/menu.tsx'
import { useApp, useMe, useNow } from '../../context.ts'
import css from './people.module.css'
import { roleIn } from './role-acts.tsx'

/** Who has a part in it: owner, roles with their chains, who assists, and whom the house has told. */
export function People({ summary }: { summary: Summary }) {
  const me = useMe()
  const open = isOpen(summary.phase)
  const may = (role: RoleName) => open && me.actions.includes(actionOf({ type: 'assign-role', role }))
  return (
    <>
      <dl className={css.people}>
        <dt>Owner</dt>
        <dd>{summary.owner?.name ?? 'nobody'}</dd>
        {summary.assistants.length > 0 && (
          <>
            <dt>Assist</dt>
            <dd>{summary.assistants.map(({ name }) => name).join(', ')}</dd>
          </>
        )}
      </dl>
      <Told summary={summary} />
      <ul className={css.roles} aria-label="Roles">
        {roleNames.map((role) => (
          <Role key={role} summary={summary} role={role} may={may(role)} />
        ))}
      </ul>
    </>
  )
}

function Role({ summary, role, may }: { summary: Summary; role: (typeof roleNames)[number]; may: boolean }) {
  const { act } = useApp()
  const me = useMe()
  const now = useNow()
  const view = roleIn(summary, role)
  const { holder, offer } = view
  const commander = me.actions.includes('incident.command')
  const leads = commander || summary.owner?.id === me.id || holder?.id === me.id
  const { label, definition } = roleDefinitions[role]
  const begin = (type: 'accept' | 'decline' | 'withdraw' | 'take-over' | 'release' | 'assign-role') =>
    act.begin(type, summary.id, undefined, role)
  const entries: MenuEntry[] = [
    ...(leads && offer === null
      ? [{ key: 'offer', label: `Offer it to somebody…`, run: () => begin('assign-role') }]
      : []),
    ...(leads && offer !== null
      ? [{ key: 'withdraw', label: 'Withdraw the offer…', run: () => begin('withdraw') }]
      : []),
    ...(holder?.id === me.id ? [{ key: 'release', label: 'Leave it…', run: () => begin('release') }] : []),
    ...(commander && holder !== null && holder.id !== me.id
      ? [{ key: 'take-over', label: 'Take it over…', danger: true, run: () => begin('take-over') }]
      : []),
  ]
  const toMe = offer?.eligible.includes(me.id) ?? false
  return (
    <li className={css.role}>
      <div className={css.line}>
        <span className={css.label} title={definition}>
          {label}
        </span>
        <span className={holder === null ? 'dim' : ''}>
          {holder?.id === me.id ? 'You' : (holder?.name ?? 'nobody')}
        </span>
        {offer !== null && (
          <span className="soon">
            offered to {toMe ? 'you' : offer.to.name}, {leftWords(Math.max(0, Date.parse(offer.deadline) - now))}
          </span>
        )}
        {may && (
          <span className={css.acts}>
            {toMe && (
              <Button kind="main" onClick={() => begin('accept')}>
                Accept…
              </Button>
            )}
            {!toMe && holder === null && (
              <Button aria-label={`Take or offer ${label}`} onClick={() => begin('assign-role')}>
                Take or offer…
              </Button>
            )}
            {entries.length > 0 && (holder !== null || offer !== null) && (
              <Menu
                trigger={
                  <Button kind="quiet" aria-label={`More to do with ${label}`}>
                    ⋯
                  </Button>
                }
                entries={entries}
              />
            )}
          </span>
        )}
      </div>
      {view.chain.length > 1 && <HandoffChain summary={view} now={now} me={me.id} focusable />}
    </li>
  )
}

/** Whom the house has told that nobody owns it, and whose shift is about to end. */
export function Told({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const me = useMe()
  const now = useNow()
  const { paging, shiftEnd, owner } = summary
  if (paging !== undefined && owner === null) {
    const names = paging.people.map(({ name }) => name).join(', ')
    const nextMs = paging.nextAt === null ? null : Date.parse(paging.nextAt) - now
    return (
      <p className={css.told}>
        {paging.quiet
          ? 'Nobody is called on yet: it can wait.'
          : names === ''
            ? 'There was nobody to call on: no step of its escalation means anybody now.'
            : `Called on: ${names} (step ${paging.step}${paging.round > 1 ? `, for the ${ordinal(paging.round)} time` : ''}).`}{' '}
        {nextMs === null ? (
          !paging.quiet && 'Nobody else is left to call on.'
        ) : (
          <span title={bothClocks(Date.parse(paging.nextAt ?? ''))}>
            {nextMs > 0 ? `The next in ${leftWords(nextMs)}.` : 'The next are being called on.'}
          </span>
        )}
      </p>
    )
  }
  if (shiftEnd === undefined || owner === null) return null
  const endsMs = Date.parse(shiftEnd.endsAt) - now
  const mine = owner.id === me.id
  const next = shiftEnd.to.map(({ name }) => name).join(', ')
  return (
    <p className={css.told}>
      <span className="soon">
        {mine ? 'Your shift' : `The shift of ${owner.name}`} {endsMs > 0 ? `ends in ${leftWords(endsMs)}` : 'is over'}
      </span>
      . {next === '' ? 'Nobody comes on after it.' : `${next} ${shiftEnd.to.length === 1 ? 'comes' : 'come'} on.`}{' '}
      {(mine || me.actions.includes('incident.command')) && summary.offer === null && isOpen(summary.phase) && (
        <Button onClick={() => act.begin('offer', summary.id)}>
          {next === '' ? 'Hand off…' : `Offer it to ${next}…`}
        </Button>
      )}
    </p>
  )
}

function ordinal(count: number): string {
  return count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`
}
