import { useEffect, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import type { Preferences } from '#shared/notify/preferences.ts'
import { isZone } from '#shared/notify/quiet.ts'
import {
  type MyNotify,
  myNotifySchema,
  type PersonalKind,
  type TestAnswer,
  testAnswerSchema,
} from '#shared/notify/view.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useMe, useNow } from '../context.ts'
import frame from '../frame/frame.module.css'
import { Strip } from '../frame/strip.tsx'
import css from './notify.module.css'
import { QuietHours } from './quiet-hours.tsx'
import { Reach } from './reach.tsx'
import { Ways } from './ways.tsx'
import { reachWords } from './words.ts'

const address = '/api/notify/preferences'

/** How I am told, and, for commanders, whom a page would reach. */
export function NotifyPage() {
  const { api } = useApp()
  const me = useMe()
  const [mine, setMine] = useState<MyNotify | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  useEffect(() => {
    document.title = 'How I am told · Uxbridge'
    void api.ask('GET', address, myNotifySchema).then((answer) => {
      if (answer.ok) setMine(answer.value)
      else setError(answer.error)
    })
  }, [api])
  return (
    <div className={frame.page}>
      <Strip room="How I am told" />
      <div />
      <main className={css.page}>
        {error !== null ? (
          <Refused error={error} />
        ) : mine === null ? (
          <Loading what="your choices" />
        ) : (
          <Form kept={mine} />
        )}
        {me.actions.includes('incident.command') && <Reach />}
      </main>
    </div>
  )
}

/** Of whoever never chose: their own zone rather than UTC. */
function beginning({ preferences, usual }: MyNotify): Preferences {
  return usual ? { ...preferences, zone: Intl.DateTimeFormat().resolvedOptions().timeZone } : preferences
}

function Form({ kept }: { kept: MyNotify }) {
  const { api } = useApp()
  const now = useNow()
  const [mine, setMine] = useState(kept)
  const [draft, setDraft] = useState(() => beginning(kept))
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [saved, setSaved] = useState(false)
  const changed = JSON.stringify(draft) !== JSON.stringify(beginning(mine))
  const change = (part: Partial<Preferences>) => {
    setSaved(false)
    setDraft({ ...draft, ...part })
  }

  async function save(): Promise<void> {
    setBusy(true)
    setError(null)
    const answer = await api.ask('PUT', address, myNotifySchema, draft)
    setBusy(false)
    if (!answer.ok) return setError(answer.error)
    setMine(answer.value)
    setDraft(answer.value.preferences)
    setSaved(true)
  }
  const test = async (channel: PersonalKind): Promise<TestAnswer> => {
    const answer = await api.ask('POST', '/api/notify/test', testAnswerSchema, { channel })
    return answer.ok ? answer.value : { delivered: false, detail: answer.error.message }
  }

  const zoneIsRight = isZone(draft.zone)
  const lines = zoneIsRight ? reachWords(draft, mine.ways, now) : []
  const none = mine.ways.every(({ ready }) => !ready)
  return (
    <>
      <section className={css.part} aria-labelledby="reaches">
        <h2 id="reaches">If it happened now</h2>
        {none && (
          <Trouble>
            <p>
              <b>Nothing reaches you but this screen.</b> None of the ways below leads to you yet.
            </p>
          </Trouble>
        )}
        <dl className={css.lines}>
          {lines.map(({ what, how, reaches }) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd className={reaches ? undefined : 'soon'}>{how}</dd>
            </div>
          ))}
        </dl>
      </section>

      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <section className={css.part} aria-labelledby="ways">
          <h2 id="ways">Ways</h2>
          <p className="dim">
            What is addressed to me: pages, offers, tasks, reminders. An offer comes whatever its tier. The first goes
            at once; what follows within half a minute comes as one.
          </p>
          <Ways ways={mine.ways} draft={draft} onChange={change} onTest={test} saved={!changed} />
        </section>
        <QuietHours draft={draft} onChange={change} zoneIsRight={zoneIsRight} />
        {error !== null && <Trouble>{error.message}</Trouble>}
        <div className={css.save}>
          <Button type="submit" kind="main" disabled={busy || !zoneIsRight || !changed}>
            {busy ? 'Saving…' : 'Save'}
          </Button>
          <span className="dim" role="status">
            {changed ? 'Not saved yet' : saved ? 'Saved' : mine.usual ? 'The usual: you have chosen nothing yet' : ''}
          </span>
        </div>
      </form>
    </>
  )
}
