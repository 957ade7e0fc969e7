import { z } from 'zod'
import { actions, personRoles } from './access.ts'
import { severitySchema } from './event.ts'
import { evidenceViewSchema } from './evidence.ts'
import { filterChangeSchema, filterViewSchema } from './filter-room.ts'
import {
  type HopView,
  hopSchema,
  offerViewSchema,
  pagingViewSchema,
  roleViewSchema,
  shiftEndViewSchema,
} from './incident/chain-view.ts'
import { commandTypes } from './incident/commands.ts'
import { flags, phaseSchema, tierSchema } from './incident/state.ts'
import { taskSumSchema, taskViewSchema } from './incident/tasks.ts'
import { clockSumSchema, clockViewSchema } from './legal/view.ts'
import { outcomes } from './outcome.ts'
import { toteChangeSchema, toteViewSchema } from './readiness.ts'
import { settingFieldSchema, settingsSchema } from './source.ts'

/** ISO 8601 UTC with milliseconds. */
export const instant = z.iso.datetime({ precision: 3 })
const ms = z.number()
export const personRef = z.strictObject({ id: z.string(), name: z.string() })

/** One incident in a list (contract.md: Summary). */
export const summarySchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  phase: phaseSchema,
  tier: tierSchema.nullable(),
  severity: severitySchema,
  owner: personRef.nullable(),
  offer: offerViewSchema.nullable(),
  service: z.string().nullable(),
  team: z.string().nullable(),
  openedAt: instant,
  heardAt: instant.describe('Last information received about it'),
  resolvedAt: instant.nullable(),
  alerts: z.strictObject({ firing: z.number(), total: z.number() }),
  events: z.number(),
  activity: z
    .array(z.number())
    .describe('Events per minute, oldest first, up to 30; the newest is the minute of the last event'),
  activityUntil: instant
    .nullable()
    .describe('Start of that minute; null when there was no event. The minutes since had none'),
  chain: z.array(hopSchema),
  handovers: z.number(),
  unownedMs: ms.describe('Up to `unownedSince`, where that is set: add now − unownedSince'),
  unownedSince: instant.nullable(),
  reliefAskedBy: personRef.nullable(),
  assistants: z.array(personRef),
  roles: z.array(roleViewSchema).optional().describe('Absent: nobody ever had one'),
  paging: pagingViewSchema.optional().describe('Absent: somebody owns it, or nobody was told yet'),
  shiftEnd: shiftEndViewSchema.optional().describe('Absent: the shift of its owner does not end soon'),
  ownerSilentSince: instant.nullable(),
  nextUpdateDueAt: instant.nullable(),
  tasks: taskSumSchema.optional().describe('Absent: none was ever added'),
  clocks: clockSumSchema.optional().describe('Legal and agreed clocks that run. Absent: none does'),
  flags: z.array(z.enum(flags)),
  drill: z.boolean(),
  provisional: z.boolean(),
  silenced: z
    .strictObject({
      until: instant.describe('When the first of them is heard of again'),
      by: z.string().describe('Who silenced it, as they call themselves'),
      id: z.string(),
    })
    .nullable()
    .describe('Set while all its firing alerts are silenced'),
  suggestResolve: z.boolean().describe('All alerts have resolved; a person may resolve it'),
  mergedInto: z.string().optional().describe('Set while it is merged: the incident that its alerts are in'),
  revision: z.number().describe('Facts by people; what a command’s `revision` is compared with'),
  seq: z.number(),
})
export type Summary = z.output<typeof summarySchema>
export type { HopView }

/** One source's age and rate, for boards and walls. */
export const sourceVitalsSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  heardAt: instant.nullable(),
  /** Null: this source declares no cadence, so its age is shown in plain text and never coloured. */
  cadenceMs: ms.nullable(),
  perMinute: z.number().describe('Events in the last full minute'),
})
export type SourceVitals = z.output<typeof sourceVitalsSchema>

