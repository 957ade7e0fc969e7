import { useStore } from 'zustand'
import { keptError, type QueueItem } from '../../link/offline/queue.ts'
import { insteadOf } from '../../state/act.ts'
import { actionLabel, commandWords } from '../../state/actions.ts'
import { ageWords, bothClocks } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { useApp, useNow, useSummary } from '../context.ts'
import css from './waiting.module.css'

/** What was asked for and has no answer yet, and answers that were not read yet: each by itself, none forgotten. */
export function WaitingCommands() {
  const { device } = useApp()
  const items = useStore(device.store, (state) => state.items)
  const lasting = useStore(device.store, (state) => state.lasting)
  if (items.length === 0) return null
  return (
    <section className={css.waiting} aria-label="What I asked for">
      <ul>
        {items.map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ul>
      {!lasting && items.some(({ state }) => state !== 'answered') && (
        <p className={css.note}>This browser keeps nothing: what waits is lost when this page is closed.</p>
      )}
    </section>
  )
}

function Item({ item }: { item: QueueItem }) {
  const { device } = useApp()
  // The queue counts by this machine's clock, the screen by the server's.
  const aheadMs = useNow() - Date.now()
  const title = useSummary(item.incident)?.title
  const { queue } = device
  const answered = item.state === 'answered'
  const how = item.answer?.how
  return (
    <li className={`${css.item} ${css[how ?? item.state] ?? ''}`} role="status">
      <Mark item={item} />
      <div className={css.words}>
        <p>
          <b>{commandWords(item.type, item.incident)}</b> {title !== undefined && <span className="dim">{title}</span>}
        </p>
        <p>{stateWords(item)}</p>
        <p className="dim">
          asked at {bothClocks(item.askedAt + aheadMs)}, {ageWords(Date.now() - item.askedAt)} ago
          {item.answer !== null && <>; answered {ageWords(Date.now() - item.answer.at)} ago</>}
        </p>
        <div className={css.ways}>
          {item.state === 'asks' && (
            <Button kind="main" onClick={() => void queue.agree(item.id)}>
              Send it now
            </Button>
          )}
          {!answered && item.sentAt === null && (
            <Button onClick={() => void queue.takeBack(item.id)}>Take it back</Button>
          )}
          {answered && <Instead item={item} />}
          {answered && (
            <Button onClick={() => void queue.read(item.id)}>
              I have read it<span className="unseen">: {commandWords(item.type, item.incident)}</span>
            </Button>
          )}
        </div>
      </div>
    </li>
  )
}

/** What the server offers in place of what it refused. */
function Instead({ item }: { item: QueueItem }) {
  const { act, device } = useApp()
  const error = keptError(item)
  if (error === null) return null
  return insteadOf(error).map((type) => (
    <Button
      key={type}
      onClick={() => {
        void device.queue.read(item.id)
        act.begin(type, item.incident)
      }}
    >
      {actionLabel(type)}
    </Button>
  ))
}

function stateWords(item: QueueItem): string {
  switch (item.state) {
    case 'waits':
      return 'Not sent yet: it goes out as soon as the server can be reached.'
    case 'sent':
      return 'Sent; its answer has not come yet.'
    case 'asks':
      return item.sentAt === null
        ? 'Its moment has passed, so it was not sent. Send it all the same?'
        : 'Its moment has passed. It went out once and no answer came: the server is asked what became of it.'
    case 'answered':
      return answeredWords(item)
  }
}

function answeredWords({ answer }: QueueItem): string {
  switch (answer?.how) {
    case 'done':
      return 'Done.'
    case 'refused':
      return `Refused. ${answer.error?.message ?? ''}`
    default:
      return 'Never sent: somebody else signed in on this device before it could be.'
  }
}

/** Waiting, asking, done, refused: told apart by shape before hue. */
function Mark({ item }: { item: QueueItem }) {
  const how = item.answer?.how
  return (
    <svg className={css.mark} width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      {how === 'done' ? (
        <path d="m4 11.5 5 5 9-11" fill="none" stroke="currentColor" strokeWidth="2.6" />
      ) : how !== undefined ? (
        <path d="m5 5 12 12M17 5 5 17" stroke="currentColor" strokeWidth="2.6" />
      ) : (
        <>
          <circle
            cx="11"
            cy="11"
            r="8.5"
            fill="none"
            stroke="currentColor"
            strokeWidth="2"
            strokeDasharray={item.state === 'sent' ? undefined : '4 3'}
          />
          <path d="M11 6v5.4l3.4 2" fill="none" stroke="currentColor" strokeWidth="2" />
        </>
      )}
    </svg>
  )
}
