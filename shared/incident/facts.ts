import { z } from 'zod'
import { notificationReasonSchema } from '../duty/escalation.ts'
import { severitySchema } from '../event.ts'
import { clockFacts } from '../legal/facts.ts'
import { briefSchema } from './brief.ts'
import { roleNameSchema } from './roles.ts'
import { flags, phaseSchema, tierSchema } from './state.ts'
import { taskStateSchema } from './tasks.ts'

const instant = z.number().int()
const person = z.string().min(1)
const alertIds = z.array(z.string())

/**
 * What can happen to an incident: past tense, append-only, the only truth.
 *
 * `sealed` names the fields that hold people's words. The journal never stores those in a fact: it stores a salted
 * commitment to each, and the words in an encrypted row that can be destroyed without breaking the chain. This list is
 * therefore also the inventory of free text in the journal. A field may join it only with a new version of its fact.
 */
const definitions = {
  declared: {
    version: 1,
    sealed: ['title', 'description'],
    data: z.strictObject({
      title: z.string(),
      description: z.string(),
      service: z.string().nullable(),
      team: z.string().nullable(),
      severity: severitySchema,
      tier: tierSchema.nullable(),
      tierRule: z.string().nullable(),
      flags: z.array(z.enum(flags)),
      drill: z.boolean(),
      provisional: z.boolean(),
    }),
  },
  'alerts-attached': { version: 1, sealed: [], data: z.strictObject({ alerts: alertIds, rule: z.string() }) },
  'alerts-resolved': { version: 1, sealed: [], data: z.strictObject({ alerts: alertIds }) },
  claimed: { version: 1, sealed: [], data: z.strictObject({}) },
  offered: {
    version: 1,
    sealed: ['brief'],
    data: z.strictObject({
      to: z.string(),
      eligible: z.array(person),
      offeredAt: instant,
      deadlineAt: instant,
      revision: z.number().int(),
      brief: briefSchema,
    }),
  },
  'offer-reissued': {
    version: 1,
    sealed: ['brief', 'changed'],
    data: z.strictObject({
      deadlineAt: instant,
      revision: z.number().int(),
      brief: briefSchema,
      changed: z.string(),
    }),
  },
  'offer-withdrawn': { version: 1, sealed: ['reason'], data: z.strictObject({ reason: z.string() }) },
  'offer-declined': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ reason: z.string(), closed: z.boolean() }),
  },
  'offer-expired': {
    version: 1,
    sealed: [],
    data: z.strictObject({ to: z.string(), owner: person.nullable(), deadlineAt: instant }),
  },
  accepted: {
    version: 1,
    sealed: ['readBack'],
    data: z.strictObject({ from: person.nullable(), revision: z.number().int(), readBack: z.string() }),
  },
  'relief-asked': { version: 1, sealed: ['reason'], data: z.strictObject({ reason: z.string() }) },
  'taken-over': { version: 1, sealed: ['reason'], data: z.strictObject({ from: person, reason: z.string() }) },
  released: { version: 1, sealed: ['reason'], data: z.strictObject({ reason: z.string() }) },
  escalated: {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ person: person.nullable(), reason: z.string() }),
  },
  assisted: { version: 1, sealed: [], data: z.strictObject({ person }) },
  confirmed: { version: 1, sealed: [], data: z.strictObject({}) },
  // Somebody who was told says that they know; it binds them to nothing.
  seen: { version: 1, sealed: [], data: z.strictObject({}) },
  'owner-asked': { version: 1, sealed: [], data: z.strictObject({ owner: person, heardAt: instant }) },
  'owner-silent': { version: 1, sealed: [], data: z.strictObject({ owner: person, heardAt: instant }) },
  'brief-revised': { version: 1, sealed: ['brief'], data: z.strictObject({ brief: briefSchema }) },
  classified: {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ tier: tierSchema, from: tierSchema.nullable(), reason: z.string() }),
  },
  dismissed: { version: 1, sealed: ['reason'], data: z.strictObject({ reason: z.string() }) },
  'phase-set': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ phase: phaseSchema, from: phaseSchema, reason: z.string() }),
  },
  reopened: {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ phase: phaseSchema, from: phaseSchema, reason: z.string() }),
  },
  noted: { version: 1, sealed: ['text'], data: z.strictObject({ text: z.string() }) },
  updated: {
    version: 1,
    sealed: ['text'],
    data: z.strictObject({ text: z.string(), nextDueAt: instant.nullable() }),
  },
  flagged: { version: 1, sealed: [], data: z.strictObject({ flag: z.enum(flags), on: z.boolean() }) },
  'task-added': {
    version: 1,
    sealed: ['text'],
    data: z.strictObject({
      task: z.number().int(),
      text: z.string(),
      person: person.nullable(),
      dueAt: instant.nullable(),
    }),
  },
  // What the task is after it, and what of that is new.
  'task-set': {
    version: 1,
    sealed: [],
    data: z.strictObject({
      task: z.number().int(),
      state: taskStateSchema,
      person: person.nullable(),
      dueAt: instant.nullable(),
      changed: z.array(z.enum(['state', 'person', 'due'])),
    }),
  },
  // `phase` and `owner` are what it had, so that a merge can be taken back. `rule`: of the filter; null: by a person.
  merged: {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      into: z.string(),
      phase: phaseSchema,
      owner: person.nullable(),
      rule: z.string().nullable(),
      reason: z.string(),
    }),
  },
  unmerged: {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ from: z.string(), phase: phaseSchema, owner: person.nullable(), reason: z.string() }),
  },
  // `firing` and `total`: by how many the counts change. Which alerts they are stands once, where they leave.
  'alerts-moved-out': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      to: z.string(),
      why: z.enum(['merge', 'split', 'undo']),
      alerts: alertIds,
      firing: z.number().int(),
      total: z.number().int(),
      reason: z.string(),
    }),
  },
  'alerts-moved-in': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      from: z.string(),
      why: z.enum(['merge', 'split', 'undo']),
      firing: z.number().int(),
      total: z.number().int(),
      rule: z.string().nullable(),
      reason: z.string(),
    }),
  },
  // Who was told that nobody owns it, and when the next are. `quietUntil`: nobody, because it can wait until then.
  paged: {
    version: 1,
    sealed: [],
    data: z.strictObject({
      policy: z.string().nullable(),
      step: z.number().int(),
      round: z.number().int(),
      reason: z.enum(['first', 'escalated', 'reminder']),
      targets: z.array(z.string()),
      people: z.array(person),
      channels: z.array(z.string()),
      nextAt: instant.nullable(),
      quietUntil: instant.nullable(),
    }),
  },
  // What became of telling one person, or one shared channel. `channel`: the kind of a person's own, or the id of a shared one.
  notified: {
    version: 1,
    sealed: ['detail'],
    data: z.strictObject({
      key: z.string(),
      reason: notificationReasonSchema,
      person: person.nullable(),
      channel: z.string(),
      outcome: z.enum(['delivered', 'failed', 'given-up']),
      attempt: z.number().int(),
      detail: z.string(),
    }),
  },
  'update-late': { version: 1, sealed: [], data: z.strictObject({ dueAt: instant }) },
  'relief-prepared': {
    version: 1,
    sealed: [],
    data: z.strictObject({ owner: person, rotation: z.string(), endsAt: instant, to: z.array(person) }),
  },
  'shift-ended': {
    version: 1,
    sealed: [],
    data: z.strictObject({ owner: person, rotation: z.string(), endsAt: instant }),
  },
  'role-taken': { version: 1, sealed: [], data: z.strictObject({ role: roleNameSchema }) },
  'role-offered': {
    version: 1,
    sealed: ['note'],
    data: z.strictObject({
      role: roleNameSchema,
      to: z.string(),
      eligible: z.array(person),
      offeredAt: instant,
      deadlineAt: instant,
      revision: z.number().int(),
      note: z.string(),
    }),
  },
  'role-accepted': {
    version: 1,
    sealed: ['readBack'],
    data: z.strictObject({
      role: roleNameSchema,
      from: person.nullable(),
      revision: z.number().int(),
      readBack: z.string(),
    }),
  },
  'role-offer-ended': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({
      role: roleNameSchema,
      revision: z.number().int(),
      how: z.enum(['declined', 'withdrawn', 'expired']),
      reason: z.string(),
    }),
  },
  'role-taken-over': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ role: roleNameSchema, from: person, reason: z.string() }),
  },
  'role-released': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ role: roleNameSchema, reason: z.string() }),
  },
  // `sha256` of the content is guessed as easily as its words; `digest`, of what is stored, says nothing of them.
  'evidence-added': {
    version: 1,
    sealed: ['name', 'url', 'note', 'sha256'],
    data: z.strictObject({
      evidence: z.number().int(),
      kind: z.enum(['file', 'link', 'payload']),
      name: z.string(),
      url: z.string(),
      note: z.string(),
      mediaType: z.string().nullable(),
      size: z.number().int().nullable(),
      sha256: z.string(),
      digest: z.string().nullable(),
      alert: z.string().nullable(),
      pos: z.number().int().nullable(),
      verbatim: z.boolean(),
    }),
  },
  'evidence-withdrawn': {
    version: 1,
    sealed: ['reason'],
    data: z.strictObject({ evidence: z.number().int(), reason: z.string() }),
  },
  // Its bytes are gone for good, because it was withdrawn so long ago. What it was stays in the record.
  'evidence-destroyed': {
    version: 1,
    sealed: [],
    data: z.strictObject({ evidence: z.number().int(), digest: z.string() }),
  },
  ...clockFacts,
  // What the filter has found to be the root of it, while nobody has touched it.
  identified: {
    version: 1,
    sealed: ['title'],
    data: z.strictObject({
      title: z.string(),
      service: z.string().nullable(),
      team: z.string().nullable(),
      severity: severitySchema,
      tier: tierSchema.nullable(),
      rule: z.string(),
    }),
  },
} as const satisfies Record<string, { version: number; sealed: readonly string[]; data: z.ZodObject }>

