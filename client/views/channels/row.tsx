import { useState } from 'react'
import {
  type ChannelKindView,
  type ChannelTest,
  type ChannelView,
  channelTestSchema,
  channelViewSchema,
} from '#shared/notify/channels.ts'
import { ageWords, bothClocks, figure, utcWords } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Menu, type MenuEntry } from '../../widgets/controls/menu.tsx'
import { useApp, useNow } from '../context.ts'
import css from './channels.module.css'
import type { Doing } from './channels.tsx'

/** What became of a test; null: none was sent since the page was opened. */
type Tried = { busy: true } | { busy: false; ok: boolean; says: string; facts: string } | null

/** One way out: its name in policies, whether it sends, how the last messages went, and a test with its honest result. */
export function ChannelRow({
  channel,
  kind,
  onDo,
  again,
}: {
  channel: ChannelView
  kind: ChannelKindView | undefined
  /** Null: this person may only look. */
  onDo: ((what: Doing['what']) => void) | null
  again: () => Promise<void>
}) {
  const { api, announcer } = useApp()
  const [tried, setTried] = useState<Tried>(null)
  const { id, name, paused, signing } = channel

  async function test(): Promise<void> {
    setTried({ busy: true })
    const answer = await api.ask('POST', `/api/channels/${id}/test`, channelTestSchema, {})
    setTried(answer.ok ? triedOf(answer.value) : { busy: false, ok: false, says: answer.error.message, facts: '' })
  }
  async function resume(): Promise<void> {
    const answer = await api.ask('PATCH', `/api/channels/${id}`, channelViewSchema, { paused: false })
    if (answer.ok) await again()
    else announcer.say({ tone: 'refused', text: answer.error.message, incidentId: null, offers: [] })
  }
  const entries: MenuEntry[] =
    onDo === null
      ? []
      : [
          { key: 'change', label: 'Name and settings', run: () => onDo('change') },
          ...(signing === null ? [] : [{ key: 'rotate', label: 'New signing secret', run: () => onDo('rotate') }]),
          paused === null
            ? { key: 'pause', label: 'Pause', run: () => onDo('pause') }
            : { key: 'resume', label: 'Send again', run: () => void resume() },
          { key: 'remove', label: 'Remove', danger: true, run: () => onDo('remove') },
        ]
  return (
    <li className={css.channel} data-id={id}>
      <div className={css.name}>
        <b>{name}</b>
        <span className="dim">{kind?.title ?? channel.kind}</span>
        <code className="dimmer">channel:{id}</code>
      </div>
      <State channel={channel} lacks={kind?.ready ?? null} />
      <Use channel={channel} />
      <div className={css.ways}>
        {onDo !== null && (
          <>
            <Button
              aria-label={`Send a test message to ${name}`}
              disabled={tried?.busy === true}
              onClick={() => void test()}
            >
              Send a test
            </Button>
            <Menu trigger={<Button aria-label={`More for ${name}`}>More</Button>} entries={entries} />
          </>
        )}
      </div>
      <div className={css.tried} role="status">
        {tried !== null && <Result tried={tried} />}
      </div>
    </li>
  )
}

function triedOf({ ok, says, answered, tookMs }: ChannelTest): Tried {
  const facts = [answered === null ? 'no answer' : `answered ${answered}`, `${figure(Math.round(tookMs))} ms`]
  return { busy: false, ok, says, facts: facts.join(', ') }
}

function Result({ tried }: { tried: NonNullable<Tried> }) {
  if (tried.busy) return <p className="dim">The test message is on its way.</p>
  return (
    <p>
      <b className={tried.ok ? css.good : 'late'}>{tried.ok ? 'Taken.' : 'Failed.'}</b> {tried.says}{' '}
      {tried.facts !== '' && <span className="dim">({tried.facts})</span>}
    </p>
  )
}

/** Whether it sends, and how the last messages went. */
function State({ channel: { paused, deliveries }, lacks }: { channel: ChannelView; lacks: string | null }) {
  const now = useNow()
  const { lastAt, tookMs, lastFailure, inARow } = deliveries
  return (
    <div className={css.state}>
      {paused !== null ? (
        <span>
          <span className={css.mark}>paused</span>{' '}
          <span className="dim" title={utcWords(Date.parse(paused.at))}>
            {ageWords(now - Date.parse(paused.at))} ago by {paused.by}
          </span>
          {paused.why !== '' && <span className={css.why}>{paused.why}</span>}
        </span>
      ) : (
        inARow > 0 && (
          <span>
            <span className={css.mark}>
              {inARow === 1 ? 'the last one failed' : `the last ${figure(inARow)} failed`}
            </span>
          </span>
        )
      )}
      {lacks !== null && <span className="soon">{lacks}</span>}
      <span>
        {lastAt === null ? (
          <span className="dim">nothing delivered yet</span>
        ) : (
          <>
            delivered{' '}
            <time dateTime={lastAt} title={bothClocks(Date.parse(lastAt))}>
              {ageWords(now - Date.parse(lastAt))} ago
            </time>
            {tookMs !== null && <span className="dim"> in {figure(Math.round(tookMs))} ms</span>}
          </>
        )}
      </span>
      {lastFailure !== null && (
        <span className={inARow > 0 ? css.failure : `${css.failure} dim`}>
          <span title={bothClocks(Date.parse(lastFailure.at))}>{ageWords(now - Date.parse(lastFailure.at))} ago:</span>{' '}
          {lastFailure.says}
        </span>
      )}
    </div>
  )
}

/** Who tells it, how much went there, and where that is, as far as it is no secret. */
function Use({ channel: { namedBy, deliveries, settings, signing } }: { channel: ChannelView }) {
  const now = useNow()
  const where = settings.url ?? settings.topic ?? settings.address
  const { delivered, failed } = deliveries
  return (
    <div className={css.use}>
      {where !== undefined && <span className={css.where}>{String(where)}</span>}
      <span className={namedBy.length === 0 ? 'dimmer' : undefined}>
        {namedBy.length === 0 ? 'the policy names it nowhere' : `named by ${namedBy.join(', ')}`}
      </span>
      {(delivered > 0 || failed > 0) && (
        <span className="dim">
          {figure(delivered)} delivered, {figure(failed)} failed
        </span>
      )}
      {signing?.oldEndsAt != null && Date.parse(signing.oldEndsAt) > now && (
        <span className="dim">signs with two secrets for {ageWords(Date.parse(signing.oldEndsAt) - now)} more</span>
      )}
      {settings.inside === true && <span className="dim">may be in our own network</span>}
    </div>
  )
}
