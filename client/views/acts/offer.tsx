import { useState } from 'react'
import { type BriefInput, briefGaps, briefSchema } from '#shared/incident/brief.ts'
import type { IncidentView, Summary } from '#shared/wire.ts'
import { Button } from '../../widgets/controls/button.tsx'
import { Buttons, Dialog } from '../../widgets/controls/dialog.tsx'
import { SelectField, Trouble } from '../../widgets/controls/field.tsx'
import { Loading } from '../conditions/conditions.tsx'
import { useApp, useIncident, useMe } from '../context.ts'
import { asBrief } from '../incident/parts.tsx'
import css from './acts.module.css'
import { BriefEditor } from './brief-editor.tsx'
import { Failure } from './failure.tsx'
import { responders, useDraft, usePeople, useSend } from './use-act.ts'

/** What is known already is not typed again: the last brief, or else the last update or the title. */
function prefill(view: IncidentView): BriefInput {
  if (view.brief !== null) return asBrief(view.brief)
  const situation = view.lastUpdate?.text ?? `${view.summary.title}. ${view.description}`.trim()
  return { situation: situation.slice(0, 280) }
}

/** A first row to write in, where there is none. */
function withRow(brief: BriefInput): BriefInput {
  return (brief.actions ?? []).length > 0 ? brief : { ...brief, actions: [{ text: '' }] }
}

/** Rows and lines that were left empty are not part of the brief. */
function withoutBlanks(brief: BriefInput): BriefInput {
  const lines = (all: readonly string[] | undefined) => (all ?? []).filter((line) => line.trim() !== '')
  return {
    ...brief,
    done: lines(brief.done),
    ruledOut: lines(brief.ruledOut),
    promises: lines(brief.promises),
    hypotheses: (brief.hypotheses ?? []).filter(({ text }) => text.trim() !== ''),
    actions: (brief.actions ?? []).filter(({ text }) => text.trim() !== ''),
    contingencies: (brief.contingencies ?? []).filter((one) => one.if.trim() !== '' || one.do.trim() !== ''),
  }
}

/** Offers the incident to somebody, with the brief they will read. */
export function OfferDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { view } = useIncident(summary.id)
  return (
    <Dialog
      open
      wide
      onClose={act.end}
      title={`Hand off ${summary.id}`}
      lead={
        summary.owner === null
          ? 'Nobody owns it until the receiver accepts; unowned time runs on.'
          : 'You stay the owner until the receiver has read this and accepts.'
      }
    >
      {view === null ? <Loading what="the brief" /> : <OfferForm summary={summary} view={view} />}
    </Dialog>
  )
}

