import { type ReactNode, useEffect, useMemo } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { Summary } from '#shared/wire.ts'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useLink, useMe, useNow, useStill } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { AssistedCard, OfferedCard, OwnCard, UnclaimedCard } from './cards.tsx'
import { type Groups, groupsOf } from './groups.ts'
import css from './mine.module.css'
import { type Duty, useDuty } from './shift.ts'
import { Thumb, thumbAct } from './thumb.tsx'
import { shiftSentence } from './words.ts'

/** The responder's page, phone first: what is offered to me, what is mine, what nobody in my teams has taken. */
export function Mine() {
  const { board } = useApp()
  const known = useStore(board, (state) => state.seq !== null)
  const refused = useStore(board, (state) => state.refused)
  useEffect(() => {
    document.title = 'Mine · Uxbridge'
  }, [])
  return (
    <div className={`${frame.page} ${css.page}`}>
      <Strip room="Mine" />
      <div className={css.above} />
      <main className={css.main}>
        {refused !== null && !known ? <Refused error={refused} /> : known ? <Live /> : <Loading what="what is yours" />}
      </main>
    </div>
  )
}

function Live() {
  const { board } = useApp()
  const incidents = useStore(board, (state) => state.incidents)
  const still = useStill()
  return <Picture incidents={incidents} still={still} />
}

/** More than anybody reads on a phone; the board has them all. */
const mostUnclaimed = 25

function Picture({ incidents, still }: { incidents: ReadonlyMap<string, Summary>; still: boolean }) {
  const me = useMe()
  const now = useNow()
  const groups = useMemo(() => groupsOf(incidents.values(), me, now), [incidents, me, now])
  const duty = useDuty(!still)
  const claiming = useLink(({ waiting }) => waiting.find(({ type }) => type === 'claim')?.incident ?? null)
  const mayRespond = me.actions.includes('incident.respond')
  const thumb = thumbAct(groups, mayRespond)
  const { offered, mine, unclaimed, assisting } = groups
  const more = unclaimed.length - mostUnclaimed
  const nothing = offered.length === 0 && mine.length === 0
  return (
    <>
      <div className={still ? `${css.groups} ${css.still}` : css.groups}>
        {offered.length > 0 && (
          <Group title="Offered to me" name="offered">
            {offered.map((summary) => (
              <OfferedCard key={summary.id} summary={summary} still={still} />
            ))}
          </Group>
        )}
        <Group title="Mine" name="mine">
          {mine.map(({ summary, due }) => (
            <OwnCard key={summary.id} summary={summary} due={due} still={still} />
          ))}
          {mine.length === 0 && <Nothing groups={groups} duty={duty} now={now} />}
        </Group>
        <Group title={me.teams.length === 0 ? 'Unclaimed' : 'Unclaimed in my teams'} name="unclaimed">
          {unclaimed.slice(0, mostUnclaimed).map((summary) => (
            <UnclaimedCard key={summary.id} summary={summary} still={still} busy={claiming === summary.id} />
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
              <AssistedCard key={summary.id} summary={summary} still={still} />
            ))}
          </Group>
        )}
        {!nothing && <ShiftLine duty={duty} now={now} />}
      </div>
      {thumb !== null && <Thumb act={thumb} busy={claiming !== null && claiming === thumb.summary.id} />}
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
        <b>Nothing is yours{groups.offered.length === 0 && ', and nothing is offered to you'}.</b>
      </p>
      {shift !== null && <p>{shift}</p>}
    </li>
  )
}

function ShiftLine({ duty, now }: { duty: Duty; now: number }) {
  const shift = shiftSentence(duty.mine, duty.rotationName, now)
  return shift === null ? null : <p className={css.shift}>{shift}</p>
}
