import { createContext, type ReactNode, Suspense, useContext, useMemo, useRef, useState } from 'react'
import type { HopView } from '#shared/wire.ts'
import { later } from '../later.ts'

export const HopTip = later(() => import('./hop-tip.tsx').then(({ HopTip }) => HopTip))

/** One stretch of a chain under the pointer or the focus. */
export interface Pointed {
  hop: HopView
  anchor: Element
}
interface Tip {
  show(pointed: Pointed): void
  /** Soon, not at once: the pointer may be on its way to the tip itself. */
  hide(): void
  keep(): void
}

const TipContext = createContext<Tip>({ show: () => {}, hide: () => {}, keep: () => {} })
export function useTip(): Tip {
  return useContext(TipContext)
}

const openAfterMs = 120
const closeAfterMs = 160

/** The one tip of all chains on a page. It is fetched when it is first wanted. */
export function TipProvider({ children }: { children: ReactNode }) {
  const [pointed, setPointed] = useState<Pointed | null>(null)
  const [wanted, setWanted] = useState(false)
  const timer = useRef(0)
  const tip = useMemo<Tip>(() => {
    const later = (ms: number, next: Pointed | null) => {
      clearTimeout(timer.current)
      timer.current = window.setTimeout(() => {
        setPointed(next)
        if (next !== null) setWanted(true)
      }, ms)
    }
    return {
      show: (next) => later(openAfterMs, next),
      hide: () => later(closeAfterMs, null),
      keep: () => clearTimeout(timer.current),
    }
  }, [])
  return (
    <TipContext value={tip}>
      {children}
      {wanted && (
        <Suspense fallback={null}>
          <HopTip pointed={pointed} onClose={() => setPointed(null)} onEnter={tip.keep} onLeave={tip.hide} />
        </Suspense>
      )}
    </TipContext>
  )
}
