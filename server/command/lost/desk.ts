import { clockActor } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Doer } from '../../access/port.ts'
import type { Reading } from '../../intake/port.ts'
import type { AuditEntry, LogEntry, LostItem, LostKey } from '../../store/port.ts'
import type { Core } from '../core.ts'
import { foldEntry } from '../folding.ts'
import type { LostBytes, LostDesk, LostTried } from '../port.ts'
import { logAgain, readRequest, requestIn } from '../requests.ts'
import { lostId, lostOf, shortReason } from './book.ts'
import { memberText } from './excerpt.ts'
import { placesOf, readMembers, wholeRequest, writeMembers } from './members.ts'

/** What of a request is readable now: the rows that it settles, those that still wait, and whose events are new. */
interface Verdict {
  /** With the number of events that each gives: none for what says nothing to be kept. */
  found: { item: LostItem; events: number }[]
  still: LostItem[]
  /** Members whose events are new, as `writeMembers` names them; null when there are none. */
  take: string | null
}

/** The room's part in lost property. The book changes in the same breath as the entry is folded, so nothing is found twice. */
export function makeLostDesk(core: Core): LostDesk {
  const { store, clock, readerOf } = core.parts
  const book = () => core.world.lost

  function require(key: LostKey): LostItem {
    const item = book().get(key)
    if (item === undefined)
      throw new UxbridgeError(
        'not-found',
        'There is no such lost property, or no more: its time has ended, or it made room for newer ones. Load the list again.',
      )
    return item
  }

  function audit(
    who: Doer,
    action: string,
    subject: string,
    detail: AuditEntry['detail'],
    reason?: string,
  ): AuditEntry {
    const entry = { action, subject, outcome: 'done' as const, detail, address: who.address }
    return core.audit(who.by, clock.now(), reason === undefined ? entry : { ...entry, reason })
  }

  /** The request as it was received. @throws UxbridgeError `internal` when the log does not have it */
  async function loggedAt(pos: number): Promise<LogEntry> {
    const [logged] = await store.read.logAfter(pos - 1, 1)
    if (logged?.pos !== pos) throw new UxbridgeError('internal', `the log has no entry ${pos}`)
    return logged
  }

  /** Reads one request again and makes durable what became of these of its rows. */
  async function retryRequest(who: Doer, keys: readonly LostKey[], from: number): Promise<LostTried[]> {
    const logged = await loggedAt(from)
    core.requireWritable()
    // From here to the commit nothing waits: two who press at once find what the first has done.
    const items = keys.flatMap((key) => book().get(key) ?? [])
    const waiting = items.filter(({ state }) => state === 'lost')
    const settled = items.filter(({ state }) => state !== 'lost').map((item) => tried(item, 0, []))
    if (waiting.length === 0) return settled
    const at = clock.now()
    const sourceId = logged.sourceId ?? ''
    const { adapterId, raw } = requestIn(logged)
    const known = readerOf(sourceId, adapterId)
    if (known === null) throw readerGone(sourceId, adapterId)
    const verdict = judge(waiting, known.adapter.parse({ ...raw, settings: known.settings }), at, who.by)
    const pos = verdict.take === null ? null : ++core.world.pos
    const found = verdict.found.map(({ item, events }) => ({ ...item, foundPos: events > 0 ? pos : null }))
    const told = (incidents: readonly string[]): LostTried[] => [
      ...found.map((item, at) => tried(item, verdict.found[at]?.events ?? 0, incidents)),
      ...verdict.still.map((item) => tried(item, 0, [])),
      ...settled,
    ]
    const note = audit(who, 'lost.retry', sourceId, {
      pos: logged.pos,
      found: found.length,
      still: verdict.still.length,
      ...(pos === null ? {} : { at: pos }),
    })
    if (verdict.take === null || pos === null) {
      await core.append({ ...book().put([...found, ...verdict.still], at), audit: [note] })
      return told([])
    }
    const again = logAgain(pos, at, logged, known, verdict.take)
    // Read from what is logged, as a restart will read it.
    const entry = readRequest(again, () => known.adapter)
    if (entry === null) throw new UxbridgeError('internal', `the log entry ${pos} does not read again`)
    const { intention, folded, intakes } = foldEntry(core, entry, again)
    const anew = lostOf({ pos, sourceId, at: raw.receivedAt }, entry.unreadable, false)
    await core.append(
      { ...intention, ...book().put([...found, ...verdict.still, ...anew], at), audit: [note] },
      { touched: folded.touched, receivedAt: at, intakes },
    )
    return told([...new Set(folded.decisions.flatMap(({ incidentId }) => incidentId ?? []))])
  }

  async function retryAll(who: Doer, sourceId: string): Promise<LostTried[]> {
    const results: LostTried[] = []
    // One after the other: each waits for the disk, so that a long list holds nobody else up.
    for (const [pos, items] of Map.groupBy(book().waiting(sourceId), ({ pos }) => pos))
      try {
        results.push(...(await retryRequest(who, items, pos)))
      } catch (error) {
        if (!(error instanceof UxbridgeError) || error.code !== 'reader-gone') throw error
        results.push(...items.map((item) => ({ ...tried(item, 0, []), reason: error.message })))
      }
    return results
  }

  async function discard(who: Doer, items: readonly LostItem[], reason: string): Promise<number> {
    core.requireWritable()
    const at = clock.now()
    const waiting = items.filter(({ state }) => state === 'lost')
    if (waiting.length === 0) return 0
    const gone = waiting.map((item) => ({ ...item, state: 'discarded' as const, changedAt: at, changedBy: who.by }))
    const notes = [...Map.groupBy(gone, ({ sourceId }) => sourceId)].map(([sourceId, own]) =>
      audit(who, 'lost.discard', sourceId, { rows: own.map(lostId).slice(0, 20), members: membersOf(own) }, reason),
    )
    await core.append({ ...book().put(gone, at), audit: notes })
    return membersOf(gone)
  }

  return {
    get: (key) => book().get(key),
    waiting: (sourceId) => book().count(sourceId),
    madeRoom: (sourceId) => book().madeRoom(sourceId),

    async bytes(who, key, reason, whole): Promise<LostBytes> {
      const { pos, index, sourceId, members } = require(key)
      core.requireWritable()
      await core.append({ audit: [audit(who, 'lost.bytes', sourceId, { pos, index, whole }, reason)] })
      const logged = await loggedAt(pos)
      const { adapterId, raw } = requestIn(logged)
      const { body, contentType, method, path, query, headers } = raw
      return { body, member: memberText(body, members), adapterId, contentType, method, path, query, headers }
    },

    async retry(who, key) {
      const { state } = require(key)
      if (state === 'discarded') throw settledAs('discarded')
      return retryRequest(who, [key], key.pos)
    },
    retryAll,

    async discard(who, key, reason) {
      const item = require(key)
      if (item.state === 'found') throw settledAs('found')
      return discard(who, [item], reason)
    },
    discardAll: (who, sourceId, reason) => discard(who, book().waiting(sourceId), reason),
  }
}

