import { Suspense, useCallback, useEffect, useState } from 'react'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { outcomes } from '#shared/outcome.ts'
import { type SourceView, sourceViewSchema } from '#shared/wire.ts'
import { conservationOf } from '../../state/conservation.ts'
import { ageWords, figure, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Menu } from '../../widgets/controls/menu.tsx'
import { later } from '../../widgets/later.ts'
import { AgeDial, stepsOfCadence } from '../../widgets/marks/age-dial.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useMe, useNow } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { AddSource, type FreshKey, freshKeySchema, KeyShown } from './key.tsx'
import { BringSecret, freshSecretSchema, SecretShown } from './secret.tsx'
import css from './sources.module.css'

const HourChart = later(() => import('./hour-chart.tsx').then(({ HourChart }) => HourChart))

const listSchema = z.object({
  sources: z.array(sourceViewSchema),
  kinds: z.array(z.object({ kind: z.string(), title: z.string(), signs: z.enum(['ours', 'theirs']).nullable() })),
})
type Listed = z.output<typeof listSchema>
type Kind = Listed['kinds'][number]
const revokedSchema = z.object({ source: sourceViewSchema.nullable() })

/** Who sends, how fresh each is, what became of what they sent, and their keys. */
export function Sources() {
  const { api, announcer } = useApp()
  const me = useMe()
  const [listed, setListed] = useState<Listed | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [adding, setAdding] = useState(false)
  const [fresh, setFresh] = useState<FreshKey | null>(null)
  const [bringing, setBringing] = useState<SourceView | null>(null)
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null)
  const mayManage = me.actions.includes('source.manage')

  const load = useCallback(async () => {
    const answer = await api.ask('GET', '/api/sources', listSchema)
    if (answer.ok) setListed(answer.value)
    else setError(answer.error)
  }, [api])
  useEffect(() => {
    document.title = 'Sources · Uxbridge'
    void load()
    const timer = setInterval(() => void load(), 10_000)
    return () => clearInterval(timer)
  }, [load])

  const say = (refused: ErrorBody) =>
    announcer.say({ tone: 'refused', text: refused.message, incidentId: null, offers: [] })
  async function rotate(source: SourceView): Promise<void> {
    const answer = await api.ask('POST', `/api/sources/${source.id}/rotate`, freshKeySchema, {})
    if (answer.ok) setFresh(answer.value)
    else say(answer.error)
    await load()
  }
  async function newSecret(source: SourceView, { signs }: Kind): Promise<void> {
    if (signs === 'theirs') return setBringing(source)
    const answer = await api.ask('POST', `/api/sources/${source.id}/secret`, freshSecretSchema, {})
    if (!answer.ok) say(answer.error)
    else if (answer.value.secret !== null) setSecret({ name: source.name, secret: answer.value.secret })
    await load()
  }
  async function revoke(source: SourceView, key: string): Promise<void> {
    const answer = await api.ask('POST', `/api/sources/${source.id}/revoke`, revokedSchema, { key })
    if (!answer.ok) say(answer.error)
    await load()
  }

  return (
    <div className={frame.page}>
      <Strip room="Sources" />
      <div />
      <main className={css.page}>
        {error !== null && listed === null ? (
          <Refused error={error} />
        ) : listed === null ? (
          <Loading what="sources" />
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
            <ul className={css.list}>
              {listed.sources.map((source) => (
                <SourceRow
                  key={source.id}
                  source={source}
                  kind={listed.kinds.find(({ kind }) => kind === source.kind) ?? unknownKind(source.kind)}
                  mayManage={mayManage}
                  onRotate={() => void rotate(source)}
                  onSecret={(kind) => void newSecret(source, kind)}
                  onRevoke={(key) => void revoke(source, key)}
                />
              ))}
            </ul>
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
            void load()
          }}
        />
      )}
      {bringing !== null && (
        <BringSecret
          source={bringing}
          onClose={() => setBringing(null)}
          onDone={() => {
            setBringing(null)
            void load()
          }}
        />
      )}
      {secret !== null && <SecretShown {...secret} onClose={() => setSecret(null)} />}
      {fresh !== null && <KeyShown fresh={fresh} onClose={() => setFresh(null)} />}
    </div>
  )
}

/** A kind that a later version knew. */
function unknownKind(kind: string): Kind {
  return { kind, title: kind, signs: null }
}

function SourceRow({
  source,
  kind,
  mayManage,
  onRotate,
  onSecret,
  onRevoke,
}: {
  source: SourceView
  kind: Kind
  mayManage: boolean
  onRotate: () => void
  onSecret: (kind: Kind) => void
  onRevoke: (key: string) => void
}) {
  const now = useNow()
  const { vitals, lastHour } = source
  const sum = conservationOf(lastHour)
  const keys = source.keys.filter((key) => key.revokedAt === null)
  return (
    <li className={css.source}>
      <div className={css.name}>
        <b>{source.name}</b>
        <span className="dim">{kind.title}</span>
      </div>
      <div className={css.figures}>
        <AgeDial
          ageMs={vitals.heardAt === null ? null : now - Date.parse(vitals.heardAt)}
          steps={vitals.cadenceMs === null ? null : stepsOfCadence(vitals.cadenceMs)}
        />
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
      <ul className={css.keys}>
        {keys.length === 0 && <li className="late">no valid key: nothing can come in</li>}
        {keys.map((key) => (
          <li key={key.id}>
            <code>{key.prefix}…</code>
            <span className="dim" title={`made ${utcWords(Date.parse(key.createdAt))}`}>
              {key.lastUsedAt === null ? 'never used' : `used ${ageWords(now - Date.parse(key.lastUsedAt))} ago`}
              {key.endsAt != null && <>, ends in {ageWords(Date.parse(key.endsAt) - now)}</>}
            </span>
          </li>
        ))}
        {kind.signs !== null && (
          <li className="dim">
            {source.secretSetAt === null
              ? 'no signing secret: only its key is asked for'
              : `signing secret set ${ageWords(now - Date.parse(source.secretSetAt))} ago`}
          </li>
        )}
      </ul>
      {mayManage && (
        <div className={css.ways}>
          <Menu
            trigger={<Button aria-label={`Keys of ${source.name}`}>Keys</Button>}
            entries={[
              { key: 'rotate', label: 'New key; the old one works a day longer', run: onRotate },
              ...(kind.signs === null
                ? []
                : [
                    {
                      key: 'secret',
                      label:
                        kind.signs === 'ours'
                          ? 'New signing secret; the old one counts a day longer'
                          : 'Set the vendor’s signing secret',
                      run: () => onSecret(kind),
                    },
                  ]),
              ...keys.map((key) => ({
                key: key.id,
                label: `Revoke ${key.prefix}… now`,
                danger: true,
                run: () => onRevoke(key.id),
              })),
            ]}
          />
        </div>
      )}
    </li>
  )
}
