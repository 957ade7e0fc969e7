import { Suspense, useEffect, useState } from 'react'
import { Link } from 'wouter'
import { z } from 'zod'
import { outcomes } from '#shared/outcome.ts'
import { settingFieldSchema } from '#shared/source.ts'
import { type SourceView, sourceKindSchema, sourceViewSchema, troublesSchema } from '#shared/wire.ts'
import { conservationOf } from '../../state/conservation.ts'
import { figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { later } from '../../widgets/later.ts'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useAsked, useMe } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { AddSource } from './add.tsx'
import { type FreshKey, KeyShown } from './key.tsx'
import { SourceAge, SourceMarks } from './marks.tsx'
import { Troubles } from './page/troubles.tsx'
import css from './sources.module.css'

const HourChart = later(() => import('./hour-chart.tsx').then(({ HourChart }) => HourChart))

const listSchema = z.object({
  sources: z.array(sourceViewSchema),
  kinds: z.array(sourceKindSchema),
  commonSettings: z.array(settingFieldSchema),
})

/** Who sends, how fresh each is, what became of what they sent, and what a person should look at. */
export function Sources() {
  const me = useMe()
  const { value: listed, error, again } = useAsked('/api/sources', listSchema)
  const [adding, setAdding] = useState(false)
  const [fresh, setFresh] = useState<FreshKey | null>(null)
  const mayManage = me.actions.includes('source.manage')
  useEffect(() => {
    document.title = 'Sources · Uxbridge'
  }, [])

  return (
    <div className={frame.page}>
      <Strip room="Sources" />
      <div />
      <main className={css.page}>
        {listed === null ? (
          error === null ? (
            <Loading what="sources" />
          ) : (
            <Refused error={error} />
          )
        ) : (
          <>
            <section className={css.hour}>
              <h2 className="caps">What came in, last hour, by minute</h2>
              <Suspense fallback={<div className={css.chart} />}>
                <HourChart />
              </Suspense>
            </section>
            <div className={css.head}>
              <p className="dim">
                {listed.sources.length === 0
                  ? 'No source yet. Each sender gets a key of its own; with it comes a configuration to paste.'
                  : `${listed.sources.length} ${listed.sources.length === 1 ? 'source' : 'sources'}`}
              </p>
              {mayManage && (
                <Button kind="main" onClick={() => setAdding(true)}>
                  Add a source
                </Button>
              )}
            </div>
            <ul className={css.list} aria-label="Sources">
              {listed.sources.map((source) => (
                <SourceRow
                  key={source.id}
                  source={source}
                  kind={listed.kinds.find(({ kind }) => kind === source.kind)?.title ?? source.kind}
                />
              ))}
            </ul>
            <Strangers />
          </>
        )}
      </main>
      {adding && listed !== null && (
        <AddSource
          kinds={listed.kinds}
          onClose={() => setAdding(false)}
          onDone={(key) => {
            setAdding(false)
            setFresh(key)
            void again()
          }}
        />
      )}
      {fresh !== null && <KeyShown fresh={fresh} onClose={() => setFresh(null)} />}
    </div>
  )
}

function SourceRow({ source, kind }: { source: SourceView; kind: string }) {
  const { vitals, lastHour } = source
  const sum = conservationOf(lastHour)
  return (
    <li className={css.source}>
      <div className={css.name}>
        <Link href={`/sources/${source.id}`}>{source.name}</Link>
        <span className="dim">{kind}</span>
      </div>
      <div className={css.figures}>
        <SourceAge source={source} />
        <span className="dim">{figure(vitals.perMinute)} a minute</span>
      </div>
      <div className={css.outcomes}>
        <span>
          <b>{figure(sum.accepted)}</b> in
        </span>
        {outcomes
          .filter((outcome) => (lastHour.outcomes[outcome] ?? 0) > 0)
          .map((outcome) => (
            <span key={outcome} className={outcome === 'rejected' ? 'soon' : 'dim'}>
              {figure(lastHour.outcomes[outcome] ?? 0)} {outcome}
            </span>
          ))}
        {sum.missing !== 0 && <span className="late">{figure(sum.missing)} not accounted for</span>}
      </div>
      <div className={css.marks}>
        <SourceMarks source={source} />
      </div>
    </li>
  )
}

/** Knocks at the doors that belong to no source: a key that nobody has shows here and nowhere else. */
function Strangers() {
  const { value } = useAsked('/api/strangers', troublesSchema)
  if (value === null || value.refused.length === 0) return null
  return (
    <section className={css.strangers} aria-label="From nobody we know">
      <h2 className="caps">Refused, from nobody we know</h2>
      <Troubles troubles={value} strangers />
    </section>
  )
}
