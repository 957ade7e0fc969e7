import type { ReactNode } from 'react'
import { Link, useLocation } from 'wouter'
import { useStore } from 'zustand'
import { nearestClock } from '../../state/due.ts'
import { type Counts, countsOf } from '../../state/filter.ts'
import {
  figure,
  lapseWords,
  leftWords,
  localMinute,
  shortLeftWords,
  utcTime,
  utcWords,
} from '../../state/time-words.ts'
import { useApp, useLink, useMe, useNow, useStill } from '../context.ts'
import { AccountMenu } from './account.tsx'
import css from './frame.module.css'

/** The strip on top of every screen: where I am, what time it is, how far the picture can be trusted, what is open. */
export function Strip({ room, children }: { room: string; children?: ReactNode }) {
  return (
    <header className={css.strip}>
      <h1 className={css.room}>{room}</h1>
      <ServerClock />
      <LinkMark />
      <BoardCounts />
      {children}
      <span className={css.far}>
        <Waiting />
        <Rooms />
        <AccountMenu />
      </span>
    </header>
  )
}

/** The other rooms, one press away; where there is no room for the lesser ones, or for any, they are in the menu. */
function Rooms() {
  const { actions } = useMe()
  const [here] = useLocation()
  const rooms = [
    { path: '/', name: 'Board', shown: true },
    { path: '/mine', name: 'Mine', shown: actions.includes('incident.respond') },
    { path: '/filter', name: 'Filter', shown: actions.includes('ledger.read') },
    { path: '/tote', name: 'Tote', shown: actions.includes('picture.read') },
    { path: '/services', name: 'Services', shown: actions.includes('picture.read') },
    { path: '/rota', name: 'Rota', shown: actions.includes('rota.read') },
    { path: '/silences', name: 'Silences', shown: actions.includes('silence.read') },
    { path: '/report', name: 'Report', shown: actions.includes('report.make'), lesser: true },
    { path: '/sources', name: 'Sources', shown: actions.includes('source.read'), lesser: true },
    { path: '/lost', name: 'Lost', shown: actions.includes('lost.read'), lesser: true },
    { path: '/people', name: 'People', shown: actions.includes('person.manage'), lesser: true },
  ]
  return (
    <nav className={css.rooms} aria-label="Rooms">
      {rooms
        .filter(({ shown }) => shown)
        .map(({ path, name, lesser }) => (
          <Link
            key={path}
            href={path}
            className={lesser === true ? (css.lesser ?? '') : ''}
            aria-current={here === path || (path !== '/' && here.startsWith(`${path}/`)) ? 'page' : undefined}
          >
            {name}
          </Link>
        ))}
      {/* A wall follows another room of the server, so it is a page of its own. */}
      <a href="/wall" className={css.lesser}>
        Wall
      </a>
    </nav>
  )
}

function ServerClock() {
  const now = useNow()
  return (
    <time className={css.clock} dateTime={new Date(now).toISOString()}>
      {utcTime(now)}
      <span className={css.zone}>
        {' '}
        UTC <span className={css.local}>· {localMinute(now)} here</span>
      </span>
    </time>
  )
}

/** The state of the link, by what came through it: a shape, a word, and since when. */
export function LinkMark() {
  const kind = useLink((report) => report.state.kind)
  const since = useLink((report) => (report.state.kind === 'stale' ? report.state.since : null))
  const offline = useStore(useApp().device.store, (state) => state.offline)
  if (offline)
    return (
      <span className={`${css.link} ${css.stale}`}>
        <LinkShape kind="stale" />
        <b role="status">no network</b>
      </span>
    )
  return (
    <span className={`${css.link} ${css[kind] ?? ''}`}>
      <LinkShape kind={kind} />
      {/* The word alone is spoken when it changes; the figures beside it change with every event. */}
      <b role="status">{linkWords(kind, since)}</b>
      {kind === 'live' && <Told />}
    </span>
  )
}

export function linkWords(kind: string, since: number | null): string {
  switch (kind) {
    case 'live':
      return 'live'
    case 'connecting':
      return 'connecting'
    case 'catching-up':
      return 'catching up'
    case 'stale':
      return since === null ? 'STALE: never live' : `STALE since ${utcTime(since)}`
    case 'signed-out':
      return 'signed out'
    default:
      return 'refused'
  }
}