function OfferForm({ summary, view }: { summary: Summary; view: IncidentView }) {
  const { act } = useApp()
  const me = useMe()
  const { people, teams, error: peopleError } = usePeople()
  const key = `offer/${summary.id}`
  const [draft, setDraft] = useDraft(key, () => ({
    to: summary.reliefAskedBy?.id ?? '',
    brief: withRow(prefill(view)),
  }))
  const { busy, error, send } = useSend(summary.id)
  const [tried, setTried] = useState(false)
  const parsed = briefSchema.safeParse(withoutBlanks(draft.brief))
  const gaps = parsed.success ? briefGaps(parsed.data, summary.tier) : []
  const who = people === null ? [] : responders(people, [summary.owner?.id])
  const name =
    who.find((person) => person.id === draft.to)?.name ??
    teams.find((team) => `team:${team.id}` === draft.to)?.name ??
    draft.to

  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        setTried(true)
        if (parsed.success && draft.to !== '' && gaps.length === 0)
          send({ type: 'offer', to: draft.to, brief: parsed.data }, `${summary.id} is offered to ${name}.`, key)
      }}
    >
      <SelectField
        label="To"
        value={draft.to}
        error={peopleError?.message ?? (tried && draft.to === '' ? 'Choose a person or a team' : null)}
        onChange={(event) => setDraft({ ...draft, to: event.target.value })}
      >
        <option value="">{people === null ? 'Fetching names…' : 'Choose…'}</option>
        {summary.reliefAskedBy !== null && (
          <option value={summary.reliefAskedBy.id}>{summary.reliefAskedBy.name} (asks for it)</option>
        )}
        <optgroup label="People">
          {who
            .filter((person) => person.id !== summary.reliefAskedBy?.id)
            .map((person) => (
              <option key={person.id} value={person.id}>
                {person.id === me.id ? `${person.name} (you)` : person.name}
              </option>
            ))}
        </optgroup>
        {teams.length > 0 && (
          <optgroup label="Teams: the first who accepts">
            {teams.map((team) => (
              <option key={team.id} value={`team:${team.id}`} disabled={team.members.length === 0}>
                {team.members.length === 0 ? `${team.name} (nobody in it)` : team.name}
              </option>
            ))}
          </optgroup>
        )}
      </SelectField>
      <BriefEditor brief={draft.brief} tier={summary.tier} onChange={(brief) => setDraft({ ...draft, brief })} />
      {tried && (gaps.length > 0 || !parsed.success) && (
        <Trouble>
          <p>
            {parsed.success
              ? `Before it can be offered: ${gaps.join('; ')}.`
              : parsed.error.issues.map((issue) => `${issue.path.join(' ')}: ${issue.message}`).join('; ')}
          </p>
        </Trouble>
      )}
      <Failure error={error} summary={summary} />
      <Buttons>
        <Button type="submit" kind="main" disabled={busy}>
          {name === '' ? 'Offer' : `Offer to ${name}`}
        </Button>
        <Button kind="quiet" onClick={act.end}>
          Cancel
        </Button>
      </Buttons>
    </form>
  )
}

/** The brief alone, for everybody; an open offer is issued again with it. */
export function ReviseDialog({ summary }: { summary: Summary }) {
  const { act } = useApp()
  const { view } = useIncident(summary.id)
  return (
    <Dialog
      open
      wide
      onClose={act.end}
      title={`Brief of ${summary.id}`}
      lead={
        summary.offer === null
          ? 'What somebody who takes this over must know.'
          : `An offer to ${summary.offer.to.name} is open: it is issued again with what you change.`
      }
    >
      {view === null ? <Loading what="the brief" /> : <ReviseForm summary={summary} view={view} />}
    </Dialog>
  )
}

function ReviseForm({ summary, view }: { summary: Summary; view: IncidentView }) {
  const { act } = useApp()
  const key = `revise/${summary.id}`
  const [brief, setBrief] = useDraft(key, () => withRow(prefill(view)))
  const { busy, error, send } = useSend(summary.id)
  const parsed = briefSchema.safeParse(withoutBlanks(brief))
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (parsed.success) send({ type: 'revise', brief: parsed.data }, `The brief of ${summary.id} is revised.`, key)
      }}
    >
      <BriefEditor brief={brief} tier={summary.tier} onChange={setBrief} />
      <Failure error={error} summary={summary} />
      <Buttons>
        <Button type="submit" kind="main" disabled={busy || !parsed.success}>
          Save the brief
        </Button>
        <Button kind="quiet" onClick={act.end}>
          Cancel
        </Button>
      </Buttons>
    </form>
  )
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
      <Failure error={error} summary={summary} />
      <Buttons>
        <Button
          kind="main"
          disabled={busy || summary.reliefAskedBy === null}
          onClick={() => send({ type: 'grant-relief' }, `${summary.id} is offered to ${name}.`)}
        >
          Offer it to {name}
        </Button>
        <Button onClick={() => act.begin('offer', summary.id)}>Revise the brief first</Button>
        <Button kind="quiet" onClick={act.end}>
          Not now
        </Button>
      </Buttons>
    </Dialog>
  )
}
