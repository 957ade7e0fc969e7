import { z } from 'zod'
import { CommandRefused, UxbridgeError } from './errors.ts'
import type { Context } from './incident/context.ts'
import type { Fact, FactOf } from './incident/facts.ts'
import { mention, requireNotEnded, requireRevision } from './incident/guards.ts'
import type { Incident } from './incident/state.ts'

export const evidenceKinds = ['file', 'link', 'payload'] as const
export type EvidenceKind = (typeof evidenceKinds)[number]

/** Bytes of one file, of all files of an incident, and how many pieces of evidence it may ever have. */
export const largestFile = 25 * 1024 * 1024
export const mostFileBytes = 200 * 1024 * 1024
export const mostEvidence = 100

/** Something that shows what happened: a file, an address, or the request that an alert came with. Instants are epoch ms. */
export interface Evidence {
  /** Its number in this incident, from 1. */
  id: number
  kind: EvidenceKind
  /** Of a file; of the alert, where it is a payload; what a link is called. */
  name: string
  /** Of a link. */
  url: string | null
  note: string
  /** What a file is, by its own bytes. */
  mediaType: string | null
  size: number | null
  /** SHA-256 of the content, hex: what whoever has a copy can compare it with. */
  sha256: string | null
  /** SHA-256 of what is stored, hex: its name in the store. */
  digest: string | null
  /** Of a payload: the alert that it came with, and the log entry that it was. */
  alert: string | null
  pos: number | null
  /** A payload as it came; else what must not be kept in clear is masked in it. */
  verbatim: boolean
  addedAt: number
  /** Actor id. */
  by: string
  withdrawn: { at: number; by: string; reason: string } | null
  /** When its bytes were destroyed, because its time had ended. */
  destroyedAt: number | null
}

const instant = z.iso.datetime({ precision: 3 })
const who = z.strictObject({ id: z.string(), name: z.string() })

/** Evidence as it leaves the server. Its bytes are at `/api/incidents/<incident>/evidence/<id>`. */
export const evidenceViewSchema = z.strictObject({
  id: z.number().describe('Its number in this incident'),
  kind: z.enum(evidenceKinds),
  name: z.string(),
  url: z.string().nullable().describe('Of a link; never fetched by the server'),
  note: z.string(),
  mediaType: z.string().nullable(),
  size: z.number().nullable().describe('Bytes'),
  sha256: z.string().nullable().describe('Of the content, hex'),
  alert: z.string().nullable().describe('Of a payload: the alert that it came with'),
  verbatim: z.boolean().describe('A payload as it came, which only those may read who may read raw requests'),
  addedAt: instant,
  by: who,
  withdrawn: z.strictObject({ at: instant, by: who, reason: z.string() }).nullable(),
  destroyedAt: instant.nullable().describe('Its bytes were destroyed then, because its time had ended'),
})
export type EvidenceView = z.output<typeof evidenceViewSchema>

/** Whether an address may be kept as a link: absolute, http or https, without a password in it. */
export function isLink(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === ''
}

/** The fields of `add-evidence`, besides what every command has. */
export const addEvidenceFields = {
  kind: z.enum(['link', 'payload']).describe('Files come in at POST /api/incidents/:id/evidence'),
  url: z
    .string()
    .trim()
    .max(2000)
    .refine(isLink, 'must be a full address that begins with http:// or https://, without a password in it')
    .optional()
    .describe('Of a link'),
  alert: z.string().min(1).max(64).optional().describe('Of a payload: the alert whose request is kept'),
  verbatim: z
    .boolean()
    .optional()
    .describe('Of a payload: as it came, unmasked. Only for those who may read raw requests'),
  name: z.string().trim().min(1).max(200).optional().describe('What a link is called'),
  note: z.string().trim().max(500).optional().describe('What it shows'),
}
/** Rule EV3: a link has an address, a payload has an alert. */
export function fitsItsKind({
  kind,
  url,
  alert,
  verbatim,
}: {
  kind: 'link' | 'payload'
  url?: string | undefined
  alert?: string | undefined
  verbatim?: boolean | undefined
}): boolean {
  return kind === 'link'
    ? url !== undefined && alert === undefined && verbatim === undefined
    : alert !== undefined && url === undefined
}
export const fitsItsKindMessage = 'a link needs its "url", and a payload the id of an "alert"; one of the two'

/** Bytes that are kept already, and now become evidence: what an upload and a payload come to. */
export interface KeepEvidence {
  type: 'keep-evidence'
  kind: 'file' | 'payload'
  name: string
  note: string
  mediaType: string
  size: number
  sha256: string
  digest: string
  alert: string | null
  pos: number | null
  verbatim: boolean
}

/** Its time has ended: it was withdrawn so long ago. */
export interface DestroyEvidence {
  type: 'destroy-evidence'
  evidence: number
}

type EvidenceCommand =
  | KeepEvidence
  | DestroyEvidence
  | ({ type: 'add-evidence'; revision?: number | undefined } & z.output<z.ZodObject<typeof addEvidenceFields>>)
  | { type: 'withdraw-evidence'; revision?: number | undefined; evidence: number; reason: string }