function LinkShape({ kind }: { kind: string }) {
  return (
    <svg width="11" height="11" viewBox="0 0 11 11" aria-hidden="true">
      {kind === 'live' ? (
        <rect width="11" height="11" fill="currentColor" />
      ) : kind === 'stale' ? (
        <path d="M1 1l9 9M10 1l-9 9" stroke="currentColor" strokeWidth="2.6" />
      ) : (
        <rect
          x="1"
          y="1"
          width="9"
          height="9"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeDasharray="2.6 2"
        />
      )}
    </svg>
  )
}

/** From the event at the server's door to this screen's paint: the last 200 of them. */
function Told() {
  const { p50Ms, p95Ms } = useStore(useApp().telling)
  if (p50Ms === null) return null
  return (
    <span
      className={css.told}
      title="From the moment the server received an event to the paint on this screen, over the last 200"
    >
      told in {Math.round(p50Ms)} ms<span className={css.p95}>, p95 {Math.round(p95Ms ?? p50Ms)} ms</span>
    </span>
  )
}

function BoardCounts() {
  const { board } = useApp()
  const me = useMe()
  const incidents = useStore(board, (state) => state.incidents)
  const known = useStore(board, (state) => state.seq !== null)
  const still = useStill()
  if (!known) return null
  return (
    <>
      <CountWords counts={countsOf(incidents.values(), me.id)} still={still} />
      <HeldBack />
      <NearestClock />
    </>
  )
}

/** The legal clock that is due next, of all that this person may see. */
function NearestClock() {
  const incidents = useStore(useApp().board, (state) => state.incidents)
  const now = useNow()
  const nearest = nearestClock(incidents.values())
  if (nearest === null) return null
  const { incidentId, name, deadline, at, nearAt } = nearest
  const tone = now >= at ? css.clockPassed : now >= nearAt ? css.clockNear : ''
  return (
    <Link
      href={`/incident/${incidentId}`}
      className={`${css.nextClock} ${tone}`}
      title={`${name} of ${incidentId}: ${deadline}, due ${utcWords(at)}`}
    >
      <b>{shortLeftWords(at - now)}</b> {name}
      <span className="unseen">
        {' '}
        {now >= at ? 'passed' : 'left'}, {deadline} of {incidentId}
      </span>
    </Link>
  )
}

/** What is not told: the number is always in view, so that nothing is hidden in silence. */
function HeldBack() {
  const held = useStore(useApp().board, (state) => state.heldBack)
  if (held === 0) return null
  return (
    <Link
      href="/filter"
      className={css.held ?? ''}
      title="Firing alerts that are held back: by a silence, a known cause, flapping or a storm"
    >
      <b>{figure(held)}</b> held back
    </Link>
  )
}

function CountWords({ counts, still }: { counts: Counts; still: boolean }) {
  const now = useNow()
  return (
    <span className={still ? `${css.counts} ${css.old}` : css.counts}>
      <span>
        <b>{counts.open}</b> open
      </span>
      <span className={counts.unowned > 0 ? css.unowned : 'dimmer'}>
        <b>{counts.unowned}</b> unowned
        {counts.unownedSince !== null && (
          <span className={css.longest} title="The longest wait">
            {' '}
            {lapseWords(now - counts.unownedSince)}
          </span>
        )}
      </span>
      <span className={counts.offered > 0 ? css.offered : 'dimmer'}>
        <b>{counts.offered}</b> offered
        {counts.offerDueAt !== null && (
          <span className={css.longest}> {leftWords(Math.max(0, counts.offerDueAt - now))}</span>
        )}
      </span>
      {counts.drills > 0 && (
        <span
          className={`dimmer ${css.drills}`}
          title="Open incidents of an exercise: they are in none of these figures"
        >
          <b>{counts.drills}</b> DRILL
        </span>
      )}
    </span>
  )
}

/** Commands whose answer has not come yet: they wait where they can be seen. */
function Waiting() {
  const words = useLink(({ waiting }) => {
    const first = waiting[0]
    if (first === undefined) return ''
    return waiting.length === 1
      ? `${first.type} ${first.incident}: waiting for the answer`
      : `${waiting.length} commands wait for their answer`
  })
  const oldest = useLink(({ waiting }) => waiting[0]?.askedAt ?? null)
  const now = useNow()
  const { link } = useApp()
  // Most answers come within a blink; only a wait that can be felt is shown.
  const waits = oldest !== null && now - link.serverNow() + Date.now() - oldest > 1_000
  return waits ? (
    <span className={css.waiting} role="status">
      {words}
    </span>
  ) : null
}
