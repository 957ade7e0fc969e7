import { useRef } from 'react'
import type { RoleView } from '#shared/incident/chain-view.ts'
import { isSpeaking } from '#shared/incident/commands.ts'
import { type RoleName, roleDefinitions, roleNames } from '#shared/incident/roles.ts'
import type { PersonView, Summary } from '#shared/wire.ts'
import type { CommandInput } from '../../../link/command-input.ts'
import { leftWords } from '../../../state/time-words.ts'
import { FormShell } from '../../../widgets/controls/act-form.tsx'
import { Button } from '../../../widgets/controls/button.tsx'
import { Dialog } from '../../../widgets/controls/dialog.tsx'
import { ReasonField, SelectField, TextField } from '../../../widgets/controls/field.tsx'
import { Failure } from '../../acts/failure.tsx'
import { responders, useDraft, usePeople, useSend } from '../../acts/use-act.ts'
import { useApp, useMe, useNow } from '../../context.ts'

const lower = (role: RoleName) => roleDefinitions[role].label.toLowerCase()

export function roleIn(summary: Summary, role: RoleName): RoleView {
  const none = { role, holder: null, offer: null, note: null, chain: [], handovers: 0 }
  return summary.roles?.find((one) => one.role === role) ?? none
}

/** Who may have the role: rule R5, as the server sees it. */
function ableTo(role: RoleName, people: readonly PersonView[], except: readonly (string | undefined)[]): PersonView[] {
  const able = responders(people, except)
  if (!isSpeaking({ role })) return able
  const speaking = people.filter(
    ({ id, roles, disabled, invited }) =>
      !disabled &&
      !invited &&
      !except.includes(id) &&
      roles.includes('communications') &&
      !able.some((one) => one.id === id),
  )
  return [...able, ...speaking].toSorted((a, b) => a.name.localeCompare(b.name))
}

/** Takes a role that nobody has, or offers one to somebody. */
export function AssignRoleDialog({ summary, asked }: { summary: Summary; asked?: RoleName }) {
  const { act } = useApp()
  const me = useMe()
  const { people, teams, error: peopleError } = usePeople()
  const key = `assign-role/${summary.id}/${asked ?? ''}`
  const [draft, setDraft] = useDraft(key, () => {
    const vacant = roleNames.find((role) => roleIn(summary, role).holder === null)
    return { role: asked ?? vacant ?? roleNames[0], to: '', note: '' }
  })
  const { busy, error, send } = useSend(summary.id)
  const { role, note } = draft
  const { holder, offer } = roleIn(summary, role)
  const mine = holder?.id === me.id
  const to = draft.to === '' && holder === null ? me.id : draft.to
  const taking = to === me.id && holder === null
  const others = people === null ? [] : ableTo(role, people, [me.id, holder?.id])
  const name =
    others.find(({ id }) => id === to)?.name ?? teams.find(({ id }) => `team:${id}` === to)?.name ?? 'somebody'
  return (
    <Dialog
      open
      onClose={act.end}
      title={asked === undefined ? `Roles in ${summary.id}` : `${roleDefinitions[asked].label} of ${summary.id}`}
      lead="A role goes to somebody else only when they accept it. It never changes who owns the incident."
    >
      <FormShell
        button={taking ? `Take ${lower(role)}` : `Offer it to ${name}`}
        disabled={busy || to === '' || (offer !== null && !taking)}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          const words = note.trim() === '' || taking ? {} : { note: note.trim() }
          send(
            { type: 'assign-role', role, person: to, ...words },
            taking
              ? `You are ${lower(role)} of ${summary.id}.`
              : `${roleDefinitions[role].label} is offered to ${name}.`,
            key,
          )
        }}
        onCancel={act.end}
      >
        {asked === undefined && (
          <SelectField
            label="Role"
            value={role}
            onChange={(event) => setDraft({ role: event.target.value as RoleName, to: '', note })}
          >
            {roleNames.map((one) => {
              const now = roleIn(summary, one).holder
              return (
                <option key={one} value={one}>
                  {roleDefinitions[one].label} ({now === null ? 'nobody' : now.name})
                </option>
              )
            })}
          </SelectField>
        )}
        <p className="dim">{roleDefinitions[role].definition}</p>
        {offer !== null && (
          <p>
            It is offered to {offer.to.name} already. Withdraw that offer first
            {holder === null && ', or take it yourself'}.
          </p>
        )}
        <SelectField
          label={holder === null ? 'Who' : `${mine ? 'You have' : `${holder.name} has`} it. To`}
          value={to}
          error={peopleError?.message ?? null}
          onChange={(event) => setDraft({ ...draft, to: event.target.value })}
        >
          {holder === null ? (
            <option value={me.id}>{me.name} (you): at once</option>
          ) : (
            <option value="">Choose…</option>
          )}
          <optgroup label="Offer it to">
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </optgroup>
          <optgroup label="Teams: the first who accepts">
            {teams.map((team) => (
              <option key={team.id} value={`team:${team.id}`} disabled={team.members.length === 0}>
                {team.name}
              </option>
            ))}
          </optgroup>
        </SelectField>
        {!taking && (
          <TextField
            label="What they should know"
            value={note}
            maxLength={500}
            onChange={(event) => setDraft({ ...draft, note: event.target.value })}
          />
        )}
      </FormShell>
    </Dialog>
  )
}

