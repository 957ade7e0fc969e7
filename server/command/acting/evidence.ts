import { type Actor, can, clockActor } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import { decideEvidence, type Evidence, type KeepEvidence, largestFile } from '#shared/evidence.ts'
import type { Command } from '#shared/incident/commands.ts'
import { erasedText } from '#shared/incident/facts.ts'
import type { Incident } from '#shared/incident/state.ts'
import { inspect, isShownImage, maskRequest, plainName } from '../../evidence/index.ts'
import type { LogEntry, SettingRow } from '../../store/port.ts'
import type { Core } from '../core.ts'
import type { EvidenceDesk, Origin } from '../port.ts'
import { requestIn } from '../requests.ts'
import { recordFacts } from '../world.ts'
import type { Answer } from './answers.ts'
import { partFor } from './part.ts'
import { requireSeen } from './restricted.ts'

/** A file that is kept already, asked to become evidence. */
export interface AddFile {
  id: string
  type: 'add-evidence'
  kind: 'file'
  name: string
  note: string
  sha256: string
  kept: KeepEvidence
}
export type AddPayload = Extract<Command, { type: 'add-evidence' }> & { kind: 'payload' }

export function isPayload(asked: Command | AddFile): asked is AddPayload {
  return asked.type === 'add-evidence' && asked.kind === 'payload'
}

/** Files that come in at one time: each holds a piece of it in memory, and a place on the disk. */
const mostUploads = 8
/** Decisions about an alert that are looked through for the request it came with. */
const decisionsRead = 500

/**
 * Runs what makes kept bytes evidence, and then does with the bytes what follows from it. Rule EV1: they are settled by a fact,
 * dropped by a refusal, and left to the sweep where nobody knows.
 */
export async function settled(
  core: Core,
  incidentId: string,
  digest: string,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { evidence } = core.parts.store
  try {
    const answer = await work()
    if (answer.facts.some((fact) => fact.type === 'evidence-added' && fact.digest === digest))
      await evidence.settle(incidentId, digest).catch((err: unknown) => {
        evidence.leave(incidentId, digest)
        core.parts.log.error({ err }, 'a file of evidence waits to be swept into its place')
      })
    else await evidence.drop(incidentId, digest)
    return answer
  } catch (error) {
    if (error instanceof UxbridgeError && error.status < 500) await evidence.drop(incidentId, digest)
    else evidence.leave(incidentId, digest)
    throw error
  }
}

/**
 * Keeps the request that an alert of the incident came with, so that it outlives the log. What the policy's rules of
 * redaction find is masked in it, but for whoever may read raw requests and asks for it as it came.
 * @throws UxbridgeError in words for the person
 */
export async function keepPayload(
  core: Core,
  incident: Incident,
  asked: AddPayload,
  actor: Actor,
): Promise<KeepEvidence> {
  const { store } = core.parts
  const verbatim = asked.verbatim === true
  if (verbatim && !can(actor, 'lost.bytes'))
    throw new UxbridgeError(
      'not-allowed',
      'Your role may not read requests as they came. Keep it masked, or ask a privacy officer.',
    )
  const alertId = asked.alert ?? ''
  const decisions = await store.read.decisions({ alertId, limit: decisionsRead })
  const placing = decisions.filter(({ outcome }) => outcome === 'opened' || outcome === 'attached')
  const alert =
    core.world.filter.alert(alertId) ??
    (await store.read.alertsOf(incident.id, 10_000)).find(({ id }) => id === alertId)
  const inIncident = alert?.incidentId === incident.id || placing.some(({ incidentId }) => incidentId === incident.id)
  // Alerts that were merged into it were placed elsewhere at first.
  const came = placing.findLast(({ incidentId }) => incidentId === incident.id) ?? placing.at(-1) ?? decisions.at(-1)
  if (!inIncident || came === undefined)
    throw new UxbridgeError('not-found', `${incident.id} has no such alert. Choose one from its list.`)
  const logged = await requestAt(core, came.pos)
  const { raw } = requestIn(logged)
  const part = await partFor(core, incident, logged, came)
  const body = verbatim ? part : maskRequest(part, raw.contentType, core.world.filter.mask)
  if (body === null)
    throw new UxbridgeError(
      'media-type-unsupported',
      'This request is no text, so nothing in it can be masked. Somebody who may read raw requests can keep it as it came.',
    )
  const mediaType = payloadType(body, raw.contentType)
  const kept = await store.evidence.keep(incident.id, once(body))
  const name = plainName((alert?.title ?? 'Alert').slice(0, 100))
  const { id: _, type: __, kind, note = '' } = asked
  return { type: 'keep-evidence', kind, name, note, mediaType, ...kept, alert: alertId, pos: came.pos, verbatim }
}

