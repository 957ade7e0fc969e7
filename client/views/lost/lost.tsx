import { useEffect, useRef, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useStore } from 'zustand'
import type { ErrorBody } from '#shared/errors.ts'
import type { LostView } from '#shared/lost.ts'
import { ageWords, bothClocks, figure } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useMe } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { useListKeys } from '../use-list-keys.ts'
import { LostDetail } from './detail.tsx'
import css from './lost.module.css'
import { Reason } from './reason.tsx'
import {
  bySource,
  discardedSchema,
  type Listed,
  type LostQuery,
  listSchema,
  membersWords,
  readQuery,
  sentence,
  shows,
  showWords,
  triedSchema,
  triedWords,
  writeQuery,
} from './words.ts'

const pageSize = 100
const mostRows = 500

/** What could not be read, by who sent it; one of them in full beside the list. */
export function Lost() {
  const query = readQuery(useSearch())
  const [, go] = useLocation()
  const { listed, error, reload, more } = useLost(query)
  const change = (next: Partial<LostQuery>) => go(writeQuery({ ...query, ...next }), { replace: true })
  const items = listed?.items ?? []
  const groups = bySource(items)
  useListKeys(
    groups.flatMap((group) => group.items.map(({ id }) => id)),
    query.at,
    (at) => change({ at }),
  )
  useEffect(() => {
    document.title = 'Lost property · Uxbridge'
  }, [])
  return (
    <div className={frame.page}>
      <Strip room="Lost property" />
      <div />
      <main className={query.at === null ? css.main : `${css.main} ${css.withDetail}`}>
        <div className={css.listSide}>
          {error !== null && listed === null ? (
            <Refused error={error} />
          ) : listed === null ? (
            <Loading what="lost property" />
          ) : (
            <>
              <Choices query={query} listed={listed} onChange={change} />
              {error !== null && (
                <p className={css.outdated} role="status">
                  Not renewed since: {error.message}
                </p>
              )}
              {items.length === 0 ? (
                <NothingLost query={query} listed={listed} onClear={() => change({ source: null, show: 'lost' })} />
              ) : (
                groups.map((group) => (
                  <Group
                    key={group.source.id}
                    {...group}
                    listed={listed}
                    at={query.at}
                    onOpen={(at) => change({ at })}
                    onDone={reload}
                  />
                ))
              )}
              {listed.next !== null && (
                <p className={css.more}>
                  {items.length < mostRows ? (
                    <Button onClick={more}>Show older ones</Button>
                  ) : (
                    <span className="dim">These are the newest {mostRows}. Choose a source to see older ones.</span>
                  )}
                </p>
              )}
            </>
          )}
        </div>
        {query.at !== null && (
          <LostDetail
            key={query.at}
            id={query.at}
            listed={items.find(({ id }) => id === query.at)}
            onClose={() => change({ at: null })}
            onDone={reload}
          />
        )}
      </main>
    </div>
  )
}

