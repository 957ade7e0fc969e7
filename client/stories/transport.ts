import { protocol, type Room, type SourceVitals, type Summary } from '#shared/wire.ts'
import type { Transport, TransportEvents } from '../link/transport.ts'
import { ledger } from './incidents.ts'
import { fullView } from './page.ts'
import { toteOf } from './tote.ts'

export interface Scene {
  incidents: readonly Summary[]
  /** Those that have left the board; their own rooms are still there. */
  off?: readonly Summary[]
  /** Those that only some see, this person among them: they come through rooms of their own. */
  restricted?: readonly Summary[]
  /** One that is hidden from this person while they look at it. */
  hidden?: string
  sources: readonly SourceVitals[]
  /** How the line behaves. */
  line: 'live' | 'silent' | 'lost' | 'signed-out'
  /** The beat names another version of the wire. */
  newer?: boolean
  trouble?: string
  /** Answers a command; the default lets it wait. */
  answer?: (body: Record<string, unknown>) => unknown
}

/** A transport that plays a scene: frames as the server would send them, at an instant that stands still. */
export function makeSceneTransport(scene: Scene, now: () => number): Transport & { deliver(frame: unknown): void } {
  let events: TransportEvents | null = null
  let beaten = false
  const iso = () => new Date(now()).toISOString()
  const seqs: Record<string, number> = {}
  const snapshot = (room: Room) => {
    const place = { room, kind: 'snapshot', seq: 100, toldAt: iso() }
    // Where nothing ever came in, there are no teams either.
    const isEmpty = scene.incidents.length === 0 && scene.sources.length === 0
    if (room === 'tote') return { ...place, tote: isEmpty ? { teams: [], people: [] } : toteOf(scene.incidents, now()) }
    if (!room.startsWith('incident:'))
      return {
        ...place,
        incidents: scene.incidents,
        sources: scene.sources,
        heldBack: 0,
        ledger: isEmpty ? { ...ledger, accepted: 0, outcomes: {} } : ledger,
      }
    const summary = [...scene.incidents, ...(scene.off ?? []), ...(scene.restricted ?? [])].find(
      ({ id }) => room === `incident:${id}`,
    )
    return summary === undefined ? null : { ...place, incident: fullView(summary) }
  }
  return {
    listen(heard) {
      events = heard
    },
    connect() {
      queueMicrotask(() => {
        if (scene.line === 'signed-out')
          return events?.closed({ kind: 'refused', code: 'not-signed-in', message: 'Sign in first.' })
        events?.open()
        if (scene.line !== 'lost' && !beaten)
          events?.beat({
            at: iso(),
            protocol: scene.newer === true ? 'another' : protocol,
            trouble: scene.trouble ?? null,
            seq: seqs,
            sources: scene.sources,
          })
      })
    },
    close() {},
    send(event, body, answered) {
      const fields = body as Record<string, unknown>
      if (event === 'command') {
        const answer = scene.answer?.(fields)
        if (answer !== undefined) queueMicrotask(() => answered(answer))
        return
      }
      if (event !== 'watch' || scene.line === 'lost' || (scene.line === 'silent' && beaten && fields.room !== 'tote'))
        return
      const room = fields.room as Room
      const frame = snapshot(room)
      queueMicrotask(() => {
        if (frame === null) return answered({ code: 'not-found', message: `There is no ${room.replace(':', ' ')}.` })
        seqs[room] = 100
        const brought = (room === 'board' ? (scene.restricted ?? []) : []).map(({ id }): Room => `incident:${id}`)
        answered({ ok: true, seq: 100, ...(room === 'board' && { restricted: brought }) })
        events?.frame(frame)
        for (const each of brought) events?.frame(snapshot(each))
        if (room === `incident:${scene.hidden}`) events?.removed({ room, why: 'hidden' })
        if (scene.line === 'silent') beaten = true
      })
    },
    deliver: (frame) => events?.frame(frame),
  }
}
