import { type ComponentType, type LazyExoticComponent, lazy } from 'react'

/** A component whose code comes when it is wanted, or when the page has nothing better to do. */
export type Later<P> = LazyExoticComponent<ComponentType<P>> & {
  /** Fetches the code now. What cannot be had now is tried again until it can. */
  prefetch(): void
}

const tryAgainMs = 2000

/**
 * Like React's `lazy`, for a server that may be away: a board must not fail because a part of it was asked for in that
 * minute. Until the code is here, the nearest Suspense shows its fallback.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  let coming: Promise<{ default: ComponentType<P> }> | null = null
  const fetchOnce = () => {
    coming ??= untilHere(load).then((component) => ({ default: component }))
    return coming
  }
  return Object.assign(lazy(fetchOnce), { prefetch: () => void fetchOnce() })
}

async function untilHere<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load()
    } catch {
      // The server or the line is away; the strip says so already.
      await new Promise((resolve) => setTimeout(resolve, tryAgainMs))
    }
  }
}

/** Runs `work` when the page is idle, or after a second where the browser cannot say. */
export function whenIdle(work: () => void): () => void {
  if (typeof requestIdleCallback === 'function') {
    const id = requestIdleCallback(work, { timeout: 5000 })
    return () => cancelIdleCallback(id)
  }
  const id = setTimeout(work, 1000)
  return () => clearTimeout(id)
}
