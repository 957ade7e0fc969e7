import { useEffect, useMemo, useRef, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useStore } from 'zustand'
import { type RotaNow, type RotaView, rotaNowSchema, rotaViewSchema } from '#shared/duty/view.ts'
import type { ErrorBody } from '#shared/errors.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Loading, Refused, Unreachable } from '../conditions/conditions.tsx'
import { useApp, useAsked, useMe, useMedia } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { Forms } from './acts/forms.tsx'
import { Choices } from './choices.tsx'
import { type Doing, type Known, knownOf } from './known.ts'
import { Mine } from './mine.tsx'
import { NoRotations } from './no-rotations.tsx'
import { OnCallNow } from './now.tsx'
import { type RotaQuery, readQuery, windowOf, writeQuery } from './query.ts'
import css from './rota.module.css'
import { DayList } from './timeline/list.tsx'
import { Timeline } from './timeline/timeline.tsx'
import { Troubles } from './troubles.tsx'

const here = Intl.DateTimeFormat().resolvedOptions().timeZone
const minuteMs = 60_000
/** More are not taken in at a look. */
const mostDrawn = 40

/** Who answers now and next, what is wrong with that, and changing it. */
export function RotaPage() {
  const query = readQuery(useSearch())
  const { now: clock } = useApp()
  const now = useStore(clock, ({ at }) => at - (at % minuteMs))
  const { from, to } = windowOf(query, now, here)
  const path = `/api/rota?${new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() })}`
  const asked = useAsked(path, rotaViewSchema)
  const current = useAsked('/api/rota/now', rotaNowSchema)
  // Another week takes the place of this one when it is there: nothing jumps meanwhile.
  const last = useRef<{ view: RotaView; text: string; at: string } | null>(null)
  if (asked.value !== null) last.current = settled(last.current, asked.value)
  const view = last.current?.view ?? null
  const known = useMemo(() => (view === null ? null : knownOf(view, here, now)), [view, now])
  const again = async () => {
    await Promise.all([asked.again(), current.again()])
  }
  useEffect(() => {
    document.title = 'Rota · Uxbridge'
  }, [])
  return (
    <div className={frame.page}>
      <Strip room="Rota" />
      {known !== null && asked.error !== null ? (
        <p className={css.outdated} role="status">
          Not renewed since {last.current?.at.slice(11, 16)} UTC: {asked.error.message}
        </p>
      ) : (
        <div />
      )}
      {known === null ? (
        <main className={css.page}>
          <Waiting error={asked.error} again={again} />
        </main>
      ) : known.view.rotations.length === 0 ? (
        <NoRotations />
      ) : (
        <Room known={known} current={current.value} query={query} busy={asked.value === null} again={again} />
      )}
    </div>
  )
}

/** What says the same as before stays the same object, so that nothing is painted anew every ten seconds. */
function settled(before: { view: RotaView; text: string; at: string } | null, view: RotaView) {
  if (before !== null && before.at === view.at) return before
  const { at, ahead, ...rest } = view
  // What is wrong now begins now, whenever that is.
  const text = JSON.stringify([
    rest,
    ahead.map(({ from, ...trouble }) => (from <= at ? trouble : { from, ...trouble })),
  ])
  return before !== null && before.text === text ? { ...before, at } : { view, text, at }
}

function Waiting({ error, again }: { error: ErrorBody | null; again: () => Promise<void> }) {
  if (error === null) return <Loading what="the rota" />
  if (error.code === 'not-ready') return <Unreachable message={error.message} onRetry={() => void again()} />
  return <Refused error={error} />
}

function Room({
  known,
  current,
  query,
  busy,
  again,
}: {
  known: Known
  current: RotaNow | null
  query: RotaQuery
  busy: boolean
  again: () => Promise<void>
}) {
  const [, go] = useLocation()
  const me = useMe()
  const narrow = useMedia('(max-width: 700px)')
  const [doing, setDoing] = useState<Doing | null>(null)
  const change = (next: Partial<RotaQuery>) => go(writeQuery({ ...query, ...next }), { replace: true })
  // A form can be come to from elsewhere, by its address.
  const shown: Doing | null = doing ?? openedBy(query)
  const close = () => {
    setDoing(null)
    if (query.open !== null) change({ open: null })
  }
  const rotations = known.view.rotations.filter(({ id }) => query.rotation === null || id === query.rotation)
  return (
    <main className={css.page} aria-busy={busy}>
      <Mine known={known} mine={current?.mine ?? null} begin={setDoing} />
      <Troubles known={known} rotation={query.rotation} narrow={narrow} begin={setDoing} />
      {current !== null && <OnCallNow current={current} known={known} rotation={query.rotation} />}
      <Choices
        known={known}
        query={query}
        narrow={narrow}
        mayOverride={known.view.rotations.some(({ mayOverride }) => mayOverride !== 'nobody')}
        onChange={change}
        begin={setDoing}
      />
      {query.rotation !== null && rotations.length === 0 ? (
        <p className={css.none}>
          There is no rotation <b>{query.rotation}</b> in the policy any more.{' '}
          <Button onClick={() => change({ rotation: null })}>Show all</Button>
        </p>
      ) : query.asList || narrow ? (
        <DayList known={known} rotations={rotations} begin={setDoing} />
      ) : (
        <>
          {rotations.length > mostDrawn && (
            <p className="dim">
              These are {mostDrawn} of {rotations.length} rotations. Choose one to see another, or read the list.
            </p>
          )}
          <Timeline known={known} rotations={rotations.slice(0, mostDrawn)} begin={setDoing} />
        </>
      )}
      {shown !== null && (
        <Forms key={keyOf(shown)} doing={shown} known={known} me={me} begin={setDoing} onClose={close} again={again} />
      )}
    </main>
  )
}

/** Another form begins empty. */
const keyOf = (doing: Doing): string => JSON.stringify(doing)

function openedBy({ open, rotation }: RotaQuery): Doing | null {
  if (open === 'override') return { kind: 'override', rotation, layer: null, from: null, to: null }
  return open === null ? null : { kind: open }
}
