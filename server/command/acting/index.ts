import { type Actor, can } from '#shared/access.ts'
import { CommandRefused, type ErrorBody, UxbridgeError } from '#shared/errors.ts'
import type { KeepEvidence } from '#shared/evidence.ts'
import { actionOf, type Command, type Declare, isSpeaking, type MergingCommand } from '#shared/incident/commands.ts'
import { decide, decideDeclaration, type SingleCommand } from '#shared/incident/decide.ts'
import { withoutNumbers } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { Core } from '../core.ts'
import { tellFilter } from '../folding.ts'
import type { Origin } from '../port.ts'
import { recordFacts } from '../world.ts'
import { type Answer, type Answers, doneAnswer, hashOf, refusedAnswer } from './answers.ts'
import { type AddFile, isPayload, keepPayload, settled, withdrawnRows } from './evidence.ts'
import { freshId } from './ids.ts'
import { actOnTwo, incidentsOf, type Prepared, prepare } from './merging.ts'
import { noSuchIncident, requireOther, requireSeenBy, sees } from './restricted.ts'
import { loadMerged, mayRestrict, restrictMerged } from './restricting.ts'

/** A person's command: guard → read → decide → append. */
export async function command(
  core: Core,
  answers: Answers,
  actor: Actor,
  incidentId: string,
  asked: Command | AddFile,
  origin: Origin,
): Promise<Answer> {
  const mustSee = () => requireSeenBy(core, actor, incidentId, { action: `command.${asked.type}`, origin })
  // Rule RS1: asked before anything is kept or remembered. What is not there has no answers, and no id of a command is used
  // up on it; so nobody can tell by a second command whether it is there.
  mustSee()
  await load(core, incidentId)
  // Of a file what is in it counts, and not where it lies.
  const hash = hashOf([incidentId, 'kept' in asked ? { ...asked, kept: null } : asked])
  const { seq, facts } = await answers.once(actor.id, asked.id, hash, async () => {
    const receivedAt = core.parts.clock.now()
    const refuse = (error: UxbridgeError) => refused(core, actor, origin, incidentId, asked, hash, error)
    if (!can(actor, actionOf(asked)) || actor.personId === null)
      return refuse(
        new UxbridgeError('not-allowed', `Your role may not ${asked.type}. Ask an administrator for another role.`),
      )
    const { id } = await load(core, incidentId)
    let prepared: Prepared | null = null
    let payload: KeepEvidence | null = null
    try {
      if (isMerging(asked)) prepared = await prepare(core, id, asked, (other) => loadSeen(core, actor, other, asked))
      for (const one of mayRestrict(asked, id)) await loadMerged(core, one, (other) => load(core, other))
      if (isPayload(asked)) {
        core.requireWritable()
        payload = await keepPayload(core, await load(core, id), asked, actor)
      }
    } catch (error) {
      if (error instanceof UxbridgeError && error.status < 500) return refuse(error)
      throw error
    }
    const kept = 'kept' in asked ? asked.kept : payload
    return payload === null ? act() : settled(core, id, payload.digest, act)

    async function act(): Promise<Answer> {
      // Read after every await: between reading and recording nothing else may happen.
      mustSee()
      core.requireWritable()
      const incident = core.world.incidents.get(id) as Incident
      let facts: Answer['facts']
      try {
        requirePeople(core, asked)
        for (const other of prepared === null ? [] : incidentsOf(prepared)) requireOther(core, actor, other, asked)
        const context = core.context(actor, offerTarget(asked, incident), 'role' in asked && isSpeaking(asked))
        facts =
          isMerging(asked) && prepared !== null
            ? actOnTwo(core, incident, asked, prepared, context)
            : recordFacts(core.world, id, decide(kept ?? (asked as SingleCommand), incident, context))
        facts = [...facts, ...restrictMerged(core, facts)]
      } catch (error) {
        if (error instanceof UxbridgeError) return refuse(error)
        throw error
      }
      const log = tellFilter(core, facts)
      const answer = doneAnswer(actor.id, asked.id, receivedAt, hash, facts)
      const seq = facts.at(-1)?.seq ?? core.world.seq
      const detail = { commandId: asked.id, seq }
      const audit = core.audit(actor.id, receivedAt, {
        action: `command.${asked.type}`,
        subject: id,
        outcome: 'done',
        detail,
        address: origin.address,
      })
      const put = withdrawnRows(core.world.incidents.get(id), facts)
      await core.append({ facts, log, audit: [audit], answers: [answer], put }, { receivedAt })
      return { seq, facts }
    }
  })
  // Who saw both when they did it may see one of the two no more.
  return { seq, facts: facts.filter((fact) => fact.incidentId === incidentId || sees(core, actor, fact.incidentId)) }
}

