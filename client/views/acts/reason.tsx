import { type ReactNode, useRef } from 'react'
import type { Summary } from '#shared/wire.ts'
import type { CommandInput } from '../../link/command-input.ts'
import { FormShell } from '../../widgets/controls/act-form.tsx'
import { Dialog } from '../../widgets/controls/dialog.tsx'
import { ReasonField } from '../../widgets/controls/field.tsx'
import { useApp } from '../context.ts'
import { Failure } from './failure.tsx'
import { useDraft, useSend } from './use-act.ts'

interface Reasoned {
  title: (summary: Summary) => string
  lead: (summary: Summary) => ReactNode
  button: string
  required: boolean
  hint: string
  danger?: boolean
  command: (reason: string) => CommandInput
  done: (id: string) => string
}

const ownerName = (summary: Summary) => summary.owner?.name ?? 'Nobody'
const optional = (reason: string) => (reason === '' ? {} : { reason })

/** Acts that need a few words of why, and nothing else. */
export const reasoned = {
  decline: {
    title: ({ id }) => `Decline ${id}`,
    lead: (summary) =>
      `${summary.owner === null ? 'It stays unowned' : `${ownerName(summary)} keeps it`}. Your reason helps to find somebody else.`,
    button: 'Decline',
    required: true,
    hint: 'For example: on another Tier 1 until about 04:00',
    command: (reason) => ({ type: 'decline', reason }),
    done: (id) => `You declined ${id}.`,
  },
  withdraw: {
    title: ({ id }) => `Withdraw the offer of ${id}`,
    lead: (summary) => `${summary.offer?.to.name ?? 'The receiver'} can no longer accept it.`,
    button: 'Withdraw',
    required: false,
    hint: 'A reason, if there is one to know',
    command: (reason) => ({ type: 'withdraw', ...optional(reason) }),
    done: (id) => `The offer of ${id} is withdrawn.`,
  },
  'ask-relief': {
    title: ({ id }) => `Ask for ${id}`,
    lead: (summary) => `${ownerName(summary)} and the commanders see that you are ready to take it. They decide.`,
    button: 'Ask',
    required: false,
    hint: 'Why you, if it is not plain',
    command: (reason) => ({ type: 'ask-relief', ...optional(reason) }),
    done: (id) => `You asked for ${id}.`,
  },
  release: {
    title: ({ id }) => `Release ${id}`,
    lead: () =>
      'Nobody will own it from then on, and escalation starts again. If you know who should have it, hand it off instead.',
    button: 'Release it to nobody',
    required: true,
    hint: 'Why it is left without an owner',
    danger: true,
    command: (reason) => ({ type: 'release', reason }),
    done: (id) => `You released ${id}; nobody owns it.`,
  },
  'take-over': {
    title: ({ id }) => `Take ${id} over`,
    lead: (summary) =>
      `${ownerName(summary)} loses it at once, without a brief. It is drawn as a break in the chain. Only when the owner cannot be reached.`,
    button: 'Take over by force',
    required: true,
    hint: 'How you tried to reach the owner',
    danger: true,
    command: (reason) => ({ type: 'take-over', reason }),
    done: (id) => `You own ${id} now.`,
  },
  dismiss: {
    title: ({ id }) => `Dismiss ${id}`,
    lead: () =>
      'It is no incident: it leaves the board and is filed as ordinary work. It can be reopened with a reason.',
    button: 'Dismiss',
    required: true,
    hint: 'Why this is no incident',
    danger: true,
    command: (reason) => ({ type: 'dismiss', reason }),
    done: (id) => `${id} is dismissed.`,
  },
  reopen: {
    title: ({ id }) => `Reopen ${id}`,
    lead: () => 'It comes back to the board, owned by nobody.',
    button: 'Reopen',
    required: true,
    hint: 'What shows that it is not over',
    command: (reason) => ({ type: 'reopen', reason }),
    done: (id) => `${id} is open again, and unowned.`,
  },
} satisfies Record<string, Reasoned>

export function ReasonDialog({ summary, type }: { summary: Summary; type: keyof typeof reasoned }) {
  const { act } = useApp()
  const what: Reasoned = reasoned[type]
  const key = `${type}/${summary.id}`
  const [reason, setReason] = useDraft(key, () => '')
  const { busy, error, send } = useSend(summary.id)
  const field = useRef<HTMLTextAreaElement>(null)
  const words = reason.trim()
  return (
    <Dialog open onClose={act.end} title={what.title(summary)} lead={what.lead(summary)} initialFocus={field}>
      <FormShell
        button={what.button}
        disabled={busy || (what.required && words === '')}
        danger={what.danger === true}
        trouble={<Failure error={error} summary={summary} />}
        onSubmit={() => {
          send(what.command(words), what.done(summary.id), key)
        }}
        onCancel={act.end}
      >
        <ReasonField
          ref={field}
          label={what.required ? 'Reason' : 'Reason (may stay empty)'}
          hint={what.hint}
          value={reason}
          onSay={setReason}
        />
      </FormShell>
    </Dialog>
  )
}