/** Conservation: accepted = sum of outcomes, over the last hour. */
export const ledgerSumSchema = z.strictObject({
  sinceMs: ms,
  accepted: z.number(),
  outcomes: z.partialRecord(z.enum(outcomes), z.number()),
})
export type LedgerSum = z.output<typeof ledgerSumSchema>

/** A fact as it leaves the server: its data beside its place and its author. */
export const factViewSchema = z.looseObject({
  seq: z.number(),
  incidentId: z.string(),
  version: z.number(),
  type: z.string(),
  at: instant,
  by: z.strictObject({ id: z.string(), name: z.string() }),
})
export type FactView = z.output<typeof factViewSchema>

export const alertViewSchema = z.strictObject({
  id: z.string(),
  source: z.strictObject({ id: z.string(), name: z.string() }),
  status: z.enum(['firing', 'resolved']),
  severity: severitySchema,
  severityRaw: z.string(),
  title: z.string(),
  description: z.string(),
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  links: z.array(z.strictObject({ href: z.string(), text: z.string() })),
  startsAt: instant,
  endsAt: instant.nullable(),
  endAssumed: z.boolean(),
  heardAt: instant,
  events: z.number(),
  acknowledgedAt: instant.nullable(),
  why: z.string(),
  silence: z
    .strictObject({ id: z.string(), createdBy: z.string(), endsAt: instant, comment: z.string() })
    .nullable()
    .describe('The silence in force that matches it; of several, the one that ends last'),
  inhibited: z
    .strictObject({ by: z.string().describe('Id of the alert that is its cause'), rule: z.string() })
    .nullable()
    .describe('Set while a rule of inhibition holds it back, or marks it in its incident'),
  damped: z
    .strictObject({ until: instant, rule: z.string() })
    .nullable()
    .describe('Set while it flaps: `until` is when it is let go at the earliest'),
  shed: z.strictObject({ rule: z.string() }).nullable().describe('Set while it is held back as one of a storm'),
})
export type AlertView = z.output<typeof alertViewSchema>

const briefView = z.looseObject({ situation: z.string() })
/** One incident in full: its summary and everything the incident page shows. */
export const incidentViewSchema = z.strictObject({
  summary: summarySchema,
  description: z.string(),
  brief: briefView.nullable(),
  offerBrief: briefView.nullable(),
  offerChanged: z.array(z.string()),
  lastUpdate: z.strictObject({ text: z.string(), at: instant, by: personRef }).nullable(),
  runbook: z.string().nullable(),
  tasks: z.array(taskViewSchema),
  evidence: z.array(evidenceViewSchema),
  clocks: z.array(clockViewSchema).optional().describe('Absent: none was ever started'),
  facts: z.array(factViewSchema).describe('All of them, oldest first'),
  alerts: z.array(alertViewSchema).describe('The newest 500, firing first'),
})
export type IncidentView = z.output<typeof incidentViewSchema>

/** What commanders must hear of at once; each once. Where a merged incident went, everybody hears who sees it leave. */
export const noticeSchema = z.strictObject({
  id: z.string(),
  kind: z.enum([
    'offer-expired',
    'owner-silent',
    'shift-ended',
    'nobody-told',
    'relief-asked',
    'tier-1-opened',
    'merged',
  ]),
  incidentId: z.string().describe('`merged`: the one that goes on'),
  text: z.string(),
  by: z.string().optional().describe('`merged`: the person who did it, who knows'),
  at: instant,
})
export type Notice = z.output<typeof noticeSchema>

const heldBack = z.number().describe('Firing alerts that are held back now')
const sharedSnapshot = {
  incidents: z.array(summarySchema),
  sources: z.array(sourceVitalsSchema),
  ledger: ledgerSumSchema,
  heldBack,
}
/** Rooms of this version. Others of contract.md arrive with their screens. */
export const roomSchema = z.union([
  z.enum(['board', 'wall', 'filter', 'tote']),
  z.templateLiteral(['incident:', z.string().min(1).max(40)]),
])
export type Room = z.output<typeof roomSchema>

