import type { ToteChange, ToteView } from '#shared/readiness.ts'
import type { Frame } from '#shared/wire.ts'

/** What the room needs of the tote. */
export interface TotePages {
  seq(): number
  move(): void
  view(): ToteView
  since(seq: number): ToteChange | null
}

export interface ToteTelling {
  /** What brings a newcomer up to date; those who watch already are told before what moved. */
  open(have: number | undefined): Frame
  /** Tells what moved. Called by a poll. */
  moved(): void
  seq(): number
}

/** The room `tote`: a snapshot, then the rows that moved; the whole again when teams come or go. */
export function makeToteTelling(parts: {
  tote: TotePages
  now: () => number
  /** To everybody in the room. */
  send: (frame: Frame) => void
}): ToteTelling {
  const { tote, now, send } = parts
  const place = () => ({ room: 'tote' as const, toldAt: new Date(now()).toISOString() })
  let told = tote.seq()

  function whole(): Frame {
    const view = tote.view()
    return { ...place(), kind: 'snapshot', seq: tote.seq(), tote: view }
  }

  function moved(): void {
    tote.move()
    const seq = tote.seq()
    if (seq === told) return
    const change = tote.since(told)
    send(change === null ? whole() : { ...place(), kind: 'delta', after: told, seq, tote: change })
    told = seq
  }

  return {
    open(have) {
      moved()
      const change = have === undefined ? null : tote.since(have)
      if (have === undefined || change === null) return whole()
      return { ...place(), kind: 'delta', after: have, seq: told, tote: change }
    },
    moved,
    seq: () => told,
  }
}
