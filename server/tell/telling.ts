import type { Clock } from '#shared/clocks.ts'
import type { RecordedFact } from '#shared/incident/facts.ts'
import type { AlertView, FactView, Frame, HopView, IncidentView, Room, Summary } from '#shared/wire.ts'
import { alertsShown, type FilterPicture, type IncidentHead, type Picture } from '../picture/port.ts'
import { makeFilterTelling } from './filter-room.ts'
import { makeToteTelling, type TotePages } from './tote-room.ts'

/** Frames coalesce to at most 20 a second per room; the last change is always sent (contract.md). */
export const frameEveryMs = 50
/** Rates and the conservation line move at most once in so long. */
export const figuresEveryMs = 1000

export interface TellingParts {
  picture: Picture
  filterRoom: Pick<FilterPicture, 'view'>
  tote: TotePages
  clock: Clock
  /** Encodes once and sends to everybody in the room. */
  broadcast: (room: Room, frame: Frame) => void
  /** Runs `work` once after `ms`. */
  after: (ms: number, work: () => void) => void
}

export interface Telling {
  /**
   * Calls `enter` with the frame that brings a newcomer up to date, at the one moment when joining the room loses
   * nothing: everything pending has been sent before, everything later comes as a delta on top.
   * @param have the seq the newcomer holds; when it is not too old, `enter` gets a delta instead of a snapshot
   * @returns false when there is no such incident
   */
  open(room: Room, have: number | undefined, enter: (frame: Frame) => void): Promise<boolean>
  /** Nobody is in the room any more. */
  close(room: Room): void
  seqOf(room: Room): number
  /** Sends the figures when they have moved. Called by a poll. */
  figures(): void
  frames(): number
  stop(): void
}

interface IncidentRoom {
  seq: number
  facts: FactView[]
  /** Alerts that the filter had forgotten already when the room was opened. */
  oldAlerts: AlertView[]
  description: string
  /** Facts not yet sent; those with a version up to the newest of `facts` were part of the loaded page. */
  pending: FactView[]
  told: Map<string, string>
  receivedAt: number | null
  loaded: Promise<boolean>
  ready: boolean
  scheduled: boolean
  lastAt: number
}

const incidentOf = (room: Room): string | null => (room.startsWith('incident:') ? room.slice('incident:'.length) : null)

