import { clockActor } from '#shared/access.ts'
import type { Clock } from '#shared/clocks.ts'
import { type DrillView, drillLengths, drillSpeeds, isOfDrill } from '#shared/drill.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Incident } from '#shared/incident/state.ts'
import type { SilenceSpan } from '#shared/silence.ts'
import type { Doer, SourceDesk } from '../../access/port.ts'
import type { CommandRoom } from '../../command/port.ts'
import type { DrillCatalogue } from '../../filter/port.ts'
import type { CascadeRequest, Sender } from '../cascade/delivery.ts'
import { failureKinds } from '../cascade/failures.ts'
import { policyOf } from '../cascade/graph.ts'
import { graphs } from '../cascade/graphs.ts'
import { type DrillDesk, drillGraphs, drillScenarios, type WantedDrill } from '../port.ts'
import type { Door } from '../troubles.ts'
import { type KeptDrill, keptDrills, keptKind } from './kept.ts'
import { type Script, scriptOf } from './script.ts'

export interface DrillParts {
  sources: Pick<SourceDesk, 'list' | 'add' | 'rotate' | 'revoke'>
  record: CommandRoom['record']
  /** An exercise begins, or is over; durable when it resolves. */
  exercise(catalogue: DrillCatalogue | null, silences?: readonly SilenceSpan[]): Promise<void>
  /** Sends a request to our own doors, as its sender would. @returns the status of the answer */
  send(request: CascadeRequest): Promise<number>
  incidents(): Iterable<Pick<Incident, 'id' | 'drill' | 'declaredAt'>>
  /** What is kept of the exercises so far (settings of the kind `drill`). */
  kept: readonly { id: string; doc: unknown }[]
  clock: Clock
  /** @returns a function that calls it off */
  after(ms: number, work: () => void): () => void
  newId(): string
  nameOf(actorId: string): string
  log: { error(fields: object, message: string): void }
}

export interface Drills extends DrillDesk {
  /** Ends what a former run of the server left in its midst. To be called once everything can be written. */
  recover(): Promise<void>
  /** Tells no more. What is on is ended by the next `recover`. */
  close(): void
}

const doors: Readonly<Record<Door, { name: string; path(sourceId: string): string }>> = {
  prometheus: { name: 'Drill: Prometheus', path: () => '/api/v2/alerts' },
  alertmanager: { name: 'Drill: Alertmanager', path: (sourceId) => `/intake/${sourceId}` },
  pagerduty: { name: 'Drill: PagerDuty', path: () => '/v2/enqueue' },
}
/** Looked at so often at least, so that a clock that was set does not stop an exercise, ms. */
const lookEveryMs = 1000
const remembered = 50
const nobody: Doer = { by: clockActor.id, address: null }

interface Running {
  kept: KeptDrill
  script: Script
  next: number
  callOff: () => void
  /** What is being told now. */
  telling: Promise<void>
}

