import { useEffect, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { z } from 'zod'
import type { ErrorBody } from '#shared/errors.ts'
import { type SilenceState, type SilenceView, silenceViewSchema } from '#shared/silence.ts'
import { figure } from '../../state/time-words.ts'
import { Ask } from '../../widgets/controls/act-form.tsx'
import { Button } from '../../widgets/controls/button.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useAsked, useMe, useNow } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { readAddress } from './draft.ts'
import { Editor } from './editor.tsx'
import { SilenceRow } from './row.tsx'
import css from './silences.module.css'

const listSchema = z.object({ silences: z.array(silenceViewSchema) })

const groups: readonly { state: SilenceState; title: string; none: string }[] = [
  { state: 'active', title: 'In force', none: 'Nothing is silenced: every alert is heard.' },
  { state: 'pending', title: 'To come', none: '' },
  { state: 'expired', title: 'Ended in the last five days', none: '' },
]

/** What is held back by hand: by whom, why, until when; and making, extending and ending it. */
export function Silences() {
  const { api, announcer, link } = useApp()
  const me = useMe()
  const mayManage = me.actions.includes('silence.manage')
  const [, go] = useLocation()
  const wanted = readAddress(useSearch())
  const { value, error, again } = useAsked('/api/silences', listSchema)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [ending, setEnding] = useState<readonly SilenceView[] | null>(null)
  useEffect(() => {
    document.title = 'Silences · Uxbridge'
  }, [])
  useTurns(value?.silences ?? [], again)

  const say = (tone: 'done' | 'refused', text: string) => announcer.say({ tone, text, incidentId: null, offers: [] })
  async function extend(silence: SilenceView, ms: number): Promise<void> {
    const endsAt = new Date(Math.max(Date.parse(silence.endsAt), link.serverNow()) + ms).toISOString()
    const { id, matchers, comment, createdBy } = silence
    const body = {
      id,
      matchers,
      comment: comment === '' ? 'extended' : comment,
      createdBy: createdBy || me.name,
      endsAt,
    }
    const answer = await api.ask('POST', '/api/silences', silenceViewSchema, body)
    if (!answer.ok) say('refused', answer.error.message)
    await again()
  }
  async function end(all: readonly SilenceView[]): Promise<ErrorBody | null> {
    let refused: ErrorBody | null = null
    for (const { id } of all) {
      const answer = await api.ask('DELETE', `/api/silences/${id}`, silenceViewSchema)
      if (!answer.ok) refused ??= answer.error
    }
    await again()
    if (refused !== null) return refused
    setEnding(null)
    setChosen(new Set())
    say('done', all.length === 1 ? 'The silence has ended.' : `${all.length} silences have ended.`)
    return null
  }
  const choose = (id: string, on: boolean) => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    setChosen(next)
  }

  const silences = value?.silences ?? []
  const toEnd = silences.filter(({ id, state }) => chosen.has(id) && state !== 'expired')
  const change = wanted?.kind === 'change' ? silences.find(({ id }) => id === wanted.id) : undefined
  const editing = mayManage && (wanted?.kind === 'new' || change !== undefined)
  return (
    <div className={frame.page}>
      <Strip room="Silences" />
      {value !== null && error !== null ? (
        <p className={css.stale} role="status">
          This page could not be renewed: {error.message}
        </p>
      ) : (
        <div />
      )}
      <main className={editing ? `${css.page} ${css.beside}` : css.page}>
        {value === null ? (
          error === null ? (
            <Loading what="silences" />
          ) : (
            <Refused error={error} />
          )
        ) : (
          <>
            <div className={css.lists}>
              <div className={css.head}>
                <p className="dim">
                  A silence holds back what it matches: it is counted and kept, and comes back by itself when the
                  silence ends and it still fires.
                </p>
                {mayManage && toEnd.length > 0 && (
                  <Button kind="danger" onClick={() => setEnding(toEnd)}>
                    End {toEnd.length === 1 ? 'the chosen one' : `the ${toEnd.length} chosen`}
                  </Button>
                )}
                {mayManage && !editing && (
                  <Button kind="main" onClick={() => go('/silences?new=1')}>
                    New silence
                  </Button>
                )}
              </div>
              {wanted?.kind === 'change' && change === undefined && (
                <p className="soon">That silence is not here any more; it may have ended more than five days ago.</p>
              )}
              {groups.map(({ state, title, none }) => (
                <Group
                  key={state}
                  title={title}
                  none={none}
                  silences={silences.filter((silence) => silence.state === state)}
                >
                  {(silence) => (
                    <SilenceRow
                      key={silence.id}
                      silence={silence}
                      chosen={mayManage && state !== 'expired' ? chosen.has(silence.id) : null}
                      onChoose={(on) => choose(silence.id, on)}
                      onExtend={mayManage ? (ms) => void extend(silence, ms) : null}
                      onChange={mayManage ? () => go(`/silences?change=${silence.id}`) : null}
                      onEnd={mayManage ? () => setEnding([silence]) : null}
                    />
                  )}
                </Group>
              ))}
            </div>
            {editing && (
              <Editor
                key={wanted?.kind === 'change' ? wanted.id : 'new'}
                change={change ?? null}
                matchers={wanted?.kind === 'new' ? wanted.matchers : []}
                onClose={() => go('/silences')}
                onDone={async () => {
                  await again()
                  go('/silences')
                  say('done', change === undefined ? 'It is silenced.' : 'The silence is changed.')
                }}
              />
            )}
          </>
        )}
      </main>
      {ending !== null && (
        <Ask
          title={ending.length === 1 ? 'End this silence?' : `End ${ending.length} silences?`}
          lead={whatFollows(ending)}
          button={ending.length === 1 ? 'End it now' : 'End them now'}
          act={() => end(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </div>
  )
}

/** Asks again when the next of them begins or ends, so that nothing stands in the wrong group. */
function useTurns(silences: readonly SilenceView[], again: () => Promise<void>): void {
  const now = useNow()
  const turned = silences.some(
    ({ state, startsAt, endsAt }) =>
      (state === 'active' && Date.parse(endsAt) <= now) || (state === 'pending' && Date.parse(startsAt) <= now),
  )
  useEffect(() => {
    if (turned) void again()
  }, [turned, again])
}

function Group({
  title,
  none,
  silences,
  children,
}: {
  title: string
  none: string
  silences: readonly SilenceView[]
  children: (silence: SilenceView) => React.ReactNode
}) {
  if (silences.length === 0) return none === '' ? null : <p className={css.none}>{none}</p>
  return (
    <section className={css.group} aria-label={title}>
      <h2 className="caps">
        {title} · {figure(silences.length)}
      </h2>
      <ul className={css.list}>{silences.map(children)}</ul>
    </section>
  )
}

function whatFollows(ending: readonly SilenceView[]): string {
  const firing = ending.reduce((sum, silence) => sum + silence.firing, 0)
  const heard =
    firing === 0
      ? 'It holds back nothing now.'
      : `${figure(firing)} ${firing === 1 ? 'alert that it holds back is' : 'alerts that are held back are'} judged again at once, and may open incidents.`
  return ending.length === 1 ? heard : heard.replace('It holds', 'They hold').replace('that it holds back', 'held back')
}