const place = { room: roomSchema, seq: z.number(), toldAt: instant.describe('When the server sent it') }
export const frameSchema = z.union([
  z.strictObject({ ...place, kind: z.literal('snapshot'), ...sharedSnapshot }),
  z.strictObject({ ...place, kind: z.literal('snapshot'), incident: incidentViewSchema }),
  z.strictObject({ ...place, kind: z.literal('snapshot'), filter: filterViewSchema }),
  z.strictObject({ ...place, kind: z.literal('delta'), after: z.number(), filter: filterChangeSchema }),
  z.strictObject({ ...place, kind: z.literal('snapshot'), tote: toteViewSchema }),
  z.strictObject({ ...place, kind: z.literal('delta'), after: z.number(), tote: toteChangeSchema }),
  z.strictObject({
    ...place,
    kind: z.literal('delta'),
    after: z.number(),
    upsert: z.array(summarySchema),
    remove: z.array(z.string()),
    sources: z.array(sourceVitalsSchema).optional(),
    ledger: ledgerSumSchema.optional(),
    heldBack: heldBack.optional(),
    notices: z.array(noticeSchema),
    receivedAt: instant
      .nullable()
      .describe('When the oldest event or command in this frame reached us: telling latency'),
  }),
  z.strictObject({
    ...place,
    kind: z.literal('delta'),
    after: z.number(),
    /** Summary and facts since `after`; alerts are the changed ones only. */
    incident: incidentViewSchema.omit({ facts: true, alerts: true }),
    facts: z.array(factViewSchema),
    alerts: z.array(alertViewSchema),
    gone: z.array(z.string()).optional().describe('Alerts that are in another incident now'),
    receivedAt: instant.nullable(),
  }),
])
export type Frame = z.output<typeof frameSchema>
export type BoardSnapshot = Extract<Frame, { kind: 'snapshot'; incidents: unknown }>
export type BoardDelta = Extract<Frame, { kind: 'delta'; upsert: unknown }>
export type FilterSnapshot = Extract<Frame, { kind: 'snapshot'; filter: unknown }>
export type FilterDelta = Extract<Frame, { kind: 'delta'; filter: unknown }>
export type ToteSnapshot = Extract<Frame, { kind: 'snapshot'; tote: unknown }>
export type ToteDelta = Extract<Frame, { kind: 'delta'; tote: unknown }>
export type IncidentSnapshot = Extract<Frame, { kind: 'snapshot'; incident: unknown }>
export type IncidentDelta = Extract<Frame, { kind: 'delta'; facts: unknown }>

/** Every 5 s: proof of life, and the newest seq of each room this socket watches. */
export const beatSchema = z.strictObject({
  at: instant,
  protocol: z.string(),
  /** What keeps the server from taking anything in, in words for people; null when nothing does. */
  trouble: z.string().nullable(),
  seq: z.record(z.string(), z.number()),
  sources: z.array(sourceVitalsSchema),
})
export type Beat = z.output<typeof beatSchema>

/** server → client `removed`: this incident is no longer there for this client, or it has left its board. */
export const removedSchema = z.strictObject({
  room: roomSchema,
  why: z
    .enum(['hidden', 'left'])
    .describe('hidden: a restriction, or the end of a right; left: only the board let it go'),
})
export type Removed = z.output<typeof removedSchema>

export const watchSchema = z.strictObject({ room: roomSchema, have: z.number().int().optional() })
export const unwatchSchema = z.strictObject({ room: roomSchema })
/** The socket's `command`: the HTTP body with the incident beside it. */
export const socketCommandSchema = z.looseObject({ incident: z.string().min(1).max(40) })

/** Answer to a command, by socket and by HTTP (200). */
export const commandAnswerSchema = z.strictObject({ seq: z.number(), facts: z.array(factViewSchema) })
export type CommandAnswer = z.output<typeof commandAnswerSchema>

export const meSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(personRoles)),
  actions: z.array(z.enum(actions)),
  teams: z.array(z.string()),
})
export type Me = z.output<typeof meSchema>

export const personViewSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable().describe('Only for administrators'),
  roles: z.array(z.enum(personRoles)),
  disabled: z.boolean(),
  invited: z.boolean().describe('Has not set a password yet'),
})
export type PersonView = z.output<typeof personViewSchema>

