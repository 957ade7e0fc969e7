import { useStore } from 'zustand'
import type { Summary } from '#shared/wire.ts'
import type { Doing } from '../../state/act.ts'
import { later, whenIdle } from '../../widgets/later.ts'
import { useApp, useIncident, useSummary } from '../context.ts'
import { AddEvidenceDialog } from '../incident/evidence/add.tsx'
import { ActOnRole, AssignRoleDialog } from '../incident/people/role-acts.tsx'
import { LiftDialog, RestrictDialog } from '../restricted/dialogs.tsx'
import { AcceptDialog } from './accept.tsx'
import { ClassifyDialog, FlagsDialog, PhaseDialog } from './axes.tsx'
import { StartClockDialog, StopClockDialog } from './clocks.tsx'
import { DeclareDialog } from './declare.tsx'
import { LostClaimDialog } from './lost-claim.tsx'
import { MergeDialog } from './merge/merge.tsx'
import { MergeSeveralDialog } from './merge/several.tsx'
import { SplitDialog } from './merge/split.tsx'
import { UndoDialog } from './merge/undo.tsx'
import { ReasonDialog, reasoned } from './reason.tsx'
import { AddTaskDialog, SetTaskDialog } from './tasks.tsx'
import { EscalateDialog, NoteDialog, UpdateDialog } from './words.tsx'

// Who writes a brief needs what merges it; that comes when there is time, and at the latest when it is wanted.
const OfferDialog = later(() => import('../brief/offer.tsx').then(({ OfferDialog }) => OfferDialog))
const ReviseDialog = later(() => import('../brief/offer.tsx').then(({ ReviseDialog }) => ReviseDialog))
const GrantReliefDialog = later(() => import('../brief/offer.tsx').then(({ GrantReliefDialog }) => GrantReliefDialog))
whenIdle(OfferDialog.prefetch)

/** The dialog of what this person is doing. */
export function Acts({ doing }: { doing: Doing }) {
  const onBoard = useSummary(doing.incidentId)
  // An incident that left the board (or a page opened by its address) is known through its own room.
  const { view, hidden } = useIncident(doing.incidentId)
  // Out of reach of the server, what this device remembers must do.
  const { device } = useApp()
  const remembered = useStore(device.store, ({ picture }) =>
    picture?.incidents.find(({ id }) => id === doing.incidentId),
  )
  if (doing.type === 'declare') return <DeclareDialog />
  if (doing.type === 'merge-several') return <MergeSeveralDialog />
  const summary = view?.summary ?? onBoard ?? remembered
  if (summary === undefined || hidden) return null
  return <ActOn doing={doing} summary={summary} />
}

function ActOn({ doing, summary }: { doing: Doing; summary: Summary }) {
  if (doing.role !== undefined) return <ActOnRole type={doing.type} summary={summary} asked={doing.role} />
  switch (doing.type) {
    case 'lost-claim':
      return <LostClaimDialog summary={summary} error={doing.error ?? null} />
    case 'accept':
      return <AcceptDialog summary={summary} />
    case 'offer':
      return <OfferDialog summary={summary} />
    case 'grant-relief':
      return <GrantReliefDialog summary={summary} />
    case 'revise':
      return <ReviseDialog summary={summary} />
    case 'classify':
      return <ClassifyDialog summary={summary} />
    case 'set-phase':
      return <PhaseDialog summary={summary} />
    case 'resolve':
      return <PhaseDialog summary={summary} to="resolved" />
    case 'flag':
      return <FlagsDialog summary={summary} />
    case 'restrict':
      return <RestrictDialog summary={summary} />
    case 'lift':
      return <LiftDialog summary={summary} />
    case 'note':
      return <NoteDialog summary={summary} />
    case 'update':
      return <UpdateDialog summary={summary} />
    case 'merge':
      return <MergeDialog summary={summary} />
    case 'split':
      return <SplitDialog summary={summary} />
    case 'undo':
      return doing.seq === undefined ? null : <UndoDialog summary={summary} seq={doing.seq} />
    case 'add-evidence':
      return <AddEvidenceDialog summary={summary} />
    case 'start-clock':
      return <StartClockDialog summary={summary} />
    case 'stop-clock':
      return <StopClockDialog summary={summary} />
    case 'add-task':
      return <AddTaskDialog summary={summary} />
    case 'set-task':
      return doing.seq === undefined ? null : <SetTaskDialog summary={summary} task={doing.seq} />
    case 'assign-role':
      return <AssignRoleDialog summary={summary} />
    case 'escalate':
      return <EscalateDialog summary={summary} />
    default:
      return doing.type in reasoned ? (
        <ReasonDialog summary={summary} type={doing.type as keyof typeof reasoned} />
      ) : null
  }
}
