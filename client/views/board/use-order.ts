import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { type BoardQuery, listOf } from '../../state/filter.ts'
import { settle } from '../../state/settle.ts'
import { useApp, useMe } from '../context.ts'

/** The hand rests when it has not moved for so long. */
const restMs = 700
/** A hand that has done nothing for so long has left, wherever the pointer lies. */
const goneMs = 30_000

/**
 * The order on screen: by rank, but never moving under the hand (rule S1).
 * @returns ids in order, and what the list must tell about the hand
 */
export function useOrder(query: BoardQuery) {
  const { board, now } = useApp()
  const me = useMe()
  const { show, sort, text } = query
  const hand = useRef<{ movedAt: number; on: string | null }>({ movedAt: 0, on: null })

  const wanted = useCallback(
    () => listOf(board.getState().incidents.values(), { show, sort, text, at: null }, me.id, now.getState().at),
    [board, now, me.id, show, sort, text],
  )
  const [shown, setShown] = useState<readonly string[]>(wanted)

  const refresh = useCallback(() => {
    const { movedAt, on } = hand.current
    const quietMs = performance.now() - movedAt
    const state = { moving: movedAt > 0 && quietMs < restMs, on: quietMs < goneMs ? on : null }
    setShown((before) => settle(before, wanted(), state))
  }, [wanted])

  // Another filter is another list: it is shown in its own order at once.
  useLayoutEffect(() => setShown((before) => settle(before, wanted(), { moving: false, on: null })), [wanted])
  useEffect(() => board.subscribe(refresh), [board, refresh])
  // Rank also moves with time: what was in time is late a moment later.
  useEffect(() => now.subscribe(refresh), [now, refresh])

  const touched = useCallback((on: string | null) => {
    hand.current = { movedAt: performance.now(), on }
  }, [])
  const left = useCallback(() => {
    hand.current = { movedAt: 0, on: null }
    refresh()
  }, [refresh])
  return { shown, touched, left }
}
