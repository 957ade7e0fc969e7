import type { Clock } from '#shared/clocks.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import { isRestricted } from '#shared/incident/restricted.ts'
import type { Incident } from '#shared/incident/state.ts'
import { isUrgent } from '#shared/notify/intent.ts'
import { toldTypes } from '#shared/notify/plan.ts'
import type { NotifyPolicy } from '#shared/notify/policy.ts'
import { isSoon, swapOvertaken, toldOf } from '#shared/notify/swap.ts'
import { overtaken } from '#shared/notify/truth.ts'
import type { PersonalKind } from '#shared/notify/view.ts'
import type { SwapBoard } from '../../duty/port.ts'
import type { Reader, Store, StoredSetting } from '../../store/port.ts'
import { Book, type BookParts, type Change, isSameTelling, type Note } from './book.ts'
import type { Composing } from './compose.ts'
import { makeLeading, Superseded } from './leading.ts'
import { afterMessage, isDue, isForgotten, nextMessageAt, retryAfterMs } from './pacing.ts'
import { type Addresses, DeliveryFailed, type Message, type Sender, type Senders } from './port.ts'
import type { Delivery, Pending } from './rows.ts'
import { laneOf, readRows, rowKinds } from './rows.ts'
import { makeSwapWatch } from './swaps.ts'
import { type Taken, type TakingParts, takeIn, tellCommanders } from './taking.ts'

export interface OutboxParts extends Omit<BookParts, 'isCounted' | 'node'>, TakingParts {
  clock: Clock
  /** 0 ≤ jitter < 1. */
  jitter(): number
  read: Pick<Reader, 'factsAfter' | 'incident' | 'settings'>
  lease: Store['lease']
  /** Names this process among several on one store; without, it is alone, and asks for no leases. */
  node?: string
  swaps: SwapBoard
  /** The newest state, where it is in memory. */
  incident(id: string): Incident | undefined
  /** Whether the incident is there for this person now (rule RS1). */
  sees(person: string, incidentId: string): boolean
  policy(): NotifyPolicy
  addresses: Addresses
  senders: Pick<Senders, 'senderFor'>
  compose(deliveries: readonly Composing[], key: string, at: number): Message
  /** Ends a try that hangs. @param ms how long it may take */
  signal(ms: number): AbortSignal
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void }
  /** Facts in one commit, where not the usual. */
  notesAtOnce?: number
}

export interface Outbox {
  /** Makes the beginning durable: what happened before the first start of an outbox is told to nobody. */
  open(seq: number): Promise<void>
  /** The journal has facts up to `seq`, durable. */
  heard(seq: number): void
  /** Plans, groups, sends and notes whatever is due. Called by a poll; safe at any time. */
  step(): Promise<void>
  /**
   * Begins nothing more, lets what is under way end, and notes what became of it: a stop in order sends nothing twice. What
   * the caller does not wait for is as after a crash (rule N9).
   */
  close(): Promise<void>
  /** @param whole with what is restricted, which no figure that others read may have (rule RS4) */
  figures(whole?: boolean): { waiting: number; sending: number; counts: Book['counts']; heldBack: number }
  recent(): Book['recent']
}

const factsAtOnce = 200
const notesAtOnce = 100
/** After a crash at most so many facts are read once more that led to nothing. */
const factsUnwritten = 5_000
const sendsAtOnce = 16
const tryMs = 20_000

type Result = { key: string; error: unknown }

/**
 * The outbox: facts of the journal → deliveries → messages, each durable before the next. Rule N9: at least once. A
 * message is sent only when it is written, under a key that does not change, and is struck off in the commit that notes
 * what became of it.
 * @param initial settings as they were read at the start
 */
