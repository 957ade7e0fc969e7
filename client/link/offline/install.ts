import { z } from 'zod'
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ErrorBody } from '#shared/errors.ts'
import { type Api, nothing } from '../api.ts'
import type { Keep } from './keep.ts'

/** How this browser stands with being told when the app is closed. */
export type PushState =
  /** Not known yet. */
  | 'unknown'
  /** This browser cannot. */
  | 'unsupported'
  /** An iPhone or iPad: it can once the app is on the home screen. */
  | 'needs-install'
  /** Over plain http, to another machine: browsers refuse. */
  | 'insecure'
  /** The person, or their browser for them, has said no; only its own settings change that. */
  | 'denied'
  | 'off'
  | 'on'

export interface InstallState {
  /** A newer version is on this device and takes over when it may. */
  updateReady: boolean
  /** The browser offers to put the app on the home screen. */
  mayInstall: boolean
  /** It runs from the home screen. */
  installed: boolean
  push: PushState
  busy: boolean
  error: ErrorBody | null
}

/** The app as something on this device: kept for the next time, newer when it may, and heard when it is closed. */
export interface Install {
  store: StoreApi<InstallState>
  /** Registers the service worker. Called by who opens a screen that is of use without a network. */
  begin(): Promise<void>
  /** Somebody is signed in: notices of whoever was here before are ended. */
  entered(person: string): Promise<void>
  /** Before somebody signs out: this browser hears nothing in their name any more. */
  leaving(): Promise<void>
  /** Notices of this incident are closed: it is not there for this person any more. */
  forget(incidentId: string): Promise<void>
  /** Asks the browser to put the app on the home screen. */
  install(): Promise<void>
  subscribe(): Promise<void>
  unsubscribe(): Promise<void>
  /** Lets the newer version take over, and loads it. */
  update(): void
  /** The same, where nobody would be disturbed by it. */
  updateIfIdle(idle: boolean): void
}

/** The window, with what else is global in it. */
export type Browser = Window & typeof globalThis

/** `beforeinstallprompt`; not in every browser, and not in its types. */
interface InstallPrompt extends Event {
  prompt(): Promise<unknown>
}

const pushKey = 'push-person'
/** Of `shared/notify/view.ts` what is read here: the whole of it would come with the first load of every page. */
const pushKeySchema = z.object({ key: z.string() })
const askForNewerMs = 60 * 60_000

