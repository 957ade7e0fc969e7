import { useEffect } from 'react'
import { Link } from 'wouter'
import { sourcePageSchema } from '#shared/wire.ts'
import { Loading, Refused, Unreachable } from '../../conditions/conditions.tsx'
import { useAsked, useMe } from '../../context.ts'
import frame from '../../frame/frame.module.css'
import { Strip } from '../../frame/strip.tsx'
import { SettingsForm } from '../settings/form.tsx'
import { Connect } from './connect.tsx'
import { SourceHead } from './head.tsx'
import { Keys } from './keys.tsx'
import css from './page.module.css'
import { TestEvent, TrySample } from './trial.tsx'
import { Troubles } from './troubles.tsx'

/** One source: how fresh it is, how to connect it, what came to nothing, its keys and settings. */
export function SourcePage({ id }: { id: string }) {
  const me = useMe()
  const mayManage = me.actions.includes('source.manage')
  const { value: page, error, again } = useAsked(`/api/sources/${encodeURIComponent(id)}`, sourcePageSchema)
  const name = page?.source.name
  useEffect(() => {
    document.title = `${name ?? 'Source'} · Uxbridge`
  }, [name])
  return (
    <div className={frame.page}>
      <Strip room="Sources" />
      {page !== null && error !== null ? (
        <p className={css.stale} role="status">
          This page could not be renewed: {error.message}
        </p>
      ) : (
        <div />
      )}
      <main className={css.page}>
        {page === null ? (
          error === null ? (
            <Loading what="the source" />
          ) : error.code === 'not-ready' ? (
            <Unreachable message={error.message} onRetry={() => void again()} />
          ) : (
            <Refused error={error}>
              <p>
                <Link href="/sources">To the list of sources</Link>
              </p>
            </Refused>
          )
        ) : (
          <>
            <SourceHead page={page} mayManage={mayManage} onChanged={again} />
            <div className={css.columns}>
              <div className={css.column}>
                <Section title="Connect">
                  <Connect page={page} mayManage={mayManage} onChanged={again} />
                </Section>
                {mayManage && (
                  <Section title="Try a sample">
                    <TrySample page={page} />
                  </Section>
                )}
              </div>
              <div className={css.column}>
                <Section title="What came to nothing">
                  <Troubles
                    troubles={page.troubles}
                    lostAt={me.actions.includes('lost.read') ? `/lost?source=${id}` : null}
                  />
                </Section>
                {mayManage && (
                  <Section title="Test">
                    <TestEvent page={page} onSent={again} />
                  </Section>
                )}
                <Section title="Keys">
                  <Keys
                    source={page.source}
                    ownDoor={page.kind.doors.length === 0}
                    mayManage={mayManage}
                    onChanged={again}
                  />
                </Section>
                <Section title="Settings">
                  <SettingsForm page={page} mayManage={mayManage} onSaved={again} />
                </Section>
              </div>
            </div>
          </>
        )}
      </main>
    </div>
  )
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={css.section} aria-label={title}>
      <h3 className="caps">{title}</h3>
      {children}
    </section>
  )
}
