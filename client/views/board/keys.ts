import { type RefObject, useEffect, useRef } from 'react'
import { isOpen } from '#shared/incident/state.ts'
import { actionsFor } from '../../state/actions.ts'
import { meOf } from '../../state/session.ts'
import { useApp } from '../context.ts'

/** Keys of the board. They are silent while somebody types, and while a dialog is open. */
export function useBoardKeys(parts: {
  ids: readonly string[]
  at: string | null
  onMove: (id: string) => void
  onOpen: (id: string) => void
  onLeave: () => void
  search: RefObject<HTMLInputElement | null>
}): void {
  const { board, session, act } = useApp()
  const latest = useRef(parts)
  latest.current = parts
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const { doing, help, palette, chosen } = act.store.getState()
      if (doing !== null || help || palette) return
      const { ids, at, onMove, onOpen, onLeave, search } = latest.current
      const place = at === null ? -1 : ids.indexOf(at)
      const mayMerge = (id: string) => {
        const summary = board.getState().incidents.get(id)
        const me = meOf(session.store.getState())
        return summary !== undefined && isOpen(summary.phase) && me.actions.includes('incident.respond')
      }
      const move = (to: number) => {
        const id = ids[Math.max(0, Math.min(ids.length - 1, to))]
        if (id !== undefined) onMove(id)
      }
      switch (event.key) {
        case 'j':
        case 'ArrowDown':
          move(place + 1)
          break
        case 'k':
        case 'ArrowUp':
          move(place <= 0 ? 0 : place - 1)
          break
        case 'Home':
          move(0)
          break
        case 'End':
          move(ids.length - 1)
          break
        case 'Enter':
          if (at === null || isControl(event.target)) return
          onOpen(at)
          break
        case 'Escape':
          if ([...chosen].some(mayMerge)) act.choose(null, false)
          else onLeave()
          break
        case 'x':
          if (at === null || !mayMerge(at)) return
          act.choose(at, !chosen.has(at))
          break
        case '/':
          search.current?.focus()
          break
        case 'd':
          if (!meOf(session.store.getState()).actions.includes('incident.declare')) return
          act.begin('declare', null)
          break
        default: {
          if (event.key === 'm' && [...chosen].filter(mayMerge).length > 1) {
            act.begin('merge-several', null)
            break
          }
          const summary = at === null ? undefined : board.getState().incidents.get(at)
          if (summary === undefined) return
          const action = actionsFor(summary, meOf(session.store.getState())).find(({ key }) => key === event.key)
          if (action === undefined) return
          act.begin(action.type, summary.id)
        }
      }
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [board, session, act])
}

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(A|BUTTON)$/.test(target.tagName)
}
