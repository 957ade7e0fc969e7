import { z } from 'zod'
import type { Action } from '../access.ts'
import { addEvidenceFields, fitsItsKind, fitsItsKindMessage } from '../evidence.ts'
import { briefSchema } from './brief.ts'
import { type RoleName, roleNameSchema } from './roles.ts'
import { phaseSchema, settableFlags, tierSchema } from './state.ts'
import { taskStateSchema } from './tasks.ts'

const reason = z.string().trim().min(1, 'say why, in a few words').max(500)
const personId = z.string().min(1).max(64)
const dueInMin = z
  .number()
  .int()
  .min(1)
  .max(30 * 24 * 60)
const text = (max: number) => z.string().trim().min(1).max(max)

const moment = z.iso.datetime({ offset: true })

const envelope = {
  id: z
    .string()
    .min(1)
    .max(128)
    .describe('Made by the sender; the same id again gives the stored answer, not a second act.'),
  revision: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('The incident revision read; a newer one refuses the command.'),
}
const role = roleNameSchema.optional().describe('Of a role of the incident; without, of its ownership')
const command = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ ...envelope, type: z.literal(type), ...shape })

/** What people may ask of an incident. Imperative; each has an id and gets a definite answer. */
export const commandSchema = z.discriminatedUnion('type', [
  command('claim', {}),
  command('offer', { to: z.string().min(1).max(80).describe("A person's id, or team:<id>"), brief: briefSchema }),
  // For an acceptance `revision` is the offer's, not the incident's (contract.md).
  z.strictObject({
    id: envelope.id,
    type: z.literal('accept'),
    revision: z.number().int().positive().describe('The offer revision whose brief was read.'),
    readBack: text(280).describe('The situation in the receiver’s own words, one line.'),
    role,
  }),
  command('decline', { reason, role }),
  command('withdraw', { reason: reason.optional(), role }),
  command('ask-relief', { reason: reason.optional() }),
  command('grant-relief', { to: z.string().min(1).max(80).optional(), brief: briefSchema.optional() }),
  command('take-over', { reason, role }),
  command('release', { reason, role }),
  command('escalate', { person: personId.optional(), reason: reason.optional() }),
  command('assist', { person: personId.optional() }),
  command('confirm', {}),
  command('seen', {}),
  command('revise', { brief: briefSchema }),
  command('classify', { tier: tierSchema, reason }),
  command('dismiss', { reason }),
  command('set-phase', { phase: phaseSchema.exclude(['dismissed', 'merged']), reason: reason.optional() }),
  command('reopen', { reason }),
  command('note', { text: text(4000) }),
  command('update', {
    text: text(2000),
    nextInMin: z
      .number()
      .int()
      .min(1)
      .max(7 * 24 * 60)
      .optional(),
  }),
  command('flag', { flag: z.enum(settableFlags), on: z.boolean() }),
  command('assign-role', {
    role: roleNameSchema,
    person: z
      .string()
      .min(1)
      .max(80)
      .describe('Oneself, to take what nobody has; else it is offered to them, or to team:<id>'),
    note: text(500).optional().describe('What the receiver should know'),
  }),
  command('add-task', {
    text: text(280),
    person: personId.optional().describe('Who does it; without, whoever takes it'),
    dueInMin: dueInMin.optional(),
  }),
  command('set-task', {
    task: z.number().int().positive().describe('Its number in this incident'),
    state: taskStateSchema,
    person: personId.nullable().optional().describe('null: whoever takes it; without, as it was'),
    dueInMin: dueInMin.nullable().optional().describe('From now; null: no time; without, as it was'),
  }),
  command('add-evidence', addEvidenceFields).refine(fitsItsKind, { message: fitsItsKindMessage, path: ['kind'] }),
  command('withdraw-evidence', {
    evidence: z.number().int().positive().describe('Its number in this incident'),
    reason,
  }),
  command('start-clock', {
    clock: z.string().min(1).max(80).describe('Of `GET /api/clocks`; to correct a start, as the incident names it'),
    at: moment.optional().describe('When it started: when one became aware, when it was classified. Without: now'),
    awareAt: moment.optional().describe('When one became aware, for a clock that starts with something later'),
    reason,
    correct: z.boolean().optional().describe('The clock runs already, and started at another time'),
  }),
  command('stop-clock', {
    clock: z.string().min(1).max(80).describe('As the incident names it'),
    deadline: z.string().min(1).max(40).optional().describe('What was submitted; without, the first that was not'),
    at: moment.optional().describe('When it was submitted; without, now'),
    how: z
      .enum(['submitted', 'not-required', 'mistaken'])
      .optional()
      .describe('Without: submitted. not-required: all that is left; mistaken: it was recorded and is not so'),
    reason: reason.describe('What was submitted to whom, with its reference; or why it is not required'),
  }),
  command('merge', {
    into: z.string().min(1).max(40).describe('The incident that goes on; this one ends as merged'),
    reason: reason.optional(),
  }),
  command('split', {
    alerts: z.array(z.string().min(1).max(64)).min(1).max(10_000).describe('Alerts of this incident that are another'),
    title: text(200).optional().describe('Of the new incident; else that of its first alert'),
    reason,
  }),
  command('undo', {
    seq: z.number().int().positive().describe('The fact to take back: a merge, or a split'),
    reason: reason.optional(),
  }),
])
export type Command = z.output<typeof commandSchema>
/** Those that change two incidents in one step (`merging.ts`). */
export type MergingCommand = Extract<Command, { type: 'merge' | 'split' | 'undo' }>
export type CommandType = Command['type']
export const commandTypes: readonly CommandType[] = commandSchema.options.map((option) => option.shape.type.value)

