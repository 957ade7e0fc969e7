import { protocol, type Summary } from '#shared/wire.ts'
import { checkout, storyNow } from '../stories/incidents.ts'
import { fullView } from '../stories/page.ts'
import type { LinkClock, Transport, TransportEvents } from './transport.ts'

/** Time that moves when it is told to; what is due runs in order. @param start epoch ms */
export function makeFakeClock(start = storyNow) {
  let now = start
  let made = 0
  const due: { at: number; order: number; then: () => void }[] = []
  const clock: LinkClock & { run(ms: number): void } = {
    now: () => now,
    after(ms, then) {
      const one = { at: now + ms, order: made++, then }
      due.push(one)
      return () => {
        const place = due.indexOf(one)
        if (place !== -1) due.splice(place, 1)
      }
    },
    run(ms) {
      const end = now + ms
      for (;;) {
        due.sort((a, b) => a.at - b.at || a.order - b.order)
        const next = due[0]
        if (next === undefined || next.at > end) break
        due.shift()
        now = next.at
        next.then()
      }
      now = end
    },
  }
  return clock
}

export type Fate = 'through' | 'lost' | 'twice' | 'late'
interface Incident {
  summary: Summary
  seq: number
  /** Whether it is there for the one who looks. */
  seen: boolean
  onBoard: boolean
}