/**
 * What follows if evidence is added or withdrawn. Rule EV4: what was added is never changed; withdrawn, it stays in the
 * record with who withdrew it and why.
 * @throws CommandRefused when the incident has ended, there is too much, it is there already, or is not theirs to withdraw
 */
export function decideEvidence(command: EvidenceCommand, incident: Incident, context: Context): Fact[] {
  const { now: at, by } = context
  const kept = incident.evidence ?? []
  switch (command.type) {
    case 'add-evidence': {
      requireRevision(command, incident)
      requireNotEnded(incident, 'add evidence')
      requireRoom(kept)
      const { url, name, note = '' } = command
      // A payload was turned into `keep-evidence` before it came here.
      if (url === undefined) throw new UxbridgeError('internal', 'the bytes of a payload are kept before it is decided')
      const twin = kept.find((one) => one.url === url && one.withdrawn === null)
      if (twin !== undefined) throw thereAlready('This link', twin)
      return [
        {
          ...nothing,
          type: 'evidence-added',
          at,
          by,
          evidence: kept.length + 1,
          kind: 'link',
          name: name ?? '',
          url,
          note,
        },
      ]
    }
    case 'keep-evidence': {
      requireNotEnded(incident, 'add evidence')
      requireRoom(kept)
      requireBytes(kept, command.size)
      const twin = kept.find(
        ({ sha256, withdrawn, destroyedAt, verbatim }) =>
          sha256 === command.sha256 && withdrawn === null && destroyedAt === null && verbatim === command.verbatim,
      )
      if (twin !== undefined) throw thereAlready(command.kind === 'file' ? 'This very file' : 'This very request', twin)
      const { type: _, ...data } = command
      return [{ ...nothing, type: 'evidence-added', at, by, evidence: kept.length + 1, ...data }]
    }
    case 'withdraw-evidence': {
      requireRevision(command, incident)
      const { evidence, reason } = command
      const one = kept.find(({ id }) => id === evidence)
      if (one === undefined)
        throw new CommandRefused('not-found', `${incident.id} has no evidence ${evidence}. Look again at its list.`)
      if (one.withdrawn !== null)
        throw new CommandRefused('nothing-to-change', `Evidence ${evidence} was withdrawn already.`)
      if (one.by !== by && !context.commander && by !== `person:${incident.owner}`)
        throw new CommandRefused(
          'not-allowed',
          `Only ${one.by.startsWith('person:') ? mention(one.by.slice('person:'.length)) : 'whoever added it'}, the owner or a commander may withdraw evidence ${evidence}.`,
        )
      return [{ type: 'evidence-withdrawn', at, by, evidence, reason }]
    }
    case 'destroy-evidence': {
      const one = kept.find(({ id }) => id === command.evidence)
      // Rule EV6: only what was withdrawn loses its bytes, and once.
      if (one === undefined || one.digest === null || one.withdrawn === null || one.destroyedAt !== null) return []
      return [{ type: 'evidence-destroyed', at, by, evidence: one.id, digest: one.digest }]
    }
  }
}

const nothing = {
  url: '',
  mediaType: null,
  size: null,
  sha256: '',
  digest: null,
  alert: null,
  pos: null,
  verbatim: false,
}

function requireRoom(kept: readonly Evidence[]): void {
  if (kept.length >= mostEvidence)
    throw new CommandRefused(
      'phase-forbids',
      `It has ${mostEvidence} pieces of evidence, and there is no room for more. Pack files together, or link to where more is.`,
    )
}

/** Rule EV5: files of one incident together are no larger than `mostFileBytes`; those that are withdrawn count, too. */
export function requireBytes(kept: readonly Evidence[], more: number): void {
  const used = kept.reduce((sum, { size, destroyedAt }) => sum + (destroyedAt === null ? (size ?? 0) : 0), 0)
  if (used + more > mostFileBytes)
    throw new CommandRefused(
      'body-too-large',
      `Files of one incident may have ${mostFileBytes >> 20} MiB together, and ${Math.ceil(used / 2 ** 20)} are taken. Keep this one elsewhere and add a link to it.`,
    )
}

function thereAlready(what: string, { id }: Evidence): CommandRefused {
  return new CommandRefused('nothing-to-change', `${what} is there already: evidence ${id}.`, { evidence: id })
}

/** The list after one more fact about it. */
export function evolveEvidence(
  list: readonly Evidence[] = [],
  fact: FactOf<'evidence-added'> | FactOf<'evidence-withdrawn'> | FactOf<'evidence-destroyed'>,
): readonly Evidence[] {
  const { at, by } = fact
  if (fact.type === 'evidence-added') {
    const { evidence: id, kind, name, url, note, mediaType, size, sha256, digest, alert, pos, verbatim } = fact
    const own = { url: url === '' ? null : url, sha256: sha256 === '' ? null : sha256 }
    const since = { addedAt: at, by, withdrawn: null, destroyedAt: null }
    return [...list, { id, kind, name, note, mediaType, size, digest, alert, pos, verbatim, ...own, ...since }]
  }
  const change =
    fact.type === 'evidence-withdrawn' ? { withdrawn: { at, by, reason: fact.reason } } : { destroyedAt: at }
  return list.map((one) => (one.id === fact.evidence ? { ...one, ...change } : one))
}