export function makeTelling({ picture, filterRoom, tote: pages, clock, broadcast, after }: TellingParts): Telling {
  let toldSeq = picture.seq()
  let lastFlushAt = 0
  let scheduled = false
  let figuresAt = 0
  let toldAccepted = -1
  let toldHeldBack = -1
  let sent = 0
  let stopped = false
  const watched = new Set<Room>()
  const rooms = new Map<string, IncidentRoom>()

  const isoNow = () => new Date(clock.now()).toISOString()
  const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString())

  function send(room: Room, frame: Frame): void {
    if (!watched.has(room)) return
    sent++
    broadcast(room, frame)
  }

  const filter = makeFilterTelling({ view: filterRoom.view, now: clock.now, send: (frame) => send('filter', frame) })
  const tote = makeToteTelling({ tote: pages, now: clock.now, send: (frame) => send('tote', frame) })

  function snapshot(room: 'board' | 'wall'): Frame {
    const { seq, incidents, sources, ledger, heldBack } = picture.board()
    const list = room === 'wall' ? incidents.map(forWall) : incidents
    return { room, kind: 'snapshot', seq, toldAt: isoNow(), incidents: list, sources, ledger, heldBack }
  }

  /** Also when the clock was set back since. */
  function figuresDue(): boolean {
    const elapsed = clock.now() - figuresAt
    return elapsed < 0 || elapsed >= figuresEveryMs
  }

  function figuresNow() {
    const { sources, ledger, heldBack } = picture.figures()
    figuresAt = clock.now()
    toldAccepted = ledger.accepted
    toldHeldBack = heldBack
    return { sources, ledger, heldBack }
  }

  function flushBoard(): void {
    const seq = picture.seq()
    if (seq === toldSeq) return
    const afterSeq = toldSeq
    toldSeq = seq
    lastFlushAt = clock.now()
    if (!watched.has('board') && !watched.has('wall')) return
    const change = picture.since(afterSeq)
    if (change === null) {
      for (const room of ['board', 'wall'] as const) send(room, snapshot(room))
      return
    }
    const withFigures = figuresDue() ? figuresNow() : {}
    for (const room of ['board', 'wall'] as const) {
      const wall = room === 'wall'
      send(room, {
        room,
        kind: 'delta',
        after: afterSeq,
        seq,
        toldAt: isoNow(),
        upsert: wall ? change.upsert.map(forWall) : change.upsert,
        remove: change.remove,
        notices: wall ? [] : change.notices,
        receivedAt: isoOrNull(change.receivedAt),
        ...withFigures,
      })
    }
  }

  function flushIncident(id: string, room: IncidentRoom): void {
    room.scheduled = false
    const head = picture.head(id)
    if (!room.ready || head === undefined) return
    const alerts = changedAlerts(id, room)
    const gone = goneAlerts(id, room)
    const name: Room = `incident:${id}`
    const afterSeq = room.seq
    room.seq++
    room.lastAt = clock.now()
    const facts = room.pending
    room.facts.push(...facts)
    room.pending = []
    const receivedAt = isoOrNull(room.receivedAt)
    room.receivedAt = null
    send(name, {
      room: name,
      kind: 'delta',
      after: afterSeq,
      seq: room.seq,
      toldAt: isoNow(),
      incident: { ...head, description: room.description },
      facts,
      alerts,
      ...(gone.length > 0 && { gone }),
      receivedAt,
    })
  }

  /** Rule T14: an alert that went to another incident leaves the page of this one; should it come back, it is told anew. */
  function goneAlerts(id: string, room: IncidentRoom): string[] {
    const left = (alertId: string): boolean => (picture.homeOf(alertId) ?? id) !== id
    const gone = [...room.told.keys(), ...room.oldAlerts.map((alert) => alert.id)].filter(left)
    for (const alertId of gone) room.told.delete(alertId)
    if (gone.length > 0) room.oldAlerts = room.oldAlerts.filter((alert) => !left(alert.id))
    return gone
  }

  function changedAlerts(id: string, room: IncidentRoom): AlertView[] {
    return picture.liveAlerts(id).filter((alert) => {
      const silence = alert.silence === null ? '' : Object.values(alert.silence).join(' ')
      const held = [alert.inhibited, alert.damped, alert.shed].map((mark) =>
        mark === null ? '' : Object.values(mark).join(' '),
      )
      const mark = `${alert.status} ${alert.heardAt} ${alert.events} ${alert.acknowledgedAt} ${silence} ${held}`
      if (room.told.get(alert.id) === mark) return false
      room.told.set(alert.id, mark)
      return true
    })
  }

  function schedule(lastAt: number, flush: () => void): void {
    // A clock set back must not make anybody wait for it to catch up.
    const wait = Math.min(frameEveryMs, frameEveryMs - (clock.now() - lastAt))
    after(Math.max(0, wait), () => {
      if (!stopped) flush()
    })
  }

  const stopListening = picture.onChange(({ incidentIds, facts }) => {
    if (!scheduled) {
      scheduled = true
      schedule(lastFlushAt, () => {
        scheduled = false
        flushBoard()
      })
    }
    for (const id of incidentIds) {
      const room = rooms.get(id)
      if (room === undefined) continue
      const own = facts.filter((fact: RecordedFact) => fact.incidentId === id)
      room.pending.push(...own.map(picture.factView))
      const first = own[0]
      if (first !== undefined) room.receivedAt = Math.min(room.receivedAt ?? first.at, first.at)
      if (room.scheduled) continue
      room.scheduled = true
      schedule(room.lastAt, () => flushIncident(id, room))
    }
  })

  function makeRoom(id: string): IncidentRoom {
    const room: IncidentRoom = {
      // As with the board: a seq of this run must never look like one of an earlier run.
      seq: clock.now() * 1000,
      facts: [],
      oldAlerts: [],
      description: '',
      pending: [],
      told: new Map(),
      receivedAt: null,
      loaded: Promise.resolve(false),
      ready: false,
      scheduled: false,
      lastAt: 0,
    }
    room.loaded = picture.incident(id).then((view) => {
      if (view === null) return false
      const newest = view.facts.at(-1)?.version ?? 0
      room.facts = view.facts
      room.pending = room.pending.filter((fact) => fact.version > newest)
      room.description = view.description
      const live = new Set(picture.liveAlerts(id).map((alert) => alert.id))
      room.oldAlerts = view.alerts.filter((alert) => !live.has(alert.id))
      changedAlerts(id, room)
      room.ready = true
      return true
    })
    return room
  }

  async function openIncident(id: string, name: Room, enter: (frame: Frame) => void): Promise<boolean> {
    let room = rooms.get(id)
    if (room === undefined) {
      room = makeRoom(id)
      rooms.set(id, room)
    }
    let found: boolean
    let head: IncidentHead | null
    try {
      found = await room.loaded
      head = picture.head(id) ?? (await picture.incident(id))
    } catch (error) {
      // What could not be read is read again by whoever comes next.
      if (rooms.get(id) === room) rooms.delete(id)
      throw error
    }
    // Rule T10: the last one left meanwhile and the room was closed behind them: changes no longer reach this one.
    if (rooms.get(id) !== room) return openIncident(id, name, enter)
    if (!found || head === null) {
      rooms.delete(id)
      return false
    }
    if (room.pending.length > 0) flushIncident(id, room)
    const incident: IncidentView = {
      ...head,
      description: room.description,
      facts: room.facts.map(picture.retold),
      alerts: [...picture.liveAlerts(id), ...room.oldAlerts].slice(0, alertsShown),
    }
    watched.add(name)
    enter({ room: name, kind: 'snapshot', seq: room.seq, toldAt: isoNow(), incident })
    return true
  }

  return {
    async open(room, have, enter) {
      const id = incidentOf(room)
      if (id !== null) return openIncident(id, room, enter)
      if (room === 'filter') {
        const frame = filter.open()
        watched.add(room)
        enter(frame)
        return true
      }
      if (room === 'tote') {
        const frame = tote.open(have)
        watched.add(room)
        enter(frame)
        return true
      }
      const board = room as 'board' | 'wall'
      flushBoard()
      watched.add(room)
      const change = have === undefined ? null : picture.since(have)
      if (have === undefined || change === null) enter(snapshot(board))
      else {
        const wall = board === 'wall'
        enter({
          room: board,
          kind: 'delta',
          after: have,
          seq: toldSeq,
          toldAt: isoNow(),
          upsert: wall ? change.upsert.map(forWall) : change.upsert,
          remove: change.remove,
          // What was missed while away is on the cards already; it is not announced again.
          notices: [],
          receivedAt: null,
          ...figuresNow(),
        })
      }
      return true
    },
    close(room) {
      watched.delete(room)
      if (room === 'filter') filter.close()
      const id = incidentOf(room)
      if (id !== null) rooms.delete(id)
    },
    seqOf(room) {
      if (room === 'filter') return filter.seq()
      if (room === 'tote') return tote.seq()
      const id = incidentOf(room)
      return id === null ? toldSeq : (rooms.get(id)?.seq ?? 0)
    },
    figures() {
      if (watched.has('filter')) filter.figures()
      if (watched.has('tote')) tote.moved()
      if (!watched.has('board') && !watched.has('wall')) return
      if (!figuresDue()) return
      const { ledger, heldBack } = picture.figures()
      if (ledger.accepted === toldAccepted && heldBack === toldHeldBack) return
      const moved = figuresNow()
      for (const room of ['board', 'wall'] as const)
        send(room, {
          room,
          kind: 'delta',
          after: toldSeq,
          seq: toldSeq,
          toldAt: isoNow(),
          upsert: [],
          remove: [],
          notices: [],
          receivedAt: null,
          ...moved,
        })
    },
    frames: () => sent,
    stop() {
      stopped = true
      stopListening()
    },
  }
}

/** A wall shows statuses: people's words stay off it, display names remain (screens.md: Wall). */
function forWall(summary: Summary): Summary {
  const quiet = (hop: HopView): HopView => ({ ...hop, readBack: null, reason: null, situation: null })
  return { ...summary, chain: summary.chain.map(quiet) }
}
