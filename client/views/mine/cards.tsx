import { type ReactNode, useEffect } from 'react'
import { Link } from 'wouter'
import { z } from 'zod'
import type { RoleView } from '#shared/incident/chain-view.ts'
import { roleDefinitions } from '#shared/incident/roles.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'
import { type ActionType, actionsFor } from '../../state/actions.ts'
import { lapseWords, leftWords } from '../../state/time-words.ts'
import { HandoffChain } from '../../widgets/chain/chain.tsx'
import { Button, type ButtonKind } from '../../widgets/controls/button.tsx'
import { Menu } from '../../widgets/controls/menu.tsx'
import { AgeDial } from '../../widgets/marks/age-dial.tsx'
import { Flag } from '../../widgets/marks/marks.tsx'
import { TierGlyph, tierWord } from '../../widgets/marks/tier-glyph.tsx'
import { useApp, useIncident, useMe, useNow } from '../context.ts'
import { asBrief, BriefBlock, namesIn } from '../incident/parts.tsx'
import type { DueKind, NextDue } from './groups.ts'
import css from './mine.module.css'
import { dueSentence } from './words.ts'

/** Head of every card: tier, title, number, service, age of the news. */
function Head({ summary, at, children }: { summary: Summary; at: number | null; children?: ReactNode }) {
  const now = useNow()
  return (
    <div className={css.head}>
      <TierGlyph tier={isOpen(summary.phase) ? summary.tier : 'over'} size={36} word={false} />
      <div className={css.headText}>
        <h3 className={css.title}>
          <Link href={`/incident/${summary.id}`}>
            <span className="unseen">{tierWord(summary.tier)}: </span>
            {summary.title}
          </Link>
        </h3>
        <p className={css.meta}>
          <span>{summary.id}</span>
          {summary.service !== null && <span>{summary.service}</span>}
          {/* In a picture that has stopped, an age that goes on would be the age of the picture. */}
          {at === null && <AgeDial ageMs={now - Date.parse(summary.heardAt)} size={13} />}
          {summary.flags.map((flag) => (
            <Flag key={flag} flag={flag} />
          ))}
          {children}
        </p>
      </div>
    </div>
  )
}

function Chain({ summary, at }: { summary: Summary; at: number | null }) {
  const now = useNow()
  const me = useMe()
  return <HandoffChain summary={summary} now={at ?? now} me={me.id} still={at !== null} />
}

/** Offered to me: how long yet, by whom, the brief to read, and the two answers. */
export function OfferedCard({ summary, at, kept }: { summary: Summary; at: number | null; kept: unknown }) {
  const now = useNow()
  const { act, device } = useApp()
  const { view } = useIncident(summary.id)
  const { offer } = summary
  const offerBrief = view?.offerBrief
  useEffect(() => {
    if (offerBrief) device.beside(`brief/${summary.id}`, offerBrief)
  }, [device, summary.id, offerBrief])
  if (offer === null) return null
  const leftMs = Date.parse(offer.deadline) - now
  const giver = summary.owner?.name ?? 'The commander'
  const brief = offerBrief ?? readBrief(kept)
  return (
    <li
      className={at === null ? `${css.card} ${css.offer}` : `${css.card} ${css.offer} ${css.still}`}
      data-id={summary.id}
    >
      <p className={css.offerHead}>
        <b>{giver} offers you this</b>
        <b className={leftMs < 60_000 ? 'late' : ''}>{leftWords(Math.max(0, leftMs))} left</b>
      </p>
      <Head summary={summary} at={at} />
      <Chain summary={summary} at={at} />
      {brief !== null && (
        <details className={css.brief}>
          <summary>
            <b>Brief</b> <span>{brief.situation}</span>
          </summary>
          <BriefBlock brief={asBrief(brief)} nameOf={view === null ? asId : namesIn(view)} />
        </details>
      )}
      <div className={css.ways}>
        <Button kind="main" disabled={view === null} onClick={() => act.begin('accept', summary.id)}>
          {view === null && at !== null ? 'Accepting needs the network' : 'Read brief and accept'}
        </Button>
        <Button onClick={() => act.begin('decline', summary.id)}>Decline</Button>
      </div>
    </li>
  )
}

const asId = (id: string) => id
const keptBrief = z.looseObject({ situation: z.string() })
function readBrief(kept: unknown): { situation: string } | null {
  const parsed = keptBrief.safeParse(kept)
  return parsed.success ? parsed.data : null
}

const wanted: Readonly<Record<DueKind, readonly ActionType[]>> = {
  'sign-of-life': ['confirm', 'update'],
  'shift-end': ['offer', 'update'],
  update: ['update', 'offer'],
  task: ['update', 'offer'],
  clock: ['stop-clock', 'update'],
  relief: ['grant-relief', 'update'],
  classify: ['classify', 'update'],
  resolve: ['resolve', 'update'],
}
const shortLabels: Partial<Record<ActionType, string>> = { 'grant-relief': 'Hand it over', resolve: 'Resolve' }

