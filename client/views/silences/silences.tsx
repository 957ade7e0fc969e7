import { useEffect, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import {
  endedSilencesSchema,
  type MaintenanceView,
  type SilenceView,
  silenceListSchema,
  silenceViewSchema,
} from '#shared/silence.ts'
import { figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useAsked, useMe, useNow } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { readAddress } from './draft.ts'
import { Editor } from './editor.tsx'
import { EndDialog } from './end.tsx'
import { isAboutToEnd, SilenceRow } from './row.tsx'
import css from './silences.module.css'
import { WindowRow } from './window-row.tsx'

/** What stands under one heading. */
interface GroupOf {
  key: string
  title: string
  silences: readonly SilenceView[]
  windows: readonly MaintenanceView[]
}

/** As they stand now: what needs a thought first. */
function grouped(silences: readonly SilenceView[], windows: readonly MaintenanceView[], now: number): GroupOf[] {
  const ends = silences.filter((silence) => isAboutToEnd(silence, now))
  const inForce = silences.filter((silence) => silence.state === 'active' && !ends.includes(silence))
  const toCome = silences.filter(({ state }) => state === 'pending')
  const open = windows.filter(({ state }) => state === 'active')
  return [
    { key: 'soon', title: 'About to end', silences: ends, windows: [] },
    { key: 'active', title: 'In force', silences: inForce, windows: open },
    {
      key: 'recurring',
      title: 'Recurring',
      silences: toCome.filter(({ recurs }) => recurs !== null),
      windows: windows.filter((window) => !open.includes(window)),
    },
    { key: 'pending', title: 'To come', silences: toCome.filter(({ recurs }) => recurs === null), windows: [] },
    {
      key: 'expired',
      title: 'Ended in the last five days',
      silences: silences.filter(({ state }) => state === 'expired'),
      windows: [],
    },
  ]
}

/** What is held back by hand: by whom, why, until when; and making, extending and ending it. */
export function Silences() {
  const { api, announcer } = useApp()
  const me = useMe()
  const mayManage = me.actions.includes('silence.manage')
  const [, go] = useLocation()
  const wanted = readAddress(useSearch())
  const { value, error, again } = useAsked('/api/silences', silenceListSchema)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [ending, setEnding] = useState<readonly SilenceView[] | null>(null)
  const [notEnded, setNotEnded] = useState<ReadonlyMap<string, string>>(new Map())
  useEffect(() => {
    document.title = 'Silences · Uxbridge'
  }, [])
  useTurns([...(value?.silences ?? []), ...(value?.maintenance ?? [])], again)
  const now = useNow()

  const say = (tone: 'done' | 'refused', text: string) => announcer.say({ tone, text, incidentId: null, offers: [] })
  async function extend(silence: SilenceView, ms: number): Promise<void> {
    const answer = await api.ask('POST', `/api/silences/${silence.id}/extend`, silenceViewSchema, { byMs: ms })
    if (!answer.ok) say('refused', answer.error.message)
    await again()
  }
  async function end(all: readonly SilenceView[], reason: string): Promise<ErrorBody | null> {
    const body = { ids: all.map(({ id }) => id), reason }
    const answer = await api.ask('POST', '/api/silences/end', endedSilencesSchema, body)
    await again()
    if (!answer.ok) return answer.error
    // What could not be ended says so in its row, and stays chosen.
    const left = answer.value.results.filter(({ ended }) => !ended)
    setNotEnded(new Map(left.map(({ id, message }) => [id, message ?? 'it was refused'])))
    setChosen(new Set(left.map(({ id }) => id)))
    setEnding(null)
    const done = all.length - left.length
    if (left.length > 0) say('refused', `${done} of ${all.length} silences have ended; the others say why.`)
    else say('done', all.length === 1 ? 'The silence has ended.' : `${all.length} silences have ended.`)
    return null
  }
  const choose = (ids: readonly string[], on: boolean) => {
    const next = new Set(chosen)
    for (const id of ids)
      if (on) next.add(id)
      else next.delete(id)
    setChosen(next)
  }

  const silences = value?.silences ?? []
  const toEnd = silences.filter(({ id, state }) => chosen.has(id) && state !== 'expired')
  const windows = value?.maintenance ?? []
  const asked = wanted?.kind === 'change' ? windows.find(({ id }) => id === wanted.id) : undefined
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
              {wanted?.kind === 'change' && change === undefined && asked === undefined && (
                <p className="soon">That silence is not here any more; it may have ended more than five days ago.</p>
              )}
              {!silences.some(({ state }) => state === 'active') &&
                !windows.some(({ state }) => state === 'active') && (
                  <p className={css.none}>Nothing is silenced: every alert is heard.</p>
                )}
              {grouped(silences, windows, now).map((group) => (
                <Group
                  key={group.key}
                  group={group}
                  chosen={mayManage && group.key !== 'expired' ? chosen : null}
                  onChoose={choose}
                >
                  {group.silences.map((silence) => (
                    <SilenceRow
                      key={silence.id}
                      silence={silence}
                      chosen={mayManage && silence.state !== 'expired' ? chosen.has(silence.id) : null}
                      fault={notEnded.get(silence.id) ?? null}
                      onChoose={(on) => choose([silence.id], on)}
                      onExtend={mayManage ? (ms) => void extend(silence, ms) : null}
                      onChange={mayManage ? () => go(`/silences?change=${silence.id}`) : null}
                      onEnd={mayManage ? () => setEnding([silence]) : null}
                    />
                  ))}
                  {group.windows.map((window) => (
                    <WindowRow key={window.id} window={window} asked={asked === window} />
                  ))}
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
        <EndDialog ending={ending} act={(reason) => end(ending, reason)} onClose={() => setEnding(null)} />
      )}
    </div>
  )
}

/** Asks again when the next of them begins or ends, so that nothing stands in the wrong group. */
function useTurns(
  all: readonly { state: string; startsAt: string | null; endsAt: string | null }[],
  again: () => Promise<void>,
): void {
  const now = useNow()
  const isPast = (at: string | null) => at !== null && Date.parse(at) <= now
  const turned = all.some(
    ({ state, startsAt, endsAt }) =>
      (state === 'active' && isPast(endsAt)) || (state === 'pending' && isPast(startsAt)),
  )
  useEffect(() => {
    if (turned) void again()
  }, [turned, again])
}

function Group({
  group: { title, silences, windows },
  chosen,
  onChoose,
  children,
}: {
  group: GroupOf
  /** Null: none of them can be chosen. */
  chosen: ReadonlySet<string> | null
  onChoose: (ids: readonly string[], on: boolean) => void
  children: React.ReactNode
}) {
  const count = silences.length + windows.length
  if (count === 0) return null
  const ids = silences.map(({ id }) => id)
  const all = chosen !== null && ids.length > 1 && ids.every((id) => chosen.has(id))
  return (
    <section className={css.group} aria-label={title}>
      <h2 className="caps">
        {chosen !== null && ids.length > 1 && (
          <input
            type="checkbox"
            aria-label={`Choose all ${ids.length} of: ${title}`}
            checked={all}
            onChange={(event) => onChoose(ids, event.target.checked)}
          />
        )}
        {title} · {figure(count)}
      </h2>
      <ul className={css.list}>{children}</ul>
    </section>
  )
}
