import { useEffect, useState } from 'react'
import { type ChannelView, channelListSchema } from '#shared/notify/channels.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useAsked, useMe } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import { AddChannel } from './add.tsx'
import { ChangeChannel } from './change.tsx'
import css from './channels.module.css'
import { PauseChannel, RemoveChannel, RotateSecret } from './questions.tsx'
import { ChannelRow } from './row.tsx'
import { type FreshSecret, SecretShown } from './secret.tsx'

export type Doing = { what: 'change' | 'pause' | 'rotate' | 'remove'; channel: ChannelView }

/** Where the house tells many at once: whether each way works, and what the policy names that is not there. */
export function Channels() {
  const mayManage = useMe().actions.includes('channel.manage')
  const { value: listed, error, again } = useAsked('/api/channels', channelListSchema)
  const [adding, setAdding] = useState<string | null>(null)
  const [doing, setDoing] = useState<Doing | null>(null)
  const [fresh, setFresh] = useState<FreshSecret | null>(null)
  useEffect(() => {
    document.title = 'Channels · Uxbridge'
  }, [])

  const done = async () => {
    await again()
    setDoing(null)
  }
  const shown = async (secret: FreshSecret) => {
    setAdding(null)
    await done()
    if (secret.secret !== null) setFresh(secret)
  }
  return (
    <div className={frame.page}>
      <Strip room="Channels" />
      <div />
      <main className={css.page}>
        {listed === null ? (
          error === null ? (
            <Loading what="channels" />
          ) : (
            <Refused error={error} />
          )
        ) : (
          <>
            <div className={css.head}>
              <p className="dim">
                {listed.channels.length === 0
                  ? 'No shared channel yet. A chat, a list or a program that the steps of an escalation can tell; people choose how they themselves are told.'
                  : 'Told by the steps of escalations and by announcements of the policy. None of these carries a button that acts.'}
              </p>
              {mayManage && (
                <Button kind="main" onClick={() => setAdding('')}>
                  Add a channel
                </Button>
              )}
            </div>
            {error !== null && <p className="late">Not up to date: {error.message}</p>}
            <Unknown unknown={listed.unknown} onAdd={mayManage ? setAdding : null} />
            <ul className={css.list} aria-label="Channels">
              {listed.channels.map((channel) => (
                <ChannelRow
                  key={channel.id}
                  channel={channel}
                  kind={listed.kinds.find(({ kind }) => kind === channel.kind)}
                  onDo={mayManage ? (what) => setDoing({ what, channel }) : null}
                  again={again}
                />
              ))}
            </ul>
          </>
        )}
      </main>
      {listed !== null && adding !== null && (
        <AddChannel kinds={listed.kinds} id={adding} onClose={() => setAdding(null)} onDone={shown} />
      )}
      {listed !== null && doing !== null && (
        <Act doing={doing} kinds={listed.kinds} onClose={() => setDoing(null)} onDone={done} onSecret={shown} />
      )}
      {fresh !== null && <SecretShown fresh={fresh} onClose={() => setFresh(null)} />}
    </div>
  )
}

function Act({
  doing: { what, channel },
  kinds,
  onClose,
  onDone,
  onSecret,
}: {
  doing: Doing
  kinds: Parameters<typeof AddChannel>[0]['kinds']
  onClose: () => void
  onDone: () => Promise<void>
  onSecret: (fresh: FreshSecret) => Promise<void>
}) {
  switch (what) {
    case 'change': {
      const kind = kinds.find((one) => one.kind === channel.kind)
      return kind === undefined ? null : <ChangeChannel {...{ channel, kind, onClose, onDone }} />
    }
    case 'pause':
      return <PauseChannel {...{ channel, onClose, onDone }} />
    case 'rotate':
      return <RotateSecret {...{ channel, onClose }} onDone={onSecret} />
    case 'remove':
      return <RemoveChannel {...{ channel, onClose, onDone }} />
  }
}

/** Steps of the policy that reach nobody: their channel is not there. */
function Unknown({
  unknown,
  onAdd,
}: {
  unknown: readonly { id: string; namedBy: readonly string[] }[]
  onAdd: ((id: string) => void) | null
}) {
  if (unknown.length === 0) return null
  return (
    <section className={css.unknown} aria-label="Named and not there">
      {unknown.map(({ id, namedBy }) => (
        <p key={id}>
          <span className="soon">
            <code>{id}</code> is not there
          </span>{' '}
          <span className="dim">and is named by {namedBy.join(', ')}: what is sent to it reaches nobody.</span>{' '}
          {onAdd !== null && (
            <Button onClick={() => onAdd(id)} aria-label={`Add the channel ${id}`}>
              Add it
            </Button>
          )}
        </p>
      ))}
    </section>
  )
}
