import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type ProxyOptions } from 'vite'
import { serviceWorker } from './worker/worker.config.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const behind = process.env.UXBRIDGE_API ?? 'http://localhost:4001'
/** Every path that the server answers itself; all else is the board's. */
const serverPaths = ['/api', '/intake', '/ping', '/v1', '/v2', '/healthz', '/readyz', '/metrics']
const proxy: Record<string, ProxyOptions> = { '/socket.io': { target: behind, ws: true } }
for (const path of serverPaths) proxy[path] = { target: behind }

/** Screens that open without a network: a responder's page, and what can be done from it. */
const offline = ['views/mine/mine.tsx', 'views/acts/acts.tsx', 'views/signin/sign-in.tsx', 'widgets/controls/menu.tsx']

export default defineConfig({
  root,
  plugins: [react(), serviceWorker(offline)],
  server: { proxy },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The content policy allows fonts and pictures from ourselves only, so nothing may become a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