/** The list, asked for every ten seconds, as long as it has become. */
function useLost({ show, source }: LostQuery) {
  const { api } = useApp()
  const [listed, setListed] = useState<Listed | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [asked, setAsked] = useState(0)
  // Another choice begins with its first page again.
  const choice = `${show} ${source}`
  const [grown, setGrown] = useState({ choice, limit: pageSize })
  const limit = grown.choice === choice ? grown.limit : pageSize
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` grows to ask again now
  useEffect(() => {
    let over = false
    const load = async () => {
      const words = new URLSearchParams({ limit: String(limit) })
      if (show !== 'all') words.set('state', show)
      if (source !== null) words.set('source', source)
      const answer = await api.ask('GET', `/api/lost?${words}`, listSchema)
      if (over) return
      if (answer.ok) setListed(answer.value)
      setError(answer.ok ? null : answer.error)
    }
    void load()
    const timer = setInterval(() => void load(), 10_000)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [api, show, source, limit, asked])
  return {
    listed,
    error,
    reload: () => setAsked((before) => before + 1),
    more: () => setGrown({ choice, limit: Math.min(mostRows, limit + pageSize) }),
  }
}

/** Which of it, and of whom. All of it stands in the address. */
function Choices({
  query,
  listed,
  onChange,
}: {
  query: LostQuery
  listed: Listed
  onChange: (next: Partial<LostQuery>) => void
}) {
  const waiting = listed.sources.reduce((sum, source) => sum + source.waiting, 0)
  const known = new Map(listed.sources.map(({ id, name, waiting }) => [id, `${name} (${figure(waiting)} waiting)`]))
  for (const { source } of listed.items) if (!known.has(source.id)) known.set(source.id, source.name)
  if (query.source !== null && !known.has(query.source)) known.set(query.source, 'This source')
  return (
    <search className={css.choices}>
      <fieldset className={css.tabs}>
        <legend className="unseen">Which</legend>
        {shows.map((show) => (
          <button
            key={show}
            type="button"
            className={css.tab}
            aria-pressed={query.show === show}
            onClick={() => onChange({ show, at: null })}
          >
            {showWords[show]}
            {show === 'lost' && <span className={css.tabCount}> {figure(waiting)}</span>}
          </button>
        ))}
      </fieldset>
      <label className={css.source}>
        <span className="unseen">Source</span>
        <select
          value={query.source ?? ''}
          onChange={(event) => onChange({ source: event.target.value === '' ? null : event.target.value, at: null })}
        >
          <option value="">every source</option>
          {[...known].map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </search>
  )
}

function NothingLost({ query, listed, onClear }: { query: LostQuery; listed: Listed; onClear: () => void }) {
  const days = Math.round(listed.keptMs / 86_400_000)
  const elsewhere = query.source !== null || query.show !== 'lost'
  return (
    <section className={css.nothing}>
      <h2>
        {query.show === 'found' ? 'Nothing found' : query.show === 'discarded' ? 'Nothing discarded' : 'Nothing lost'}
      </h2>
      <p className="dim">
        {query.show === 'lost' || query.show === 'all'
          ? `${query.source === null ? 'All that came in' : 'All that this source sent'} could be read, or was settled since. What cannot be read stands here with its reason and its bytes, for ${days === 1 ? 'a day' : `${days} days`}.`
          : `In the last ${days === 1 ? 'day' : `${days} days`}${query.source === null ? '' : ', of this source'}.`}
      </p>
      {elsewhere && <Button onClick={onClear}>Show what waits, of every source</Button>}
    </section>
  )
}

function Group({
  source,
  items,
  listed,
  at,
  onOpen,
  onDone,
}: {
  source: LostView['source']
  items: readonly LostView[]
  listed: Listed
  at: string | null
  onOpen: (id: string) => void
  onDone: () => void
}) {
  const { api, announcer } = useApp()
  const me = useMe()
  const [busy, setBusy] = useState(false)
  const [discarding, setDiscarding] = useState(false)
  const { waiting = 0, madeRoom = 0 } = listed.sources.find(({ id }) => id === source.id) ?? {}
  const name = `source-${source.id}`
  async function retryAll(): Promise<void> {
    setBusy(true)
    const answer = await api.ask('POST', `/api/sources/${source.id}/lost/retry`, triedSchema, {})
    setBusy(false)
    const incidentId = answer.ok ? (answer.value.incidents[0] ?? null) : null
    const text = answer.ok ? `${source.name}: ${triedWords(answer.value)}` : answer.error.message
    const tone = answer.ok && answer.value.found > 0 ? 'done' : 'refused'
    announcer.say({ tone, text, incidentId, offers: [] })
    onDone()
  }
  return (
    <section className={css.group} aria-labelledby={name}>
      <div className={css.groupHead}>
        <h2 id={name}>{source.name}</h2>
        <span className="dim">
          {source.kind ?? 'removed'} · {figure(waiting)} waiting
          {madeRoom > 0 && (
            <span className="soon" title="Too many to keep: the oldest made room for newer ones">
              {' '}
              · {figure(madeRoom)} made room
            </span>
          )}
        </span>
        {me.actions.includes('lost.settle') && waiting > 0 && (
          <span className={css.groupWays}>
            <Button disabled={busy} onClick={() => void retryAll()}>
              {busy ? 'Reading…' : 'Retry all'}
            </Button>
            <Button kind="quiet" onClick={() => setDiscarding(true)}>
              Discard all
            </Button>
          </span>
        )}
      </div>
      <ul className={css.rows}>
        {items.map((item) => (
          <Row key={item.id} item={item} open={item.id === at} onOpen={() => onOpen(item.id)} />
        ))}
      </ul>
      {discarding && (
        <Reason
          title={`Discard all of ${source.name} that waits`}
          lead={`${figure(waiting)} that could not be read. They stay listed under Discarded until their time ends, and are not tried any more.`}
          button="Discard all"
          danger
          onClose={() => setDiscarding(false)}
          onGiven={async (reason) => {
            const path = `/api/sources/${source.id}/lost/discard`
            const answer = await api.ask('POST', path, discardedSchema, { reason })
            if (answer.ok) onDone()
            return answer.ok ? null : answer.error
          }}
        />
      )}
    </section>
  )
}

function Row({ item, open, onOpen }: { item: LostView; open: boolean; onOpen: () => void }) {
  const row = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (open) row.current?.scrollIntoView({ block: 'nearest' })
  }, [open])
  return (
    <li>
      <button ref={row} type="button" className={css.row} aria-current={open ? 'true' : undefined} onClick={onOpen}>
        <span className={css.reason}>{sentence(item.reason)}</span>
        <span className={css.about}>
          <Age at={Date.parse(item.receivedAt)} />
          <span>{membersWords(item)}</span>
          {item.state === 'lost' && item.tries > 0 && (
            <span>tried {item.tries === 1 ? 'once' : `${item.tries} times`}</span>
          )}
          {item.state !== 'lost' && <b>{item.state}</b>}
        </span>
      </button>
    </li>
  )
}

/** Ages tick for themselves, so that a list of hundreds is not painted anew each second. */
function Age({ at }: { at: number }) {
  const words = useStore(useApp().now, (state) => ageWords(state.at - at))
  return <time title={bothClocks(at)}>{words} ago</time>
}
