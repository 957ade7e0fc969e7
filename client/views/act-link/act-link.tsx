import { type FormEvent, useCallback, useEffect, useState } from 'react'
import type { ErrorBody } from '#shared/errors.ts'
import { roleDefinitions } from '#shared/incident/roles.ts'
import { type ActAnswer, type ActLook, actAnswerSchema, actLookSchema } from '#shared/notify/view.ts'
import { leftWords, utcMinute } from '../../state/time-words.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { TextField, Trouble } from '../../widgets/controls/field.tsx'
import { Loading } from '../conditions/conditions.tsx'
import { useApp, useNow } from '../context.ts'
import { BriefBlock } from '../incident/parts.tsx'
import { DoorPage } from '../signin/door-page.tsx'
import signin from '../signin/signin.module.css'
import css from './act-link.module.css'

/** What a link of a message does: shown first, done only when somebody presses the button, and that once. */
export function ActLink() {
  // The token stands after the #, where no log and no referrer sees it.
  const [token] = useState(() => location.hash.slice(1))
  useEffect(() => {
    document.title = 'From a message · Uxbridge'
  }, [])
  if (token === '')
    return (
      <DoorPage
        title="This link is not whole"
        lead="The part after # is missing. Open the link from the message itself, to its last character."
      >
        <ToBoard />
      </DoorPage>
    )
  return <Looked token={token} />
}

function Looked({ token }: { token: string }) {
  const { api } = useApp()
  const [look, setLook] = useState<ActLook | null>(null)
  const [error, setError] = useState<ErrorBody | null>(null)
  const [done, setDone] = useState<ActAnswer | null>(null)
  const ask = useCallback(() => {
    setError(null)
    void api.ask('POST', '/api/act/look', actLookSchema, { token }).then((answer) => {
      if (answer.ok) setLook(answer.value)
      else setError(answer.error)
    })
  }, [api, token])
  useEffect(ask, [ask])

  if (done !== null)
    return (
      <DoorPage title="Done" lead={done.did}>
        <p role="status">
          <a href={`/incident/${done.incidentId}`}>Open {done.incidentId}</a>
        </p>
      </DoorPage>
    )
  if (error !== null)
    return (
      <DoorPage title={titles[error.code] ?? 'That did not work'} lead={error.message}>
        {error.code === 'not-ready' && (
          <Button kind="main" onClick={ask}>
            Try again
          </Button>
        )}
        <ToBoard incident={incidentOf(error)} />
      </DoorPage>
    )
  if (look === null) return <Loading what="the link" />
  return <Confirm look={look} token={token} onDone={setDone} onSpent={setError} />
}

const titles: Readonly<Record<string, string>> = {
  'link-spent': 'This link no longer works',
  'link-not-yours': 'This link is not yours',
  'not-ready': 'The server cannot be reached',
  'not-found': 'There is no such incident',
}
const incidentOf = ({ details }: ErrorBody): string | null =>
  typeof details?.incident === 'string' ? details.incident : null

