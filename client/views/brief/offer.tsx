import { type ReactNode, useState } from 'react'
import { briefOf, type Draft, overLimits } from '#shared/brief/draft.ts'
import { type Brief, briefGaps, briefSchema } from '#shared/incident/brief.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Button } from '../../widgets/controls/button.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { Trouble } from '../../widgets/controls/field.tsx'
import { Failure } from '../acts/failure.tsx'
import { type Everybody, useDraft, usePeople, useSend } from '../acts/use-act.ts'
import { Loading, Refused } from '../conditions/conditions.tsx'
import { useApp, useIncident, useMe } from '../context.ts'
import { namesIn } from '../incident/parts.tsx'
import { useReadinessLine, withReadiness } from '../tote/lines.ts'
import { ChooseReceiver } from './choose.tsx'
import { namesOf, receiversOf, useCatalogue } from './receivers.ts'
import { BriefEditor } from './writing/editor.tsx'
import type { DraftStatus } from './writing/session.ts'
import { useDraftSession } from './writing/use-session.ts'

/** The brief of an incident, in a dialog: once it is here, written together. */
function BriefDialog({
  summary,
  title,
  lead,
  form,
}: {
  summary: Summary
  title: string
  lead: ReactNode
  form: (view: IncidentView) => ReactNode
}) {
  const { act } = useApp()
  const { view, refused } = useIncident(summary.id)
  return (
    <Dialog open wide="whole" onClose={act.end} title={title} lead={lead}>
      {view !== null ? form(view) : refused === null ? <Loading what="the brief" /> : <Refused error={refused} />}
    </Dialog>
  )
}

/** Offers the incident to somebody, with the brief they will read. */
export function OfferDialog({ summary }: { summary: Summary }) {
  const me = useMe()
  return (
    <BriefDialog
      summary={summary}
      title={`Hand off ${summary.id}`}
      lead={
        summary.owner === null
          ? 'Nobody owns it until the receiver accepts; unowned time runs on.'
          : `${summary.owner.id === me.id ? 'You stay' : `${summary.owner.name} stays`} the owner until the receiver has read this and accepts.`
      }
      form={(view) => <OfferForm summary={summary} view={view} />}
    />
  )
}

function OfferForm({ summary, view }: { summary: Summary; view: IncidentView }) {
  const { act } = useApp()
  const me = useMe()
  const everybody = usePeople()
  const catalogue = useCatalogue()
  const key = `offer/${summary.id}`
  const [to, setTo] = useDraft(key, () => summary.reliefAskedBy?.id ?? summary.shiftEnd?.to[0]?.id ?? '')
  const groups = withReadiness(receiversOf(summary, everybody, catalogue, me.id), useReadinessLine())
  const name = groups.flatMap(({ items }) => items).find(({ id }) => id === to)?.name ?? ''
  const { busy, error, send } = useSend(summary.id)
  const [tried, setTried] = useState(false)
  return (
    <WrittenTogether
      summary={summary}
      view={view}
      everybody={everybody}
      busy={busy}
      button={name === '' ? 'Offer' : `Offer to ${name}`}
      failure={<Failure error={error} summary={summary} />}
      lacking={(brief) => [...(to === '' ? ['choose whom to offer it to'] : []), ...briefGaps(brief, summary.tier)]}
      before="Before it can be offered"
      onSubmit={(brief) => {
        setTried(true)
        if (brief !== null) send({ type: 'offer', to, brief }, `${summary.id} is offered to ${name}.`, key)
      }}
      onCancel={act.end}
    >
      <ChooseReceiver
        groups={groups}
        value={to}
        error={everybody.error?.message ?? (tried && to === '' ? 'Choose a person or a team' : null)}
        loading={everybody.people === null}
        onChange={setTo}
      />
    </WrittenTogether>
  )
}

/** The brief alone, for everybody; an open offer is issued again with it. */
export function ReviseDialog({ summary }: { summary: Summary }) {
  return (
    <BriefDialog
      summary={summary}
      title={`Brief of ${summary.id}`}
      lead={
        summary.offer === null
          ? 'What somebody who takes this over must know.'
          : `An offer to ${summary.offer.to.name} is open: it is issued again with what you change.`
      }
      form={(view) => <ReviseForm summary={summary} view={view} />}
    />
  )
}