/** A person declares an incident by hand. */
export async function declare(
  core: Core,
  answers: Answers,
  actor: Actor,
  asked: Declare,
  origin: Origin,
): Promise<Answer & { incidentId: string }> {
  if (!can(actor, 'incident.declare') || actor.personId === null)
    throw new UxbridgeError('not-allowed', 'Your role may not declare incidents.')
  const { id: commandId, ...fields } = asked
  const hash = hashOf(asked)
  const act = async (): Promise<Answer> => {
    core.requireWritable()
    const receivedAt = core.parts.clock.now()
    const service = core.policy.services.find(({ id }) => id === fields.service)
    // Rule RS8: by hand too, what the policy says of the service holds.
    const flags = service?.restricted === true ? [...new Set([...fields.flags, 'restricted' as const])] : fields.flags
    const incidentId = freshId(core, flags.includes('restricted'))
    const team = service?.team ?? null
    const facts = recordFacts(
      core.world,
      incidentId,
      decideDeclaration({ type: 'declare', team, ...fields, flags }, core.context(actor, null)),
    )
    const log = tellFilter(core, facts)
    const seq = facts.at(-1)?.seq ?? core.world.seq
    const audit = core.audit(actor.id, receivedAt, {
      action: 'incident.declare',
      subject: incidentId,
      outcome: 'done',
      detail: { seq },
      address: origin.address,
    })
    const stored = commandId === undefined ? [] : [doneAnswer(actor.id, commandId, receivedAt, hash, facts)]
    await core.append({ facts, log, audit: [audit], answers: stored }, { receivedAt })
    return { seq, facts }
  }
  const answer = commandId === undefined ? await act() : await answers.once(actor.id, commandId, hash, act)
  return { incidentId: answer.facts[0]?.incidentId ?? '', ...answer }
}

/** A refusal is an answer too: stored and audited before it is given. */
async function refused(
  core: Core,
  actor: Actor,
  origin: Origin,
  incidentId: string,
  asked: Pick<Command, 'id' | 'type'>,
  hash: string,
  reason: UxbridgeError,
): Promise<never> {
  const error = withoutUnseen(core, actor, reason)
  const at = core.parts.clock.now()
  const detail = { code: error.code, commandId: asked.id }
  const audit = core.audit(actor.id, at, {
    action: `command.${asked.type}`,
    subject: incidentId,
    outcome: 'refused',
    detail,
    address: origin.address,
  })
  await core.append({ audit: [audit], answers: [refusedAnswer(actor.id, asked.id, at, hash, error, incidentId)] })
  throw error
}

/** Rule RS11: what one was merged into may be restricted. A number that whoever asks has named is theirs. */
function withoutUnseen(core: Core, actor: Actor, error: UxbridgeError): UxbridgeError {
  if (error.code === 'not-found') return error
  const said = JSON.stringify(error.body())
  const quiet = withoutNumbers(said, (id) => sees(core, actor, id))
  if (quiet === said) return error
  const { code, message, details } = JSON.parse(quiet) as ErrorBody
  return new CommandRefused(code, message, details)
}

/** Brings an incident that ended long ago back into memory. @throws UxbridgeError `not-found` */
export async function load(core: Core, incidentId: string): Promise<Incident> {
  const known = core.world.incidents.get(incidentId)
  if (known !== undefined) return known
  const stored = await core.parts.store.read.incident(incidentId)
  if (stored === null) throw noSuchIncident(incidentId)
  // Somebody else may have loaded and changed it meanwhile: theirs is newer.
  const newer = core.world.incidents.get(incidentId)
  if (newer !== undefined) return newer
  core.world.incidents.set(incidentId, stored)
  return stored
}

/** The same, of what is there for this actor. */
async function loadSeen(core: Core, actor: Actor, incidentId: string, asked: MergingCommand): Promise<Incident> {
  const incident = await load(core, incidentId)
  requireOther(core, actor, incident.id, asked)
  return incident
}

function isMerging(asked: Command | AddFile): asked is MergingCommand {
  return asked.type === 'merge' || asked.type === 'split' || asked.type === 'undo'
}

function offerTarget(asked: Command | AddFile, incident: Incident): string | null {
  if (asked.type === 'offer') return asked.to
  if (asked.type === 'assign-role') return asked.person
  return asked.type === 'grant-relief' ? (asked.to ?? incident.reliefAskedBy) : null
}

/** People named in a command must exist, so that nothing is ever handed to nobody. */
function requirePeople(core: Core, asked: Command | AddFile): void {
  // A role may be offered to a team, of which `decide` asks whether anybody is in it.
  const isTeam = asked.type === 'assign-role' && asked.person.startsWith('team:')
  const named = 'person' in asked && !isTeam ? asked.person : undefined
  if (named !== undefined && named !== null && !core.parts.people.exists(named))
    throw new UxbridgeError('not-found', 'There is no such person. Choose one from the list.')
}
