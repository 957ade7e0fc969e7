import '@fontsource/b612/latin-400.css'
import '@fontsource/b612/latin-700.css'
import './theme/tokens.css'
import './theme/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import { type App, makeApp } from './app.ts'
import { keepInBrowser } from './link/offline/keep.ts'
import { makeSocketTransport } from './link/socket.ts'
import { meOf } from './state/session.ts'
import { applyTheme } from './theme/theme.ts'
import { Root } from './views/root.tsx'
import { forgetMeasures } from './widgets/chain/measure.ts'

// The content policy forbids making code from text, which zod would otherwise try.
z.config({ jitless: true })
applyTheme()

let touchedAt = Date.now()
for (const touch of ['pointerdown', 'keydown', 'wheel'])
  window.addEventListener(
    touch,
    () => {
      touchedAt = Date.now()
    },
    { passive: true },
  )

const app: App = makeApp({
  transport: makeSocketTransport(() => meOf(app.session.store.getState()).id || null),
  clock: {
    now: () => Date.now(),
    after(ms, then) {
      const timer = setTimeout(then, ms)
      return () => clearTimeout(timer)
    },
  },
  random: () => Math.random(),
  newId: () => crypto.randomUUID(),
  fetcher: (input, init) => fetch(input, init),
  painted(then) {
    // A hidden page paints nothing, so it has nothing to measure.
    if (document.visibilityState === 'visible') requestAnimationFrame(() => setTimeout(then, 0))
  },
  room: location.pathname === '/wall' ? 'wall' : 'board',
  keep: keepInBrowser(),
  online: navigator.onLine,
  window,
  untouchedMs: () => (document.visibilityState === 'hidden' ? Number.POSITIVE_INFINITY : Date.now() - touchedAt),
  built: import.meta.env.PROD,
})

window.addEventListener('online', () => {
  app.device.network(true)
  app.link.retryNow()
})
window.addEventListener('offline', () => app.device.network(false))
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') app.link.retryNow()
})
document.fonts.addEventListener('loadingdone', () => {
  forgetMeasures()
  app.now.setState({ at: app.link.serverNow() })
})

const root = document.getElementById('root')
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <Root app={app} />
    </StrictMode>,
  )
app.start()