/** A person declares an incident by hand. */
export const declareSchema = z.strictObject({
  id: envelope.id.optional(),
  title: text(200),
  service: z.string().max(80).nullable().default(null),
  tier: tierSchema.nullable().default(null),
  description: z.string().trim().max(2000).default(''),
  flags: z.array(z.enum(settableFlags)).max(settableFlags.length).default([]),
})
export type Declare = z.output<typeof declareSchema>

/** What an actor must be allowed to do, for each command; `decide` then looks at their part in the incident. */
export const commandAction: Readonly<Record<CommandType, Action>> = {
  claim: 'incident.respond',
  offer: 'incident.respond',
  accept: 'incident.respond',
  decline: 'incident.respond',
  withdraw: 'incident.respond',
  'ask-relief': 'incident.respond',
  'grant-relief': 'incident.respond',
  // By a commander; where none is on, `decide` lets the next step of the escalation.
  'take-over': 'incident.respond',
  release: 'incident.respond',
  escalate: 'incident.respond',
  assist: 'incident.respond',
  confirm: 'incident.respond',
  seen: 'incident.respond',
  revise: 'incident.respond',
  classify: 'incident.respond',
  dismiss: 'incident.respond',
  'set-phase': 'incident.respond',
  reopen: 'incident.respond',
  note: 'incident.respond',
  update: 'incident.speak',
  flag: 'incident.respond',
  'assign-role': 'incident.respond',
  'add-task': 'incident.respond',
  'set-task': 'incident.respond',
  'add-evidence': 'incident.respond',
  'withdraw-evidence': 'incident.respond',
  'start-clock': 'clock.manage',
  'stop-clock': 'clock.manage',
  merge: 'incident.respond',
  split: 'incident.respond',
  undo: 'incident.respond',
}

/** Whether it is about a role that does not lead: whoever speaks for the house may have it, and hand it on. Rule R5. */
export function isSpeaking(command: { role?: RoleName | undefined }): boolean {
  return command.role !== undefined && command.role !== 'commander'
}

/** What an actor must be allowed to do to give this very command. */
export function actionOf(command: { type: CommandType; role?: RoleName | undefined }): Action {
  return isSpeaking(command) ? 'incident.speak' : commandAction[command.type]
}