export type FactType = keyof typeof definitions
export const factTypes = Object.keys(definitions) as FactType[]

/** What happened, when (epoch ms), and by whom (`person:<id>`, `system:filter`, `system:clock`). */
export type Fact = {
  [T in FactType]: { type: T; at: number; by: string } & NamedKeys<z.output<(typeof definitions)[T]['data']>>
}[FactType]
/** Drops the `never` index signature that zod gives an empty object, which would forbid the envelope's own keys. */
type NamedKeys<T> = { [K in keyof T as string extends K ? never : K]: T[K] }
export type FactOf<T extends FactType> = Extract<Fact, { type: T }>

/** A fact in its place: `seq` is its position in the whole journal, `version` in its incident's own stream. */
export type RecordedFact = Fact & { seq: number; incidentId: string; version: number }

/** The version in which facts of this type are written today. */
export function factVersion(type: FactType): number {
  return definitions[type].version
}

/** Fields that hold people's words, and are therefore committed to, encrypted and erasable. */
export function sealedFields(type: FactType): readonly string[] {
  return definitions[type].sealed
}

/** Stands in for words that were erased: the fact stays, the words are gone. */
export const erasedText = '[erased]'
const erasedBrief = briefSchema.parse({ situation: erasedText })

/** The value a sealed field has after its words were erased. */
export function erasedValue(field: string): unknown {
  return field === 'brief' ? erasedBrief : erasedText
}

/**
 * Reads a fact's data back from storage. Older versions are lifted here, by pure upcasters, when there are any.
 * @throws TypeError for an unknown type or version, ZodError for data of the wrong shape
 */
export function readFact(type: string, version: number, at: number, by: string, data: unknown): Fact {
  const definition = definitions[type as FactType]
  if (definition === undefined) throw new TypeError(`unknown fact type "${type}"`)
  if (definition.version !== version) throw new TypeError(`fact "${type}" has unknown version ${version}`)
  return { type, at, by, ...definition.data.parse(data) } as Fact
}

/** Facts by people move the incident's revision; facts by the system do not, nor does that somebody has seen it. */
export function isHuman(fact: Pick<Fact, 'by' | 'type'>): boolean {
  return fact.by.startsWith('person:') && fact.type !== 'seen'
}