async function requestAt(core: Core, pos: number): Promise<LogEntry> {
  const [logged] = await core.parts.store.read.logAfter(pos - 1, 1)
  if (logged?.pos === pos && logged.kind === 'request') return logged
  throw new UxbridgeError(
    'not-found',
    'The request that this alert came with is not kept any more, or there was none: the alert was made by a clock.',
  )
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body
}

function payloadType(body: Uint8Array, contentType: string): string {
  const isText = !body.includes(0)
  if (!isText) return 'application/octet-stream'
  return /^application\/(?:[\w.-]+\+)?json\b/i.test(contentType) ? 'application/json' : 'text/plain'
}

/** Withdrawn files whose bytes are still there, as settings: `<incident>/<number>`. */
const withdrawnKind = 'evidence-withdrawn'

/** What is noted with a withdrawal, so that its time is known without looking through the past. */
export function withdrawnRows(incident: Incident | undefined, facts: Answer['facts']): SettingRow[] {
  return facts.flatMap((fact) => {
    if (fact.type !== 'evidence-withdrawn') return []
    const one = incident?.evidence?.find(({ id }) => id === fact.evidence)
    const id = `${fact.incidentId}/${fact.evidence}`
    return one === undefined || one.digest === null ? [] : [{ kind: withdrawnKind, id, doc: { withdrawnAt: fact.at } }]
  })
}

/** What the desk needs of the room: the one write path, and incidents that ended long ago. */
export interface EvidenceParts {
  core: Core
  load(incidentId: string): Promise<Incident>
  command(actor: Actor, incidentId: string, asked: AddFile, origin: Origin): Promise<Answer>
}