/** Exercises: a cascade with known truth, told through the real doors by sources of its own. Rules DR1, DR2. */
export function makeDrills(parts: DrillParts): Drills {
  const { sources, clock, log } = parts
  const all = keptDrills(parts.kept)
  let running: Running | null = null
  /** Set while one begins or ends: there is one at a time. */
  let turning = false

  function view(kept: KeptDrill): DrillView {
    const { id, doc } = kept
    const isOn = running?.kept === kept
    return {
      ...doc,
      id,
      startedAt: iso(doc.startedAt),
      startedBy: parts.nameOf(doc.startedBy),
      endsAt: iso(doc.endsAt),
      endedAt: doc.endedAt === null ? null : iso(doc.endedAt),
      endedBy: doc.endedBy === null ? null : parts.nameOf(doc.endedBy),
      truth: doc.endedAt === null ? null : doc.truth,
      incidents: isOn ? openedSince(doc.startedAt) : doc.incidents,
    }
  }

  const openedSince = (at: number): string[] =>
    Array.from(parts.incidents()).flatMap(({ id, drill, declaredAt }) => (drill && declaredAt >= at ? [id] : []))

  /** The source of this door with a fresh key: made for the first exercise, used by all after it. */
  async function sender(who: Doer, door: Door): Promise<Sender> {
    const { name, path } = doors[door]
    const there = sources.list().find(({ id, kind }) => isOfDrill(id) && kind === door)
    const { source, key } =
      there === undefined
        ? await sources.add(who, { kind: door, name, drill: true })
        : await sources.rotate(who, there.id, 0)
    return { path: path(source.id), key }
  }

  const ourSources = () => sources.list().filter(({ id }) => isOfDrill(id))

  async function keep(who: Doer, action: 'drill.start' | 'drill.end', kept: KeptDrill): Promise<void> {
    const { scenario, graph, seed, speed, forMs, ended } = kept.doc
    const detail = { scenario, graph, seed, speed, forMs, ...(ended === null ? {} : { ended }) }
    const put = [{ kind: keptKind, id: kept.id, doc: kept.doc }]
    const remove = all.splice(remembered).map(({ id }) => ({ kind: keptKind, id }))
    await parts.record({ ...who, action, subject: kept.id, outcome: 'done', detail, put, remove })
  }

  /** Whatever it left undone is done: nobody can speak in its name, and nothing of it fires. */
  async function end(who: Doer, kept: KeptDrill, how: NonNullable<DrillView['ended']>): Promise<void> {
    for (const { id } of ourSources()) await sources.revoke(who, id, null)
    await parts.exercise(null)
    const { doc } = kept
    const endedBy = how === 'stopped' ? who.by : null
    Object.assign(doc, { endedAt: clock.now(), ended: how, endedBy, incidents: openedSince(doc.startedAt) })
    await keep(who, 'drill.end', kept)
  }

  async function endRunning(who: Doer, one: Running, how: 'by itself' | 'stopped'): Promise<void> {
    turning = true
    one.callOff()
    try {
      await end(who, one.kept, how)
      running = null
    } finally {
      turning = false
    }
  }

  /** Tells what is due, in order, and comes again. */
  async function tell(one: Running): Promise<void> {
    const { requests, endsAt } = one.script
    const { doc } = one.kept
    for (let request = requests[one.next]; request !== undefined; request = requests[one.next]) {
      if (request.atMs > clock.now() || running !== one || turning) break
      one.next++
      const status = await parts.send(request)
      doc.told = (doc.told ?? 0) + 1
      if (status >= 300) doc.refused = (doc.refused ?? 0) + 1
    }
    if (running === one && !turning && clock.now() >= endsAt) await endRunning(nobody, one, 'by itself')
  }

  /** @param atLeastMs what failed is not tried again at once */
  function comeAgain(one: Running, atLeastMs = 1): void {
    one.callOff()
    if (running !== one || turning) return
    const { requests, endsAt } = one.script
    const due = requests[one.next]?.atMs ?? endsAt
    const wait = Math.min(lookEveryMs, Math.max(atLeastMs, due - clock.now()))
    one.callOff = parts.after(wait, () => {
      one.telling = tell(one).then(
        () => comeAgain(one),
        (err: unknown) => {
          log.error({ err, drill: one.kept.id }, 'an exercise could not go on; it is tried again')
          comeAgain(one, lookEveryMs)
        },
      )
    })
  }

  async function begin(who: Doer, wanted: WantedDrill): Promise<Running> {
    const { graph, kind, seed } = read(wanted, clock.now())
    const senders = {
      prometheus: await sender(who, 'prometheus'),
      alertmanager: await sender(who, 'alertmanager'),
      pagerduty: await sender(who, 'pagerduty'),
    }
    const startedAt = clock.now()
    const { scenario, speed, forMs } = wanted
    const script = scriptOf({ graph, kind, seed, startsAt: startedAt, speed, forMs, senders, newId: parts.newId })
    const { endsAt, truth } = script
    const asked = { scenario, graph: graph.name, seed, speed, forMs, startedAt, startedBy: who.by, endsAt }
    const still = { endedAt: null, ended: null, endedBy: null, told: 0, refused: 0, incidents: [] }
    const kept: KeptDrill = { id: parts.newId(), doc: { ...asked, ...still, truth: [...truth] } }
    all.unshift(kept)
    try {
      // Kept before anything is told: whatever happens from here on, the next start knows what to end.
      await keep(who, 'drill.start', kept)
      await parts.exercise(policyOf(graph), script.silences)
    } catch (error) {
      all.splice(all.indexOf(kept), 1)
      throw error
    }
    return { kept, script, next: 0, callOff: () => undefined, telling: Promise.resolve() }
  }

  return {
    async start(who, wanted) {
      if (running !== null || turning)
        throw new UxbridgeError(
          'drill-running',
          'An exercise is on, and there is one at a time. Wait for its end, or stop it.',
          running === null ? {} : { drill: running.kept.id },
        )
      turning = true
      try {
        running = await begin(who, wanted)
      } finally {
        turning = false
      }
      comeAgain(running)
      return view(running.kept)
    },
    async stop(who) {
      if (running === null || turning) throw new UxbridgeError('not-found', 'No exercise is on. See the list.')
      const one = running
      turning = true
      // What is being told must not come after the end.
      await one.telling
      turning = false
      await endRunning(who, one, 'stopped').catch((error: unknown) => {
        comeAgain(one)
        throw error
      })
      return view(one.kept)
    },
    list: () => all.map(view),
    async recover() {
      for (const kept of all) {
        if (kept.doc.endedAt !== null) continue
        Object.assign(kept.doc, { told: null, refused: null })
        await end(nobody, kept, 'restart')
      }
    },
    close() {
      running?.callOff()
      running = null
    },
  }
}

/** @throws UxbridgeError `fields-invalid` with what there is to choose from */
function read({ scenario, graph: named, seed, speed, forMs }: WantedDrill, now: number) {
  const kind = failureKinds[drillScenarios.indexOf(scenario)]
  const graph = graphs.find(({ name }) => name === named)
  const faults = [
    ...(kind === undefined ? [fault('scenario', `must be one of ${drillScenarios.join(', ')}`)] : []),
    ...(graph === undefined ? [fault('graph', `must be one of ${drillGraphs.join(', ')}`)] : []),
    ...(speed < drillSpeeds.least || speed > drillSpeeds.most
      ? [fault('speed', `must be from ${drillSpeeds.least} to ${drillSpeeds.most}`)]
      : []),
    ...(forMs < drillLengths.least || forMs > drillLengths.most
      ? [fault('forMs', 'must be from 1 to 90 minutes')]
      : []),
  ]
  if (kind === undefined || graph === undefined || faults.length > 0) {
    const says = faults.map(({ path, message }) => `${path} ${message}`).join('; ')
    throw new UxbridgeError('fields-invalid', `Correct what is to be exercised: ${says}.`, { fields: faults })
  }
  return { kind, graph, seed: seed ?? now % 1_000_000 }
}

const fault = (path: string, message: string) => ({ path, message })
const iso = (at: number): string => new Date(at).toISOString()
