import { type CSSProperties, useEffect, useSyncExternalStore } from 'react'
import { useSearch } from 'wouter'
import { useStore } from 'zustand'
import { isOpen } from '#shared/incident/state.ts'
import type { SourceVitals, Summary } from '#shared/wire.ts'
import { conservationOf } from '../../state/conservation.ts'
import { dueItems } from '../../state/due.ts'
import { countsOf } from '../../state/filter.ts'
import { compareRank } from '../../state/rank.ts'
import {
  figure,
  lapseWords,
  leftWords,
  localMinute,
  shortLeftWords,
  utcMinute,
  utcTime,
} from '../../state/time-words.ts'
import { AgeDial, stepsOfCadence } from '../../widgets/marks/age-dial.tsx'
import { Flag, ProvisionalMark } from '../../widgets/marks/marks.tsx'
import { TierGlyph, tierWord } from '../../widgets/marks/tier-glyph.tsx'
import { useApp, useLink, useNow, useStill } from '../context.ts'
import { linkWords } from '../frame/strip.tsx'
import { WallTote } from '../tote/wall.tsx'
import { type WallScale, wallScale } from './scale.ts'
import css from './wall.module.css'

/**
 * An unattended screen, read from five metres. It asks for nothing and never scrolls; it is right, or it says that it
 * is stale.
 */
export function Wall() {
  const { board } = useApp()
  const known = useStore(board, (state) => state.seq !== null)
  const still = useStill()
  const { unitPx, rows, narrow } = useScale()
  useEffect(() => {
    document.title = 'Wall · Uxbridge'
  }, [])
  return (
    <div
      className={[css.wall, still && css.stale, narrow && css.narrow].filter(Boolean).join(' ')}
      style={{ '--u': `${unitPx}px`, '--rows': rows } as CSSProperties}
    >
      <Top />
      {known ? (
        <Picture rows={rows} narrow={narrow} />
      ) : (
        <main className={css.waiting}>Waiting for the first picture…</main>
      )}
      <Bottom />
    </div>
  )
}

/** What is exercised is shown only where the address asks for it: `/wall?drills=show`. */
function useShown(): (incidents: Iterable<Summary>) => Summary[] {
  const drills = new URLSearchParams(useSearch()).get('drills') === 'show'
  return (incidents) => [...incidents].filter((summary) => drills || !summary.drill)
}

/** As text, so that it compares by value. */
const screenSize = () => `${window.innerWidth}x${window.innerHeight}`
const onResize = (changed: () => void) => {
  window.addEventListener('resize', changed)
  return () => window.removeEventListener('resize', changed)
}

/** The farthest seat and the panel may stand in the address: `/wall?metres=5&inches=55`. */
function useScale(): WallScale {
  const [width = 0, height = 0] = useSyncExternalStore(onResize, screenSize).split('x').map(Number)
  const params = new URLSearchParams(useSearch())
  return wallScale({ width, height, metres: Number(params.get('metres')), inches: Number(params.get('inches')) })
}

function Top() {
  const { board } = useApp()
  const now = useNow()
  const incidents = useStore(board, (state) => state.incidents)
  const counts = countsOf(incidents.values(), '')
  return (
    <header className={css.top}>
      <h1 className="unseen">Wall</h1>
      <time className={css.clock}>
        {utcMinute(now)}
        <span>UTC{utcMinute(now) === localMinute(now) ? '' : ` · ${localMinute(now)} here`}</span>
      </time>
      <span>
        <b>{counts.open}</b> open
      </span>
      <span className={counts.unowned > 0 ? css.unowned : css.none}>
        <b>{counts.unowned}</b> unowned{counts.unownedSince !== null && <> {lapseWords(now - counts.unownedSince)}</>}
      </span>
      <span className={counts.offered > 0 ? css.offered : css.none}>
        <b>{counts.offered}</b> offered
      </span>
      {counts.drills > 0 && (
        <span className={css.none}>
          <b>{counts.drills}</b> DRILL
        </span>
      )}
      <LinkWords />
    </header>
  )
}

function LinkWords() {
  const { telling } = useApp()
  const kind = useLink((report) => report.state.kind)
  const since = useLink((report) => (report.state.kind === 'stale' ? report.state.since : null))
  const { p50Ms } = useStore(telling)
  if (kind === 'stale' || kind === 'signed-out' || kind === 'refused')
    return (
      <span className={css.staleMark}>
        {kind === 'stale' && since !== null ? <>STALE since {utcTime(since)}</> : linkWords(kind, since)}
      </span>
    )
  return (
    <span className={css.live}>
      <i className={kind === 'live' ? css.good : css.waitMark} aria-hidden="true" />
      {linkWords(kind, since)}
      {kind === 'live' && p50Ms !== null && <small>told in {Math.round(p50Ms)} ms</small>}
    </span>
  )
}