export function makeEvidenceDesk({ core, load, command }: EvidenceParts): EvidenceDesk {
  const { store, clock } = core.parts
  let uploads = 0

  /** @throws UxbridgeError where there are no bytes for this person */
  function readable(actor: Actor, incident: Incident, number: number): Evidence & { digest: string } {
    const one = incident.evidence?.find(({ id }) => id === number)
    if (one === undefined) throw new UxbridgeError('not-found', `${incident.id} has no evidence ${number}.`)
    const { digest, withdrawn, destroyedAt, sha256, verbatim } = one
    if (digest === null) throw new UxbridgeError('not-found', `Evidence ${number} is a link: open its address.`)
    if (destroyedAt !== null)
      throw new UxbridgeError(
        'not-found',
        `The bytes of evidence ${number} were destroyed at ${new Date(destroyedAt).toISOString().slice(0, 16)} UTC: it had been withdrawn.`,
      )
    if (sha256 === erasedText)
      throw new UxbridgeError('not-found', `Evidence ${number} was erased with the words of ${incident.id}.`)
    if (verbatim && !can(actor, 'lost.bytes'))
      throw new UxbridgeError('not-allowed', 'This request is kept as it came. Your role may not read it so.')
    if (withdrawn !== null && !can(actor, 'incident.command') && !can(actor, 'audit.read'))
      throw new UxbridgeError(
        'not-allowed',
        `Evidence ${number} was withdrawn. Only commanders, privacy officers and auditors may still read it.`,
      )
    return { ...one, digest }
  }

  return {
    async keep(actor, incidentId, { commandId, name, note, length, content }, origin) {
      core.requireWritable()
      const incident = await load(incidentId)
      const bytes = { mediaType: '', size: length ?? 1, sha256: '', digest: '' }
      const as = { kind: 'file' as const, name: plainName(name), note, alert: null, pos: null, verbatim: false }
      // Refused before it is sent, where that is known already.
      decideEvidence({ type: 'keep-evidence', ...as, ...bytes }, incident, core.context(actor, null))
      if (uploads >= mostUploads)
        throw new UxbridgeError(
          'overloaded',
          `${mostUploads} files are on their way in already. Try again in a few seconds.`,
        )
      uploads++
      try {
        const inspected = inspect(content, as.name, largestFile)
        const kept = await store.evidence.keep(incident.id, inspected.pieces)
        const whole: KeepEvidence = { type: 'keep-evidence', ...as, ...kept, mediaType: inspected.mediaType() }
        const { sha256 } = kept
        const asked: AddFile = {
          id: commandId,
          type: 'add-evidence',
          kind: 'file',
          name: as.name,
          note,
          sha256,
          kept: whole,
        }
        return await settled(core, incident.id, kept.digest, () => command(actor, incident.id, asked, origin))
      } finally {
        uploads--
      }
    },

    async open(actor, who, incidentId, number, as) {
      const incident = core.world.incidents.get(incidentId) ?? (await store.read.incident(incidentId))
      if (incident === null) throw new UxbridgeError('not-found', `There is no incident ${incidentId.slice(0, 40)}.`)
      const note = (outcome: 'done' | 'refused', code?: string) =>
        core.append({
          audit: [
            core.audit(who.by, clock.now(), {
              action: 'evidence.read',
              subject: incident.id,
              outcome,
              detail: { evidence: number, as, ...(code === undefined ? {} : { code }) },
              address: who.address,
            }),
          ],
        })
      core.requireWritable()
      let evidence: ReturnType<typeof readable>
      try {
        evidence = readable(actor, incident, number)
        if (as === 'preview' && !isShownImage(evidence.mediaType))
          throw new UxbridgeError('media-type-unsupported', 'This is no picture that can be shown. Save it instead.')
      } catch (error) {
        if (error instanceof UxbridgeError && error.code === 'not-allowed') await note('refused', error.code)
        throw error
      }
      // Rule EV9: every look is on record before a byte of it is given.
      await note('done')
      // It may have been restricted meanwhile (rule RS1).
      requireSeen(core, actor, incident)
      return { evidence, content: await store.evidence.open(incident.id, evidence.digest) }
    },

    sweep: () =>
      store.evidence.sweep(async (incidentId, digest) => {
        const facts = await store.read.factsOf(incidentId)
        return facts.some((fact) => fact.type === 'evidence-added' && fact.digest === digest)
      }),

    async expire() {
      const before = clock.now() - core.policy.retention.withdrawn_evidence
      let destroyed = 0
      for (const { kind, id, doc } of await store.read.settings(withdrawnKind)) {
        if ((doc as { withdrawnAt: number }).withdrawnAt > before) continue
        const [incidentId = '', number = ''] = id.split('/')
        const { id: known } = await load(incidentId)
        core.requireWritable()
        const incident = core.world.incidents.get(known) as Incident
        const digest = incident.evidence?.find((one) => one.id === Number(number))?.digest ?? null
        const decided = decideEvidence(
          { type: 'destroy-evidence', evidence: Number(number) },
          incident,
          core.context(clockActor, null),
        )
        const facts = recordFacts(core.world, known, decided)
        if (facts.length > 0) await core.append({ facts })
        // The note goes last: a crash before leaves it, and the bytes go with the next poll.
        if (digest !== null) await store.evidence.destroy(known, digest)
        await core.append({ remove: [{ kind, id }] })
        destroyed += facts.length
      }
      return destroyed
    },
  }
}