/** A team of the policy file. */
export const teamViewSchema = z.strictObject({ id: z.string(), name: z.string(), members: z.array(z.string()) })
export type TeamView = z.output<typeof teamViewSchema>

export const sourceViewSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  name: z.string(),
  createdAt: instant,
  defaultSeverity: severitySchema.nullable(),
  settings: settingsSchema,
  secretSettings: z.array(z.string()).describe('Names of the secret settings that have a value'),
  keys: z.array(
    z.strictObject({
      id: z.string(),
      prefix: z.string(),
      createdAt: instant,
      lastUsedAt: instant.nullable(),
      endsAt: instant.nullable().optional().describe('Set while it is being rotated out: it stops working then'),
      revokedAt: instant.nullable(),
    }),
  ),
  secretSetAt: instant.nullable().describe('When the newest signing secret was set'),
  listening: z
    .strictObject({ ok: z.boolean(), says: z.string() })
    .nullable()
    .describe('How it stands with a door of its own that is no HTTP; null: its kind has none'),
  silentSince: instant.nullable().describe('Last sign of life, while it is silent for longer than its settings allow'),
  expectedBy: instant.nullable().describe('When it will be missed; null: nothing is expected of it'),
  vitals: sourceVitalsSchema,
  lastHour: z.strictObject({ accepted: z.number(), outcomes: z.partialRecord(z.enum(outcomes), z.number()) }),
  lost: z.number().describe('Members of its requests that could not be read and wait in lost property'),
})
export type SourceView = z.output<typeof sourceViewSchema>

/** A kind of source, as choosing, connecting and setting up one needs to know it. */
export const sourceKindSchema = z.strictObject({
  kind: z.string(),
  title: z.string(),
  signs: z
    .enum(['ours', 'theirs'])
    .nullable()
    .describe('Who makes the secret for its signatures; null = it does not sign'),
  settings: z.array(settingFieldSchema).describe('What can be set besides what every source has'),
  doors: z.array(z.string()).describe('Where its requests come in: what a sample can be tried as; the usual one first'),
})
export type SourceKindView = z.output<typeof sourceKindSchema>

const trouble = { reason: z.string(), count: z.number(), lastAt: instant }
/** What came to nothing in the last 24 hours, or since the server started. */
export const troublesSchema = z.strictObject({
  since: instant,
  refused: z
    .array(z.strictObject({ ...trouble, status: z.number() }))
    .describe('Whole requests; nothing of them is kept'),
  unreadable: z.array(z.strictObject(trouble)).describe('Members of requests that were kept'),
  others: z.number().describe('Of sorts that are not told apart any more'),
})
export type TroublesView = z.output<typeof troublesSchema>

/** What the page of one source shows. */
export const sourcePageSchema = z.strictObject({
  source: sourceViewSchema,
  kind: sourceKindSchema,
  commonSettings: z.array(settingFieldSchema),
  url: z.string().describe('Where it sends to'),
  keyPlace: z.string().describe('Stands in `connect` for the key, which is shown only when it is made'),
  connect: z.array(
    z.strictObject({ title: z.string(), language: z.enum(['yaml', 'shell', 'json', 'text']), text: z.string() }),
  ),
  minutes: z
    .array(z.number())
    .describe('Events in each of the last sixty minutes, oldest first; the last is under way'),
  firing: z.strictObject({
    alerts: z.number(),
    incidents: z
      .array(z.strictObject({ id: z.string(), title: z.string() }))
      .describe('Open ones that they are in; the newest ten'),
  }),
  troubles: troublesSchema,
})
export type SourcePage = z.output<typeof sourcePageSchema>

/** Names that both ends must agree on, besides the schemas. */
export const wireNames = { commandTypes, outcomes, phases: phaseSchema.options, flags, actions }

/**
 * This version of the wire: a hash of its schemas, pinned by a test. It travels in every beat: a page that was made for
 * another one says so and reloads.
 */
export const protocol = '595e5efc5efeaa79'
