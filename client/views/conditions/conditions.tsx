import { Component, type ReactNode } from 'react'
import { Link } from 'wouter'
import type { ErrorBody } from '#shared/errors.ts'
import { Button } from '../../widgets/controls/button.tsx'
import css from './conditions.module.css'

/** One sentence of what is, one of what to do. */
function Condition({
  title,
  children,
  tone = 'plain',
}: {
  title: string
  children: ReactNode
  tone?: 'plain' | 'bad'
}) {
  return (
    <section className={tone === 'bad' ? `${css.condition} ${css.bad}` : css.condition}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** The picture is on its way. Rows hold the place, so that nothing jumps when it comes. */
export function Loading({ what = 'the picture' }: { what?: string }) {
  return (
    <div className={css.loading} role="status">
      <span className="unseen">Fetching {what}</span>
      {[0, 1, 2, 3, 4].map((row) => (
        <i key={row} />
      ))}
    </div>
  )
}

/** No incident, and nothing ever came in: how to send a first event. */
export function NoSources({ maySetUp }: { maySetUp: boolean }) {
  return (
    <Condition title="Nothing has reported yet">
      <p>
        No source has sent an event so far. Give Prometheus, Alertmanager, PagerDuty or a script a key, and what it
        reports stands here within a second.
      </p>
      {maySetUp ? (
        <p>
          <Link href="/sources" className={css.way}>
            Add a source and send a first event
          </Link>
        </p>
      ) : (
        <p>An administrator adds the first one under Sources.</p>
      )}
    </Condition>
  )
}

/** Sources report, and all is well. */
export function AllQuiet({ children }: { children?: ReactNode }) {
  return (
    <Condition title="No open incident">
      <p>Sources are reporting and nothing needs a person. The ages beside this say how fresh that is.</p>
      {children}
    </Condition>
  )
}

export function NothingMatches({ hidden, onClear }: { hidden: number; onClear: () => void }) {
  return (
    <Condition title="Nothing matches">
      <p>{hidden === 1 ? 'One incident is' : `${hidden} incidents are`} hidden by the filter.</p>
      <Button onClick={onClear}>Show all</Button>
    </Condition>
  )
}

export function Refused({ error, children }: { error: ErrorBody; children?: ReactNode }) {
  return (
    <Condition title={error.code === 'not-found' ? 'Not here' : 'Not for you'} tone="bad">
      <p>{error.message}</p>
      {children ?? (
        <p>
          <Link href="/">Back to the board</Link>
        </p>
      )}
    </Condition>
  )
}

/** It was on this screen, and has been restricted to others meanwhile. */
export function RestrictedNow() {
  return (
    <Condition title="This incident is restricted now" tone="bad">
      <p>
        Only commanders, whoever is on call for it and who has a part in it go on seeing it. Nothing of it is kept on
        this device. Should you be working on it, ask a commander: whoever is added to it sees it here at once.
      </p>
      <p>
        <Link href="/">Back to the board</Link>
      </p>
    </Condition>
  )
}

export function Unreachable({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <Condition title="The server does not answer" tone="bad">
      <p>{message}</p>
      <Button kind="main" onClick={onRetry}>
        Try again
      </Button>
    </Condition>
  )
}

/** The app opened, and the server cannot be reached: this screen shows only what the server has. */
export function NeedsNetwork() {
  return (
    <Condition title="This screen needs the network" tone="bad">
      <p>The server cannot be reached. It opens by itself when it can; what you asked for waits on this device.</p>
      <p>
        <Link href="/mine" className={css.way}>
          What this device remembers
        </Link>
      </p>
    </Condition>
  )
}

/** The server was renewed under this page. */
export function ServerNewer() {
  return (
    <div className={css.banner} role="status">
      <span>Uxbridge was updated. This page may show too little until it is loaded again.</span>
      <Button kind="main" onClick={() => location.reload()}>
        Reload
      </Button>
    </div>
  )
}

/** The server cannot write: what is shown is right, but nothing new can come in or be done. */
export function ServerInTrouble({ words }: { words: string }) {
  return (
    <div className={`${css.banner} ${css.trouble}`} role="alert">
      <span>
        <b>Nothing can be taken in.</b> {words}
      </span>
    </div>
  )
}

/** A fault in a screen: the frame stays, and the rest with it. */
export class Fault extends Component<{ children: ReactNode }, { failed: string | null }> {
  override state = { failed: null }
  static getDerivedStateFromError(error: unknown) {
    return { failed: error instanceof Error ? error.message : 'unknown' }
  }
  override render() {
    if (this.state.failed === null) return this.props.children
    return (
      <Condition title="This screen has failed" tone="bad">
        <p>That is a fault of ours ({this.state.failed}). The record on the server is not touched by it.</p>
        <Button kind="main" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </Condition>
    )
  }
}
