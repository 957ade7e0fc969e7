/**
 * A few entries that this browser keeps for whoever uses it. Values are plain JSON.
 * What cannot be kept (a private window, a full disk) is kept in memory, and `lasting` says so.
 */
export interface Keep {
  /** False: what is kept here is lost with the page. */
  lasting(): boolean
  read(): Promise<ReadonlyMap<string, unknown>>
  /**
   * Changes one entry in one step, whichever page of this browser does the same.
   * @param next gets what stands there (undefined: nothing) and gives what shall (undefined: nothing)
   * @returns what stands there then
   */
  change(key: string, next: (before: unknown) => unknown): Promise<unknown>
  clear(): Promise<void>
  /** Another page of this browser has changed something. */
  onOthers(listener: () => void): () => void
}

/** In memory. For tests, and where a browser keeps nothing; pages that are given the same `entries` see the same. */
export function keepInMemory(entries = new Map<string, unknown>()): Keep {
  return {
    lasting: () => false,
    read: async () => new Map(entries),
    async change(key, next) {
      const after = next(entries.get(key))
      if (after === undefined) entries.delete(key)
      else entries.set(key, after)
      return after
    },
    async clear() {
      entries.clear()
    },
    onOthers: () => () => {},
  }
}

const name = 'uxbridge-device'
const room = 'kept'
/** A database that does not answer (some phones' do that after a sleep) must not hold up who wants to act. */
const patienceMs = 2_000

/** In IndexedDB; what goes wrong there once is kept in memory from then on. */
export function keepInBrowser(): Keep {
  const memory = new Map<string, unknown>()
  const spare = keepInMemory(memory)
  let failed = false
  let opening: Promise<IDBDatabase> | null = null
  const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(name) : null

  async function within<T>(work: (database: IDBDatabase) => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
    if (failed) return otherwise()
    try {
      opening ??= open()
      return await inTime(opening.then(work))
    } catch {
      // Said on screen by `lasting`; the page itself goes on without.
      failed = true
      return otherwise()
    }
  }

  return {
    lasting: () => !failed,
    read: () =>
      within(
        async (database) => {
          const store = database.transaction(room).objectStore(room)
          const [keys, values] = await Promise.all([answer(store.getAllKeys()), answer(store.getAll())])
          return new Map(keys.map((key, index) => [String(key), values[index]]))
        },
        () => spare.read(),
      ),
    async change(key, next) {
      const after = await within(
        (database) =>
          new Promise<unknown>((done, fail) => {
            const work = database.transaction(room, 'readwrite', { durability: 'strict' })
            const store = work.objectStore(room)
            const reading = store.get(key)
            let result: unknown
            reading.onsuccess = () => {
              result = next(reading.result)
              if (result === undefined) store.delete(key)
              else store.put(result, key)
            }
            work.oncomplete = () => done(result)
            work.onabort = () => fail(work.error)
          }),
        () => spare.change(key, next),
      )
      channel?.postMessage('changed')
      return after
    },
    async clear() {
      memory.clear()
      await within(
        async (database) => {
          await answer(database.transaction(room, 'readwrite', { durability: 'strict' }).objectStore(room).clear())
        },
        () => spare.clear(),
      )
      channel?.postMessage('changed')
    },
    onOthers(listener) {
      channel?.addEventListener('message', listener)
      return () => channel?.removeEventListener('message', listener)
    },
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((done, fail) => {
    const opening = indexedDB.open(name, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(room)
    opening.onsuccess = () => done(opening.result)
    opening.onerror = () => fail(opening.error)
    opening.onblocked = () => fail(new Error('another page holds an older database'))
  })
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result)
    request.onerror = () => fail(request.error)
  })
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error('the database does not answer')), patienceMs)
    work.then(done, fail).finally(() => clearTimeout(timer))
  })
}
