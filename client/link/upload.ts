import type { z } from 'zod'
import { type Answer, unreachable } from './api.ts'
import { readError } from './commands.ts'

export interface UploadParts<T> {
  path: string
  content: Blob
  headers: Readonly<Record<string, string>>
  schema: z.ZodType<T>
  /** So much of it is over there, from 0 to 1. */
  onProgress: (share: number) => void
  /** Breaks it off: nothing of it is kept then. */
  signal: AbortSignal
}

/** Sends a file as it is. `fetch` says nothing of how far it has got, so this is the older way. Never rejects. */
export function upload<T>({ path, content, headers, schema, onProgress, signal }: UploadParts<T>): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    const all = {
      accept: 'application/json',
      'x-uxbridge': '1',
      'content-type': 'application/octet-stream',
      ...headers,
    }
    for (const [name, value] of Object.entries(all)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total)
    request.onerror = () => resolve({ ok: false, error: unreachable })
    request.onabort = () =>
      resolve({ ok: false, error: { code: 'not-ready', message: 'Broken off. Nothing of it was kept.' } })
    request.onload = () => resolve(read(request, schema))
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.send(content)
  })
}

function read<T>(request: XMLHttpRequest, schema: z.ZodType<T>): Answer<T> {
  const raw = json(request.responseText)
  if (request.status < 200 || request.status >= 300) {
    const message = `The server answered ${request.status} without saying why. Try again; its log may tell more.`
    return { ok: false, error: readError(raw) ?? { code: 'internal', message } }
  }
  const parsed = schema.safeParse(raw)
  return parsed.success
    ? { ok: true, value: parsed.data }
    : {
        ok: false,
        error: { code: 'internal', message: 'The server answered in a way this page cannot read. Reload the page.' },
      }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
