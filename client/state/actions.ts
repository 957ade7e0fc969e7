import type { Action } from '#shared/access.ts'
import { type CommandType, commandAction } from '#shared/incident/commands.ts'
import { isOpen } from '#shared/incident/state.ts'
import type { Summary } from '#shared/wire.ts'

/** Who looks, and what they may do. */
export interface Actor {
  id: string
  actions: readonly Action[]
}

/** Something a person can do to an incident; `take` is offered where `offer` is to me. */
export type ActionType =
  | Exclude<CommandType, 'confirm' | 'revise' | 'seen'>
  | 'confirm'
  | 'revise'
  | 'resolve'
  | 'restrict'
  | 'lift'

export interface IncidentAction {
  type: ActionType
  label: string
  /** One key on the board. */
  key: string | null
  /** Shown as a button at once; others are behind More. */
  rank: 'main' | 'near' | 'more'
}

const labels: Readonly<Record<ActionType, string>> = {
  claim: 'Claim',
  offer: 'Hand off',
  accept: 'Read brief and accept',
  decline: 'Decline',
  withdraw: 'Withdraw offer',
  'ask-relief': 'Ask for relief',
  'grant-relief': 'Grant relief',
  'take-over': 'Take over',
  release: 'Release',
  escalate: 'Escalate',
  assist: 'Assist',
  confirm: 'I am on it',
  revise: 'Revise brief',
  classify: 'Classify',
  dismiss: 'Dismiss',
  'set-phase': 'Set phase',
  resolve: 'Resolve',
  reopen: 'Reopen',
  note: 'Note',
  'assign-role': 'Roles',
  'add-task': 'Add task',
  'set-task': 'Change task',
  'add-evidence': 'Add evidence',
  'withdraw-evidence': 'Withdraw evidence',
  'start-clock': 'Start a clock',
  'stop-clock': 'Record a submission',
  update: 'Update',
  flag: 'Flags',
  restrict: 'Restrict',
  lift: 'Lift the restriction',
  merge: 'Merge',
  split: 'Split',
  undo: 'Undo',
}

const keys: Partial<Record<ActionType, string>> = {
  claim: 'c',
  offer: 'o',
  accept: 'a',
  update: 'u',
  escalate: 'e',
  note: 'n',
  classify: 't',
  'add-task': 'w',
  'add-evidence': 'v',
  'set-phase': 'p',
  merge: 'm',
  split: 's',
}

/**
 * What this person can do to this incident now, most wanted first. It only shows and hides: the server decides, and
 * may still refuse what another person's command has made impossible meanwhile.
 */
export function actionsFor(summary: Summary, actor: Actor): IncidentAction[] {
  const may = (type: CommandType) => actor.actions.includes(commandAction[type])
  const commander = actor.actions.includes('incident.command')
  const open = isOpen(summary.phase)
  const owner = summary.owner?.id === actor.id
  const leads = owner || commander
  const offeredToMe = summary.offer?.eligible.includes(actor.id) ?? false
  const assists = summary.assistants.some((person) => person.id === actor.id)
  const list: IncidentAction[] = []
  const add = (type: ActionType, rank: IncidentAction['rank'], when: boolean) => {
    const command: CommandType =
      type === 'resolve' ? 'set-phase' : type === 'restrict' || type === 'lift' ? 'flag' : type
    if (when && may(command)) list.push({ type, label: labels[type], key: keys[type] ?? null, rank })
  }

  add('accept', 'main', open && offeredToMe)
  add('decline', 'near', open && offeredToMe)
  add('claim', offeredToMe ? 'near' : 'main', open && summary.owner === null)
  add('confirm', 'main', open && owner && summary.ownerSilentSince !== null)
  add('resolve', 'main', open && leads && summary.owner !== null && summary.suggestResolve)
  add('grant-relief', 'main', open && leads && summary.reliefAskedBy !== null && summary.offer === null)
  add('withdraw', 'near', open && leads && summary.offer !== null)
  add('classify', summary.tier === null ? 'near' : 'more', open && leads)
  add('offer', 'near', open && leads && summary.offer === null)
  add('update', 'near', open)
  add(
    'set-phase',
    'near',
    leads && summary.phase !== 'dismissed' && summary.phase !== 'merged' && summary.phase !== 'closed',
  )
  add('escalate', 'near', open)
  add('note', 'near', true)
  add('add-task', 'more', open)
  add('add-evidence', 'more', summary.phase !== 'dismissed' && summary.phase !== 'merged' && summary.phase !== 'closed')
  add('start-clock', 'more', summary.phase !== 'merged')
  add('stop-clock', 'more', summary.clocks !== undefined && summary.clocks.next.length > 0)
  add('assign-role', 'more', open)
  add(
    'ask-relief',
    'more',
    open && summary.owner !== null && !owner && summary.reliefAskedBy?.id !== actor.id && !offeredToMe,
  )
  add('assist', 'more', open && !owner && !assists)
  add('revise', 'more', open)
  add('flag', 'more', true)
  const restricted = summary.flags.includes('restricted')
  add('restrict', 'more', !restricted)
  add('lift', 'more', restricted && commander)
  // Of what nobody owns, whoever owns the other one may merge it; the server knows which one that is.
  add('merge', 'more', open && (leads || summary.owner === null))
  add('split', 'more', open && (leads || summary.owner === null) && summary.alerts.total > 1)
  add('release', 'more', open && owner)
  // Where no commander is on, the server lets whoever the escalation asks next: of an owner who is silent anybody may ask.
  const mayTakeOver = commander || summary.ownerSilentSince !== null
  add('take-over', 'more', open && summary.owner !== null && !owner && mayTakeOver)
  add('resolve', 'more', open && leads && summary.owner !== null && !summary.suggestResolve)
  add('dismiss', 'more', open && leads)
  add('reopen', 'main', !open && summary.phase !== 'merged')
  return list
}

export function actionLabel(type: ActionType): string {
  return labels[type]
}

/** A command as somebody asked for it: `Claim INC-1042`. */
export function commandWords(type: string, incidentId: string): string {
  return `${type in labels ? labels[type as ActionType] : type} ${incidentId}`
}
