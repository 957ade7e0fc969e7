import { Suspense } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { SourceVitals } from '#shared/wire.ts'
import { dueItems, holders } from '../../state/due.ts'
import { figure, heldWords, shortLeftWords } from '../../state/time-words.ts'
import { later } from '../../widgets/later.ts'
import { AgeDial, stepsOfCadence } from '../../widgets/marks/age-dial.tsx'
import { TierGlyph } from '../../widgets/marks/tier-glyph.tsx'
import { useApp, useMe, useMedia, useNow } from '../context.ts'
import css from './board.module.css'

const ToteSide = later(() => import('../tote/side.tsx').then(({ ToteSide }) => ToteSide))

/** Beside the list: what is due next, who could be asked, who holds what, and how fresh each source is. */
export function Side() {
  // Where it has no room, the tote is not fetched either.
  const shown = useMedia('(min-width: 1101px)')
  return (
    <aside className={css.side} aria-label="Due, tote, holders and sources">
      <NextDue />
      {shown && (
        <Suspense fallback={null}>
          <ToteSide />
        </Suspense>
      )}
      <Holders />
      <Sources />
    </aside>
  )
}

function NextDue() {
  const incidents = useStore(useApp().board, (state) => state.incidents)
  const now = useNow()
  const items = dueItems(incidents.values(), 7)
  return (
    <section>
      <h2 className="caps">Next due</h2>
      {items.length === 0 && <p className="dimmer">Nothing is promised</p>}
      <ul>
        {items.map((item) => {
          const leftMs = item.at - now
          return (
            <li
              key={item.key}
              className={leftMs <= 0 ? `${css.row} late` : leftMs < 120_000 ? `${css.row} soon` : css.row}
            >
              <Link href={`/incident/${item.incidentId}`}>
                <span>{item.what}</span> <span className={css.ref}>{item.incidentId}</span>
              </Link>
              <span>{shortLeftWords(leftMs)}</span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Holders() {
  const incidents = useStore(useApp().board, (state) => state.incidents)
  const me = useMe()
  const now = useNow()
  const rows = holders(incidents.values())
  return (
    <section>
      <h2 className="caps">Who holds what</h2>
      {rows.length === 0 && <p className="dimmer">Nobody holds anything</p>}
      <ul>
        {rows.slice(0, 12).map((row) => (
          <li key={row.id} className={css.holder}>
            <span className={css.holderName}>
              {row.id === me.id ? 'You' : row.name}
              {row.silent && <span className="late"> silent</span>}
            </span>
            <ul className={css.holds}>
              {row.holds.slice(0, 4).map((held) => (
                <li key={held.incidentId}>
                  <Link
                    href={`/incident/${held.incidentId}`}
                    title={`${held.incidentId}, for ${heldWords(now - held.since)}`}
                  >
                    <TierGlyph tier={held.tier} size={13} />
                    <span>{held.incidentId.replace('INC-', '')}</span>
                  </Link>
                </li>
              ))}
              {row.holds.length > 4 && <li className="dimmer">+{row.holds.length - 4}</li>}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Sources() {
  const sources = useStore(useApp().board, (state) => state.sources)
  return (
    <section>
      <h2 className="caps">Sources</h2>
      {sources.length === 0 && <p className="dimmer">None yet</p>}
      <ul>
        {sources.map((source) => (
          <SourceRow key={source.id} source={source} />
        ))}
      </ul>
    </section>
  )
}

function SourceRow({ source }: { source: SourceVitals }) {
  const now = useNow()
  return (
    <li className={css.row} title={`${source.kind}, ${figure(source.perMinute)} events in the last full minute`}>
      <span className={css.sourceName}>{source.name}</span>
      <AgeDial
        ageMs={source.heardAt === null ? null : now - Date.parse(source.heardAt)}
        steps={source.cadenceMs === null ? null : stepsOfCadence(source.cadenceMs)}
        size={13}
        silent={false}
      />
    </li>
  )
}