/**
 * Rule LP4: what was kept beyond its time is removed, and the audit says how much of whose. Called by a poll.
 * @returns how many rows and members went
 */
export async function expireLost(core: Core): Promise<{ rows: number; members: number }> {
  const now = core.parts.clock.now()
  const { gone, remove } = core.world.lost.expire(now - core.policy.retention.lost_property)
  if (gone.length === 0 && remove.length === 0) return { rows: 0, members: 0 }
  const sources = Object.fromEntries(
    [...Map.groupBy(gone, ({ sourceId }) => sourceId)].map(([sourceId, own]) => [sourceId, membersOf(own)]),
  )
  const note = core.audit(clockActor.id, now, {
    action: 'lost.expire',
    subject: 'lost-property',
    outcome: 'done',
    detail: { rows: gone.length, members: sources },
    address: null,
  })
  const unlost = gone.map(({ pos, index }) => ({ pos, index }))
  await core.append({ unlost, remove, audit: gone.length > 0 ? [note] : [] })
  return { rows: gone.length, members: membersOf(gone) }
}

/**
 * Rule LP3: of a request that was read in part, only the members that were lost are taken, each once. A row that stands for
 * several is divided where some can be read and some cannot.
 */
function judge(waiting: readonly LostItem[], reading: Reading, at: number, by: string): Verdict {
  const bad = new Map(reading.unreadable.map(({ index, reason }) => [index, reason]))
  const places = new Set(placesOf(reading))
  const verdict: Verdict = { found: [], still: [], take: null }
  const changed = { changedAt: at, changedBy: by }
  const take: number[] = []
  const finds = (item: LostItem, events: number) =>
    verdict.found.push({ item: { ...item, ...changed, state: 'found' }, events })
  const stays = (item: LostItem, reason = item.reason) =>
    verdict.still.push({ ...item, ...changed, reason: shortReason(reason), tries: item.tries + 1 })

  for (const item of waiting) {
    if (item.members === wholeRequest) {
      const { events, unreadable } = reading
      if (events.length === 0 && unreadable.length > 0) stays(item, unreadable[0]?.reason)
      else finds(item, events.length)
      if (events.length > 0) verdict.take = wholeRequest
      continue
    }
    const numbers = readMembers(item.members)
    const good = numbers.filter((number) => !bad.has(number))
    const left = numbers.filter((number) => bad.has(number))
    const unnamed = item.count - numbers.length
    if (good.length === 0) {
      stays(item, item.count === 1 ? bad.get(item.index) : undefined)
      continue
    }
    const events = good.filter((number) => places.has(number))
    take.push(...events)
    finds({ ...item, ...rowOf(good), count: good.length }, events.length)
    if (left.length > 0) stays({ ...item, ...rowOf(left), count: left.length + unnamed }, bad.get(left[0] as number))
    else if (unnamed > 0) stays({ ...item, index: (numbers.at(-1) as number) + 1, members: '', count: unnamed })
  }
  if (take.length > 0)
    verdict.take = writeMembers(
      take.sort((a, b) => a - b),
      Number.POSITIVE_INFINITY,
    ).members
  return verdict
}

function rowOf(numbers: readonly number[]): Pick<LostItem, 'index' | 'members'> {
  return { index: numbers[0] as number, members: writeMembers(numbers).members }
}

function membersOf(items: readonly LostItem[]): number {
  return items.reduce((sum, { count }) => sum + count, 0)
}

function tried(item: LostItem, events: number, incidents: readonly string[]): LostTried {
  const { pos, index, state, reason, count, foundPos } = item
  return { pos, index, state, reason, count, foundPos, events, incidents: events > 0 ? incidents : [] }
}

function settledAs(state: 'found' | 'discarded'): UxbridgeError {
  const how = state === 'found' ? 'was found: what it says was read' : 'was discarded'
  return new UxbridgeError('lost-settled', `This ${how} already. Load the list again.`, { state })
}

function readerGone(source: string, adapter: string): UxbridgeError {
  return new UxbridgeError(
    'reader-gone',
    'Nothing here knows how to read this any more: its source is gone, or its kind is not one of this version. Look at its bytes, or discard it.',
    { source, adapter },
  )
}