export function makeOutbox(parts: OutboxParts, initial: readonly StoredSetting[]): Outbox {
  const { clock, read, addresses, notesAtOnce: slice = notesAtOnce } = parts
  const isCounted = ({ incidentId }: { incidentId: string | null }) => {
    const incident = incidentId === null ? undefined : parts.incident(incidentId)
    return incident === undefined || !isRestricted(incident)
  }
  let book = new Book({ ...parts, isCounted }, initial)
  /** A way that took something, by fact and person: another way that fails then left nobody untold. */
  const reached: Delivery[] = []
  /** Sent by a process before this one, for all it knows: sent again as it was. */
  let inherited = new Set(book.messages.keys())
  const sending = new Map<string, Promise<void>>()
  let results: Result[] = []
  let journal = book.cursor?.seq ?? 0
  /** Up to where everything is planned. What led to nothing need not be written down: it leads to nothing again. */
  let planned = journal
  let last: RecordedFact | null = null
  let stepping: Promise<void> | null = null
  let closed = false
  const swaps = makeSwapWatch(parts)

  const leading = makeLeading({
    ...{ clock, lease: parts.lease, isBehind, catchUp },
    ...(parts.node === undefined ? {} : { node: parts.node }),
  })
  const write = (what: Change) => book.change({ seq: planned, ...what }, clock.now(), parts.policy().group_within)
  async function change(what: Change): Promise<void> {
    if (!leading.holds()) throw new Superseded()
    await write(what)
  }
  async function isBehind(): Promise<boolean> {
    const { cursor } = readRows(await read.settings('notify-cursor'))
    return cursor !== null && cursor.node !== parts.node
  }
  async function catchUp(): Promise<void> {
    const rows = (await Promise.all(rowKinds.map((kind) => read.settings(kind)))).flat()
    const { counts } = book
    book = new Book({ ...parts, isCounted }, rows)
    Object.assign(book.counts, counts)
    inherited = new Set([...book.messages.keys()].filter((key) => !sending.has(key)))
    planned = book.cursor?.seq ?? planned
    journal = Math.max(journal, planned)
    last = null
    swaps.forget()
  }
  const hasWork = () =>
    results.length + book.waiting.size + book.messages.size > 0 || planned < journal || swaps.hasNews()

  const incidentOf = async (id: string) => parts.incident(id) ?? (await read.incident(id))

  /** What is no longer true, with why; the rest. Rule N11: whoever may not see an incident is not told of it. */
  async function sift(deliveries: readonly Delivery[]) {
    const now = clock.now()
    const right: (Composing & { intent: Delivery })[] = []
    const dropped: { delivery: Delivery; why: string }[] = []
    for (const delivery of deliveries) {
      if (delivery.incidentId === null) {
        const swap = parts.swaps.get(delivery.matter.swap)
        const gone = addresses.isActive(delivery.to.person) ? null : 'they are no longer here'
        const why = gone ?? swapOvertaken(delivery, swap)
        if (why !== null) dropped.push({ delivery, why })
        else if (swap !== undefined) right.push({ intent: delivery, swap })
        continue
      }
      const incident = await incidentOf(delivery.incidentId)
      const { to } = delivery
      const why =
        incident === null
          ? 'its incident is gone'
          : 'person' in to && !addresses.isActive(to.person)
            ? 'they are no longer here'
            : 'person' in to && !parts.sees(to.person, incident.id)
              ? 'it is restricted, and they have no part in it'
              : overtaken(delivery, incident, now)
      if (why !== null) dropped.push({ delivery, why })
      else if (incident !== null) right.push({ intent: delivery, incident })
    }
    return { right, dropped }
  }

  /** Journal → deliveries that wait. */
  async function take(): Promise<void> {
    const upTo = journal
    if (planned >= upTo) return
    // Rule N1: the fact before the first one is part of what it means, also when a process before this one planned that.
    const known = last === null && planned > 0 ? 1 : 0
    const facts = await read.factsAfter(planned - known, toldTypes, factsAtOnce + known)
    if (known === 1 && facts[0]?.seq === planned) last = facts.shift() ?? null
    const seq = facts.length < factsAtOnce ? Math.max(upTo, facts.at(-1)?.seq ?? 0) : (facts.at(-1)?.seq ?? upTo)
    const taken: Taken[] = []
    for (const fact of facts) {
      const incident = await incidentOf(fact.incidentId)
      const before = last?.seq === fact.seq - 1 && last.incidentId === fact.incidentId ? last : null
      if (incident !== null) taken.push({ fact, incident, before })
      last = fact
    }
    const what = takeIn(taken, parts.policy().announce, parts, clock.now())
    const isNothing = what.wait.length + what.notes.length + what.dropped.length + what.heldBack === 0
    if (!isNothing || seq - (book.cursor?.seq ?? 0) > factsUnwritten) await change({ seq, ...what })
    planned = seq
  }

  /** Deliveries that wait → messages. */
  async function group(): Promise<void> {
    const within = parts.policy().group_within
    const retrying = new Set<string>()
    for (const { attempt, deliveries } of book.messages.values()) {
      const [first] = deliveries
      if (attempt > 0 && first !== undefined) retrying.add(laneOf(first.to, first.channel))
    }
    const tierOf = (id: string) => parts.incident(id)?.tier ?? null
    // Rule N4, asked again: what could wait may be Tier 1 by now.
    const isUrgentNow = (one: Delivery) =>
      one.incidentId === null ? isSoon(one, clock.now()) : isUrgent(one.matter, tierOf(one.incidentId))
    const isHeldBack = (one: Delivery) =>
      !('person' in one.to) || !isUrgentNow(one) || addresses.preferences(one.to.person).quietForUrgent
    for (const [lane, deliveries] of book.byLane()) {
      const now = clock.now()
      const due = deliveries.filter((one) => one.notBefore <= now || !isHeldBack(one))
      if (due.length === 0) continue
      const urgent = due.some(isUrgentNow)
      const kept = book.lanes.get(lane)
      const known = kept === undefined || isForgotten(kept, now, within) ? undefined : kept
      if (nextMessageAt(known, urgent, within) > now || (!urgent && retrying.has(lane))) continue
      const { right, dropped } = await sift(due)
      const keys = due.map(({ key }) => key)
      const [first] = right
      const put: Pending[] =
        first === undefined
          ? []
          : [
              {
                key: first.intent.key,
                at: now,
                attempt: 0,
                nextAt: now,
                deliveries: right.map(({ intent }) => intent),
              },
            ]
      const lanes = put.length === 0 ? [] : [[lane, afterMessage(known, now, within)] as const]
      await change({ unwait: keys, put, lanes, dropped })
    }
  }

  function senderOf({ to, channel }: Delivery): Sender | null {
    if ('channel' in to) return parts.senders.senderFor(to.channel)
    return addresses.sender(to.person, channel as PersonalKind)
  }

  /** Messages that are due → the other side. Does not wait for it. */
  async function dispatch(): Promise<void> {
    const isWaiting = ({ key, nextAt }: Pending) =>
      isDue(nextAt, clock.now()) && !sending.has(key) && !results.some((result) => result.key === key)
    const due = [...book.messages.values()].filter(isWaiting).slice(0, sendsAtOnce - sending.size)
    if (closed || due.length === 0) return
    const may = await leading.mayTry(due.map(({ key }) => key))
    for (const message of due) {
      if (closed) return
      if (!may.has(message.key)) continue
      let current = message.deliveries
      // Before its first try, and after one that failed for certain, it may say something else; after a crash it is what it was.
      if (!inherited.has(message.key)) {
        const { right, dropped } = await sift(current)
        current = right.map(({ intent }) => intent)
        if (dropped.length > 0) {
          const next = { ...message, deliveries: current }
          await change(current.length === 0 ? { remove: [message.key], dropped } : { put: [next], dropped })
        }
      }
      if (current.length > 0) await send(message, current)
    }
  }

  async function send({ key, at }: Pending, deliveries: readonly Delivery[]): Promise<void> {
    const [first] = deliveries
    if (first === undefined) return
    const known: Composing[] = []
    for (const intent of deliveries) {
      const swap = intent.incidentId === null ? parts.swaps.get(intent.matter.swap) : undefined
      if (intent.incidentId === null) known.push(...(swap === undefined ? [] : [{ intent, swap }]))
      else {
        const incident = await incidentOf(intent.incidentId)
        if (incident !== null) known.push({ intent, incident })
      }
    }
    const sender = senderOf(first)
    const end = (error: unknown) => void results.push({ key, error })
    if (sender === null || known.length === 0) {
      end(new DeliveryFailed('this way leads nowhere any more', { retry: false }))
      return
    }
    const sent = sender.send(parts.compose(known, key, at), parts.signal(tryMs)).then(() => end(null), end)
    sending.set(
      key,
      sent.finally(() => sending.delete(key)),
    )
  }

  /** What became of what was sent → facts, and what is to be tried again. */
  async function settle(): Promise<void> {
    while (results.length > 0) {
      const [result] = results
      if (result === undefined) return
      const message = book.messages.get(result.key)
      if (message !== undefined) {
        await settleOne(message, await outcomeOf(message, result.error))
        if (result.error === null) reached.push(...message.deliveries)
        if (reached.length > 2000) reached.splice(0, 1000)
      }
      inherited.delete(result.key)
      results = results.slice(1)
    }
  }

  /** A storm is noted slice by slice, so that others have their turn. What is noted has left the message by then. */
  async function settleOne(message: Pending, { notes = [], wait = [], ...rest }: Change): Promise<void> {
    const isEnd = rest.remove !== undefined
    let from = 0
    for (; from + slice < notes.length; from += slice) {
      const noted = new Set(notes.slice(0, from + slice).map(({ delivery }) => delivery.key))
      const left = { ...message, deliveries: message.deliveries.filter(({ key }) => !noted.has(key)) }
      await change({
        notes: notes.slice(from, from + slice),
        put: isEnd ? [left] : [],
        wait: from === 0 ? wait : [],
      })
    }
    await change({ ...rest, notes: notes.slice(from), wait: from === 0 ? wait : [] })
  }

  async function outcomeOf(message: Pending, error: unknown): Promise<Change> {
    const now = clock.now()
    const attempt = message.attempt + 1
    const ofIncidents = message.deliveries.filter((one) => one.incidentId !== null)
    const ofSwaps = message.deliveries.filter((one) => one.incidentId === null)
    const noted = (outcome: Note['delivery']['outcome'], detail: string): Pick<Change, 'notes' | 'ofSwaps'> => ({
      notes: ofIncidents.map(({ key, incidentId, reason, to, channel }) => ({
        incidentId,
        delivery: { key, reason, person: 'person' in to ? to.person : null, channel, outcome, attempt, detail },
      })),
      ofSwaps: ofSwaps.map((delivery) => ({ delivery, outcome, detail })),
    })
    if (error === null) return { remove: [message.key], ...noted('delivered', '') }
    const failed = failureOf(error)
    const { give_up_after, attempts } = parts.policy()
    const nextAt = now + retryAfterMs(attempt, parts.jitter(), failed.retryAfterMs)
    if (failed.retry && attempt < attempts && nextAt - message.at < give_up_after) {
      const notes = attempt === 1 ? noted('failed', failed.message) : {}
      return { put: [{ ...message, attempt, nextAt }], ...notes }
    }
    const untold = ofIncidents.filter(
      (one) => !book.hasOther(one) && !reached.some((other) => isSameTelling(one, other)),
    )
    const wait: Delivery[] = []
    for (const one of untold) {
      const incident = await incidentOf(one.incidentId)
      if (incident !== null) wait.push(...tellCommanders([one], incident, parts, now, one.channel))
    }
    return { remove: [message.key], ...noted('given-up', failed.message), wait }
  }

  function failureOf(error: unknown): DeliveryFailed {
    if (error instanceof DeliveryFailed) return error
    parts.log.error({ err: error }, 'a message could not be sent, and not by the other side’s fault')
    return new DeliveryFailed('a fault of ours; the log of the server has it', { retry: true })
  }

  async function turn(): Promise<void> {
    try {
      if (!(await leading.leads(hasWork()))) return
      await settle()
      await take()
      await swaps.take(book.swaps, change)
      await group()
      await dispatch()
    } catch (error) {
      if (!(error instanceof Superseded)) throw error
    }
  }

  return {
    async open(seq) {
      journal = Math.max(journal, seq)
      const began = book.cursor === null
      if (!began && book.swaps !== null) return
      await write({ seq: began ? seq : planned, ...(book.swaps === null ? { swaps: toldOf(parts.swaps.all()) } : {}) })
      if (began) planned = seq
    },
    heard(seq) {
      journal = Math.max(journal, seq)
    },
    async step() {
      if (closed || stepping !== null) return
      stepping = turn().finally(() => {
        stepping = null
      })
      await stepping
    },
    async close() {
      closed = true
      await stepping?.catch(() => undefined)
      await Promise.all(sending.values())
      if (await leading.leads(hasWork())) await settle()
    },
    figures: (whole = false) => ({
      waiting: whole ? book.waiting.size : [...book.waiting.values()].filter(isCounted).length,
      sending: whole
        ? book.messages.size
        : [...book.messages.values()].filter(({ deliveries }) => deliveries.some(isCounted)).length,
      counts: { ...book.counts },
      heldBack: book.cursor?.heldBack ?? 0,
    }),
    recent: () => book.recent,
  }
}
