import { useState } from 'react'
import { type FeedView, feedsSchema, freshFeedSchema } from '#shared/duty/view.ts'
import type { ErrorBody } from '#shared/errors.ts'
import { nothing } from '../../../link/api.ts'
import { utcWords } from '../../../state/time-words.ts'
import { Button } from '../../../widgets/controls/button.tsx'
import { CopyBlock } from '../../../widgets/controls/copy.tsx'
import { Buttons, Dialog } from '../../../widgets/controls/dialog.tsx'
import { Trouble } from '../../../widgets/controls/field.tsx'
import { useApp, useAsked } from '../../context.ts'
import css from './acts.module.css'
import type { FormProps } from './forms.tsx'

/** My calendars to subscribe to: made, given another address, ended. An address is shown once. */
export function FeedsForm({ known: { teams, view }, onClose }: FormProps) {
  const { api } = useApp()
  const { value, error: notListed, again } = useAsked('/api/rota/feeds', feedsSchema)
  const [fresh, setFresh] = useState<{ feed: FeedView; url: string } | null>(null)
  const [asking, setAsking] = useState<{ feed: FeedView; how: 'renew' | 'revoke' } | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [busy, setBusy] = useState(false)

  async function make(method: 'POST', path: string, body: unknown): Promise<void> {
    setBusy(true)
    const answer = await api.ask(method, path, freshFeedSchema, body)
    setBusy(false)
    setAsking(null)
    setError(answer.ok ? null : answer.error)
    if (answer.ok) setFresh(answer.value)
    await again()
  }
  async function revoke(feed: FeedView): Promise<void> {
    setBusy(true)
    const answer = await api.ask('DELETE', `/api/rota/feeds/${feed.id}`, nothing)
    setBusy(false)
    setAsking(null)
    setError(answer.ok ? null : answer.error)
    if (answer.ok && fresh?.feed.id === feed.id) setFresh(null)
    await again()
  }
  const feeds = value?.feeds ?? []
  const has = (of: string) => feeds.some((feed) => feed.of === of)
  const missing = [
    ...(view.me !== null && !has(`person:${view.me}`) ? [{ of: 'me', words: 'Calendar of my shifts' }] : []),
    ...[...teams].flatMap(([id, name]) =>
      has(`team:${id}`) ? [] : { of: `team:${id}`, words: `Calendar of ${name}` },
    ),
  ]
  return (
    <Dialog
      open
      onClose={onClose}
      title="Calendar feeds"
      lead="A calendar programme that subscribes to one shows shifts as they change. Who has its address can read it, so each is shown once and is yours alone."
    >
      {fresh !== null && (
        <div className={css.fresh} role="status">
          <p>
            <b>{nameOf(fresh.feed)}</b>: subscribe to this address. It is shown now and never again.
          </p>
          <CopyBlock label="Address of the feed" text={fresh.url} />
        </div>
      )}
      {error !== null && <Trouble>{error.message}</Trouble>}
      {value === null && notListed !== null && <Trouble>{notListed.message}</Trouble>}
      {feeds.length > 0 && (
        <ul className={css.feeds}>
          {feeds.map((feed) => (
            <li key={feed.id}>
              <span className={css.feedWhat}>
                <b>{nameOf(feed)}</b>
                <span className="dim">
                  {feed.renewedAt === null
                    ? `made ${utcWords(Date.parse(feed.createdAt)).slice(0, 10)}`
                    : `another address since ${utcWords(Date.parse(feed.renewedAt)).slice(0, 10)}`}
                </span>
              </span>
              {asking?.feed.id === feed.id ? (
                <span className={css.feedWays}>
                  <span>
                    {asking.how === 'renew'
                      ? 'Whoever subscribed sees nothing until they have the new address.'
                      : 'Whoever subscribed sees nothing any more.'}
                  </span>
                  <Button
                    kind="danger"
                    disabled={busy}
                    onClick={() =>
                      void (asking.how === 'renew'
                        ? make('POST', `/api/rota/feeds/${feed.id}/renew`, {})
                        : revoke(feed))
                    }
                  >
                    {asking.how === 'renew' ? 'Give it another' : 'End it'}
                  </Button>
                  <Button kind="quiet" onClick={() => setAsking(null)}>
                    Cancel
                  </Button>
                </span>
              ) : (
                <span className={css.feedWays}>
                  <Button
                    aria-label={`Another address for ${nameOf(feed)}`}
                    onClick={() => setAsking({ feed, how: 'renew' })}
                  >
                    New address
                  </Button>
                  <Button aria-label={`End ${nameOf(feed)}`} onClick={() => setAsking({ feed, how: 'revoke' })}>
                    End
                  </Button>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {value !== null && missing.length > 0 && (
        <Buttons>
          {missing.map(({ of, words }, index) => (
            <Button
              key={of}
              kind={index === 0 && feeds.length === 0 ? 'main' : 'plain'}
              disabled={busy}
              onClick={() => void make('POST', '/api/rota/feeds', { of })}
            >
              {words}
            </Button>
          ))}
        </Buttons>
      )}
    </Dialog>
  )
}

const nameOf = ({ of, name }: FeedView): string => (of.startsWith('team:') ? `Shifts of ${name}` : 'My shifts')
