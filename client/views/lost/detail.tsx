import { useCallback, useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import { type LostBytesView, type LostView, lostBytesSchema, lostViewSchema } from '#shared/lost.ts'
import { ageWords, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { Loading } from '../conditions/conditions.tsx'
import { useApp, useMe, useMedia, useNow } from '../context.ts'
import { Bytes } from './bytes.tsx'
import css from './lost.module.css'
import { Reason } from './reason.tsx'
import { discardedSchema, membersWords, sentence, type Tried, triedSchema, triedWords } from './words.ts'

/** One of them, beside the list: why it could not be read, what it was, and what can be done about it. */
export function LostDetail({
  id,
  listed,
  onClose,
  onDone,
}: {
  id: string
  /** As the list has it, until the server has said more. */
  listed: LostView | undefined
  onClose: () => void
  onDone: () => void
}) {
  const { api } = useApp()
  const me = useMe()
  const [known, setKnown] = useState<LostView | null>(listed ?? null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [busy, setBusy] = useState(false)
  const [tried, setTried] = useState<Tried | null>(null)
  const [refused, setRefused] = useState<ErrorBody | null>(null)
  const [asking, setAsking] = useState<'bytes' | 'discard' | null>(null)
  const [bytes, setBytes] = useState<{ seen: LostBytesView; reason: string } | null>(null)
  // Where the list makes room for it, whoever listens or types goes on here.
  const alone = useMedia('(max-width: 1000px)')
  const head = useRef<HTMLHeadingElement>(null)
  const isKnown = known !== null
  useEffect(() => {
    if (alone && isKnown) head.current?.focus()
  }, [alone, isKnown])
  const load = useCallback(async () => {
    const answer = await api.ask('GET', `/api/lost/${id}`, lostViewSchema)
    if (answer.ok) setKnown(answer.value)
    setError(answer.ok ? null : answer.error)
  }, [api, id])
  useEffect(() => {
    void load()
    const timer = setInterval(() => void load(), 10_000)
    return () => clearInterval(timer)
  }, [load])

  async function retry(): Promise<void> {
    setBusy(true)
    const answer = await api.ask('POST', `/api/lost/${id}/retry`, triedSchema, {})
    setTried(answer.ok ? answer.value : null)
    setRefused(answer.ok ? null : answer.error)
    await load()
    setBusy(false)
    onDone()
  }

  if (known === null)
    return (
      <aside className={css.detail}>
        {error === null ? (
          <Loading what="this lost property" />
        ) : (
          <>
            <Trouble>{error.message}</Trouble>
            <Button onClick={onClose}>Back to the list</Button>
          </>
        )}
      </aside>
    )
  const waits = known.state === 'lost'
  return (
    <aside className={css.detail} aria-label={`Lost property ${id}`}>
      <div className={css.detailHead}>
        <h2 ref={head} tabIndex={-1}>
          {sentence(known.reason)}
        </h2>
        <Button kind="quiet" onClick={onClose} aria-label="Close, back to the list">
          Close
        </Button>
      </div>
      {error !== null && <Trouble>{error.message}</Trouble>}
      <Facts item={known} />
      {tried !== null && (
        <p className={tried.found > 0 ? css.came : css.stays} role="status">
          {triedWords(tried)}
          {tried.incidents.map((incident) => (
            <Link key={incident} href={`/incident/${incident}`}>
              {incident}
            </Link>
          ))}
        </p>
      )}
      {refused !== null && <Trouble>{refused.message}</Trouble>}
      {waits && me.actions.includes('lost.settle') && (
        <>
          <p className={css.ways}>
            <Button kind="main" disabled={busy} onClick={() => void retry()}>
              {busy ? 'Reading…' : 'Retry'}
            </Button>
            <Button kind="danger" onClick={() => setAsking('discard')}>
              Discard
            </Button>
          </p>
          <p className="dimmer">
            Retry reads the same bytes with the adapter and the settings that {known.source.name} has now, and takes in
            what can be read.
          </p>
        </>
      )}
      {bytes !== null ? (
        <Bytes id={id} seen={bytes.seen} reason={bytes.reason} />
      ) : me.actions.includes('lost.bytes') ? (
        <p className={css.ways}>
          <Button onClick={() => setAsking('bytes')}>Show its bytes</Button>
        </p>
      ) : (
        <p className="dimmer">
          The bytes may hold personal data; an administrator or a privacy officer can look at them.
        </p>
      )}
      {asking === 'bytes' && (
        <Reason
          title="Show the bytes of this request"
          lead="They are as the sender sent them, and may hold personal data. Who looks, and why, is in the audit."
          button="Show them"
          onClose={() => setAsking(null)}
          onGiven={async (reason) => {
            const answer = await api.ask('POST', `/api/lost/${id}/bytes`, lostBytesSchema, { reason })
            if (answer.ok) setBytes({ seen: answer.value, reason })
            return answer.ok ? null : answer.error
          }}
        />
      )}
      {asking === 'discard' && (
        <Reason
          title="Discard this"
          lead="It stays listed under Discarded until its time ends, and is not tried any more."
          button="Discard"
          danger
          onClose={() => setAsking(null)}
          onGiven={async (reason) => {
            const answer = await api.ask('POST', `/api/lost/${id}/discard`, discardedSchema, { reason })
            await load()
            onDone()
            return answer.ok ? null : answer.error
          }}
        />
      )}
    </aside>
  )
}

function Facts({ item }: { item: LostView }) {
  const now = useNow()
  const received = Date.parse(item.receivedAt)
  const changed = item.changedAt === null ? null : Date.parse(item.changedAt)
  const who = item.changedBy?.name ?? 'nobody'
  return (
    <dl className={css.facts}>
      <dt>From</dt>
      <dd>
        {item.source.kind === null ? (
          item.source.name
        ) : (
          <Link href={`/sources/${item.source.id}`}>{item.source.name}</Link>
        )}{' '}
        <span className="dim">{item.source.kind ?? 'removed'}</span>
      </dd>
      <dt>Received</dt>
      <dd>
        {ageWords(now - received)} ago <span className="dim">{utcWords(received)}</span>
      </dd>
      <dt>What</dt>
      <dd title="Members are counted from 0, as in the answer that the sender got">
        {item.members === '*' ? 'the whole' : membersWords(item)}{' '}
        <span className="dim">of request {item.id.split('.')[0]}</span>
      </dd>
      <dt>State</dt>
      <dd>
        <b>{item.state === 'lost' ? 'waiting' : item.state}</b>
        {changed !== null && (
          <span className="dim">
            {' '}
            {item.state === 'lost' ? `last tried by ${who}` : `by ${who}`}, {ageWords(now - changed)} ago
            {item.tries > 1 && `, ${item.tries} times in vain`}
          </span>
        )}
      </dd>
      <dt>Kept until</dt>
      <dd className="dim">{utcWords(Date.parse(item.expiresAt))}</dd>
    </dl>
  )
}
