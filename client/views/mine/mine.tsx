import { type ReactNode, useEffect, useMemo } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { Summary } from '#shared/wire.ts'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useMe, useNow } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { AssistedCard, OfferedCard, OwnCard, RoleCard, RoleOfferCard, UnclaimedCard } from './cards.tsx'
import { type Groups, groupsOf } from './groups.ts'
import css from './mine.module.css'
import { PictureAge, usePast } from './picture-age.tsx'
import { type Duty, useDuty } from './shift.ts'
import { NewerVersion, ThisDevice } from './this-device.tsx'
import { Thumb, thumbAct } from './thumb.tsx'
import { WaitingCommands } from './waiting.tsx'
import { shiftSentence } from './words.ts'

/** The responder's page, phone first: what is offered to me, what is mine, what nobody in my teams has taken. */
export function Mine() {
  const past = usePast()
  useEffect(() => {
    document.title = 'Mine · Uxbridge'
  }, [])
  return (
    <div className={`${frame.page} ${css.page}`}>
      <Strip room="Mine" />
      <div>{past !== null && <PictureAge past={past} />}</div>
      <main className={css.main}>
        <Known past={past} />
      </main>
    </div>
  )
}

/** The board as it is or was; before there is one, what this device remembers of it. */
function Known({ past }: { past: ReturnType<typeof usePast> }) {
  const { board, device } = useApp()
  const me = useMe()
  const known = useStore(board, (state) => state.seq !== null)
  const live = useStore(board, (state) => state.incidents)
  const refused = useStore(board, (state) => state.refused)
  const kept = useStore(device.store, (state) => state.picture)
  const remembered = useMemo(() => new Map(kept?.incidents.map((one) => [one.id, one])), [kept])
  if (known) return <Picture incidents={live} at={past === null ? null : past.at} beside={null} />
  if (refused !== null) return <Refused error={refused} />
  if (past === null) return <Loading what="what is yours" />
  const mine = kept !== null && kept.me.id === me.id
  return <Picture incidents={mine ? remembered : none} at={past.at ?? 0} beside={mine ? kept.beside : {}} />
}

const none: ReadonlyMap<string, Summary> = new Map()

/** Incidents that I have asked to own, and have no answer for yet. */
function useClaiming(): readonly string[] {
  const { device } = useApp()
  const items = useStore(device.store, (state) => state.items)
  return items.flatMap(({ type, state, incident }) => (type === 'claim' && state !== 'answered' ? [incident] : []))
}

/** More than anybody reads on a phone; the board has them all. */
const mostUnclaimed = 25

/**
 * @param at null: it is true now; else the instant of which it is the picture
 * @param beside what was kept with a picture of another page's life
 */
function Picture({
  incidents,
  at,
  beside,
}: {
  incidents: ReadonlyMap<string, Summary>
  at: number | null
  beside: Readonly<Record<string, unknown>> | null
}) {
  const me = useMe()
  const now = useNow()
  const still = at !== null
  const groups = useMemo(() => groupsOf(incidents.values(), me, now), [incidents, me, now])
  const duty = useDuty(!still, beside)
  const claiming = useClaiming()
  const mayRespond = me.actions.includes('incident.respond')
  // Without the network a claim waits where it is listed; the thumb goes on to the next.
  const free = at === null ? groups.unclaimed : groups.unclaimed.filter(({ id }) => !claiming.includes(id))
  const thumb = thumbAct({ ...groups, unclaimed: free }, mayRespond, at === null)
  const { offered, roleOffers, mine, unclaimed, assisting, roles } = groups
  const more = unclaimed.length - mostUnclaimed
  const nothing = mine.length === 0
  return (
    <>
      <div className={css.groups}>
        <WaitingCommands />
        <NewerVersion />
        {offered.length + roleOffers.length > 0 && (
          <Group title="Offered to me" name="offered">
            {offered.map((summary) => (
              <OfferedCard key={summary.id} summary={summary} at={at} kept={beside?.[`brief/${summary.id}`]} />
            ))}
            {roleOffers.map(({ summary, role }) => (
              <RoleOfferCard key={`${summary.id}/${role.role}`} summary={summary} role={role} at={at} />
            ))}
          </Group>
        )}
        <Group title="Mine" name="mine">
          {mine.map(({ summary, due }) => (
            <OwnCard key={summary.id} summary={summary} due={due} at={at} />
          ))}
          {mine.length === 0 && <Nothing groups={groups} duty={duty} now={now} />}
        </Group>
        <Group title={me.teams.length === 0 ? 'Unclaimed' : 'Unclaimed in my teams'} name="unclaimed">
          {unclaimed.slice(0, mostUnclaimed).map((summary) => (
            <UnclaimedCard key={summary.id} summary={summary} at={at} busy={claiming.includes(summary.id)} />
          ))}
          {more > 0 && (
            <li>
              <Link href="/?show=unowned" className={css.all ?? ''}>
                {more} more on the board
              </Link>
            </li>
          )}
          {unclaimed.length === 0 && (
            <li className={css.calm}>
              {me.teams.length === 0
                ? 'Nothing waits for an owner.'
                : `Nothing of ${me.teams.map(duty.teamName).join(', ')} waits for an owner.`}
            </li>
          )}
        </Group>
        {assisting.length > 0 && (
          <Group title="I assist" name="assisting">
            {assisting.map((summary) => (
              <AssistedCard key={summary.id} summary={summary} at={at} />
            ))}
          </Group>
        )}
        {roles.length > 0 && (
          <Group title="My roles" name="roles">
            {roles.map(({ summary, role }) => (
              <RoleCard key={`${summary.id}/${role.role}`} summary={summary} role={role} at={at} />
            ))}
          </Group>
        )}
        {!nothing && <ShiftLine duty={duty} now={now} />}
        <ThisDevice />
      </div>
      {thumb !== null && <Thumb act={thumb} busy={claiming.includes(thumb.summary.id)} />}
    </>
  )
}

function Group({ title, name, children }: { title: string; name: string; children: ReactNode }) {
  return (
    <section className={`${css.group} ${css[name] ?? ''}`} aria-label={title}>
      <h2 className="caps">{title}</h2>
      <ul>{children}</ul>
    </section>
  )
}

/** Calm, and true: what is not mine is said as plainly as what is. */
function Nothing({ groups, duty, now }: { groups: Groups; duty: Duty; now: number }) {
  const shift = shiftSentence(duty.mine, duty.rotationName, now)
  return (
    <li className={css.calm}>
      <p>
        <b>
          Nothing is yours{groups.offered.length + groups.roleOffers.length === 0 && ', and nothing is offered to you'}.
        </b>
      </p>
      {shift !== null && <p>{shift}</p>}
    </li>
  )
}

function ShiftLine({ duty, now }: { duty: Duty; now: number }) {
  const shift = shiftSentence(duty.mine, duty.rotationName, now)
  return shift === null ? null : <p className={css.shift}>{shift}</p>
}
