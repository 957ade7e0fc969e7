import { io } from 'socket.io-client'
import type { CloseReason, Transport, TransportEvents } from './transport.ts'

/**
 * Socket.io as a transport. Websocket only: polling requests carry no Origin that could be checked. It connects once
 * when told to; the link decides when to try again.
 * @param who whose page it is, asked at each connection: the server refuses it in the session of anybody else (rule Q3)
 */
export function makeSocketTransport(who: () => string | null): Transport {
  const socket = io({
    ...{ transports: ['websocket'], reconnection: false, autoConnect: false, timeout: 10_000 },
    auth: (say) => {
      const person = who()
      say(person === null ? {} : { person })
    },
  })
  return {
    listen(events: TransportEvents) {
      socket.on('connect', events.open)
      socket.on('disconnect', () => events.closed({ kind: 'lost' }))
      socket.on('connect_error', (error) => {
        // The line itself may be open still, with the cookies it was made with: the next try needs a new one.
        socket.disconnect()
        events.closed(reasonOf(error))
      })
      socket.on('frame', events.frame)
      socket.on('removed', events.removed)
      socket.on('beat', events.beat)
      socket.on('draft', events.draft)
    },
    connect() {
      if (!socket.connected) socket.connect()
    },
    close() {
      socket.disconnect()
    },
    send(event, body, answered) {
      socket.emit(event, body, answered)
    },
  }
}

/** A refusal by the server carries our error body; anything else is a line that is down. */
function reasonOf(error: Error): CloseReason {
  const data: unknown = 'data' in error ? error.data : undefined
  if (typeof data !== 'object' || data === null || !('code' in data) || typeof data.code !== 'string')
    return { kind: 'lost' }
  const message = 'message' in data && typeof data.message === 'string' ? data.message : error.message
  return { kind: 'refused', code: data.code, message }
}