/** Accepts a role that was offered to me, in my own words. */
export function AcceptRoleDialog({ summary, asked: role }: { summary: Summary; asked: RoleName }) {
  const { act } = useApp()
  const now = useNow()
  const key = `accept-role/${summary.id}/${role}`
  const [readBack, setReadBack] = useDraft(key, () => '')
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLInputElement>(null)
  const { offer, note, holder } = roleIn(summary, role)
  const leftMs = offer === null ? 0 : Date.parse(offer.deadline) - now
  return (
    <Dialog
      open
      onClose={act.end}
      title={`${roleDefinitions[role].label} of ${summary.id}`}
      lead={
        offer === null
          ? 'The offer was answered, withdrawn, or its time ran out.'
          : `${holder === null ? 'Nobody has it' : `${holder.name} has it`} until you accept. ${leftMs > 0 ? `${leftWords(leftMs)} left.` : 'The time is over.'}`
      }
      initialFocus={field}
    >
      <FormShell
        button="Accept it"
        disabled={busy || offer === null || leftMs <= 0 || readBack.trim() === ''}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          if (offer === null) return
          const command = { type: 'accept', role, revision: offer.revision, readBack: readBack.trim() } as const
          send(command, `You are ${lower(role)} of ${summary.id}.`, key)
        }}
        more={<Button onClick={() => act.begin('decline', summary.id, undefined, role)}>Decline</Button>}
        onCancel={act.end}
      >
        <p className="dim">{roleDefinitions[role].definition}</p>
        {note !== null && <blockquote>{note}</blockquote>}
        <TextField
          ref={field}
          label="Read back: what you take on, in your own words"
          value={readBack}
          maxLength={280}
          autoComplete="off"
          onChange={(event) => setReadBack(event.target.value)}
        />
      </FormShell>
    </Dialog>
  )
}

type Reasoned = 'decline' | 'withdraw' | 'take-over' | 'release'
const reasons: Readonly<
  Record<Reasoned, { title: (role: string) => string; lead: string; button: string; done: string; required: boolean }>
> = {
  decline: {
    title: (role) => `Decline to be ${role}`,
    lead: 'Whoever has it keeps it. Your reason helps to find somebody else.',
    button: 'Decline',
    done: 'You declined.',
    required: true,
  },
  withdraw: {
    title: (role) => `Withdraw the offer to be ${role}`,
    lead: 'The receiver can no longer accept it.',
    button: 'Withdraw',
    done: 'The offer is withdrawn.',
    required: false,
  },
  'take-over': {
    title: (role) => `Take over as ${role}`,
    lead: 'It is taken from whoever has it, and shows as a break in its chain.',
    button: 'Take it over',
    done: 'You took it over.',
    required: true,
  },
  release: {
    title: (role) => `Leave the role ${role}`,
    lead: 'Nobody has it from then on. If you know who should, offer it to them instead.',
    button: 'Leave it',
    done: 'You left it.',
    required: true,
  },
}

/** What needs a few words of why, about a role. */
export function RoleReasonDialog({
  summary,
  asked: role,
  type,
}: {
  summary: Summary
  asked: RoleName
  type: Reasoned
}) {
  const { act } = useApp()
  const key = `${type}/${summary.id}/${role}`
  const [reason, setReason] = useDraft(key, () => '')
  const { busy, error, send } = useSend(summary.id)
  const words = reasons[type]
  const given = reason.trim()
  const field = useRef<HTMLTextAreaElement>(null)
  return (
    <Dialog open onClose={act.end} title={words.title(lower(role))} lead={words.lead} initialFocus={field}>
      <FormShell
        button={words.button}
        danger={type === 'take-over'}
        disabled={busy || (words.required && given === '')}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          const command = { type, role, ...(given === '' ? {} : { reason: given }) } as CommandInput
          send(command, `${roleDefinitions[role].label} of ${summary.id}: ${words.done}`, key)
        }}
        onCancel={act.end}
      >
        <ReasonField ref={field} optional={!words.required} value={reason} onSay={setReason} />
      </FormShell>
    </Dialog>
  )
}

/** The dialog of an act that is about a role. */
export function ActOnRole({ type, summary, asked }: { type: string; summary: Summary; asked: RoleName }) {
  if (type === 'accept') return <AcceptRoleDialog summary={summary} asked={asked} />
  if (type in reasons) return <RoleReasonDialog summary={summary} asked={asked} type={type as Reasoned} />
  return <AssignRoleDialog summary={summary} asked={asked} />
}
