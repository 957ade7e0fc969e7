import { z } from 'zod'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import type { RoleName } from '#shared/incident/roles.ts'
import type { FactView } from '#shared/wire.ts'
import type { CommandInput } from '../link/command-input.ts'
import type { CommandOutcome } from '../link/commands.ts'
import type { Queued } from '../link/offline/queued.ts'
import { type ActionType, commandWords } from './actions.ts'
import type { Announcer } from './announce.ts'

/** What a person is in the middle of doing: the dialog that is open. */
export interface Doing {
  type: ActionType | 'declare' | 'lost-claim' | 'merge-several'
  incidentId: string | null
  error?: ErrorBody
  /** The fact that is to be undone, or the number of the task that is to be changed. */
  seq?: number
  /** The role that it is about; without, it is about ownership. */
  role?: RoleName
}

export interface ActState {
  doing: Doing | null
  help: boolean
  palette: boolean
  /** Incidents that were chosen on the board, to be merged. */
  chosen: ReadonlySet<string>
}

/** What is said once it is done. */
export type Done = string | ((facts: readonly FactView[]) => string)

export interface Act {
  store: StoreApi<ActState>
  /** Begins it: done at once where nothing has to be said, else a dialog opens. */
  begin(type: ActionType | 'declare' | 'merge-several', incidentId: string | null, seq?: number, role?: RoleName): void
  end(): void
  /** @param id null: all of them */
  choose(id: string | null, on: boolean): void
  /** What was typed and not sent yet, by dialog: closing one by accident loses nothing. */
  drafts: Map<string, unknown>
  /** It is not there for this person any more: its dialog closes, and what was typed into it goes. */
  forget(incidentId: string): void
  /** Sends a command and says how it ended; `done` may depend on what happened. */
  send(incidentId: string, command: CommandInput, done: Done): Promise<CommandOutcome>
}

/** These need no words from the person. */
const atOnce: Partial<Record<ActionType, { command: CommandInput; done: (id: string) => string }>> = {
  claim: { command: { type: 'claim' }, done: (id) => `You own ${id}.` },
  confirm: { command: { type: 'confirm' }, done: (id) => `Noted: you are on ${id}.` },
  assist: { command: { type: 'assist' }, done: (id) => `You assist on ${id}.` },
}

/** Where commands go: to the server at once, or through what keeps them until it can be reached. */
export interface Sender {
  command(incident: string, command: CommandInput): Promise<CommandOutcome>
}

export function makeAct(link: Sender, announcer: Announcer): Act {
  const store = createStore<ActState>(() => ({ doing: null, help: false, palette: false, chosen: new Set() }))

  async function send(incidentId: string, command: CommandInput, done: Done): Promise<CommandOutcome> {
    const outcome = await link.command(incidentId, command)
    if (!outcome.ok) return outcome
    if (outcome.waits) {
      const text = `Not sent yet: ${commandWords(command.type, incidentId)}. It waits on this device until the server answers.`
      announcer.say({ tone: 'news', text, incidentId, offers: [], shownAt: '/mine' })
      return outcome
    }
    const text = typeof done === 'string' ? done : done(outcome.facts)
    announcer.say({ tone: 'done', text, incidentId, offers: [] })
    return outcome
  }

  async function sendAtOnce(incidentId: string, command: CommandInput, done: string): Promise<void> {
    const outcome = await send(incidentId, command, done)
    if (outcome.ok) return
    const { error } = outcome
    // Rule O1 on screen: the loser of a claim is told who won and when, and what else there is to do.
    if (error.code === 'already-owned' && store.getState().doing === null)
      store.setState({ doing: { type: 'lost-claim', incidentId, error } })
    else announcer.say({ tone: 'refused', text: error.message, incidentId, offers: insteadOf(error) })
  }

  const drafts = new Map<string, unknown>()

  function choose(id: string | null, on: boolean): void {
    const chosen = new Set(id === null ? [] : store.getState().chosen)
    if (id !== null && on) chosen.add(id)
    else if (id !== null) chosen.delete(id)
    store.setState({ chosen })
  }

  return {
    store,
    begin(type, incidentId, seq, role) {
      const quick = type === 'declare' || type === 'merge-several' ? undefined : atOnce[type]
      if (quick !== undefined && incidentId !== null) void sendAtOnce(incidentId, quick.command, quick.done(incidentId))
      else
        store.setState({
          doing: { type, incidentId, ...(seq !== undefined && { seq }), ...(role !== undefined && { role }) },
        })
    },
    drafts,
    end: () => store.setState({ doing: null }),
    choose,
    forget(incidentId) {
      if (store.getState().doing?.incidentId === incidentId) store.setState({ doing: null })
      for (const key of [...drafts.keys()]) if (key.split('/').includes(incidentId)) drafts.delete(key)
      if (store.getState().chosen.has(incidentId)) choose(incidentId, false)
    },
    send,
  }
}

const lostClaim = z.looseObject({
  owner: z.union([z.string(), z.looseObject({ id: z.string(), name: z.string() })]).optional(),
  since: z.string().optional(),
  instead: z.array(z.enum(['assist', 'ask-relief'])).optional(),
})

/** What the server proposes instead of what it refused. */
export function insteadOf(error: ErrorBody): ActionType[] {
  const details = lostClaim.safeParse(error.details)
  return details.success ? (details.data.instead ?? []) : []
}

/** Who won a claim and when, as far as the refusal says. */
export function winnerOf(error: ErrorBody): { name: string | null; sinceAt: number | null } {
  const details = lostClaim.safeParse(error.details)
  if (!details.success) return { name: null, sinceAt: null }
  const { owner, since } = details.data
  return {
    name: typeof owner === 'object' ? owner.name : null,
    sinceAt: since === undefined ? null : Date.parse(since),
  }
}

/** What became of something that had to wait, in one sentence. */
export function answerWords(item: Pick<Queued, 'type' | 'incident' | 'answer'>): string {
  const what = commandWords(item.type, item.incident)
  switch (item.answer?.how) {
    case 'done':
      return `Done: ${what}.`
    case 'refused':
      return `Refused: ${what}. ${item.answer.error?.message ?? ''}`.trim()
    case 'not-sent':
      return `Never sent: ${what}. Somebody else signed in on this device before it could be.`
    default:
      return `${what} waits.`
  }
}