function Confirm({
  look,
  token,
  onDone,
  onSpent,
}: {
  look: ActLook
  token: string
  onDone: (answer: ActAnswer) => void
  onSpent: (error: ErrorBody) => void
}) {
  const { api } = useApp()
  const now = useNow()
  const [readBack, setReadBack] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<ErrorBody | null>(null)
  const { action, incident, offer, role, refused } = look
  const accepts = action === 'accept'
  const leftMs = Date.parse(offer?.deadline ?? role?.deadline ?? look.expiresAt) - now

  const send = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    const body = accepts ? { token, readBack: readBack.trim() } : { token }
    const answer = await api.ask('POST', '/api/act', actAnswerSchema, body)
    setBusy(false)
    if (answer.ok) return onDone(answer.value)
    if (answer.error.code === 'link-spent' || answer.error.code === 'link-not-yours') return onSpent(answer.error)
    setError(answer.error)
  }

  return (
    <DoorPage
      title={questions[action](look)}
      lead={`You are asked as ${look.person}. Nothing happens until you press.`}
    >
      <div className={css.what}>
        {look.numberOnly ? (
          <p className={css.title}>{incident.id} is restricted: whoever may see it has to be signed in to read more.</p>
        ) : (
          <>
            <p className={css.title}>{incident.title}</p>
            <p className="dim">
              {incident.tier === null ? 'Unclassified' : `Tier ${incident.tier}`}
              {incident.service !== null && <> · {incident.service}</>} ·{' '}
              {incident.openedAt !== null && <>open since {utcMinute(Date.parse(incident.openedAt))} UTC · </>}
              {incident.phase} ·{' '}
              {incident.owner === null ? <b className="soon">nobody owns it</b> : `${incident.owner} owns it`}
            </p>
          </>
        )}
      </div>
      {refused !== null ? (
        <>
          <Trouble>
            <p>{refused}</p>
          </Trouble>
          <ToBoard incident={incident.id} />
        </>
      ) : (
        <form className={signin.form} onSubmit={(event) => void send(event)}>
          {offer !== null && (
            <>
              <p>
                {offer.from ?? 'A commander'} offers it to you.{' '}
                <b className={leftMs < 60_000 ? 'late' : 'soon'}>
                  {leftMs > 0 ? `${leftWords(leftMs)} left` : 'the time is over'}
                </b>
              </p>
              <BriefBlock brief={offer.brief} nameOf={(id) => offer.names[id] ?? id} />
            </>
          )}
          {role !== null && (
            <>
              <p>
                {role.from === null ? 'Nobody has this role yet.' : `${role.from} has this role until you accept.`}{' '}
                {roleDefinitions[role.role].definition}{' '}
                <b className={leftMs < 60_000 ? 'late' : 'soon'}>
                  {leftMs > 0 ? `${leftWords(leftMs)} left` : 'the time is over'}
                </b>
              </p>
              {role.note !== '' && <p className={css.title}>{role.note}</p>}
            </>
          )}
          {accepts && (
            <TextField
              label={
                role === null
                  ? 'Read back: the situation in your own words, one line'
                  : 'Read back: what you take on, in your own words, one line'
              }
              hint="The giver and whoever may see it on the board read it"
              value={readBack}
              maxLength={280}
              autoComplete="off"
              onChange={(event) => setReadBack(event.target.value)}
            />
          )}
          {error !== null && <Trouble>{error.message}</Trouble>}
          <Button type="submit" kind="main" disabled={busy || leftMs <= 0 || (accepts && readBack.trim() === '')}>
            {busy ? 'One moment…' : presses[action](look)}
          </Button>
          <ToBoard incident={incident.id} />
        </form>
      )}
    </DoorPage>
  )
}

const roleOf = ({ role }: NonNullable<ActLook['role']>) => roleDefinitions[role].label.toLowerCase()
const questions: Readonly<Record<ActLook['action'], (look: ActLook) => string>> = {
  claim: ({ incident }) => `Claim ${incident.id}?`,
  accept: ({ incident, role }) => (role === null ? `Accept ${incident.id}?` : `Be ${roleOf(role)} of ${incident.id}?`),
  acknowledge: ({ incident, owns }) => (owns ? `Are you on ${incident.id}?` : `Have you seen ${incident.id}?`),
}
const presses: Readonly<Record<ActLook['action'], (look: ActLook) => string>> = {
  claim: () => 'Claim it',
  accept: ({ role }) => (role === null ? 'Accept and own it' : `Accept and be ${roleOf(role)}`),
  acknowledge: ({ owns }) => (owns ? 'I am on it' : 'I have seen it'),
}

function ToBoard({ incident = null }: { incident?: string | null }) {
  return (
    <p className={css.away}>
      {incident !== null && <a href={`/incident/${incident}`}>Open {incident}</a>}
      <a href="/">To the board</a>
    </p>
  )
}
