import { type RefObject, useEffect, useRef } from 'react'
import { isTyping } from './board/keys.ts'
import { useApp } from './context.ts'

/**
 * j, k and the arrows walk a list, Esc closes what is open, and / goes to the words it is searched by, where there are any.
 * Silent while somebody types or a dialog is open.
 */
export function useListKeys(
  ids: readonly string[],
  at: string | null,
  onMove: (id: string | null) => void,
  search?: RefObject<HTMLInputElement | null>,
): void {
  const { act } = useApp()
  const latest = useRef({ ids, at, onMove })
  latest.current = { ids, at, onMove }
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const { doing, help, palette } = act.store.getState()
      if (doing !== null || help || palette || document.querySelector('[role="dialog"]') !== null) return
      const { ids, at, onMove } = latest.current
      const place = at === null ? -1 : ids.indexOf(at)
      if (event.key === 'j' || event.key === 'ArrowDown') onMove(ids[Math.min(ids.length - 1, place + 1)] ?? at)
      else if (event.key === 'k' || event.key === 'ArrowUp') onMove(ids[Math.max(0, place - 1)] ?? at)
      else if (event.key === 'Escape' && at !== null) onMove(null)
      else if (event.key === '/' && search !== undefined) search.current?.focus()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [act, search])
}