function Picture({ rows, narrow }: { rows: number; narrow: boolean }) {
  const { board } = useApp()
  const now = useNow()
  const incidents = useStore(board, (state) => state.incidents)
  const all = useShown()(incidents.values())
  const open = all.filter((summary) => isOpen(summary.phase)).sort((a, b) => compareRank(a, b, now))
  // The line that says how many more takes the room of nobody: it stands in the foot of the list.
  const shown = open.slice(0, rows)
  const rest = open.slice(rows)
  const due = dueItems(all, narrow ? 3 : 5)
  return (
    <main className={css.main}>
      <section className={css.list} aria-label="Open incidents">
        <h2 className="unseen">Open incidents</h2>
        {open.length === 0 && <p className={css.quiet}>No open incident</p>}
        {shown.map((summary) => (
          <Tile key={summary.id} summary={summary} now={now} />
        ))}
        <p className={css.more}>{moreWords(rest)}</p>
      </section>
      <aside className={css.side}>
        <h2>Next due</h2>
        {due.length === 0 && <p className={css.none}>Nothing promised</p>}
        {due.map((item) => {
          const leftMs = item.at - now
          return (
            <p key={item.key} className={leftMs <= 0 ? css.late : undefined}>
              <span>
                {item.what.startsWith('Answer') ? 'Answer' : item.what} {item.incidentId.replace('INC-', '')}
              </span>
              <b>{shortLeftWords(leftMs)}</b>
            </p>
          )
        })}
        <h2>Holding</h2>
        <Holding summaries={open} />
      </aside>
    </main>
  )
}

function moreWords(rest: readonly Summary[]): string {
  if (rest.length === 0) return ''
  const unowned = rest.filter((summary) => summary.owner === null).length
  const gravest = rest.reduce<number>((least, summary) => Math.min(least, summary.tier ?? 1), 3)
  return `+${rest.length} more, tier ${gravest}${gravest < 3 ? ' and below' : ''}${unowned > 0 ? `, ${unowned} unowned` : ', all owned'}`
}

function Tile({ summary, now }: { summary: Summary; now: number }) {
  const { owner, offer } = summary
  const names = [css.tile]
  if (owner === null) names.push(css.alone)
  return (
    <article className={names.join(' ')}>
      <span className={css.glyph}>
        <TierGlyph tier={summary.tier} size={100} word={false} />
      </span>
      <div className={css.lines}>
        <div className={css.line}>
          <h3>{summary.title}</h3>
          <p className={css.who}>
            {owner === null ? (
              <span className={css.unowned}>
                UNOWNED {summary.unownedSince !== null && lapseWords(now - Date.parse(summary.unownedSince))}
              </span>
            ) : (
              owner.name
            )}
          </p>
        </div>
        <div className={css.line}>
          <p className={css.meta}>
            {summary.provisional && (
              <>
                <ProvisionalMark openedMs={now - Date.parse(summary.openedAt)} /> ·{' '}
              </>
            )}
            {tierWord(summary.tier)} · {summary.id}
            {summary.service !== null && <> · {summary.service}</>} · {summary.phase}
            {summary.silenced !== null && (
              <> · silenced, {leftWords(Math.max(0, Date.parse(summary.silenced.until) - now))}</>
            )}
            {summary.drill && (
              <>
                {' '}
                <Flag flag="drill" />
              </>
            )}
          </p>
          <p className={css.age}>
            {offer !== null && (
              <span className={css.offered}>
                → {offer.to.name} {leftWords(Math.max(0, Date.parse(offer.deadline) - now))}
              </span>
            )}
            <AgeDial ageMs={now - Date.parse(summary.heardAt)} size={1000} />
          </p>
        </div>
      </div>
    </article>
  )
}

function Holding({ summaries }: { summaries: readonly Summary[] }) {
  const counts = new Map<string, { name: string; count: number }>()
  for (const { owner } of summaries)
    if (owner !== null) counts.set(owner.id, { name: owner.name, count: (counts.get(owner.id)?.count ?? 0) + 1 })
  const rows = [...counts.values()].sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)).slice(0, 5)
  if (rows.length === 0) return <p className={css.none}>Nobody</p>
  return rows.map((row) => (
    <p key={row.name}>
      <span>{row.name}</span>
      <b>{row.count}</b>
    </p>
  ))
}

function Bottom() {
  const { board } = useApp()
  const sources = useStore(board, (state) => state.sources)
  const ledger = useStore(board, (state) => state.ledger)
  const sum = ledger === null ? null : conservationOf(ledger)
  // The longest silent first: they are what somebody may have to look after.
  const sorted = sources.toSorted((a, b) => ((a.heardAt ?? '') < (b.heardAt ?? '') ? -1 : 1))
  return (
    <footer className={css.bottom}>
      <WallTote />
      <div className={css.bottomLine}>
        <div className={css.sources}>
          {sorted.slice(0, 5).map((source) => (
            <SourceAge key={source.id} source={source} />
          ))}
        </div>
        {sum !== null && (
          <span className={css.sum}>
            {figure(sum.accepted)} in,{' '}
            {sum.missing === 0 ? (
              'all accounted for'
            ) : (
              <b className={css.late}>{figure(Math.abs(sum.missing))} not accounted for</b>
            )}
          </span>
        )}
      </div>
    </footer>
  )
}

function SourceAge({ source }: { source: SourceVitals }) {
  const now = useNow()
  return (
    <span className={css.source}>
      <span className={css.none}>{source.name}</span>
      <AgeDial
        ageMs={source.heardAt === null ? null : now - Date.parse(source.heardAt)}
        steps={source.cadenceMs === null ? null : stepsOfCadence(source.cadenceMs)}
        size={1000}
      />
    </span>
  )
}
