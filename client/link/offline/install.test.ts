import { describe, expect, it } from 'vitest'
import type { Api } from '../api.ts'
import { type Browser, makeInstall } from './install.ts'
import { keepInMemory } from './keep.ts'

interface Kind {
  secure?: boolean
  push?: boolean
  permission?: NotificationPermission
  agent?: string
  standalone?: boolean
  /** What the server says to a subscription. */
  refuses?: boolean
  /** A newer version is here. */
  newer?: boolean
}

const desktop = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140'
const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1'

function rig({
  secure = true,
  push = true,
  permission = 'granted',
  agent = desktop,
  standalone,
  refuses,
  newer,
}: Kind = {}) {
  const asked: string[] = []
  const entries = new Map<string, unknown>()
  let subscribed = false
  const subscription = {
    endpoint: 'https://push.example/1',
    toJSON: () => ({ endpoint: 'https://push.example/1', keys: {} }),
    unsubscribe: async () => {
      subscribed = false
      return true
    },
  }
  const told: unknown[] = []
  const registration = {
    waiting: newer ? { postMessage: (words: unknown) => told.push(words) } : null,
    addEventListener: () => {},
    update: async () => {},
    getNotifications: async () => [],
    pushManager: {
      getSubscription: async () => (subscribed ? subscription : null),
      subscribe: async () => {
        subscribed = true
        return subscription
      },
    },
  }
  const listeners = { addEventListener: () => {} }
  let takenOver = () => {}
  let reloads = 0
  const container = {
    controller: newer ? {} : null,
    register: async () => registration,
    getRegistration: async () => registration,
    addEventListener(_type: string, listener: () => void) {
      takenOver = listener
    },
  }
  const window = {
    ...listeners,
    isSecureContext: secure,
    setInterval: () => 0,
    location: { reload: () => reloads++ },
    matchMedia: () => ({ matches: false }),
    document: { ...listeners, visibilityState: 'visible' },
    navigator: {
      userAgent: agent,
      maxTouchPoints: 0,
      ...(secure && { serviceWorker: container }),
      ...(standalone !== undefined && { standalone }),
    },
    ...(push && { PushManager: class {} }),
    Notification: { permission, requestPermission: async () => permission },
  } as unknown as Browser
  const api: Api = {
    async ask(method, path) {
      asked.push(`${method} ${path}`)
      if (method === 'POST' && refuses) return { ok: false, error: { code: 'not-allowed', message: 'Not you.' } }
      return { ok: true, value: { key: 'BKey', browsers: 1 } as never }
    },
  }
  const open = () => makeInstall({ window, api, keep: keepInMemory(entries), built: true })
  return {
    install: open(),
    open,
    asked,
    isSubscribed: () => subscribed,
    told,
    takeOver: () => takenOver(),
    reloads: () => reloads,
  }
}

const stateOf = async (kind: Kind) => {
  const { install } = rig(kind)
  await install.entered('p_one')
  await install.begin()
  return install.store.getState().push
}

describe('being told when the page is closed', () => {
  it('says what keeps it from working: no https, a browser that cannot, a no of the person, an iPhone without the app', async () => {
    expect(await stateOf({})).toBe('off')
    expect(await stateOf({ secure: false })).toBe('insecure')
    expect(await stateOf({ push: false })).toBe('unsupported')
    expect(await stateOf({ permission: 'denied' })).toBe('denied')
    expect(await stateOf({ push: false, agent: iPhone, standalone: false })).toBe('needs-install')
    expect(await stateOf({ agent: iPhone, standalone: true })).toBe('off')
  })

  it('is turned on and off for this browser, and the server knows', async () => {
    const { install, asked, isSubscribed } = rig()
    await install.entered('p_one')
    await install.begin()
    await install.subscribe()
    expect([install.store.getState().push, isSubscribed()]).toEqual(['on', true])
    await install.unsubscribe()
    expect([install.store.getState().push, isSubscribed()]).toEqual(['off', false])
    expect(asked).toEqual(['GET /api/notify/push-key', 'POST /api/notify/push', 'DELETE /api/notify/push'])
  })

  it('a no of the server leaves nothing subscribed, and is said', async () => {
    const { install, isSubscribed } = rig({ refuses: true })
    await install.entered('p_one')
    await install.begin()
    await install.subscribe()
    expect(isSubscribed()).toBe(false)
    expect(install.store.getState()).toMatchObject({ push: 'off', busy: false, error: { message: 'Not you.' } })
  })

  it('ends when the person signs out, and when another signs in here', async () => {
    const one = rig()
    await one.install.entered('p_one')
    await one.install.begin()
    await one.install.subscribe()
    await one.install.leaving()
    expect([one.isSubscribed(), one.asked.at(-1)]).toEqual([false, 'DELETE /api/notify/push'])

    const two = rig()
    await two.install.entered('p_one')
    await two.install.begin()
    await two.install.subscribe()
    const before = two.asked.length
    const next = two.open()
    await next.entered('p_two')
    expect(two.isSubscribed()).toBe(false)
    // In the name of another nothing can be said to the server; the push service tells it.
    expect(two.asked).toHaveLength(before)
  })
})

describe('a newer version of the app', () => {
  it('waits until nobody is disturbed by it, takes over, and is loaded once', async () => {
    const { install, told, takeOver, reloads } = rig({ newer: true })
    await install.begin()
    expect(install.store.getState().updateReady).toBe(true)
    install.updateIfIdle(false)
    expect(told).toEqual([])
    install.updateIfIdle(true)
    install.updateIfIdle(true)
    expect([told, reloads()]).toEqual([['take-over'], 0])
    takeOver()
    expect(reloads()).toBe(1)
  })

  it('the first of all takes over without loading anything again', async () => {
    const { install, takeOver, reloads } = rig()
    await install.begin()
    install.updateIfIdle(true)
    takeOver()
    expect([install.store.getState().updateReady, reloads()]).toEqual([false, 0])
  })
})