/** A server with a board and restricted incidents (rules RS4, RS5), and a line that loses, repeats and delays. */
export function makeModel(clock: LinkClock, fate: () => Fate) {
  const iso = () => new Date(clock.now()).toISOString()
  const incidents = new Map<string, Incident>()
  const isRestricted = ({ summary }: Incident) => summary.flags.includes('restricted')
  let seq = 100
  const changes: { seq: number; id: string }[] = []
  let events: TransportEvents | null = null
  let line = 0
  let up = false
  /** Of the one socket that is open. */
  let joined = new Set<string>()
  let asked = new Set<string>()
  let brought = new Set<string>()
  const sent: { event: string; room: string }[] = []

  function deliver(then: () => void): void {
    const mine = line
    const later = (ms: number) => clock.after(ms, () => mine === line && up && then())
    const lot = fate()
    if (lot === 'lost') return
    later(lot === 'late' ? 700 : 1)
    if (lot === 'twice') later(40)
  }
  const send = (frame: unknown) => deliver(() => events?.frame(frame))
  const publicOnes = () => [...incidents.values()].filter((one) => one.onBoard && !isRestricted(one))
  const belonging = () => [...incidents.values()].filter((one) => one.onBoard && one.seen && isRestricted(one))

  function boardFrame(after: number | null) {
    const head = { room: 'board', seq, toldAt: iso() }
    const list = publicOnes().map(({ summary }) => summary)
    if (after === null || after > seq || after < seq - 8) {
      const ledger = { sinceMs: 3_600_000, accepted: 0, outcomes: {} }
      return { ...head, kind: 'snapshot', incidents: list, sources: [], ledger, heldBack: 0 }
    }
    const ids = new Set(changes.filter((change) => change.seq > after).map(({ id }) => id))
    const upsert = list.filter(({ id }) => ids.has(id))
    const remove = [...ids].filter((id) => !upsert.some((one) => one.id === id))
    return { ...head, kind: 'delta', after, upsert, remove, notices: [], receivedAt: null }
  }
  const snapshot = ({ summary, seq }: Incident) => ({
    ...{ room: `incident:${summary.id}`, kind: 'snapshot', seq, toldAt: iso() },
    incident: fullView(summary),
  })

  function judge(): string[] {
    if (!up) return []
    const wanted = new Set(joined.has('board') ? belonging().map(({ summary }) => `incident:${summary.id}`) : [])
    for (const room of [...joined].filter((name) => name.startsWith('incident:'))) {
      const one = incidents.get(room.slice('incident:'.length))
      const isHidden = one === undefined || (isRestricted(one) && !one.seen)
      if (!isHidden && !(brought.has(room) && !wanted.has(room))) continue
      brought.delete(room)
      if (isHidden) asked.delete(room)
      if (!asked.has(room)) joined.delete(room)
      const removed = { room, why: isHidden ? 'hidden' : 'left' }
      deliver(() => events?.removed(removed))
    }
    const mine = line
    for (const room of wanted)
      if (!brought.has(room))
        // The audit comes first.
        clock.after(8, () => {
          const one = incidents.get(room.slice('incident:'.length))
          if (mine !== line || !up || one === undefined || !belonging().includes(one) || brought.has(room)) return
          brought.add(room)
          joined.add(room)
          send(snapshot(one))
        })
    return [...wanted]
  }

  /** Changes one incident and tells whoever is to hear of it. */
  function change(id: string, next: Partial<Incident> & { restricted?: boolean; title?: string }): void {
    const before = incidents.get(id) ?? { summary: { ...checkout, id, flags: [] }, seq: 1, seen: true, onBoard: true }
    const wasPublic = incidents.has(id) && !isRestricted(before)
    const { restricted = isRestricted(before), title = before.summary.title, ...rest } = next
    const summary = { ...before.summary, title, flags: restricted ? (['restricted'] as const) : [] }
    const one: Incident = {
      ...before,
      ...rest,
      summary: { ...summary, flags: [...summary.flags] },
      seq: before.seq + 1,
    }
    incidents.set(id, one)
    if (wasPublic || !restricted) {
      const after = seq++
      changes.push({ seq, id })
      if (joined.has('board')) send(boardFrame(after))
    }
    judge()
    if (!joined.has(`incident:${id}`)) return
    const { facts: _, alerts: __, ...head } = fullView(one.summary)
    send({
      ...{ room: `incident:${id}`, kind: 'delta', after: before.seq, seq: one.seq, toldAt: iso() },
      ...{ incident: head, facts: [], alerts: [], receivedAt: null },
    })
  }

  const transport: Transport = {
    listen(heard) {
      events = heard
    },
    connect() {
      if (up) return
      clock.after(5, () => {
        if (up) return
        up = true
        line++
        joined = new Set()
        asked = new Set()
        brought = new Set()
        events?.open()
      })
    },
    close() {
      up = false
    },
    send(event, body, answered) {
      const { room, have } = body as { room: string; have?: number }
      sent.push({ event, room })
      const mine = line
      deliver(() => {
        if (mine !== line || !up) return
        if (event === 'unwatch') {
          asked.delete(room)
          if (!brought.has(room)) joined.delete(room)
          return
        }
        const one = incidents.get(room.slice('incident:'.length))
        if (room !== 'board' && (one === undefined || (isRestricted(one) && !one.seen)))
          return deliver(() => answered({ code: 'not-found', message: `There is no ${room.replace(':', ' ')}.` }))
        joined.add(room)
        asked.add(room)
        if (one === undefined) {
          send(boardFrame(have ?? null))
          const restricted = judge()
          const at = seq
          deliver(() => answered({ ok: true, seq: at, restricted }))
        } else {
          send(snapshot(one))
          const at = one.seq
          deliver(() => answered({ ok: true, seq: at }))
        }
      })
    },
  }
  return {
    transport,
    sent,
    change,
    beat() {
      if (!up) return
      const seqOf = (room: string) => (room === 'board' ? seq : incidents.get(room.slice('incident:'.length))?.seq)
      const at = Object.fromEntries([...joined].map((room) => [room, seqOf(room) ?? 0]))
      deliver(() => events?.beat({ at: iso(), protocol, trouble: null, seq: at, sources: [] }))
    },
    drop() {
      if (!up) return
      up = false
      events?.closed({ kind: 'lost' })
    },
    publicOnes: () => new Map(publicOnes().map(({ summary }) => [summary.id, summary])),
    belonging: () => new Map(belonging().map(({ summary }) => [summary.id, summary])),
    joined: () => joined,
    /** Its summary, where it is there for the one who looks. */
    seen(id: string) {
      const one = incidents.get(id)
      return one === undefined || (isRestricted(one) && !one.seen) ? null : one.summary
    },
  }
}