export function makeInstall(doors: { window: Browser; api: Api; keep: Keep; built: boolean }): Install {
  const { window, api, keep } = doors
  const container: ServiceWorkerContainer | undefined = window.navigator.serviceWorker
  const store = createStore<InstallState>(() => ({
    updateReady: false,
    mayInstall: false,
    installed: isInstalled(window),
    push: 'unknown',
    busy: false,
    error: null,
  }))
  let registration: ServiceWorkerRegistration | null = null
  let prompt: InstallPrompt | null = null
  let wanted = false
  let person: string | null = null

  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    prompt = event as InstallPrompt
    store.setState({ mayInstall: true })
  })
  window.addEventListener('appinstalled', () => {
    prompt = null
    store.setState({ mayInstall: false, installed: true })
  })
  container?.addEventListener('controllerchange', () => {
    // The first worker of all takes over as well, and nothing is newer then.
    if (wanted) window.location.reload()
  })

  function watch(found: ServiceWorkerRegistration): void {
    const look = () => store.setState({ updateReady: found.waiting !== null && container?.controller != null })
    look()
    found.addEventListener('updatefound', () => {
      found.installing?.addEventListener('statechange', look)
    })
    const ask = () => void found.update().catch(() => look())
    window.setInterval(ask, askForNewerMs)
    window.document.addEventListener('visibilitychange', () => {
      if (window.document.visibilityState === 'visible') ask()
    })
  }

  async function look(): Promise<void> {
    store.setState({ push: await pushState() })
  }

  async function pushState(): Promise<PushState> {
    if (!window.isSecureContext) return 'insecure'
    if (needsInstall(window)) return 'needs-install'
    if (container === undefined || !('PushManager' in window) || !('Notification' in window)) return 'unsupported'
    if (window.Notification.permission === 'denied') return 'denied'
    const subscription = await registration?.pushManager.getSubscription()
    return subscription != null && (await keep.read()).get(pushKey) === person ? 'on' : 'off'
  }

  async function drop(tellServer: boolean): Promise<ErrorBody | null> {
    const subscription = await (await present())?.pushManager.getSubscription()
    if (subscription == null) return null
    const { endpoint } = subscription
    if (tellServer) {
      const answer = await api.ask('DELETE', '/api/notify/push', nothing, { endpoint })
      // An address that the server does not know is gone all the same.
      if (!answer.ok && answer.error.code !== 'not-found' && answer.error.code !== 'not-ready') return answer.error
    }
    // Nothing reaches this browser after this, whatever the server still believes.
    await subscription.unsubscribe()
    await keep.change(pushKey, () => undefined)
    return null
  }

  async function present(): Promise<ServiceWorkerRegistration | null> {
    return registration ?? (await container?.getRegistration()) ?? null
  }

  async function during(work: () => Promise<ErrorBody | null>): Promise<void> {
    store.setState({ busy: true, error: null })
    const error = await work().catch(
      (reason: unknown): ErrorBody => ({
        code: 'not-ready',
        message: `The browser could not do it: ${reason instanceof Error ? reason.message : String(reason)}`,
      }),
    )
    store.setState({ busy: false, error })
    await look()
  }

  return {
    store,
    async begin() {
      if (!doors.built || container === undefined) return look()
      if (registration === null) {
        try {
          registration = await container.register('/sw.js', { updateViaCache: 'none' })
          watch(registration)
        } catch {
          // A private window, or no network on the first visit: the app works without, and `push` says what does not.
          registration = null
        }
      }
      await look()
      // The server may have forgotten this browser meanwhile; told twice, it knows it once.
      const subscription = store.getState().push === 'on' ? await registration?.pushManager.getSubscription() : null
      if (subscription != null) await api.ask('POST', '/api/notify/push', nothing, subscription.toJSON())
    },
    async entered(who) {
      person = who
      if ((await keep.read()).get(pushKey) !== who) await drop(false).catch(ended)
    },
    async leaving() {
      const found = await present()
      for (const notice of (await found?.getNotifications?.()) ?? []) notice.close()
      await drop(true).catch(ended)
    },
    async forget(incidentId) {
      const found = await present()
      for (const notice of (await found?.getNotifications?.()) ?? [])
        if (linkOf(notice.data).endsWith(`/incident/${incidentId}`)) notice.close()
    },
    async install() {
      await prompt?.prompt()
      prompt = null
      store.setState({ mayInstall: false })
    },
    subscribe: () =>
      during(async () => {
        if (registration === null) return notHere
        const key = await api.ask('GET', '/api/notify/push-key', pushKeySchema)
        if (!key.ok) return key.error
        if ((await window.Notification.requestPermission()) !== 'granted') return null
        const subscription = await registration.pushManager.subscribe({
          userVisibleOnly: true,
          applicationServerKey: key.value.key,
        })
        const answer = await api.ask('POST', '/api/notify/push', nothing, subscription.toJSON())
        if (!answer.ok) {
          await subscription.unsubscribe()
          return answer.error
        }
        await keep.change(pushKey, () => person)
        return null
      }),
    unsubscribe: () => during(() => drop(true)),
    update() {
      wanted = true
      if (registration?.waiting != null) registration.waiting.postMessage('take-over')
      else window.location.reload()
    },
    updateIfIdle(idle) {
      if (!idle || wanted || !store.getState().updateReady) return
      wanted = true
      registration?.waiting?.postMessage('take-over')
    },
  }
}

/** Where a press on it leads (`client/worker/notice.ts`). */
function linkOf(data: unknown): string {
  return typeof data === 'object' && data !== null && 'link' in data ? String(data.link) : ''
}

/** A browser that cannot end it here forgets it with its next push, when the server is told that nobody is there. */
const ended = () => null

const notHere: ErrorBody = {
  code: 'not-ready',
  message:
    'The part of the app that hears notices is not on this device yet. Reload the page with a network, then try again.',
}

function isInstalled(window: Browser): boolean {
  return window.matchMedia('(display-mode: standalone)').matches || isStandaloneApple(window)
}

/** Safari's own word for an app on the home screen. */
function isStandaloneApple({ navigator }: Browser): boolean {
  return 'standalone' in navigator && navigator.standalone === true
}

/** On iPhones and iPads only an app on the home screen can be told something. Source: WebKit, web push since iOS 16.4. */
function needsInstall(window: Browser): boolean {
  const { navigator } = window
  const apple =
    /iPhone|iPad|iPod/.test(navigator.userAgent) ||
    (navigator.maxTouchPoints > 1 && /Macintosh/.test(navigator.userAgent))
  return apple && !isStandaloneApple(window) && !('PushManager' in window)
}