/** What I own: what is due next of it, and what I would do about that. */
export function OwnCard({ summary, due, at }: { summary: Summary; due: NextDue | null; at: number | null }) {
  const now = useNow()
  const words = dueSentence(due, summary, now)
  return (
    <li className={at === null ? css.card : `${css.card} ${css.still}`} data-id={summary.id}>
      <Head summary={summary} at={at} />
      <p className={`${css.due} ${css[words.tone] ?? ''}`}>{words.text}</p>
      <Chain summary={summary} at={at} />
      <Ways
        summary={summary}
        first={due === null ? ['update', 'offer'] : wanted[due.kind]}
        due={due}
        live={at === null}
      />
    </li>
  )
}

/** These show what only the server has: people, briefs, other incidents. */
const needNetwork: ReadonlySet<ActionType> = new Set<ActionType>([
  'offer',
  'grant-relief',
  'revise',
  'accept',
  'escalate',
  'start-clock',
  'stop-clock',
  'merge',
  'split',
  'undo',
])

function Ways({
  summary,
  first,
  due,
  live,
}: {
  summary: Summary
  first: readonly ActionType[]
  due: NextDue | null
  live: boolean
}) {
  const { act } = useApp()
  const me = useMe()
  const actions = actionsFor(summary, me).filter(({ type }) => live || !needNetwork.has(type))
  const shown = first.flatMap((type) => actions.find((action) => action.type === type) ?? [])
  const rest = actions.filter((action) => !shown.includes(action))
  const kindOf = (index: number): ButtonKind =>
    index === 0 && due !== null && due.kind !== 'resolve' ? 'main' : 'plain'
  return (
    <div className={css.ways}>
      {shown.map((action, index) => (
        <Button key={action.type} kind={kindOf(index)} onClick={() => act.begin(action.type, summary.id)}>
          {shortLabels[action.type] ?? action.label}
        </Button>
      ))}
      {!live && shown.length < first.length && <span className="dim">The rest needs the network.</span>}
      {rest.length > 0 && (
        <Menu
          trigger={
            <Button className={css.more ?? ''} aria-label={`More to do with ${summary.id}`}>
              More
            </Button>
          }
          entries={rest.map((action) => ({
            key: action.type,
            label: action.label,
            shortcut: null,
            danger: action.type === 'take-over' || action.type === 'dismiss',
            run: () => act.begin(action.type, summary.id),
          }))}
        />
      )}
    </div>
  )
}

/** Nobody's: for how long, and the way to have it. */
export function UnclaimedCard({ summary, at, busy }: { summary: Summary; at: number | null; busy: boolean }) {
  const now = useNow()
  const { act } = useApp()
  const me = useMe()
  const may = actionsFor(summary, me).some(({ type }) => type === 'claim')
  const { unownedSince } = summary
  return (
    <li className={at === null ? css.card : `${css.card} ${css.still}`} data-id={summary.id}>
      <Head summary={summary} at={at}>
        {summary.team === null && <span>of no team</span>}
      </Head>
      <p className={css.unowned}>
        <span className={css.unownedWords}>
          UNOWNED{unownedSince !== null && ` ${lapseWords((at ?? now) - Date.parse(unownedSince))}`}
        </span>
      </p>
      {may && (
        <div className={css.ways}>
          <Button disabled={busy} onClick={() => act.begin('claim', summary.id)}>
            {busy ? (at === null ? 'Claiming…' : 'Asked for: it waits') : 'Claim'}
            <span className="unseen"> {summary.id}</span>
          </Button>
        </div>
      )}
    </li>
  )
}

/** A role in an incident that is offered to me. */
export function RoleOfferCard({ summary, role, at }: { summary: Summary; role: RoleView; at: number | null }) {
  const now = useNow()
  const { act } = useApp()
  const { offer, holder, note } = role
  if (offer === null) return null
  const leftMs = Math.max(0, Date.parse(offer.deadline) - now)
  const giver = holder?.name ?? summary.owner?.name ?? 'The commander'
  return (
    <li
      className={at === null ? `${css.card} ${css.offer}` : `${css.card} ${css.offer} ${css.still}`}
      data-id={summary.id}
    >
      <p className={css.offerHead}>
        <b>
          {giver} offers you to be {roleDefinitions[role.role].label.toLowerCase()}
        </b>
        <b className={leftMs < 60_000 ? 'late' : ''}>{leftWords(leftMs)} left</b>
      </p>
      <Head summary={summary} at={at} />
      <p className="dim">{note ?? roleDefinitions[role.role].definition}</p>
      <div className={css.ways}>
        <Button kind="main" onClick={() => act.begin('accept', summary.id, undefined, role.role)}>
          Accept…
        </Button>
        <Button onClick={() => act.begin('decline', summary.id, undefined, role.role)}>Decline</Button>
      </div>
    </li>
  )
}

/** A role that I have: which, and where. */
export function RoleCard({ summary, role, at }: { summary: Summary; role: RoleView; at: number | null }) {
  return (
    <li className={`${css.card} ${css.small}`} data-id={summary.id}>
      <Head summary={summary} at={at}>
        <b>{roleDefinitions[role.role].label}</b>
      </Head>
    </li>
  )
}

/** What I only help with: one line. */
export function AssistedCard({ summary, at }: { summary: Summary; at: number | null }) {
  return (
    <li className={`${css.card} ${css.small}`} data-id={summary.id}>
      <Head summary={summary} at={at}>
        <span>{summary.owner === null ? 'unowned' : `${summary.owner.name} holds it`}</span>
      </Head>
    </li>
  )
}
