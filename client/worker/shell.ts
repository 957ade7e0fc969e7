/** What the app needs to open without a network, as the build knows it: names hold a hash, but for the page and its icons. */
export interface Shell {
  version: string
  /** Absolute paths; the page itself is `/index.html`. */
  files: readonly string[]
}

const page = '/index.html'
const prefix = 'uxbridge-'
/** A network that is there and answers nothing is no network. */
const patienceMs = 4_000

/** Addresses that the server answers itself: never kept, never answered from here. */
const serverPaths = ['/api', '/intake', '/ping', '/v1', '/v2', '/healthz', '/readyz', '/metrics', '/socket.io']
const isOfServer = (path: string): boolean =>
  serverPaths.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))

/**
 * The app's own files, kept on the device.
 *
 * Rule W1: what the server answers is never kept: no picture, no name, no secret.
 * Rule W2: pages come from the network first, so a reload always gets what the server has; the kept page is for when it cannot.
 * Rule W3: a version keeps its own files until no page of it is open any more.
 */
export function makeShell(doors: {
  shell: Shell
  origin: string
  caches: CacheStorage
  fetch: (request: Request | string, init?: RequestInit) => Promise<Response>
}) {
  const { shell, caches } = doors
  const name = prefix + shell.version
  const plain = new Set(shell.files.filter((file) => !file.startsWith('/assets/')))

  const kept = async (path: string | Request): Promise<Response | undefined> =>
    (await caches.open(name)).match(path, { ignoreVary: true, ignoreSearch: true })

  async function fromKept(request: Request): Promise<Response> {
    const known = await kept(request)
    if (known !== undefined) return known
    const response = await doors.fetch(request)
    // A name with a hash in it is one file for ever.
    if (response.ok) await (await caches.open(name)).put(request, response.clone())
    return response
  }

  async function fromNetwork(request: Request, path: string): Promise<Response> {
    let failed: Response | null = null
    try {
      const response = await Promise.race([doors.fetch(request), givenUp()])
      if (response.status < 500) return response
      failed = response
    } catch {
      // No network: what is kept must do.
      failed = null
    }
    return (await kept(path)) ?? failed ?? Response.error()
  }

  const givenUp = () => new Promise<never>((_, fail) => setTimeout(() => fail(new Error('no answer')), patienceMs))

  return {
    /** Fetches all of it; fails as a whole, so that half an app is never installed. */
    async install(): Promise<void> {
      const cache = await caches.open(name)
      await Promise.all(
        shell.files.map(async (file) => {
          const response = await doors.fetch(file, file.startsWith('/assets/') ? {} : { cache: 'no-cache' })
          if (!response.ok) throw new Error(`${file}: ${response.status}`)
          await cache.put(file, response)
        }),
      )
    },
    /** Other versions have no page left: their files go. */
    async activate(): Promise<void> {
      const old = (await caches.keys()).filter((key) => key.startsWith(prefix) && key !== name)
      await Promise.all(old.map((key) => caches.delete(key)))
    },
    /** Null: it is the network's alone. */
    answer(request: Request): Promise<Response> | null {
      const { origin, pathname } = new URL(request.url)
      if (request.method !== 'GET' || origin !== doors.origin || isOfServer(pathname)) return null
      if (pathname.startsWith('/assets/')) return fromKept(request)
      // A wall is never without its server, and says so itself.
      if (request.mode === 'navigate') return pathname === '/wall' ? null : fromNetwork(request, page)
      return plain.has(pathname) ? fromNetwork(request, pathname) : null
    },
  }
}
