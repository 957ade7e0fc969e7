// The service worker: what makes the app open without a network, and what hears when the server has something for this person.
// Built by `worker.config.ts` into `/sw.js`, one file without imports.
import { noticeOf, readPushed, targetOf } from './notice.ts'
import { makeShell, type Shell } from './shell.ts'

declare const __SHELL__: Shell

/** The part of a service worker's world that is used here; the page's types do not know it. */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface WindowClient {
  url: string
  focus(): Promise<unknown>
  navigate(url: string): Promise<unknown>
}
interface WorkerScope {
  location: Location
  caches: CacheStorage
  registration: ServiceWorkerRegistration
  clients: {
    claim(): Promise<void>
    matchAll(options: { type: 'window'; includeUncontrolled: boolean }): Promise<WindowClient[]>
    openWindow(url: string): Promise<unknown>
  }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install' | 'activate', listener: (event: Extendable) => void): void
  addEventListener(type: 'message', listener: (event: Extendable & { data: unknown }) => void): void
  addEventListener(
    type: 'fetch',
    listener: (event: Event & { request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void
  addEventListener(type: 'push', listener: (event: Extendable & { data: { text(): string } | null }) => void): void
  addEventListener(
    type: 'notificationclick',
    listener: (event: Extendable & { action: string; notification: Notification }) => void,
  ): void
  addEventListener(
    type: 'pushsubscriptionchange',
    listener: (event: Extendable & { oldSubscription: PushSubscription | null }) => void,
  ): void
}

const scope = self as unknown as WorkerScope
const { origin } = scope.location
const shell = makeShell({
  shell: __SHELL__,
  origin,
  caches: scope.caches,
  fetch: (request, init) => fetch(request, init),
})

scope.addEventListener('install', (event) => event.waitUntil(shell.install()))
scope.addEventListener('activate', (event) => event.waitUntil(shell.activate().then(() => scope.clients.claim())))

// A page that is idle, or whose person said so, asks for the newer version.
scope.addEventListener('message', (event) => {
  if (event.data === 'take-over') event.waitUntil(scope.skipWaiting())
})

scope.addEventListener('fetch', (event) => {
  const answer = shell.answer(event.request)
  if (answer !== null) event.respondWith(answer)
})

scope.addEventListener('push', (event) => {
  const pushed = readPushed(event.data?.text() ?? null)
  event.waitUntil(scope.registration.showNotification(pushed.title, noticeOf(pushed)))
})

scope.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(targetOf(event.notification.data, event.action, origin)))
})

/** In the window that is there already, or in a new one. */
async function open(url: string): Promise<void> {
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const there = windows.find((window) => window.url === url)
  if (there !== undefined) await there.focus()
  else await scope.clients.openWindow(url)
}

// The browser has renewed its address at the push service: the server must hear of it, or nothing arrives any more.
scope.addEventListener('pushsubscriptionchange', (event) => {
  const options = event.oldSubscription?.options
  if (options !== undefined) event.waitUntil(renew(options))
})

async function renew(options: PushSubscriptionOptions): Promise<void> {
  const subscription = await scope.registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: options.applicationServerKey,
  })
  await fetch('/api/notify/push', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-uxbridge': '1' },
    body: JSON.stringify(subscription),
  })
}
