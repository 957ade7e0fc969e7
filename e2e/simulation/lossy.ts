import { io } from 'socket.io-client'
import type { LinkClock, Transport, TransportEvents } from '#client/link/transport.ts'
import type { Random } from '#server/demo/random.ts'

/** Share of messages, 0 to 1, to which each thing happens. */
export interface Weather {
  lost: number
  repeated: number
  late: number
  /** The line breaks instead of delivering. */
  broken: number
}
export const calm: Weather = { lost: 0, repeated: 0, late: 0, broken: 0 }

export const wallClock: LinkClock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
}

/** Socket.io outside the browser, where the address, the origin and the session must be said. */
export function makeNodeTransport({ url, cookie }: { url: string; cookie: string }): Transport {
  const socket = io(url, {
    transports: ['websocket'],
    reconnection: false,
    autoConnect: false,
    forceNew: true,
    timeout: 20_000,
    extraHeaders: { cookie, origin: url },
  })
  return {
    listen(events) {
      socket.on('connect', events.open)
      socket.on('disconnect', () => events.closed({ kind: 'lost' }))
      socket.on('connect_error', (error) => {
        const data = 'data' in error ? (error.data as { code?: string; message?: string } | undefined) : undefined
        events.closed(
          data?.code === undefined
            ? { kind: 'lost' }
            : { kind: 'refused', code: data.code, message: data.message ?? '' },
        )
      })
      socket.on('frame', events.frame)
      socket.on('removed', events.removed)
      socket.on('beat', events.beat)
      socket.on('draft', events.draft)
    },
    connect() {
      if (!socket.connected) socket.connect()
    },
    close: () => void socket.disconnect(),
    send: (event, body, answered) => void socket.emit(event, body, answered),
  }
}

/**
 * A transport over a line in bad weather: what comes from the server is lost, repeated, delivered late (so behind what
 * was sent after it), or the line breaks; questions and answers are lost too. What happened is counted.
 */
export function inWeather(inner: Transport, random: Random, weather: () => Weather) {
  const counts = { delivered: 0, lost: 0, repeated: 0, late: 0, broken: 0 }
  let line = 0

  /** @returns whether `deliver` was called, or will be */
  function pass(deliver: () => void, breakLine: () => void): void {
    const { lost, repeated, late, broken } = weather()
    const lot = random.next()
    if (lot < lost) counts.lost++
    else if (lot < lost + repeated) {
      counts.repeated++
      deliver()
      deliver()
    } else if (lot < lost + repeated + late) {
      counts.late++
      wallClock.after(random.between(1, 400), deliver)
    } else if (lot < lost + repeated + late + broken) {
      counts.broken++
      breakLine()
    } else {
      counts.delivered++
      deliver()
    }
  }

  const transport: Transport = {
    listen(events: TransportEvents) {
      const breakLine = (): void => inner.close()
      inner.listen({
        open() {
          line++
          events.open()
        },
        closed: events.closed,
        frame: (raw) => pass(() => events.frame(raw), breakLine),
        removed: (raw) => pass(() => events.removed(raw), breakLine),
        beat: (raw) => pass(() => events.beat(raw), breakLine),
        draft: (raw) => pass(() => events.draft(raw), breakLine),
      })
    },
    connect: () => inner.connect(),
    close: () => inner.close(),
    send(event, body, answered) {
      const sentOn = line
      const breakLine = (): void => inner.close()
      const once = onlyOnce(answered)
      pass(
        () =>
          inner.send(event, body, (answer) => {
            // An answer belongs to the line it was asked on; the port promises at most one.
            pass(() => (line === sentOn ? once(answer) : undefined), breakLine)
          }),
        breakLine,
      )
    },
  }
  return { transport, counts }
}

function onlyOnce(answered: (answer: unknown) => void): (answer: unknown) => void {
  let done = false
  return (answer) => {
    if (done) return
    done = true
    answered(answer)
  }
}
