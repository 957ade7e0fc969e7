import { Link } from 'wouter'
import type { ServiceView } from '#shared/catalogue.ts'
import { figure } from '../../state/time-words.ts'
import { TierGlyph } from '../../widgets/marks/tier-glyph.tsx'
import css from './detail.module.css'
import { type Neighbourhood, neighbourhood } from './graph.ts'
import { serviceAddress } from './query.ts'

/** Of a box with the space below it, and of the gap between two columns; pixels. */
const rowPx = 38
const gapPx = 34

const levelWords = (level: number): string => {
  if (level === 0) return 'This service'
  const far = Math.abs(level) > 1
  if (level < 0) return far ? 'Needs those' : 'Needs it'
  return far ? 'They need' : 'It needs'
}

/** What is around a service: left what needs it, right what it needs; each box leads there. */
export function Drawing({ service, services }: { service: ServiceView; services: ReadonlyMap<string, ServiceView> }) {
  const around = neighbourhood(services, service.id, { depth: 2, most: 7 })
  const rows = Math.max(...around.columns.map(({ ids, more }) => ids.length + (more > 0 ? 1 : 0)))
  const heightPx = rows * rowPx
  return (
    <>
      <div className={css.drawing}>
        {around.columns.map((column, at) => (
          <div key={column.level} className={css.columnAndGap}>
            {at > 0 && <Lines around={around} right={column.level} heightPx={heightPx} />}
            <section className={css.column} aria-label={levelWords(column.level)}>
              <h4 className="caps">{levelWords(column.level)}</h4>
              <ul style={{ '--top': `${topOf(column, heightPx)}px` } as React.CSSProperties}>
                {column.ids.map((id) => (
                  <li key={id}>
                    <Box service={services.get(id)} id={id} here={id === service.id} />
                  </li>
                ))}
                {column.more > 0 && <li className="dimmer">and {figure(column.more)} more</li>}
              </ul>
            </section>
          </div>
        ))}
      </div>
      {around.besides.length > 0 && (
        <p className="dim">
          Besides:{' '}
          {around.besides.map(({ from, to }, at) => (
            <span key={`${from} ${to}`}>
              {at > 0 && '; '}
              {from} needs {to}
            </span>
          ))}
          .
        </p>
      )}
    </>
  )
}

/** Columns stand about the same middle. */
function topOf({ ids, more }: Neighbourhood['columns'][number], heightPx: number): number {
  return (heightPx - (ids.length + (more > 0 ? 1 : 0)) * rowPx) / 2
}

function Lines({ around, right, heightPx }: { around: Neighbourhood; right: number; heightPx: number }) {
  const from = around.columns.find(({ level }) => level === right - 1)
  const to = around.columns.find(({ level }) => level === right)
  if (from === undefined || to === undefined) return null
  const middle = (column: Neighbourhood['columns'][number], place: number) =>
    topOf(column, heightPx) + place * rowPx + (rowPx - 8) / 2
  return (
    <svg className={css.lines} width={gapPx} height={heightPx} viewBox={`0 0 ${gapPx} ${heightPx}`} aria-hidden="true">
      {around.lines
        .filter(({ fromLevel }) => fromLevel === right - 1)
        .map((line) => {
          const y1 = middle(from, line.from)
          const y2 = middle(to, line.to)
          return (
            <path
              key={`${line.from} ${line.to}`}
              d={`M0 ${y1}C${gapPx / 2} ${y1} ${gapPx / 2} ${y2} ${gapPx - 5} ${y2}m-4 -3.5 4.5 3.5 -4.5 3.5`}
            />
          )
        })}
    </svg>
  )
}

function Box({ service, id, here }: { service: ServiceView | undefined; id: string; here: boolean }) {
  const worst = service?.incidents.find(({ drill }) => !drill)
  const inside = (
    <>
      {worst !== undefined && <TierGlyph tier={worst.tier} size={16} />}
      <span className={css.boxName}>{id}</span>
      {worst !== undefined && <span className="unseen">, {figure(service?.incidents.length ?? 0)} open</span>}
    </>
  )
  if (here)
    return (
      <span className={`${css.box} ${css.here}`} title={id}>
        {inside}
      </span>
    )
  return (
    <Link href={serviceAddress(id)} className={css.box ?? ''} title={id}>
      {inside}
    </Link>
  )
}
