import { describe, expect, it } from 'vitest'
import { noticeOf, readPushed, targetOf } from './notice.ts'
import { makeShell } from './shell.ts'

const origin = 'https://ux.example.org'

/** Caches as a browser has them, as far as they are used here. */
function fakeCaches() {
  const all = new Map<string, Map<string, Response>>()
  const pathOf = (request: Request | string) =>
    new URL(typeof request === 'string' ? request : request.url, origin).pathname
  const caches = {
    open: async (name: string) => {
      const cache = all.get(name) ?? new Map<string, Response>()
      all.set(name, cache)
      return {
        match: async (request: Request | string) => cache.get(pathOf(request))?.clone(),
        put: async (request: Request | string, response: Response) => void cache.set(pathOf(request), response),
      }
    },
    keys: async () => [...all.keys()],
    delete: async (name: string) => all.delete(name),
  } as unknown as CacheStorage
  return { all, caches }
}

type Network = 'up' | 'down' | 'broken'
function rig(version = 'v1') {
  const asked: string[] = []
  let network: Network = 'up'
  const { all, caches } = fakeCaches()
  const shellOf = (of: string) =>
    makeShell({
      shell: { version: of, files: ['/index.html', '/icon.svg', '/assets/main-1.js'] },
      origin,
      caches,
      fetch: async (request) => {
        const { pathname } = new URL(typeof request === 'string' ? request : request.url, origin)
        asked.push(pathname)
        if (network === 'down') throw new TypeError('Failed to fetch')
        return new Response(`${pathname} of the network`, { status: network === 'broken' ? 502 : 200 })
      },
    })
  const get = (path: string, mode: RequestMode = 'cors') => {
    const request = new Request(origin + path)
    // A test cannot make a navigation; a browser can.
    Object.defineProperty(request, 'mode', { value: mode })
    return request
  }
  const text = async (answer: Promise<Response> | null) => (answer === null ? null : (await answer).text())
  return {
    all,
    asked,
    get,
    text,
    shell: shellOf(version),
    shellOf,
    set(next: Network) {
      network = next
      asked.length = 0
    },
  }
}

describe('what is kept of the app', () => {
  it('W1: what the server answers is the network’s alone, and is never kept', async () => {
    const { shell, get, all } = rig()
    await shell.install()
    const before = JSON.stringify([...all].map(([name, cache]) => [name, [...cache.keys()]]))
    for (const path of [
      '/api/session',
      '/api/incidents/INC-1',
      '/socket.io/?x',
      '/metrics',
      '/intake/s1',
      '/ping/abc',
      '/healthz',
    ])
      for (const mode of ['cors', 'navigate'] as const) expect(shell.answer(get(path, mode))).toBeNull()
    expect(shell.answer(new Request(`${origin}/assets/main-1.js`, { method: 'POST' }))).toBeNull()
    expect(shell.answer(new Request('https://elsewhere.example/assets/main-1.js'))).toBeNull()
    expect(JSON.stringify([...all].map(([name, cache]) => [name, [...cache.keys()]]))).toBe(before)
  })

  it('W2: a page comes from the network; without one, or from a server that fails, the kept page opens', async () => {
    const { shell, get, text, set } = rig()
    await shell.install()
    expect(await text(shell.answer(get('/mine', 'navigate')))).toBe('/mine of the network')
    for (const how of ['down', 'broken'] as const) {
      set(how)
      expect(await text(shell.answer(get('/incident/INC-1', 'navigate')))).toBe('/index.html of the network')
      expect(await text(shell.answer(get('/icon.svg')))).toBe('/icon.svg of the network')
    }
    expect(shell.answer(get('/wall', 'navigate'))).toBeNull()
  })

  it('files with a hash come from the device, and those met on the way stay there', async () => {
    const { shell, get, text, asked, set } = rig()
    await shell.install()
    set('up')
    expect(await text(shell.answer(get('/assets/main-1.js')))).toBe('/assets/main-1.js of the network')
    expect(asked).toEqual([])
    await text(shell.answer(get('/assets/rare-2.js')))
    set('down')
    expect(await text(shell.answer(get('/assets/rare-2.js')))).toBe('/assets/rare-2.js of the network')
  })

  it('half an app is never installed', async () => {
    const { shell, set } = rig()
    set('broken')
    await expect(shell.install()).rejects.toThrow('502')
  })

  it('W3: a newer version keeps its files beside the older ones, which go when it takes over', async () => {
    const { shell, shellOf, all } = rig()
    await shell.install()
    await shellOf('v2').install()
    expect([...all.keys()]).toEqual(['uxbridge-v1', 'uxbridge-v2'])
    await shellOf('v2').activate()
    expect([...all.keys()]).toEqual(['uxbridge-v2'])
  })
})

describe('what a push shows', () => {
  const sent = {
    title: 'Unclaimed for 5 min: checkout',
    body: 'Nobody has claimed INC-1042.',
    link: `${origin}/incident/INC-1042`,
    tag: 'INC-1042',
    at: 1_795_000_000_000,
    urgent: true,
    drill: false,
    actions: [{ label: 'Claim', url: `${origin}/act#secret` }],
  }

  it('title, words, tag and actions as they came', () => {
    const pushed = readPushed(JSON.stringify(sent))
    expect(pushed.title).toBe(sent.title)
    expect(noticeOf(pushed)).toMatchObject({
      body: sent.body,
      tag: 'INC-1042',
      requireInteraction: true,
      timestamp: sent.at,
      actions: [{ action: 'Claim', title: 'Claim' }],
    })
  })

  it('what cannot be read is shown all the same, and leads to Mine', () => {
    for (const text of [null, '', 'nonsense', '[]', '{"title":7,"actions":[{},null,{"label":"x"}]}']) {
      const pushed = readPushed(text)
      expect(pushed).toMatchObject({ title: 'Uxbridge', link: '/mine', actions: [] })
      expect(pushed.body).not.toBe('')
    }
  })

  it('W4: a press leads to the page of its action, else to the incident, and never to another site', () => {
    const { data } = noticeOf(readPushed(JSON.stringify(sent)))
    expect(targetOf(data, 'Claim', origin)).toBe(`${origin}/act#secret`)
    expect(targetOf(data, '', origin)).toBe(sent.link)
    expect(targetOf(data, 'Unknown', origin)).toBe(sent.link)
    expect(targetOf({ link: 'https://evil.example/x' }, '', origin)).toBe(`${origin}/mine`)
    expect(targetOf({ link: 'javascript:alert(1)' }, '', origin)).toBe(`${origin}/mine`)
    expect(targetOf(null, '', origin)).toBe(`${origin}/mine`)
  })
})