function ReviseForm({ summary, view }: { summary: Summary; view: IncidentView }) {
  const { act } = useApp()
  const { busy, error, send } = useSend(summary.id)
  return (
    <WrittenTogether
      summary={summary}
      view={view}
      everybody={usePeople()}
      busy={busy}
      button="Keep this brief"
      failure={<Failure error={error} summary={summary} />}
      lacking={() => []}
      before="Before it can be kept"
      onSubmit={(brief) => {
        if (brief !== null) send({ type: 'revise', brief }, `The brief of ${summary.id} is revised.`)
      }}
      onCancel={act.end}
    />
  )
}

/** The form round the shared brief: what it lacks is said in words before anything is sent. */
function WrittenTogether({
  summary,
  view,
  everybody,
  busy,
  button,
  failure,
  lacking,
  before,
  onSubmit,
  onCancel,
  children,
}: {
  summary: Summary
  view: IncidentView
  everybody: Everybody
  busy: boolean
  button: string
  failure: ReactNode
  /** What keeps it from being sent, besides the limits of a brief. */
  lacking: (brief: Brief) => string[]
  before: string
  /** @param brief null: it was tried, and cannot be sent as it is */
  onSubmit: (brief: Brief | null) => void
  onCancel: () => void
  children?: ReactNode
}) {
  const { session, draft, status } = useDraftSession(summary.id)
  const [tried, setTried] = useState(false)
  if (status.state === 'opening') return <Loading what="the brief" />
  if (status.state === 'refused' && draft.begunAt === 0)
    return <Refused error={status.error ?? { code: 'internal', message: 'The brief cannot be opened.' }} />
  const parsed = briefSchema.safeParse(briefOf(draft))
  const missing = parsed.success ? lacking(parsed.data) : troublesOf(draft, parsed.error.issues)
  const nameOf = namesOf(view, everybody, namesIn(view))
  const words = `${before}: ${missing.join('; ')}.`
  return (
    <FormShell
      button={button}
      disabled={busy}
      trouble={
        <>
          {missing.length > 0 && (tried ? <Trouble>{words}</Trouble> : <p className="dim">{words}</p>)}
          {failure}
        </>
      }
      more={<Unsent status={status} />}
      onSubmit={() => {
        setTried(true)
        onSubmit(parsed.success && missing.length === 0 ? parsed.data : null)
      }}
      onCancel={onCancel}
    >
      <BriefEditor
        session={session}
        draft={draft}
        status={status}
        lead={children}
        view={view}
        tier={summary.tier}
        people={everybody.people ?? []}
        nameOf={nameOf}
      />
    </FormShell>
  )
}

/** Which field is over its limit or empty, as a person calls it. */
function troublesOf(draft: Draft, issues: readonly { path: PropertyKey[]; message: string }[]): string[] {
  if (draft.texts.situation.trim() === '') return ['say what the situation is']
  const over = overLimits(draft)
  if (over.length > 0) return over.map(({ path, over }) => `${path.replaceAll('.', ' ')} is ${over} over its limit`)
  return issues.map(({ path, message }) => `${path.join(' ')}: ${message}`)
}

function Unsent({ status }: { status: DraftStatus }) {
  return status.state === 'waiting' ? <span className="soon">The line is down; what you typed waits here.</span> : null
}

/** Somebody asked for it: granting makes an offer to them with the brief as it stands. */
export function GrantReliefDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { busy, error, send } = useSend(summary.id)
  const name = summary.reliefAskedBy?.name ?? 'nobody'
  return (
    <Dialog
      open
      onClose={act.end}
      title={`${name} asks for ${summary.id}`}
      lead="Granting offers it to them with the brief as it stands. You own it until they accept."
    >
      <FormShell
        button={`Offer it to ${name}`}
        disabled={busy || summary.reliefAskedBy === null}
        trouble={<Failure error={error} summary={summary} />}
        more={<Button onClick={() => act.begin('offer', summary.id)}>Revise the brief first</Button>}
        onSubmit={() => send({ type: 'grant-relief' }, `${summary.id} is offered to ${name}.`)}
        onCancel={act.end}
      >
        {null}
      </FormShell>
    </Dialog>
  )
}
