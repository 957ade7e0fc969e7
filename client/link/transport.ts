/** Why a connection was not made or ended, as far as the other side said. */
export type CloseReason =
  | { kind: 'lost' }
  /** The server named a reason: an error code of `shared/errors.ts`. */
  | { kind: 'refused'; code: string; message: string }

export interface TransportEvents {
  open: () => void
  closed: (reason: CloseReason) => void
  /** Not parsed yet: whatever came. */
  frame: (raw: unknown) => void
  /** An incident that is not there for this client any more, or has left its board. */
  removed: (raw: unknown) => void
  beat: (raw: unknown) => void
  /** Of a brief that is being written. */
  draft: (raw: unknown) => void
}

/**
 * A pipe to the server that promises nothing: messages may be lost, repeated, late or out of order.
 * The link above it makes a picture of that. Socket.io in the browser, a model server in tests, scenes in stories.
 */
export interface Transport {
  listen(events: TransportEvents): void
  /** Tries once. `open` or `closed` follows. */
  connect(): void
  close(): void
  /** Calls `answered` at most once, or never. */
  send(
    event: 'watch' | 'unwatch' | 'command' | 'draft-join' | 'draft-edit' | 'draft-at' | 'draft-leave',
    body: unknown,
    answered: (answer: unknown) => void,
  ): void
}

/** Time and chance, handed in. */
export interface LinkClock {
  /** Epoch ms of this machine. */
  now(): number
  /** Calls `then` once after `ms`. @returns cancel */
  after(ms: number, then: () => void): () => void
}
